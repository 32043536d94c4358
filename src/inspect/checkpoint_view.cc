// SPDX-License-Identifier: Apache-2.0
#include "inspect/checkpoint_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.h"
#include "checkpoint/commit_log.h"
#include "checkpoint/offset_log.h"
#include "engine/recovery.h"

namespace hf {

namespace {

std::vector<std::string> VariableNames(const OperatorMetadata& metadata) {
  std::vector<std::string> names;
  for (const StateVariableInfo& variable : metadata.variables) {
    if (variable.type != kTimerStateType) {
      names.push_back(variable.name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What no file of a store tells apart from what Holdfast can read.
Status CheckReadable(const Conf& conf) {
  const std::string provider = conf.Get(conf_key::kProviderClass);
  if (!provider.ends_with(".RocksDBStateStoreProvider")) {
    return Incompatible(
        fmt::format("the checkpoint's state is kept by {}; Holdfast reads that of RocksDBStateStoreProvider", provider),
        "UNSUPPORTED_FEATURE.STORE_BACKEND_NOT_SUPPORTED_FOR_TWS");
  }
  const std::string encoding = conf.Get(conf_key::kEncodingFormat);
  if (encoding != "avro" && encoding != "unsaferow") {
    return Incompatible(
        fmt::format("the checkpoint's state is encoded as {}; Holdfast reads avro and unsaferow", encoding),
        "HOLDFAST_UNSUPPORTED_ENCODING");
  }
  return Status();
}

// Help for who has named the wrong directory.
std::string WhatLiesThere(FileSystem& files, const std::string& directory) {
  const auto is_there = [&files](const std::string& path) {
    const auto found = files.Stat(path);
    return found.ok() && found->has_value();
  };
  if (!is_there(directory)) {
    return "; there is no such directory";
  }
  const std::string parent = directory.substr(0, directory.rfind('/'));
  for (const std::string& other :
       {parent, parent.substr(0, parent.rfind('/')), directory + "/ckpt", directory + "/checkpoint"}) {
    if (is_there(other + "/commits")) {
      return fmt::format("; did you mean {}?", other);
    }
  }
  return "";
}

}  // namespace

Result<std::vector<BatchId>> CommittedBatches(FileSystem& files, const std::string& checkpoint) {
  const CommitLog commits(files, checkpoint);
  // A listing may miss a file that came while it was made, and with a query that retains few batches at work, those
  // that were there may be gone: nothing at all is believed only when it is seen again and again.
  constexpr int kListingsMax = 5;
  std::vector<BatchId> committed;
  for (int listing = 0; committed.empty() && listing < kListingsMax; ++listing) {
    HF_ASSIGN_OR_RETURN(committed, commits.log().Ids());
  }
  if (committed.empty()) {
    return Invalid(
        fmt::format(
            "No committed batch found, checkpoint location: {}. Ensure that the query has run and committed any "
            "microbatch before stopping{}",
            checkpoint, WhatLiesThere(files, checkpoint)),
        "STDS_COMMITTED_BATCH_UNAVAILABLE");
  }
  return committed;
}

Result<CheckpointView> CheckpointView::Open(FileSystem& files, const std::string& checkpoint, std::int64_t operator_id,
                                            std::optional<BatchId> batch) {
  CheckpointView view;
  view.checkpoint = checkpoint;
  view.operator_id = operator_id;
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> committed, CommittedBatches(files, checkpoint));
  view.batch = batch.value_or(committed.back());
  view.first_batch = committed.front();
  const OffsetLog offsets(files, checkpoint);
  const auto entry = offsets.Get(view.batch);
  if (!std::binary_search(committed.begin(), committed.end(), view.batch) || IsNotFound(entry.status())) {
    return Invalid(fmt::format("batch {} of {} cannot be read; committed and retained are batches {} to {}", view.batch,
                               checkpoint, committed.front(), committed.back()),
                   "STDS_OFFSET_LOG_UNAVAILABLE");
  }
  HF_RETURN_IF_ERROR(entry.status());
  if (!entry->metadata.has_value()) {
    return Invalid(fmt::format("offsets/{} of {} has no metadata", view.batch, checkpoint),
                   "STDS_OFFSET_METADATA_LOG_UNAVAILABLE");
  }
  view.conf = Conf::OfCheckpoint(entry->metadata->conf);
  HF_RETURN_IF_ERROR(CheckReadable(view.conf));
  HF_RETURN_IF_ERROR(view.ReadOperator(files));
  HF_ASSIGN_OR_RETURN(view.state_ids, view.StateIdsAt(files, view.batch));
  return view;
}

Status CheckpointView::ReadOperator(FileSystem& files) {
  const OperatorMetadataLog log(files, checkpoint, operator_id);
  HF_ASSIGN_OR_RETURN(auto found, log.LatestAt(batch));
  if (!found.has_value()) {
    HF_ASSIGN_OR_RETURN(const std::vector<std::int64_t> operators, ListOperators(files, checkpoint));
    const bool is_there = std::binary_search(operators.begin(), operators.end(), operator_id);
    return Invalid(
        is_there ? fmt::format("{} has no entry of batch {} or before it; restore it", log.log().directory(), batch)
                 : fmt::format("{} has no operator {}; its operators are {}", checkpoint, operator_id,
                               fmt::join(operators, ", ")),
        "STDS_FAILED_TO_READ_OPERATOR_METADATA");
  }
  metadata = std::move(found->metadata);
  metadata_path = log.log().PathOf(found->batch);
  if (metadata.stores.empty()) {
    return Corrupt(fmt::format("the metadata of operator {} in {} names no state store", operator_id, checkpoint));
  }
  HF_ASSIGN_OR_RETURN(schemas,
                      ReadStateSchemaFiles(files, checkpoint, operator_id, metadata.stores.front().schema_file_paths));
  return Status();
}

Result<std::vector<std::string>> CheckpointView::StateIdsAt(FileSystem& files, BatchId of) const {
  HF_ASSIGN_OR_RETURN(const CommitMetadata commit, CommitLog(files, checkpoint).Get(of));
  return commit.state_unique_ids.has_value() ? StateIdsOf(commit, operator_id, static_cast<std::size_t>(partitions()))
                                             : std::vector<std::string>();
}

Result<StateVariableInfo> CheckpointView::FindVariable(const std::string& wanted) const {
  const std::vector<std::string> names = VariableNames(metadata);
  if (wanted.empty() && names.size() != 1) {
    return Invalid(
        fmt::format("the checkpoint has {} state variables; name one of {}", names.size(), fmt::join(names, ", ")),
        "STDS_REQUIRED_OPTION_UNSPECIFIED");
  }
  const std::string& name = wanted.empty() ? names.front() : wanted;
  for (const StateVariableInfo& variable : metadata.variables) {
    if (variable.name == name && variable.type != kTimerStateType) {
      return variable;
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return Invalid(fmt::format("batch {} of the checkpoint has no state variable {} in operator {}{}; what it has: {}",
                             batch, wanted, operator_id, DidYouMean(wanted, known), fmt::join(names, ", ")),
                 "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
}

const StateFamilySchema* CheckpointView::Latest(const std::string& family) const {
  for (auto file = schemas.rbegin(); file != schemas.rend(); ++file) {
    for (const StateFamilySchema& schema : *file) {
      if (schema.family == family) {
        return &schema;
      }
    }
  }
  return nullptr;
}

std::map<int, Schema> CheckpointView::Written(const std::string& family) const {
  std::map<int, Schema> written;
  for (const auto& file : schemas) {
    for (const StateFamilySchema& schema : file) {
      if (schema.family == family) {
        written[schema.value_schema_id] = schema.value_schema;
      }
    }
  }
  return written;
}

StoreOptions CheckpointView::OptionsOf(FileSystem& files, std::int64_t partition, const std::string& scratch) const {
  StoreOptions options = StoreFormatOf(conf);
  options.files = &files;
  options.directory = StateDirectory(checkpoint, operator_id, static_cast<std::size_t>(partition));
  options.scratch_directory = fmt::format("{}/{}", scratch, partition);
  options.unique_ids = !state_ids.empty();
  return options;
}

Result<std::unique_ptr<Store>> CheckpointView::OpenStore(FileSystem& files, std::int64_t partition,
                                                         const std::string& scratch, Random* random,
                                                         std::optional<BatchId> start) const {
  StoreOptions options = OptionsOf(files, partition, scratch);
  options.random = random;
  if (start.has_value()) {
    options.start_snapshot = *start + 1;
  }
  return Store::Open(options, batch + 1, state_ids.empty() ? "" : state_ids[static_cast<std::size_t>(partition)]);
}

}  // namespace hf
