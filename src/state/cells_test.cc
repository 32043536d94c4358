// SPDX-License-Identifier: Apache-2.0
// Cells against a std::map, over a real store: random batches, tiny budgets, aborted batches.
#include "state/cells.h"

#include <gtest/gtest.h>

#include "state/store_testing.h"

namespace hf {
namespace {

std::string KeyText(std::uint64_t number) { return fmt::format("\x01key-{}", number); }

// A store, the cells of one family in it, and what both should hold.
class CellsBed {
 public:
  CellsBed() : store_(directory_.Open(0)), family_(store_->EnsureFamily("v").value()) {
    Commit(directory_.files, *store_);
    cells_ = std::make_unique<Cells>(family_, /*complete=*/true);
  }

  // Gives each key a new value, another length, or none, and compares on the way. `confirmed` false: the batch is
  // forgotten in the end.
  void Batch(const std::vector<std::uint64_t>& numbers, Random& random, std::size_t budget_bytes, bool confirmed) {
    const StateMap before = model_;
    std::vector<Cell*> bound;
    const std::size_t half = numbers.size() / 2;
    Bind({numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(half)}, &bound);
    Change({numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(half)}, random, bound, 0);
    Bind({numbers.begin() + static_cast<std::ptrdiff_t>(half), numbers.end()}, &bound);
    Change({numbers.begin() + static_cast<std::ptrdiff_t>(half), numbers.end()}, random, bound, half);

    std::vector<StateRecord> records;
    cells_->Collect(&records);
    CheckNet(before, records);
    if (!confirmed) {
      cells_->Clear();
      store_->Abort();
      model_ = before;
      return;
    }
    Commit(directory_.files, *store_, records);
    std::vector<Cell*> absent;
    std::copy_if(bound.begin(), bound.end(), std::back_inserter(absent),
                 [](const Cell* cell) { return cell->held == Cell::Held::kAbsent; });
    cells_->EndBatch(absent, budget_bytes);
    EXPECT_EQ(ReadAll(*store_), model_);
    if (cells_->complete()) {
      EXPECT_EQ(cells_->size(), model_.size());
    }
  }

  [[nodiscard]] Cells& cells() { return *cells_; }
  [[nodiscard]] const StateMap& model() const { return model_; }

 private:
  [[nodiscard]] std::string WholeKey(std::uint64_t number) const { return KeyIn(family_, KeyText(number)); }

  void Bind(const std::vector<std::uint64_t>& numbers, std::vector<Cell*>* bound) {
    GroupKeys keys;
    for (const std::uint64_t number : numbers) {
      keys.arena().append("??").append(KeyText(number));
      keys.EndKey();
    }
    const Status status = cells_->Bind(keys, *store_, bound);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  void Change(const std::vector<std::uint64_t>& numbers, Random& random, std::vector<Cell*>& bound, std::size_t first) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      Cell*& cell = bound[first + i];
      const std::string key = WholeKey(numbers[i]);
      ASSERT_EQ(cell->key(), key);
      const auto known = model_.find(key);
      ASSERT_EQ(cell->held == Cell::Held::kPresent, known != model_.end()) << key;
      if (known != model_.end()) {
        ASSERT_EQ(cell->value(), known->second);
      }
      for (std::uint64_t changes = random.Next64() % 3; changes > 0; --changes) {
        if (random.Next64() % 4 == 0) {
          cells_->Remove(cell);
          model_.erase(key);
        } else {
          const std::string value(random.Next64() % 900, static_cast<char>('a' + random.Next64() % 26));
          cells_->Put(&cell, value);
          model_[key] = value;
        }
      }
    }
  }

  // The records are what leads from `before` to the model, and say rightly what was there.
  void CheckNet(const StateMap& before, const std::vector<StateRecord>& records) {
    StateMap after = before;
    for (const StateRecord& record : records) {
      const std::string key(record.key);
      EXPECT_EQ(record.existed, std::optional<bool>(before.contains(key)));
      if (record.op == StateOp::kPut) {
        after[key] = record.value;
      } else {
        EXPECT_EQ(after.erase(key), 1U) << "a delete of nothing";
      }
    }
    EXPECT_EQ(after, model_);
  }

  StoreDirectory directory_;
  std::unique_ptr<Store> store_;
  FamilyId family_;
  std::unique_ptr<Cells> cells_;
  StateMap model_;
};

std::vector<std::uint64_t> SomeNumbers(Random& random, std::uint64_t below) {
  std::set<std::uint64_t> numbers;
  for (std::uint64_t i = random.Next64() % 200; i > 0; --i) {
    numbers.insert(random.Next64() % below);
  }
  return {numbers.begin(), numbers.end()};
}

TEST(Cells, HoldWhatAMapHolds) {
  for (const std::size_t budget_bytes : {std::size_t{0}, std::size_t{60'000}, std::size_t{1} << 30}) {
    SCOPED_TRACE(budget_bytes);
    SeededRandom random(budget_bytes + 7);
    CellsBed bed;
    for (int batch = 0; batch < 60; ++batch) {
      bed.Batch(SomeNumbers(random, 400), random, budget_bytes, random.Next64() % 8 != 0);
    }
    EXPECT_FALSE(bed.model().empty());
  }
}

TEST(Cells, StayCompleteWhileNothingIsForgotten) {
  SeededRandom random(3);
  CellsBed bed;
  for (int batch = 0; batch < 20; ++batch) {
    bed.Batch(SomeNumbers(random, 300), random, std::size_t{1} << 30, true);
  }
  EXPECT_TRUE(bed.cells().complete());
  bed.Batch(SomeNumbers(random, 300), random, 0, true);
  EXPECT_FALSE(bed.cells().complete());
  EXPECT_LT(bed.cells().size(), bed.model().size());
}

TEST(Cells, ClearFreesLargeAndSmallCells) {
  CellsBed bed;
  SeededRandom random(5);
  bed.Batch({1, 2, 3}, random, 0, true);
  bed.cells().Clear(true);
  EXPECT_EQ(bed.cells().size(), 0U);
  EXPECT_EQ(bed.cells().memory_bytes(), 0U);
}

TEST(Cells, AValueThatGrowsWithinABatchTakesAFewTimesItsSize) {
  constexpr std::size_t kFirst = 100'000;
  StoreDirectory directory;
  const auto store = directory.Open(0);
  Cells cells(store->EnsureFamily("v").value(), /*complete=*/true);
  GroupKeys keys;
  keys.arena().append("??key");
  keys.EndKey();
  std::vector<Cell*> bound;
  ASSERT_TRUE(cells.Bind(keys, *store, &bound).ok());
  std::string value(kFirst, 'x');
  for (int put = 0; put < 1'000; ++put) {
    cells.Put(bound.data(), value);
    value.append(100, 'y');
  }
  EXPECT_LE(cells.memory_bytes(), 8 * value.size());
  store->Abort();
}

}  // namespace
}  // namespace hf
