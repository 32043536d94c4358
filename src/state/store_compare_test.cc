// SPDX-License-Identifier: Apache-2.0
// Runs random sequences of every operation of Store on it and on a naive map, and compares after each what both can
// tell. A failure names its seed and step.
#include <gtest/gtest.h>

#include <thread>

#include "state/changelog.h"
#include "state/row_checksum.h"
#include "state/state_files.h"
#include "state/store.h"
#include "state/store_testing.h"

namespace hf {
namespace {

// What a Store must be: a map for each version.
struct Reference {
  StateMap map;
  std::map<std::string, FamilyId> families{{"default", 1}};
  FamilyId id_max = 1;

  [[nodiscard]] bool IsInternal(std::string_view key) const {
    for (const auto& [name, id] : families) {
      if (key.starts_with(KeyIn(id, ""))) {
        return name.starts_with('$');
      }
    }
    return false;
  }
  [[nodiscard]] std::int64_t Keys(bool internal) const {
    return std::count_if(map.begin(), map.end(),
                         [&](const auto& entry) { return IsInternal(entry.first) == internal; });
  }
  void Apply(StateOp op, const std::string& key, const std::string& value, const std::string& delimiter) {
    if (op == StateOp::kDelete) {
      map.erase(key);
    } else if (op == StateOp::kPut || !map.contains(key)) {
      map[key] = value;
    } else {
      map[key] += delimiter + value;
    }
  }
};

class Tester {
 public:
  Tester(std::uint64_t seed, const StoreOptions& mode) : random_(seed) {
    StoreOptions& options = directory_.options;
    options.codec = mode.codec;
    options.list_delimiter = mode.list_delimiter;
    options.log_every_operation = mode.log_every_operation;
    options.changelog = mode.changelog;
    options.unique_ids = mode.unique_ids;
    options.row_checksums = mode.row_checksums;
    options.min_deltas_for_snapshot = mode.min_deltas_for_snapshot;
    versions_[0] = {};
    Reopen(0);
  }
  ~Tester() { DropJob(); }

  void Step() {
    switch (random_.Below(40)) {
      case 0: return CommitBatch();
      case 1:
      case 2: return random_.Below(3) == 0 ? AbortBatch() : CommitBatch();
      case 3: return BeginJob();
      case 4: return AdoptJob();
      case 5: return ChangeFamilies();
      case 6: return ReopenSomewhere();
      case 7: return Purge();
      case 8: return CompareAll();
      case 9:
      case 10: return CompareRange();
      case 11:
      case 12: return CompareMultiGet();
      default: return random_.Below(3) == 0 ? CompareGet(RandomKey()) : Change();
    }
  }

 private:
  std::string RandomKey() {
    auto family = current_.families.begin();
    std::advance(family, static_cast<std::ptrdiff_t>(random_.Below(current_.families.size())));
    std::string key = KeyIn(family->second, random_.Below(2) == 0 ? std::string("\0\0\0", 3) : "");
    switch (random_.Below(4)) {
      case 0: return key;
      case 1: return key + std::to_string(random_.Below(30));
      case 2: return key + std::string(1 + random_.Below(12), static_cast<char>(random_.Below(2) == 0 ? 0xFF : 'k'));
      default: return key + "shared prefix of all " + std::to_string(random_.Below(100));
    }
  }
  std::string RandomValue() { return std::string(random_.Below(30), static_cast<char>('a' + random_.Below(26))); }

