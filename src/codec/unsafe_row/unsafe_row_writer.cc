// SPDX-License-Identifier: Apache-2.0
#include "codec/unsafe_row/unsafe_row_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/bytes.h"
#include "codec/unsafe_row/unsafe_row_format.h"
#include "rows/decimal_limits.h"

namespace hf {

// The bytes made so far, and what ended the encoding.
class UnsafeRowWriter::Sink {
 public:
  explicit Sink(std::string& out) : out_(out) {}

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  // Adds zeros and returns where they begin.
  std::size_t Zeros(std::size_t count) {
    const std::size_t at = out_.size();
    out_.resize(at + count);
    return at;
  }
  // Adds `bytes`, filled up with zeros to whole words, or to `at_least` bytes.
  void AddFilled(std::string_view bytes, std::size_t at_least = 0) {
    const std::size_t filled = std::max(unsafe_row::WholeWords(bytes.size()), at_least);
    out_.append(bytes);
    out_.append(filled - bytes.size(), '\0');
  }
  void Store(std::size_t at, const void* bytes, std::size_t size) { std::memcpy(out_.data() + at, bytes, size); }
  void StoreWord(std::size_t at, std::uint64_t word) { StoreLittle64(out_.data() + at, word); }
  // The word for what lies at `from`. Sizes beyond 32 bits are found out at the end.
  void StorePointer(const Spot& spot, std::size_t from, std::size_t size) {
    StoreWord(spot.word, static_cast<std::uint64_t>(from - spot.start) << 32 | (size & 0xFFFFFFFF));
  }
  void MarkNull(const Spot& spot) {
    char& bits = out_[spot.null_bits + spot.index / 8];
    bits = static_cast<char>(static_cast<unsigned char>(bits) | 1U << spot.index % 8);
  }

  bool Fail(const Op* op, std::string_view why) {
    failed_ = op;
    why_ = why;
    return false;
  }
  [[nodiscard]] const Op* failed() const { return failed_; }
  [[nodiscard]] std::string_view why() const { return why_; }

 private:
  std::string& out_;
  const Op* failed_ = nullptr;
  std::string_view why_;
};

// Turns (schema, layout) into the program.
class UnsafeRowWriterCompiler {
 public:
  using Op = UnsafeRowWriter::Op;
  using Code = UnsafeRowWriter::Code;

  // The operations of the fields follow each other behind that of their struct.
  Status CompileStruct(const DataType& type, const DatumSlot& slot, Op op, const std::string& path) {
    op.code = slot.is_value() ? Code::kStructValue : Code::kStruct;
    op.fields = static_cast<std::uint32_t>(type.children().size());
    op.members = static_cast<std::uint32_t>(slot.type.children().size());
    const std::size_t at = Add(op, path);
    const std::string prefix = path.empty() ? "" : path + ".";
    const std::vector<SlotField> members = FieldsOfSlot(slot);
    std::size_t found = 0;
    for (const StructField& field : type.children()) {
      const SlotField* member = nullptr;
      for (const SlotField& candidate : members) {
        member = candidate.name == field.name ? &candidate : member;
      }
      found += member == nullptr ? 0 : 1;
      HF_RETURN_IF_ERROR(CompileField(field.type, member, prefix + field.name));
    }
    if (found < members.size()) {
      return Invalid(
          fmt::format("unsafe row writer: {} of the {} members of '{}' are not in the schema that is written",
                      members.size() - found, members.size(), path));
    }
    Close(at);
    return {};
  }

  UnsafeRowWriter Take(const DatumSlot& object) {
    writer_.is_row_ = object.is_value();
    return std::move(writer_);
  }

 private:
  std::size_t Add(const Op& op, const std::string& path) {
    writer_.paths_.push_back(path);
    writer_.program_.push_back(op);
    return writer_.program_.size() - 1;
  }
  void Close(std::size_t at) { writer_.program_[at].span = static_cast<std::uint32_t>(writer_.program_.size() - at); }

