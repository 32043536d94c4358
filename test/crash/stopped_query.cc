// SPDX-License-Identifier: Apache-2.0
#include "crash/stopped_query.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>

#include "files/disk_file_system.h"
#include "support/streamshop_query.h"

namespace hf {
namespace {

constexpr int kStartsMax = 12;

}  // namespace

StoppedQuery::StoppedQuery(std::uint64_t seed, int format) : random_(seed), format_(format) {}

void StoppedQuery::SetInput(const std::vector<std::string>& files) {
  DiskFileSystem input(disk_);
  for (const std::string& lines : files) {
    clock_.AdvanceMs(1);
    EXPECT_TRUE(input.PutNew(fmt::format("/events/{}.json", rounds_++), lines).ok());
  }
  EXPECT_TRUE(input.Sync().ok());
}

bool StoppedQuery::StopsAtSink() {
  if (++sink_calls_ == sink_stop_) {
    disk_.StopNow(FaultMode::kLoseBoth, 0);
  }
  return disk_.has_stopped();
}

Status StoppedQuery::Run(DataStreamWriter writer, const Environment& environment) {
  HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), environment));
  return query->AwaitTermination();
}

Status StoppedQuery::StartRound(int round) {
  const Environment environment = {
      .files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_};
  HF_ASSIGN_OR_RETURN(ResultStream results, Query(fmt::format("[0-{}].json", round), environment));
  auto sink = std::make_shared<StandInSink>(table_, [this](std::int64_t) { return StopsAtSink(); });
  auto writer = test::OnCheckpoint(std::move(results).WriteStream(sink), scratch_.path(), "2", "3");
  return Run(std::move(writer).Conf("spark.sql.streaming.stateStore.checkpointFormatVersion", std::to_string(format_)),
             environment);
}

Status StoppedQuery::RunRound(int round) {
  Status last;
  for (int start = 0; start < kStartsMax; ++start) {
    last = StartRound(round);
    if (last.ok()) {
      return last;
    }
    if (disk_.has_stopped()) {
      disk_.Restart();
    } else {  // the process has ended, and the machine goes on
      disk_.FreeSpace();
    }
  }
  return last;
}

Status StoppedQuery::RunToEnd() {
  for (int round = 0; round < rounds_; ++round) {
    HF_RETURN_IF_ERROR(RunRound(round));
  }
  return Status();
}

// A look is not to meet the fault: it is taken into a copy.
void StoppedQuery::AddState(std::multiset<std::string>* rows) const {
  Environment environment = ProcessEnvironment();  // whose random names of scratch directories nobody else has
  SimulatedDisk copy(*environment.clock);
  environment.files = std::make_shared<DiskFileSystem>(copy);
  for (const auto& [path, bytes] : disk_.Files()) {
    if (path.starts_with(kCheckpoint) && path.find("/.") == std::string::npos) {
      EXPECT_TRUE(environment.files->PutNew(path, bytes).ok());
    }
  }
  for (const StateReadOptions& look : Looks()) {
    const auto visit = [&](const ColumnBatch& batch) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows->insert(fmt::format("state {}/{}: {}", look.operator_id, look.timers ? "timers" : look.variable,
                                 ToJson(batch.RowAt(row), batch.schema())));
      }
      return Status();
    };
    const Status read = ReadState(std::string(kCheckpoint), look, visit, environment);
    EXPECT_TRUE(read.ok()) << read.ToString();
  }
}

std::multiset<std::string> StoppedQuery::Rows() const {
  std::multiset<std::string> rows;
  for (const auto& [batch, texts] : table_.committed) {
    rows.insert(fmt::format("batch {}: {} rows", batch, texts.size()));
    for (const std::string& text : texts) {
      rows.insert(fmt::format("batch {}: {}", batch, text));
    }
  }
  AddState(&rows);
  return rows;
}

}  // namespace hf
