// SPDX-License-Identifier: Apache-2.0
// StoreImpl::Prepare: cells and batch table become one delta and its changelog.
#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "state/key_order.h"
#include "state/row_checksum.h"
#include "state/state_files.h"
#include "state/store_impl.h"
#include "state/visible_checksum.h"

namespace hf {
namespace {

constexpr std::size_t kPrefetchAhead = 8;
// The lineage of a changelog must fit 64 KiB; a snapshot makes it short again. This is about 400 versions.
constexpr std::size_t kHeaderBytesForSnapshot = 31 << 10;

// One net operation; views live in the cells or the batch table.
struct NetRecord {
  StateOp op;
  bool existed;
  std::string_view key;
  std::string_view value;
};

// Which families are internal, by id.
class FamilyKinds {
 public:
  void Add(const FamilySet& set) {
    for (const FamilyInfo& family : set.families) {
      const auto id = static_cast<std::size_t>(family.id);
      is_internal_.resize(std::max(is_internal_.size(), id + 1));
      is_internal_[id] = family.is_internal;
    }
  }
  [[nodiscard]] bool IsInternal(std::string_view key) const {
    const auto id = static_cast<std::size_t>(FamilyOf(key));
    return id < is_internal_.size() && is_internal_[id];
  }

 private:
  std::vector<bool> is_internal_;
};

// Takes the net operations in key order, counts them, and leaves out deletes that delete nothing.
class Counter {
 public:
  explicit Counter(FamilyKinds kinds) : kinds_(std::move(kinds)) {}

  // False when the operation changes nothing.
  bool Count(const NetRecord& record) {
    const bool is_internal = kinds_.IsInternal(record.key);
    if (record.op == StateOp::kDelete) {
      change_.Add(is_internal, record.existed ? -1 : 0);
      rows_removed_ += record.existed && !is_internal ? 1 : 0;
      return record.existed;
    }
    change_.Add(is_internal, record.existed ? 0 : 1);
    rows_put_ += is_internal ? 0 : 1;
    return true;
  }
  [[nodiscard]] const KeyCounts& change() const { return change_; }
  [[nodiscard]] std::int64_t rows_put() const { return rows_put_; }
  [[nodiscard]] std::int64_t rows_removed() const { return rows_removed_; }

 private:
  const FamilyKinds kinds_;
  KeyCounts change_;
  std::int64_t rows_put_ = 0;
  std::int64_t rows_removed_ = 0;
};

// The cells in key order.
Result<std::vector<NetRecord>> SortCells(std::span<const StateRecord> cells) {
  std::vector<std::string_view> keys(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    keys[i] = cells[i].key;
    if (keys[i].size() < kFamilyBytes || cells[i].op == StateOp::kMerge) {
      return Internal("a cell is no put or delete of a key with a family id");
    }
  }
  const std::vector<std::uint32_t> order = SortedOrder(keys);
  std::vector<NetRecord> records(cells.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const StateRecord& cell = cells[order[i]];
    records[i] = {cell.op, *cell.existed, cell.key, cell.op == StateOp::kDelete ? std::string_view() : cell.value};
  }
  return records;
}

// Puts the batch table's entries among the sorted cells.
std::vector<NetRecord> MergeBatch(std::vector<NetRecord> cells, const std::vector<BatchTable::Entry*>& entries) {
  const auto below = [](const NetRecord& a, const NetRecord& b) { return a.key < b.key; };
  std::vector<NetRecord> batch;
  batch.reserve(entries.size());
  for (const BatchTable::Entry* entry : entries) {
    batch.push_back({entry->op, *entry->existed, entry->key, entry->value});
  }
  if (cells.empty() || batch.empty()) {
    return cells.empty() ? std::move(batch) : std::move(cells);
  }
  std::vector<NetRecord> records;
  records.reserve(cells.size() + batch.size());
  std::merge(cells.begin(), cells.end(), batch.begin(), batch.end(), std::back_inserter(records), below);
  return records;
}

// Gives the rows of cells their checksums, in `arena`. What comes from the batch table has them already.
void ChecksumCells(std::span<NetRecord> cells, std::string& arena) {
  std::size_t bytes = 0;
  for (const NetRecord& cell : cells) {
    bytes += cell.value.size() + kRowChecksumBytes;
  }
  arena.reserve(bytes);  // views into it stay
  for (NetRecord& cell : cells) {
    if (cell.op == StateOp::kPut) {
      const std::size_t begin = arena.size();
      AppendChecksummed(cell.key, cell.value, arena);
      cell.value = std::string_view(arena).substr(begin);
    }
  }
}

}  // namespace

// Fills in `existed` where nobody knows it yet: in `cells` and in the batch table's `entries`.
Status StoreImpl::FindExisted(std::span<StateRecord> cells, const std::vector<BatchTable::Entry*>& entries) {
  struct Unknown {
    std::string_view key;
    std::optional<bool>* existed;
  };
  std::vector<Unknown> unknown;
  const auto add = [&](std::string_view key, std::optional<bool>& existed) {
    if (!existed.has_value()) {
      unknown.push_back({key, &existed});
    }
  };
  for (StateRecord& cell : cells) {
    add(cell.key, cell.existed);
  }
  for (BatchTable::Entry* entry : entries) {
    add(entry->key, entry->existed);
  }
  const auto below = [](const Unknown& a, const Unknown& b) { return a.key < b.key; };
  if (!std::is_sorted(unknown.begin(), unknown.end(), below)) {  // entries are
    std::sort(unknown.begin(), unknown.end(), below);
  }
  std::vector<std::string_view> keys(unknown.size());
  std::vector<bool> existed(unknown.size());
  std::transform(unknown.begin(), unknown.end(), keys.begin(), [](const Unknown& item) { return item.key; });
  HF_RETURN_IF_ERROR(layers_.MultiGet(keys, [&](std::size_t i, std::string_view) { existed[i] = true; }));
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    *unknown[i].existed = existed[i];
  }
  return {};
}

