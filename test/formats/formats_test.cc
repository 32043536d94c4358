// SPDX-License-Identifier: Apache-2.0
// Makes the examples of docs/formats: the checkpoint of a query that saw one click with version 1 of the StreamShop
// processor and one with version 2.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>

#include "codec/avro/range_key.h"
#include "codec/unsafe_row/unsafe_range_key.h"
#include "codec/unsafe_row/unsafe_row_writer.h"
#include "connect/file/sink_log.h"
#include "files/disk_file_system.h"
#include "files/hadoop_checksum.h"
#include "files/simulated_disk.h"
#include "formats/example_blocks.h"
#include "query/environment.h"
#include "sessionization/streamshop.h"
#include "state/changelog.h"
#include "state/snapshot.h"
#include "support/temp_dir.h"

namespace hf::test {
namespace {

class OneSession {
 public:
  OneSession() : clock_(1'767'225'600'000'000), random_(1), disk_(clock_) {
    const std::string click =
        R"({"session_id":"s1","user_id":"u1","event_type":"view","revenue":12.5,"event_timestamp":"2026-01-01T00:00:00Z")";
    Put("/events/v1-0.json", click + "}\n");
    Run<streamshop::SessionizerV1, streamshop::ClickV1>();
    Put("/events/v2-0.json", click + R"(,"device_type":"web","page_category":"home"})" + "\n");
    Run<streamshop::SessionizerV2, streamshop::ClickV2>();
    files_ = disk_.Files();
  }

  // The file at a path below the checkpoint.
  [[nodiscard]] std::string File(const std::string& path) const {
    const auto found = files_.find("/checkpoint/" + path);
    EXPECT_NE(found, files_.end()) << path;
    return found == files_.end() ? std::string() : found->second;
  }
  // The first file below a directory of the checkpoint whose name begins so; `name` gets the name.
  [[nodiscard]] std::string FileLike(const std::string& directory, const std::string& prefix, std::string* name) const {
    const std::string begin = "/checkpoint/" + directory + "/" + prefix;
    const auto found = files_.lower_bound(begin);
    EXPECT_TRUE(found != files_.end() && found->first.starts_with(begin)) << begin;
    *name = NameOf(found->first);
    return found->second;
  }
  [[nodiscard]] Changelog ReadVersion(int version) const {
    auto changelog = ReadChangelog(File(fmt::format("state/0/0/{}.changelog", version)), CompressionCodec::kLz4);
    EXPECT_TRUE(changelog.ok()) << changelog.status().ToString();
    return changelog.ok() ? std::move(*changelog) : Changelog();
  }

 private:
  void Put(const std::string& path, const std::string& content) {
    DiskFileSystem files(disk_);
    EXPECT_TRUE(files.PutNew(path, content).ok());
    clock_.AdvanceMs(1000);
  }
  template <typename Processor, typename Click>
  void Run() {
    auto writer = ReadStream("json")
                      .Schema<Click>()
                      .Load("/events")
                      .GroupBy("session_id")
                      .template TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone)
                      .WriteStream("foreachBatch")
                      .Option("checkpointLocation", "/checkpoint")
                      .Conf("spark.sql.shuffle.partitions", "1")
                      .Conf("holdfast.threads", "1")
                      .Conf("holdfast.state.scratchDirectory", scratch_.path())
                      .Trigger(AvailableNow())
                      .ForeachBatch([](const ColumnBatch&, std::int64_t) { return Status(); });
    auto query = StartQuery(writer.description(),
                            {.files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_});
    ASSERT_TRUE(query.ok()) << query.status().ToString();
    const Status ended = (*query)->AwaitTermination();
    ASSERT_TRUE(ended.ok()) << ended.ToString();
    clock_.AdvanceMs(1000);
  }

