// SPDX-License-Identifier: Apache-2.0
// Store: what one partition remembers, as an ordered map from Spark's key bytes to Spark's value bytes.
//
// Three layers are read as one, newest first: the operations of the current batch; frozen deltas (the net effect of
// each committed batch that RocksDB has not yet taken over); the confirmed base in RocksDB. RocksDB is never on the
// path of a batch: it is read on a miss, and takes deltas over on the maintenance thread.
//
// Invariants:
//  1. Only Confirm makes version v+1 the version of the store; Abort forgets everything after v.
//  2. Nothing after the confirmed version enters RocksDB or a snapshot, except in PublishNow (a batch that created or
//     removed a column family: Spark 4.3 RocksDB.commit uploads such a snapshot before the commit is confirmed).
//  3. The RocksDB directory is scratch: empty at Open, never trusted, removed at the end.
//  4. A store belongs to one thread at a time. A SnapshotJob runs on another thread meanwhile; it shares only
//     immutable deltas and the database, and the store adopts its result in Adopt.
// Keys are whole RocksDB keys, the id of their column family in front (row_frame.h).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "files/file_system.h"
#include "holdfast/status.h"
#include "state/compressed_stream.h"
#include "state/row_frame.h"

namespace hf {

using StateVersion = std::int64_t;  // 0 = empty; batch N commits version N + 1

// A version by the name of its files. In checkpoint format 2 each attempt at a version has an id of its own, and only
// the one that commits/N names counts; in format 1 the id is empty.
struct VersionId {
  StateVersion version = 0;
  std::string unique_id = {};

  auto operator<=>(const VersionId&) const = default;
};

// The operations of a changelog, with Spark's codes (Spark 4.3 StateStoreChangelog RecordType).
enum class StateOp : std::uint8_t { kPut = 0x01, kDelete = 0x10, kMerge = 0x11 };

// One operation on one key. Views are borrowed for the call.
struct StateRecord {
  StateOp op = StateOp::kPut;
  std::string_view key;
  std::string_view value;         // empty for kDelete
  std::optional<bool> existed{};  // whether the key had a value before this batch; looked up when unknown
};

struct FamilyInfo {
  std::string name;
  FamilyId id = 0;
  bool is_internal = false;  // name begins with '$'
};

struct StoreOptions {
  FileSystem* files = nullptr;    // outlives the store and its jobs
  Random* random = nullptr;       // names SST files; outlives the store and its jobs. Null: the operating system's
  std::string directory;          // <checkpoint>/state/<operator>/<partition>
  std::string scratch_directory;  // local, ours alone
  CompressionCodec codec = CompressionCodec::kLz4;
  std::string list_delimiter;        // "" for merge operator version 2, "," for 1
  bool log_every_operation = false;  // changelog in call order instead of the net effect per key
  bool changelog = true;             // false: every version is a snapshot (changelogCheckpointing.enabled=false)
  // False: a version that made or removed column families is not due for PublishNow. It can be recovered only once
  // somebody has forced a snapshot of it or of a later one.
  bool publishes_families = true;
  bool unique_ids = false;     // checkpoint format 2: files are named by version and id
  bool row_checksums = false;  // around every row (row_checksum.h)
  std::int64_t min_deltas_for_snapshot = 10;
  std::int64_t delta_bytes_max = 128 << 20;  // a snapshot or hand-over becomes due beyond this
  std::int64_t rocksdb_cache_bytes = 8 << 20;
  // Open recovers from the snapshot of this version and from no other: for who wants to see what it leads to.
  std::optional<StateVersion> start_snapshot = {};
};

// The first key behind all that begin with `prefix`; empty: there is none.
std::string PrefixEnd(std::string_view prefix);

// What a batch wrote, ready to be made durable and confirmed.
struct PreparedVersion {
  StateVersion version = 0;
  std::string unique_id;           // for commits/N; empty in checkpoint format 1
  std::string changelog_path;      // empty when nothing is to be written as a changelog
  std::string changelog_bytes;     // compressed, complete
  std::string changelog_checksum;  // for the visible checksum file beside it; empty: none is written
  std::int64_t rows_put = 0;       // keys of user families that were put or merged
  std::int64_t rows_removed = 0;   // keys of user families that had a value and have none now
  // Version 1, families changed, changelogs are off, or the lineage grows too long: PublishNow before Confirm.
  bool publish_now = false;

  // What is to be made durable before the sink commits. Views live as long as this does.
  [[nodiscard]] std::vector<NewFile> Files() const;
};

struct StoreCounts {
  std::int64_t keys = 0;  // distinct keys in user families; -1 when the state cannot be read
  std::int64_t internal_keys = 0;
  std::int64_t delta_bytes = 0;  // memory held by frozen deltas
};

// The work of bringing RocksDB to one version and publishing its snapshot; runs on any one thread. Dropping a job is
// allowed: the store then offers another. Run may be tried again after a failure, unless that is kConflict: PublishNow
// has meanwhile gone beyond the version.
class SnapshotJob {
 public:
  virtual ~SnapshotJob() = default;
  virtual Status Run() = 0;
  [[nodiscard]] virtual StateVersion version() const = 0;
};

class Store {
 public:
  // Recovers `version` (0: empty, with the family "default"): newest usable snapshot at or before it, then the
  // changelogs. A snapshot that cannot be used is logged by name and an older one taken. kCorrupt when no way leads to
  // `version`; kIncompatible for what is not supported, by name (changelogs without families). `unique_id`: of the
  // version's files as its commit names it, with options.unique_ids and a version above 0 only. kInvalid with Spark's
  // condition when options.start_snapshot, or a changelog behind it, is not there.
  static Result<std::unique_ptr<Store>> Open(const StoreOptions& options, StateVersion version,
                                             std::string_view unique_id = {});
  virtual ~Store() = default;

