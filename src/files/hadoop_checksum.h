// SPDX-License-Identifier: Apache-2.0
// The checksum file .f.crc that Hadoop's ChecksumFileSystem keeps beside a local file f: "crc\0", the chunk
// size (big-endian 32 bits, 512 as we write it), and one CRC32 (zlib's, big-endian) for each chunk of f, the
// last one shorter.
//
// What a reader makes of it (Hadoop 3.4 ChecksumFileSystem.ChecksumFSInputChecker; ours in brackets):
//   missing, or shorter than its header, or another magic   not verified [the same]
//   fewer sums than chunks                                   fails [those that are there are compared: the rest of
//                                                            the file may be well]
//   more sums than chunks                                    not noticed [kCorrupt: the file was cut off]
//   a sum that does not match                                fails [kCorrupt]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

inline constexpr std::string_view kHadoopChecksumMagic{"crc\0", 4};
inline constexpr std::size_t kHadoopChecksumHeaderBytes = 8;
inline constexpr std::uint32_t kHadoopChunkBytes = 512;

// Makes the checksum file of a content that comes in pieces.
class HadoopChecksumWriter {
 public:
  HadoopChecksumWriter();
  void Append(std::string_view bytes);
  // Returns the checksum file. REQUIRES: no other call follows.
  std::string Finish();

 private:
  std::string out_;
  std::uint32_t sum_ = 0;
  std::size_t filled_bytes_ = 0;  // of the chunk at hand
};

// Returns the checksum file of `bytes`.
std::string HadoopChecksumOf(std::string_view bytes);

// Compares a content that comes in pieces with its checksum file.
class HadoopChecksumVerifier {
 public:
  // An unreadable checksum file makes a verifier that accepts everything.
  explicit HadoopChecksumVerifier(std::string checksum_file);
  void Append(std::string_view bytes);
  // ok or kCorrupt that names the file and the first bytes that are wrong. REQUIRES: all of the content was
  // appended and no other call follows.
  Status Finish(const std::string& path);

 private:
  void EndChunk();

  std::string checksum_file_;  // empty: nothing to compare with
  std::uint64_t chunk_bytes_ = 0;
  std::uint64_t chunks_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint32_t sum_ = 0;
  std::uint64_t filled_bytes_ = 0;  // of the chunk at hand
  bool has_damage_ = false;
  std::uint64_t damaged_chunk_ = 0;
};

}  // namespace hf
