// SPDX-License-Identifier: Apache-2.0
#include "connect/file/ahead_reader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <semaphore>

namespace hf {
namespace {

const Schema& Numbers() {
  static const Schema schema({{.name = "n", .type = DataType::Long()}});
  return schema;
}

ColumnBatch One(std::int64_t number) {
  auto held = std::make_shared<std::int64_t>(number);
  Column column;
  column.type = DataType::Long();
  column.length = 1;
  column.values = reinterpret_cast<const std::uint8_t*>(held.get());
  column.owner = held;
  return {Numbers(), {column}, 1};
}

InputFile File(std::string path, std::int64_t modified_ms = 1) {
  return {.path = std::move(path), .modified_ms = modified_ms};
}

// Files whose rows the test lets out one by one: a batch is read when `allow` has a permit for it.
class Shelf {
 public:
  AheadReader::OpenSplit Opener() {
    return [this](const InputFile& file) {
      ++opened;
      return std::make_unique<Split>(*this, file.path == "/broken");
    };
  }
  void AllowAll() { allow.release(1000); }
  void WaitForRead(int count) const {
    while (read < count) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  std::counting_semaphore<> allow{0};
  std::atomic<int> opened = 0;
  std::atomic<int> read = 0;     // calls of Next that returned
  std::atomic<int> started = 0;  // calls of Next that began

 private:
  class Split final : public SourceSplit {
   public:
    Split(Shelf& shelf, bool broken) : shelf_(shelf), broken_(broken) {}
    Result<std::optional<ColumnBatch>> Next() override {
      ++shelf_.started;
      shelf_.allow.acquire();
      ++shelf_.read;
      if (broken_ && at_ == 2) {
        return Corrupt("broken");
      }
      return at_ == 5 ? std::optional<ColumnBatch>() : std::optional<ColumnBatch>(One(at_++));
    }

   private:
    Shelf& shelf_;
    const bool broken_;
    std::int64_t at_ = 0;
  };
};

std::vector<std::int64_t> Drain(SourceSplit& split) {
  std::vector<std::int64_t> numbers;
  while (true) {
    const Result<std::optional<ColumnBatch>> next = split.Next();
    EXPECT_TRUE(next.ok());
    if (!next.ok() || !next->has_value()) {
      return numbers;
    }
    numbers.push_back((*next)->column(0).Fixed<std::int64_t>(0));
  }
}

const std::vector<std::int64_t> kAll = {0, 1, 2, 3, 4};

TEST(AheadReader, WhatWasReadAheadIsNotReadAgain) {
  Shelf shelf;
  shelf.AllowAll();
  AheadReader ahead(shelf.Opener());
  ahead.Want({File("/a")});
  shelf.WaitForRead(6);
  const auto split = ahead.Take(File("/a"));
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(Drain(*split), kAll);
  EXPECT_EQ(shelf.read, 6);
  EXPECT_EQ(shelf.opened, 1);
  EXPECT_EQ(ahead.Take(File("/a")), nullptr);
}

TEST(AheadReader, AFileTakenWhileItIsReadGoesOnWhereItWas) {
  Shelf shelf;
  AheadReader ahead(shelf.Opener());
  ahead.Want({File("/a")});
  shelf.allow.release(2);
  while (shelf.started < 3) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  auto taking = std::async(std::launch::async, [&ahead] { return ahead.Take(File("/a")); });
  EXPECT_EQ(taking.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  shelf.AllowAll();
  const auto split = taking.get();
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(Drain(*split), kAll);
  EXPECT_EQ(shelf.opened, 1);
}

TEST(AheadReader, AFileThatChangedIsNotHandedOut) {
  Shelf shelf;
  shelf.AllowAll();
  AheadReader ahead(shelf.Opener());
  ahead.Want({File("/a", 1)});
  shelf.WaitForRead(6);
  EXPECT_EQ(ahead.Take(File("/a", 2)), nullptr);
  EXPECT_EQ(ahead.Take(File("/other")), nullptr);
}

TEST(AheadReader, AFailureIsLeftToWhoReallyReadsTheFile) {
  Shelf shelf;
  shelf.AllowAll();
  AheadReader ahead(shelf.Opener());
  ahead.Want({File("/broken"), File("/a")});
  shelf.WaitForRead(3 + 6);
  EXPECT_EQ(ahead.Take(File("/broken")), nullptr);
  const auto split = ahead.Take(File("/a"));
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(Drain(*split), kAll);
}

TEST(AheadReader, OnlyTheFirstFilesAreReadAndDroppedOnesAreForgotten) {
  Shelf shelf;
  shelf.AllowAll();
  AheadReader ahead(shelf.Opener());
  ahead.Want({File("/a"), File("/b"), File("/c")});
  shelf.WaitForRead(12);
  EXPECT_EQ(shelf.opened, 2);
  ahead.Want({File("/b"), File("/c")});
  shelf.WaitForRead(18);
  EXPECT_EQ(shelf.opened, 3);
  EXPECT_EQ(ahead.Take(File("/a")), nullptr);
  EXPECT_NE(ahead.Take(File("/b")), nullptr);
  EXPECT_NE(ahead.Take(File("/c")), nullptr);
}

TEST(AheadReader, ReadingStopsWhileTooManyBytesWait) {
  Shelf shelf;
  shelf.AllowAll();
  AheadReader ahead(shelf.Opener(), 2 * sizeof(std::int64_t));
  ahead.Want({File("/a"), File("/b")});
  shelf.WaitForRead(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(shelf.read, 2);
  EXPECT_EQ(shelf.opened, 1);
  const auto split = ahead.Take(File("/a"));
  ASSERT_NE(split, nullptr);
  shelf.WaitForRead(4);  // the room that was freed goes to the next file
  EXPECT_EQ(shelf.opened, 2);
  EXPECT_EQ(Drain(*split), kAll);
}

TEST(AheadReader, DestructionDoesNotWaitForTheEndOfTheFile) {
  Shelf shelf;
  {
    AheadReader ahead(shelf.Opener());
    ahead.Want({File("/a"), File("/b")});
    while (shelf.started == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    shelf.AllowAll();
  }
  EXPECT_LE(shelf.opened, 2);
}

TEST(AheadReader, AnythingMayBeAskedAtAnyTime) {
  Shelf shelf;
  shelf.AllowAll();
  AheadReader ahead(shelf.Opener());
  for (int i = 0; i < 300; ++i) {
    shelf.AllowAll();
    ahead.Want({File("/a" + std::to_string(i % 3)), File("/broken"), File("/c")});
    const auto split = ahead.Take(File("/a" + std::to_string(i % 3)));
    if (split != nullptr) {
      EXPECT_EQ(Drain(*split), kAll);
    }
    if (i % 7 == 0) {
      ahead.Want({});
    }
  }
}

}  // namespace
}  // namespace hf
