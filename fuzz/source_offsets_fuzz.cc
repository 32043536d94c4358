// SPDX-License-Identifier: Apache-2.0
// What sources find in a checkpoint or in a table's log. First byte: offsets of a Delta table, offsets of
// rate-micro-batch, entries of a Delta table's log. An offset that is read and printed reads again as the same.
#include "connect/delta/delta_commit.h"
#include "connect/delta/delta_offset.h"
#include "connect/rate/rate_micro_batch_source.h"
#include "fuzz_target.h"

namespace hf {
namespace {

void DeltaOffsetRoundTrip(std::string_view text) {
  const auto parsed = ParseDeltaOffset(std::string(text));
  if (parsed.ok()) {
    const auto again = ParseDeltaOffset(PrintDeltaOffset(*parsed));
    HF_FUZZ_CHECK(again.ok());
    HF_FUZZ_CHECK(PrintDeltaOffset(*again) == PrintDeltaOffset(*parsed));
  }
}

void RateOffsetRoundTrip(std::string_view text) {
  const auto parsed = ParseRateMicroBatchOffset(std::string(text));
  if (parsed.ok()) {
    const auto again = ParseRateMicroBatchOffset(PrintRateMicroBatchOffset(*parsed));
    HF_FUZZ_CHECK(again.ok());
    HF_FUZZ_CHECK(again->offset == parsed->offset && again->timestamp_ms == parsed->timestamp_ms);
  }
}

void DeltaLogEntry(std::string_view text) {
  const std::string path = "/t/_delta_log/00000000000000000001.json";
  const auto parsed = ParseDeltaCommit(text, path);
  HF_FUZZ_CHECK(parsed.ok() || parsed.status().ToString().find(path) != std::string::npos);
}

}  // namespace

HOLDFAST_FUZZ_TARGET(source_offsets) {
  switch (fuzz::TakeByte(bytes) % 3) {
    case 0: return DeltaOffsetRoundTrip(bytes);
    case 1: return RateOffsetRoundTrip(bytes);
    default: return DeltaLogEntry(bytes);
  }
}

}  // namespace hf