  void Change() {
    const std::string key = RandomKey();
    const std::string value = RandomValue();
    const std::uint64_t kind = random_.Below(10);
    if (!directory_.options.log_every_operation && kind < 4 && !current_touched_.contains(key)) {
      // As a cell: it reaches the store only with Prepare.
      const StateOp op = kind == 0 ? StateOp::kDelete : StateOp::kPut;
      cells_[key] = {op, op == StateOp::kDelete ? "" : value};
      return;
    }
    if (cells_.contains(key)) {
      return;
    }
    current_touched_.insert(key);
    const StateOp op = kind < 4 || kind == 9 ? StateOp::kPut : kind < 6 ? StateOp::kDelete : StateOp::kMerge;
    if (op == StateOp::kPut) {
      store_->Put(key, value);
    } else if (op == StateOp::kDelete) {
      store_->Delete(key);
    } else {
      store_->Merge(key, value);
    }
    current_.Apply(op, key, value, directory_.options.list_delimiter);
    if (random_.Below(3) == 0) {
      CompareGet(key);
    }
  }

  void ChangeFamilies() {
    const std::string name = (random_.Below(2) == 0 ? "f" : "$f") + std::to_string(random_.Below(3));
    const auto known = current_.families.find(name);
    const std::optional<FamilyId> found = store_->FindFamily(name);
    ASSERT_EQ(found.has_value(), known != current_.families.end());
    if (known != current_.families.end() && random_.Below(3) == 0 && cells_.empty()) {
      const std::string prefix = KeyIn(known->second, "");
      ASSERT_TRUE(store_->RemoveFamily(name).ok());
      std::erase_if(current_.map, [&](const auto& entry) { return entry.first.starts_with(prefix); });
      current_.families.erase(known);
      return;
    }
    const Result<FamilyId> id = store_->EnsureFamily(name);
    ASSERT_TRUE(id.ok());
    if (known == current_.families.end()) {
      current_.families[name] = ++current_.id_max;
    }
    ASSERT_EQ(*id, current_.families[name]);
  }

  void CompareGet(const std::string& key) {
    std::string value = "left over";
    const Result<bool> found = store_->Get(key, &value);
    ASSERT_TRUE(found.ok()) << found.status().ToString();
    const auto expected = current_.map.find(key);
    ASSERT_EQ(*found, expected != current_.map.end());
    if (*found) {
      ASSERT_EQ(value, expected->second);
    }
  }

  void CompareMultiGet() {
    std::set<std::string> keys;
    for (std::uint64_t count = random_.Below(200); count > 0; --count) {
      keys.insert(RandomKey());
    }
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    StateMap found;
    const Status status = store_->MultiGet(views, [&](std::size_t i, std::string_view value) {
      EXPECT_TRUE(found.emplace(views[i], value).second) << "answered twice";
    });
    ASSERT_TRUE(status.ok()) << status.ToString();
    StateMap expected;
    for (const std::string& key : keys) {
      if (const auto entry = current_.map.find(key); entry != current_.map.end()) {
        expected.insert(*entry);
      }
    }
    ASSERT_EQ(found, expected);
  }

  void CompareRange() {
    std::string begin = RandomKey();
    begin.resize(random_.Below(begin.size() + 1));
    std::uint64_t left = random_.Below(20) + 1;
    StateMap found;
    StateMap expected;
    const auto take = [&](std::string_view key, std::string_view value) {
      found.emplace(key, value);
      return --left > 0;
    };
    std::uint64_t expected_left = left;
    if (random_.Below(2) == 0) {
      ASSERT_TRUE(store_->ScanPrefix(begin, take).ok());
      for (auto entry = current_.map.lower_bound(begin);
           entry != current_.map.end() && entry->first.starts_with(begin) && expected_left > 0;
           ++entry, --expected_left) {
        expected.insert(*entry);
      }
    } else {
      const std::string end = random_.Below(3) == 0 ? "" : RandomKey();
      ASSERT_TRUE(store_->ScanRange(begin, end, take).ok());
      for (auto entry = current_.map.lower_bound(begin);
           entry != current_.map.end() && (end.empty() || entry->first < end) && expected_left > 0;
           ++entry, --expected_left) {
        expected.insert(*entry);
      }
    }
    ASSERT_EQ(found, expected);
  }

  void CompareAll() {
    ASSERT_EQ(ReadAll(*store_), current_.map);
    std::map<std::string, FamilyId> families;
    for (const FamilyInfo& family : store_->families()) {
      families[family.name] = family.id;
    }
    ASSERT_EQ(families, current_.families);
  }

