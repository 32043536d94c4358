// SPDX-License-Identifier: Apache-2.0
// Rows written as files (files/write_cases.py): the files and their names are those of real Spark.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>

#include "files_recording.h"
#include "holdfast/read_rows.h"
#include "holdfast/write_rows.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

std::string FromHexadecimal(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

Decimal DecimalOf(std::string text, const DataType& type) {
  text.erase(std::remove(text.begin(), text.end(), '.'), text.end());  // the recording has every digit of the scale
  return {.unscaled = std::stoll(text), .scale = type.scale()};
}

Value ValueOf(const Json& json, const DataType& type);

Value NestedOf(const Json& json, const DataType& type) {
  if (type.kind() == TypeKind::kStruct) {
    StructValue value;
    for (std::size_t i = 0; i < json.size(); ++i) {
      value.fields.push_back(ValueOf(json[i], type.children()[i].type));
    }
    return value;
  }
  if (type.kind() == TypeKind::kArray) {
    ArrayValue value;
    for (const Json& element : json) {
      value.elements.push_back(ValueOf(element, type.children()[0].type));
    }
    return value;
  }
  MapValue value;
  for (const Json& entry : json) {
    value.entries.emplace_back(ValueOf(entry[0], type.children()[0].type), ValueOf(entry[1], type.children()[1].type));
  }
  return value;
}

// As files/writes.py reads them.
Value ValueOf(const Json& json, const DataType& type) {
  if (json.is_null()) {
    return Value();
  }
  if (type.is_nested()) {
    return NestedOf(json, type);
  }
  const auto text = json.get<std::string>();
  switch (type.kind()) {
    case TypeKind::kBoolean: return text == "true";
    case TypeKind::kByte: return static_cast<std::int8_t>(std::stoi(text));
    case TypeKind::kShort: return static_cast<std::int16_t>(std::stoi(text));
    case TypeKind::kInt: return static_cast<std::int32_t>(std::stoi(text));
    case TypeKind::kLong: return static_cast<std::int64_t>(std::stoll(text));
    case TypeKind::kFloat: return std::stof(text);
    case TypeKind::kDouble: return std::stod(text);
    case TypeKind::kDecimal: return DecimalOf(text, type);
    case TypeKind::kString: return text;
    case TypeKind::kBinary: return Binary{.bytes = FromHexadecimal(text)};
    case TypeKind::kDate: return Date{.days = std::stoi(text)};
    case TypeKind::kTimestamp: return Timestamp{.micros = std::stoll(text)};
    case TypeKind::kTimestampNtz: return TimestampNtz{.micros = std::stoll(text)};
    default: ADD_FAILURE() << "no " << type.ToSql() << " here"; return Value();
  }
}

struct Rows {
  Schema schema;
  ColumnBatch batch;
};

Result<Rows> RowsOf(const Json& ddl, const Json& json) {
  HF_ASSIGN_OR_RETURN(const Schema schema, ddl.get<std::string>().empty() ? Result<Schema>(Schema())
                                                                          : Schema::FromDdl(ddl.get<std::string>()));
  std::vector<Row> rows;
  for (const Json& row : json) {
    Row& made = rows.emplace_back();
    for (std::size_t i = 0; i < schema.size(); ++i) {
      made.push_back(ValueOf(row[i], schema.field(i).type));
    }
  }
  HF_ASSIGN_OR_RETURN(ColumnBatch batch, ColumnBatch::FromRows(schema, rows));
  return Rows{.schema = schema, .batch = std::move(batch)};
}

SaveMode ModeOf(const Json& mode) {
  if (mode == "append") {
    return SaveMode::kAppend;
  }
  if (mode == "overwrite") {
    return SaveMode::kOverwrite;
  }
  return mode == "ignore" ? SaveMode::kIgnore : SaveMode::kErrorIfExists;
}

std::vector<std::string> Names(const Json& json) { return json.get<std::vector<std::string>>(); }

// Path below home, and content.
using Listing = std::vector<std::pair<std::string, std::string>>;

bool IsChecksum(const std::string& path) { return path.ends_with(".crc"); }

Listing WhatLiesIn(const std::string& home) {
  static const std::regex kUuid("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  Listing listing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home)) {
    const std::string path = std::filesystem::relative(entry.path(), home).string();
    if (entry.is_regular_file() && !IsChecksum(path)) {
      std::ifstream file(entry.path(), std::ios::binary);
      listing.emplace_back(std::regex_replace(path, kUuid, "UUID"),
                           path.ends_with(".parquet") ? "" : std::string(std::istreambuf_iterator<char>(file), {}));
    }
  }
  std::sort(listing.begin(), listing.end());
  return listing;
}

Listing WhatSparkLeft(const Json& recorded) {
  Listing listing;
  for (const Json& file : recorded["files"]) {
    const auto path = file[0].get<std::string>();
    if (!IsChecksum(path)) {
      listing.emplace_back(path, file[1].is_null() ? "" : FromBase64(file[1].get<std::string>()));
    }
  }
  std::sort(listing.begin(), listing.end());
  return listing;
}

class SparkFileWrites : public testing::Test {
 protected:
  static Status Write(const std::string& home, const Json& format, const Json& schema, const Json& rows,
                      OutputDescription output) {
    output.path = home;
    output.format = format.get<std::string>();
    HF_ASSIGN_OR_RETURN(const Rows given, RowsOf(schema, rows));
    return WriteRows(output, given.schema, {given.batch});
  }
  Status Write(const Json& recorded, const std::string& home) {
    const Json& before = recorded["before"];
    if (before == "empty") {
      std::filesystem::create_directories(home);
    }
    for (const Json& write : before.is_array() ? before : Json::array()) {
      OutputDescription output;
      output.mode = SaveMode::kAppend;
      output.partition_by = Names(write[3]);
      HF_RETURN_IF_ERROR(Write(home, write[0], write[1], write[2], output));
    }
    OutputDescription output;
    output.mode = ModeOf(recorded["mode"]);
    output.partition_by = Names(recorded["partition_by"]);
    for (const auto& [key, value] : recorded["options"].items()) {
      output.options[key] = value.get<std::string>();
    }
    return Write(home, recorded["format"], recorded["schema"], recorded["rows"], output);
  }

  test::TempDir scratch_{test::TempDir::Place::kMemory};
};

TEST_F(SparkFileWrites, TheSameFilesHaveTheSameNamesAndBytes) {
  int compared = 0;
  for (const Json& recorded : RecordedFiles("writes-4.3.0.jsonl.gz")) {
    const auto name = recorded["name"].get<std::string>();
    SCOPED_TRACE(name);
    const std::string home = scratch_ / std::to_string(compared++);
    const Status written = Write(recorded, home);
    if (const Json* refused = FindKey(recorded, "refused"); refused != nullptr) {
      ASSERT_FALSE(written.ok()) << "Spark: " << refused->dump();
      // Some of Spark's have no name yet, or are of the task that failed.
      static const std::map<std::string, std::string> kOthers = {
          {"_LEGACY_ERROR_TEMP_1155", ""},
          {"_LEGACY_ERROR_TEMP_1290", ""},
          {"TASK_WRITE_FAILED", "INVALID_PARTITION_COLUMN_DATA_TYPE"}};
      const auto condition = refused->get<std::string>();
      const auto other = kOthers.find(condition);
      EXPECT_EQ(written.condition(), other == kOthers.end() ? condition : other->second) << written.ToString();
      continue;
    }
    ASSERT_TRUE(written.ok()) << written.ToString();
    EXPECT_EQ(WhatLiesIn(home), WhatSparkLeft(recorded));
  }
  EXPECT_GT(compared, 70);
}

TEST_F(SparkFileWrites, ParquetHasTheRowsThatWereWritten) {
  int compared = 0;
  for (const Json& recorded : RecordedFiles("writes-4.3.0.jsonl.gz")) {
    if (recorded["format"] != "parquet" || FindKey(recorded, "refused") != nullptr ||
        !recorded["partition_by"].empty()) {
      continue;
    }
    SCOPED_TRACE(recorded["name"].get<std::string>());
    const std::string home = scratch_ / std::to_string(compared++);
    ASSERT_EQ(Write(recorded, home).ToString(), Status().ToString());
    InputDescription input;
    input.format = "parquet";
    input.path = home;
    const Rows wanted = RowsOf(recorded["schema"], recorded["rows"]).value();
    EXPECT_EQ(SchemaOfRows(input, {})->ToJson(), wanted.schema.ToJson());
    std::vector<Row> rows;
    const Status read = ReadRows(input, {}, [&](const ColumnBatch& batch) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows.push_back(batch.RowAt(row));
      }
      return Status();
    });
    ASSERT_TRUE(read.ok()) << read.ToString();
    std::vector<Row> given;
    for (std::int64_t row = 0; row < wanted.batch.rows(); ++row) {
      given.push_back(wanted.batch.RowAt(row));
    }
    EXPECT_EQ(rows, given);
  }
  EXPECT_GT(compared, 5);
}

}  // namespace
}  // namespace hf
