// SPDX-License-Identifier: Apache-2.0
#include "scenarios/event_time_query.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "engine/progress.h"

namespace hf {
namespace {

struct In {
  std::string key;
  std::optional<Timestamp> at;
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(In, key, at, n);

struct Out {
  std::string key;
  std::int64_t total = 0;
  std::int64_t watermark_ms = 0;
  std::int64_t processing_time_ms = 0;
};
HOLDFAST_STRUCT(Out, key, total, watermark_ms, processing_time_ms);

class Summing final : public StatefulProcessor<std::string, In, Out> {
 public:
  Summing(std::shared_ptr<const bool> failing, TimeMode time_mode)
      : failing_(std::move(failing)), time_mode_(time_mode) {}
  void Init(StatefulProcessorHandle& handle) override { total_ = handle.GetValueState<std::int64_t>("total"); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues& clocks, Output<Out>& out) override {
    if (*failing_) {
      throw std::runtime_error("this processor is to fail");
    }
    std::int64_t total = total_.Get() != nullptr ? *total_.Get() : 0;
    for (const In& row : rows) {
      total += std::max<std::int64_t>(row.n, 0);
      if (row.n < 0) {
        GetHandle().RegisterTimer(Now(clocks) - row.n);
      }
    }
    total_.Update(total);
    out.Emit({key, total, clocks.current_watermark_ms, clocks.current_processing_time_ms});
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues& clocks, const ExpiredTimerInfo&,
                          Output<Out>& out) override {
    out.Emit({key + "!", *total_.Get(), clocks.current_watermark_ms, clocks.current_processing_time_ms});
  }

 private:
  [[nodiscard]] std::int64_t Now(const TimerValues& clocks) const {
    return time_mode_ == TimeMode::kEventTime ? clocks.current_watermark_ms : clocks.current_processing_time_ms;
  }

  std::shared_ptr<const bool> failing_;
  TimeMode time_mode_;
  ValueState<std::int64_t> total_;
};

std::string SinceBegin(const Json& ms) {
  const auto value = ms.get<std::int64_t>();
  return value == 0 ? "0" : fmt::format("{}", static_cast<double>(value - EventTimeQuery::kBegin) / 1000.0);
}

}  // namespace

DataStream EventTimeQuery::Events(const std::string& directory) {
  return ReadStream("json").Schema<In>().Option("maxFilesPerTrigger", "1").Load(directory);
}

void EventTimeQuery::Add(const std::vector<Event>& events, const std::string& directory) {
  std::string text;
  for (const Event& event : events) {
    const std::string at = event.at_ms.has_value() ? fmt::format("\"{}\"", IsoMillis(*event.at_ms)) : "null";
    text += fmt::format("{{\"key\":\"{}\",\"at\":{},\"n\":{}}}\n", event.key, at, event.n);
  }
  clock_.AdvanceMs(1);
  ASSERT_TRUE(input_.PutNew(fmt::format("{}/{:06}.json", directory, files_added_++), text).ok());
}

Result<std::unique_ptr<StreamingQuery>> EventTimeQuery::Start(DataStream stream, TimeMode time_mode, Trigger trigger) {
  auto writer =
      std::move(stream)
          .GroupBy("key")
          .TransformWithState(OutputMode::kAppend, time_mode, Summing(failing_, time_mode))
          .WriteStream("json")
          .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
            for (std::int64_t i = 0; i < rows.rows(); ++i) {
              sums_.push_back({batch, std::get<std::string>(rows.At(0, i)), std::get<std::int64_t>(rows.At(1, i)),
                               std::get<std::int64_t>(rows.At(2, i)), std::get<std::int64_t>(rows.At(3, i))});
            }
            return Status();
          })
          .Option("checkpointLocation", "/checkpoint")
          .Conf("spark.sql.shuffle.partitions", "2")
          .Conf("holdfast.threads", "1")
          .Conf("holdfast.state.scratchDirectory", scratch_.path())
          .OnProgress([this](const StreamingQueryProgress& progress) {
            progress_.push_back(ParseJson(progress.json).value());
            clock_.AdvanceMs(100);
          })
          .Trigger(trigger);
  for (const auto& [key, value] : conf_) {
    writer = std::move(writer).Conf(key, value);
  }
  return StartQuery(writer.description(),
                    {.files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_});
}

Status EventTimeQuery::Run(DataStream stream, TimeMode time_mode, Trigger trigger) {
  HF_ASSIGN_OR_RETURN(const auto query, Start(std::move(stream), time_mode, trigger));
  return query->AwaitTermination();
}

std::map<std::string, std::int64_t> EventTimeQuery::LastTotals() const {
  std::map<std::string, std::int64_t> totals;
  for (const Sum& sum : sums_) {
    totals[sum.key] = sum.total;
  }
  return totals;
}

std::vector<std::int64_t> EventTimeQuery::Dropped() const {
  std::vector<std::int64_t> dropped;
  for (const Json& progress : progress_) {
    dropped.push_back(progress["stateOperators"][0]["numRowsDroppedByWatermark"].get<std::int64_t>());
  }
  return dropped;
}

std::int64_t EventTimeQuery::DroppedInAll() const {
  const std::vector<std::int64_t> dropped = Dropped();
  return std::accumulate(dropped.begin(), dropped.end(), std::int64_t{0});
}

std::map<std::string, std::string> EventTimeQuery::CheckpointFiles() const {
  std::map<std::string, std::string> files = disk_.Files();
  std::erase_if(files, [](const auto& file) { return !file.first.starts_with("/checkpoint/"); });
  return files;
}

std::vector<std::string> EventTimeQuery::LoggedWatermarks() const {
  const auto files = disk_.Files();
  std::vector<std::string> logged;
  for (int batch = 0; files.contains(fmt::format("/checkpoint/offsets/{}", batch)); ++batch) {
    const auto json_line = [&files, batch](const char* log) {
      const auto file = files.find(fmt::format("/checkpoint/{}/{}", log, batch));
      const std::string text = file == files.end() ? std::string() : file->second;
      const std::size_t begin = text.find('{');
      return begin == std::string::npos ? Json()
                                        : ParseJson(text.substr(begin, text.find('\n', begin) - begin)).value();
    };
    const Json promised = json_line("offsets");
    const Json proven = json_line("commits");
    logged.push_back(fmt::format("{}>{}", SinceBegin(promised["batchWatermarkMs"]),
                                 proven.is_null() ? "" : SinceBegin(proven["nextBatchWatermarkMs"])));
  }
  return logged;
}

}  // namespace hf
