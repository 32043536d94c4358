// SPDX-License-Identifier: Apache-2.0
#include "state/store_impl.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "holdfast/log.h"
#include "state/row_checksum.h"
#include "state/visible_checksum.h"

namespace hf {
namespace {

class PublishJob final : public SnapshotJob {
 public:
  PublishJob(std::shared_ptr<SnapshotPublisher> publisher, Publication publication,
             std::shared_ptr<RecoveredCount> recovered)
      : publisher_(std::move(publisher)), publication_(std::move(publication)), recovered_(std::move(recovered)) {}

  Status Run() override {
    // Before the base moves on: counting reads it as it was.
    if (!counted_) {
      HF_ASSIGN_OR_RETURN(const KeyCounts counts, recovered_->Get());
      publication_.counts += counts;
      counted_ = true;
    }
    HF_ASSIGN_OR_RETURN(view_, publisher_->Publish(publication_));
    return {};
  }
  [[nodiscard]] StateVersion version() const override { return publication_.id.version; }
  [[nodiscard]] const std::shared_ptr<const BaseView>& view() const { return view_; }
  [[nodiscard]] const std::shared_ptr<const int>& life() const { return life_; }

 private:
  const std::shared_ptr<SnapshotPublisher> publisher_;
  Publication publication_;
  const std::shared_ptr<RecoveredCount> recovered_;
  bool counted_ = false;
  std::shared_ptr<const BaseView> view_;
  const std::shared_ptr<const int> life_ = std::make_shared<const int>(0);
};

}  // namespace

StoreImpl::StoreImpl(const StoreOptions& options, StateVersion version, RecoveredState recovered)
    : options_(options),
      version_(version),
      layers_(std::move(recovered.layers)),
      publisher_(std::make_shared<SnapshotPublisher>(
          options.files, options.random, options.directory, std::move(recovered.base), recovered.snapshot_version,
          recovered.uploaded, options.row_checksums ? std::optional(options.list_delimiter) : std::nullopt)),
      snapshot_version_(recovered.snapshot_version),
      lineage_(std::move(recovered.lineage)),
      recovered_counts_(std::move(recovered.counts)),
      families_(std::move(recovered.families)),
      confirmed_families_(families_),
      batch_(options.list_delimiter, options.log_every_operation) {}

Result<KeyCounts> StoreImpl::ConfirmedCounts() const {
  HF_ASSIGN_OR_RETURN(KeyCounts counts, recovered_counts_->Get());
  counts += confirmed_change_;
  return counts;
}

StoreCounts StoreImpl::counts() const {
  const Result<KeyCounts> counts = ConfirmedCounts();
  if (!counts.ok()) {
    Log(LogLevel::kWarning,
        fmt::format("the keys of {} cannot be counted: {}", options_.directory, counts.status().ToString()));
    return {.keys = -1, .internal_keys = -1, .delta_bytes = layers_.delta_bytes()};
  }
  return {.keys = counts->keys, .internal_keys = counts->internal_keys, .delta_bytes = layers_.delta_bytes()};
}

// ---- Column families ---------------------------------------------------------------------------------------------

std::optional<FamilyId> StoreImpl::FindFamily(std::string_view name) const {
  for (const FamilyInfo& family : families_.families) {
    if (family.name == name) {
      return family.id;
    }
  }
  return std::nullopt;
}

Result<FamilyId> StoreImpl::EnsureFamily(std::string_view name) {
  CheckOpenBatch();
  if (const std::optional<FamilyId> known = FindFamily(name); known.has_value()) {
    return *known;
  }
  if (families_.id_max == std::numeric_limits<FamilyId>::max()) {
    return Invalid(fmt::format("no id is left for column family {}", name));
  }
  families_.families.push_back(
      {.name = std::string(name), .id = ++families_.id_max, .is_internal = name.starts_with('$')});
  families_changed_ = true;
  return families_.id_max;
}

Status StoreImpl::RemoveFamily(std::string_view name) {
  CheckOpenBatch();
  const std::optional<FamilyId> id = FindFamily(name);
  if (!id.has_value()) {
    return {};
  }
  std::vector<std::string> keys;
  const std::string prefix = FamilyPrefix(*id);
  HF_RETURN_IF_ERROR(ScanStored(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  for (const std::string& key : keys) {
    Delete(key);
  }
  std::erase_if(families_.families, [&](const FamilyInfo& family) { return family.id == *id; });
  families_changed_ = true;
  return {};
}

// ---- Operations --------------------------------------------------------------------------------------------------

void StoreImpl::CheckOpenBatch() const {
  HF_CHECK(!is_lost_, "the store was aborted after PublishNow");
  HF_CHECK(!prepared_.has_value(), "the batch has been prepared");
}

std::optional<bool> StoreImpl::KnownExisted(std::string_view key) const {
  return key == last_get_key_ ? last_get_existed_ : std::nullopt;
}

std::string_view StoreImpl::Stored(std::string_view key, std::string_view row) {
  if (!options_.row_checksums) {
    return row;
  }
  framed_.clear();
  AppendChecksummed(key, row, framed_);
  return framed_;
}

void StoreImpl::Put(std::string_view key, std::string_view value) {
  CheckOpenBatch();
  batch_.Put(key, Stored(key, value), KnownExisted(key));
}

void StoreImpl::Merge(std::string_view key, std::string_view value) {
  CheckOpenBatch();
  batch_.Merge(key, Stored(key, value), KnownExisted(key));
}

void StoreImpl::Delete(std::string_view key) {
  CheckOpenBatch();
  batch_.Delete(key, KnownExisted(key));
}

// What the batch itself has put is in its table, which knows better.
void StoreImpl::DeleteSeen(std::string_view key) {
  CheckOpenBatch();
  batch_.Delete(key, true);
}

void StoreImpl::DropBatch() {
  batch_.Clear();
  last_get_key_.clear();
  last_get_existed_.reset();
  families_changed_ = false;
}

// ---- Ending a batch ----------------------------------------------------------------------------------------------

void StoreImpl::Confirm() {
  HF_CHECK(prepared_.has_value(), "Confirm without Prepare");
  HF_CHECK(!prepared_->publish_now || prepared_->published != nullptr, "Confirm without PublishNow");
  version_ = prepared_->frozen.version;
  confirmed_change_ += prepared_->change;
  confirmed_families_ = families_;
  if (options_.unique_ids) {
    lineage_.push_back({version_, prepared_->unique_id});
  }
  if (prepared_->published != nullptr) {
    layers_.base = std::move(prepared_->published);
    layers_.deltas.clear();
    snapshot_version_ = version_;
    ForgetLineageBefore(version_);
  } else if (prepared_->frozen.delta->empty()) {
    layers_.deltas.pop_back();
  }
  prepared_.reset();
}

void StoreImpl::ForgetLineageBefore(StateVersion snapshot) {
  std::erase_if(lineage_, [snapshot](const VersionId& id) { return id.version < snapshot; });
}

void StoreImpl::Abort() {
  if (prepared_.has_value()) {
    is_lost_ |= prepared_->published != nullptr;
    layers_.deltas.pop_back();
    prepared_.reset();
  }
  families_ = confirmed_families_;
  DropBatch();
}

Status StoreImpl::PublishNow() {
  HF_CHECK(prepared_.has_value() && prepared_->publish_now, "PublishNow is not due");
  Publication publication{.id = {prepared_->frozen.version, prepared_->unique_id},
                          .deltas = layers_.deltas,
                          .families = families_,
                          .counts = {}};
  HF_ASSIGN_OR_RETURN(publication.counts, ConfirmedCounts());
  publication.counts += prepared_->change;
  Result<std::shared_ptr<const BaseView>> view = publisher_->Publish(publication);
  if (!view.ok()) {
    is_lost_ = true;  // how far the base has come is unknown
    return std::move(view).status();
  }
  prepared_->published = std::move(view).value();
  return {};
}

// ---- Maintenance -------------------------------------------------------------------------------------------------

std::unique_ptr<SnapshotJob> StoreImpl::BeginSnapshot(bool force) {
  const bool is_due = version_ - std::max(snapshot_version_, tried_version_) >= options_.min_deltas_for_snapshot ||
                      (snapshot_version_ < version_ && layers_.delta_bytes() >= options_.delta_bytes_max) ||
                      (force && snapshot_version_ < version_);
  if (!is_due || is_lost_ || !running_job_.expired()) {
    return nullptr;
  }
  Publication publication{.id = {version_, lineage_.empty() ? std::string() : lineage_.back().unique_id},
                          .deltas = layers_.deltas,
                          .families = confirmed_families_,
                          .counts = confirmed_change_};
  std::erase_if(publication.deltas, [&](const FrozenDelta& frozen) { return frozen.version > version_; });  // prepared
  // The job needs them, too; counted here, the batch never waits for a background thread that has little time.
  static_cast<void>(recovered_counts_->Get());
  auto job = std::make_unique<PublishJob>(publisher_, std::move(publication), recovered_counts_);
  running_job_ = job->life();
  tried_version_ = version_;
  return job;
}

void StoreImpl::Adopt(const SnapshotJob& finished) {
  const auto& job = dynamic_cast<const PublishJob&>(finished);
  HF_CHECK(job.view() != nullptr, "the snapshot of version {} did not end well", job.version());
  running_job_.reset();
  if (job.version() <= snapshot_version_) {
    return;  // PublishNow has gone beyond it
  }
  layers_.base = job.view();
  std::erase_if(layers_.deltas, [&](const FrozenDelta& frozen) { return frozen.version <= job.version(); });
  snapshot_version_ = job.version();
  ForgetLineageBefore(snapshot_version_);
}

Status StoreImpl::Purge(std::int64_t versions_to_retain) {
  return publisher_->Purge(version_, versions_to_retain, options_.unique_ids);
}

// ---- Store -------------------------------------------------------------------------------------------------------

std::vector<NewFile> PreparedVersion::Files() const {
  std::vector<NewFile> files;
  if (!changelog_path.empty()) {
    files.push_back({.path = changelog_path, .bytes = changelog_bytes});
  }
  if (!changelog_checksum.empty()) {  // behind its file, which would take it away
    files.push_back({.path = VisibleChecksumPath(changelog_path), .bytes = changelog_checksum});
  }
  return files;
}

Result<std::unique_ptr<Store>> Store::Open(const StoreOptions& options, StateVersion version,
                                           std::string_view unique_id) {
  static SystemRandom system_random;
  StoreOptions completed = options;
  if (completed.random == nullptr) {
    completed.random = &system_random;
  }
  if (options.list_delimiter != "" && options.list_delimiter != ",") {
    return Invalid(
        fmt::format("the list delimiter \"{}\" belongs to no merge operator version", options.list_delimiter));
  }
  if (unique_id.empty() == (options.unique_ids && version > 0)) {
    return Internal(fmt::format("version {} of {} is asked for {} an id", version, options.directory,
                                unique_id.empty() ? "without" : "with"));
  }
  HF_ASSIGN_OR_RETURN(RecoveredState recovered, Recover(completed, {version, std::string(unique_id)}));
  return std::unique_ptr<Store>(std::make_unique<StoreImpl>(completed, version, std::move(recovered)));
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<std::uint8_t>(end.back()) == 0xFF) {
    end.pop_back();
  }
  if (!end.empty()) {
    end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
  }
  return end;
}

Status Store::ScanPrefix(std::string_view prefix,
                         const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  return ScanRange(prefix, PrefixEnd(prefix), visit);
}

}  // namespace hf
