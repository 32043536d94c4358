// SPDX-License-Identifier: Apache-2.0
// New checkpoints in every encoding and under every name of Spark's operator: they restart, show what they remember,
// and evolve where the encoding can.
#include <gmock/gmock.h>

#include "holdfast/state_reader.h"
#include "scenarios/growing_query.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::IsOk;

const std::vector<GrowingQuery::Batch> kFirst = {{"a", "b", "a"}, {"b"}};
const std::vector<GrowingQuery::Batch> kMore = {{"a", "c"}, {"c"}};

std::map<std::string, std::string> StateOf(const GrowingQuery& query) {
  return ReadGrowingState(query.CopyCheckpoint(), query.batches_run() - 1).value();
}

TEST(Dialects, UnsafeRowStateGoesOnAndIsRefusedToEvolve) {
  GrowingQuery query(Options{{"spark.sql.streaming.stateStore.encodingFormat", "unsaferow"}});
  ASSERT_THAT(query.Run(1, kFirst), IsOk());
  EXPECT_EQ(StateOf(query), query.Expected(1));
  ASSERT_THAT(query.Run(1, kMore), IsOk());
  EXPECT_EQ(StateOf(query), query.Expected(1));
  const auto before = query.CheckpointFiles();
  const Status refused = query.Run(2, {{"a"}});
  EXPECT_EQ(refused.condition(), "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE") << refused.ToString();
  EXPECT_EQ(query.CheckpointFiles(), before);
}

class DialectNames : public testing::TestWithParam<const char*> {};

TEST_P(DialectNames, GoOnAndEvolve) {
  GrowingQuery query(Options{{"holdfast.dialect.operatorName", GetParam()}});
  ASSERT_THAT(query.Run(1, kFirst), IsOk());
  query.SetConf("holdfast.dialect.operatorName", "transformWithStateInPySparkExec");  // the checkpoint's own stays
  ASSERT_THAT(query.Run(2, kMore), IsOk());
  EXPECT_EQ(StateOf(query), query.Expected(2));
  const auto found = ReadStateMetadata(query.CopyCheckpoint()).value();
  EXPECT_EQ(found.front().operator_name, GetParam());
  const bool is_jvm = found.front().operator_name == "transformWithStateExec";
  EXPECT_EQ(found.front().key_schema.field(0).name == "value", is_jvm);
}

INSTANTIATE_TEST_SUITE_P(All, DialectNames,
                         testing::Values("transformWithStateInPySparkExec", "transformWithStateInPandasExec",
                                         "transformWithStateExec"));

}  // namespace
}  // namespace hf