  void CompareCounts() {
    const StoreCounts counts = store_->counts();
    ASSERT_EQ(counts.keys, current_.Keys(false));
    ASSERT_EQ(counts.internal_keys, current_.Keys(true));
  }

  void CommitBatch() {
    std::vector<StateRecord> records;
    for (const auto& [key, cell] : cells_) {
      const bool existed = versions_[store_->version()].map.contains(key);
      records.push_back({cell.first, key, cell.second, random_.Below(2) == 0 ? std::optional(existed) : std::nullopt});
      current_.Apply(cell.first, key, cell.second, "");
    }
    for (std::size_t i = records.size(); i > 1; --i) {
      std::swap(records[i - 1], records[random_.Below(i)]);
    }
    const PreparedVersion prepared = hf::Commit(directory_.files, *store_, records);
    const StateVersion version = store_->version();
    ASSERT_EQ(prepared.version, version);
    ASSERT_EQ(prepared.changelog_path.empty(), !directory_.options.changelog);
    CompareChangelog(prepared);
    ids_[version] = prepared.unique_id;
    versions_[version] = current_;
    current_touched_.clear();
    cells_.clear();
    if (random_.Below(4) == 0) {
      CompareCounts();
      CompareAll();
    }
  }

  // The changelog alone leads from the version before to this one.
  void CompareChangelog(const PreparedVersion& prepared) {
    if (prepared.changelog_path.empty()) {
      return;
    }
    Result<Changelog> changelog = ReadChangelog(prepared.changelog_bytes, directory_.options.codec);
    ASSERT_TRUE(changelog.ok()) << changelog.status().ToString();
    const std::string& delimiter = directory_.options.list_delimiter;
    const bool checksums = directory_.options.row_checksums;
    ASSERT_TRUE(!checksums || VerifyChangelog(&*changelog, delimiter).ok());
    Reference replayed = versions_[prepared.version - 1];
    for (std::size_t i = 0; i < changelog->offsets.size(); ++i) {
      const ChangelogRecord record = changelog->record(i);
      std::string joined;
      const std::string_view value = checksums && record.op != StateOp::kDelete
                                         ? VerifyRows(record.key, record.value, delimiter, &joined).value()
                                         : record.value;
      replayed.Apply(record.op, std::string(record.key), std::string(value), delimiter);
    }
    ASSERT_EQ(replayed.map, current_.map);
  }

  void ForgetBatch() {
    current_ = versions_[store_->version()];
    current_touched_.clear();
    cells_.clear();
  }

  void AbortBatch() {
    if (random_.Below(2) == 0) {
      const Result<PreparedVersion> prepared = store_->Prepare({});
      ASSERT_TRUE(prepared.ok());
      CompareAll();
    }
    store_->Abort();
    ForgetBatch();
    CompareAll();
  }

  void BeginJob() {
    if (job_ != nullptr) {
      return;
    }
    job_ = store_->BeginSnapshot(random_.Below(2) == 0);
    if (job_ == nullptr) {
      return;
    }
    if (random_.Below(2) == 0) {
      thread_ = std::jthread([this] { job_status_ = job_->Run(); });
    } else {
      job_status_ = job_->Run();
    }
  }

  void AdoptJob() {
    if (job_ == nullptr) {
      return;
    }
    JoinJob();
    if (job_status_.ok()) {
      store_->Adopt(*job_);
    } else {
      // The only reason there is: a batch with a changed family went beyond it.
      ASSERT_EQ(job_status_.kind(), ErrorKind::kConflict) << job_status_.ToString();
    }
    job_.reset();
    CompareAll();
  }
  void JoinJob() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  void DropJob() {
    JoinJob();
    job_.reset();
  }

