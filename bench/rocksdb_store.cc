// SPDX-License-Identifier: Apache-2.0
#include "rocksdb_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

#include "answer.h"

namespace rocksdb {

// RocksDB's test hooks exist only when it is compiled without NDEBUG, as its asserts do; then nearly all of its code
// calls them. A weak declaration is null when the library has no such function.
class SyncPoint {
 public:
  static SyncPoint* GetInstance() __attribute__((weak));
};

}  // namespace rocksdb

namespace bench {

namespace {

constexpr std::size_t kMemtableBytes = 64 << 20;
constexpr std::size_t kCacheBytes = 256 << 20;
constexpr int kBloomBitsPerKey = 10;

rocksdb::Options MakeOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = kMemtableBytes;
  options.max_write_buffer_number = 3;
  options.max_background_jobs = 2;
  options.compression = rocksdb::kLZ4Compression;
  // New keys are common: the memtable answers "not here" without a search.
  options.memtable_prefix_bloom_size_ratio = 0.1;
  options.memtable_whole_key_filtering = true;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey, false));
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
  table.block_size = 4096;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // For lists, which grow by merges.
  CheckRocksdb(
      rocksdb::MergeOperator::CreateFromString(rocksdb::ConfigOptions(), "stringappend", &options.merge_operator));
  return options;
}

}  // namespace

void CheckRocksdb(const rocksdb::Status& status) {
  if (!status.ok()) {
    Die(status.ToString());
  }
}

RocksdbStore::RocksdbStore(const std::filesystem::path& directory) : directory_(directory) {
  std::filesystem::create_directories(directory);
  rocksdb::DB* db = nullptr;
  CheckRocksdb(rocksdb::DB::Open(MakeOptions(), (directory / "db").string(), &db));
  db_.reset(db);
  rocksdb::Checkpoint* checkpoint = nullptr;
  CheckRocksdb(rocksdb::Checkpoint::Create(db, &checkpoint));
  checkpoint_.reset(checkpoint);
}

void RocksdbStore::Flush() { CheckRocksdb(db_->Flush(rocksdb::FlushOptions())); }

void RocksdbStore::MakeCheckpoint(std::size_t batch) {
  Flush();
  CheckRocksdb(checkpoint_->CreateCheckpoint((directory_ / fmt::format("checkpoint-{}", batch)).string()));
}

rocksdb::ReadOptions MakeReadOptions() {
  rocksdb::ReadOptions options;
  options.verify_checksums = false;
  return options;
}

rocksdb::WriteOptions MakeWriteOptions() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

std::string RocksdbVersion() { return fmt::format("{}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH); }

bool RocksdbHasAsserts() { return &rocksdb::SyncPoint::GetInstance != nullptr; }

}  // namespace bench
