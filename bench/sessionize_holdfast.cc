// SPDX-License-Identifier: Apache-2.0
// Version 1 of the StreamShop sessionizer with every guarantee on: a durable changelog at each batch, every due
// snapshot, exactly-once Delta output. The public API and nothing else.
//
//   sessionize_holdfast run EVENTS_DIRECTORY WORK_DIRECTORY   the measured run
//   sessionize_holdfast answer WORK_DIRECTORY                 reads its result back from the table and the checkpoint
#include <filesystem>
#include <fstream>
#include <string>

#include "answer.h"
#include "holdfast/query.h"
#include "holdfast/sql.h"
#include "holdfast/state_reader.h"
#include "sessionization/streamshop.h"
#include "sync_count.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

std::string Checkpoint(const fs::path& work) { return (work / "checkpoint").string(); }
std::string Table(const fs::path& work) { return (work / "table").string(); }

hf::Status Run(const std::string& events, const fs::path& work) {
  std::int64_t batches = 0;
  std::int64_t events_read = 0;
  std::ofstream progress_lines(work.string() + ".progress");
  HF_ASSIGN_OR_RETURN(const auto query,
                      hf::ReadStream("parquet")
                          .Schema<streamshop::ClickV1>()
                          .Option("maxFilesPerTrigger", "1")
                          .Load(events)
                          .GroupBy("session_id")
                          .TransformWithState<streamshop::SessionizerV1>(hf::OutputMode::kAppend, hf::TimeMode::kNone)
                          .WriteStream("delta")
                          .Option("checkpointLocation", Checkpoint(work))
                          .Conf("spark.sql.shuffle.partitions", "2")
                          .Conf("spark.sql.streaming.stateStore.providerClass",
                                "com.databricks.sql.streaming.state.RocksDBStateStoreProvider")
                          .Conf("spark.sql.streaming.stateStore.encodingFormat", "avro")
                          .Conf("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true")
                          .Trigger(hf::AvailableNow())
                          .OnProgress([&](const hf::StreamingQueryProgress& progress) {
                            ++batches;
                            events_read += progress.num_input_rows;
                            progress_lines << progress.json << "\n";
                          })
                          .Start(Table(work)));
  HF_RETURN_IF_ERROR(query->AwaitTermination());
  fmt::print("{{\"batches\":{},\"events_read\":{},\"syncs\":{}}}\n", batches, events_read, SyncCount());
  return hf::Status();
}

struct Written {
  std::int64_t files = 0;
  std::uintmax_t bytes = 0;
};

Written FilesEndingWith(const fs::path& directory, const std::string& extension) {
  Written written;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const fs::path& path = entry.path();
    if (entry.is_regular_file() && path.extension() == extension && path.filename().string().front() != '.') {
      written.files += 1;
      written.bytes += entry.file_size();
    }
  }
  return written;
}

hf::Status ReadAnswer(const fs::path& work) {
  Answer answer;
  HF_ASSIGN_OR_RETURN(const auto sql, hf::SqlSession::Open());
  HF_RETURN_IF_ERROR(sql->CreateTableFromDelta("sessions", Table(work)));
  HF_ASSIGN_OR_RETURN(const hf::ColumnBatch sums,
                      sql->Query("SELECT count(*)::BIGINT AS ended, coalesce(sum(event_count), 0)::BIGINT AS events, "
                                 "coalesce(sum(total_revenue), 0)::DOUBLE AS revenue FROM sessions"));
  answer.rows = sums.column(0).Fixed<std::int64_t>(0);
  answer.sum_event_count = sums.column(1).Fixed<std::int64_t>(0);
  answer.revenue = sums.column(2).Fixed<double>(0);
  HF_ASSIGN_OR_RETURN(const auto counts, hf::CountValuesBySchema(Checkpoint(work), {.variable = "session_state"}));
  for (const auto& [schema_id, values] : counts) {
    answer.live_keys += values;
  }
  const fs::path checkpoint = Checkpoint(work);
  const Written changelogs = FilesEndingWith(checkpoint, ".changelog");
  const Written snapshots = FilesEndingWith(checkpoint, ".zip");
  const Written ssts = FilesEndingWith(checkpoint, ".sst");
  const Written table = FilesEndingWith(Table(work), ".parquet");
  const std::string bytes = fmt::format("{{\"changelog\":{},\"sst\":{},\"snapshot_zip\":{},\"table\":{}}}",
                                        changelogs.bytes, ssts.bytes, snapshots.bytes, table.bytes);
  PrintAnswer(answer, fmt::format("\"snapshots\":{},\"bytes\":{}", snapshots.files, bytes));
  return hf::Status();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  hf::Status status;
  if (verb == "run" && argc == 4) {
    status = bench::Run(argv[2], argv[3]);
  } else if (verb == "answer" && argc == 3) {
    status = bench::ReadAnswer(argv[2]);
  } else {
    bench::Die("usage: sessionize_holdfast run EVENTS_DIRECTORY WORK_DIRECTORY | answer WORK_DIRECTORY");
  }
  if (!status.ok()) {
    bench::Die(status.ToString());
  }
  return 0;
}
