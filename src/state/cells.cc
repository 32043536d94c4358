// SPDX-License-Identifier: Apache-2.0
#include "state/cells.h"

#include <xxhash.h>

#include <algorithm>

#include "base/check.h"

namespace hf {

namespace {

constexpr std::size_t kSlotsMin = 1024;
constexpr std::size_t kValueRoomMax = 512;
constexpr std::size_t kPrefetchSlots = 16;  // keys ahead whose slot is fetched
constexpr std::size_t kPrefetchCells = 8;   // keys ahead whose cell is fetched

}  // namespace

void GroupKeys::EndKey() {
  const std::size_t begin = ends_.empty() ? 0 : ends_.back();
  const std::size_t hashed = begin + kFamilyBytes;
  hashes_.push_back(XXH3_64bits(arena_.data() + hashed, arena_.size() - hashed));
  ends_.push_back(arena_.size());
}

void GroupKeys::SetFamily(FamilyId family) {
  for (std::size_t group = 0; group < ends_.size(); ++group) {
    hf::SetFamily(arena_.data() + (group == 0 ? 0 : ends_[group - 1]), family);
  }
}

Status Cells::Bind(const GroupKeys& keys, Store& store, std::vector<Cell*>* cells) {
  const std::size_t count = keys.size();
  const std::size_t first = cells->size();
  cells->resize(first + count);
  while (slots_.size() < kSlotsMin || (count_ + count) * 8 > slots_.size() * 5) {
    Grow();
  }
  bool unread = false;
  for (std::size_t group = 0; group < count; ++group) {
    if (group + kPrefetchSlots < count) {
      __builtin_prefetch(&slots_[Home(keys.hash(group + kPrefetchSlots))]);
    }
    if (group + kPrefetchCells < count) {
      if (const Slot ahead = slots_[Home(keys.hash(group + kPrefetchCells))]; ahead != 0) {
        PrefetchCell(CellOf(ahead));
      }
    }
    Cell* cell = FindOrMake(keys.key(group), keys.hash(group));
    unread = unread || cell->held == Cell::Held::kUnread;
    (*cells)[first + group] = cell;
  }
  return unread ? ReadUnknown(store, std::span(*cells).subspan(first)) : Status();
}

Status Cells::ReadUnknown(Store& store, std::span<Cell*> cells) {
  std::vector<std::size_t> unread;
  for (std::size_t group = 0; group < cells.size(); ++group) {
    if (cells[group]->held == Cell::Held::kUnread) {
      unread.push_back(group);
    }
  }
  std::sort(unread.begin(), unread.end(),
            [&](std::size_t a, std::size_t b) { return cells[a]->key() < cells[b]->key(); });
  std::vector<std::string_view> sorted;
  sorted.reserve(unread.size());
  for (const std::size_t group : unread) {
    cells[group]->held = Cell::Held::kAbsent;
    sorted.push_back(cells[group]->key());
  }
  // A cell may move when its value comes in, so the key views of `sorted` must not be used for cells already filled:
  // MultiGet reads a key before it reports it, and reports each once.
  std::vector<std::pair<std::size_t, std::string>> found;
  HF_RETURN_IF_ERROR(
      store.MultiGet(sorted, [&](std::size_t i, std::string_view value) { found.emplace_back(unread[i], value); }));
  for (const auto& [group, value] : found) {
    Cell*& cell = cells[group];
    cell = cell->Latest();
    if (cell->held == Cell::Held::kPresent) {
      continue;  // the same key twice
    }
    Put(&cell, value);
    // It came from the store: nothing to write back.
    dirty_.pop_back();
    cell->batch = 0;
  }
  return Status();
}

Cell* Cells::Find(std::string_view key, std::uint64_t hash) const {
  if (slots_.empty()) {
    return nullptr;
  }
  for (std::size_t at = Home(hash); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
    Cell* cell = CellOf(slots_[at]);
    if (slots_[at] >> kPointerBits == hash >> kPointerBits && cell->hash == hash &&
        BehindFamily(cell->key()) == BehindFamily(key)) {
      return cell;
    }
  }
  return nullptr;
}

Cell* Cells::FindOrMake(std::string_view key, std::uint64_t hash) {
  const std::string_view wanted = BehindFamily(key);
  const Slot tag = hash >> kPointerBits;
  for (std::size_t at = Home(hash);; at = (at + 1) & (slots_.size() - 1)) {
    const Slot slot = slots_[at];
    if (slot == 0) {
      Cell* made = MakeCell(key, hash, value_room_);
      slots_[at] = MakeSlot(made);
      ++count_;
      return made;
    }
    if (slot >> kPointerBits != tag) {
      continue;
    }
    Cell* cell = CellOf(slot);
    if (cell->hash == hash && BehindFamily(cell->key()) == wanted) {
      cell->used = true;
      return cell;
    }
  }
}

Cell* Cells::MakeCell(std::string_view key, std::uint64_t hash, std::size_t value_room) {
  std::size_t capacity = 0;
  // At least room for the pointer that a moved cell leaves.
  char* block = memory_.Allocate(sizeof(Cell) + std::max(key.size() + value_room, sizeof(Cell*)), &capacity);
  auto* cell = new (block) Cell{.hash = hash,
                                .capacity = static_cast<std::uint32_t>(capacity),
                                .key_bytes = static_cast<std::uint32_t>(key.size()),
                                .value_bytes = 0,
                                .batch = 0,
                                .dirty_at = 0,
                                .held = complete_ ? Cell::Held::kAbsent : Cell::Held::kUnread,
                                .existed = false,
                                .used = true,
                                .leaves = false};
  std::memcpy(cell->bytes(), key.data(), key.size());
  SetFamily(cell->bytes(), family_);
  return cell;
}

void Cells::MarkDirty(Cell* cell) {
  if (!IsDirty(cell)) {
    cell->existed = cell->held == Cell::Held::kPresent;
    cell->batch = batch_;
    cell->dirty_at = static_cast<std::uint32_t>(dirty_.size());
    dirty_.push_back(cell);
  }
}

void Cells::Put(Cell** cell, std::string_view value) {
  MarkDirty(*cell);
  if (sizeof(Cell) + (*cell)->key_bytes + value.size() > (*cell)->capacity) {
    Cell* old = *cell;
    const std::size_t slot = SlotOf(old);
    // What grows once grows again, and each block that it leaves stays until the batch ends.
    Cell* moved = MakeCell(old->key(), old->hash, value.size() + value.size() / 2);
    moved->batch = old->batch;
    moved->dirty_at = old->dirty_at;
    moved->existed = old->existed;
    moved->leaves = old->leaves;
    dirty_[moved->dirty_at] = moved;
    slots_[slot] = MakeSlot(moved);
    old->held = Cell::Held::kMoved;
    std::memcpy(old->bytes(), static_cast<const void*>(&moved), sizeof(moved));
    moved_.push_back(old);
    *cell = moved;
  }
  Cell& written = **cell;
  std::memcpy(written.bytes() + written.key_bytes, value.data(), value.size());
  written.value_bytes = static_cast<std::uint32_t>(value.size());
  written.held = Cell::Held::kPresent;
  value_room_ = std::min(value.size(), kValueRoomMax);
}

void Cells::Remove(Cell* cell) {
  MarkDirty(cell);
  cell->held = Cell::Held::kAbsent;
  cell->value_bytes = 0;
}

void Cells::Collect(std::vector<StateRecord>* records) const {
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    if (i + kPrefetchCells < dirty_.size()) {
      PrefetchCell(dirty_[i + kPrefetchCells]);
    }
    const Cell* cell = dirty_[i];
    const bool present = cell->held == Cell::Held::kPresent;
    if (!present && !cell->existed) {
      continue;  // came and went within the batch
    }
    records->push_back({.op = present ? StateOp::kPut : StateOp::kDelete,
                        .key = cell->key(),
                        .value = present ? cell->value() : std::string_view(),
                        .existed = cell->existed});
  }
}

