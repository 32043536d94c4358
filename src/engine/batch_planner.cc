// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_planner.h"

#include <algorithm>

namespace hf {

Status BatchPlanner::FixAvailable(bool once) {
  fixed_ = {.now_ms = plan_.clock->NowMs(), .next_batch = recovered_.next_batch, .once = once};
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

Result<std::optional<Batch>> BatchPlanner::WithInput() {
  std::vector<SourceOffset> end = recovered_.end_offsets;
  for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
    HF_ASSIGN_OR_RETURN(end[input], plan_.inputs[input].source->Latest(recovered_.end_offsets[input]));
  }
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
  const bool is_asked = plan_.time_mode != TimeMode::kNone && recovered_.conf.GetBool(conf_key::kNoDataBatches);
  if (!is_asked || recovered_.next_batch == 0) {
    return false;
  }
  if (fixed_.has_value() && fixed_->once && recovered_.next_batch != fixed_->next_batch) {
    return false;
  }
  if (plan_.time_mode == TimeMode::kEventTime && recovered_.watermark.has_moved()) {
    return true;
  }
  const bool has_event_time = plan_.time_mode == TimeMode::kEventTime;
  const std::int64_t evicted_ms = recovered_.watermark.eviction_ms();
  const std::int64_t clock_ms = fixed_.has_value() ? fixed_->now_ms : plan_.clock->NowMs();
  const std::int64_t now_ms = has_event_time ? evicted_ms : clock_ms;
  // The last batch did what was due at its time. What a processor made due for the past meanwhile would never end.
  const std::int64_t done_ms = has_event_time ? evicted_ms : recovered_.batch_timestamp_ms;
  if (fixed_.has_value() && done_ms >= now_ms) {
    return false;
  }
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> expiry, next_expiry_());
  return expiry.has_value() && *expiry <= now_ms;
}

}  // namespace hf
