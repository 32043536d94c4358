// SPDX-License-Identifier: Apache-2.0
// Snapshots: the zip with its small files, or its metadata alone. First byte: which.
#include "fuzz_target.h"
#include "state/snapshot.h"

namespace hf {
namespace {

void TryMetadata(std::string_view text) {
  const auto metadata = ParseSnapshotMetadata(text);
  if (!metadata.ok()) {
    return;
  }
  const std::string once = EncodeSnapshotMetadata(*metadata);
  const auto again = ParseSnapshotMetadata(once);
  HF_FUZZ_CHECK(again.ok());
  HF_FUZZ_CHECK(EncodeSnapshotMetadata(*again) == once);
}

void TryZip(std::string_view zip) {
  const auto snapshot = DecodeSnapshotZip(zip);
  if (!snapshot.ok()) {
    return;
  }
  for (const auto& [name, content] : snapshot->small_files) {
    // These names become files on the local disk.
    HF_FUZZ_CHECK(name.find('/') == std::string::npos && name.find("..") == std::string::npos);
  }
  const auto encoded = EncodeSnapshotZip(*snapshot);
  HF_FUZZ_CHECK(encoded.ok());
  const auto again = DecodeSnapshotZip(*encoded);
  HF_FUZZ_CHECK(again.ok());
  HF_FUZZ_CHECK(again->small_files == snapshot->small_files);
  HF_FUZZ_CHECK(EncodeSnapshotMetadata(again->metadata) == EncodeSnapshotMetadata(snapshot->metadata));
}

}  // namespace

HOLDFAST_FUZZ_TARGET(snapshot) { fuzz::TakeByte(bytes) % 2 == 0 ? TryMetadata(bytes) : TryZip(bytes); }

}  // namespace hf