void Cells::EndBatch(std::span<Cell* const> absent, std::size_t budget_bytes) {
  for (std::size_t i = 0; i < absent.size(); ++i) {
    if (i + kPrefetchSlots < absent.size()) {
      __builtin_prefetch(absent[i + kPrefetchSlots]);
    }
    if (i + kPrefetchCells < absent.size()) {
      __builtin_prefetch(&slots_[Home(absent[i + kPrefetchCells]->hash)]);
    }
    Cell* cell = absent[i]->Latest();
    cell->leaves = false;
    if (cell->held == Cell::Held::kAbsent) {
      Erase(SlotOf(cell));
    }
  }
  for (Cell* old : moved_) {
    memory_.Free(reinterpret_cast<char*>(old), old->capacity);
  }
  moved_.clear();
  dirty_.clear();
  ++batch_;
  if (memory_bytes() > budget_bytes) {
    Evict(budget_bytes);
  }
}

void Cells::Evict(std::size_t budget_bytes) {
  // Freed blocks are used again, so the goal is stated in used bytes; a tenth is freed beyond it so that the next
  // batches have room. Two rounds: the first clears the marks of cells used lately.
  const std::size_t table_bytes = slots_.size() * sizeof(Slot);
  const std::size_t goal = budget_bytes > table_bytes ? (budget_bytes - table_bytes) / 10 * 9 : 0;
  for (std::size_t steps = 2 * slots_.size(); steps > 0 && memory_.used_bytes() > goal; --steps) {
    hand_ = (hand_ + 1) & (slots_.size() - 1);
    const Slot slot = slots_[hand_];
    if (slot == 0) {
      continue;
    }
    Cell* cell = CellOf(slot);
    if (cell->used) {
      cell->used = false;
      continue;
    }
    if (!IsDirty(cell)) {
      complete_ = false;
      Erase(hand_);
      // Erase may have moved a later cell into this slot: look at it again.
      hand_ = (hand_ + slots_.size() - 1) & (slots_.size() - 1);
    }
  }
}

std::size_t Cells::SlotOf(const Cell* cell) const {
  std::size_t at = Home(cell->hash);
  while (CellOf(slots_[at]) != cell) {
    HF_DCHECK(slots_[at] != 0);
    at = (at + 1) & (slots_.size() - 1);
  }
  return at;
}

void Cells::Erase(std::size_t slot) {
  Cell* cell = CellOf(slots_[slot]);
  memory_.Free(reinterpret_cast<char*>(cell), cell->capacity);
  --count_;
  // Linear probing without tombstones: later cells of the run move back unless that would pass their home.
  std::size_t hole = slot;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = (slot + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const std::size_t home = Home(CellOf(slots_[at])->hash);
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = 0;
}

void Cells::Grow() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(std::max(kSlotsMin, old.size() * 2), 0);
  for (const Slot slot : old) {
    if (slot == 0) {
      continue;
    }
    std::size_t at = Home(CellOf(slot)->hash);
    while (slots_[at] != 0) {
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = slot;
  }
  hand_ = 0;
}

void Cells::Clear(bool complete) {
  memory_.Clear();
  slots_.clear();
  dirty_.clear();
  moved_.clear();
  count_ = 0;
  hand_ = 0;
  complete_ = complete;
}

}  // namespace hf
