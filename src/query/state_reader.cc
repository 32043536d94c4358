// SPDX-License-Identifier: Apache-2.0
#include "holdfast/state_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

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

// One operator of a checkpoint as of one committed batch.
struct OperatorView {
  std::string checkpoint;
  BatchId batch = 0;
  BatchId first_batch = 0;
  Conf conf;
  OperatorMetadata metadata;
  std::vector<std::string> state_ids;                   // by partition; empty in checkpoint format 1
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
  HF_ASSIGN_OR_RETURN(const CommitMetadata commit, commits.Get(view.batch));
  if (commit.state_unique_ids.has_value()) {
    HF_ASSIGN_OR_RETURN(
        view.state_ids,
        StateIdsOf(commit, operator_id, static_cast<std::size_t>(view.metadata.stores.front().num_partitions)));
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

// How many single-letter changes lead from one name to the other.
std::size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
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
  const auto nearest =
      std::min_element(names.begin(), names.end(), [&wanted](const std::string& a, const std::string& b) {
        return EditDistance(a, wanted) < EditDistance(b, wanted);
      });
  return Invalid(fmt::format("the checkpoint has no state variable {}{}", wanted,
                             nearest == names.end() ? std::string() : fmt::format("; did you mean {}?", *nearest)),
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
    const std::optional<FramedKey> framed_key = frame_.ReadKey(key);
    const std::optional<FramedRow> framed_value = frame_.ReadRow(value);
    if (!framed_key.has_value() || !framed_value.has_value()) {
      return Corrupt(fmt::format("a stored entry of {} key bytes and {} value bytes is too short to be one", key.size(),
                                 value.size()));
    }
    const int schema_id = framed_value->schema_id;
    const auto reader = value_readers_.find(schema_id);
    if (reader == value_readers_.end()) {
      return Corrupt(fmt::format("a stored value names schema id {}, which no state schema file has", schema_id));
    }
    ++counts_[schema_id];
    Row key_row;
    Row value_row;
    HF_RETURN_IF_ERROR(key_reader_->Decode(framed_key->row.bytes, &key_row));
    HF_RETURN_IF_ERROR(reader->second.Decode(framed_value->bytes, &value_row));
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

  const RowFrame frame_;
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
  options.unique_ids = !view.state_ids.empty();
  options.directory = StateDirectory(view.checkpoint, operator_id, static_cast<std::size_t>(partition));
  options.scratch_directory = fmt::format("{}/{}", scratch, partition);
  return options;
}

// Visits the entries of one variable in one partition.
Status ScanPartition(const StoreOptions& options, const OperatorView& view, std::size_t partition,
                     const std::string& variable,
                     const std::function<Status(std::string_view key, std::string_view value)>& visit) {
  HF_ASSIGN_OR_RETURN(const auto store,
                      Store::Open(options, view.batch + 1, view.state_ids.empty() ? "" : view.state_ids[partition]));
  const auto family = store->FindFamily(variable);
  if (!family.has_value()) {
    return Status();  // declared, but this partition has not written it yet
  }
  Status failed;
  HF_RETURN_IF_ERROR(store->ScanPrefix(FamilyPrefix(*family), [&](std::string_view key, std::string_view value) {
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
                           view, static_cast<std::size_t>(partition), variable.name,
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