  Status CompileField(const DataType& type, const SlotField* member, const std::string& path) {
    if (member == nullptr) {
      Op op;
      op.reserves = unsafe_row::IsWideDecimal(type);
      Add(op, path);
      return {};
    }
    return CompileDatum(type, member->slot, member->offset, unsafe_row::IsWideDecimal(type), path);
  }

  Status CompileDatum(const DataType& type, const DatumSlot& slot, std::size_t offset, bool reserves,
                      const std::string& path) {
    if (type.kind() != slot.type.kind() ||
        (type.kind() == TypeKind::kDecimal &&
         (type.precision() != slot.type.precision() || type.scale() != slot.type.scale()))) {
      return Invalid(fmt::format("unsafe row writer: '{}' is {} in the schema that is written and {} in the object",
                                 path, type.ToSql(), slot.type.ToSql()));
    }
    Op op;
    op.holder = slot.holder;
    op.reserves = reserves;
    op.value_index = static_cast<std::uint8_t>(ValueIndexOf(type.kind()));
    op.width = static_cast<std::uint8_t>(unsafe_row::ElementBytes(type));
    op.offset = static_cast<std::uint32_t>(offset);
    op.optional = slot.optional;
    switch (type.kind()) {
      case TypeKind::kStruct: return CompileStruct(type, slot, op, path);
      case TypeKind::kArray: {
        op.code = Code::kArray;
        op.sequence = SequenceOfSlot(slot);
        const std::size_t at = Add(op, path);
        HF_RETURN_IF_ERROR(CompileDatum(type.children()[0].type, ElementOfSlot(slot), 0, false, path + "[]"));
        Close(at);
        return {};
      }
      case TypeKind::kMap: {
        op.code = Code::kMap;
        op.map = MapOfSlot(slot);
        const std::size_t at = Add(op, path);
        HF_RETURN_IF_ERROR(CompileDatum(type.children()[0].type, KeyOfSlot(slot), 0, false, path + "{key}"));
        HF_RETURN_IF_ERROR(CompileDatum(type.children()[1].type, MapValueOfSlot(slot), 0, false, path + "{}"));
        Close(at);
        return {};
      }
      default: break;
    }
    op.code = ScalarCode(type, slot);
    if (type.kind() == TypeKind::kNull) {
      op.holder = Holder::kAlways;  // null, whatever is there
    }
    if (type.kind() == TypeKind::kDecimal) {
      op.precision = static_cast<std::uint8_t>(type.precision());
      op.scale = static_cast<std::uint8_t>(type.scale());
    }
    Add(op, path);
    return {};
  }

  static Code ScalarCode(const DataType& type, const DatumSlot& slot) {
    switch (type.kind()) {
      case TypeKind::kNull: return Code::kNull;
      case TypeKind::kDecimal: return unsafe_row::IsWideDecimal(type) ? Code::kWideDecimal : Code::kWordDecimal;
      case TypeKind::kString:
        return !slot.is_value() && slot.layout->kind == MemoryKind::kStringView ? Code::kStringView : Code::kString;
      case TypeKind::kBinary: return Code::kBinary;
      default: return Code::kFixed;
    }
  }

