// SPDX-License-Identifier: Apache-2.0
// The job on RocksDB as state, the way most stream processors do it and the way it is done well. No log of writes, no
// sink.
//
//   sessionize_rocksdb get_put EVENTS_DIRECTORY WORK_DIRECTORY   a Get and a Put (or Delete) for each event
//   sessionize_rocksdb sorted EVENTS_DIRECTORY WORK_DIRECTORY    batch by batch: group, sort, MultiGet, one WriteBatch;
//                                                                a checkpoint every 10 batches
//   sessionize_rocksdb versions                                  prints the versions that are linked
//
// Refuses to run on a RocksDB with asserts.
#include <arrow/config.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "answer.h"
#include "event_files.h"
#include "rocksdb_store.h"
#include "session_bytes.h"

namespace bench {
namespace {

constexpr std::size_t kBatchesPerCheckpoint = 10;
constexpr std::size_t kKeysPerMultiGet = 1024;

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// The session in memory while its events are counted. Views: into the batch or into a pinned value.
class OpenSession {
 public:
  OpenSession() = default;
  explicit OpenSession(const rocksdb::Slice& stored) : open_(true) {
    if (!SessionReader(stored.data()).Read(&session_)) {
      Die("a stored session does not decode");
    }
  }
  void Count(const EventBatch& batch, std::size_t row, Answer* answer) {
    if (!open_) {
      session_ = {
          .session_id = batch.session_id(row), .user_id = batch.user_id(row), .session_start = batch.timestamp(row)};
    }
    session_.event_count += 1;
    session_.total_revenue += batch.revenue(row);
    open_ = !batch.ends_session(row);
    if (!open_) {
      answer->CountEnded(session_.event_count, session_.total_revenue);
    }
  }
  [[nodiscard]] bool open() const { return open_; }
  // The bytes live in *room.
  rocksdb::Slice Encode(std::string* room) const {
    room->resize(std::max(room->size(), SessionBytesMax(session_)));
    return {room->data(), static_cast<std::size_t>(StoreSession(room->data(), session_) - room->data())};
  }

 private:
  bool open_ = false;
  SessionView session_;
};

// One partition of the job.
class Partition {
 public:
  explicit Partition(const std::filesystem::path& directory) : store_(directory) {}
  virtual ~Partition() = default;
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  virtual void Run(const EventBatch& batch, const PlacedRows& placed, const std::vector<std::uint32_t>& rows) = 0;
  // Brings everything to files and returns the answer.
  Answer Finish() {
    store_.Flush();
    return answer_;
  }

 protected:
  RocksdbStore& store() { return store_; }
  Answer& answer() { return answer_; }
  // Keeps the number of open sessions right when a key is written or removed.
  void CountOpen(bool before, bool after) { answer_.live_keys += static_cast<int>(after) - static_cast<int>(before); }

 private:
  RocksdbStore store_;
  Answer answer_;
};

class GetPutPartition final : public Partition {
 public:
  using Partition::Partition;

  void Run(const EventBatch& batch, const PlacedRows&, const std::vector<std::uint32_t>& rows) override {
    rocksdb::DB& db = store().db();
    for (const std::uint32_t row : rows) {
      const rocksdb::Slice key = ToSlice(batch.session_id(row));
      value_.Reset();
      const rocksdb::Status found = db.Get(read_, db.DefaultColumnFamily(), key, &value_);
      const bool stored = !found.IsNotFound();
      if (stored) {
        CheckRocksdb(found);
      }
      OpenSession session = stored ? OpenSession(value_) : OpenSession();
      session.Count(batch, row, &answer());
      CountOpen(stored, session.open());
      if (session.open()) {
        CheckRocksdb(db.Put(write_, key, session.Encode(&room_)));
      } else if (stored) {
        CheckRocksdb(db.Delete(write_, key));
      }
    }
  }

 private:
  const rocksdb::ReadOptions read_ = MakeReadOptions();
  const rocksdb::WriteOptions write_ = MakeWriteOptions();
  rocksdb::PinnableSlice value_;
  std::string room_;
};

// The rows of each key of a batch, chained in their order.
class Groups {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  void Make(const EventBatch& batch, const PlacedRows& placed, const std::vector<std::uint32_t>& rows) {
    std::size_t slots = 16;
    while (slots < 2 * rows.size()) {
      slots *= 2;
    }
    slots_.assign(slots, kNone);
    first_.clear();
    last_.clear();
    next_.assign(batch.rows(), kNone);
    for (const std::uint32_t row : rows) {
      Add(batch, placed.hashes, row);
    }
  }
  // The first row of each key, in no order.
  std::vector<std::uint32_t>& first_rows() { return first_; }
  [[nodiscard]] std::uint32_t RowAfter(std::uint32_t row) const { return next_[row]; }

 private:
  void Add(const EventBatch& batch, const std::vector<std::uint32_t>& hashes, std::uint32_t row) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = (hashes[row] >> 1) & mask;; at = (at + 1) & mask) {
      const std::uint32_t group = slots_[at];
      if (group == kNone) {
        slots_[at] = static_cast<std::uint32_t>(first_.size());
        first_.push_back(row);
        last_.push_back(row);
        return;
      }
      if (hashes[first_[group]] == hashes[row] && batch.session_id(first_[group]) == batch.session_id(row)) {
        next_[last_[group]] = row;
        last_[group] = row;
        return;
      }
    }
  }

