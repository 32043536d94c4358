// SPDX-License-Identifier: Apache-2.0
#include "engine/recovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint/query_metadata.h"
#include "checkpoint/recovery_point.h"
#include "state/compressed_stream.h"

namespace hf {

namespace {

// Where the inputs stand in an entry of the offset log.
Result<std::vector<SourceOffset>> OffsetsOf(const OffsetSeq& entry, BatchId batch, std::size_t inputs) {
  if (entry.offsets.size() != inputs) {
    return Incompatible(fmt::format(
        "offsets/{} has {} sources, this query has {}; a checkpoint goes on only with the sources it began with", batch,
        entry.offsets.size(), inputs));
  }
  return entry.offsets;
}

Status RecoverBatches(const RecoveryPoint& point, std::size_t inputs, Recovered* recovered) {
  recovered->next_batch = point.next_batch;
  recovered->end_offsets.resize(inputs);
  if (!point.offsets.has_value()) {
    return Status();
  }
  const BatchId last = *point.last_offset_batch;
  if (!point.offsets->metadata.has_value()) {
    return Incompatible(
        fmt::format("offsets/{} has no metadata: a Spark before 2.1 wrote it, which had no transformWithState", last));
  }
  HF_RETURN_IF_ERROR(recovered->conf.Recover(point.offsets->metadata->conf));
  HF_ASSIGN_OR_RETURN(const std::vector<SourceOffset> newest, OffsetsOf(*point.offsets, last, inputs));
  if (!point.is_rerun) {
    recovered->end_offsets = newest;
    return Status();
  }
  recovered->unfinished = point.offsets;
  if (point.previous_offsets.has_value()) {
    HF_ASSIGN_OR_RETURN(recovered->end_offsets, OffsetsOf(*point.previous_offsets, last - 1, inputs));
  }
  return Status();
}

std::int64_t WatermarkOf(const std::optional<OffsetSeq>& entry) {
  return entry.has_value() && entry->metadata.has_value() ? entry->metadata->batch_watermark_ms : 0;
}

// The last question of a start, so that a yes means that everything else is in order.
Status CheckWriter(const StreamPlan& stream, const Conf& conf) {
  if (!conf.is_foreign() || conf.GetBool(conf_key::kContinueForeign)) {
    return Status();
  }
  return Incompatible(
      fmt::format(
          "the last batch of {} was planned by another engine, presumably Spark: its entry in the offset log has "
          "no {}. Holdfast can go on with it; make sure that the other query is stopped for good, since two "
          "engines at once destroy a checkpoint, and then set {}=true for this one start (holdfast run "
          "--continue-foreign)",
          stream.checkpoint, conf_key::kVersion, conf_key::kContinueForeign),
      std::string(kForeignCheckpoint));
}

// A mistyped path would begin everything anew, somewhere.
Status CheckNew(const StreamPlan& stream) {
  if (stream.conf.GetBool(conf_key::kContinueForeign)) {
    return Incompatible(
        fmt::format("{} holds no checkpoint to go on with: it has no file \"metadata\". {} is for a checkpoint that "
                    "another engine wrote; leave it out to begin a new one",
                    stream.checkpoint, conf_key::kContinueForeign),
        std::string(kForeignCheckpoint));
  }
  const std::string& path = stream.checkpoint;
  for (std::size_t end = path.rfind('/'); end != 0 && end != std::string::npos; end = path.rfind('/', end - 1)) {
    const std::string around = path.substr(0, end);
    HF_ASSIGN_OR_RETURN(const auto metadata, stream.files->Stat(around + "/metadata"));
    HF_ASSIGN_OR_RETURN(const auto offsets, stream.files->Stat(around + "/offsets"));
    if (metadata.has_value() && !metadata->is_directory && offsets.has_value() && offsets->is_directory) {
      return Invalid(fmt::format(
          "the new checkpoint {} would lie inside the checkpoint {}; is that the one that is meant?", path, around));
    }
  }
  return Status();
}

// A query with other operators than the checkpoint's would take one's state for another's, or leave it behind.
Status CheckOperatorsOf(const StreamPlan& stream, const std::optional<BatchId>& committed) {
  HF_ASSIGN_OR_RETURN(const std::vector<std::int64_t> operators, ListOperators(*stream.files, stream.checkpoint));
  // Without any, each says that its metadata are missing; before the first commit a failed start may have left some of
  // them, but none that this query has not.
  const bool is_known = operators.empty() || operators.back() < static_cast<std::int64_t>(stream.operators.size());
  if (committed.has_value() ? operators.empty() || operators.size() == stream.operators.size() : is_known) {
    return Status();
  }
  return Incompatible(
      fmt::format("{} has the state of {} stateful operators, this query has {}; a checkpoint goes on only with the "
                  "operators it began with, in their order",
                  stream.checkpoint, operators.size(), stream.operators.size()),
      "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA");
}

// `recovered` has all but the operators.
Result<RecoveredOperator> RecoverOperator(const StreamPlan& stream, std::size_t number, const Recovered& recovered,
                                          const RecoveryPoint& point) {
  const StreamOperator& described = stream.operators[number];
  RecoveredOperator found;
  HF_ASSIGN_OR_RETURN(auto plan, OperatorPlan::Make(described.processor, described.time_mode, recovered.conf.encoding(),
                                                    described.input, described.grouping_columns));
  plan->operator_id = OperatorIdOf(stream, number);
  if (described.initial_state.has_value()) {
    HF_RETURN_IF_ERROR(plan->TakeInitialState(*described.initial_state));
  }
  HF_ASSIGN_OR_RETURN(
      const Declarations declared,
      CollectDeclarations(*described.processor, described.time_mode,
                          {.query_id = recovered.query_id, .run_id = {}, .batch_id = recovered.next_batch}));
  HF_ASSIGN_OR_RETURN(found.state, DescribeState(stream, described, *plan, recovered.conf, declared,
                                                 point.last_committed_batch.value_or(-1), recovered.partitions));
  plan->state = found.state.plan;
  for (const Declaration& declaration : declared.variables) {
    if (const VariablePlan* variable = plan->state.Find(declaration.variable.name); variable != nullptr) {
      HF_RETURN_IF_ERROR(CheckVariable(plan->state.frame, *variable, declaration.type));
    }
  }
  if (point.commit.has_value() && recovered.unique_ids) {
    auto ids = StateIdsOf(*point.commit, plan->operator_id, recovered.partitions);
    if (!ids.ok()) {
      return ids.status().WithContext(
          CommitLog(*stream.files, stream.checkpoint).log().PathOf(*point.last_committed_batch));
    }
    found.state_ids = std::move(ids).value();
  }
  found.plan = std::move(plan);
  return found;
}

}  // namespace

Result<Recovered> Recover(const StreamPlan& stream) {
  Recovered recovered;
  recovered.conf = stream.conf;
  HF_ASSIGN_OR_RETURN(const auto metadata, ReadQueryMetadata(*stream.files, stream.checkpoint));
  recovered.is_new = !metadata.has_value();
  if (recovered.is_new) {
    HF_RETURN_IF_ERROR(CheckNew(stream));
  }
  recovered.query_id = metadata.has_value() ? metadata->id : stream.random->NewUuid();
  const OffsetLog offset_log(*stream.files, stream.checkpoint);
  const CommitLog commit_log(*stream.files, stream.checkpoint);
  HF_ASSIGN_OR_RETURN(const RecoveryPoint point, FindRecoveryPoint(offset_log, commit_log));
  if (recovered.is_new && point.last_offset_batch.has_value()) {
    return Corrupt(fmt::format(
        "{} has offsets but no metadata file with the query's id; restore it, or start with a new checkpoint",
        stream.checkpoint));
  }
  HF_RETURN_IF_ERROR(RecoverBatches(point, stream.inputs.size(), &recovered));
  recovered.watermark = RecoverWatermark(point, recovered.conf, stream.watermarks);
  recovered.partitions = static_cast<std::size_t>(recovered.conf.GetInt(conf_key::kShufflePartitions));

  // A checkpoint keeps the format that its commits have (Spark 4.3 takes it from there, too).
  recovered.unique_ids = point.commit.has_value() ? point.commit->state_unique_ids.has_value()
                                                  : recovered.conf.GetInt(conf_key::kFormatVersion) == 2;
  recovered.conf.PinFormatVersion(recovered.unique_ids ? 2 : 1);
  if (stream.trigger.kind == Trigger::Kind::kRealTime && !recovered.unique_ids) {
    return Incompatible(
        fmt::format(
            "{} has checkpoint format 1, and the real-time trigger needs format 2, in which what a failed batch "
            "left behind is never taken for state; use a new checkpoint, with {}=2 or without it",
            stream.checkpoint, conf_key::kFormatVersion),
        "STREAMING_REAL_TIME_MODE.CHECKPOINT_FORMAT_V1_NOT_SUPPORTED");
  }
  HF_RETURN_IF_ERROR(CheckOperatorsOf(stream, point.last_committed_batch));
  for (std::size_t number = 0; number < stream.operators.size(); ++number) {
    auto recovered_operator = RecoverOperator(stream, number, recovered, point);
    if (!recovered_operator.ok()) {
      return number == 0 && stream.operators.size() == 1
                 ? recovered_operator.status()
                 : recovered_operator.status().WithContext(fmt::format("operator {}", OperatorIdOf(stream, number)));
    }
    recovered.operators.push_back(std::move(recovered_operator).value());
  }
  HF_RETURN_IF_ERROR(CheckWriter(stream, recovered.conf));
  return recovered;
}

std::int64_t OperatorIdOf(const StreamPlan& stream, std::size_t number) {
  return static_cast<std::int64_t>(stream.operators.size() - 1 - number);
}

Watermark RecoverWatermark(const RecoveryPoint& point, const Conf& conf,
                           const std::vector<WatermarkOperator>& operators) {
  const WatermarkPolicy policy =
      conf.Get(conf_key::kWatermarkPolicy) == "max" ? WatermarkPolicy::kMax : WatermarkPolicy::kMin;
  std::vector<std::int64_t> delays_ms;
  for (const WatermarkOperator& each : operators) {
    delays_ms.push_back(each.delay_ms);
  }
  const std::int64_t newest_ms = WatermarkOf(point.offsets);
  if (point.is_rerun) {
    return Watermark(policy, std::move(delays_ms), newest_ms, WatermarkOf(point.previous_offsets));
  }
  // Spark 4.3 MicroBatchExecution.populateStartOffsets: the larger of the two.
  const std::int64_t next_ms = point.commit.has_value() ? point.commit->next_batch_watermark_ms : 0;
  return Watermark(policy, std::move(delays_ms), std::max(newest_ms, next_ms), newest_ms);
}

Status CreateCheckpoint(const StreamPlan& stream, const Recovered& recovered) {
  if (!recovered.is_new) {
    return Status();
  }
  HF_RETURN_IF_ERROR(WriteQueryMetadata(*stream.files, stream.checkpoint, {.id = recovered.query_id}));
  return stream.files->Sync();  // offsets without an id are nobody's
}

Result<std::vector<std::string>> StateIdsOf(const CommitMetadata& commit, std::int64_t operator_id,
                                            std::size_t partitions) {
  std::vector<std::string> ids;
  for (const auto& [id, of_partitions] : commit.state_unique_ids.value_or(std::vector<OperatorIds>())) {
    if (id == operator_id) {
      for (const std::vector<std::string>& of_stores : of_partitions) {
        ids.push_back(of_stores.empty() ? std::string() : of_stores.front());
      }
    }
  }
  if (ids.size() != partitions || std::count(ids.begin(), ids.end(), std::string()) > 0) {
    return Corrupt(fmt::format("stateUniqueIds has ids of {} partitions for operator {}, which has {}",
                               ids.size() - static_cast<std::size_t>(std::count(ids.begin(), ids.end(), std::string())),
                               operator_id, partitions));
  }
  return ids;
}

StoreOptions StoreFormatOf(const Conf& conf) {
  StoreOptions options;
  options.codec = FindCompressionCodec(conf.Get(conf_key::kCompressionCodec)).value_or(CompressionCodec::kLz4);
  options.list_delimiter = conf.Get(conf_key::kMergeOperatorVersion) == "1" ? "," : "";
  options.row_checksums = conf.GetBool(conf_key::kRowChecksum);
  return options;
}

std::string StateDirectory(const std::string& checkpoint, std::int64_t operator_id, std::size_t partition) {
  return fmt::format("{}/state/{}/{}", checkpoint, operator_id, partition);
}

PartitionStateOptions StateOptionsOf(const StreamPlan& stream, const Recovered& recovered, std::int64_t operator_id,
                                     std::size_t partition) {
  const Conf& conf = recovered.conf;
  const std::int64_t cache_bytes =
      conf.GetInt(conf_key::kCacheBytes) / static_cast<std::int64_t>(recovered.partitions * stream.operators.size());
  PartitionStateOptions options;
  options.store = StoreFormatOf(conf);
  options.store.files = stream.files.get();
  options.store.random = stream.random;
  options.store.unique_ids = recovered.unique_ids;
  options.store.directory = StateDirectory(stream.checkpoint, operator_id, partition);
  options.store.scratch_directory = fmt::format("{}/{}/{}", *stream.scratch, operator_id, partition);
  options.store.log_every_operation = conf.GetBool(conf_key::kEveryOperation);
  options.store.changelog = conf.GetBool(conf_key::kChangelog);
  options.store.min_deltas_for_snapshot = conf.GetInt(conf_key::kMinDeltasForSnapshot);
  // The memory for state: half of it for cells, an eighth for RocksDB's cache, and the rest for deltas that wait for
  // their snapshot. That is due when they hold a quarter; the eighth above it is for the batches run meanwhile.
  constexpr std::int64_t kLeastBytes = 1 << 20;
  options.store.delta_bytes_max = std::max(cache_bytes / 4, kLeastBytes);
  options.store.rocksdb_cache_bytes = std::max(cache_bytes / 8, kLeastBytes);
  options.cache_bytes = static_cast<std::size_t>(cache_bytes / 2);
  return options;
}

}  // namespace hf
