// SPDX-License-Identifier: Apache-2.0
// JsonColumn: reads JSON values into a growing column of one type, as Spark 4.3's JacksonParser.makeConverter does.
// A tree of them stands for a schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json/json_cursor.h"
#include "rows/column_builder.h"
#include "rows/text_format.h"

namespace hf {

enum class JsonOutcome : std::uint8_t {
  kRead,       // one datum more
  kPartial,    // one datum more, but something in it was bad and became null
  kBad,        // no datum; the value is well-formed JSON but not of this type, and lies behind the cursor
  kMalformed,  // no datum; not JSON
};

// What was bad first in a record; for messages.
struct JsonProblem {
  std::string field;  // "items[].price"; empty: the record as a whole
  std::string reason;

  void Note(std::string_view at_field, std::string_view because) {
    if (reason.empty()) {
      field = at_field;
      reason = because;
    }
  }
};

class JsonColumn {
 public:
  // What a column of strings gets of a value that is no string.
  enum class Others {
    kSource,     // its text as it stands there
    kRewritten,  // as Jackson writes it again
  };
  // `formats` must outlive the column.
  JsonColumn(const DataType& type, std::string path, const TimeFormats* formats, Others others = Others::kSource);

  // Reads the value at the cursor into `builder`, a builder of the column's type.
  JsonOutcome Read(JsonCursor& cursor, ColumnBuilder& builder, JsonProblem& problem);

  // Reads an object whose brace is the next character: its members go into `builders`, one a field of this struct,
  // each of which gets exactly one datum, unless the outcome is kMalformed: then they keep the data they had and
  // may hold one more.
  JsonOutcome ReadMembers(JsonCursor& cursor, ColumnBuilder* builders, JsonProblem& problem);

 private:
  JsonOutcome ReadString(JsonCursor& cursor, JsonToken token, ColumnBuilder& builder, JsonProblem& problem);
  JsonOutcome ReadNumber(JsonCursor& cursor, JsonToken token, ColumnBuilder& builder, JsonProblem& problem);
  JsonOutcome ReadNested(JsonCursor& cursor, JsonToken token, ColumnBuilder& builder, JsonProblem& problem);
  JsonOutcome ReadArray(JsonCursor& cursor, ColumnBuilder& builder, JsonProblem& problem);
  JsonOutcome ReadMap(JsonCursor& cursor, ColumnBuilder& builder, JsonProblem& problem);
  JsonOutcome ReadMember(JsonCursor& cursor, std::size_t index, ColumnBuilder& builder, std::int64_t row,
                         JsonProblem& problem);
  JsonOutcome Bad(JsonCursor& cursor, JsonProblem& problem);
  [[nodiscard]] JsonOutcome Malformed(JsonProblem& problem) const;
  bool AppendText(std::string_view text, ColumnBuilder& builder) const;
  bool AppendNumber(std::string_view digits, JsonToken token, ColumnBuilder& builder) const;
  std::size_t FindField(JsonCursor& cursor, std::size_t expected, bool* malformed);

  DataType type_;
  std::string path_;
  const TimeFormats* formats_;
  Others others_;
  std::vector<std::string> names_;  // of a struct's fields
  std::vector<JsonColumn> children_;
};

}  // namespace hf
