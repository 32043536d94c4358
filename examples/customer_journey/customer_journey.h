// SPDX-License-Identifier: Apache-2.0
// The way of a customer to a purchase: a list of steps, which grows without being read and is told when it is complete.
// Version 2 adds a field to the steps and widens one, and goes on with the journeys that version 1 left open: each
// element of a list keeps the schema that it was written with until the list is cleared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/query.h"

namespace customer_journey {

inline constexpr std::string_view kLastPage = "purchase";

// ---- Version 1 ---------------------------------------------------------------------------------------------------

struct VisitV1 {
  std::string_view customer_id;
  std::string_view page;
  std::int32_t seconds = 0;  // spent there
};
HOLDFAST_STRUCT(VisitV1, customer_id, page, seconds);

struct StepV1 {
  std::string page;
  std::int32_t seconds = 0;
};
HOLDFAST_STRUCT(StepV1, page, seconds);

struct JourneyV1 {
  std::string customer_id;
  std::string path;  // "home > search > purchase"
  std::int64_t seconds = 0;
};
HOLDFAST_STRUCT(JourneyV1, customer_id, path, seconds);

class JourneysV1 final : public hf::StatefulProcessor<std::string, VisitV1, JourneyV1> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override { steps_ = handle.GetListState<StepV1>("steps"); }

  void HandleInputRows(const std::string& customer_id, hf::RowsOf<VisitV1> visits, const hf::TimerValues&,
                       hf::Output<JourneyV1>& out) override {
    for (const VisitV1& visit : visits) {
      steps_.AppendValue({.page = std::string(visit.page), .seconds = visit.seconds});
      if (visit.page == kLastPage) {
        JourneyV1 journey{.customer_id = customer_id, .path = {}};
        for (const StepV1& step : steps_.Get()) {
          journey.path += (journey.path.empty() ? "" : " > ") + step.page;
          journey.seconds += step.seconds;
        }
        out.Emit(journey);
        steps_.Clear();
      }
    }
  }

 private:
  hf::ListState<StepV1> steps_;
};

// ---- Version 2 ---------------------------------------------------------------------------------------------------

struct VisitV2 {
  std::string_view customer_id;
  std::string_view page;
  std::int64_t seconds = 0;
  std::optional<std::string_view> channel;  // "web", "app", "store"
};
HOLDFAST_STRUCT(VisitV2, customer_id, page, seconds, channel);

struct StepV2 {
  std::string page;
  std::int64_t seconds = 0;            // was int32 in version 1: somebody may leave a page open for long
  std::optional<std::string> channel;  // new: empty when version 1 wrote the step
};
HOLDFAST_STRUCT(StepV2, page, seconds, channel);

struct JourneyV2 {
  std::string customer_id;
  std::string path;
  std::int64_t seconds = 0;
  std::string channels;  // "? > web > app": one for each step
};
HOLDFAST_STRUCT(JourneyV2, customer_id, path, seconds, channels);

class JourneysV2 final : public hf::StatefulProcessor<std::string, VisitV2, JourneyV2> {
 public:
  // The same name as in version 1: its steps are read as version 2's.
  void Init(hf::StatefulProcessorHandle& handle) override { steps_ = handle.GetListState<StepV2>("steps"); }

  void HandleInputRows(const std::string& customer_id, hf::RowsOf<VisitV2> visits, const hf::TimerValues&,
                       hf::Output<JourneyV2>& out) override {
    for (const VisitV2& visit : visits) {
      steps_.AppendValue({.page = std::string(visit.page),
                          .seconds = visit.seconds,
                          .channel = std::string(visit.channel.value_or("?"))});
      if (visit.page == kLastPage) {
        out.Emit(Journey(customer_id));
        steps_.Clear();
      }
    }
  }

 private:
  [[nodiscard]] JourneyV2 Journey(const std::string& customer_id) const {
    JourneyV2 journey{.customer_id = customer_id, .path = {}, .channels = {}};
    for (const StepV2& step : steps_.Get()) {
      const char* separator = journey.path.empty() ? "" : " > ";
      journey.path += separator + step.page;
      journey.channels += separator + step.channel.value_or("?");
      journey.seconds += step.seconds;
    }
    return journey;
  }

  hf::ListState<StepV2> steps_;
};

template <typename Journeys>
hf::ResultStream Query(hf::DataStream visits) {
  return std::move(visits)
      .GroupBy("customer_id")
      .TransformWithState<Journeys>(hf::OutputMode::kAppend, hf::TimeMode::kNone);
}

}  // namespace customer_journey
