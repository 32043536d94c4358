// SPDX-License-Identifier: Apache-2.0
// Lists, maps, timers and TTL as whole queries: changelogs durable at each batch, exactly-once Parquet output.
//
//   collections_holdfast make ROWS DIRECTORY        ROWS rows in ten Parquet files, one more row in tail.parquet
//   collections_holdfast run JOB WORK [TTL_MS]      runs JOB over what is in WORK/input; a JSON array of its progress
//   collections_holdfast answer JOB WORK            what WORK/table and WORK/checkpoint say, of whatever system
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "answer.h"
#include "collection_rows.h"
#include "holdfast/query.h"
#include "holdfast/sql.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFiles = 10;

hf::Status Make(std::int64_t rows, const fs::path& directory) {
  // The columns of Item. A file has half of the keys, each twice, scattered, and no entry of a map twice: Spark hands
  // the rows of a key to its processor in no certain order.
  constexpr std::string_view kRows = R"(
COPY (SELECT i AS id, (i // 2 * 48271) % {keys} AS key, (i % 2 + 2 * ({file} % 5))::INT AS field, i AS amount,
             to_timestamp(1767225600 + (i % 1000) / 1000.0) AS at
      FROM range({begin}, {end}) AS generated(i)) TO '{path}' (FORMAT parquet))";
  constexpr std::string_view kTail = R"(
COPY (SELECT -1::BIGINT AS id, -1::BIGINT AS key, -1::INT AS field, -1::BIGINT AS amount,
             to_timestamp(1767225600 + 365 * 86400) AS at) TO '{path}' (FORMAT parquet))";
  fs::create_directories(directory);
  HF_ASSIGN_OR_RETURN(const auto sql, hf::SqlSession::Open());
  for (std::int64_t file = 0; file < kFiles; ++file) {
    const std::string path = (directory / fmt::format("rows-{:02}.parquet", file)).string();
    HF_RETURN_IF_ERROR(sql->Query(fmt::format(kRows, fmt::arg("keys", std::max<std::int64_t>(1, rows / 10)),
                                              fmt::arg("file", file), fmt::arg("begin", rows * file / kFiles),
                                              fmt::arg("end", rows * (file + 1) / kFiles), fmt::arg("path", path)))
                           .status());
  }
  HF_RETURN_IF_ERROR(sql->Query(fmt::format(kTail, fmt::arg("path", (directory / "tail.parquet").string()))).status());
  fmt::print("{{\"files\":{}}}\n", kFiles + 1);
  return hf::Status();
}

template <typename Processor>
hf::Status RunQuery(const fs::path& work, const std::string& key, hf::TimeMode mode, Processor processor) {
  hf::DataStream rows =
      hf::ReadStream("parquet").Schema<Item>().Option("maxFilesPerTrigger", "1").Load((work / "input").string());
  if (mode == hf::TimeMode::kEventTime) {
    rows = std::move(rows).WithWatermark("at", "10 seconds");
  }
  std::string progress;
  HF_ASSIGN_OR_RETURN(
      const auto query,
      std::move(rows)
          .GroupBy(key)
          .TransformWithState(hf::OutputMode::kAppend, mode, std::move(processor))
          .WriteStream("parquet")
          .Option("checkpointLocation", (work / "checkpoint").string())
          .Conf("spark.sql.shuffle.partitions", "2")
          .Conf("spark.sql.streaming.stateStore.providerClass",
                "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
          .Conf("spark.sql.streaming.stateStore.encodingFormat", "avro")
          .Conf("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true")
          // With processing time Spark would run batches without rows for ever.
          .Conf("spark.sql.streaming.noDataMicroBatches.enabled", mode == hf::TimeMode::kEventTime ? "true" : "false")
          .Trigger(hf::AvailableNow())
          .OnProgress(
              [&](const hf::StreamingQueryProgress& batch) { progress += (progress.empty() ? "" : ",") + batch.json; })
          .Start((work / "table").string()));
  HF_RETURN_IF_ERROR(query->AwaitTermination());
  fmt::print("[{}]\n", progress);
  return hf::Status();
}

hf::Status Run(const std::string& job, const fs::path& work, std::int64_t ttl_ms) {
  if (job == "list") {
    return RunQuery(work, "key", hf::TimeMode::kNone, ListAppender());
  }
  if (job == "map") {
    return RunQuery(work, "key", hf::TimeMode::kNone, MapUpdater());
  }
  if (job == "timers") {
    return RunQuery(work, "key", hf::TimeMode::kEventTime, TimerSetter());
  }
  return RunQuery(work, "id", hf::TimeMode::kProcessingTime, ExpiringWriter(std::chrono::milliseconds(ttl_ms)));
}

// What is left in state: how many rows, and a number that depends on each of them.
std::string StateQuery(const std::string& job, const std::string& checkpoint) {
  const std::string from = fmt::format("FROM read_statestore('{}'", checkpoint);
  if (job == "list") {
    return fmt::format("SELECT count(*), sum(hash(list_element.value) % 1000003) {}, stateVarName => 'amounts')", from);
  }
  if (job == "map") {
    return fmt::format(
        "SELECT count(*), sum(hash(user_map_key.value, user_map_value.value) % 1000003) "
        "{}, stateVarName => 'amounts')",
        from);
  }
  if (job == "timers") {
    return fmt::format("SELECT count(*), 0 {}, readRegisteredTimers => true)", from);
  }
  return fmt::format("SELECT count(*), 0 {}, stateVarName => 'amount')", from);
}

hf::Status ReadAnswer(const std::string& job, const fs::path& work) {
  HF_ASSIGN_OR_RETURN(const auto sql, hf::SqlSession::Open());
  const std::string emitted = fmt::format("SELECT count(*), sum(hash(key, number) % 1000003) FROM read_parquet('{}')",
                                          (work / "table" / "*.parquet").string());
  std::string numbers;
  for (const std::string& query : {emitted, StateQuery(job, (work / "checkpoint").string())}) {
    HF_ASSIGN_OR_RETURN(
        const hf::ColumnBatch answer,
        sql->Query(fmt::format("SELECT a::BIGINT, coalesce(b, 0)::BIGINT FROM ({}) AS t(a, b)", query)));
    for (const std::size_t column : {0, 1}) {
      numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", answer.column(column).Fixed<std::int64_t>(0));
    }
  }
  fmt::print("[{}]\n", numbers);
  return hf::Status();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  hf::Status status;
  if (verb == "make" && words.size() == 3) {
    status = bench::Make(std::stoll(words[1]), words[2]);
  } else if (verb == "run" && (words.size() == 3 || words.size() == 4)) {
    status = bench::Run(words[1], words[2], words.size() == 4 ? std::stoll(words[3]) : 0);
  } else if (verb == "answer" && words.size() == 3) {
    status = bench::ReadAnswer(words[1], words[2]);
  } else {
    bench::Die("usage: see the head of collections_holdfast.cc");
  }
  if (!status.ok()) {
    bench::Die(status.ToString());
  }
  return 0;
}
