// SPDX-License-Identifier: Apache-2.0
// Avro's schema resolution (Avro 1.12 specification, "Schema Resolution") turned into a program.
#include <fmt/format.h>

#include "codec/avro/avro_reader.h"
#include "codec/avro/avro_schema.h"

namespace hf {

class AvroReaderCompiler {
 public:
  using Op = AvroReader::Op;
  using Code = AvroReader::Code;
  using Lane = AvroReader::Lane;

  Status CompileFields(const std::vector<StructField>& written, const DatumSlot& record, std::size_t base,
                       const std::string& prefix) {
    const std::vector<SlotField> members = FieldsOfSlot(record);
    for (const SlotField& member : members) {
      bool found = false;
      for (const StructField& field : written) {
        found = found || field.name == member.name;
      }
      if (!found) {
        HF_RETURN_IF_ERROR(AddClear(member, base, prefix + member.name));
      }
    }
    for (const StructField& field : written) {
      const SlotField* member = nullptr;
      for (const SlotField& candidate : members) {
        member = candidate.name == field.name ? &candidate : member;
      }
      const bool in_union = field.type.kind() != TypeKind::kNull;
      const std::string path = prefix + field.name;
      HF_RETURN_IF_ERROR(member == nullptr
                             ? CompileSkip(field.type, in_union, path)
                             : CompileDatum(field.type, in_union, member->slot, base + member->offset, path));
    }
    return {};
  }

  Status CompileSkippedFields(const std::vector<StructField>& written, const std::string& prefix) {
    for (const StructField& field : written) {
      HF_RETURN_IF_ERROR(CompileSkip(field.type, field.type.kind() != TypeKind::kNull, prefix + field.name));
    }
    return {};
  }

  AvroReader Take(const DatumSlot& object) {
    reader_.is_row_ = object.is_value();
    reader_.fields_ = object.type.children().size();
    return std::move(reader_);
  }

 private:
  // The writer's schema comes from a file, so its shape is not trusted. Counts the level until it goes out of scope.
  class Level {
   public:
    explicit Level(int& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    int& depth_;
  };

