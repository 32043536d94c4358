// SPDX-License-Identifier: Apache-2.0
// Processors with every kind of state for the crash sweep: lists, maps and values with and without TTL, and timers that
// come due in later batches; a second one gets what they put out. Version 2 widens the list's elements and adds a field
// to them. What they put out shows what they hold; the operation "end" puts out everything and leaves nothing.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "holdfast/processor.h"

namespace hf::remembering {

struct Told {
  std::string key;
  std::string op;
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(Told, key, op, n);

struct Said {
  std::string key;
  std::string what;
};
HOLDFAST_STRUCT(Said, key, what);

struct ElementV1 {
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(ElementV1, n);

struct ElementV2 {
  std::int64_t n = 0;
  std::optional<std::string> by;
};
HOLDFAST_STRUCT(ElementV2, n, by);

inline std::string TextOf(const ElementV1& element) { return std::to_string(element.n); }
inline std::string TextOf(const ElementV2& element) { return std::to_string(element.n); }

inline constexpr std::int64_t kBatchMs = 1000;  // between two batches
inline constexpr std::chrono::milliseconds kTtl{3 * kBatchMs};

template <typename Element>
class Remembering final : public StatefulProcessor<std::string, Told, Said> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    last_ = handle.GetValueState<std::int32_t>("last");
    recent_ = handle.GetValueState<std::int32_t>("recent", {kTtl});
    list_ = handle.GetListState<Element>("list");
    recent_list_ = handle.GetListState<Element>("recent_list", {kTtl});
    map_ = handle.GetMapState<std::int32_t, std::int32_t>("map");
    recent_map_ = handle.GetMapState<std::int32_t, std::int32_t>("recent_map", {kTtl});
  }

  void HandleInputRows(const std::string& key, RowsOf<Told> rows, const TimerValues& now, Output<Said>& out) override {
    for (const Told& row : rows) {
      if (row.op == "end") {
        Say(key, "end", out);
        Forget();
      } else {
        Remember(row.n, now.current_processing_time_ms);
      }
    }
  }

  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo& timer,
                          Output<Said>& out) override {
    Say(key, fmt::format("timer {}", timer.expiry_time_ms), out);
    map_.Clear();
  }

 private:
  void Remember(std::int32_t n, std::int64_t now_ms) {
    Element element;
    element.n = n;
    if (n % 7 == 0) {
      list_.Clear();
      recent_map_.RemoveKey(n % 3);
    } else if (n % 5 == 0) {
      list_.Put({element, element});
      recent_list_.Put({element});
    } else {
      list_.AppendValue(element);
      recent_list_.AppendValue(element);
    }
    map_.UpdateValue(n % 4, n);
    recent_map_.UpdateValue(n % 3, n);
    n % 6 == 0 ? last_.Clear() : last_.Update(n);
    recent_.Update(n);
    GetHandle().RegisterTimer(now_ms + n % 4 * kBatchMs - kBatchMs / 2);  // some are due at once
    if (n % 9 == 0) {
      GetHandle().DeleteTimer(GetHandle().ListTimers().front());
    }
  }

  void Say(const std::string& key, const std::string& why, Output<Said>& out) {
    std::string text = why;
    const auto number = [](const std::int32_t* value) {
      return value == nullptr ? std::string("-") : std::to_string(*value);
    };
    text += fmt::format(" last {} recent {} list", number(last_.Get()), number(recent_.Get()));
    for (const Element& element : list_.Get()) {
      text += " " + TextOf(element);
    }
    text += " recent";
    for (const Element& element : recent_list_.Get()) {
      text += " " + TextOf(element);
    }
    for (const auto* map : {&map_, &recent_map_}) {
      text += " map";
      for (const auto& [map_key, value] : map->Iterator()) {
        text += fmt::format(" {}={}", map_key, value);
      }
    }
    out.Emit({key, text});
  }

  void Forget() {
    last_.Clear();
    recent_.Clear();
    list_.Clear();
    recent_list_.Clear();
    map_.Clear();
    recent_map_.Clear();
    for (const std::int64_t timer : GetHandle().ListTimers()) {
      GetHandle().DeleteTimer(timer);
    }
  }

  ValueState<std::int32_t> last_;
  ValueState<std::int32_t> recent_;
  ListState<Element> list_;
  ListState<Element> recent_list_;
  MapState<std::int32_t, std::int32_t> map_;
  MapState<std::int32_t, std::int32_t> recent_map_;
};

// The second processor of the query: numbers what a key says, and repeats the latest when it has been still for two
// batches.
class Numbering final : public StatefulProcessor<std::string, Said, Said> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    count_ = handle.GetValueState<std::int64_t>("count");
    latest_ = handle.GetListState<std::string>("latest", {kTtl});
  }
  void HandleInputRows(const std::string& key, RowsOf<Said> rows, const TimerValues& now, Output<Said>& out) override {
    std::int64_t count = count_.Get() != nullptr ? *count_.Get() : 0;
    for (const std::int64_t timer : GetHandle().ListTimers()) {
      GetHandle().DeleteTimer(timer);
    }
    for (const Said& row : rows) {
      out.Emit({key, fmt::format("{}: {}", ++count, row.what)});
      latest_.AppendValue(row.what);
    }
    count_.Update(count);
    GetHandle().RegisterTimer(now.current_processing_time_ms + 2 * kBatchMs);
  }
  void HandleExpiredTimer(const std::string& key, const TimerValues&, const ExpiredTimerInfo&,
                          Output<Said>& out) override {
    std::string text = fmt::format("{} in all, lately", *count_.Get());
    for (const std::string& what : latest_.Get()) {
      text += " / " + what;
    }
    out.Emit({key, text});
  }

 private:
  ValueState<std::int64_t> count_;
  ListState<std::string> latest_;
};

}  // namespace hf::remembering
