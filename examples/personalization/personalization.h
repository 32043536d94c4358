// SPDX-License-Identifier: Apache-2.0
// What a visitor cares for right now: a score for each page category, which is forgotten when nothing of that category
// has been looked at for a while. A map whose entries live each by itself (TTL), and no timer.
//
// In update mode a row replaces the session's row of before: give it to WriteStream("memory"), to ForeachBatch or to a
// sink of your own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/query.h"

namespace personalization {

struct Click {
  std::string_view session_id;
  std::string_view page_category;
  std::optional<std::string_view> event_type;
};
HOLDFAST_STRUCT(Click, session_id, page_category, event_type);

struct Interest {
  std::int64_t score = 0;
};
HOLDFAST_STRUCT(Interest, score);

struct Recommendation {
  std::string session_id;
  std::string page_category;  // the one with the highest score, the first of the alphabet among equals
  std::int64_t score = 0;
  std::int64_t categories = 0;  // that are remembered
};
HOLDFAST_STRUCT(Recommendation, session_id, page_category, score, categories);

inline std::int64_t WeightOf(std::optional<std::string_view> event_type) {
  return event_type == "purchase" ? 5 : event_type == "add_to_cart" ? 3 : 1;
}

class Personalization final : public hf::StatefulProcessor<std::string, Click, Recommendation> {
 public:
  explicit Personalization(std::chrono::milliseconds memory = std::chrono::minutes(20)) : memory_(memory) {}

  void Init(hf::StatefulProcessorHandle& handle) override {
    interests_ = handle.GetMapState<std::string, Interest>("interests", {.ttl_duration = memory_});
  }

  void HandleInputRows(const std::string& session_id, hf::RowsOf<Click> clicks, const hf::TimerValues&,
                       hf::Output<Recommendation>& out) override {
    for (const Click& click : clicks) {
      const std::string category(click.page_category);
      const Interest* known = interests_.GetValue(category);
      // Writing an entry begins its time anew; the others' runs on.
      interests_.UpdateValue(category, {(known != nullptr ? known->score : 0) + WeightOf(click.event_type)});
    }
    Recommendation best{.session_id = session_id, .page_category = {}};
    for (const auto& [category, interest] : interests_.Iterator()) {
      ++best.categories;
      if (interest.score > best.score || (interest.score == best.score && category < best.page_category)) {
        best.page_category = category;
        best.score = interest.score;
      }
    }
    out.Emit(best);
  }

 private:
  std::chrono::milliseconds memory_;
  hf::MapState<std::string, Interest> interests_;
};

inline hf::ResultStream Query(hf::DataStream clicks, Personalization processor = Personalization()) {
  return std::move(clicks)
      .GroupBy("session_id")
      .TransformWithState(hf::OutputMode::kUpdate, hf::TimeMode::kProcessingTime, processor);
}

}  // namespace personalization
