// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/operator_metadata.h"

#include "checkpoint/checkpoint_test_support.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;

OperatorMetadata Sample() {
  return {.operator_id = 0,
          .operator_name = "transformWithStateInPySparkExec",
          .stores = {{.num_partitions = 4, .schema_file_paths = {"file:/c/state/0/_stateSchema/default/0_u"}}},
          .time_mode = "NoTime",
          .output_mode = "Append",
          .variables = {{"session_state", "ValueState", false}}};
}

TEST(OperatorMetadata, PrintsSparksText) {
  EXPECT_EQ(
      PrintOperatorMetadata(Sample()),
      "v2\n"
      R"({"operatorInfo":{"operatorId":0,"operatorName":"transformWithStateInPySparkExec"},"stateStoreInfo":[{"storeName":"default","numColsPrefixKey":0,"numPartitions":4,"stateSchemaFilePaths":["file:/c/state/0/_stateSchema/default/0_u"]}],"operatorPropertiesJson":"{\"timeMode\":\"NoTime\",\"outputMode\":\"Append\",\"stateVariables\":[{\"stateName\":\"session_state\",\"stateVariableType\":\"ValueState\",\"ttlEnabled\":false}]}"})");
}

TEST(OperatorMetadata, SparksFilesComeBackByteForByte) {
  test::GoldenCheckpoints golden;
  int files = 0;
  for (const std::string& name : golden.Names()) {
    EXPECT_THAT(ListOperators(golden.files, golden.Root(name)).value(), testing::ElementsAre(0));
    const OperatorMetadataLog log(golden.files, golden.Root(name), 0);
    const auto batches = log.log().Ids().value();
    for (const BatchId batch : batches) {
      const std::string text = log.log().Read(batch).value();
      const auto metadata = ParseOperatorMetadata(text, log.log().PathOf(batch));
      ASSERT_THAT(metadata, IsOk());
      EXPECT_EQ(PrintOperatorMetadata(*metadata), text);
      ++files;
    }
  }
  EXPECT_GE(files, 25);
}

TEST(OperatorMetadata, TheNewestAtOrBeforeABatchCounts) {
  test::MemoryCheckpoint checkpoint;
  OperatorMetadataLog log(checkpoint.files, checkpoint.root, 0);
  EXPECT_EQ(log.LatestAt(5)->has_value(), false);
  ASSERT_THAT(log.Put(2, Sample()), IsOk());
  ASSERT_THAT(log.Put(6, Sample()), IsOk());
  EXPECT_FALSE(log.LatestAt(1)->has_value());
  EXPECT_EQ((*log.LatestAt(2))->batch, 2);
  EXPECT_EQ((*log.LatestAt(5))->batch, 2);
  EXPECT_EQ((*log.LatestAt(100))->batch, 6);
}

TEST(OperatorMetadata, AFailedAttemptsEntryIsReplacedOnlyWhenItDiffers) {
  test::MemoryCheckpoint checkpoint;
  OperatorMetadataLog log(checkpoint.files, checkpoint.root, 0);
  OperatorMetadata first = Sample();
  first.variables.push_back({"other", "ListState", false});
  ASSERT_THAT(log.Put(3, first), IsOk());
  const std::string written = checkpoint.Get("state/0/_metadata/v2/3");
  std::swap(first.variables[0], first.variables[1]);
  ASSERT_THAT(log.Put(3, first), IsOk());
  EXPECT_EQ(checkpoint.Get("state/0/_metadata/v2/3"), written);
  OperatorMetadata second = Sample();
  second.stores[0].schema_file_paths.emplace_back("file:/c/state/0/_stateSchema/default/3_v");
  ASSERT_THAT(log.Put(3, second), IsOk());
  EXPECT_TRUE(SameMetadata((*log.LatestAt(3))->metadata, second));
  checkpoint.Put("state/0/_metadata/v2/3", "v2\n{");
  ASSERT_THAT(log.Put(3, second), IsOk());
  EXPECT_TRUE(SameMetadata((*log.LatestAt(3))->metadata, second));
}

TEST(OperatorMetadata, PurgeKeepsWhatTheOldestRetainedBatchNeeds) {
  test::MemoryCheckpoint checkpoint;
  OperatorMetadataLog log(checkpoint.files, checkpoint.root, 0);
  for (const BatchId batch : {0, 3, 6, 9}) {
    ASSERT_THAT(log.Put(batch, Sample()), IsOk());
  }
  ASSERT_THAT(log.Purge(7), IsOk());
  EXPECT_THAT(log.log().Ids().value(), testing::ElementsAre(6, 9));
}

TEST(OperatorMetadata, OtherOperatorsHaveAnOutlineAndNoMore) {
  test::MemoryCheckpoint checkpoint;
  checkpoint.Put("state/0/_metadata/metadata", R"(v1
{"operatorInfo":{"operatorId":0,"operatorName":"dedupe"},"stateStoreInfo":[{"storeName":"default","numColsPrefixKey":1,"numPartitions":5}]})");
  const OperatorMetadataLog log(checkpoint.files, checkpoint.root, 0);
  const auto outline = log.OutlineAt(3);
  ASSERT_THAT(outline, IsOk());
  EXPECT_EQ((*outline)->operator_name, "dedupe");
  EXPECT_EQ((*outline)->properties, "");
  EXPECT_EQ((*outline)->stores,
            std::vector({StateStoreInfo{.num_cols_prefix_key = 1, .num_partitions = 5, .schema_file_paths = {}}}));
  EXPECT_THAT(log.LatestAt(3), HasKind(ErrorKind::kIncompatible));
  EXPECT_EQ(log.LatestAt(3).status().condition(), "HOLDFAST_UNSUPPORTED_OPERATOR");
}

TEST(OperatorMetadata, DamageNamesTheFile) {
  const std::string text = PrintOperatorMetadata(Sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto metadata = ParseOperatorMetadata(text.substr(0, size), "/c/v2/0");
    ASSERT_FALSE(metadata.ok()) << size;
    EXPECT_THAT(metadata.status().ToString(), testing::HasSubstr("/c/v2/0"));
  }
  EXPECT_THAT(ParseOperatorMetadata("v3\n{}", "f"), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(ParseOperatorMetadata(text + "\nmore", "f"), HasKind(ErrorKind::kCorrupt));
  OperatorMetadata none = Sample();
  none.stores[0].num_partitions = 0;
  EXPECT_THAT(ParseOperatorMetadata(PrintOperatorMetadata(none), "f"), HasKind(ErrorKind::kCorrupt));
  test::MemoryCheckpoint checkpoint;
  OperatorMetadataLog log(checkpoint.files, checkpoint.root, 0);
  ASSERT_THAT(log.Put(0, Sample()), IsOk());
  checkpoint.Flip("state/0/_metadata/v2/0", 30);
  EXPECT_THAT(log.LatestAt(0), HasKind(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace hf
