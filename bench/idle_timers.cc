// SPDX-License-Identifier: Apache-2.0
// Whether timers that are not due cost a batch anything: two queries in one process, the one with many live timers, the
// other with the same keys and none, take turns batch by batch.
//
//   idle_timers TIMERS KEYS_PER_BATCH BATCHES DIRECTORY
//
// Prints one JSON line: the median time of a batch of each, from the look for new rows to the end of the batch.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "answer.h"
#include "collection_rows.h"
#include "generated_source.h"
#include "holdfast/query.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kTimersPerKey = 10;
constexpr std::int64_t kRowsPerFill = 500'000;
constexpr std::chrono::minutes kPatience{2};
constexpr std::int64_t kUnmeasured = 20;  // batches after filling: maintenance settles

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

// Counts the rows of a key; sets a timer for each that asks for one, by amount.
class Toucher final : public ItemProcessor {
 public:
  explicit Toucher(bool sets_timers = false) : sets_timers_(sets_timers) {}
  void Init(hf::StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<std::int64_t>("count"); }
  void HandleInputRows(const std::int64_t&, Items items, const hf::TimerValues&, hf::Output<Told>&) override {
    const std::int64_t* known = count_.Get();
    std::int64_t count = known == nullptr ? 0 : *known;
    for (const Item& item : items) {
      count += 1;
      if (sets_timers_ && item.field != kNoField) {
        GetHandle().RegisterTimer(kFirstTimerMs + item.amount);
      }
    }
    count_.Update(count);
  }

 private:
  bool sets_timers_;
  hf::ValueState<std::int64_t> count_;
};

// Two sides take turns; each turn is one batch.
class Turns {
 public:
  void Await(std::size_t side) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return turn_ == side; })) {
      Die("the other query does not go on");
    }
    begun_ = Clock::now();
  }
  // Returns how long the turn took.
  double Pass(std::size_t side) {
    const std::lock_guard lock(mutex_);
    const double spent_ms = std::chrono::duration<double, std::milli>(Clock::now() - begun_).count();
    turn_ = 1 - side;
    changed_.notify_all();
    return spent_ms;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t turn_ = 0;
  Clock::time_point begun_;
};

struct Sizes {
  std::int64_t timers = 0;
  std::int64_t keys_per_batch = 0;
  std::int64_t batches = 0;

  [[nodiscard]] std::int64_t keys() const { return std::max(keys_per_batch, timers / kTimersPerKey); }
  [[nodiscard]] std::int64_t fills() const { return (keys() * kTimersPerKey + kRowsPerFill - 1) / kRowsPerFill; }
};

// The fills set all timers, key by key; then each batch touches keys that lie anywhere. Event times go on by a
// millisecond a batch, so that the watermark moves and every batch asks what is due.
hf::ColumnBatch Rows(const Sizes& sizes, std::int64_t batch) {
  const hf::TypeLayout& layout = hf::detail::LayoutOf<Item>::Get();
  auto appender = hf::RowAppender::Make(hf::SchemaOf(layout), layout).value();
  Item item = {.at = {(kFirstTimerMs - 1'000'000 + batch) * 1000}};
  const std::int64_t filled = batch - sizes.fills();
  const std::int64_t begin = filled < 0 ? batch * kRowsPerFill : filled * sizes.keys_per_batch;
  const std::int64_t end =
      filled < 0 ? std::min(begin + kRowsPerFill, sizes.keys() * kTimersPerKey) : begin + sizes.keys_per_batch;
  for (std::int64_t i = begin; i < end; ++i) {
    item.id = i;
    item.key = filled < 0 ? i / kTimersPerKey : i * 7919 % sizes.keys();
    item.field = filled < 0 ? 0 : kNoField;
    item.amount = i;
    appender->Append(&item);
  }
  return appender->Finish();
}

hf::Result<std::unique_ptr<hf::StreamingQuery>> Start(const Sizes& sizes, const std::filesystem::path& directory,
                                                      bool sets_timers, GeneratedSource::Asked asked,
                                                      std::function<void(const hf::StreamingQueryProgress&)> ended) {
  return hf::ReadStream(std::make_shared<GeneratedSource>(
                            hf::SchemaOf(hf::detail::LayoutOf<Item>::Get()),
                            sizes.fills() + kUnmeasured + sizes.batches,
                            [sizes](std::int64_t batch) { return Rows(sizes, batch); }, std::move(asked)))
      .WithWatermark("at", "0 seconds")
      .GroupBy("key")
      .TransformWithState(hf::OutputMode::kAppend, hf::TimeMode::kEventTime, Toucher(sets_timers))
      .WriteStream("memory")
      .Option("checkpointLocation", (directory / "checkpoint").string())
      .Conf("spark.sql.shuffle.partitions", "2")
      .Conf("spark.sql.streaming.noDataMicroBatches.enabled", "false")
      .Trigger(hf::AvailableNow())
      .OnProgress(std::move(ended))
      .ForeachBatch([](const hf::ColumnBatch&, std::int64_t) { return hf::Status(); })
      .Start();
}

hf::Status Run(const Sizes& sizes, const std::filesystem::path& directory) {
  Turns turns;
  std::vector<double> spent_ms[2];
  std::vector<std::unique_ptr<hf::StreamingQuery>> queries;
  for (const std::size_t side : {0, 1}) {
    const auto asked = [&turns, side](std::int64_t) { turns.Await(side); };
    const auto ended = [&turns, &spent_ms, &sizes, side](const hf::StreamingQueryProgress& progress) {
      const double spent = turns.Pass(side);
      if (progress.batch_id >= sizes.fills() + kUnmeasured) {
        spent_ms[side].push_back(spent);
      }
    };
    HF_ASSIGN_OR_RETURN(auto query, Start(sizes, directory / std::to_string(side), side == 1, asked, ended));
    queries.push_back(std::move(query));
  }
  HF_RETURN_IF_ERROR(queries[0]->AwaitTermination());
  turns.Pass(0);  // the look that found nothing more
  HF_RETURN_IF_ERROR(queries[1]->AwaitTermination());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < spent_ms[0].size(); ++i) {
    ratios.push_back(spent_ms[1][i] / spent_ms[0][i]);
  }
  fmt::print("{{\"batches\":{},\"none_ms\":{:.3f},\"timers_ms\":{:.3f},\"median_of_ratios\":{:.4f}}}\n",
             spent_ms[0].size(), Median(spent_ms[0]), Median(spent_ms[1]), Median(ratios));
  return {};
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc != 5) {
    bench::Die("usage: idle_timers TIMERS KEYS_PER_BATCH BATCHES DIRECTORY");
  }
  const bench::Sizes sizes = {
      .timers = std::stoll(argv[1]), .keys_per_batch = std::stoll(argv[2]), .batches = std::stoll(argv[3])};
  if (const hf::Status status = bench::Run(sizes, argv[4]); !status.ok()) {
    bench::Die(status.ToString());
  }
  return 0;
}
