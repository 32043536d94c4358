// SPDX-License-Identifier: Apache-2.0
// A partition's variables and timers against a model in plain maps: random operations on value, list and map state with
// and without TTL, timers, aborted batches, restarts; in both encodings, with net and with every operation in the
// changelog, with snapshots on the way.
#include "state/partition_state_model.h"

namespace hf::state_model {
namespace {

TEST_P(PartitionStateModel, RandomOperationsAreWhatPlainMapsSay) {
  Model model;
  Open();
  for (int batch = 0; batch < 120; ++batch) {
    SCOPED_TRACE(batch);
    now_ms_ += static_cast<std::int64_t>(Draw(60));
    BeginBatch();
    Model after = model;
    std::vector<std::string> keys;
    for (int key = 0; key < 12; ++key) {
      if (Draw(3) == 0) {
        keys.push_back("key " + std::to_string(key + 10));  // of one length, so that bytes are in the order of text
      }
    }
    RunKeys(keys, &after);
    ASSERT_FALSE(HasFatalFailure());
    RunTimers(&after);
    ASSERT_FALSE(HasFatalFailure());
    RemoveExpired(&after);
    ASSERT_FALSE(HasFatalFailure());
    if (Draw(8) == 0) {
      state_->Abort();
      if (version_ == 0) {
        continue;
      }
    } else {
      Commit();
      ASSERT_FALSE(HasFatalFailure());
      model = std::move(after);
    }
    ASSERT_EQ(state_->store().counts().keys, KeysOf(model));
    CheckListExpirations(model);
    ASSERT_FALSE(HasFatalFailure());
    if (Draw(6) == 0) {
      Open();
      CheckNextExpiry(model);  // nothing is declared yet
    } else {
      CheckNextExpiry(model);
    }
    ASSERT_FALSE(HasFatalFailure());
  }
}

// Spark leaves entries behind in the index of expirations: a value may be due several times, and ends once.
TEST_P(PartitionStateModel, AValueThatIsDueTwiceExpiresOnce) {
  const std::vector<std::string> keys = {"key 1", "key 2", "key 3"};
  for (const bool has_cells : {true, false}) {
    Open();
    BeginBatch();
    TimeEntries entries;
    GroupKeys bound;
    for (const std::string& key : keys) {
      entries.Add(0, KeyRow(key));
    }
    AppendKeys(plan_, entries, &bound);
    ASSERT_TRUE(state_->BindKeys(bound).ok());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      state_->BindKey(i);
      value_ttl_.Update({.n = 1, .text = std::nullopt});
      state_->EndKey();
    }
    Commit();
    if (!has_cells) {
      Open();
    }
    now_ms_ += kTtlMs + 10;
    BeginBatch();
    TimeIndex index(plan_.frame, state_->store(), *state_->store().FindFamily(ExpirationFamily("value_ttl")));
    for (const std::string& key : keys) {
      index.Put(now_ms_ - 1, KeyRow(key));
      index.Put(now_ms_ + 1, KeyRow(key));
    }
    EXPECT_EQ(state_->RemoveExpired().value(), static_cast<std::int64_t>(keys.size()));
    Commit();
    EXPECT_EQ(state_->store().counts().keys, 0);
    now_ms_ += 10;
    BeginBatch();
    EXPECT_EQ(state_->RemoveExpired().value(), 0);  // what was left behind, and is now due
    Commit();
    EXPECT_EQ(state_->EarliestExpiration().value(), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PartitionStateModel,
                         ::testing::Values(Shape{StateEncoding::kAvro, false, false, ""},
                                           Shape{StateEncoding::kAvro, true, false, ","},
                                           Shape{StateEncoding::kAvro, false, true, ","},
                                           Shape{StateEncoding::kUnsafeRow, false, false, ""},
                                           Shape{StateEncoding::kUnsafeRow, true, true, ""}),
                         [](const auto& tested) {
                           const Shape& shape = tested.param;
                           return std::string(shape.encoding == StateEncoding::kAvro ? "Avro" : "UnsafeRow") +
                                  (shape.every_operation ? "EveryOperation" : "Net") +
                                  (shape.row_checksums ? "Checksums" : "") + (*shape.delimiter == ',' ? "Comma" : "");
                         });

}  // namespace
}  // namespace hf::state_model
