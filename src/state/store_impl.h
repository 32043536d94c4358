// SPDX-License-Identifier: Apache-2.0
// StoreImpl: the Store over Spark's files. See store.h for its contract.
//
// A batch goes from the batch table (and the caller's cells) into one prepared delta, whose content is the changelog;
// Confirm freezes it on top of the other deltas. A job hands frozen deltas to the base; Adopt then exchanges base and
// deltas for a newer base in one step, so that no record is ever read twice or not at all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/batch_table.h"
#include "state/layers.h"
#include "state/recovery.h"
#include "state/snapshot_publisher.h"
#include "state/store.h"

namespace hf {

class StoreImpl final : public Store {
 public:
  StoreImpl(const StoreOptions& options, StateVersion version, RecoveredState recovered);

  [[nodiscard]] StateVersion version() const override { return version_; }
  [[nodiscard]] std::string_view list_delimiter() const override { return options_.list_delimiter; }
  [[nodiscard]] StoreCounts counts() const override;

  [[nodiscard]] std::vector<FamilyInfo> families() const override { return families_.families; }
  [[nodiscard]] std::optional<FamilyId> FindFamily(std::string_view name) const override;
  Result<FamilyId> EnsureFamily(std::string_view name) override;
  Status RemoveFamily(std::string_view name) override;

  void Put(std::string_view key, std::string_view value) override;
  void Merge(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  void DeleteSeen(std::string_view key) override;

  Result<bool> Get(std::string_view key, std::string* value) override;
  Status MultiGet(std::span<const std::string_view> keys,
                  const std::function<void(std::size_t, std::string_view)>& found) override;
  Status ScanRange(std::string_view begin, std::string_view end,
                   const std::function<bool(std::string_view key, std::string_view value)>& visit) override;

  Result<PreparedVersion> Prepare(std::span<StateRecord> cells) override;
  Status PublishNow() override;
  void Confirm() override;
  void Abort() override;

  std::unique_ptr<SnapshotJob> BeginSnapshot(bool force) override;
  void Adopt(const SnapshotJob& finished) override;
  Status Purge(std::int64_t versions_to_retain) override;

 private:
  struct Prepared {
    FrozenDelta frozen;
    std::string unique_id;
    KeyCounts change;
    bool publish_now = false;
    std::shared_ptr<const BaseView> published;  // the base at this version, after PublishNow
  };

  void CheckOpenBatch() const;
  // `row` as the layers keep it. Valid until the next call.
  std::string_view Stored(std::string_view key, std::string_view row);
  // As Get, MultiGet and ScanRange, of values as the layers keep them.
  Result<bool> GetStored(std::string_view key, std::string* value);
  Status MultiGetStored(std::span<const std::string_view> keys,
                        const std::function<void(std::size_t, std::string_view)>& found);
  Status ScanStored(std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit);
  Result<std::string_view> Verified(std::string_view key, std::string_view stored, std::string* joined) const;
  [[nodiscard]] std::optional<bool> KnownExisted(std::string_view key) const;
  // Closes the prepared version's changelog.
  Status MakeChangelog(const Prepared& prepared, std::string_view header, PreparedVersion* result) const;
  void ForgetLineageBefore(StateVersion snapshot);
  Status FindExisted(std::span<StateRecord> cells, const std::vector<BatchTable::Entry*>& entries);
  void DropBatch();
  // Recovered keys plus what this store has confirmed.
  Result<KeyCounts> ConfirmedCounts() const;

  const StoreOptions options_;
  StateVersion version_;
  Layers layers_;  // of version_, or of the prepared version
  std::shared_ptr<SnapshotPublisher> publisher_;
  StateVersion snapshot_version_;   // the newest with a snapshot of ours
  StateVersion tried_version_ = 0;  // the newest that one was begun of: what failed is not tried at each batch
  // In checkpoint format 2 the ids from that snapshot (or from the first version) to version_; else empty.
  std::vector<VersionId> lineage_;
  std::weak_ptr<const void> running_job_;

  std::shared_ptr<RecoveredCount> recovered_counts_;
  KeyCounts confirmed_change_;

  FamilySet families_;  // with the current batch's changes
  FamilySet confirmed_families_;
  bool families_changed_ = false;
  BatchTable batch_;
  // What the last Get found below the batch table: a write of the same key mostly follows.
  std::string last_get_key_;
  std::optional<bool> last_get_existed_;
  std::string framed_;  // for Stored
  std::optional<Prepared> prepared_;
  bool is_lost_ = false;  // aborted after PublishNow: the base is at a version that does not exist
};

}  // namespace hf