  UnsafeRowWriter writer_;
};

Result<UnsafeRowWriter> UnsafeRowWriter::Compile(const Schema& schema, const TypeLayout& layout) {
  HF_RETURN_IF_ERROR(unsafe_row::CheckUnsafeRowState(schema, "unsafe row writer"));
  const DatumSlot object = SlotOfObject(layout);
  if (object.type.kind() != TypeKind::kStruct) {
    return Invalid(fmt::format("unsafe row writer: a row is made of a struct, not of {}", object.type.ToSql()));
  }
  UnsafeRowWriterCompiler compiler;
  HF_RETURN_IF_ERROR(compiler.CompileStruct(schema.type(), object, {}, ""));
  return compiler.Take(object);
}

Status UnsafeRowWriter::Encode(const void* object, std::string& out) const {
  const char* base = static_cast<const char*>(object);
  if (is_row_) {
    const Row& row = *static_cast<const Row*>(object);
    if (row.size() != program_[0].members) {
      return Invalid(fmt::format("unsafe row writer: a row of {} values where the schema has {} fields", row.size(),
                                 program_[0].members));
    }
    base = reinterpret_cast<const char*>(row.data());
  }
  const std::size_t before = out.size();
  Sink sink(out);
  const bool written = WriteStruct(program_.data(), base, sink);
  const std::size_t size = out.size() - before;
  if (written && size <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    return {};
  }
  out.resize(before);
  if (written) {
    return Invalid(fmt::format("cannot write state: a row takes {} bytes, and an UnsafeRow has at most 2 GiB", size));
  }
  return Invalid(fmt::format("cannot write state: field '{}' {}",
                             paths_[static_cast<std::size_t>(sink.failed() - program_.data())], sink.why()));
}

bool UnsafeRowWriter::WriteStruct(const Op* op, const char* base, Sink& sink) const {
  const std::size_t start = sink.Zeros(unsafe_row::RowFixedBytes(op->fields));
  Spot spot = {.start = start, .null_bits = start, .index = 0, .word = start + unsafe_row::NullBitBytes(op->fields)};
  const Op* end = op + op->span;
  for (const Op* field = op + 1; field != end; field += field->span) {
    if (!WritePlace(field, base, spot, sink)) {
      return false;
    }
    ++spot.index;
    spot.word += unsafe_row::kWordBytes;
  }
  return true;
}

bool UnsafeRowWriter::WritePlace(const Op* op, const char* base, const Spot& spot, Sink& sink) const {
  const char* place = base + op->offset;
  const void* datum = op->code == Code::kNull ? nullptr : place;
  if (op->holder == Holder::kOptional) {
    datum = op->optional->get(place);
  } else if (op->holder == Holder::kValue) {
    const Value& value = *reinterpret_cast<const Value*>(place);
    if (!value.is_null() && value.index() != op->value_index) {
      return sink.Fail(op, "holds a value of another type than its schema says");
    }
    datum = value.is_null() ? nullptr : DatumOf(value);
  }
  if (datum != nullptr) {
    return WriteDatum(op, datum, spot, sink);
  }
  sink.MarkNull(spot);
  if (op->reserves) {
    sink.StorePointer(spot, sink.Zeros(unsafe_row::kWideDecimalBytes), 0);
  }
  return true;
}

bool UnsafeRowWriter::WriteDatum(const Op* op, const void* datum, const Spot& spot, Sink& sink) const {
  std::string_view bytes;
  switch (op->code) {
    case Code::kNull: return true;
    case Code::kFixed: sink.Store(spot.word, datum, op->width); return true;
    case Code::kWordDecimal:
    case Code::kWideDecimal: return WriteDecimal(op, datum, spot, sink);
    case Code::kString: bytes = *static_cast<const std::string*>(datum); break;
    case Code::kStringView: bytes = *static_cast<const std::string_view*>(datum); break;
    case Code::kBinary: bytes = static_cast<const Binary*>(datum)->bytes; break;
    case Code::kStruct:
    case Code::kStructValue:
    case Code::kArray:
    case Code::kMap: {
      const std::size_t from = sink.size();
      const bool written = WriteNested(op, datum, sink);
      sink.StorePointer(spot, from, sink.size() - from);
      return written;
    }
  }
  sink.StorePointer(spot, sink.size(), bytes.size());
  sink.AddFilled(bytes);
  return true;
}

bool UnsafeRowWriter::WriteNested(const Op* op, const void* datum, Sink& sink) const {
  if (op->code == Code::kArray) {
    return WriteArray(op, datum, sink);
  }
  if (op->code == Code::kMap) {
    return WriteMap(op, datum, sink);
  }
  if (op->code == Code::kStruct) {
    return WriteStruct(op, static_cast<const char*>(datum), sink);
  }
  const Row& row = static_cast<const StructValue*>(datum)->fields;
  if (row.size() != op->members) {
    return sink.Fail(op, "is a struct with another number of fields than its schema says");
  }
  return WriteStruct(op, reinterpret_cast<const char*>(row.data()), sink);
}

bool UnsafeRowWriter::WriteDecimal(const Op* op, const void* datum, const Spot& spot, Sink& sink) {
  if (op->holder == Holder::kValue && static_cast<const Decimal*>(datum)->scale != op->scale) {
    return sink.Fail(op, "is a decimal of another scale than its schema says");
  }
  __int128 unscaled;
  std::memcpy(&unscaled, datum, sizeof(unscaled));
  if (!FitsDecimal(unscaled, op->precision)) {
    return sink.Fail(op, "is a decimal with more digits than its schema has room for");
  }
  if (op->code == Code::kWordDecimal) {
    sink.StoreWord(spot.word, static_cast<std::uint64_t>(unscaled));
    return true;
  }
  // Big-endian two's complement in as few bytes as hold it (java.math.BigInteger.toByteArray).
  std::size_t size = 1;
  while (size < unsafe_row::kWideDecimalBytes && unscaled >> (8 * size - 1) != 0 && unscaled >> (8 * size - 1) != -1) {
    ++size;
  }
  char bytes[unsafe_row::kWideDecimalBytes];
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(unscaled >> (8 * (size - 1 - i)));
  }
  sink.StorePointer(spot, sink.size(), size);
  sink.AddFilled({bytes, size}, op->reserves ? unsafe_row::kWideDecimalBytes : 0);
  return true;
}

