// SPDX-License-Identifier: Apache-2.0
// How long a row takes from the push into a memory stream to the sink, under the real-time trigger:
//   low_latency ROWS_PER_SECOND SECONDS BATCH_MS CHECKPOINT
// One thread pushes single rows at an even pace, each with the time at which it is pushed; a processor counts its key
// (of 10,000) in a value variable and passes it on. The first second does not count. Prints one line of JSON.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "holdfast/memory_stream.h"
#include "holdfast/query.h"

namespace {

struct Ping {
  std::int64_t key = 0;
  std::int64_t pushed_ns = 0;
};
HOLDFAST_STRUCT(Ping, key, pushed_ns);

std::int64_t NowNs() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

class Counting final : public hf::StatefulProcessor<std::int64_t, Ping, Ping> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override { count_ = handle.GetValueState<std::int64_t>("count"); }
  void HandleInputRows(const std::int64_t&, hf::RowsOf<Ping> rows, const hf::TimerValues&,
                       hf::Output<Ping>& out) override {
    std::int64_t count = count_.Get() != nullptr ? *count_.Get() : 0;
    for (const Ping& row : rows) {
      ++count;
      out.Emit(row);
    }
    count_.Update(count);
  }

 private:
  hf::ValueState<std::int64_t> count_;
};

double Quantile(const std::vector<std::int64_t>& sorted_ns, double quantile) {
  const auto at = static_cast<std::size_t>(quantile * static_cast<double>(sorted_ns.size() - 1));
  return static_cast<double>(sorted_ns[at]) / 1e6;
}

int Run(std::int64_t rows_per_second, std::int64_t seconds, std::int64_t batch_ms, const std::string& checkpoint) {
  const auto stream = hf::MemoryStream::Make(hf::SchemaOf(hf::detail::LayoutOf<Ping>::Get()), {});
  std::vector<std::int64_t> latencies;  // of the query's thread until it has ended
  const std::int64_t counts_from = NowNs() + 1'000'000'000;
  auto query = hf::ReadStream(std::shared_ptr<hf::Source>(stream))
                   .GroupBy("key")
                   .TransformWithState(hf::OutputMode::kUpdate, hf::TimeMode::kNone, Counting())
                   .WriteStream("")
                   .ForeachBatch([&](const hf::ColumnBatch& rows, std::int64_t) {
                     const std::int64_t now = NowNs();
                     for (std::int64_t row = 0; row < rows.rows(); ++row) {
                       if (const auto pushed = rows.column(1).Fixed<std::int64_t>(row); pushed >= counts_from) {
                         latencies.push_back(now - pushed);
                       }
                     }
                     return hf::Status();
                   })
                   .Option("checkpointLocation", checkpoint)
                   .Conf("spark.sql.shuffle.partitions", "2")
                   .Conf("spark.sql.streaming.realTimeMode.minBatchDuration", "1")
                   .Trigger(hf::RealTime(std::chrono::milliseconds(batch_ms)))
                   .Start();
  if (!query.ok()) {
    fmt::print(stderr, "low_latency: {}\n", query.status().ToString());
    return 1;
  }
  const std::int64_t begin = NowNs();
  const std::int64_t apart_ns = 1'000'000'000 / rows_per_second;
  for (std::int64_t row = 0; row < rows_per_second * seconds; ++row) {
    // Sleeps may be late; the rows that are due meanwhile are pushed at once, each for itself.
    while (NowNs() < begin + row * apart_ns) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    if (const auto pushed = stream->AddRows(std::vector<hf::Row>{{row % 10'000, NowNs()}}); !pushed.ok()) {
      fmt::print(stderr, "low_latency: {}\n", pushed.status().ToString());
      return 1;
    }
  }
  const hf::Status stopped = (*query)->Stop();
  if (!stopped.ok() || latencies.empty()) {
    fmt::print(stderr, "low_latency: {}\n", stopped.ToString());
    return 1;
  }
  std::sort(latencies.begin(), latencies.end());
  fmt::print(
      R"({{"rows":{},"rows_per_second":{},"batch_ms":{},"p50_ms":{:.3f},"p90_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})"
      "\n",
      latencies.size(), rows_per_second, batch_ms, Quantile(latencies, 0.5), Quantile(latencies, 0.9),
      Quantile(latencies, 0.99), Quantile(latencies, 1));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "low_latency ROWS_PER_SECOND SECONDS BATCH_MS CHECKPOINT\n");
    return 2;
  }
  return Run(std::max(1L, std::atol(argv[1])), std::atol(argv[2]), std::atol(argv[3]), argv[4]);
}
