// SPDX-License-Identifier: Apache-2.0
// JsonTextReader: JSON texts as data of one type, as Spark 4.3's from_json reads them in its mode PERMISSIVE
// (JsonToStructsEvaluator, JacksonParser, FailureSafeParser).
//
//  1. A text of white space is null. What follows the first value of a text is ignored.
//  2. A string takes any other value as Jackson writes it again (RewriteJson).
//  3. Of a struct, values of a wrong type become null and the others stay; a text that is not JSON, or no object, is a
//     struct of nulls. A list or map that is not well-formed is null.
// What JsonLinesReader refuses where Spark loses data silently is refused here, too.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "codec/json/json_column.h"
#include "rows/column_builder.h"
#include "rows/text_format.h"

namespace hf {

class JsonTextReader {
 public:
  // REQUIRES: a struct, array or map.
  JsonTextReader(const DataType& type, TimeFormats times);
  JsonTextReader(const JsonTextReader&) = delete;
  JsonTextReader& operator=(const JsonTextReader&) = delete;

  // Adds one datum to `builder`, a builder of the type.
  void Read(std::string_view text, ColumnBuilder& builder);

 private:
  void ReadStruct(JsonCursor& cursor, ColumnBuilder& builder);
  void ReadList(JsonCursor& cursor, ColumnBuilder& builder);

  const TimeFormats times_;
  const DataType type_;
  JsonColumn root_;
  std::unique_ptr<JsonColumn> element_;  // of an array of structs, which may be one object without brackets
  std::string text_;
};

}  // namespace hf