  std::vector<std::uint32_t> slots_;  // group
  std::vector<std::uint32_t> first_;  // by group
  std::vector<std::uint32_t> last_;   // by group
  std::vector<std::uint32_t> next_;   // by row
};

class SortedPartition final : public Partition {
 public:
  explicit SortedPartition(const std::filesystem::path& directory) : Partition(directory) {
    write_.memtable_insert_hint_per_batch = true;  // the keys of a batch ascend
  }

  void Run(const EventBatch& batch, const PlacedRows& placed, const std::vector<std::uint32_t>& rows) override {
    groups_.Make(batch, placed, rows);
    std::vector<std::uint32_t>& first_rows = groups_.first_rows();
    std::sort(first_rows.begin(), first_rows.end(),
              [&batch](std::uint32_t a, std::uint32_t b) { return batch.session_id(a) < batch.session_id(b); });
    writes_.Clear();
    for (std::size_t begin = 0; begin < first_rows.size(); begin += kKeysPerMultiGet) {
      Process(batch, {first_rows.data() + begin, std::min(kKeysPerMultiGet, first_rows.size() - begin)});
    }
    CheckRocksdb(store().db().Write(write_, &writes_));
    if (++batches_ % kBatchesPerCheckpoint == 0) {
      store().MakeCheckpoint(batches_);
    }
  }

 private:
  struct RowSpan {
    const std::uint32_t* rows;
    std::size_t size;
  };

  // Reads the keys whose first rows these are, counts their events, and adds what must be written to writes_.
  void Process(const EventBatch& batch, RowSpan first_rows) {
    for (std::size_t at = 0; at < first_rows.size; ++at) {
      keys_[at] = ToSlice(batch.session_id(first_rows.rows[at]));
      values_[at].Reset();
    }
    rocksdb::DB& db = store().db();
    db.MultiGet(read_, db.DefaultColumnFamily(), first_rows.size, keys_.data(), values_.data(), found_.data(), true);
    for (std::size_t at = 0; at < first_rows.size; ++at) {
      const bool stored = !found_[at].IsNotFound();
      if (stored) {
        CheckRocksdb(found_[at]);
      }
      OpenSession session = stored ? OpenSession(values_[at]) : OpenSession();
      for (std::uint32_t row = first_rows.rows[at]; row != Groups::kNone; row = groups_.RowAfter(row)) {
        session.Count(batch, row, &answer());
      }
      CountOpen(stored, session.open());
      if (session.open()) {
        CheckRocksdb(writes_.Put(keys_[at], session.Encode(&room_)));
      } else if (stored) {
        CheckRocksdb(writes_.Delete(keys_[at]));
      }
    }
  }

  const rocksdb::ReadOptions read_ = MakeReadOptions();
  rocksdb::WriteOptions write_ = MakeWriteOptions();
  Groups groups_;
  rocksdb::WriteBatch writes_;
  std::size_t batches_ = 0;
  std::array<rocksdb::Slice, kKeysPerMultiGet> keys_;
  std::array<rocksdb::PinnableSlice, kKeysPerMultiGet> values_;
  std::array<rocksdb::Status, kKeysPerMultiGet> found_;
  std::string room_;
};

template <typename P>
void Sessionize(const std::string& events, const std::filesystem::path& work) {
  std::array<std::unique_ptr<Partition>, kPartitions> partitions;
  for (std::size_t p = 0; p < kPartitions; ++p) {
    partitions[p] = std::make_unique<P>(work / std::to_string(p));
  }
  EventFiles files(events);
  EventBatch batch;
  PlacedRows placed;
  while (files.Next(&batch)) {
    Place(batch, &placed);
    ForEachPartition([&](std::size_t p) { partitions[p]->Run(batch, placed, placed.rows[p]); });
  }
  std::array<Answer, kPartitions> answers;
  ForEachPartition([&](std::size_t p) { answers[p] = partitions[p]->Finish(); });
  Answer answer;
  for (const Answer& one : answers) {
    answer.Add(one);
  }
  PrintAnswer(answer);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (bench::RocksdbHasAsserts()) {
    bench::Die(
        "this RocksDB was built with asserts (without NDEBUG): its figures would mean nothing. Build with "
        "-DHOLDFAST_ROCKSDB=source, as ./dev bench does.");
  }
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "versions" && argc == 2) {
    fmt::print("{{\"rocksdb\":\"{}\",\"arrow\":\"{}\",\"compiler\":\"{}\"}}\n", bench::RocksdbVersion(),
               arrow::GetBuildInfo().version_string, BENCH_COMPILER);
  } else if (mode == "get_put" && argc == 4) {
    bench::Sessionize<bench::GetPutPartition>(argv[2], argv[3]);
  } else if (mode == "sorted" && argc == 4) {
    bench::Sessionize<bench::SortedPartition>(argv[2], argv[3]);
  } else {
    bench::Die("usage: sessionize_rocksdb get_put|sorted EVENTS_DIRECTORY WORK_DIRECTORY | versions");
  }
  return 0;
}