  std::size_t Add(Op op, const std::string& path) {
    reader_.paths_.push_back(path);
    op.lane = LaneOf(op);
    reader_.program_.push_back(op);
    return reader_.program_.size() - 1;
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
  void Close(std::size_t at) { reader_.program_[at].span = static_cast<std::uint32_t>(reader_.program_.size() - at); }

  static Op OpFor(const DatumSlot& slot, std::size_t offset, bool in_union) {
    Op op;
    op.holder = slot.holder;
    op.in_union = in_union;
    op.value_index = static_cast<std::uint8_t>(ValueIndexOf(slot.type.kind()));
    op.offset = static_cast<std::uint32_t>(offset);
    op.optional = slot.optional;
    return op;
  }

  Status AddClear(const SlotField& member, std::size_t base, const std::string& path) {
    if (member.slot.holder == Holder::kAlways) {
      return Invalid(fmt::format(
          "member '{}' must have a value, but the values were written without it: make it std::optional", path));
    }
    Add(OpFor(member.slot, base + member.offset, false), path);
    return {};
  }

  static Status Mismatch(const DataType& written, const DataType& read, const std::string& path) {
    return Invalid(
        fmt::format("field '{}' was written as {} and cannot be read as {}", path, written.ToSql(), read.ToSql()));
  }

  Status CheckShape(const DataType& written, const std::string& path) const {
    if (depth_ > kAvroDepthMax) {
      return Invalid(fmt::format("field '{}' of the written schema nests deeper than {}", path, kAvroDepthMax));
    }
    if (written.kind() == TypeKind::kMap && written.children()[0].type.kind() != TypeKind::kString) {
      return Invalid(fmt::format("field '{}' of the written schema is a map whose keys are not strings", path));
    }
    if (written.kind() == TypeKind::kArray && written.children()[0].type.kind() == TypeKind::kNull) {
      return Invalid(fmt::format("field '{}' of the written schema is an array of void", path));
    }
    return {};
  }

  Status CompileDatum(const DataType& written, bool in_union, const DatumSlot& slot, std::size_t offset,
                      const std::string& path) {
    const Level level(depth_);
    HF_RETURN_IF_ERROR(CheckShape(written, path));
    const AvroType from = AvroTypeOf(written);
    const AvroType to = AvroTypeOf(slot.type);
    Op op = OpFor(slot, offset, in_union);
    if (from == AvroType::kNull) {
      if (slot.holder == Holder::kAlways) {
        return Mismatch(written, slot.type, path);
      }
      op.code = Code::kClear;
      Add(op, path);
      return {};
    }
    if (slot.type.kind() == TypeKind::kByte || slot.type.kind() == TypeKind::kShort || to == AvroType::kNull) {
      return Mismatch(written, slot.type, path);
    }
    if (written.is_nested() || slot.type.is_nested()) {
      return from == to ? CompileNested(written, slot, op, path) : Mismatch(written, slot.type, path);
    }
    if (!ScalarCode(from, to, &op.code) || (from == AvroType::kFixed && DecimalSizeBytes(written.precision()) !=
                                                                            DecimalSizeBytes(slot.type.precision()))) {
      return Mismatch(written, slot.type, path);
    }
    if (!slot.is_value() && slot.layout->kind == MemoryKind::kStringView) {
      return Invalid(
          fmt::format("member '{}' is a std::string_view, which cannot own a stored value: make it std::string", path));
    }
    if (from == AvroType::kFixed) {
      op.size_bytes = static_cast<std::uint8_t>(DecimalSizeBytes(written.precision()));
      op.precision = static_cast<std::uint8_t>(slot.type.precision());
      op.scale = slot.type.scale();
    }
    Add(op, path);
    return {};
  }

  static bool ScalarCode(AvroType from, AvroType to, Code* code) {
    struct Promotion {
      AvroType from;
      AvroType to;
      Code code;
    };
    static constexpr Promotion kPromotions[] = {
        {AvroType::kBoolean, AvroType::kBoolean, Code::kBool},
        {AvroType::kInt, AvroType::kInt, Code::kInt},
        {AvroType::kInt, AvroType::kLong, Code::kIntToLong},
        {AvroType::kInt, AvroType::kFloat, Code::kIntToFloat},
        {AvroType::kInt, AvroType::kDouble, Code::kIntToDouble},
        {AvroType::kLong, AvroType::kLong, Code::kLong},
        {AvroType::kLong, AvroType::kFloat, Code::kLongToFloat},
        {AvroType::kLong, AvroType::kDouble, Code::kLongToDouble},
        {AvroType::kFloat, AvroType::kFloat, Code::kFloat},
        {AvroType::kFloat, AvroType::kDouble, Code::kFloatToDouble},
        {AvroType::kDouble, AvroType::kDouble, Code::kDouble},
        {AvroType::kString, AvroType::kString, Code::kString},
        {AvroType::kString, AvroType::kBytes, Code::kBinary},
        {AvroType::kBytes, AvroType::kBytes, Code::kBinary},
        {AvroType::kBytes, AvroType::kString, Code::kString},
        {AvroType::kFixed, AvroType::kFixed, Code::kDecimal},
    };
    for (const Promotion& promotion : kPromotions) {
      if (promotion.from == from && promotion.to == to) {
        *code = promotion.code;
        return true;
      }
    }
    return false;
  }

  Status CompileNested(const DataType& written, const DatumSlot& slot, Op op, const std::string& path) {
    if (written.kind() == TypeKind::kStruct) {
      const bool in_place = slot.holder == Holder::kAlways;
      op.code = in_place ? Code::kBranch : slot.is_value() ? Code::kStructValue : Code::kStruct;
      op.children = static_cast<std::uint16_t>(slot.type.children().size());
      const std::size_t at = Add(op, path);
      HF_RETURN_IF_ERROR(CompileFields(written.children(), slot, in_place ? op.offset : 0, path + "."));
      if (!in_place) {
        Close(at);
      }
      return {};
    }
    const bool is_array = written.kind() == TypeKind::kArray;
    op.code = is_array ? Code::kArray : Code::kMap;
    if (is_array) {
      op.sequence = SequenceOfSlot(slot);
    } else {
      op.map = MapOfSlot(slot);
      if (slot.type.children()[0].type.kind() != TypeKind::kString ||
          (!slot.is_value() &&
           (slot.layout->key.type->kind != MemoryKind::kString || slot.layout->key.optional != nullptr))) {
        return Invalid(fmt::format("the keys of map '{}' must be std::string", path));
      }
    }
    const std::size_t at = Add(op, path);
    const DataType& element = written.children()[is_array ? 0 : 1].type;
    HF_RETURN_IF_ERROR(CompileDatum(element, element.is_nested(), is_array ? ElementOfSlot(slot) : MapValueOfSlot(slot),
                                    0, path + (is_array ? "[]" : "{}")));
    Close(at);
    return {};
  }

  Status CompileSkip(const DataType& written, bool in_union, const std::string& path) {
    const Level level(depth_);
    HF_RETURN_IF_ERROR(CheckShape(written, path));
    Op op;
    op.in_union = in_union;
    op.skips = true;
    op.code = SkipCode(AvroTypeOf(written));
    op.size_bytes =
        static_cast<std::uint8_t>(written.kind() == TypeKind::kDecimal ? DecimalSizeBytes(written.precision())
                                  : written.kind() == TypeKind::kFloat ? 4
                                                                       : 8);
    const std::size_t at = Add(op, path);
    if (written.kind() == TypeKind::kStruct) {
      HF_RETURN_IF_ERROR(CompileSkippedFields(written.children(), path + "."));
    } else if (written.is_nested()) {
      const DataType& element = written.children().back().type;
      HF_RETURN_IF_ERROR(
          CompileSkip(element, element.is_nested(), path + (written.kind() == TypeKind::kArray ? "[]" : "{}")));
    }
    Close(at);
    return {};
  }

  static Code SkipCode(AvroType type) {
    switch (type) {
      case AvroType::kNull: return Code::kSkipNothing;
      case AvroType::kBoolean: return Code::kSkipBool;
      case AvroType::kInt:
      case AvroType::kLong: return Code::kSkipVarint;
      case AvroType::kFloat:
      case AvroType::kDouble:
      case AvroType::kFixed: return Code::kSkipFixed;
      case AvroType::kString:
      case AvroType::kBytes: return Code::kSkipBytes;
      case AvroType::kArray: return Code::kSkipArray;
      case AvroType::kMap: return Code::kSkipMap;
      case AvroType::kRecord: return Code::kSkipStruct;
    }
    return Code::kSkipNothing;
  }

  AvroReader reader_;
  int depth_ = 0;
};

Result<AvroReader> AvroReader::Compile(const Schema& writer, const TypeLayout& layout) {
  const DatumSlot object = SlotOfObject(layout);
  if (object.type.kind() != TypeKind::kStruct) {
    return Invalid(fmt::format("avro reader: a record is read into a struct, not into {}", object.type.ToSql()));
  }
  AvroReaderCompiler compiler;
  HF_RETURN_IF_ERROR(compiler.CompileFields(writer.fields(), object, 0, ""));
  return compiler.Take(object);
}

Result<AvroSkipper> AvroSkipper::Compile(const Schema& writer) {
  AvroReaderCompiler compiler;
  HF_RETURN_IF_ERROR(compiler.CompileSkippedFields(writer.fields(), ""));
  AvroSkipper skipper;
  skipper.reader_ = compiler.Take({.type = DataType::Struct({}), .holder = Holder::kAlways});
  return skipper;
}

}  // namespace hf
