// SPDX-License-Identifier: Apache-2.0
// How fast this job can be on this machine with Spark's bytes: the measure for Holdfast. It knows the job and nothing
// else: keys and user ids of at most 16 bytes, two partitions, no sink, no snapshots, no way to recover.
//
//   sessionize_limit EVENTS_DIRECTORY WORK_DIRECTORY
//
// What it shares with Holdfast: the Parquet files, Spark's placement of keys, Avro state, changelogs with the very same
// bytes, durable (fdatasync) at every batch. One file holds the changelogs of a partition one after the other.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "answer.h"
#include "block_stream.h"
#include "event_files.h"
#include "session_bytes.h"

namespace bench {
namespace {

constexpr std::size_t kIdBytesMax = 16;
// Events between a prefetch and its use: enough to hide the way to memory, few enough to stay in the cache. The slot
// must have come before the state that it points to can be asked for.
constexpr std::size_t kStatesAhead = 16;
constexpr std::size_t kSlotsAhead = 2 * kStatesAhead;
constexpr std::size_t kKeysAhead = 8;

using Id = std::array<char, kIdBytesMax>;

Id MakeId(std::string_view text) {
  if (text.size() > kIdBytesMax) {
    Die(fmt::format("the limit program knows ids of at most {} bytes, not {}", kIdBytesMax, text));
  }
  Id id{};
  std::memcpy(id.data(), text.data(), text.size());
  return id;
}

std::string_view ViewOf(const Id& id) { return {id.data(), strnlen(id.data(), kIdBytesMax)}; }

// 56 bytes: a session touches one or two cache lines.
struct State {
  Id session_id = {};
  Id user_id = {};
  double total_revenue = 0;
  std::int64_t session_start = 0;
  std::int32_t event_count = 0;  // 0: no open session
  std::uint32_t batch : 31 = 0;  // the last one that touched it
  std::uint32_t stored : 1 = 0;  // whether the changelogs so far leave the key there
};
static_assert(sizeof(State) == 56);

// Session states by id: open addressing over slots that hold the hash and the place of the state.
class StateTable {
 public:
  StateTable() : slots_(kSlotsAtFirst), mask_(kSlotsAtFirst - 1) {}

  void PrefetchSlot(std::uint32_t hash) const { __builtin_prefetch(&slots_[SlotOf(hash)]); }
  void PrefetchState(std::uint32_t hash) const {
    if (const Slot slot = slots_[SlotOf(hash)]; slot.state != 0) {
      __builtin_prefetch(&states_[slot.state - 1]);
    }
  }
  // The place of the state of `id`, a new one if there is none.
  std::uint32_t Find(const Id& id, std::uint32_t hash) {
    std::size_t at = SlotOf(hash);
    for (; slots_[at].state != 0; at = (at + 1) & mask_) {
      if (slots_[at].hash == hash && states_[slots_[at].state - 1].session_id == id) {
        return slots_[at].state - 1;
      }
    }
    states_.push_back(State{.session_id = id});
    slots_[at] = {hash, static_cast<std::uint32_t>(states_.size())};
    if (states_.size() * 2 > slots_.size()) {
      Grow();
    }
    return static_cast<std::uint32_t>(states_.size() - 1);
  }
  State& state(std::uint32_t place) { return states_[place]; }
  [[nodiscard]] const std::vector<State>& states() const { return states_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t state = 0;  // place + 1; 0: free
  };
  static constexpr std::size_t kSlotsAtFirst = 1 << 16;

  // The lowest bit is the partition.
  [[nodiscard]] std::size_t SlotOf(std::uint32_t hash) const { return (hash >> 1) & mask_; }

  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.state != 0) {
        std::size_t at = SlotOf(slot.hash);
        while (slots_[at].state != 0) {
          at = (at + 1) & mask_;
        }
        slots_[at] = slot;
      }
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_;
  std::vector<State> states_;
};

// The changelog of one batch (Spark's format v2) in the making.
class ChangelogWriter {
 public:
  explicit ChangelogWriter(const std::string& path)
      : file_(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644)) {
    if (file_ < 0) {
      Die(fmt::format("cannot create {}", path));
    }
  }
  ChangelogWriter(const ChangelogWriter&) = delete;
  ChangelogWriter& operator=(const ChangelogWriter&) = delete;
  ~ChangelogWriter() { close(file_); }

