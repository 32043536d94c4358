// SPDX-License-Identifier: Apache-2.0
#include "state/value_variable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/store_testing.h"

namespace hf {
namespace {

struct Count {
  std::int64_t n;
};
HOLDFAST_STRUCT(Count, n);

Schema Ddl(const std::string& ddl) { return *Schema::FromDdl(ddl); }

// A variable whose schema 0 had an int and whose schema 2 has a long.
class ValueVariableTest : public ::testing::Test {
 protected:
  ValueVariableTest() {
    plan_ = {.name = "count", .stored = Ddl("n BIGINT"), .stored_id = 2, .written = {{0, Ddl("n INT")}}};
    plan_.written.emplace(plan_.stored_id, plan_.stored);
    store_ = directory_.Open(0);
    state_plan_.variables.push_back(plan_);
    family_ = store_->EnsureFamily(plan_.name).value();
  }

  void Open(bool log_every_operation) {
    auto made = ValueVariable::Make(
        {.store = store_.get(), .plan = &state_plan_, .time = &time_, .log_every_operation = log_every_operation},
        plan_, {.value = &detail::LayoutOf<Count>::Get()});
    ASSERT_TRUE(made.ok()) << made.status().ToString();
    variable_ = std::move(made).value();
    state_ = ValueState<Count>(variable_.get());
  }
  void Put(const std::string& key, const std::string& value) { store_->Put(Key(key), value); }
  void Bind(const std::vector<std::string>& keys) {
    GroupKeys bound;
    for (const std::string& key : keys) {
      bound.arena().append(Key(key));
      bound.EndKey();
    }
    ASSERT_TRUE(variable_->BindKeys(bound).ok());
  }
  [[nodiscard]] std::string Key(const std::string& key) const {
    std::string whole;
    frame_.AppendKeyHead(family_, 0, whole);
    return whole.append(key);
  }
  [[nodiscard]] std::string Value(int schema_id, std::string_view row) const {
    std::string value;
    frame_.BeginRow(schema_id, value);
    return value.append(row);
  }

  const RowFrame frame_;
  VariablePlan plan_;
  StatePlan state_plan_;
  BatchTime time_;
  StoreDirectory directory_;
  std::unique_ptr<Store> store_;
  FamilyId family_ = 0;
  std::unique_ptr<ValueVariable> variable_;
  ValueState<Count> state_;
};

TEST_F(ValueVariableTest, WrittenSchemaIdIsThatOfTheValueBeforeTheKeysFirstChange) {
  for (const bool log_every_operation : {false, true}) {
    SCOPED_TRACE(log_every_operation);
    Put("old", Value(0, "\x02\x0a"));
    Put("new", Value(2, "\x02\x0c"));
    Open(log_every_operation);
    Bind({"absent", "new", "old"});
    variable_->BindKey(0, "");
    EXPECT_EQ(state_.WrittenSchemaId(), std::nullopt);
    state_.Update({.n = 1});
    EXPECT_EQ(state_.WrittenSchemaId(), std::nullopt);
    variable_->EndKey();
    variable_->BindKey(1, "");
    EXPECT_EQ(state_.WrittenSchemaId(), 2);
    EXPECT_EQ(state_.Get()->n, 6);
    variable_->EndKey();
    variable_->BindKey(2, "");
    state_.Update({.n = state_.Get()->n + 1});
    state_.Update({.n = state_.Get()->n + 1});
    EXPECT_EQ(state_.Get()->n, 7);
    EXPECT_EQ(state_.WrittenSchemaId(), 0);
    EXPECT_EQ(state_.WrittenSchema(0), Ddl("n INT"));
    state_.Clear();
    EXPECT_EQ(state_.WrittenSchemaId(), 0);
    variable_->EndKey();
    // The changed value has the stored schema's id from the next time its key is current.
    Bind({"absent", "old"});
    variable_->BindKey(0, "");
    EXPECT_EQ(state_.WrittenSchemaId(), 2);
    variable_->EndKey();
    variable_->BindKey(1, "");
    EXPECT_EQ(state_.WrittenSchemaId(), std::nullopt);
    variable_->EndKey();
    store_->Abort();
    family_ = store_->EnsureFamily(plan_.name).value();
  }
}

// A batch may last for hours, in which keys come again and again.
TEST_F(ValueVariableTest, KeysThatComeAgainInABatchCostNoFurtherMemory) {
  Open(false);
  constexpr std::int64_t kTimes = 50'000;
  std::size_t after_some = 0;
  for (std::int64_t i = 0; i < kTimes; ++i) {
    Bind({"one", "other", "never written"});
    variable_->BindKey(0, "");
    state_.Update({.n = 1});
    variable_->EndKey();
    variable_->BindKey(2, "");
    variable_->EndKey();
    after_some = i == 100 ? variable_->memory_bytes() : after_some;
  }
  EXPECT_EQ(variable_->memory_bytes(), after_some);
}

TEST_F(ValueVariableTest, SchemaIdsThatNobodyKnowsAreErrors) {
  Put("strange", Value(1, "\x02\x0a"));
  Put("torn", std::string("\0\0", 2));
  Open(false);
  Bind({"strange", "torn"});
  variable_->BindKey(0, "");
  EXPECT_EQ(state_.WrittenSchemaId(), 1);
  EXPECT_THROW(static_cast<void>(state_.Get()), StatusError);
  EXPECT_THROW(static_cast<void>(state_.WrittenSchema(1)), StatusError);
  variable_->EndKey();
  variable_->BindKey(1, "");
  EXPECT_THROW(static_cast<void>(state_.WrittenSchemaId()), StatusError);
  variable_->EndKey();
  EXPECT_THROW(static_cast<void>(state_.WrittenSchemaId()), StatusError) << "no key is current";
}

}  // namespace
}  // namespace hf
