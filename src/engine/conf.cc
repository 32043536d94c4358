// SPDX-License-Identifier: Apache-2.0
#include "engine/conf.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "base/nearest_name.h"
#include "engine/dialect.h"
#include "holdfast/conf.h"

namespace hf {

namespace {

enum class ValueKind { kText, kBool, kCount };

struct KnownKey {
  std::string_view key;
  std::string_view holdfast_default;
  std::string_view spark_default;  // empty: Spark has no such key
  ValueKind kind;
};

constexpr std::string_view kApacheProvider = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider";
constexpr std::string_view kDatabricksProvider = "com.databricks.sql.streaming.state.RocksDBStateStoreProvider";

// Spark's defaults are those of 4.3.0. A new checkpoint gets few partitions: a process has few cores, and 200 stores
// cost 200 changelogs a batch.
constexpr KnownKey kKnownKeys[] = {
    {conf_key::kProviderClass, kApacheProvider,
     "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider", ValueKind::kText},
    {conf_key::kEncodingFormat, "avro", "unsaferow", ValueKind::kText},
    {conf_key::kChangelog, "true", "false", ValueKind::kBool},
    {conf_key::kCompressionCodec, "lz4", "lz4", ValueKind::kText},
    {conf_key::kMergeOperatorVersion, "2", "2", ValueKind::kCount},
    {conf_key::kRowChecksum, "false", "false", ValueKind::kBool},
    {conf_key::kFormatVersion, "1", "1", ValueKind::kCount},
    {conf_key::kShufflePartitions, "4", "200", ValueKind::kCount},
    {conf_key::kMinDeltasForSnapshot, "10", "10", ValueKind::kCount},
    {conf_key::kWatermarkPolicy, "min", "min", ValueKind::kText},
    {conf_key::kNoDataBatches, "true", "true", ValueKind::kBool},
    {conf_key::kIdleEventMs, "10000", "10000", ValueKind::kCount},
    {conf_key::kRealTimeMinMs, "5000", "5000", ValueKind::kCount},
    {conf_key::kMinBatchesToRetain, "100", "100", ValueKind::kCount},
    {conf_key::kEvolutionThreshold, "16", "16", ValueKind::kCount},
    {conf_key::kSchemaFilesMax, "128", "128", ValueKind::kCount},
    {conf_key::kSourceCompactInterval, "10", "10", ValueKind::kCount},
    {conf_key::kSourceCleanupDelay, "600000", "600000", ValueKind::kText},
    {conf_key::kSourceDeletion, "true", "true", ValueKind::kBool},
    {conf_key::kSessionTimeZone, "UTC", "", ValueKind::kText},
    {conf_key::kEvolutionAccept, "", "", ValueKind::kText},
    {conf_key::kCacheBytes, "536870912", "", ValueKind::kCount},
    {conf_key::kScratchDirectory, "", "", ValueKind::kText},
    {conf_key::kEveryOperation, "false", "", ValueKind::kBool},
    {conf_key::kOperatorName, "transformWithStateInPySparkExec", "", ValueKind::kText},
    {conf_key::kThreads, "0", "", ValueKind::kCount},
    {conf_key::kCheckpointUri, "", "", ValueKind::kText},
    {conf_key::kContinueForeign, "false", "", ValueKind::kBool},
};

// What Spark 4.3.0 records in the offset log beside the keys above (OffsetSeqMetadata.relevantSQLConfs); none of it
// changes what a transformWithState query does.
constexpr std::pair<std::string_view, std::string_view> kRecordedOnly[] = {
    {"spark.sql.dropDuplicates.deterministicKeyOrder.enabled", "true"},
    {"spark.sql.streaming.stateStore.rocksdb.formatVersion", "5"},
    {"spark.sql.streaming.queryEvolution.enableSourceEvolution", "false"},
    {"spark.sql.streaming.statefulOperator.useStrictDistribution", "true"},
    {"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion", "2"},
    {"spark.sql.streaming.statefulOperator.alwaysNullableOutput.enabled", "true"},
    {"spark.sql.streaming.aggregation.stateFormatVersion", "2"},
    {"spark.sql.function.protobufExtensions.enabled", "false"},
    {"spark.sql.streaming.join.stateFormatVersion", "2"},
    {"spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan", "false"},
};

// The keys that a checkpoint fixes for its life.
constexpr std::string_view kPinnedKeys[] = {conf_key::kProviderClass,    conf_key::kEncodingFormat,
                                            conf_key::kCompressionCodec, conf_key::kMergeOperatorVersion,
                                            conf_key::kRowChecksum,      conf_key::kShufflePartitions,
                                            conf_key::kWatermarkPolicy};

const KnownKey* FindKnown(std::string_view key) {
  const auto* found = std::find_if(std::begin(kKnownKeys), std::end(kKnownKeys),
                                   [key](const KnownKey& known) { return known.key == key; });
  return found == std::end(kKnownKeys) ? nullptr : found;
}

std::optional<std::int64_t> ParseCount(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 ? std::optional(value) : std::nullopt;
}

// What Holdfast can do with a value; the same for a user's conf and a recorded one.
Status CheckSupported(std::string_view key, std::string_view value) {
  const auto one_of = [&](std::span<const std::string_view> supported) -> Status {
    if (std::find(supported.begin(), supported.end(), value) != supported.end()) {
      return Status();
    }
    return Incompatible(fmt::format("{}={} is not supported; supported: {}", key, value, fmt::join(supported, ", ")));
  };
  static constexpr std::string_view kProviders[] = {kApacheProvider, kDatabricksProvider};
  static constexpr std::string_view kEncodings[] = {"avro", "unsaferow"};
  static constexpr std::string_view kCodecs[] = {"lz4", "zstd", "snappy", "lzf"};
  static constexpr std::string_view kMergeVersions[] = {"1", "2"};
  static constexpr std::string_view kFormatVersions[] = {"1", "2"};
  static constexpr std::string_view kWatermarkPolicies[] = {"min", "max"};
  if (key == conf_key::kProviderClass) {
    const Status known = one_of(kProviders);
    return known.ok()
               ? known
               : Incompatible(std::string(known.message()), "UNSUPPORTED_FEATURE.STORE_BACKEND_NOT_SUPPORTED_FOR_TWS");
  }
  if (key == conf_key::kEncodingFormat) {
    return one_of(kEncodings);
  }
  if (key == conf_key::kCompressionCodec) {
    return one_of(kCodecs);
  }
  if (key == conf_key::kMergeOperatorVersion) {
    return one_of(kMergeVersions);
  }
  if (key == conf_key::kFormatVersion) {
    return one_of(kFormatVersions);
  }
  if (key == conf_key::kWatermarkPolicy) {
    return one_of(kWatermarkPolicies);
  }
  if (key == conf_key::kOperatorName) {
    return one_of(kOperatorNames);
  }
  return Status();
}

Status CheckValue(const KnownKey& known, std::string_view value) {
  if (known.kind == ValueKind::kBool && value != "true" && value != "false") {
    return Invalid(fmt::format("{}={} is not a boolean; write true or false", known.key, value));
  }
  if (known.kind == ValueKind::kCount && !ParseCount(value).has_value()) {
    return Invalid(fmt::format("{}={} is not a whole number of zero or more", known.key, value));
  }
  if (known.key == conf_key::kMinBatchesToRetain && *ParseCount(value) == 0) {
    return Invalid("spark.sql.streaming.minBatchesToRetain=0: the last batch is needed to go on, so 1 is the least");
  }
  if (known.key == conf_key::kShufflePartitions && *ParseCount(value) == 0) {
    return Invalid("spark.sql.shuffle.partitions=0: a query needs at least one partition");
  }
  return CheckSupported(known.key, value);
}

const std::string* Find(const ConfEntries& entries, std::string_view key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [key](const auto& entry) { return entry.first == key; });
  return found == entries.end() ? nullptr : &found->second;
}

void Set(std::string_view key, std::string value, ConfEntries* entries) {
  const auto found =
      std::find_if(entries->begin(), entries->end(), [key](const auto& entry) { return entry.first == key; });
  if (found == entries->end()) {
    entries->emplace_back(key, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

}  // namespace

Result<Conf> Conf::Make(const std::map<std::string, std::string>& user) {
  Conf made;
  for (const auto& [key, value] : user) {
    const KnownKey* known = FindKnown(key);
    if (known == nullptr && key.starts_with("holdfast.")) {
      std::vector<std::string_view> names;
      for (const KnownKey& each : kKnownKeys) {
        names.push_back(each.key);
      }
      return Invalid(fmt::format("unknown configuration key {}; the keys are listed in docs/operating.md{}", key,
                                 DidYouMean(key, names)));
    }
    if (known != nullptr) {
      HF_RETURN_IF_ERROR(CheckValue(*known, value));
    }
    made.user_[key] = value;
  }
  return made;
}

std::string Conf::Get(std::string_view key) const {
  if (key == conf_key::kEveryOperation) {
    return EveryOperation();
  }
  if (const std::string* recorded = FindRecorded(key); recorded != nullptr) {
    return *recorded;
  }
  if (!recorded_.empty() && key == conf_key::kMergeOperatorVersion) {
    return "1";  // Spark 4.3: the key is absent in checkpoints begun before 4.2, which used version 1
  }
  if (!format_version_.empty() && key == conf_key::kFormatVersion) {
    return format_version_;
  }
  // What is fixed for a checkpoint's life and absent from it was Spark's default when that did not know the key.
  if (!recorded_.empty() && IsPinned(key)) {
    return std::string(FindKnown(key)->spark_default);
  }
  if (const auto found = user_.find(key); found != user_.end()) {
    return found->second;
  }
  const KnownKey* known = FindKnown(key);
  return known == nullptr ? std::string() : std::string(known->holdfast_default);
}

bool Conf::IsPinned(std::string_view key) {
  return std::find(std::begin(kPinnedKeys), std::end(kPinnedKeys), key) != std::end(kPinnedKeys);
}

std::vector<std::string> Conf::NotInForce(const std::map<std::string, std::string>& asked) const {
  std::vector<std::string> sentences;
  for (const auto& [key, value] : asked) {
    const bool is_kept =
        (IsPinned(key) && !recorded_.empty()) || (key == conf_key::kFormatVersion && !format_version_.empty());
    if (is_kept && Get(key) != value) {
      sentences.push_back(fmt::format(
          "{}={} is not in force: the checkpoint keeps {}, which it began with; only a new checkpoint takes another",
          key, value, Get(key)));
    }
  }
  return sentences;
}

bool Conf::GetBool(std::string_view key) const { return Get(key) == "true"; }

std::int64_t Conf::GetInt(std::string_view key) const { return ParseCount(Get(key)).value_or(0); }

std::vector<std::string> Conf::GetList(std::string_view key) const {
  std::vector<std::string> entries;
  const std::string text = Get(key);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::size_t first = text.find_first_not_of(' ', begin);
    if (first < comma) {
      const std::size_t last = text.find_last_not_of(' ', comma - 1);
      entries.push_back(text.substr(first, last - first + 1));
    }
    begin = comma + 1;
  }
  return entries;
}

const std::string* Conf::FindRecorded(std::string_view key) const { return Find(recorded_, key); }

bool Conf::is_foreign() const { return !recorded_.empty() && FindRecorded(conf_key::kVersion) == nullptr; }

std::string Conf::EveryOperation() const {
  if (const auto found = user_.find(conf_key::kEveryOperation); found != user_.end()) {
    return found->second;
  }
  if (const std::string* recorded = FindRecorded(conf_key::kEveryOperation); recorded != nullptr) {
    return *recorded;
  }
  return is_foreign() ? "true" : std::string(FindKnown(conf_key::kEveryOperation)->holdfast_default);
}

StateEncoding Conf::encoding() const {
  return Get(conf_key::kEncodingFormat) == "avro" ? StateEncoding::kAvro : StateEncoding::kUnsafeRow;
}

std::vector<Status> Conf::Unsupported(const ConfEntries& recorded) {
  std::vector<Status> unsupported;
  for (const std::string_view key : kPinnedKeys) {
    const std::string* value = Find(recorded, key);
    const Status supported = value != nullptr ? CheckSupported(key, *value) : Status();
    if (!supported.ok()) {
      unsupported.push_back(
          supported.WithContext("the checkpoint was written with a setting that is fixed for its life"));
    }
  }
  return unsupported;
}

Status Conf::Recover(const ConfEntries& recorded) {
  if (const std::vector<Status> unsupported = Unsupported(recorded); !unsupported.empty()) {
    return unsupported.front();
  }
  const std::string* partitions = Find(recorded, conf_key::kShufflePartitions);
  if (partitions == nullptr || ParseCount(*partitions).value_or(0) == 0) {
    return Corrupt(fmt::format("the offset log records no usable {}", conf_key::kShufflePartitions));
  }
  recorded_ = recorded;
  return Status();
}

Conf Conf::OfCheckpoint(const ConfEntries& recorded) {
  Conf made;
  made.recorded_ = recorded;
  return made;
}

ConfEntries Conf::ToRecord() const {
  if (!recorded_.empty()) {
    ConfEntries record = recorded_;
    Set(conf_key::kVersion, HOLDFAST_VERSION, &record);
    Set(conf_key::kEveryOperation, EveryOperation(), &record);
    return record;
  }
  ConfEntries record;
  record.emplace_back(conf_key::kProviderClass, kApacheProvider);
  for (const std::string_view key : kPinnedKeys) {
    if (key != conf_key::kProviderClass) {
      record.emplace_back(key, Get(key));
    }
  }
  for (const auto& [key, value] : kRecordedOnly) {
    record.emplace_back(key, value);
  }
  record.emplace_back(conf_key::kVersion, HOLDFAST_VERSION);
  record.emplace_back(conf_key::kEveryOperation, EveryOperation());
  return record;
}

std::vector<std::string> Conf::SettingsToPaste() const {
  std::vector<std::string> lines;
  for (const KnownKey& known : kKnownKeys) {
    if (const std::string value = Get(known.key); !known.spark_default.empty() && value != known.spark_default) {
      lines.push_back(fmt::format("spark.conf.set(\"{}\", \"{}\")", known.key, value));
    }
  }
  return lines;
}

std::optional<std::string> SettingDefault(const std::string& key) {
  const KnownKey* known = FindKnown(key);
  return known == nullptr ? std::nullopt : std::optional(std::string(known->holdfast_default));
}

}  // namespace hf
