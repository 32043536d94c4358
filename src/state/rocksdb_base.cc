// SPDX-License-Identifier: Apache-2.0
#include "state/rocksdb_base.h"

#include <fmt/core.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/check.h"
#include "state/rocksdb_unsynced.h"

namespace hf {
namespace {

// Each hand-over is one file in level 0. At this many they are merged into the last level, which rewrites it, so
// fewer merges cost a reader more files and a writer less work.
constexpr int kLevel0Files = 16;

Status FromRocksdb(const rocksdb::Status& status, std::string_view attempted) {
  if (status.ok()) {
    return {};
  }
  std::string message = fmt::format("{}: {}", attempted, status.ToString());
  if (status.IsCorruption()) {
    return Corrupt(std::move(message));
  }
  return status.IsIOError() || status.IsNoSpace() || status.IsMemoryLimit() ? Unavailable(std::move(message))
                                                                            : Internal(std::move(message));
}

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Result<rocksdb::Options> MakeOptions(const BaseOptions& options) {
  rocksdb::Options made;
  made.env = UnsyncedEnv();
  made.create_if_missing = true;
  // Merging list elements: the operator's name is part of the files (Spark: StringAppendOperator).
  const rocksdb::Status merge = rocksdb::MergeOperator::CreateFromString(
      rocksdb::ConfigOptions(), fmt::format("id=stringappend;delimiter={}", options.list_delimiter),
      &made.merge_operator);
  HF_RETURN_IF_ERROR(FromRocksdb(merge, "making the merge operator"));
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.block_size = 4096;
  table.checksum = rocksdb::kXXH3;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  table.block_cache = rocksdb::NewLRUCache(static_cast<std::size_t>(options.cache_bytes));
  made.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  made.compression = rocksdb::kLZ4Compression;
  made.level_compaction_dynamic_level_bytes = true;
  made.level0_file_num_compaction_trigger = kLevel0Files;
  made.max_open_files = -1;
  made.max_background_jobs = 1;
  made.max_file_opening_threads = 1;
  made.info_log_level = rocksdb::ERROR_LEVEL;
  made.keep_log_file_num = 1;
  made.stats_dump_period_sec = 0;
  made.stats_persist_period_sec = 0;
  made.avoid_flush_during_shutdown = true;
  return made;
}

// Closes the database and removes its scratch when the base and the last view have gone.
class Database {
 public:
  Database(std::unique_ptr<rocksdb::DB> db, std::string scratch) : db_(std::move(db)), scratch_(std::move(scratch)) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    db_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(scratch_, ignored);
  }
  rocksdb::DB* operator->() const { return db_.get(); }
  [[nodiscard]] rocksdb::DB& db() const { return *db_; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  const std::string scratch_;
};

class RocksdbCursor final : public BaseCursor {
 public:
  RocksdbCursor(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string_view begin, std::string_view end,
                bool fills_cache = true)
      : end_(end) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.fill_cache = fills_cache;
    if (!end_.empty()) {
      end_slice_ = ToSlice(end_);
      options.iterate_upper_bound = &end_slice_;
    }
    iterator_.reset(db.NewIterator(options));
    iterator_->Seek(ToSlice(begin));
  }

  [[nodiscard]] bool valid() const override { return iterator_->Valid(); }
  [[nodiscard]] std::string_view key() const override { return ToView(iterator_->key()); }
  [[nodiscard]] std::string_view value() const override { return ToView(iterator_->value()); }
  void Next() override { iterator_->Next(); }
  void SkipTo(std::string_view key) override {
    // A step costs about a tenth of a seek.
    constexpr int kStepsBeforeSeek = 8;
    for (int step = 0; step < kStepsBeforeSeek && valid(); ++step) {
      if (this->key() >= key) {
        return;
      }
      Next();
    }
    if (valid() && this->key() < key) {
      iterator_->Seek(ToSlice(key));
    }
  }
  [[nodiscard]] Status status() const override { return FromRocksdb(iterator_->status(), "scanning state"); }

