// SPDX-License-Identifier: Apache-2.0
// JsonTypes: which columns the records of JSON lines have, as Spark 4.3 finds out where nobody gives a schema
// (JsonInferSchema). Whole numbers are BIGINT, or a decimal where that is too small; other numbers DOUBLE; what is once
// one thing and once another is STRING, and so is what is always null. Fields stand in the order of their names.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "codec/json/json_cursor.h"
#include "holdfast/batch.h"
#include "rows/text_format.h"

namespace hf {

struct JsonTypeOptions {
  ParseMode mode = ParseMode::kPermissive;
  std::string corrupt_record_column = "_corrupt_record";
  TimeFormats times = {};             // for infer_timestamps
  bool infer_timestamps = false;      // else a text is a text
  bool primitives_as_string = false;  // numbers and booleans too
  bool drop_all_null = false;         // fields without any value are no columns
};

class JsonTypes {
 public:
  explicit JsonTypes(JsonTypeOptions options);
  ~JsonTypes();
  JsonTypes(const JsonTypes&) = delete;
  JsonTypes& operator=(const JsonTypes&) = delete;

  // Looks at one line. kCorrupt in mode FAILFAST when it is no record; `place` names it for that.
  Status AddLine(std::string_view line, const std::string& place);
  // kInvalid with COLUMN_ALREADY_EXISTS when two names differ by case alone, or one is twice in a record.
  [[nodiscard]] Result<Schema> Columns() const;

 private:
  struct Node;

  bool AddRecord(JsonCursor& cursor);
  void AddValue(JsonCursor& cursor, Node* node);
  void AddObject(JsonCursor& cursor, Node* node);
  void AddArray(JsonCursor& cursor, Node* node);
  void AddText(std::string_view text, Node* node);
  void AddNumber(std::string_view digits, JsonToken token, Node* node);
  [[nodiscard]] std::optional<DataType> TypeOf(const Node& node) const;
  [[nodiscard]] std::optional<DataType> StructOf(const Node& node) const;

  const JsonTypeOptions options_;
  std::unique_ptr<Node> root_;
  bool has_corrupt_ = false;
  std::optional<std::string> twice_;  // a name that was twice in a record
};

// The readers of one file after the other share `types`, which must outlive them.
class JsonTypesReader {
 public:
  JsonTypesReader(JsonTypes* types, std::string file_name) : types_(types), file_name_(std::move(file_name)) {}

  enum class Rest { kFollows, kNone };
  struct Chunk {
    ColumnBatch batch;  // always empty
    std::size_t consumed_bytes = 0;
    bool truncated_last_line = false;
    std::string truncated_reason;
  };
  // As JsonLinesReader::Read.
  Result<Chunk> Read(std::string_view bytes, Rest rest, std::int64_t rows_max);

 private:
  JsonTypes* types_;
  const std::string file_name_;
  std::int64_t line_number_ = 0;
};

}  // namespace hf
