// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/avro_writer.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "codec/avro/avro_copy.h"
#include "codec/avro/avro_schema.h"
#include "codec/avro/avro_varint.h"

namespace hf {

// Collects bytes on the stack and hands them over in as few appends as possible. The place to write at is kept by
// the writing functions, in a register.
class AvroWriter::Sink {
 public:
  explicit Sink(std::string& out) : out_(out) {}

  char* begin() { return buffer_; }
  // Returns a place with at least kRoom writable bytes.
  char* Room(char* p) { return buffer_ + sizeof(buffer_) - p < kRoom ? Flush(p) : p; }
  static constexpr std::ptrdiff_t kRoom = 32;

  // REQUIRES: kVarintBytesMax writable bytes.
  char* Text(char* p, std::string_view text) {
    p = avro::WriteLong(p, static_cast<std::int64_t>(text.size()));
    if (text.size() > static_cast<std::size_t>(buffer_ + sizeof(buffer_) - p)) {
      return LongText(p, text);
    }
    avro::CopyShort(p, text.data(), text.size());
    return p + text.size();
  }

  char* Flush(char* p) {
    out_.append(buffer_, static_cast<std::size_t>(p - buffer_));
    return buffer_;
  }

  char* Fail(const Op* op, std::string_view why) {
    failed_ = op;
    why_ = why;
    return nullptr;
  }
  [[nodiscard]] const Op* failed() const { return failed_; }
  [[nodiscard]] std::string_view why() const { return why_; }

 private:
  char* LongText(char* p, std::string_view text) {
    p = Flush(p);
    if (text.size() > sizeof(buffer_)) {
      out_.append(text);
      return p;
    }
    std::memcpy(p, text.data(), text.size());
    return p + text.size();
  }

  std::string& out_;
  const Op* failed_ = nullptr;
  std::string_view why_;
  char buffer_[512];
};

// Turns (schema, layout) into the program.
class AvroWriterCompiler {
 public:
  using Op = AvroWriter::Op;
  using Code = AvroWriter::Code;
  using Lane = AvroWriter::Lane;

  Status CompileFields(const std::vector<StructField>& schema, const DatumSlot& record, std::size_t base,
                       const std::string& prefix) {
    const std::vector<SlotField> members = FieldsOfSlot(record);
    for (const SlotField& member : members) {
      if (Find(schema, member.name) == nullptr) {
        return Invalid(
            fmt::format("avro writer: member '{}{}' is not in the schema that is written", prefix, member.name));
      }
    }
    for (const StructField& field : schema) {
      const SlotField* member = nullptr;
      for (const SlotField& candidate : members) {
        member = candidate.name == field.name ? &candidate : member;
      }
      const std::string path = prefix + field.name;
      if (member == nullptr) {
        Op op;
        op.in_union = field.type.kind() != TypeKind::kNull;
        op.code = op.in_union ? Code::kNull : Code::kVoid;
        Add(op, path);
        continue;
      }
      HF_RETURN_IF_ERROR(
          CompileDatum(field.type, field.type.kind() != TypeKind::kNull, member->slot, base + member->offset, path));
    }
    return {};
  }

  AvroWriter Take(const DatumSlot& object) {
    writer_.is_row_ = object.is_value();
    writer_.fields_ = object.type.children().size();
    return std::move(writer_);
  }

 private:
  static const StructField* Find(const std::vector<StructField>& fields, std::string_view name) {
    for (const StructField& field : fields) {
      if (field.name == name) {
        return &field;
      }
    }
    return nullptr;
  }

  std::size_t Add(Op op, const std::string& path) {
    writer_.paths_.push_back(path);
    op.lane = LaneOf(op);
    writer_.program_.push_back(op);
    return writer_.program_.size() - 1;
  }

  static Lane LaneOf(const Op& op) {
    if (op.holder != Holder::kAlways || !op.in_union) {
      return Lane::kAny;
    }
    return op.code == Code::kString   ? Lane::kString
           : op.code == Code::kInt    ? Lane::kInt
           : op.code == Code::kLong   ? Lane::kLong
           : op.code == Code::kDouble ? Lane::kDouble
                                      : Lane::kAny;
  }

