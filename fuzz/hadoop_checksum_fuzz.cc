// SPDX-License-Identifier: Apache-2.0
// Checksum files: a piece that is the .crc, then the content that it stands beside.
#include "files/hadoop_checksum.h"
#include "fuzz_target.h"

namespace hf {
namespace {

Status Verify(std::string_view checksum_file, std::string_view content, std::size_t piece_bytes) {
  HadoopChecksumVerifier verifier{std::string(checksum_file)};
  for (std::size_t at = 0; at < content.size(); at += piece_bytes) {
    verifier.Append(content.substr(at, piece_bytes));
  }
  return verifier.Finish("/f");
}

}  // namespace

HOLDFAST_FUZZ_TARGET(hadoop_checksum) {
  const std::string_view checksum_file = fuzz::TakePiece(bytes);
  const Status whole = Verify(checksum_file, bytes, bytes.size() + 1);
  const Status pieces = Verify(checksum_file, bytes, 7);
  HF_FUZZ_CHECK(whole.ToString() == pieces.ToString());
  const std::string ours = HadoopChecksumOf(bytes);
  HF_FUZZ_CHECK(Verify(ours, bytes, 512).ok());
  // CRC-32 finds every single bit.
  if (!bytes.empty()) {
    std::string flipped(bytes);
    const std::size_t at = checksum_file.size() % bytes.size();
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    HF_FUZZ_CHECK(!Verify(ours, flipped, 512).ok());
  }
}

}  // namespace hf
