// SPDX-License-Identifier: Apache-2.0
// Changelogs. First byte: the compression.
#include "fuzz_target.h"
#include "state/changelog.h"
#include "state/compressed_stream.h"
#include "state/delta.h"
#include "state/row_checksum.h"

namespace hf {
namespace {

constexpr CompressionCodec kCodecs[] = {CompressionCodec::kLz4, CompressionCodec::kZstd, CompressionCodec::kSnappy,
                                        CompressionCodec::kNone, CompressionCodec::kLzf};
// A small stream may honestly hold gigabytes of zeros, for which no fuzzer has the time.
constexpr std::size_t kContentBytesMax = 1 << 20;

}  // namespace

HOLDFAST_FUZZ_TARGET(changelog) {
  const CompressionCodec codec = kCodecs[fuzz::TakeByte(bytes) % std::size(kCodecs)];
  if (!Decompress(codec, bytes, kContentBytesMax).ok()) {
    return;
  }
  auto changelog = ReadChangelog(bytes, codec);
  if (!changelog.ok()) {
    return;
  }
  if (Changelog checked = *changelog; VerifyChangelog(&checked, ",").ok() && !checked.offsets.empty()) {
    HF_FUZZ_CHECK(ChecksumDeletes(checked.content, checked.offsets.front()) == changelog->content);
  }
  if (changelog->format != 2) {
    return;
  }
  std::string content(kChangelogHeader);
  for (std::size_t i = 0; i < changelog->offsets.size(); ++i) {
    const ChangelogRecord record = changelog->record(i);
    AppendRecord(content, record.op, record.key, record.value);
  }
  content += kChangelogEnd;
  HF_FUZZ_CHECK(content == changelog->content);
  const auto compressed = Compress(codec, content);
  HF_FUZZ_CHECK(compressed.ok());
  const auto back = Decompress(codec, *compressed, content.size());
  HF_FUZZ_CHECK(back.ok() && *back == content);
  static_cast<void>(Delta::FromChangelog(std::move(*changelog), ","));
}

}  // namespace hf