  static Status Mismatch(const DataType& schema, const DataType& member, const std::string& path) {
    return Invalid(fmt::format("avro writer: '{}' is {} in the schema that is written and {} in the object", path,
                               schema.ToSql(), member.ToSql()));
  }

  Status CompileDatum(const DataType& type, bool in_union, const DatumSlot& slot, std::size_t offset,
                      const std::string& path) {
    if (type.kind() != slot.type.kind() ||
        (type.kind() == TypeKind::kDecimal &&
         (type.precision() != slot.type.precision() || type.scale() != slot.type.scale()))) {
      return Mismatch(type, slot.type, path);
    }
    Op op;
    op.holder = slot.holder;
    op.in_union = in_union;
    op.value_index = static_cast<std::uint8_t>(ValueIndexOf(type.kind()));
    if (type.kind() == TypeKind::kNull) {
      op.holder = Holder::kAlways;  // nothing is written, whatever is there
    }
    op.offset = static_cast<std::uint32_t>(offset);
    op.optional = slot.optional;
    if (!type.is_nested()) {
      op.code = ScalarCode(type.kind(), slot);
      if (type.kind() == TypeKind::kDecimal) {
        op.precision = static_cast<std::uint8_t>(type.precision());
        op.scale = static_cast<std::uint8_t>(type.scale());
      }
      Add(op, path);
      return {};
    }
    return CompileNested(type, slot, op, path);
  }

  static Code ScalarCode(TypeKind kind, const DatumSlot& slot) {
    switch (AvroTypeOf(DataType::Of(kind))) {
      case AvroType::kBoolean: return Code::kBool;
      case AvroType::kInt: return Code::kInt;
      case AvroType::kLong: return Code::kLong;
      case AvroType::kFloat: return Code::kFloat;
      case AvroType::kDouble: return Code::kDouble;
      case AvroType::kString:
        return !slot.is_value() && slot.layout->kind == MemoryKind::kStringView ? Code::kStringView : Code::kString;
      case AvroType::kBytes: return Code::kBytes;
      case AvroType::kFixed: return slot.is_value() ? Code::kDecimalValue : Code::kDecimal;
      case AvroType::kNull:
      case AvroType::kArray:
      case AvroType::kMap:
      case AvroType::kRecord: break;
    }
    return Code::kVoid;
  }

  Status CompileNested(const DataType& type, const DatumSlot& slot, Op op, const std::string& path) {
    std::size_t at = 0;
    if (type.kind() == TypeKind::kStruct) {
      const bool in_place = slot.holder == Holder::kAlways;
      op.code = in_place ? Code::kBranch : slot.is_value() ? Code::kStructValue : Code::kStruct;
      op.children = static_cast<std::uint16_t>(slot.type.children().size());
      at = Add(op, path);
      HF_RETURN_IF_ERROR(CompileFields(type.children(), slot, in_place ? op.offset : 0, path + "."));
      if (in_place) {
        return {};
      }
    } else if (type.kind() == TypeKind::kArray) {
      op.code = Code::kArray;
      op.sequence = SequenceOfSlot(slot);
      at = Add(op, path);
      const DataType& element = type.children()[0].type;
      HF_RETURN_IF_ERROR(CompileDatum(element, element.is_nested(), ElementOfSlot(slot), 0, path + "[]"));
    } else {
      op.code = Code::kMap;
      op.map = MapOfSlot(slot);
      at = Add(op, path);
      const DataType& mapped = type.children()[1].type;
      HF_RETURN_IF_ERROR(CompileDatum(mapped, mapped.is_nested(), MapValueOfSlot(slot), 0, path + "{}"));
    }
    writer_.program_[at].span = static_cast<std::uint32_t>(writer_.program_.size() - at);
    return {};
  }