  void Purge() {
    const auto retained = static_cast<std::int64_t>(1 + random_.Below(8));
    ASSERT_TRUE(store_->Purge(retained).ok());
    // A job may have published meanwhile; counting from the newest snapshot there is now is on the safe side.
    const Result<StateFiles> files = ListStateFiles(directory_.files, directory_.options.directory);
    ASSERT_TRUE(files.ok());
    if (!files->snapshots.empty()) {
      oldest_ = std::max(oldest_, files->snapshots.back().version - retained + 1);
    }
  }

  void ReopenSomewhere() {
    DropJob();
    const StateVersion newest = store_->version();
    StateVersion version = newest;
    if (random_.Below(2) == 0) {
      const StateVersion first = std::min(std::max(oldest_, StateVersion{0}), newest);
      version = first + static_cast<StateVersion>(random_.Below(static_cast<std::uint64_t>(newest - first) + 1));
    }
    Reopen(version);
  }

  void Reopen(StateVersion version) {
    store_.reset();
    store_ = directory_.Open(version, ids_[version]);
    ASSERT_NE(store_, nullptr);
    ASSERT_TRUE(RemoveVersionsAbove(directory_.files, directory_.options.directory, version).ok());
    versions_.erase(versions_.upper_bound(version), versions_.end());
    ForgetBatch();
    CompareAll();
    if (random_.Below(2) == 0) {
      CompareCounts();
    }
  }

  StoreDirectory directory_;
  SeededRandom random_;
  std::unique_ptr<Store> store_;
  Reference current_;
  std::set<std::string> current_touched_;  // through the batch table
  std::map<std::string, std::pair<StateOp, std::string>> cells_;
  std::map<StateVersion, Reference> versions_;
  std::map<StateVersion, std::string> ids_;  // of those; empty in checkpoint format 1
  StateVersion oldest_ = 0;                  // which Purge has left
  std::unique_ptr<SnapshotJob> job_;
  Status job_status_;
  std::jthread thread_;
};

void RunSteps(std::uint64_t seed, const StoreOptions& mode) {
  Tester tester(seed, mode);
  constexpr int kSteps = 2500;
  for (int step = 0; step < kSteps; ++step) {
    tester.Step();
    if (::testing::Test::HasFailure()) {
      FAIL() << "seed " << seed << ", step " << step;
    }
  }
}

TEST(StoreCompare, NetChangelogs) {
  StoreOptions mode;
  mode.min_deltas_for_snapshot = 5;
  RunSteps(1, mode);
}

TEST(StoreCompare, EveryOperationWithDelimiter) {
  StoreOptions mode;
  mode.codec = CompressionCodec::kZstd;
  mode.list_delimiter = ",";
  mode.log_every_operation = true;
  mode.min_deltas_for_snapshot = 3;
  RunSteps(2, mode);
}

TEST(StoreCompare, SnapshotsOnly) {
  StoreOptions mode;
  mode.changelog = false;
  RunSteps(3, mode);
}

// Reopening an earlier version leaves attempts behind that nobody may take for committed.
TEST(StoreCompare, Format2) {
  StoreOptions mode;
  mode.unique_ids = true;
  mode.min_deltas_for_snapshot = 4;
  RunSteps(5, mode);
}

TEST(StoreCompare, Format2EveryOperationWithRowChecksumsAndDelimiter) {
  StoreOptions mode;
  mode.unique_ids = true;
  mode.row_checksums = true;
  mode.list_delimiter = ",";
  mode.log_every_operation = true;
  mode.min_deltas_for_snapshot = 4;
  RunSteps(6, mode);
}

TEST(StoreCompare, RowChecksums) {
  StoreOptions mode;
  mode.row_checksums = true;
  mode.min_deltas_for_snapshot = 4;
  RunSteps(7, mode);
}

TEST(StoreCompare, FewSnapshots) {
  StoreOptions mode;
  mode.codec = CompressionCodec::kSnappy;
  mode.min_deltas_for_snapshot = 40;
  RunSteps(4, mode);
}

}  // namespace
}  // namespace hf