namespace {

// Makes room for an array's fixed part, and returns where it begins.
template <typename Sink>
std::size_t OpenArray(std::size_t count, std::size_t width, Sink& sink) {
  const std::size_t start =
      sink.Zeros(unsafe_row::kWordBytes + unsafe_row::NullBitBytes(count) + unsafe_row::WholeWords(count * width));
  sink.StoreWord(start, count);
  return start;
}

}  // namespace

bool UnsafeRowWriter::WriteArray(const Op* op, const void* datum, Sink& sink) const {
  const Op* element = op + 1;
  const std::size_t count = op->sequence->size(datum);
  const std::size_t start = OpenArray(count, element->width, sink);
  Spot spot = {.start = start, .null_bits = start + unsafe_row::kWordBytes, .index = 0, .word = 0};
  spot.word = spot.null_bits + unsafe_row::NullBitBytes(count);
  for (; spot.index < count; ++spot.index, spot.word += element->width) {
    if (!WritePlace(element, static_cast<const char*>(op->sequence->at(datum, spot.index)), spot, sink)) {
      return false;
    }
  }
  return true;
}

bool UnsafeRowWriter::WriteMap(const Op* op, const void* datum, Sink& sink) const {
  struct Visit {
    const UnsafeRowWriter* writer;
    const Op* op;  // of the key or of the value
    bool keys;
    Sink* sink;
    Spot spot;
    bool written;
  };
  const std::size_t count = op->map->size(datum);
  const std::size_t keys_size = sink.Zeros(unsafe_row::kWordBytes);
  const Op* part = op + 1;
  for (const bool keys : {true, false}) {
    const std::size_t start = OpenArray(count, part->width, sink);
    Visit visit = {this, part, keys, &sink, {start, start + unsafe_row::kWordBytes, 0, 0}, true};
    visit.spot.word = visit.spot.null_bits + unsafe_row::NullBitBytes(count);
    op->map->each(datum, &visit, [](void* context, const void* key, const void* mapped) {
      Visit& v = *static_cast<Visit*>(context);
      const auto* place = static_cast<const char*>(v.keys ? key : mapped);
      if (v.keys && v.op->holder == Holder::kValue && reinterpret_cast<const Value*>(place)->is_null()) {
        v.written = v.sink->Fail(v.op, "is null, and a key of a map cannot be");
        return false;
      }
      v.written = v.writer->WritePlace(v.op, place, v.spot, *v.sink);
      ++v.spot.index;
      v.spot.word += v.op->width;
      return v.written;
    });
    if (!visit.written) {
      return false;
    }
    if (keys) {
      sink.StoreWord(keys_size, sink.size() - start);
      part += part->span;
    }
  }
  return true;
}

}  // namespace hf