  AvroWriter writer_;
};

Result<AvroWriter> AvroWriter::Compile(const Schema& schema, const TypeLayout& layout) {
  HF_RETURN_IF_ERROR(CheckAvroState(schema, "avro writer"));
  const DatumSlot object = SlotOfObject(layout);
  if (object.type.kind() != TypeKind::kStruct) {
    return Invalid(fmt::format("avro writer: a record is made of a struct, not of {}", object.type.ToSql()));
  }
  AvroWriterCompiler compiler;
  HF_RETURN_IF_ERROR(compiler.CompileFields(schema.fields(), object, 0, ""));
  return compiler.Take(object);
}

namespace {

__int128 TenToThe(int digits) {
  __int128 power = 1;
  while (digits-- > 0) {
    power *= 10;
  }
  return power;
}

// Big-endian two's complement, sign-extended to the fixed's size (Avro 1.12 DecimalConversion.toFixed).
bool PutDecimal(__int128 unscaled, int precision, char*& p) {
  const __int128 limit = TenToThe(precision);
  if (unscaled >= limit || unscaled <= -limit) {
    return false;
  }
  for (int i = DecimalSizeBytes(precision) - 1; i >= 0; --i) {
    *p++ = static_cast<char>(unscaled >> (8 * i));
  }
  return true;
}

constexpr std::string_view kNullWithoutPlace =
    "is null, and Spark's Avro has no null for an element of an array or a value of a map";

}  // namespace

Status AvroWriter::Encode(const void* object, std::string& out) const {
  const char* base = static_cast<const char*>(object);
  if (is_row_) {
    const Row& row = *static_cast<const Row*>(object);
    if (row.size() != fields_) {
      return Invalid(
          fmt::format("avro writer: a row of {} values where the schema has {} fields", row.size(), fields_));
    }
    base = reinterpret_cast<const char*>(row.data());
  }
  const std::size_t before = out.size();
  Sink sink(out);
  char* p = Run(program_.data(), program_.data() + program_.size(), base, sink.begin(), sink);
  if (p == nullptr) {
    out.resize(before);
    return Invalid(fmt::format("cannot write state: field '{}' {}",
                               paths_[static_cast<std::size_t>(sink.failed() - program_.data())], sink.why()));
  }
  sink.Flush(p);
  return {};
}

char* AvroWriter::Run(const Op* op, const Op* end, const char* base, char* p, Sink& sink) const {
  while (op != end) {
    p = sink.Room(p);
    const char* place = base + op->offset;
    if (op->lane == Lane::kAny) {
      p = WriteAny(op, place, p, sink);
      if (p == nullptr) {
        return nullptr;
      }
      op += op->span;
      continue;
    }
    *p++ = 2;
    if (op->lane == Lane::kString) {
      p = sink.Text(p, *reinterpret_cast<const std::string*>(place));
    } else if (op->lane == Lane::kLong) {
      p = avro::WriteLong(p, *reinterpret_cast<const std::int64_t*>(place));
    } else if (op->lane == Lane::kInt) {
      p = avro::WriteLong(p, *reinterpret_cast<const std::int32_t*>(place));
    } else {
      std::memcpy(p, place, 8);
      p += 8;
    }
    ++op;
  }
  return p;
}

// `place` holds the datum as op->holder says.
char* AvroWriter::WriteAny(const Op* op, const char* place, char* p, Sink& sink) const {
  const void* datum = place;
  if (op->holder == Holder::kOptional) {
    datum = op->optional->get(place);
  } else if (op->holder == Holder::kValue) {
    const Value& value = *reinterpret_cast<const Value*>(place);
    if (!value.is_null() && value.index() != op->value_index) {
      return sink.Fail(op, "holds a value of another type than its schema says");
    }
    datum = value.is_null() ? nullptr : DatumOf(value);
  }
  if (datum == nullptr) {
    if (!op->in_union) {
      return sink.Fail(op, kNullWithoutPlace);
    }
    *p++ = 0;
    return p;
  }
  *p = 2;
  return WriteDatum(op, datum, p + (op->in_union ? 1 : 0), sink);
}

char* AvroWriter::WriteDatum(const Op* op, const void* datum, char* p, Sink& sink) const {
  switch (op->code) {
    case Code::kNull: p[-1] = 0; return p;
    case Code::kVoid:
    case Code::kBranch: return p;
    case Code::kBool: *p++ = *static_cast<const bool*>(datum) ? 1 : 0; return p;
    case Code::kInt: return avro::WriteLong(p, *static_cast<const std::int32_t*>(datum));
    case Code::kLong: return avro::WriteLong(p, *static_cast<const std::int64_t*>(datum));
    case Code::kFloat: std::memcpy(p, datum, 4); return p + 4;
    case Code::kDouble: std::memcpy(p, datum, 8); return p + 8;
    case Code::kString: return sink.Text(p, *static_cast<const std::string*>(datum));
    case Code::kStringView: return sink.Text(p, *static_cast<const std::string_view*>(datum));
    case Code::kBytes: return sink.Text(p, static_cast<const Binary*>(datum)->bytes);
    case Code::kDecimal:
    case Code::kDecimalValue: return WriteDecimal(op, datum, p, sink);
    case Code::kStruct: return Run(op + 1, op + op->span, static_cast<const char*>(datum), p, sink);
    case Code::kStructValue: {
      const Row& row = static_cast<const StructValue*>(datum)->fields;
      if (row.size() != op->children) {
        return sink.Fail(op, "is a struct with another number of fields than its schema says");
      }
      return Run(op + 1, op + op->span, reinterpret_cast<const char*>(row.data()), p, sink);
    }
    case Code::kArray: return WriteArray(op, datum, p, sink);
    case Code::kMap: return WriteMap(op, datum, p, sink);
  }
  return p;
}

char* AvroWriter::WriteDecimal(const Op* op, const void* datum, char* p, Sink& sink) {
  if (op->code == Code::kDecimalValue && static_cast<const Decimal*>(datum)->scale != op->scale) {
    return sink.Fail(op, "is a decimal of another scale than its schema says");
  }
  __int128 unscaled;
  std::memcpy(&unscaled, datum, sizeof(unscaled));
  if (!PutDecimal(unscaled, op->precision, p)) {
    return sink.Fail(op, "is a decimal with more digits than its schema has room for");
  }
  return p;
}

// One block with all items, then the empty block (Avro 1.12 BinaryEncoder.setItemCount, writeArrayEnd).
char* AvroWriter::WriteArray(const Op* op, const void* datum, char* p, Sink& sink) const {
  const std::size_t size = op->sequence->size(datum);
  if (size > 0) {
    p = avro::WriteLong(p, static_cast<std::int64_t>(size));
  }
  for (std::size_t i = 0; i < size; ++i) {
    p = Run(op + 1, op + op->span, static_cast<const char*>(op->sequence->at(datum, i)), p, sink);
    if (p == nullptr) {
      return nullptr;
    }
  }
  p = sink.Room(p);
  *p++ = 0;
  return p;
}

char* AvroWriter::WriteMap(const Op* op, const void* datum, char* p, Sink& sink) const {
  struct Visit {
    const AvroWriter* writer;
    const Op* op;
    Sink* sink;
    char* p;
  } visit = {this, op, &sink, p};
  const std::size_t size = op->map->size(datum);
  if (size > 0) {
    visit.p = avro::WriteLong(p, static_cast<std::int64_t>(size));
  }
  op->map->each(datum, &visit, [](void* context, const void* key, const void* mapped) {
    Visit& v = *static_cast<Visit*>(context);
    const auto* text = v.op->holder == Holder::kValue ? std::get_if<std::string>(static_cast<const Value*>(key))
                                                      : static_cast<const std::string*>(key);
    if (text == nullptr) {
      v.p = v.sink->Fail(v.op, "has a key that is not a string");
      return false;
    }
    v.p = v.sink->Text(v.sink->Room(v.p), *text);
    v.p = v.writer->Run(v.op + 1, v.op + v.op->span, static_cast<const char*>(mapped), v.p, *v.sink);
    return v.p != nullptr;
  });
  if (visit.p == nullptr) {
    return nullptr;
  }
  p = sink.Room(visit.p);
  *p++ = 0;
  return p;
}

}  // namespace hf
