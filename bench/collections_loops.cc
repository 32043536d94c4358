// SPDX-License-Identifier: Apache-2.0
// The jobs of the bench "collections" without a stream processor: a loop over rows in memory that keeps what the job
// keeps, on two threads, once in the C++ library's containers (nothing is durable) and once in RocksDB (two stores, no
// log of writes, a checkpoint after each file).
//
//   collections_loops JOB DIRECTORY
//
// Prints one JSON line with the milliseconds of both; reading the files is not in them.
#include <arrow/api.h>
#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "answer.h"
#include "rocksdb_store.h"

namespace bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kThreads = 2;

struct Item {
  std::int64_t id;
  std::int64_t key;
  std::int32_t field;
  std::int64_t amount;
};
using File = std::vector<Item>;

template <typename T>
T OrDie(arrow::Result<T> result) {
  if (!result.ok()) {
    Die(result.status().ToString());
  }
  return std::move(result).ValueOrDie();
}

File Read(const std::string& path) {
  auto input = OrDie(arrow::io::MemoryMappedFile::Open(path, arrow::io::FileMode::READ));
  auto reader = OrDie(parquet::arrow::OpenFile(input, arrow::default_memory_pool()));
  const auto table = OrDie(OrDie(reader->ReadTable())->CombineChunks());
  const auto longs = [&](const char* name) {
    return std::static_pointer_cast<arrow::Int64Array>(table->GetColumnByName(name)->chunk(0))->raw_values();
  };
  const auto fields = std::static_pointer_cast<arrow::Int32Array>(table->GetColumnByName("field")->chunk(0));
  File file;
  for (std::int64_t row = 0; row < table->num_rows(); ++row) {
    file.push_back({longs("id")[row], longs("key")[row], fields->Value(row), longs("amount")[row]});
  }
  return file;
}

// Big-endian, so that the order of the bytes is that of the numbers.
void AppendNumber(std::uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

std::string KeyOf(char family, std::int64_t first, std::int64_t second) {
  std::string key(1, family);
  AppendNumber(static_cast<std::uint64_t>(first), key);
  AppendNumber(static_cast<std::uint64_t>(second), key);
  return key;
}

// What a thread keeps. A timer's two keys, or a value and its expiration, are `entry` by owner and by time.
class InMemory {
 public:
  explicit InMemory(const fs::path& /*directory*/) {}
  void Append(const Item& item) { lists_[item.key].push_back(item.amount); }
  void Update(const Item& item) { maps_[item.key][item.field] = item.amount; }
  void SetTimer(std::int64_t owner, std::int64_t time) {
    if (timers_[owner].insert(time).second) {
      due_.emplace(time, owner);
    }
  }
  std::int64_t EndAll() {
    const auto ended = static_cast<std::int64_t>(due_.size());
    while (!due_.empty()) {
      const auto [time, owner] = *due_.begin();
      const auto of_owner = timers_.find(owner);
      of_owner->second.erase(time);
      if (of_owner->second.empty()) {
        timers_.erase(of_owner);
      }
      due_.erase(due_.begin());
    }
    return ended;
  }
  void EndBatch(std::size_t /*batch*/) {}

 private:
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> lists_;
  std::unordered_map<std::int64_t, std::unordered_map<std::int32_t, std::int64_t>> maps_;
  std::unordered_map<std::int64_t, std::set<std::int64_t>> timers_;
  std::set<std::pair<std::int64_t, std::int64_t>> due_;
};

class InRocksdb {
 public:
  explicit InRocksdb(const fs::path& directory) : store_(directory) {}
  void Append(const Item& item) {
    CheckRocksdb(store_.db().Merge(write_, KeyOf('l', item.key, 0), Number(item.amount)));
  }
  void Update(const Item& item) {
    CheckRocksdb(store_.db().Put(write_, KeyOf('m', item.key, item.field), Number(item.amount)));
  }
  void SetTimer(std::int64_t owner, std::int64_t time) {
    const std::string by_owner = KeyOf('o', owner, time);
    if (store_.db().Get(read_, by_owner, &value_).IsNotFound()) {
      CheckRocksdb(store_.db().Put(write_, by_owner, ""));
      CheckRocksdb(store_.db().Put(write_, KeyOf('t', time, owner), ""));
    }
  }
  std::int64_t EndAll() {
    std::int64_t ended = 0;
    const std::unique_ptr<rocksdb::Iterator> due(store_.db().NewIterator(read_));
    for (due->Seek("t"); due->Valid() && due->key()[0] == 't'; due->Next()) {
      const std::string numbers(due->key().data() + 1, 16);
      CheckRocksdb(store_.db().Delete(write_, "o" + numbers.substr(8) + numbers.substr(0, 8)));
      CheckRocksdb(store_.db().Delete(write_, due->key()));
      ++ended;
    }
    return ended;
  }
  void EndBatch(std::size_t batch) { store_.MakeCheckpoint(batch); }

 private:
  static std::string Number(std::int64_t number) {
    std::string bytes;
    AppendNumber(static_cast<std::uint64_t>(number), bytes);
    return bytes;
  }

  RocksdbStore store_;
  const rocksdb::ReadOptions read_ = MakeReadOptions();
  const rocksdb::WriteOptions write_ = MakeWriteOptions();
  std::string value_;
};

template <typename Keeper>
std::int64_t RunPart(const std::string& job, const std::vector<File>& files, std::size_t part, const fs::path& work) {
  Keeper keeper(work / std::to_string(part));
  for (std::size_t batch = 0; batch < files.size(); ++batch) {
    for (const Item& item : files[batch]) {
      const std::int64_t owner = job == "ttl" ? item.id : item.key;
      if (static_cast<std::size_t>(owner) % kThreads != part) {
        continue;
      }
      if (job == "list") {
        keeper.Append(item);
      } else if (job == "map") {
        keeper.Update(item);
      } else {
        // A value that expires is a timer whose time is that of its batch.
        keeper.SetTimer(owner, job == "ttl" ? static_cast<std::int64_t>(batch) : item.amount);
      }
    }
    keeper.EndBatch(batch);
  }
  const std::int64_t ended = keeper.EndAll();
  keeper.EndBatch(files.size());
  return ended;
}

template <typename Keeper>
double RunMs(const std::string& job, const std::vector<File>& files, const fs::path& work) {
  const auto begun = Clock::now();
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < kThreads; ++part) {
    threads.emplace_back([&, part] { RunPart<Keeper>(job, files, part, work); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

void Run(const std::string& job, const fs::path& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("rows-")) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<File> files;
  for (const std::string& path : paths) {
    files.push_back(Read(path));
  }
  const fs::path work = directory.parent_path().parent_path() / "bench-work/loops";
  fs::remove_all(work);
  const double in_memory_ms = RunMs<InMemory>(job, files, work);
  const double rocksdb_ms = RunMs<InRocksdb>(job, files, work);
  fs::remove_all(work);
  fmt::print("{{\"loop_in_memory_s\":{:.3f},\"loop_rocksdb_s\":{:.3f}}}\n", in_memory_ms / 1000, rocksdb_ms / 1000);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc != 3) {
    bench::Die("usage: collections_loops JOB DIRECTORY");
  }
  bench::Run(argv[1], argv[2]);
  return 0;
}
