// SPDX-License-Identifier: Apache-2.0
// Rows of state in both encodings, and every key and value of a checkpoint that Spark 4.3.0 wrote as UnsafeRow.
#include "state/state_row_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "base/json.h"
#include "state/changelog.h"
#include "state/state_schema_file.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/d_unsaferow";
constexpr std::string_view kVersion("\0", 1);

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// One schema, as rows that are known at run time.
struct Codec {
  Schema schema;
  std::shared_ptr<const TypeLayout> layout;
  StateRowWriter writer;
  StateRowReader reader;
};
Codec CodecOf(StateEncoding encoding, const Schema& schema) {
  auto layout = RowLayout(schema);
  auto writer = StateRowWriter::Compile(encoding, schema, *layout);
  auto reader = StateRowReader::Compile(encoding, schema, *layout);
  EXPECT_TRUE(writer.ok() && reader.ok());
  return {schema, layout, std::move(*writer), std::move(*reader)};
}

StateFamilySchema SparksFamily() {
  for (const auto& entry : fs::directory_iterator(kGolden / "ckpt/state/0/_stateSchema/default")) {
    if (!entry.path().filename().string().starts_with('.')) {
      const auto families = DecodeStateSchemaFile(Slurp(entry.path()));
      EXPECT_TRUE(families.ok() && families->size() == 1);
      return families->front();
    }
  }
  ADD_FAILURE() << "no schema file";
  return {};
}

// Decodes the row behind `frame`, which must be written again with the same bytes; returns it as JSON.
Json RowBehind(std::string_view frame, std::string_view bytes, const Codec& codec) {
  EXPECT_EQ(bytes.substr(0, frame.size()), frame);
  bytes.remove_prefix(frame.size());
  Row row;
  const Status status = codec.reader.Decode(bytes, &row);
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::string again;
  EXPECT_TRUE(codec.writer.Encode(&row, again).ok());
  EXPECT_EQ(again, bytes);
  return ParseJson(ToJson(row, codec.schema)).value();
}

struct Partition {
  std::string name;
  std::map<std::string, std::string> entries;  // as stored
};

void Replay(int version, Partition* partition) {
  const fs::path path = kGolden / "ckpt/state/0" / partition->name / (std::to_string(version) + ".changelog");
  const auto changelog = ReadChangelog(Slurp(path), CompressionCodec::kLz4);
  ASSERT_TRUE(changelog.ok()) << path << changelog.status().ToString();
  for (std::size_t i = 0; i < changelog->offsets.size(); ++i) {
    const ChangelogRecord record = changelog->record(i);
    if (record.op == StateOp::kDelete) {
      partition->entries.erase(std::string(record.key));
    } else {
      partition->entries[std::string(record.key)] = record.value;
    }
  }
}

// What Spark's statestore reader says of each batch: `state_schema`, `state` by batch.
TEST(StateRowCodec, DecodesEveryKeyAndValueOfSparksCheckpoint) {
  const StateFamilySchema family = SparksFamily();
  const Codec key = CodecOf(StateEncoding::kUnsafeRow, family.key_schema);
  const Codec value = CodecOf(StateEncoding::kUnsafeRow, family.value_schema);
  const Json expected = ParseJson(Slurp(kGolden / "expected_state.json")).value();
  std::vector<Partition> partitions = {{"0", {}}, {"1", {}}, {"2", {}}, {"3", {}}};
  std::size_t rows = 0;
  for (const int batch : {0, 1, 2}) {
    std::multiset<std::string> found;
    for (Partition& partition : partitions) {
      Replay(batch + 1, &partition);
      for (const auto& [stored_key, stored_value] : partition.entries) {
        Json made;
        made["key"] = RowBehind(std::string_view("\2\0\0", 3), stored_key, key);
        made["value"] = RowBehind(kVersion, stored_value, value);
        made["partition_id"] = std::stoi(partition.name);
        found.insert(DumpJson(made));
      }
    }
    std::multiset<std::string> sparks;
    for (const Json& row : expected["by_batch"][std::to_string(batch)]["session_state"]) {
      sparks.insert(DumpJson(row));
    }
    EXPECT_EQ(found, sparks) << "batch " << batch;
    rows += found.size();
  }
  EXPECT_EQ(rows, 33u + 40u + 45u);
}

TEST(StateRowCodec, EachEncodingReadsWhatItWrote) {
  const Schema schema = Schema::FromDdl("id STRING,n BIGINT").value();
  const Row row = {"s1", std::int64_t{7}};
  std::string bytes[2];
  for (const StateEncoding encoding : {StateEncoding::kAvro, StateEncoding::kUnsafeRow}) {
    const Codec codec = CodecOf(encoding, schema);
    std::string& made = bytes[encoding == StateEncoding::kAvro ? 0 : 1];
    ASSERT_TRUE(codec.writer.Encode(&row, made).ok());
    Row read;
    ASSERT_TRUE(codec.reader.Decode(made, &read).ok());
    EXPECT_EQ(read, row);
    EXPECT_EQ(codec.reader.Decode(made.substr(1), &read).kind(), ErrorKind::kCorrupt);
  }
  EXPECT_EQ(bytes[0], std::string("\2\4s1\2\16", 6));
  EXPECT_EQ(bytes[1].size(), 32u);
}

}  // namespace
}  // namespace hf
