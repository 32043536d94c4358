// SPDX-License-Identifier: Apache-2.0
#include "holdfast/state_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/nearest_name.h"
#include "checkpoint/commit_log.h"
#include "checkpoint/offset_log.h"
#include "checkpoint/operator_metadata.h"
#include "codec/avro/avro_reader.h"
#include "engine/conf.h"
#include "engine/recovery.h"
#include "query/environment.h"
#include "query/local_path.h"
#include "query/scratch_directory.h"
#include "state/state_schema_file.h"
#include "state/store.h"

namespace hf {

namespace {

constexpr std::size_t kRowsPerBatch = 16 * 1024;
constexpr std::size_t kFamilyBytes = 2;
constexpr std::size_t kPrefixBytes = 3;  // version byte, schema id

// One operator of a checkpoint as of one committed batch.
struct OperatorView {
  std::string checkpoint;
  BatchId batch = 0;
  BatchId first_batch = 0;
  Conf conf;
  OperatorMetadata metadata;
  std::vector<std::vector<StateFamilySchema>> schemas;  // by schema file, oldest first

  [[nodiscard]] const StateFamilySchema* Latest(const std::string& family) const {
    for (auto file = schemas.rbegin(); file != schemas.rend(); ++file) {
      for (const StateFamilySchema& schema : *file) {
        if (schema.family == family) {
          return &schema;
        }
      }
    }
    return nullptr;
  }
  // Every value schema of the family, by id.
  [[nodiscard]] std::map<int, Schema> Written(const std::string& family) const {
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
};

Result<OperatorView> OpenView(FileSystem& files, const std::string& path, std::int64_t operator_id,
                              std::optional<std::int64_t> batch) {
  OperatorView view;
  HF_ASSIGN_OR_RETURN(view.checkpoint, LocalPath(path));
  const CommitLog commits(files, view.checkpoint);
  HF_ASSIGN_OR_RETURN(const std::vector<BatchId> committed, commits.log().Ids());
  if (committed.empty()) {
    return Invalid(
        fmt::format(
            "No committed batch found, checkpoint location: {}. Ensure that the query has run and committed any "
            "microbatch before stopping",
            view.checkpoint),
        "STDS_COMMITTED_BATCH_UNAVAILABLE");
  }
  view.batch = batch.value_or(committed.back());
  view.first_batch = committed.front();
  const OffsetLog offsets(files, view.checkpoint);
  const auto entry = offsets.Get(view.batch);
  if (!std::binary_search(committed.begin(), committed.end(), view.batch) || IsNotFound(entry.status())) {
    return Invalid(fmt::format("batch {} of {} cannot be read; committed and retained are batches {} to {}", view.batch,
                               view.checkpoint, committed.front(), committed.back()),
                   "STDS_OFFSET_LOG_UNAVAILABLE");
  }
  HF_RETURN_IF_ERROR(entry.status());
  if (!entry->metadata.has_value()) {
    return Invalid(fmt::format("offsets/{} of {} has no metadata", view.batch, view.checkpoint),
                   "STDS_OFFSET_METADATA_LOG_UNAVAILABLE");
  }
  HF_RETURN_IF_ERROR(view.conf.Recover(entry->metadata->conf));
  const OperatorMetadataLog metadata(files, view.checkpoint, operator_id);
  HF_ASSIGN_OR_RETURN(auto found, metadata.LatestAt(view.batch));
  if (!found.has_value()) {
    return Invalid(fmt::format("{} has no metadata of a transformWithState operator {} at batch {}", view.checkpoint,
                               operator_id, view.batch),
                   "STDS_FAILED_TO_READ_OPERATOR_METADATA");
  }
  view.metadata = std::move(found->metadata);
  if (view.metadata.stores.empty()) {
    return Corrupt(fmt::format("the metadata of operator {} in {} names no state store", operator_id, view.checkpoint));
  }
  HF_ASSIGN_OR_RETURN(view.schemas, ReadStateSchemaFiles(files, view.checkpoint, operator_id,
                                                         view.metadata.stores.front().schema_file_paths));
  return view;
}

std::vector<std::string> VariableNames(const OperatorMetadata& metadata) {
  std::vector<std::string> names;
  for (const StateVariableInfo& variable : metadata.variables) {
    names.push_back(variable.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<StateVariableInfo> FindVariable(const OperatorMetadata& metadata, const std::string& wanted) {
  const std::vector<std::string> names = VariableNames(metadata);
  if (wanted.empty() && metadata.variables.size() == 1) {
    return metadata.variables.front();
  }
  if (wanted.empty()) {
    return Invalid(
        fmt::format("the checkpoint has {} state variables; name one of {}", names.size(), fmt::join(names, ", ")),
        "STDS_REQUIRED_OPTION_UNSPECIFIED");
  }
  for (const StateVariableInfo& variable : metadata.variables) {
    if (variable.name == wanted) {
      return variable;
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return Invalid(fmt::format("the checkpoint has no state variable {}{}", wanted, DidYouMean(wanted, known)),
                 "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
}

// The rows of a value variable: what decodes keys and values, and the batch being gathered.
class ValueRows {
 public:
  static Result<std::unique_ptr<ValueRows>> Make(const OperatorView& view, const std::string& variable) {
    const StateFamilySchema* latest = view.Latest(variable);
    if (latest == nullptr) {
      return Corrupt(fmt::format("no state schema file of {} describes state variable {}", view.checkpoint, variable),
                     "STDS_FAILED_TO_READ_STATE_SCHEMA");
    }
    std::unique_ptr<ValueRows> rows(new ValueRows(latest->key_schema, latest->value_schema));
    HF_ASSIGN_OR_RETURN(rows->key_reader_, AvroReader::Compile(latest->key_schema, *rows->key_layout_));
    for (const auto& [id, schema] : view.Written(variable)) {
      HF_ASSIGN_OR_RETURN(auto reader, AvroReader::Compile(schema, *rows->value_layout_));
      rows->value_readers_.emplace(id, std::move(reader));
    }
    return rows;
  }

  Status Add(std::string_view key, std::string_view value, std::int32_t partition) {
    if (key.size() < kFamilyBytes + kPrefixBytes || value.size() < kPrefixBytes || value[0] != 0) {
      return Corrupt(fmt::format("a stored entry of {} key bytes and {} value bytes is too short to be one", key.size(),
                                 value.size()));
    }
    const int schema_id = static_cast<unsigned char>(value[1]) | static_cast<unsigned char>(value[2]) << 8;
    const auto reader = value_readers_.find(schema_id);
    if (reader == value_readers_.end()) {
      return Corrupt(fmt::format("a stored value names schema id {}, which no state schema file has", schema_id));
    }
    ++counts_[schema_id];
    Row key_row;
    Row value_row;
    HF_RETURN_IF_ERROR(key_reader_->Decode(key.substr(kFamilyBytes + kPrefixBytes), &key_row));
    HF_RETURN_IF_ERROR(reader->second.Decode(value.substr(kPrefixBytes), &value_row));
    rows_.push_back({StructValue{std::move(key_row)}, StructValue{std::move(value_row)}, partition});
    return Status();
  }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  Result<ColumnBatch> Take() {
    auto batch = ColumnBatch::FromRows(schema_, rows_);
    rows_.clear();
    return batch;
  }
  [[nodiscard]] const std::map<int, std::int64_t>& counts() const { return counts_; }

 private:
  ValueRows(const Schema& key, const Schema& value)
      : key_layout_(RowLayout(key)),
        value_layout_(RowLayout(value)),
        schema_({{.name = "key", .type = key.type()},
                 {.name = "value", .type = value.type()},
                 {.name = "partition_id", .type = DataType::Int()}}) {}

  std::shared_ptr<const TypeLayout> key_layout_;
  std::shared_ptr<const TypeLayout> value_layout_;
  const Schema schema_;
  std::optional<AvroReader> key_reader_;
  std::map<int, AvroReader> value_readers_;
  std::vector<Row> rows_;
  std::map<int, std::int64_t> counts_;
};

StoreOptions ReadOptionsOf(FileSystem& files, const OperatorView& view, std::int64_t operator_id,
                           std::int64_t partition, const std::string& scratch) {
  StoreOptions options = StoreFormatOf(view.conf);
  options.files = &files;
  options.directory = fmt::format("{}/state/{}/{}", view.checkpoint, operator_id, partition);
  options.scratch_directory = fmt::format("{}/{}", scratch, partition);
  return options;
}

// Visits the entries of one variable in one partition.
Status ScanPartition(const StoreOptions& options, const OperatorView& view, const std::string& variable,
                     const std::function<Status(std::string_view key, std::string_view value)>& visit) {
  HF_ASSIGN_OR_RETURN(const auto store, Store::Open(options, view.batch + 1));
  const auto family = store->FindFamily(variable);
  if (!family.has_value()) {
    return Status();  // declared, but this partition has not written it yet
  }
  std::string prefix(reinterpret_cast<const char*>(&*family), sizeof(FamilyId));
  Status failed;
  HF_RETURN_IF_ERROR(store->ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    failed = visit(key, value);
    return failed.ok();
  }));
  return failed;
}

Status ReadVariable(const std::string& checkpoint, const StateReadOptions& options,
                    const std::function<Status(const ColumnBatch&)>& visit, const Environment& environment,
                    std::map<int, std::int64_t>* counts) {
  HF_ASSIGN_OR_RETURN(const OperatorView view,
                      OpenView(*environment.files, checkpoint, options.operator_id, options.batch_id));
  HF_ASSIGN_OR_RETURN(const StateVariableInfo variable, FindVariable(view.metadata, options.variable));
  if (variable.type != "ValueState" || variable.ttl_enabled) {
    return Incompatible(
        fmt::format("state variable {} is a {}{}; this version of Holdfast reads value state without TTL",
                    variable.name, variable.type, variable.ttl_enabled ? " with TTL" : ""));
  }
  HF_ASSIGN_OR_RETURN(const auto rows, ValueRows::Make(view, variable.name));
  HF_ASSIGN_OR_RETURN(const auto scratch, ScratchDirectory::Make({}, *environment.random));
  bool visited = false;
  const auto flush = [&]() -> Status {
    HF_ASSIGN_OR_RETURN(const ColumnBatch batch, rows->Take());
    visited = true;
    return visit(batch);
  };
  Status status;
  for (std::int64_t partition = 0; partition < view.metadata.stores.front().num_partitions && status.ok();
       ++partition) {
    status = ScanPartition(ReadOptionsOf(*environment.files, view, options.operator_id, partition, scratch->path()),
                           view, variable.name,
                           [&](std::string_view key, std::string_view value) -> Status {
                             HF_RETURN_IF_ERROR(rows->Add(key, value, static_cast<std::int32_t>(partition)));
                             return rows->rows() >= kRowsPerBatch ? flush() : Status();
                           })
                 .WithContext(fmt::format("state variable {}, partition {}", variable.name, partition));
  }
  HF_RETURN_IF_ERROR(status);
  *counts = rows->counts();
  return rows->rows() > 0 || !visited ? flush() : Status();
}

}  // namespace

Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit, const Environment& environment) {
  std::map<int, std::int64_t> counts;
  return ReadVariable(checkpoint, options, visit, environment, &counts);
}

Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit) {
  return ReadState(checkpoint, options, visit, ProcessEnvironment());
}

Result<std::vector<std::pair<int, std::int64_t>>> CountValuesBySchema(const std::string& checkpoint,
                                                                      const StateReadOptions& options) {
  std::map<int, std::int64_t> counts;
  HF_RETURN_IF_ERROR(
      ReadVariable(checkpoint, options, [](const ColumnBatch&) { return Status(); }, ProcessEnvironment(), &counts));
  return std::vector<std::pair<int, std::int64_t>>(counts.begin(), counts.end());
}

Result<std::vector<OperatorStateSummary>> ReadStateMetadata(const std::string& checkpoint) {
  const Environment environment = ProcessEnvironment();
  FileSystem& files = *environment.files;
  HF_ASSIGN_OR_RETURN(const std::string directory, LocalPath(checkpoint));
  HF_ASSIGN_OR_RETURN(const std::vector<std::int64_t> operators, ListOperators(files, directory));
  std::vector<OperatorStateSummary> summaries;
  for (const std::int64_t operator_id : operators) {
    HF_ASSIGN_OR_RETURN(const OperatorView view, OpenView(files, checkpoint, operator_id, std::nullopt));
    OperatorStateSummary summary{.operator_id = operator_id,
                                 .operator_name = view.metadata.operator_name,
                                 .state_store_name = view.metadata.stores.front().store_name,
                                 .num_partitions = view.metadata.stores.front().num_partitions,
                                 .min_batch_id = view.first_batch,
                                 .max_batch_id = view.batch,
                                 .operator_properties = PrintOperatorProperties(view.metadata),
                                 .key_schema = Schema(),
                                 .variables = {}};
    for (const StateVariableInfo& variable : view.metadata.variables) {
      const StateFamilySchema* latest = view.Latest(variable.name);
      if (latest == nullptr) {
        continue;
      }
      summary.key_schema = latest->key_schema;
      StateVariableSummary described{.name = variable.name,
                                     .kind = variable.type,
                                     .ttl_enabled = variable.ttl_enabled,
                                     .value_schema = latest->value_schema,
                                     .value_schema_id = latest->value_schema_id,
                                     .schema_ids = {}};
      for (const auto& [id, schema] : view.Written(variable.name)) {
        described.schema_ids.push_back(id);
      }
      summary.variables.push_back(std::move(described));
    }
    summaries.push_back(std::move(summary));
  }
  if (summaries.empty()) {
    return Invalid(fmt::format("{} has no stateful operator; is it a checkpoint?", checkpoint),
                   "STDS_OFFSET_LOG_UNAVAILABLE");
  }
  return summaries;
}

}  // namespace hf
