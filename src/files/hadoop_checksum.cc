// SPDX-License-Identifier: Apache-2.0
#include "files/hadoop_checksum.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/crc32.h"

namespace hf {

HadoopChecksumWriter::HadoopChecksumWriter() : out_(kHadoopChecksumMagic) { AppendBig32(out_, kHadoopChunkBytes); }

void HadoopChecksumWriter::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kHadoopChunkBytes - filled_bytes_);
    sum_ = Crc32(piece, sum_);
    filled_bytes_ += piece.size();
    bytes.remove_prefix(piece.size());
    if (filled_bytes_ == kHadoopChunkBytes) {
      AppendBig32(out_, std::exchange(sum_, 0));
      filled_bytes_ = 0;
    }
  }
}

std::string HadoopChecksumWriter::Finish() {
  if (filled_bytes_ > 0) {
    AppendBig32(out_, sum_);
  }
  return std::move(out_);
}

std::string HadoopChecksumOf(std::string_view bytes) {
  HadoopChecksumWriter writer;
  writer.Append(bytes);
  return writer.Finish();
}

HadoopChecksumVerifier::HadoopChecksumVerifier(std::string checksum_file) : checksum_file_(std::move(checksum_file)) {
  ByteReader reader(checksum_file_);
  const std::string_view magic = reader.ReadBytes(kHadoopChecksumMagic.size());
  chunk_bytes_ = reader.ReadBig32();
  // Java reads the chunk size as a signed number.
  const bool is_sane = chunk_bytes_ > 0 && chunk_bytes_ <= INT32_MAX && reader.remaining() % 4 == 0;
  if (reader.failed() || magic != kHadoopChecksumMagic || !is_sane) {
    checksum_file_.clear();
  }
}

void HadoopChecksumVerifier::Append(std::string_view bytes) {
  size_bytes_ += bytes.size();
  if (checksum_file_.empty()) {
    return;
  }
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, chunk_bytes_ - filled_bytes_);
    sum_ = Crc32(piece, sum_);
    filled_bytes_ += piece.size();
    bytes.remove_prefix(piece.size());
    if (filled_bytes_ == chunk_bytes_) {
      EndChunk();
    }
  }
}

void HadoopChecksumVerifier::EndChunk() {
  const std::uint64_t at = kHadoopChecksumHeaderBytes + 4 * chunks_;
  if (at + 4 <= checksum_file_.size() && !has_damage_ && LoadBig32(checksum_file_.data() + at) != sum_) {
    has_damage_ = true;
    damaged_chunk_ = chunks_;
  }
  ++chunks_;
  sum_ = 0;
  filled_bytes_ = 0;
}

Status HadoopChecksumVerifier::Finish(const std::string& path) {
  if (checksum_file_.empty()) {
    return {};
  }
  if (filled_bytes_ > 0) {
    EndChunk();
  }
  const std::uint64_t sums = (checksum_file_.size() - kHadoopChecksumHeaderBytes) / 4;
  if (has_damage_) {
    const std::uint64_t begin = damaged_chunk_ * chunk_bytes_;
    return Corrupt(
        fmt::format("{}: bytes {} to {} do not match the checksum file beside it; restore the file from a copy", path,
                    begin, std::min(begin + chunk_bytes_, size_bytes_)));
  }
  if (sums > chunks_) {
    return Corrupt(
        fmt::format("{}: the file ends at byte {}, but the checksum file beside it covers more than {} bytes; "
                    "restore the file from a copy",
                    path, size_bytes_, (sums - 1) * chunk_bytes_));
  }
  return {};
}

}  // namespace hf
