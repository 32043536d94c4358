// SPDX-License-Identifier: Apache-2.0
// The texts of a checkpoint: offsets, commits, query metadata, operator metadata, entries of the file source log.
// First byte: which of them. What is read and printed reads again as the same.
#include "checkpoint/commit_log.h"
#include "checkpoint/file_source_log.h"
#include "checkpoint/offset_log.h"
#include "checkpoint/operator_metadata.h"
#include "checkpoint/query_metadata.h"
#include "fuzz_target.h"

namespace hf {
namespace {

const std::string kPath = "/checkpoint/file";

template <typename Parse, typename Print>
void RoundTrip(std::string_view text, Parse parse, Print print) {
  const auto parsed = parse(text, kPath);
  if (!parsed.ok()) {
    HF_FUZZ_CHECK(parsed.status().ToString().find(kPath) != std::string::npos);
    return;
  }
  const std::string once = print(*parsed);
  const auto again = parse(once, kPath);
  HF_FUZZ_CHECK(again.ok());
  HF_FUZZ_CHECK(print(*again) == once);
}

}  // namespace

HOLDFAST_FUZZ_TARGET(checkpoint_logs) {
  switch (fuzz::TakeByte(bytes) % 5) {
    case 0: return RoundTrip(bytes, ParseOffsetSeq, PrintOffsetSeq);
    case 1: return RoundTrip(bytes, ParseCommit, PrintCommit);
    case 2: return RoundTrip(bytes, ParseQueryMetadata, PrintQueryMetadata);
    case 3: return RoundTrip(bytes, ParseOperatorMetadata, PrintOperatorMetadata);
    default: return RoundTrip(bytes, ParseFileEntries, PrintFileEntries);
  }
}

}  // namespace hf
