// SPDX-License-Identifier: Apache-2.0
#include "examples/example_query.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/progress.h"
#include "query/environment.h"

namespace hf::test {

ExampleQuery::ExampleQuery(unsigned seed) : dice_(seed) {
  conf_ = {
      {"spark.sql.shuffle.partitions", fmt::format("{}", 1 + dice_() % 3)},
      {"spark.sql.streaming.stateStore.minDeltasForSnapshot", fmt::format("{}", 2 + dice_() % 6)},
      {"spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", dice_() % 4 == 0 ? "false" : "true"},
      {"spark.sql.streaming.stateStore.checkpointFormatVersion", dice_() % 3 == 0 ? "2" : "1"},
      {"holdfast.changelog.everyOperation", dice_() % 2 == 0 ? "true" : "false"},
      {"holdfast.threads", "1"},
      {"holdfast.state.scratchDirectory", scratch_.path()}};
}

std::string ExampleQuery::Directory(int input) { return fmt::format("/events/{}", input); }

Status ExampleQuery::Run(const std::function<ResultStream()>& stream, const std::vector<Arrival>& arrivals) {
  const Arrival* const end = arrivals.data() + arrivals.size();
  for (const Arrival* begin = arrivals.data(); begin != end;) {
    const Arrival* const next = begin + std::min<std::ptrdiff_t>(end - begin, 1 + dice_() % 5);
    HF_RETURN_IF_ERROR(Start(stream(), begin, next));
    begin = next;
  }
  return Status();
}

Status ExampleQuery::RunAt(const std::function<ResultStream()>& stream, std::int64_t at_ms) {
  clock_.SetUs(at_ms * 1000);
  return Start(stream(), nullptr, nullptr);
}

Status ExampleQuery::Start(ResultStream stream, const Arrival* begin, const Arrival* end) {
  for (const Arrival* arrival = begin; arrival != end; ++arrival) {
    for (std::size_t input = 0; input < arrival->lines_by_input.size(); ++input) {
      HF_RETURN_IF_ERROR(input_.PutNew(fmt::format("{}/{:06}.json", Directory(static_cast<int>(input)), files_added_),
                                       arrival->lines_by_input[input]));
    }
    ++files_added_;
  }
  if (begin != end) {
    clock_.SetUs(begin->at_ms * 1000);
  }
  auto writer = std::move(stream)
                    .WriteStream("json")
                    .ForeachBatch([this](const ColumnBatch& rows, std::int64_t) {
                      batches_.push_back(rows);
                      return Status();
                    })
                    .Option("checkpointLocation", "/checkpoint")
                    .OnProgress([this, next = begin, end](const StreamingQueryProgress& progress) mutable {
                      const Json json = ParseJson(progress.json).value();
                      dropped_rows_ += json["stateOperators"][0]["numRowsDroppedByWatermark"].get<std::int64_t>();
                      batches_without_rows_ += progress.num_input_rows == 0 ? 1 : 0;
                      if (next != end && ++next != end) {
                        clock_.SetUs(next->at_ms * 1000);
                      }
                    })
                    .Trigger(AvailableNow());
  for (const auto& [key, value] : conf_) {
    writer = std::move(writer).Conf(key, value);
  }
  HF_ASSIGN_OR_RETURN(
      const auto query,
      StartQuery(writer.description(),
                 {.files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_}));
  return query->AwaitTermination();
}

std::string TimeText(std::int64_t since_begin_us) {
  const std::int64_t us = ExampleQuery::kBeginMs * 1000 + since_begin_us;
  std::string text = IsoMillis(us / 1000);
  return fmt::format("{}{:03}Z", text.substr(0, text.size() - 1), us % 1000);
}

}  // namespace hf::test