 private:
  const std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksdbView final : public BaseView {
 public:
  // An empty view never asks the database.
  RocksdbView(std::shared_ptr<Database> database, bool empty)
      : db_(std::move(database)), empty_(empty), snapshot_((*db_)->GetSnapshot()) {
    options_.snapshot = snapshot_;
  }
  RocksdbView(const RocksdbView&) = delete;
  RocksdbView& operator=(const RocksdbView&) = delete;
  ~RocksdbView() override { (*db_)->ReleaseSnapshot(snapshot_); }

  [[nodiscard]] bool empty() const override { return empty_; }

  Result<bool> Get(std::string_view key, std::string* value) const override {
    if (empty_) {
      return false;
    }
    rocksdb::PinnableSlice found;
    const rocksdb::Status status = (*db_)->Get(options_, (*db_)->DefaultColumnFamily(), ToSlice(key), &found);
    if (status.IsNotFound()) {
      return false;
    }
    HF_RETURN_IF_ERROR(FromRocksdb(status, "reading state"));
    value->assign(found.data(), found.size());
    return true;
  }

  Status MultiGet(std::span<const std::string_view> keys,
                  const std::function<void(std::size_t, std::string_view)>& found) const override {
    constexpr std::size_t kChunk = 128;
    std::array<rocksdb::Slice, kChunk> slices;
    std::array<rocksdb::PinnableSlice, kChunk> values;
    std::array<rocksdb::Status, kChunk> statuses;
    for (std::size_t begin = 0; begin < keys.size() && !empty_; begin += kChunk) {
      const std::size_t count = std::min(kChunk, keys.size() - begin);
      for (std::size_t i = 0; i < count; ++i) {
        slices[i] = ToSlice(keys[begin + i]);
      }
      (*db_)->MultiGet(options_, (*db_)->DefaultColumnFamily(), count, slices.data(), values.data(), statuses.data(),
                       /*sorted_input=*/true);
      for (std::size_t i = 0; i < count; ++i) {
        if (statuses[i].ok()) {
          found(begin + i, ToView(values[i]));
        } else if (!statuses[i].IsNotFound()) {
          return FromRocksdb(statuses[i], "reading state");
        }
        values[i].Reset();
      }
    }
    return {};
  }

  [[nodiscard]] std::unique_ptr<BaseCursor> Scan(std::string_view begin, std::string_view end) const override {
    return std::make_unique<RocksdbCursor>(db_->db(), snapshot_, begin, end);
  }
  [[nodiscard]] std::unique_ptr<BaseCursor> ScanOnce() const override {
    return std::make_unique<RocksdbCursor>(db_->db(), snapshot_, std::string_view(), std::string_view(), false);
  }

 private:
  const std::shared_ptr<Database> db_;
  const bool empty_;
  const rocksdb::Snapshot* const snapshot_;
  rocksdb::ReadOptions options_;
};

class RocksdbBaseImpl final : public RocksdbBase {
 public:
  RocksdbBaseImpl(const BaseOptions& options, rocksdb::Options rocksdb_options, std::unique_ptr<rocksdb::DB> db)
      : options_(options),
        rocksdb_options_(std::move(rocksdb_options)),
        db_(std::make_shared<Database>(std::move(db), options.directory)) {
    std::vector<rocksdb::LiveFileMetaData> live;
    (*db_)->GetLiveFilesMetaData(&live);
    empty_ = live.empty();
  }

  [[nodiscard]] std::shared_ptr<const BaseView> View() override { return std::make_shared<RocksdbView>(db_, empty_); }

  Status TakeOver(std::span<const Delta* const> deltas) override {
    DeltaMerge merged({deltas.begin(), deltas.end()}, options_.list_delimiter);
    if (!merged.valid()) {
      return {};
    }
    const std::string path = fmt::format("{}/handover-{}.sst", options_.directory, ++handovers_);
    HF_RETURN_IF_ERROR(WriteSst(merged, path));
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    ingest.snapshot_consistency = true;  // views must not see it
    const rocksdb::Status status = (*db_)->IngestExternalFile({path}, ingest);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    HF_RETURN_IF_ERROR(FromRocksdb(status, "handing deltas over to RocksDB"));
    empty_ = false;
    return {};
  }

