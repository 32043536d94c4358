// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/recovery_point.h"

#include <fmt/format.h>

namespace hf {
namespace {

// Old batches are deleted from below, so what is left is one run of numbers.
Status CheckNoHole(const NumberedLog& log, const std::vector<BatchId>& ids) {
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] != ids[i - 1] + 1) {
      return Corrupt(
          fmt::format("{} is missing, although {} and {} are there", log.PathOf(ids[i - 1] + 1), ids[i - 1], ids[i]));
    }
  }
  return {};
}

Status CheckLogs(const OffsetLog& offsets, const CommitLog& commits, const std::vector<BatchId>& promised,
                 const std::vector<BatchId>& proven) {
  if (promised.empty()) {
    return proven.empty() ? Status()
                          : Corrupt(fmt::format("{} is there without any {}", commits.log().PathOf(proven.back()),
                                                offsets.log().directory()));
  }
  const BatchId last = promised.back();
  if (last > 0 && (promised.size() < 2 || promised[promised.size() - 2] != last - 1)) {
    return Corrupt(fmt::format("{} is missing: it has the offsets at which batch {} begins",
                               offsets.log().PathOf(last - 1), last));
  }
  HF_RETURN_IF_ERROR(CheckNoHole(commits.log(), proven));
  const BatchId committed = proven.empty() ? -1 : proven.back();
  if (committed > last) {
    return Corrupt(
        fmt::format("{} is there without {}", commits.log().PathOf(committed), offsets.log().PathOf(committed)));
  }
  if (committed < last - 1) {
    return Corrupt(fmt::format("{} is missing: batch {} was begun, which only happens after batch {} is committed",
                               commits.log().PathOf(last - 1), last, last - 1));
  }
  return {};
}

}  // namespace

Result<RecoveryPoint> FindRecoveryPoint(const OffsetLog& offsets, const CommitLog& commits) {
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> promised, offsets.log().Ids());
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> proven, commits.log().Ids());
  HF_RETURN_IF_ERROR(CheckLogs(offsets, commits, promised, proven));
  RecoveryPoint point;
  if (promised.empty()) {
    return point;
  }
  const BatchId last = promised.back();
  point.last_offset_batch = last;
  HF_ASSIGN_OR_RETURN(point.offsets, offsets.Get(last));
  if (last > 0) {
    HF_ASSIGN_OR_RETURN(point.previous_offsets, offsets.Get(last - 1));
  }
  if (!proven.empty()) {
    point.last_committed_batch = proven.back();
    HF_ASSIGN_OR_RETURN(point.commit, commits.Get(proven.back()));
  }
  point.is_rerun = point.last_committed_batch != last;
  point.next_batch = point.is_rerun ? last : last + 1;
  return point;
}

}  // namespace hf
