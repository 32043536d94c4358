// SPDX-License-Identifier: Apache-2.0
// What the sessionizer's throughput does not show: values that an earlier version wrote, small batches, reopening.
//
//   state_rows prepare VERSION KEYS BATCHES DIRECTORY   KEYS open sessions, then BATCHES more that touch a tenth each
//   state_rows read KEYS DIRECTORY                      one batch that decodes every value, as version 2, from cold
//   state_rows touch DIRECTORY                          one batch of 1,000 rows, from cold
//   state_rows one_row PARTITIONS SINK BATCHES DIRECTORY  batches of one row; SINK is memory or delta
//
// Each prints one JSON line.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <numeric>

#include "answer.h"
#include "generated_source.h"
#include "holdfast/query.h"
#include "sessionization/streamshop.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using streamshop::ClickV1;
using streamshop::SessionV1;
using streamshop::SessionV2;

constexpr std::int64_t kKeysPerBatch = 100'000;

double MillisSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

// Opens a session for every key, or counts on.
template <typename Session>
class Opener final : public hf::StatefulProcessor<std::string, ClickV1, SessionV1> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override { state_ = handle.GetValueState<Session>("session_state"); }
  void HandleInputRows(const std::string& key, hf::RowsOf<ClickV1> clicks, const hf::TimerValues&,
                       hf::Output<SessionV1>&) override {
    const Session* stored = state_.Get();
    Session session;
    if (stored != nullptr) {
      session = *stored;
    } else {
      session.session_id = key;
      session.user_id = "u" + key;
    }
    for (const ClickV1& click : clicks) {
      session.event_count += 1;
      session.total_revenue += 1.25;
      session.session_start = click.event_timestamp;
    }
    if constexpr (std::is_same_v<Session, SessionV2>) {
      session.device_type = "mobile";
      session.page_category = "electronics";
    }
    state_.Update(std::move(session));
  }

 private:
  hf::ValueState<Session> state_;
};

// Reads and never writes.
class Reader final : public hf::StatefulProcessor<std::string, ClickV1, SessionV1> {
 public:
  static inline std::atomic<std::int64_t> events_seen = 0;

  void Init(hf::StatefulProcessorHandle& handle) override { state_ = handle.GetValueState<SessionV2>("session_state"); }
  void HandleInputRows(const std::string&, hf::RowsOf<ClickV1>, const hf::TimerValues&,
                       hf::Output<SessionV1>&) override {
    if (const SessionV2* session = state_.Get(); session != nullptr) {
      seen_ += session->event_count;
    }
  }
  void Close() override { events_seen += seen_; }

 private:
  hf::ValueState<SessionV2> state_;
  std::int64_t seen_ = 0;
};

hf::Schema ClickSchema() { return hf::SchemaOf(hf::detail::LayoutOf<ClickV1>::Get()); }

// Keys begin, begin + step ... below end, one click each.
hf::ColumnBatch Clicks(std::int64_t begin, std::int64_t end, std::int64_t step) {
  auto appender = hf::RowAppender::Make(ClickSchema(), hf::detail::LayoutOf<ClickV1>::Get()).value();
  for (std::int64_t key = begin; key < end; key += step) {
    const std::string id = fmt::format("s{:09}", key);
    const ClickV1 click = {.session_id = id,
                           .user_id = id,
                           .event_type = "page_view",
                           .revenue = 0,
                           .event_timestamp = {1'700'000'000'000'000 + key}};
    appender->Append(&click);
  }
  return appender->Finish();
}

using OnProgress = std::function<void(const hf::StreamingQueryProgress&)>;

template <typename Processor>
hf::DataStreamWriter Describe(const std::filesystem::path& directory, std::int64_t batches, GeneratedSource::Make make,
                              const std::string& sink, const std::string& partitions, OnProgress on_progress) {
  return hf::ReadStream(std::make_shared<GeneratedSource>(ClickSchema(), batches, std::move(make)))
      .GroupBy("session_id")
      .TransformWithState<Processor>(hf::OutputMode::kAppend, hf::TimeMode::kNone)
      .WriteStream(sink)
      .QueryName("bench")
      .Option("checkpointLocation", (directory / "checkpoint").string())
      .Conf("spark.sql.shuffle.partitions", partitions)
      .Trigger(hf::AvailableNow())
      .OnProgress(std::move(on_progress));
}

hf::Status Await(hf::Result<std::unique_ptr<hf::StreamingQuery>> query) {
  return query.ok() ? (*query)->AwaitTermination() : query.status();
}

// In two partitions, with output that goes nowhere.
template <typename Processor>
hf::Status RunQuery(const std::filesystem::path& directory, std::int64_t batches, GeneratedSource::Make make,
                    OnProgress on_progress) {
  return Await(Describe<Processor>(directory, batches, std::move(make), "memory", "2", std::move(on_progress))
                   .ForeachBatch([](const hf::ColumnBatch&, std::int64_t) { return hf::Status(); })
                   .Start());
}

template <typename Session>
hf::Status Prepare(std::int64_t keys, std::int64_t more, const std::filesystem::path& directory) {
  const std::int64_t first = (keys + kKeysPerBatch - 1) / kKeysPerBatch;
  const auto make = [=](std::int64_t batch) {
    return batch < first ? Clicks(batch * kKeysPerBatch, std::min(keys, (batch + 1) * kKeysPerBatch), 1)
                         : Clicks((batch - first) % 10, keys, 10);
  };
  HF_RETURN_IF_ERROR(RunQuery<Opener<Session>>(directory, first + more, make, [](const auto&) {}));
  fmt::print("{{\"batches\":{}}}\n", first + more);
  return {};
}

// How many batches the checkpoint has.
std::int64_t BatchesOf(const std::filesystem::path& directory) {
  std::int64_t last = -1;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "checkpoint/commits")) {
    const std::string name = entry.path().filename().string();
    std::int64_t number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    last = std::max(last, number);
  }
  return last + 1;
}

