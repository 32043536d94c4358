// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_planner.h"

#include <algorithm>

namespace hf {

Status BatchPlanner::FixAvailable(bool once) {
  fixed_ = {.now_ms = plan_.clock->NowMs(),
            .first_batch = recovered_.next_batch + (recovered_.unfinished.has_value() ? 1 : 0),
            .once = once};
  // An unfinished batch comes first; what is available is what lies behind it.
  const std::vector<SourceOffset>& from =
      recovered_.unfinished.has_value() ? recovered_.unfinished->offsets : recovered_.end_offsets;
  for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
    Source& source = *plan_.inputs[input].source;
    if (once) {
      source.IgnoreLimits();
    }
    HF_RETURN_IF_ERROR(source.FixAvailable(from[input]));
  }
  return Status();
}

Result<std::optional<Batch>> BatchPlanner::Next() {
  if (recovered_.unfinished.has_value()) {
    return std::optional(Unfinished());
  }
  HF_ASSIGN_OR_RETURN(std::optional<Batch> batch, WithInput());
  if (batch.has_value()) {
    return batch;
  }
  HF_ASSIGN_OR_RETURN(const bool is_due, IsDue());
  return is_due ? std::optional(EndingAt(recovered_.end_offsets)) : std::nullopt;
}

Batch BatchPlanner::Unfinished() const {
  return {
      .id = recovered_.next_batch, .entry = *recovered_.unfinished, .start = recovered_.end_offsets, .is_rerun = true};
}

Result<std::vector<SourceOffset>> BatchPlanner::LatestAfter(const std::vector<SourceOffset>& known) {
  std::vector<SourceOffset> latest(known.size());
  for (std::size_t input = 0; input < known.size(); ++input) {
    HF_ASSIGN_OR_RETURN(latest[input], plan_.inputs[input].source->Latest(known[input]));
  }
  return latest;
}

Result<std::optional<Batch>> BatchPlanner::WithInput() {
  HF_ASSIGN_OR_RETURN(std::vector<SourceOffset> end, LatestAfter(recovered_.end_offsets));
  return end == recovered_.end_offsets ? std::optional<Batch>() : std::optional(EndingAt(std::move(end)));
}

Batch BatchPlanner::EndingAt(std::vector<SourceOffset> end) const {
  return {.id = recovered_.next_batch,
          .entry = {.metadata = OffsetSeqMetadata{.batch_watermark_ms = recovered_.watermark.eviction_ms(),
                                                  .batch_timestamp_ms = plan_.clock->NowMs(),
                                                  .conf = recovered_.conf.ToRecord()},
                    .offsets = std::move(end)},
          .start = recovered_.end_offsets,
          .is_rerun = false};
}

Result<bool> BatchPlanner::IsDue() {
  const auto& operators = plan_.operators;
  const bool is_asked = recovered_.conf.GetBool(conf_key::kNoDataBatches) &&
                        std::any_of(operators.begin(), operators.end(),
                                    [](const auto& each) { return each.time_mode != TimeMode::kNone; });
  if (!is_asked || recovered_.next_batch == 0) {
    return false;
  }
  const bool has_run = fixed_.has_value() && recovered_.next_batch > fixed_->first_batch;
  if (has_run && fixed_->once) {
    return false;
  }
  if (recovered_.watermark.has_moved() && std::any_of(operators.begin(), operators.end(), [](const auto& each) {
        return each.time_mode == TimeMode::kEventTime && each.has_watermark;
      })) {
    return true;
  }
  // A batch of this run did what was due when it began. What a processor makes due for the past would never end, nor
  // would a clock that goes back.
  if (has_run) {
    return false;
  }
  const std::int64_t clock_ms = fixed_.has_value() ? fixed_->now_ms : plan_.clock->NowMs();
  HF_ASSIGN_OR_RETURN(const auto expiries, next_expiry_());
  for (std::size_t number = 0; number < operators.size(); ++number) {
    const std::int64_t now_ms =
        operators[number].time_mode == TimeMode::kProcessingTime ? clock_ms : WatermarkOf(operators[number]);
    if (expiries[number].has_value() && *expiries[number] <= now_ms) {
      return true;
    }
  }
  return false;
}

std::int64_t BatchPlanner::WatermarkOf(const StreamOperator& of) const {
  return of.has_watermark ? recovered_.watermark.eviction_ms() : 0;
}

}  // namespace hf