  ManualClock clock_;
  SeededRandom random_;
  SimulatedDisk disk_;
  TempDir scratch_;
  std::map<std::string, std::string> files_;
};

const OneSession& TheSession() {
  static const OneSession session;
  return session;
}

std::string WithoutUuids(const std::string& text) {
  static const std::regex uuid("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  return std::regex_replace(text, uuid, "<uuid>");
}

// The settings of an offset log are many and the same everywhere: most are left out of the example.
std::string WithFewSettings(const std::string& text) {
  const std::size_t conf = text.find("\"conf\":{");
  const std::size_t partitions = text.find("\"spark.sql.shuffle.partitions\"");
  const std::size_t after = text.find(',', partitions);
  const std::size_t end = text.find("}}", conf);
  EXPECT_TRUE(conf < partitions && partitions < after && after < end) << text;
  return text.substr(0, conf + 8) + "...," + text.substr(partitions, after - partitions) + ",..." + text.substr(end);
}

TEST(Formats, StateKey) {
  const Changelog changelog = TheSession().ReadVersion(1);
  ASSERT_EQ(changelog.offsets.size(), 1U);
  CheckExample("state_key.md", "key",
               Annotated(changelog.record(0).key, {{2, "column family 2, session_state: int16, little-endian"},
                                                   {1, "version of the encoding: 0"},
                                                   {2, "schema id of the key: int16, little-endian"},
                                                   {1, "session_id: branch 1 of the union, not null"},
                                                   {1, "2 bytes of text: zigzag varint"},
                                                   {2, "\"s1\""}}));
  std::string range;
  AppendRangeLong(-2, range);
  CheckExample("state_key.md", "range",
               Annotated(range, {{2, "marker: present, 1 byte"},
                                 {1, "0 = negative (1 = zero or more, 2 = null)"},
                                 {2, "value: present, 8 bytes"},
                                 {8, "-2 as int64, big-endian"}}));
}

TEST(Formats, StateValue) {
  const std::vector<Piece> version_1 = {{1, "version of the encoding: 0"},
                                        {2, "schema id of the value: int16, little-endian"},
                                        {4, "session_id: present, 2 bytes, \"s1\""},
                                        {4, "user_id: present, 2 bytes, \"u1\""},
                                        {2, "event_count: present, 1 as zigzag varint"},
                                        {9, "total_revenue: present, 12.5 as little-endian double"},
                                        {9, "session_start: present, microseconds as zigzag varint"}};
  CheckExample("state_value.md", "first", Annotated(TheSession().ReadVersion(1).record(0).value, version_1));
  const Changelog second = TheSession().ReadVersion(2);
  ASSERT_EQ(second.offsets.size(), 2U);
  std::vector<Piece> version_2 = version_1;
  version_2[1].meaning += ": now 1";
  version_2[4].meaning = "event_count: present, 2 - a long has the same bytes as an int";
  version_2[5].meaning = "total_revenue: present, 25.0";
  version_2.push_back({5, "device_type: present, 3 bytes, \"web\""});
  version_2.push_back({6, "page_category: present, 4 bytes, \"home\""});
  CheckExample("state_value.md", "evolved", Annotated(second.record(0).value, version_2));
}

TEST(Formats, UnsafeRow) {
  const Schema schema = *Schema::FromDdl("session_id STRING,event_count INT,category STRING,total_revenue DOUBLE");
  const auto layout = RowLayout(schema);
  const auto writer = UnsafeRowWriter::Compile(schema, *layout);
  ASSERT_TRUE(writer.ok());
  const Row row = {"s0013", std::int32_t{7}, Value(), 12.5};
  std::string bytes;
  ASSERT_TRUE(writer->Encode(&row, bytes).ok());
  CheckExample("unsafe_row.md", "row",
               Annotated(bytes, {{8, "null bits: category, field 2"},
                                 {4, "session_id: 5 bytes: int32, little-endian"},
                                 {4, "at byte 40 of the row"},
                                 {8, "event_count: 7"},
                                 {8, "category: null"},
                                 {8, "total_revenue: 12.5"},
                                 {8, "\"s0013\", filled up"}}));
  std::string range;
  AppendUnsafeRangeLong(-2, range);
  CheckExample("unsafe_row.md", "range",
               Annotated(range, {{8, "no null"},
                                 {4, "9 bytes"},
                                 {4, "at byte 16"},
                                 {1, "0 = negative (1 = zero or more, 2 = null)"},
                                 {8, "-2 as int64, big-endian"},
                                 {7, "filled up"}}));
}

TEST(Formats, Changelog) {
  const Changelog changelog = TheSession().ReadVersion(1);
  const ChangelogRecord record = changelog.record(0);
  CheckExample("changelog.md", "content",
               Annotated(changelog.content, {{4, "header: Java UTF \"v2\""},
                                             {1, "put (10 = delete, 11 = merge)"},
                                             {4, "size of the key: int32, big-endian"},
                                             {record.key.size(), "key"},
                                             {4, "size of the value"},
                                             {record.value.size(), "value"},
                                             {1, "end of the file"}}));
  const std::string file = TheSession().File("state/0/0/1.changelog");
  CheckExample("changelog.md", "file",
               Annotated(file, {{8, "\"LZ4Block\""},
                                {1, "2 = LZ4 (1 = stored as it is), 5 = blocks of 32 KiB"},
                                {4, "compressed size: int32, little-endian"},
                                {4, "size of the content"},
                                {4, "xxHash32 of the content, without its top four bits"},
                                {file.size() - 42, "the block"},
                                {8, "\"LZ4Block\""},
                                {1, "the end frame"},
                                {12, "no bytes, no checksum"}}));
}

TEST(Formats, Snapshot) {
  const auto snapshot = DecodeSnapshotZip(TheSession().File("state/0/0/2.zip"));
  ASSERT_TRUE(snapshot.ok());
  // Sizes and numbers of tables are RocksDB's business, which differ from one of its versions to the next.
  SnapshotMetadata metadata = snapshot->metadata;
  ASSERT_FALSE(metadata.ssts.empty());
  metadata.ssts = {{.local_name = "000008.sst", .dfs_name = metadata.ssts.front().dfs_name, .size_bytes = 1726}};
  CheckExample("snapshot.md", "metadata", WithoutUuids(EncodeSnapshotMetadata(metadata)));
}

TEST(Formats, StateSchemaFile) {
  std::string name;
  const std::string file = TheSession().FileLike("state/0/_stateSchema/default", "0_", &name);
  const std::string key = R"({"type":"struct","fields":[{"name":"session_id",)";
  const std::size_t key_json = file.find(key);
  ASSERT_NE(key_json, std::string::npos);
  CheckExample("state_schema_file.md", "start",
               Annotated(file.substr(0, key_json + 20), {{4, "Java UTF \"v3\""},
                                                         {4, "column families: int32, big-endian"},
                                                         {15, "Java UTF \"session_state\", its name"},
                                                         {2, "schema id of the key: int16, big-endian"},
                                                         {4, "the key's schema has 1 chunk"},
                                                         {2, "of so many bytes: uint16, big-endian"},
                                                         {20, "of JSON: {\"type\":\"struct\",\"f..."}}));
  CheckExample("state_schema_file.md", "name", WithoutUuids(name));
}

TEST(Formats, LogsOfTheQuery) {
  CheckExample("offset_log.md", "entry", WithFewSettings(TheSession().File("offsets/1")));
  CheckExample("commit_log.md", "entry", TheSession().File("commits/1"));
  CheckExample("query_metadata.md", "file", WithoutUuids(TheSession().File("metadata")));
  CheckExample("operator_metadata.md", "file", WithoutUuids(TheSession().File("state/0/_metadata/v2/1")));
}

TEST(Formats, LogsOfFiles) {
  CheckExample("file_source_log.md", "entry", TheSession().File("sources/0/1"));
  ManualClock clock(1'767'225'600'000'000);
  SimulatedDisk disk(clock);
  DiskFileSystem files(disk);
  auto log = SinkLog::Open(files, "/out");
  ASSERT_TRUE(log.ok());
  ASSERT_TRUE(log->Add(0, {{.path = "/out/part-00000.json", .size_bytes = 695, .modified_ms = 1767225600000}}).ok());
  CheckExample("sink_log.md", "entry", disk.Files().at("/out/_spark_metadata/0"));
}

TEST(Formats, ChecksumFile) {
  const std::string file = TheSession().File("commits/.0.crc");
  EXPECT_EQ(file, HadoopChecksumOf(TheSession().File("commits/0")));
  CheckExample("checksum_files.md", "file",
               Annotated(file, {{4, "\"crc\" and a zero"},
                                {4, "chunk size 512: int32, big-endian"},
                                {4, "CRC-32 of the first chunk, big-endian; one for each chunk"}}));
}

}  // namespace
}  // namespace hf::test
