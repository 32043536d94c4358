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

ConfEntries Without(ConfEntries entries, std::string_view key) {
  std::erase_if(entries, [key](const auto& entry) { return entry.first == key; });
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
  EXPECT_THAT(refusal(conf_key::kEncodingFormat, "unsaferow"), IsOk());
  EXPECT_THAT(refusal(conf_key::kEncodingFormat, "protobuf"), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(refusal(conf_key::kOperatorName, "flatMapGroupsWithState"), HasKind(ErrorKind::kIncompatible));
  EXPECT_THAT(refusal(conf_key::kVersion, "1"), HasKind(ErrorKind::kInvalid)) << "recorded only";
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
  EXPECT_THAT(recover(With(good, conf_key::kEncodingFormat, "protobuf")), HasKind(ErrorKind::kIncompatible));
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

TEST(Conf, ACheckpointThatNamesNoEncodingHasUnsafeRow) {
  Conf conf = Conf::Make({}).value();
  EXPECT_EQ(conf.encoding(), StateEncoding::kAvro);
  ASSERT_THAT(conf.Recover(Without(Recorded({}), conf_key::kEncodingFormat)), IsOk());
  EXPECT_EQ(conf.encoding(), StateEncoding::kUnsafeRow);
}

// What Spark records: it keeps no key that it does not know.
ConfEntries OfSpark() { return Without(Without(Recorded({}), conf_key::kVersion), conf_key::kEveryOperation); }

TEST(Conf, TheNewestEntrySaysWhoWroteLast) {
  Conf conf = Conf::Make({}).value();
  EXPECT_FALSE(conf.is_foreign()) << "a new checkpoint";
  ASSERT_THAT(conf.Recover(OfSpark()), IsOk());
  EXPECT_TRUE(conf.is_foreign());
  const ConfEntries ours = conf.ToRecord();
  ASSERT_THAT(conf.Recover(ours), IsOk());
  EXPECT_FALSE(conf.is_foreign());
  EXPECT_EQ(conf.ToRecord(), ours) << "each key once";
}

TEST(Conf, EveryOperationGoesOnAsItWas) {
  const auto after = [](const std::map<std::string, std::string>& user, const ConfEntries& recorded) {
    Conf conf = Conf::Make(user).value();
    EXPECT_THAT(conf.Recover(recorded), IsOk());
    return conf;
  };
  const std::map<std::string, std::string> yes = {{std::string(conf_key::kEveryOperation), "true"}};
  const std::map<std::string, std::string> no = {{std::string(conf_key::kEveryOperation), "false"}};
  EXPECT_FALSE(after({}, Recorded({})).GetBool(conf_key::kEveryOperation));
  EXPECT_TRUE(after({}, OfSpark()).GetBool(conf_key::kEveryOperation));
  EXPECT_TRUE(after({}, after({}, OfSpark()).ToRecord()).GetBool(conf_key::kEveryOperation)) << "from then on";
  EXPECT_FALSE(after(no, OfSpark()).GetBool(conf_key::kEveryOperation));
  EXPECT_FALSE(after({}, after(no, OfSpark()).ToRecord()).GetBool(conf_key::kEveryOperation));
  EXPECT_TRUE(after(yes, Recorded({})).GetBool(conf_key::kEveryOperation)) << "not pinned";
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
