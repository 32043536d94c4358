// SPDX-License-Identifier: Apache-2.0
// RocksdbBase: the part of a store that RocksDB holds. The only door to RocksDB.
//
//  1. The database lies in a scratch directory. Nothing in it is trusted or kept: it is made from nothing or from a
//     snapshot's files, and removed with the object.
//  2. Its content changes only by TakeOver, as a whole and to exactly one version; there is no write-ahead log and no
//     memtable, because the deltas are ingested as SST files.
//  3. A BaseView reads one version, also while a later one is being taken over on another thread.
// Table format and options are those Spark opens its databases with (Spark 4.3 RocksDB.scala; RocksDB 9.8.4), so that
// the SST files can be Spark's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/status.h"
#include "state/delta.h"

namespace hf {

struct BaseOptions {
  std::string directory;       // local, of this object alone
  std::string list_delimiter;  // "" or ","
  std::int64_t cache_bytes = 8 << 20;
};

// Walks entries in key order. Dies before its view.
class BaseCursor {
 public:
  virtual ~BaseCursor() = default;
  [[nodiscard]] virtual bool valid() const = 0;
  // Views are valid until Next or SkipTo.
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  virtual void Next() = 0;
  // Moves to the first entry at or behind `key`. REQUIRES: `key` is not before the current entry.
  virtual void SkipTo(std::string_view key) = 0;
  // Why valid() is false: ok at the end of the range.
  [[nodiscard]] virtual Status status() const = 0;
};

// One version of the base. Thread-compatible; keeps the database open as long as it lives.
class BaseView {
 public:
  virtual ~BaseView() = default;
  [[nodiscard]] virtual bool empty() const = 0;
  virtual Result<bool> Get(std::string_view key, std::string* value) const = 0;
  // Calls found(i, value) for each of the sorted `keys` that has a value.
  virtual Status MultiGet(std::span<const std::string_view> keys,
                          const std::function<void(std::size_t, std::string_view)>& found) const = 0;
  // From the first key not below `begin` to the last one below `end` (empty: no end).
  [[nodiscard]] virtual std::unique_ptr<BaseCursor> Scan(std::string_view begin, std::string_view end) const = 0;
  // All entries once: the cache keeps what is in it.
  [[nodiscard]] virtual std::unique_ptr<BaseCursor> ScanOnce() const = 0;
};

// A file of the database, under the name that the database gave it.
struct BaseFile {
  std::string name;
  std::uint64_t size_bytes = 0;
};

// The database's files as they were at one version: hard links in a directory of their own, which goes with the object.
struct BaseCheckpoint {
  BaseCheckpoint() = default;
  BaseCheckpoint(const BaseCheckpoint&) = delete;
  BaseCheckpoint& operator=(const BaseCheckpoint&) = delete;
  ~BaseCheckpoint();

  std::string directory;
  std::vector<BaseFile> ssts;
  std::vector<std::pair<std::string, std::string>> small_files;  // name and content of MANIFEST, CURRENT, OPTIONS, log
};

class RocksdbBase {
 public:
  virtual ~RocksdbBase() = default;

  // Opens what lies in `options.directory`/db: a restored snapshot, or nothing for an empty base.
  static Result<std::shared_ptr<RocksdbBase>> Open(const BaseOptions& options);
  // Where to put the files of a snapshot before Open.
  static std::string DatabaseDirectory(const BaseOptions& options);
  // Removes `scratch` and everything in it: what an earlier process left there.
  static Status ClearScratch(const std::string& scratch);
  // Makes the directories of `options`.
  static Status MakeDirectories(const BaseOptions& options);
  // Writes a file into the database's directory, before Open.
  static Status PutFile(const BaseOptions& options, const std::string& name, std::string_view bytes);

  [[nodiscard]] virtual std::shared_ptr<const BaseView> View() = 0;
  // Adds `deltas` (oldest first). All or nothing. One caller at a time.
  virtual Status TakeOver(std::span<const Delta* const> deltas) = 0;
  // Links the files that hold the present content.
  virtual Result<std::unique_ptr<BaseCheckpoint>> Checkpoint() = 0;
  // Reads every block of every file and verifies its checksum.
  virtual Status VerifyChecksums() = 0;
};

}  // namespace hf
