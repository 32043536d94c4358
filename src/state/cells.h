// SPDX-License-Identifier: Apache-2.0
// Cells: a cache of one family's entries in one partition, from grouping key to stored bytes: those of a value
// variable, and what stands beside lists.
//
// A cell holds exactly what the Store would hold: the whole key and the encoded value (decision 0001 says why not the
// decoded object). Cells are a cache: the Store answers for everything that is confirmed, so a clean cell may be
// evicted at any time; what the current batch changed lives only here until Collect hands it to the Store.
// While `complete` the cells hold every key of the variable, so an absent key asks nobody.
//
// One thread at a time. Pointers to cells are valid until the batch's EndBatch or Clear; a cell that outgrows its
// memory moves, and what it was leads to where it is (Latest).
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/cell_memory.h"
#include "state/store.h"

namespace hf {

struct Cell {
  enum class Held : std::uint8_t { kUnread, kAbsent, kPresent, kMoved };

  std::uint64_t hash;
  std::uint32_t capacity;  // of the whole block
  std::uint32_t key_bytes;
  std::uint32_t value_bytes;
  std::uint32_t batch;     // the last one that changed it: the current one's changes are not in the store yet
  std::uint32_t dirty_at;  // position in the dirty list of that batch
  Held held;
  bool existed;  // had a value before the current batch; meaningful while dirty
  bool used;     // touched since the eviction hand last passed
  bool leaves;   // its owner means to give it to EndBatch as absent

  [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* bytes() { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] std::string_view key() const { return {bytes(), key_bytes}; }
  [[nodiscard]] std::string_view value() const { return {bytes() + key_bytes, value_bytes}; }
  // The cell itself, or what it has become.
  [[nodiscard]] Cell* Latest() {
    Cell* cell = this;
    while (cell->held == Held::kMoved) [[unlikely]] {
      std::memcpy(static_cast<void*>(&cell), cell->bytes(), sizeof(cell));
    }
    return cell;
  }
};

// Asks for the memory of a cell of usual size, which is about to be read.
inline void PrefetchCell(const Cell* cell) {
  __builtin_prefetch(cell);
  __builtin_prefetch(reinterpret_cast<const char*>(cell) + 64);
}

// Some of the grouping keys of a batch, in turn those that are bound together, each encoded as a key of the store, with
// room for the family id in front.
class GroupKeys {
 public:
  void Clear() {
    arena_.clear();
    ends_.clear();
    hashes_.clear();
  }
  // The buffer to append the next key to, its family of no meaning. Call EndKey after each.
  std::string& arena() { return arena_; }
  void EndKey();

  // Of all of them.
  void SetFamily(FamilyId family);

  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] std::string_view key(std::size_t group) const {
    const std::size_t begin = group == 0 ? 0 : ends_[group - 1];
    return std::string_view(arena_).substr(begin, ends_[group] - begin);
  }
  [[nodiscard]] std::uint64_t hash(std::size_t group) const { return hashes_[group]; }

 private:
  std::string arena_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint64_t> hashes_;  // of the bytes behind the family id
};

class Cells {
 public:
  // `complete`: the variable has no entry in the store yet.
  Cells(FamilyId family, bool complete) : family_(family), complete_(complete) {}
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;
  ~Cells() { Clear(); }

  // Finds or makes the cells of further keys of the batch and reads from the store, in one sorted MultiGet, those it
  // does not know. Appends one pointer a key to `cells`, each kAbsent or kPresent.
  Status Bind(const GroupKeys& keys, Store& store, std::vector<Cell*>* cells);
  // The cell of a key, its family of no meaning; nullptr: it has none, and while `complete` no value either.
  [[nodiscard]] Cell* Find(std::string_view key, std::uint64_t hash) const;
  // Changes the value. The cell may move: *cell is updated.
  void Put(Cell** cell, std::string_view value);
  void Remove(Cell* cell);
  // The net operations of the batch, in the order of first change. Views live until EndBatch.
  void Collect(std::vector<StateRecord>* records) const;
  // The batch is confirmed: its changes are no longer dirty; the cells of `absent`, kAbsent at its end or present
  // again, leave in the first case; and, beyond `budget_bytes`, clean cells are evicted.
  void EndBatch(std::span<Cell* const> absent, std::size_t budget_bytes);
  // Forgets everything, the current batch's changes included. The variable is then no longer complete unless
  // `complete` says that the store has no entry of it.
  void Clear(bool complete = false);

  [[nodiscard]] std::size_t memory_bytes() const { return memory_.reserved_bytes() + slots_.size() * sizeof(Slot); }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] FamilyId family() const { return family_; }

 private:
  // 16 bits of the hash above a 48-bit pointer: most probes decide without touching the cell. 0: free.
  using Slot = std::uint64_t;
  static constexpr int kPointerBits = 48;
  static Slot MakeSlot(const Cell* cell) {
    return (cell->hash & ~((Slot{1} << kPointerBits) - 1)) | reinterpret_cast<Slot>(cell);
  }
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the pointer lies in the slot's low bits, to halve the table.
  static Cell* CellOf(Slot slot) { return reinterpret_cast<Cell*>(slot & ((Slot{1} << kPointerBits) - 1)); }

  [[nodiscard]] bool IsDirty(const Cell* cell) const { return cell->batch == batch_; }
  [[nodiscard]] std::size_t Home(std::uint64_t hash) const { return hash & (slots_.size() - 1); }
  Cell* FindOrMake(std::string_view key, std::uint64_t hash);
  Cell* MakeCell(std::string_view key, std::uint64_t hash, std::size_t value_room);
  std::size_t SlotOf(const Cell* cell) const;
  void Erase(std::size_t slot);
  void Grow();
  void MarkDirty(Cell* cell);
  void Evict(std::size_t budget_bytes);
  Status ReadUnknown(Store& store, std::span<Cell*> cells);

  const FamilyId family_;
  bool complete_;
  CellMemory memory_;
  std::vector<Slot> slots_;  // a power of two
  std::size_t count_ = 0;
  std::size_t hand_ = 0;        // where eviction goes on
  std::size_t value_room_ = 0;  // for new cells: what the last value took
  std::vector<Cell*> dirty_;
  std::vector<Cell*> moved_;  // what cells were before they moved in this batch
  std::uint32_t batch_ = 1;
};

}  // namespace hf
