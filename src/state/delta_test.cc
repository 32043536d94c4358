// SPDX-License-Identifier: Apache-2.0
#include "state/delta.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "base/random.h"

namespace hf {
namespace {

struct Operation {
  StateOp op;
  std::string key;
  std::string value;
};

Changelog MakeChangelog(const std::vector<Operation>& operations) {
  std::string content(kChangelogHeader);
  for (const Operation& operation : operations) {
    AppendRecord(content, operation.op, operation.key, operation.value);
  }
  content.push_back(kChangelogEnd);
  Result<Changelog> changelog = ReadChangelog(content, CompressionCodec::kNone);
  EXPECT_TRUE(changelog.ok()) << changelog.status().ToString();
  return std::move(changelog).value();
}

std::shared_ptr<const Delta> MakeDelta(const std::vector<Operation>& operations, std::string_view delimiter) {
  Result<std::shared_ptr<const Delta>> delta = Delta::FromChangelog(MakeChangelog(operations), delimiter);
  EXPECT_TRUE(delta.ok());
  return std::move(delta).value();
}

using Map = std::map<std::string, std::string>;

void Apply(Map& map, StateOp op, const std::string& key, const std::string& value, std::string_view delimiter) {
  if (op == StateOp::kDelete) {
    map.erase(key);
  } else if (op == StateOp::kPut || !map.contains(key)) {
    map[key] = value;
  } else {
    map[key].append(delimiter).append(value);
  }
}

Operation RandomOperation(Random& random) {
  constexpr StateOp kOps[] = {StateOp::kPut, StateOp::kMerge, StateOp::kDelete};
  Operation operation{kOps[random.Below(3)],
                      std::string(1, static_cast<char>(1 + random.Below(3))) + std::string(1, '\0'), ""};
  operation.key.append(random.Below(3) == 0 ? 12 : 5, 'k');
  operation.key += std::to_string(random.Below(60));
  if (operation.op != StateOp::kDelete) {
    operation.value = std::string(random.Below(4), static_cast<char>('a' + random.Below(26)));
  }
  return operation;
}

TEST(Delta, MergedDeltasAreTheOperationsInCallOrder) {
  SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    const std::string delimiter = round % 2 == 0 ? "" : ",";
    Map expected;  // the values below the deltas
    for (int i = 0; i < 30; ++i) {
      const Operation operation = RandomOperation(random);
      expected[operation.key] = "base";
    }
    Map merged = expected;
    std::vector<std::shared_ptr<const Delta>> deltas;
    for (std::uint64_t batches = random.Below(5); batches > 0; --batches) {
      std::vector<Operation> operations;
      for (std::uint64_t count = random.Below(80); count > 0; --count) {
        operations.push_back(RandomOperation(random));
        Apply(expected, operations.back().op, operations.back().key, operations.back().value, delimiter);
      }
      deltas.push_back(MakeDelta(operations, delimiter));
    }
    std::vector<const Delta*> pointers;
    for (const auto& delta : deltas) {
      pointers.push_back(delta.get());
    }
    std::string last;
    for (DeltaMerge merge(pointers, delimiter); merge.valid(); merge.Next()) {
      const ChangelogRecord& record = merge.record();
      EXPECT_LT(last, record.key);
      last = record.key;
      Apply(merged, record.op, last, std::string(record.value), delimiter);
    }
    EXPECT_EQ(merged, expected);
  }
}

TEST(Delta, TakesOverSortedContentAsItIs) {
  Changelog changelog =
      MakeChangelog({{StateOp::kPut, "\1\1a", "1"}, {StateOp::kDelete, "\1\1b", ""}, {StateOp::kMerge, "\2\1a", "2"}});
  const char* bytes = changelog.content.data();
  const auto delta = *Delta::FromChangelog(std::move(changelog), "");
  EXPECT_EQ(delta->content().data(), bytes);
  EXPECT_EQ(delta->size(), 3u);
  EXPECT_EQ(delta->FirstKeys(), (std::vector<std::string_view>{"\1\1a", "\2\1a"}));
}

TEST(Delta, BuiltContentReadsBackAsAChangelog) {
  DeltaBuilder builder(2, RecordBytes("\1\1k", "value") + RecordBytes("\1\1l", ""));
  builder.Add(StateOp::kPut, "\1\1k", "value");
  builder.Add(StateOp::kDelete, "\1\1l", "");
  const auto delta = builder.Finish();
  const Result<Changelog> changelog = ReadChangelog(delta->content(), CompressionCodec::kNone);
  ASSERT_TRUE(changelog.ok()) << changelog.status().ToString();
  EXPECT_EQ(changelog->record(0).value, "value");
  EXPECT_EQ(changelog->record(1).op, StateOp::kDelete);
}

TEST(Delta, FindsEveryPlaceFromEveryHint) {
  SeededRandom random(9);
  for (int round = 0; round < 60; ++round) {
    std::vector<Operation> operations;
    for (std::uint64_t count = 1 + random.Below(120); count > 0; --count) {
      operations.push_back({StateOp::kPut, RandomOperation(random).key, "v"});
    }
    const auto delta = MakeDelta(operations, "");
    for (int probe = 0; probe < 100; ++probe) {
      std::string key = RandomOperation(random).key;
      key.resize(random.Below(key.size() + 1));
      key.append(random.Below(2), static_cast<char>(random.Below(256)));
      std::size_t expected = 0;
      while (expected < delta->size() && delta->key(expected) < key) {
        ++expected;
      }
      for (std::size_t from = 0; from <= expected; ++from) {
        ASSERT_EQ(delta->LowerBound(key, from), expected) << from;
      }
    }
  }
}

TEST(Delta, EmptyDeltaFindsNothing) {
  const auto delta = MakeDelta({}, "");
  bool found = true;
  EXPECT_EQ(delta->Find("\1\1k", 0, &found), 0u);
  EXPECT_FALSE(found);
  EXPECT_FALSE(DeltaMerge({delta.get()}, "").valid());
}

TEST(Delta, ItsFilterDeniesNoKeyThatIsThereAndNearlyAllOthers) {
  constexpr int kKeys = 1000;
  std::vector<Operation> operations;
  for (int i = 0; i < kKeys; ++i) {
    operations.push_back({StateOp::kPut, std::string("\1\0", 2) + "key " + std::to_string(i), "v"});
  }
  const auto delta = MakeDelta(operations, "");
  int let_through = 0;
  for (int round = 0; round < 2; ++round) {  // before there is a filter, and with it
    let_through = 0;
    for (int i = 0; i < kKeys; ++i) {
      EXPECT_TRUE(delta->MayHave(Delta::HashOf(operations[static_cast<std::size_t>(i)].key)));
      let_through += delta->MayHave(Delta::HashOf(std::string("\1\0", 2) + "no key " + std::to_string(i))) ? 1 : 0;
    }
  }
  EXPECT_LT(let_through, kKeys / 20);
  EXPECT_FALSE(MakeDelta({}, "")->MayHave(Delta::HashOf("key")));
}

}  // namespace
}  // namespace hf
