// SPDX-License-Identifier: Apache-2.0
#include "engine/conf.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;

// What a new checkpoint of `user` records.
ConfEntries Recorded(const std::map<std::string, std::string>& user) { return Conf::Make(user).value().ToRecord(); }

std::string ValueIn(const ConfEntries& entries, std::string_view key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [key](const auto& entry) { return entry.first == key; });
  return found == entries.end() ? "(absent)" : found->second;
}

ConfEntries With(ConfEntries entries, std::string_view key, const std::string& value) {
  std::erase_if(entries, [key](const auto& entry) { return entry.first == key; });
  entries.emplace_back(key, value);
  return entries;
}

TEST(Conf, ValuesAreCheckedAndNamed) {
  const auto refusal = [](std::string_view key, const std::string& value) {
    return Conf::Make({{std::string(key), value}}).status();
  };
  EXPECT_THAT(refusal("holdfast.nonsense", "1"), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(refusal("spark.some.other.key", "anything"), IsOk());
  for (const std::string_view key : {conf_key::kChangelog, conf_key::kEveryOperation, conf_key::kRowChecksum}) {
    EXPECT_THAT(refusal(key, "yes"), HasKind(ErrorKind::kInvalid)) << key;
    EXPECT_NE(refusal(key, "yes").message().find("yes"), std::string::npos) << key;
  }
  for (const std::string_view key : {conf_key::kMinDeltasForSnapshot, conf_key::kCacheBytes, conf_key::kThreads}) {
    for (const std::string value : {"-1", "1.5", "", "9999999999999999999", "10 "}) {
      EXPECT_THAT(refusal(key, value), HasKind(ErrorKind::kInvalid)) << key << "=" << value;
    }
  }
  EXPECT_THAT(refusal(conf_key::kShufflePartitions, "0"), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(refusal(conf_key::kEncodingFormat, "unsaferow"), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(refusal(conf_key::kCompressionCodec, "gzip"), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(refusal(conf_key::kFormatVersion, "3"), HasKind(ErrorKind::kIncompatible));
  EXPECT_EQ(refusal(conf_key::kProviderClass, "x.Other").condition(),
            "UNSUPPORTED_FEATURE.STORE_BACKEND_NOT_SUPPORTED_FOR_TWS");
}

TEST(Conf, TheUsersValueWinsOverTheDefaultAndTheRecordedOneOverBoth) {
  Conf conf = Conf::Make({{std::string(conf_key::kShufflePartitions), "7"}}).value();
  EXPECT_EQ(conf.GetInt(conf_key::kShufflePartitions), 7);
  EXPECT_EQ(conf.GetInt(conf_key::kMinBatchesToRetain), 100);
  EXPECT_EQ(conf.Get("spark.unknown"), "");
  ASSERT_THAT(conf.Recover(With(Recorded({}), conf_key::kCompressionCodec, "zstd")), IsOk());
  EXPECT_EQ(conf.GetInt(conf_key::kShufflePartitions), 4);
  EXPECT_EQ(conf.Get(conf_key::kCompressionCodec), "zstd");
}

TEST(Conf, ANewCheckpointRecordsApachesProviderWhateverNameTheUserGave) {
  const ConfEntries recorded =
      Recorded({{std::string(conf_key::kProviderClass), "com.databricks.sql.streaming.state.RocksDBStateStoreProvider"},
                {"holdfast.threads", "2"}});
  EXPECT_EQ(ValueIn(recorded, conf_key::kProviderClass),
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider");
  EXPECT_EQ(ValueIn(recorded, conf_key::kShufflePartitions), "4");
  EXPECT_EQ(ValueIn(recorded, "holdfast.threads"), "(absent)");
  // Confs that matter to Spark alone are there, so that Spark finds what it would have written.
  EXPECT_EQ(ValueIn(recorded, "spark.sql.streaming.multipleWatermarkPolicy"), "min");
}

TEST(Conf, WhatACheckpointRecordsIsCarriedOnVerbatim) {
  ConfEntries found = With(Recorded({}), "spark.sql.of.a.later.release", "x y");
  Conf conf = Conf::Make({{std::string(conf_key::kShufflePartitions), "9"}}).value();
  ASSERT_THAT(conf.Recover(found), IsOk());
  EXPECT_EQ(conf.ToRecord(), found);
}

TEST(Conf, ACheckpointThatCannotBeHonouredIsRefused) {
  const auto recover = [](const ConfEntries& entries) { return Conf::Make({}).value().Recover(entries); };
  const ConfEntries good = Recorded({});
  EXPECT_THAT(recover(good), IsOk());
  // Absent means unsaferow: Spark recorded the key only from 4.0 on.
  ConfEntries without = good;
  std::erase_if(without, [](const auto& entry) { return entry.first == conf_key::kEncodingFormat; });
  EXPECT_THAT(recover(without), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(recover(With(good, conf_key::kRowChecksum, "true")), IsOk());
  EXPECT_THAT(recover(With(good, conf_key::kMergeOperatorVersion, "3")), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(recover(With(good, conf_key::kShufflePartitions, "none")), HasKind(ErrorKind::kCorrupt));
}

TEST(Conf, AnOldCheckpointWithoutTheMergeVersionHasTheFirst) {
  ConfEntries old = Recorded({});
  std::erase_if(old, [](const auto& entry) { return entry.first == conf_key::kMergeOperatorVersion; });
  Conf conf = Conf::Make({}).value();
  EXPECT_EQ(conf.Get(conf_key::kMergeOperatorVersion), "2");
  ASSERT_THAT(conf.Recover(old), IsOk());
  EXPECT_EQ(conf.Get(conf_key::kMergeOperatorVersion), "1");
}

TEST(Conf, ListsAreCutAtCommasAndTrimmed) {
  const Conf conf = Conf::Make({{std::string(conf_key::kEvolutionAccept), " s.a ,, s.b c ,"}}).value();
  EXPECT_EQ(conf.GetList(conf_key::kEvolutionAccept), (std::vector<std::string>{"s.a", "s.b c"}));
  EXPECT_TRUE(Conf::Make({}).value().GetList(conf_key::kEvolutionAccept).empty());
}

TEST(Conf, SettingsToPasteAreThoseThatDifferFromSparks) {
  const std::map<std::string, std::string> as_spark = {{std::string(conf_key::kShufflePartitions), "200"}};
  const auto lines = Conf::Make(as_spark).value().SettingsToPaste();
  EXPECT_THAT(lines, testing::Contains("spark.conf.set(\"spark.sql.streaming.stateStore.encodingFormat\", \"avro\")"));
  EXPECT_THAT(lines, testing::Not(testing::Contains(testing::HasSubstr("shuffle.partitions"))));
  EXPECT_THAT(lines, testing::Not(testing::Contains(testing::HasSubstr("holdfast."))));
}

}  // namespace
}  // namespace hf
