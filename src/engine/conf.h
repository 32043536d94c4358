// SPDX-License-Identifier: Apache-2.0
// Conf: the configuration of a query, under Spark's keys where Spark has one.
//
// Three layers: our defaults, what the user set, and, on a checkpoint that exists, what its offset log recorded. The
// recorded confs win (Spark 4.3 OffsetSeqMetadata.setSessionConf); recorded keys that we do not know are carried on
// verbatim.
//
// Every entry that Holdfast writes has the key holdfast.version. Spark keeps none that it does not know, so its absence
// from the newest entry says that the last batch was planned by another engine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/offset_log.h"
#include "holdfast/status.h"
#include "state/row_frame.h"

namespace hf {

class Conf {
 public:
  // Checks every known key's value; unknown keys under "holdfast." are refused, other unknown keys are kept.
  static Result<Conf> Make(const std::map<std::string, std::string>& user);

  [[nodiscard]] std::string Get(std::string_view key) const;
  [[nodiscard]] bool GetBool(std::string_view key) const;
  [[nodiscard]] std::int64_t GetInt(std::string_view key) const;
  // Comma-separated, blanks around entries removed.
  [[nodiscard]] std::vector<std::string> GetList(std::string_view key) const;

  // Takes the checkpoint's confs over the user's. kIncompatible when one has a value that Holdfast cannot honour, with
  // the key, the value and what is supported.
  Status Recover(const ConfEntries& recorded);
  // All such refusals of a checkpoint's confs.
  static std::vector<Status> Unsupported(const ConfEntries& recorded);
  // The confs of a checkpoint that is only looked at: none is refused.
  static Conf OfCheckpoint(const ConfEntries& recorded);
  // Whether a checkpoint keeps the setting that it began with, whatever the query says later.
  static bool IsPinned(std::string_view key);
  // The checkpoint's format, which its commits decide and no conf records.
  void PinFormatVersion(int version) { format_version_ = std::to_string(version); }
  // Whether the entry that Recover took was written by another engine.
  [[nodiscard]] bool is_foreign() const;
  [[nodiscard]] StateEncoding encoding() const;
  // What to record in the next offset log entry: the recovered confs as they were, or those of a new checkpoint.
  [[nodiscard]] ConfEntries ToRecord() const;
  // Of the settings asked for those that the checkpoint keeps another value of, each as a sentence.
  [[nodiscard]] std::vector<std::string> NotInForce(const std::map<std::string, std::string>& asked) const;
  [[nodiscard]] std::vector<std::string> NotInForce() const { return NotInForce({user_.begin(), user_.end()}); }
  // The settings that differ from Spark's defaults, each as a spark.conf.set line to paste.
  [[nodiscard]] std::vector<std::string> SettingsToPaste() const;

 private:
  [[nodiscard]] const std::string* FindRecorded(std::string_view key) const;
  // Not pinned: the user's word, else as the last batch had it, else as Spark does where Spark wrote last.
  [[nodiscard]] std::string EveryOperation() const;

  std::map<std::string, std::string, std::less<>> user_;
  ConfEntries recorded_;
  std::string format_version_;  // empty: as the user says
};

namespace conf_key {
inline constexpr std::string_view kProviderClass = "spark.sql.streaming.stateStore.providerClass";
inline constexpr std::string_view kEncodingFormat = "spark.sql.streaming.stateStore.encodingFormat";
inline constexpr std::string_view kChangelog = "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled";
inline constexpr std::string_view kCompressionCodec = "spark.sql.streaming.stateStore.compression.codec";
inline constexpr std::string_view kMergeOperatorVersion = "spark.sql.streaming.stateStore.rocksdb.mergeOperatorVersion";
inline constexpr std::string_view kRowChecksum = "spark.sql.streaming.stateStore.rowChecksum.enabled";
inline constexpr std::string_view kShufflePartitions = "spark.sql.shuffle.partitions";
inline constexpr std::string_view kMinDeltasForSnapshot = "spark.sql.streaming.stateStore.minDeltasForSnapshot";
inline constexpr std::string_view kFormatVersion = "spark.sql.streaming.stateStore.checkpointFormatVersion";
inline constexpr std::string_view kWatermarkPolicy = "spark.sql.streaming.multipleWatermarkPolicy";
inline constexpr std::string_view kNoDataBatches = "spark.sql.streaming.noDataMicroBatches.enabled";
inline constexpr std::string_view kIdleEventMs = "spark.sql.streaming.noDataProgressEventInterval";
inline constexpr std::string_view kRealTimeMinMs = "spark.sql.streaming.realTimeMode.minBatchDuration";
inline constexpr std::string_view kMinBatchesToRetain = "spark.sql.streaming.minBatchesToRetain";
inline constexpr std::string_view kEvolutionThreshold =
    "spark.sql.streaming.stateStore.valueStateSchemaEvolutionThreshold";
inline constexpr std::string_view kSchemaFilesMax = "spark.sql.streaming.stateStore.maxNumStateSchemaFiles";
inline constexpr std::string_view kSourceCompactInterval = "spark.sql.streaming.fileSource.log.compactInterval";
inline constexpr std::string_view kSourceCleanupDelay = "spark.sql.streaming.fileSource.log.cleanupDelay";
inline constexpr std::string_view kSourceDeletion = "spark.sql.streaming.fileSource.log.deletion";
inline constexpr std::string_view kSessionTimeZone = "spark.sql.session.timeZone";
inline constexpr std::string_view kEvolutionAccept = "holdfast.evolution.accept";
inline constexpr std::string_view kCacheBytes = "holdfast.state.cacheBytes";
inline constexpr std::string_view kScratchDirectory = "holdfast.state.scratchDirectory";
inline constexpr std::string_view kEveryOperation = "holdfast.changelog.everyOperation";
inline constexpr std::string_view kOperatorName = "holdfast.dialect.operatorName";
inline constexpr std::string_view kThreads = "holdfast.threads";
inline constexpr std::string_view kCheckpointUri = "holdfast.checkpointUri";
inline constexpr std::string_view kContinueForeign = "holdfast.continueForeign";
// Recorded only: who wrote an entry of the offset log.
inline constexpr std::string_view kVersion = "holdfast.version";
}  // namespace conf_key

}  // namespace hf
