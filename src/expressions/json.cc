// SPDX-License-Identifier: Apache-2.0
// from_json, to_json and get_json_object (Spark 4.3 jsonExpressions.scala) over the readers and the writer of
// codec/json.
#include "codec/json/json_lines_writer.h"
#include "codec/json/json_path.h"
#include "codec/json/json_text_reader.h"
#include "expressions/routine.h"

namespace hf {
namespace {

std::optional<std::string> TextAt(const Vector& vector) {
  return vector.IsNull(0) ? std::nullopt : std::optional<std::string>(vector.column.Bytes(0));
}

// text, and the patterns of timestamps and dates, which are constants; null for Spark's own forms.
Status FromJson(const Arguments& arguments, ColumnBuilder& out) {
  TimeFormats times{.zone = arguments.zone};
  if (const auto pattern = TextAt(arguments.vectors[1])) {
    HF_ASSIGN_OR_RETURN(times.timestamp, DateTimePattern::Compile(*pattern, DateTimePattern::Use::kRead));
  }
  if (const auto pattern = TextAt(arguments.vectors[2])) {
    HF_ASSIGN_OR_RETURN(times.date, DateTimePattern::Compile(*pattern, DateTimePattern::Use::kRead));
  }
  JsonTextReader reader(arguments.type, std::move(times));
  const ValuesOf<std::string_view> texts(arguments.vectors[0]);
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row)) {
      out.AppendNull();
    } else {
      reader.Read(texts[row], out);
    }
  }
  return {};
}

// The value, and whether null fields are left out, which is a constant.
Status ToJsonText(const Arguments& arguments, ColumnBuilder& out) {
  const Vector& values = arguments.vectors[0];
  JsonWriteOptions options;
  options.zone = arguments.zone;
  options.ignore_null_fields = arguments.vectors[1].column.Bool(0);
  JsonValueWriter writer(values.column.type, options);
  std::string text;
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (values.IsNull(row)) {
      out.AppendNull();
      continue;
    }
    text.clear();
    writer.Append(text, values.column, values.At(row));
    out.AppendBytes(text);
  }
  return {};
}

// text, and a path that JsonPath knows, which is a constant.
Status GetJsonObject(const Arguments& arguments, ColumnBuilder& out) {
  const Vector& texts = arguments.vectors[0];
  const auto path = JsonPath::Parse(arguments.vectors[1].column.Bytes(0));
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    const auto found = texts.IsNull(row) ? std::nullopt : path->Find(texts.column.Bytes(texts.At(row)));
    if (found.has_value()) {
      out.AppendBytes(*found);
    } else {
      out.AppendNull();
    }
  }
  return {};
}

}  // namespace

void AddJson(std::vector<Routine>& list) {
  constexpr TypeKind kString = TypeKind::kString;
  list.push_back({.name = "from_json",
                  .arguments = {kString, kString, kString},
                  .result = TypeKind::kNull,
                  .kernel = FromJson,
                  .nulls = NullRule::kSeesAny,
                  .makes_null = true});
  list.push_back({.name = "get_json_object",
                  .arguments = {kString, kString},
                  .result = kString,
                  .kernel = GetJsonObject,
                  .makes_null = true});
  for (const TypeKind kind : {TypeKind::kStruct, TypeKind::kArray, TypeKind::kMap}) {
    list.push_back({.name = "to_json",
                    .arguments = {kind, TypeKind::kBoolean},
                    .result = kString,
                    .kernel = ToJsonText,
                    .makes_null = true});
  }
}

}  // namespace hf