  void Begin(std::size_t records) {
    if (content_.size() < kHeader.size() + records * kRecordBytesMax + 1) {
      content_.resize(kHeader.size() + records * kRecordBytesMax + 1);
    }
    std::memcpy(content_.data(), kHeader.data(), kHeader.size());
    to_ = content_.data() + kHeader.size();
  }
  // What the batch did to the key: nothing when its session both began and ended in it.
  void Append(State& state) {
    const bool open = state.event_count > 0;
    if (open || state.stored != 0) {
      AppendRecord(state);
    }
    state.stored = open ? 1 : 0;
  }
  // Compresses, writes and syncs.
  void Commit() {
    *to_++ = kEnd;
    const std::string_view content(content_.data(), static_cast<std::size_t>(to_ - content_.data()));
    const std::string_view stream = CompressBlocks(content, &compressed_);
    for (std::size_t written = 0; written < stream.size();) {
      const ssize_t now = write(file_, stream.data() + written, stream.size() - written);
      if (now < 0) {
        Die("cannot write the changelog");
      }
      written += static_cast<std::size_t>(now);
    }
    if (fdatasync(file_) != 0) {
      Die("cannot sync the changelog");
    }
    bytes_ += stream.size();
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::string_view kHeader{"\0\2v2", 4};
  static constexpr std::string_view kKeyPrefix{"\2\0\0\0\0", 5};  // column family 2, version byte, schema id 0
  static constexpr std::string_view kValuePrefix{"\0\0\0", 3};    // version byte, schema id 0
  static constexpr char kPut = 0x01;
  static constexpr char kDelete = 0x10;
  static constexpr char kEnd = 0x00;
  static constexpr std::uint32_t kNoValue = 0xffffffff;
  static constexpr std::size_t kRecordBytesMax = 1 + 4 + 4 + kKeyPrefix.size() + kValuePrefix.size() + 1 +
                                                 kVarintBytesMax + kSessionBytesFixedMax + 3 * kIdBytesMax;

  void AppendRecord(const State& state) {
    const std::string_view session_id = ViewOf(state.session_id);
    *to_++ = state.event_count > 0 ? kPut : kDelete;
    char* const key = to_ + 4;
    std::memcpy(key, kKeyPrefix.data(), kKeyPrefix.size());
    to_ = StoreString(key + kKeyPrefix.size(), session_id);
    StoreSize(key - 4, static_cast<std::uint32_t>(to_ - key));
    char* const value = to_ + 4;
    if (state.event_count == 0) {
      StoreSize(to_, kNoValue);
      to_ = value;
      return;
    }
    std::memcpy(value, kValuePrefix.data(), kValuePrefix.size());
    to_ = StoreSession(value + kValuePrefix.size(), {.session_id = session_id,
                                                     .user_id = ViewOf(state.user_id),
                                                     .event_count = state.event_count,
                                                     .total_revenue = state.total_revenue,
                                                     .session_start = state.session_start});
    StoreSize(value - 4, static_cast<std::uint32_t>(to_ - value));
  }
  static void StoreSize(char* to, std::uint32_t size) {
    const std::uint32_t big_endian = __builtin_bswap32(size);
    std::memcpy(to, &big_endian, 4);
  }

  int file_;
  std::string content_;
  std::string compressed_;
  char* to_ = nullptr;
  std::size_t bytes_ = 0;
};

class Partition {
 public:
  explicit Partition(const std::string& changelog) : changelog_(changelog) {}

