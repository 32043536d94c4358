// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_text_reader.h"

namespace hf {

JsonTextReader::JsonTextReader(const DataType& type, TimeFormats times)
    : times_(std::move(times)), type_(type), root_(type, "", &times_, JsonColumn::Others::kRewritten) {
  if (type.kind() == TypeKind::kArray && type.children()[0].type.kind() == TypeKind::kStruct) {
    element_ = std::make_unique<JsonColumn>(type.children()[0].type, "[]", &times_, JsonColumn::Others::kRewritten);
  }
}

void JsonTextReader::Read(std::string_view text, ColumnBuilder& builder) {
  text_.assign(text);
  text_ += '\n';
  JsonCursor cursor = JsonCursor::OverText(text_, JsonCursor::Rules::kRecords);
  cursor.SkipSpace();
  if (cursor.at() == text_.data() + text.size()) {
    builder.AppendNull();
  } else if (type_.kind() == TypeKind::kStruct) {
    ReadStruct(cursor, builder);
  } else {
    ReadList(cursor, builder);
  }
}

void JsonTextReader::ReadStruct(JsonCursor& cursor, ColumnBuilder& builder) {
  JsonProblem problem;
  const bool object = cursor.Peek() == JsonToken::kObject;
  if (!object || root_.ReadMembers(cursor, builder.children(), problem) == JsonOutcome::kMalformed) {
    builder.DropOpen();
    for (std::size_t i = 0; i < type_.children().size(); ++i) {
      builder.child(i).AppendNull();
    }
  }
  builder.AppendStruct();
}

void JsonTextReader::ReadList(JsonCursor& cursor, ColumnBuilder& builder) {
  JsonProblem problem;
  if (element_ != nullptr && cursor.Peek() == JsonToken::kObject) {
    if (element_->Read(cursor, builder.child(0), problem) < JsonOutcome::kBad) {
      builder.AppendList();
      return;
    }
    builder.DropOpen();
    builder.AppendNull();
  } else if (root_.Read(cursor, builder, problem) >= JsonOutcome::kBad) {
    builder.AppendNull();
  }
}

}  // namespace hf
