// SPDX-License-Identifier: Apache-2.0
// A schema that was written and a layout, turned into a program.
#include <fmt/format.h>

#include <algorithm>

#include "codec/unsafe_row/unsafe_row_format.h"
#include "codec/unsafe_row/unsafe_row_reader.h"

namespace hf {

class UnsafeRowReaderCompiler {
 public:
  using Op = UnsafeRowReader::Op;
  using Code = UnsafeRowReader::Code;

  // The operations of the fields follow each other behind that of their struct, then those of members without a field.
  Status CompileStruct(const DataType& written, const DatumSlot& slot, Op op, const std::string& path) {
    op.code = slot.is_value() ? Code::kStructValue : Code::kStruct;
    op.fields = static_cast<std::uint32_t>(written.children().size());
    op.members = static_cast<std::uint32_t>(slot.type.children().size());
    const std::size_t at = Add(op, path);
    const std::string prefix = path.empty() ? "" : path + ".";
    std::vector<SlotField> members = FieldsOfSlot(slot);
    for (const StructField& field : written.children()) {
      const auto member = std::find_if(members.begin(), members.end(),
                                       [&](const SlotField& candidate) { return candidate.name == field.name; });
      if (member == members.end()) {
        AddSkip(field.type, prefix + field.name);
        continue;
      }
      HF_RETURN_IF_ERROR(CompileDatum(field.type, member->slot, member->offset, unsafe_row::IsWideDecimal(field.type),
                                      prefix + field.name));
      members.erase(member);
    }
    for (const SlotField& member : members) {
      HF_RETURN_IF_ERROR(AddClear(member, prefix + member.name));
    }
    Close(at);
    return {};
  }

  UnsafeRowReader Take(const DatumSlot& object) {
    reader_.is_row_ = object.is_value();
    return std::move(reader_);
  }

 private:
  std::size_t Add(const Op& op, const std::string& path) {
    reader_.paths_.push_back(path);
    reader_.program_.push_back(op);
    return reader_.program_.size() - 1;
  }
  void Close(std::size_t at) { reader_.program_[at].span = static_cast<std::uint32_t>(reader_.program_.size() - at); }

  Status AddClear(const SlotField& member, const std::string& path) {
    if (member.slot.holder == Holder::kAlways) {
      return Invalid(fmt::format(
          "member '{}' must have a value, but the values were written without it: make it std::optional", path));
    }
    Op op;
    op.code = Code::kClear;
    op.holder = member.slot.holder;
    op.offset = static_cast<std::uint32_t>(member.offset);
    op.optional = member.slot.optional;
    Add(op, path);
    return {};
  }

  void AddSkip(const DataType& written, const std::string& path) {
    Op op = OpFor(written, unsafe_row::IsWideDecimal(written));
    op.skips = true;
    Add(op, path);
  }

  static Op OpFor(const DataType& written, bool reserves) {
    Op op;
    op.code = CodeOf(written);
    op.has_part = op.code >= Code::kWideDecimal;
    op.reserves = reserves;
    op.value_index = static_cast<std::uint8_t>(ValueIndexOf(written.kind()));
    op.width = static_cast<std::uint8_t>(unsafe_row::ElementBytes(written));
    op.precision = static_cast<std::uint8_t>(written.precision());
    op.scale = static_cast<std::uint8_t>(written.scale());
    return op;
  }

  static Code CodeOf(const DataType& written) {
    switch (written.kind()) {
      case TypeKind::kNull: return Code::kVoid;
      case TypeKind::kBoolean: return Code::kBool;
      case TypeKind::kDecimal: return unsafe_row::IsWideDecimal(written) ? Code::kWideDecimal : Code::kWordDecimal;
      case TypeKind::kString: return Code::kString;
      case TypeKind::kBinary: return Code::kBinary;
      case TypeKind::kArray: return Code::kArray;
      case TypeKind::kMap: return Code::kMap;
      case TypeKind::kStruct: return Code::kStruct;
      default: return Code::kFixed;
    }
  }

  Status CompileDatum(const DataType& written, const DatumSlot& slot, std::size_t offset, bool reserves,
                      const std::string& path) {
    if (written.kind() != slot.type.kind() ||
        (written.kind() == TypeKind::kDecimal &&
         (written.precision() != slot.type.precision() || written.scale() != slot.type.scale()))) {
      return Invalid(fmt::format("field '{}' was written as {} and cannot be read as {}", path, written.ToSql(),
                                 slot.type.ToSql()));
    }
    if (!slot.is_value() && slot.layout->kind == MemoryKind::kStringView) {
      return Invalid(
          fmt::format("member '{}' is a std::string_view, which cannot own a stored value: make it std::string", path));
    }
    Op op = OpFor(written, reserves);
    op.holder = slot.holder;
    op.offset = static_cast<std::uint32_t>(offset);
    op.optional = slot.optional;
    if (written.kind() == TypeKind::kStruct) {
      return CompileStruct(written, slot, op, path);
    }
    if (written.kind() == TypeKind::kArray) {
      op.sequence = SequenceOfSlot(slot);
    } else if (written.kind() == TypeKind::kMap) {
      op.map = MapOfSlot(slot);
    }
    const std::size_t at = Add(op, path);
    if (written.kind() == TypeKind::kArray) {
      HF_RETURN_IF_ERROR(CompileDatum(written.children()[0].type, ElementOfSlot(slot), 0, false, path + "[]"));
    } else if (written.kind() == TypeKind::kMap) {
      HF_RETURN_IF_ERROR(CompileDatum(written.children()[0].type, KeyOfSlot(slot), 0, false, path + "{key}"));
      HF_RETURN_IF_ERROR(CompileDatum(written.children()[1].type, MapValueOfSlot(slot), 0, false, path + "{}"));
    }
    Close(at);
    return {};
  }

  UnsafeRowReader reader_;
};

Result<UnsafeRowReader> UnsafeRowReader::Compile(const Schema& writer, const TypeLayout& layout) {
  HF_RETURN_IF_ERROR(unsafe_row::CheckUnsafeRowState(writer, "unsafe row reader"));
  const DatumSlot object = SlotOfObject(layout);
  if (object.type.kind() != TypeKind::kStruct) {
    return Invalid(fmt::format("unsafe row reader: a row is read into a struct, not into {}", object.type.ToSql()));
  }
  UnsafeRowReaderCompiler compiler;
  HF_RETURN_IF_ERROR(compiler.CompileStruct(writer.type(), object, {}, ""));
  return compiler.Take(object);
}

}  // namespace hf