hf::Status Read(std::int64_t keys, const std::filesystem::path& directory) {
  const std::int64_t batches = BatchesOf(directory);
  std::string progress_json;
  HF_RETURN_IF_ERROR(RunQuery<Reader>(
      directory, batches + 1, [keys](std::int64_t) { return Clicks(0, keys, 1); },
      [&](const hf::StreamingQueryProgress& progress) { progress_json = progress.json; }));
  fmt::print("{{\"events_seen\":{},\"progress\":{}}}\n", Reader::events_seen.load(), progress_json);
  return {};
}

hf::Status Touch(const std::filesystem::path& directory, Clock::time_point begun) {
  const std::int64_t batches = BatchesOf(directory);
  double committed_ms = 0;
  HF_RETURN_IF_ERROR(RunQuery<Opener<SessionV1>>(
      directory, batches + 1, [](std::int64_t) { return Clicks(0, 1000, 1); },
      [&](const hf::StreamingQueryProgress&) { committed_ms = MillisSince(begun); }));
  fmt::print("{{\"committed_ms\":{:.1f}}}\n", committed_ms);
  return {};
}

// A write with fdatasync, a rename and a sync of the directory: the least that makes a file durable.
double BareCommitMs(const std::filesystem::path& directory) {
  const std::string from = (directory / "bare.tmp").string();
  const std::string to = (directory / "bare").string();
  const int parent = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY);
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto begun = Clock::now();
    const int file = ::open(from.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
    const std::string bytes(200, 'x');
    if (file < 0 || ::write(file, bytes.data(), bytes.size()) != 200 || ::fdatasync(file) != 0 || ::close(file) != 0 ||
        ::rename(from.c_str(), to.c_str()) != 0 || ::fsync(parent) != 0) {
      Die("the bare write failed");
    }
    times.push_back(MillisSince(begun));
  }
  ::close(parent);
  return Median(times);
}

hf::Status OneRow(const std::string& partitions, const std::string& sink, std::int64_t batches,
                  const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  std::vector<double> times;
  auto last = Clock::now();
  const auto make = [](std::int64_t batch) { return Clicks(batch % 1000, batch % 1000 + 1, 1); };
  const auto on_progress = [&](const hf::StreamingQueryProgress&) {
    times.push_back(MillisSince(last));
    last = Clock::now();
  };
  HF_RETURN_IF_ERROR(Await(Describe<Opener<SessionV1>>(directory, batches, make, sink, partitions, on_progress)
                               .Start(sink == "delta" ? (directory / "table").string() : "")));
  times.erase(times.begin(), times.begin() + 2);  // opening and the first snapshot
  const double worst = *std::max_element(times.begin(), times.end());
  fmt::print("{{\"batches\":{},\"median_ms\":{:.3f},\"max_ms\":{:.3f},\"bare_commit_ms\":{:.3f}}}\n", times.size(),
             Median(times), worst, BareCommitMs(directory));
  return {};
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const auto begun = std::chrono::steady_clock::now();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  hf::Status status;
  if (verb == "prepare" && words.size() == 5) {
    status = words[1] == "1"
                 ? bench::Prepare<streamshop::SessionV1>(std::stoll(words[2]), std::stoll(words[3]), words[4])
                 : bench::Prepare<streamshop::SessionV2>(std::stoll(words[2]), std::stoll(words[3]), words[4]);
  } else if (verb == "read" && words.size() == 3) {
    status = bench::Read(std::stoll(words[1]), words[2]);
  } else if (verb == "touch" && words.size() == 2) {
    status = bench::Touch(words[1], begun);
  } else if (verb == "one_row" && words.size() == 5) {
    status = bench::OneRow(words[1], words[2], std::stoll(words[3]), words[4]);
  } else {
    bench::Die("usage: see the head of state_rows.cc");
  }
  if (!status.ok()) {
    bench::Die(status.ToString());
  }
  return 0;
}
