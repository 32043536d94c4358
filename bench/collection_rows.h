// SPDX-License-Identifier: Apache-2.0
// The rows and the jobs of the benchmark "collections".
//
//   list    each row appends its amount to the list of its key
//   map     each row updates the entry `field` of the map of its key
//   timers  each row registers a timer of its key; a last row's event time makes all of them due
//   ttl     each row writes a value of its id, which lives for a while; then all of them expire at once
//
// Keys are a tenth of the rows, ids and timers as many as there are.
#pragma once

#include <chrono>
#include <cstdint>

#include "holdfast/processor.h"

namespace bench {

// A row whose field is this only moves the watermark, or lets a batch begin.
inline constexpr std::int32_t kNoField = -1;
// Of the first timer; each further one is a millisecond later.
inline constexpr std::int64_t kFirstTimerMs = 1'767'229'200'000;

struct Item {
  std::int64_t id = 0;
  std::int64_t key = 0;
  std::int32_t field = 0;
  std::int64_t amount = 0;
  hf::Timestamp at;
};
HOLDFAST_STRUCT(Item, id, key, field, amount, at);

struct Told {
  std::int64_t key = 0;
  std::int64_t number = 0;
};
HOLDFAST_STRUCT(Told, key, number);

using Items = hf::RowsOf<Item>;
using ItemProcessor = hf::StatefulProcessor<std::int64_t, Item, Told>;

class ListAppender final : public ItemProcessor {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override { amounts_ = handle.GetListState<std::int64_t>("amounts"); }
  void HandleInputRows(const std::int64_t& key, Items items, const hf::TimerValues&, hf::Output<Told>& out) override {
    for (const Item& item : items) {
      amounts_.AppendValue(item.amount);
    }
    out.Emit({.key = key, .number = static_cast<std::int64_t>(items.size())});
  }

 private:
  hf::ListState<std::int64_t> amounts_;
};

class MapUpdater final : public ItemProcessor {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override {
    amounts_ = handle.GetMapState<std::int32_t, std::int64_t>("amounts");
  }
  void HandleInputRows(const std::int64_t& key, Items items, const hf::TimerValues&, hf::Output<Told>& out) override {
    std::int64_t sum = 0;
    for (const Item& item : items) {
      amounts_.UpdateValue(item.field, item.amount);
      sum += item.amount;
    }
    out.Emit({.key = key, .number = sum});
  }

 private:
  hf::MapState<std::int32_t, std::int64_t> amounts_;
};

class TimerSetter final : public ItemProcessor {
 public:
  void Init(hf::StatefulProcessorHandle&) override {}
  void HandleInputRows(const std::int64_t&, Items items, const hf::TimerValues&, hf::Output<Told>&) override {
    for (const Item& item : items) {
      if (item.field != kNoField) {
        GetHandle().RegisterTimer(kFirstTimerMs + item.amount);
      }
    }
  }
  void HandleExpiredTimer(const std::int64_t& key, const hf::TimerValues&, const hf::ExpiredTimerInfo& timer,
                          hf::Output<Told>& out) override {
    out.Emit({.key = key, .number = timer.expiry_time_ms});
  }
};

class ExpiringWriter final : public ItemProcessor {
 public:
  explicit ExpiringWriter(std::chrono::milliseconds ttl = std::chrono::hours(1)) : ttl_(ttl) {}
  void Init(hf::StatefulProcessorHandle& handle) override {
    amount_ = handle.GetValueState<std::int64_t>("amount", {.ttl_duration = ttl_});
  }
  void HandleInputRows(const std::int64_t& id, Items items, const hf::TimerValues&, hf::Output<Told>& out) override {
    for (const Item& item : items) {
      if (item.field != kNoField) {
        amount_.Update(item.amount);
        out.Emit({.key = id, .number = item.amount});
      }
    }
  }

 private:
  std::chrono::milliseconds ttl_;
  hf::ValueState<std::int64_t> amount_;
};

}  // namespace bench
