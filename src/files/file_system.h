// SPDX-License-Identifier: Apache-2.0
// FileSystem: where the bytes of a checkpoint rest. Everything Holdfast reads or writes in a checkpoint, and
// every input file it reads, goes through this interface, so that an object store can stand behind it and
// tests can lose what was not synced.
//
// Promises of every implementation:
//  1. A file appears whole or not at all, and its content is durable before its name is visible.
//  2. A published file is never opened for writing again: it is created only if absent, replaced as a whole,
//     or deleted.
//  3. A name (created, replaced or deleted) is durable once Sync() or PutMany() has returned after it.
//  4. Beside each file f that it writes lies, after the next Sync() at the latest, Hadoop's checksum file .f.crc
//     (Hadoop ChecksumFileSystem: "crc\0", chunk size 512, one CRC32 per chunk: zlib's, not CRC32C). It may be
//     missing after a crash, but never that of another content. A reader verifies it when it is there; kCorrupt
//     names the file. Before f is published or replaced, no older checksum of it is left: .f.crc, f.crc and
//     .f.crc.crc are removed. So write Spark's visible f.crc after f.
//  5. Names that begin with '.' are the implementation's: nobody else writes them.
// Paths are absolute and use '/'. Thread-safe: partitions write at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"

namespace hf {

struct FileInfo {
  std::string name;  // last component
  bool is_directory = false;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_us = 0;  // microseconds since the epoch
};

struct NewFile {
  std::string path;
  std::string_view bytes;  // must stay alive during the call
};

// Held while one query works on a directory; released on destruction (or when the process dies).
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Reads a whole file. kInvalid with condition "FILE_NOT_FOUND" when there is none.
  virtual Result<std::string> Read(const std::string& path) = 0;
  // Reads up to `size_bytes` bytes from `offset`; fewer only at the end of the file. Does not verify checksums.
  virtual Result<std::string> ReadRange(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) = 0;
  // Lists a directory in the order of names, without hidden names (beginning with '.'); empty when the directory is
  // absent.
  virtual Result<std::vector<FileInfo>> List(const std::string& directory) = 0;
  // nullopt when there is nothing at `path`.
  virtual Result<std::optional<FileInfo>> Stat(const std::string& path) = 0;

  // Creates the file (and its directories); kConflict when it is there already.
  virtual Status PutNew(const std::string& path, std::string_view bytes) = 0;
  // Creates the file or puts it in the place of the one that is there.
  virtual Status Replace(const std::string& path, std::string_view bytes) = 0;
  // PutNew of all in the order given, then one Sync. On failure some of the files may have been created.
  virtual Status PutMany(std::span<const NewFile> files) = 0;
  // PutNew with the content of a finished, immutable local file; may hard-link instead of copying.
  virtual Status LinkFrom(const std::string& local_path, const std::string& path) = 0;
  // Copies a file out to the local disk (for RocksDB, which opens only local files); verifies its checksum. Overwrites.
  virtual Status CopyToLocal(const std::string& path, const std::string& local_path) = 0;
  // Deletes a file and its checksum files (.f.crc, f.crc, .f.crc.crc); ok when absent.
  virtual Status Delete(const std::string& path) = 0;
  // Makes every name changed so far durable, and every name in the directories that were read, whoever made it:
  // what is built upon a file that was found does not outlive it. After a failure, also one that another thread met
  // within another call, it fails for good: nobody can know what was lost.
  virtual Status Sync() = 0;

  // Takes the directory (created when absent) for this file system; kConflict when somebody holds it. Whoever
  // holds it is the only writer below it, so leftovers of writers that died are removed there.
  virtual Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) = 0;
};

inline constexpr std::string_view kFileNotFound = "FILE_NOT_FOUND";

inline bool IsNotFound(const Status& status) { return !status.ok() && status.condition() == kFileNotFound; }

}  // namespace hf
