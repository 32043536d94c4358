// SPDX-License-Identifier: Apache-2.0
// One partition's RocksDB, set up as one would for this job, and what is known about the library.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>

#include <filesystem>
#include <memory>
#include <string>

namespace bench {

// Ends the program with RocksDB's message unless `status` is ok.
void CheckRocksdb(const rocksdb::Status& status);

class RocksdbStore {
 public:
  explicit RocksdbStore(const std::filesystem::path& directory);

  rocksdb::DB& db() { return *db_; }
  // Writes the memtable to files; the log of writes is off.
  void Flush();
  // Flushes and makes a checkpoint (hard links) beside the store. Earlier ones stay, as a restart may want them.
  void MakeCheckpoint(std::size_t batch);

 private:
  std::filesystem::path directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<rocksdb::Checkpoint> checkpoint_;
};

rocksdb::ReadOptions MakeReadOptions();
rocksdb::WriteOptions MakeWriteOptions();

std::string RocksdbVersion();
// Whether the linked library was compiled with its asserts and test hooks, which make it slower by half.
bool RocksdbHasAsserts();

}  // namespace bench