  [[nodiscard]] virtual StateVersion version() const = 0;
  // What stands between the elements of a list (StoreOptions::list_delimiter).
  [[nodiscard]] virtual std::string_view list_delimiter() const = 0;
  // The first call after a recovery with changelogs compares their keys with the base's: about 0.3 us a key.
  [[nodiscard]] virtual StoreCounts counts() const = 0;

  // ---- Column families -----------------------------------------------------------------------------------------
  [[nodiscard]] virtual std::vector<FamilyInfo> families() const = 0;
  [[nodiscard]] virtual std::optional<FamilyId> FindFamily(std::string_view name) const = 0;
  // The family's id; created in the current batch when it is not there. Names are checked by the caller.
  virtual Result<FamilyId> EnsureFamily(std::string_view name) = 0;
  // Deletes every key of the family (as operations of the current batch) and drops its id; ok when absent.
  virtual Status RemoveFamily(std::string_view name) = 0;

  // ---- Operations of the current batch --------------------------------------------------------------------------
  // In call order per key. Merge appends a list element as StringAppend does: value, delimiter, value. A list of
  // several elements is put as its first, and the others merged: each is a row with a checksum of its own.
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Merge(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  // The same, of a key that a read of this batch has shown: nobody looks again whether it had a value.
  virtual void DeleteSeen(std::string_view key) = 0;

  // ---- Reads: committed state and the current batch as one -----------------------------------------------------
  // True and *value filled when the key has a value.
  virtual Result<bool> Get(std::string_view key, std::string* value) = 0;
  // Calls found(i, value) for each key that has one, in no particular order. Keys must be sorted. The value view is
  // valid during the call.
  virtual Status MultiGet(std::span<const std::string_view> keys,
                          const std::function<void(std::size_t, std::string_view)>& found) = 0;
  // Visits entries with begin <= key < end (end empty: to the last key) in key order until `visit` returns false.
  // `visit` must not change the store.
  virtual Status ScanRange(std::string_view begin, std::string_view end,
                           const std::function<bool(std::string_view key, std::string_view value)>& visit) = 0;
  Status ScanPrefix(std::string_view prefix,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit);

  // ---- Ending a batch -------------------------------------------------------------------------------------------
  // Closes the batch. `cells`: net operations (put, delete) of value families that were kept in cells instead of the
  // batch table, any order, at most one a key, no key also in the batch table; none with log_every_operation, where
  // they come as Put and Delete. Deletes of keys that had no value are left out of a net changelog. The changelog's
  // bytes are returned, not written: the engine makes those of all partitions durable together. After a failure the
  // batch is still open. Reads then see the prepared version; nothing may be changed before Confirm or Abort.
  virtual Result<PreparedVersion> Prepare(std::span<StateRecord> cells) = 0;
  // Brings RocksDB to the prepared version and publishes its snapshot, synchronously, replacing one that a failed
  // attempt left; waits for a job that is running. Only when PreparedVersion::publish_now. A failure ends the store.
  virtual Status PublishNow() = 0;
  // The prepared version is committed (commits/N is written): it becomes the version of the store. REQUIRES: PublishNow
  // where it was due.
  virtual void Confirm() = 0;
  // Forgets the current batch or the prepared version, with the families it made. After PublishNow the store cannot go
  // on: open it anew.
  virtual void Abort() = 0;

  // ---- Maintenance ---------------------------------------------------------------------------------------------
  // A job when a snapshot of the confirmed version is due (min_deltas_for_snapshot since the last, or delta_bytes_max
  // passed) and there is no other job; nullptr otherwise. `force`: also when not due but the version has no snapshot.
  virtual std::unique_ptr<SnapshotJob> BeginSnapshot(bool force) = 0;
  // Adopts a job that ended well: its deltas leave memory. Call on the store's thread, between batches.
  virtual void Adopt(const SnapshotJob& finished) = 0;
  // Deletes versions older than the oldest snapshot that the last `versions_to_retain` versions need, counted from the
  // newest snapshot as Spark does, and SST files that no remaining snapshot names. Versions above the store's, and SSTs
  // that somebody may still be uploading, stay. Deletes nothing while a job runs or a needed snapshot is unreadable
  // (which is logged). In checkpoint format 2 files of attempts that were never committed go with their version; a
  // version with such files counts as a snapshot only where each of its ids has one.
  virtual Status Purge(std::int64_t versions_to_retain) = 0;
};

// Removes every file of versions above `version` from a partition's directory: what a failed attempt left behind
// (rule: before batch N is run again, every version above N goes, with its checksum files). Files of checkpoint format
// 2 stay: nobody takes them for others', and another engine may have committed them. Purge deletes them in time.
Status RemoveVersionsAbove(FileSystem& files, const std::string& directory, StateVersion version);

}  // namespace hf
