// SPDX-License-Identifier: Apache-2.0
// What java_real_time/ has for Spark, for Holdfast: the processor that tells its calls, and a source whose rows are
// pushed.
#pragma once

#include <fmt/format.h>

#include <mutex>

#include "base/json.h"
#include "holdfast/query.h"

namespace hf::test {

constexpr std::int64_t kFails = 666;

// Spark calls a grouping key that an encoder made "value".
struct In {
  std::string value;
  std::int64_t n = 0;
  std::optional<std::int64_t> delay;
  std::optional<Timestamp> at;
};
HOLDFAST_STRUCT(In, value, n, delay, at);

struct Out {
  std::string call;
};
HOLDFAST_STRUCT(Out, call);

// That the calls of HandleInputRows among `calls`, an array, got.
template <typename Array>
std::size_t CountRows(const Array& calls) {
  std::size_t rows = 0;
  for (const Json& call : calls) {
    rows += call["event"] == "rows" ? call["n"].size() : 0;
  }
  return rows;
}

// What processor and sink tell, by whatever thread.
class Heard {
 public:
  void Tell(Json call) {
    const std::scoped_lock lock(mutex_);
    calls_.push_back(std::move(call));
  }
  [[nodiscard]] std::vector<Json> calls() {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }
  [[nodiscard]] std::size_t rows() { return CountRows(calls()); }

 private:
  std::mutex mutex_;
  std::vector<Json> calls_;  // guarded by mutex_
};

// The processor of java_real_time/.
class Calls final : public StatefulProcessor<std::string, In, Out> {
 public:
  Calls(Heard* heard, TimeMode time_mode, std::int64_t ttl_ms)
      : heard_(heard), time_mode_(time_mode), ttl_{std::chrono::milliseconds(ttl_ms)} {}
  void Init(StatefulProcessorHandle& handle) override {
    total_ = handle.GetValueState<std::int64_t>("total");
    recent_ = handle.GetValueState<std::int64_t>("recent", ttl_);
    heard_->Tell({{"event", "init"}});
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues& clocks, Output<Out>& out) override {
    Json call = Called("rows", key, clocks);
    std::int64_t total = total_.Get() != nullptr ? *total_.Get() : 0;
    for (const In& row : rows) {
      if (row.n == kFails) {
        throw std::runtime_error("666 is not for this processor");
      }
      call["n"].push_back(row.n);
      total += row.n;
      recent_.Update(row.n);
      if (row.delay.has_value()) {
        const bool by_row = time_mode_ == TimeMode::kEventTime;
        GetHandle().RegisterTimer((by_row ? row.at->micros / 1000 : clocks.current_processing_time_ms) + *row.delay);
      }
    }
    total_.Update(total);
    call["total"] = total;
    End(std::move(call), out);
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues& clocks, const ExpiredTimerInfo& timer,
                          Output<Out>& out) override {
    Json call = Called("timer", key, clocks);
    call["expiry"] = timer.expiry_time_ms;
    call["total"] = total_.Get() != nullptr ? *total_.Get() : 0;
    End(std::move(call), out);
  }

 private:
  Json Called(const char* event, const std::string& key, const TimerValues& clocks) {
    Json call = {{"event", event}, {"key", key}, {"batch", GetHandle().GetQueryInfo().batch_id}};
    call["recent"] = recent_.Get() != nullptr ? Json(*recent_.Get()) : Json();
    if (time_mode_ != TimeMode::kNone) {  // without one Scala's processors get a clock all the same
      call["processing"] = clocks.current_processing_time_ms;
      call["watermark"] = clocks.current_watermark_ms;
    }
    return call;
  }
  void End(Json call, Output<Out>& out) {
    out.Emit({call.dump()});
    heard_->Tell(std::move(call));
  }

  Heard* heard_;
  TimeMode time_mode_;
  TTLConfig ttl_;
  ValueState<std::int64_t> total_;
  ValueState<std::int64_t> recent_;
};

// Spark's LowLatencyMemoryStream of one partition: offsets are {"0": how many rows}, and rows stay.
class PushedRows final : public Source {
 public:
  void Push(const std::vector<Row>& rows) {
    const std::scoped_lock lock(mutex_);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    if (notify_) {
      notify_();
    }
  }

  [[nodiscard]] const Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override { return "PushedRows"; }
  Result<SourceOffset> Latest(const SourceOffset& start) override {
    const std::scoped_lock lock(mutex_);
    const std::size_t rows = fixed_.value_or(rows_.size());
    return rows == Count(start) ? start : SourceOffset(fmt::format("{{\"0\":{}}}", rows));
  }
  void BeginQuery() override { fixed_.reset(); }
  Status FixAvailable(const SourceOffset&) override {
    const std::scoped_lock lock(mutex_);
    fixed_ = rows_.size();
    return Status();
  }
  void IgnoreLimits() override {}
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override {
    const std::scoped_lock lock(mutex_);
    const auto at = [this](const SourceOffset& offset) { return rows_.begin() + static_cast<long>(Count(offset)); };
    HF_ASSIGN_OR_RETURN(ColumnBatch rows, ColumnBatch::FromRows(schema_, std::vector<Row>(at(start), at(end))));
    std::vector<std::unique_ptr<SourceSplit>> splits;
    splits.push_back(std::make_unique<Split>(std::move(rows)));
    return splits;
  }
  void NotifyOfRows(std::function<void()> notify) override {
    const std::scoped_lock lock(mutex_);
    notify_ = std::move(notify);
  }
  void ReadAhead(const SourceOffset&) override {}
  Status Commit(const SourceOffset&) override { return Status(); }

 private:
  class Split final : public SourceSplit {
   public:
    explicit Split(ColumnBatch rows) : rows_(std::move(rows)) {}
    Result<std::optional<ColumnBatch>> Next() override { return std::exchange(rows_, std::nullopt); }

   private:
    std::optional<ColumnBatch> rows_;
  };
  static std::size_t Count(const SourceOffset& offset) {
    return offset.has_value() ? ParseJson(*offset).value()["0"].get<std::size_t>() : 0;
  }

  const Schema schema_ = Schema::Parse("value STRING, n BIGINT, delay BIGINT, at TIMESTAMP").value();
  std::mutex mutex_;  // guards the rest
  std::vector<Row> rows_;
  std::optional<std::size_t> fixed_;
  std::function<void()> notify_;
};

}  // namespace hf::test