  void Run(const EventBatch& batch, const std::vector<std::uint32_t>& hashes, const std::vector<std::uint32_t>& rows) {
    ++batch_;
    touched_.clear();
    for (std::size_t at = 0; at < rows.size(); ++at) {
      if (at + kSlotsAhead < rows.size()) {
        table_.PrefetchSlot(hashes[rows[at + kSlotsAhead]]);
      }
      if (at + kStatesAhead < rows.size()) {
        table_.PrefetchState(hashes[rows[at + kStatesAhead]]);
      }
      Update(batch, rows[at], hashes[rows[at]]);
    }
    SortTouched();
    changelog_.Begin(sorted_.size());
    for (std::size_t at = 0; at < sorted_.size(); ++at) {
      if (at + kKeysAhead < sorted_.size()) {
        __builtin_prefetch(&table_.state(sorted_[at + kKeysAhead].second));
      }
      changelog_.Append(table_.state(sorted_[at].second));
    }
    changelog_.Commit();
  }

  [[nodiscard]] Answer Finish() const {
    Answer answer = answer_;
    for (const State& state : table_.states()) {
      answer.live_keys += state.event_count > 0 ? 1 : 0;
    }
    return answer;
  }
  [[nodiscard]] std::size_t changelog_bytes() const { return changelog_.bytes(); }

 private:
  void Update(const EventBatch& batch, std::size_t row, std::uint32_t hash) {
    const std::uint32_t place = table_.Find(MakeId(batch.session_id(row)), hash);
    State& state = table_.state(place);
    if (state.event_count == 0) {
      state.user_id = MakeId(batch.user_id(row));
      state.session_start = batch.timestamp(row);
      state.total_revenue = 0;
    }
    state.event_count += 1;
    state.total_revenue += batch.revenue(row);
    if (state.batch != batch_) {
      state.batch = batch_;
      touched_.push_back(place);
    }
    if (batch.ends_session(row)) {
      answer_.CountEnded(state.event_count, state.total_revenue);
      state.event_count = 0;
    }
  }

  // Ids share their first bytes: what follows the longest common prefix orders nearly all of them by one number.
  void SortTouched() {
    sorted_.clear();
    if (touched_.empty()) {
      return;
    }
    const Id first = table_.state(touched_.front()).session_id;
    std::size_t common = kIdBytesMax - 8;
    for (std::size_t at = 0; at < touched_.size(); ++at) {
      if (at + kKeysAhead < touched_.size()) {
        __builtin_prefetch(&table_.state(touched_[at + kKeysAhead]));
      }
      const Id& id = table_.state(touched_[at]).session_id;
      while (std::memcmp(first.data(), id.data(), common) != 0) {
        --common;
      }
    }
    for (const std::uint32_t place : touched_) {
      std::uint64_t order = 0;
      std::memcpy(&order, table_.state(place).session_id.data() + common, 8);
      sorted_.emplace_back(__builtin_bswap64(order), place);
    }
    std::sort(sorted_.begin(), sorted_.end(), [this](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first
                                : table_.state(a.second).session_id < table_.state(b.second).session_id;
    });
  }

  StateTable table_;
  ChangelogWriter changelog_;
  Answer answer_;
  std::uint32_t batch_ = 0;
  std::vector<std::uint32_t> touched_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> sorted_;
};

void Sessionize(const std::string& events, const std::filesystem::path& work) {
  std::filesystem::create_directories(work);
  std::array<Partition, kPartitions> partitions{Partition((work / "0.changelogs").string()),
                                                Partition((work / "1.changelogs").string())};
  EventFiles files(events);
  EventBatch batch;
  PlacedRows placed;
  while (files.Next(&batch)) {
    Place(batch, &placed);
    ForEachPartition([&](std::size_t p) { partitions[p].Run(batch, placed.hashes, placed.rows[p]); });
  }
  Answer answer;
  std::size_t bytes = 0;
  for (const Partition& partition : partitions) {
    answer.Add(partition.Finish());
    bytes += partition.changelog_bytes();
  }
  PrintAnswer(answer, fmt::format("\"changelog_bytes\":{}", bytes));
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc != 3) {
    bench::Die("usage: sessionize_limit EVENTS_DIRECTORY WORK_DIRECTORY");
  }
  bench::Sessionize(argv[1], argv[2]);
  return 0;
}