Status StoreImpl::MakeChangelog(const Prepared& prepared, std::string_view header, PreparedVersion* result) const {
  std::string_view content = prepared.frozen.delta->content();
  std::string log;
  if (options_.log_every_operation) {
    log.append(header).append(batch_.log()).push_back(kChangelogEnd);
    content = log;
  }
  std::string checksummed;
  if (options_.row_checksums) {
    checksummed = ChecksumDeletes(content, header.size());
    content = checksummed;
  }
  result->changelog_path = ChangelogPath(options_.directory, result->version, result->unique_id);
  HF_ASSIGN_OR_RETURN(result->changelog_bytes, Compress(options_.codec, content));
  if (options_.unique_ids) {
    result->changelog_checksum = EncodeVisibleChecksum(result->changelog_bytes);
  }
  return {};
}

Result<PreparedVersion> StoreImpl::Prepare(std::span<StateRecord> cells) {
  CheckOpenBatch();
  if (options_.log_every_operation && !cells.empty()) {
    return Internal("operations kept in cells have no call order");
  }
  const std::vector<BatchTable::Entry*> entries = batch_.Sorted();
  HF_RETURN_IF_ERROR(FindExisted(cells, entries));
  HF_ASSIGN_OR_RETURN(std::vector<NetRecord> records, SortCells(cells));
  std::string checksummed;
  if (options_.row_checksums) {
    ChecksumCells(records, checksummed);
  }
  records = MergeBatch(std::move(records), entries);
  FamilyKinds kinds;
  kinds.Add(confirmed_families_);
  kinds.Add(families_);
  Counter counter(std::move(kinds));

  std::size_t record_bytes = 0;
  for (const NetRecord& record : records) {
    record_bytes += RecordBytes(record.key, record.value);
  }
  if (!FitsDelta(record_bytes) || !FitsDelta(batch_.log().size())) {
    return Invalid(fmt::format("one batch changes {} bytes of state in {}: more than 4 GiB; use smaller batches",
                               record_bytes, options_.directory));
  }
  const std::string header = options_.unique_ids ? HeaderWithLineage(lineage_) : std::string(kChangelogHeader);
  DeltaBuilder builder(records.size(), record_bytes, header);
  for (std::size_t i = 0; i < records.size(); ++i) {
    // Key and value of a cell lie one behind the other.
    if (i + kPrefetchAhead < records.size()) {
      __builtin_prefetch(records[i + kPrefetchAhead].key.data());
      __builtin_prefetch(records[i + kPrefetchAhead].key.data() + 64);
    }
    if (i > 0 && records[i].key == records[i - 1].key) {
      return Internal("a key is changed both in a cell and in the batch table, or by two cells");
    }
    if (counter.Count(records[i])) {
      builder.Add(records[i].op, records[i].key, records[i].value);
    }
  }

  Prepared prepared{.frozen = {version_ + 1, builder.Finish()},
                    .unique_id = options_.unique_ids ? options_.random->NewUuid() : std::string(),
                    .change = counter.change(),
                    .publish_now = false,
                    .published = nullptr};
  prepared.publish_now = ((families_changed_ || version_ == 0) && options_.publishes_families) || !options_.changelog ||
                         header.size() > kHeaderBytesForSnapshot;
  PreparedVersion result{.version = version_ + 1,
                         .unique_id = prepared.unique_id,
                         .changelog_path = {},
                         .changelog_bytes = {},
                         .changelog_checksum = {},
                         .rows_put = counter.rows_put(),
                         .rows_removed = counter.rows_removed(),
                         .publish_now = prepared.publish_now};
  if (options_.changelog) {
    HF_RETURN_IF_ERROR(MakeChangelog(prepared, header, &result));
  }
  DropBatch();
  layers_.deltas.push_back(prepared.frozen);
  prepared_ = std::move(prepared);
  return result;
}

}  // namespace hf