  Result<std::unique_ptr<BaseCheckpoint>> Checkpoint() override {
    rocksdb::Checkpoint* raw = nullptr;
    HF_RETURN_IF_ERROR(FromRocksdb(rocksdb::Checkpoint::Create(&db_->db(), &raw), "preparing a checkpoint"));
    const std::unique_ptr<rocksdb::Checkpoint> maker(raw);
    auto made = std::make_unique<BaseCheckpoint>();
    made->directory = fmt::format("{}/checkpoint-{}", options_.directory, ++handovers_);
    HF_RETURN_IF_ERROR(FromRocksdb(maker->CreateCheckpoint(made->directory), "making a checkpoint"));
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(made->directory, error)) {
      std::string name = entry.path().filename().string();
      if (name.ends_with(".sst")) {
        made->ssts.push_back({std::move(name), std::filesystem::file_size(entry.path(), error)});
        continue;
      }
      std::string content;
      HF_RETURN_IF_ERROR(FromRocksdb(rocksdb::ReadFileToString((*db_)->GetEnv(), entry.path().string(), &content),
                                     "reading a checkpoint"));
      made->small_files.emplace_back(std::move(name), std::move(content));
    }
    if (error) {
      return Unavailable(fmt::format("listing {}: {}", made->directory, error.message()));
    }
    std::sort(made->ssts.begin(), made->ssts.end(),
              [](const BaseFile& a, const BaseFile& b) { return a.name < b.name; });
    std::sort(made->small_files.begin(), made->small_files.end());
    return made;
  }

  Status VerifyChecksums() override {
    return FromRocksdb((*db_)->VerifyChecksum(rocksdb::ReadOptions()), "verifying checksums");
  }

 private:
  Status WriteSst(DeltaMerge& merged, const std::string& path) {
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), rocksdb_options_, nullptr, /*invalidate_page_cache=*/false);
    rocksdb::Status status = writer.Open(path);
    for (; status.ok() && merged.valid(); merged.Next()) {
      const ChangelogRecord& record = merged.record();
      switch (record.op) {
        case StateOp::kPut: status = writer.Put(ToSlice(record.key), ToSlice(record.value)); break;
        case StateOp::kMerge: status = writer.Merge(ToSlice(record.key), ToSlice(record.value)); break;
        case StateOp::kDelete: status = writer.Delete(ToSlice(record.key)); break;
      }
    }
    if (status.ok()) {
      status = writer.Finish();
    }
    return FromRocksdb(status, "writing an SST file");
  }

  const BaseOptions options_;
  const rocksdb::Options rocksdb_options_;
  const std::shared_ptr<Database> db_;
  bool empty_ = true;
  int handovers_ = 0;  // makes names of scratch files unique
};

}  // namespace

BaseCheckpoint::~BaseCheckpoint() {
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

std::string RocksdbBase::DatabaseDirectory(const BaseOptions& options) { return options.directory + "/db"; }

Status RocksdbBase::ClearScratch(const std::string& scratch) {
  // A job of a store before this one may still be removing its own files, which remove_all takes for a failure.
  constexpr int kAttempts = 10;
  std::error_code error;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::filesystem::remove_all(scratch, error);
    if (!error) {
      return {};
    }
  }
  return Unavailable(fmt::format("emptying {}: {}", scratch, error.message()));
}

Status RocksdbBase::MakeDirectories(const BaseOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(DatabaseDirectory(options), error);
  return error ? Unavailable(fmt::format("making {}: {}", DatabaseDirectory(options), error.message())) : Status();
}

Status RocksdbBase::PutFile(const BaseOptions& options, const std::string& name, std::string_view bytes) {
  return FromRocksdb(rocksdb::WriteStringToFile(UnsyncedEnv(), ToSlice(bytes), DatabaseDirectory(options) + "/" + name),
                     "writing a file of the database");
}

Result<std::shared_ptr<RocksdbBase>> RocksdbBase::Open(const BaseOptions& options) {
  HF_ASSIGN_OR_RETURN(rocksdb::Options rocksdb_options, MakeOptions(options));
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(rocksdb_options, DatabaseDirectory(options), &raw);
  std::unique_ptr<rocksdb::DB> db(raw);
  HF_RETURN_IF_ERROR(FromRocksdb(status, "opening RocksDB"));
  return std::shared_ptr<RocksdbBase>(
      std::make_shared<RocksdbBaseImpl>(options, std::move(rocksdb_options), std::move(db)));
}

}  // namespace hf
