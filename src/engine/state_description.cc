// SPDX-License-Identifier: Apache-2.0
#include "engine/state_description.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file_uri.h"
#include "engine/dialect.h"
#include "state/evolution.h"

namespace hf {

namespace {

DeclaredState DeclaredOf(const StreamOperator& described, std::string_view operator_name, const Declarations& declared,
                         Schema key) {
  DeclaredState state;
  state.key = std::move(key);
  for (const Declaration& declaration : declared.variables) {
    state.variables.push_back(declaration.variable);
  }
  state.deleted = declared.deleted;
  state.time_mode = TimeModeName(described.time_mode);
  state.output_mode = OutputModeName(described.output_mode);
  // Spark 4.3: only the JVM operator lists the family "default" in its schema file.
  state.lists_default_family = operator_name == kJvmOperator;
  return state;
}

Result<RecordedState> RecordedOf(const StreamPlan& stream, const OperatorPlan& plan, const OperatorMetadata& metadata) {
  RecordedState recorded;
  recorded.time_mode = metadata.time_mode;
  recorded.output_mode = metadata.output_mode;
  for (const StateVariableInfo& variable : metadata.variables) {
    recorded.variables.push_back({.name = variable.name, .type = variable.type, .ttl_enabled = variable.ttl_enabled});
  }
  HF_ASSIGN_OR_RETURN(recorded.schema_files, ReadStateSchemaFiles(*stream.files, stream.checkpoint, plan.operator_id,
                                                                  metadata.stores.front().schema_file_paths));
  return recorded;
}

Status CheckOperator(const OperatorMetadata& metadata, std::size_t partitions) {
  HF_RETURN_IF_ERROR(CheckOperatorName(metadata.operator_name));
  if (metadata.stores.size() != 1) {
    return Incompatible(
        fmt::format("operator {} ({}) has {} state stores; Holdfast goes on with operators that have one",
                    metadata.operator_id, metadata.operator_name, metadata.stores.size()));
  }
  if (metadata.stores.front().num_partitions != static_cast<std::int64_t>(partitions)) {
    return Corrupt(
        fmt::format("operator metadata says {} partitions, the offset log says spark.sql.shuffle.partitions={}",
                    metadata.stores.front().num_partitions, partitions));
  }
  return Status();
}

// What failed attempts at this batch wrote: without this, a processor that fails in its first batch would leave one
// more file with each of its starts. Nothing that is committed names them.
Status RemoveUnnamedSchemaFiles(const StreamPlan& stream, const std::string& directory, const StateStoreInfo& store,
                                BatchId batch) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, stream.files->List(directory));
  for (const FileInfo& file : found) {
    const bool is_named = std::any_of(store.schema_file_paths.begin(), store.schema_file_paths.end(),
                                      [&file](const std::string& path) { return path.ends_with("/" + file.name); });
    if (!is_named && !file.is_directory && file.name.starts_with(fmt::format("{}_", batch))) {
      HF_RETURN_IF_ERROR(stream.files->Delete(fmt::format("{}/{}", directory, file.name)));
    }
  }
  return Status();
}

// The directory of the schema files as Spark is to open it: as the user says, else as it stands in the checkpoint
// already, else by its path. Who works on a copy and moves it back finds the place named that it comes from; who stays
// with the copy says where it is.
std::string NameOfSchemaDirectory(const StreamPlan& stream, const OperatorPlan& plan, const Conf& conf,
                                  const std::vector<std::string>& recorded_paths) {
  if (const std::string configured = conf.Get(conf_key::kCheckpointUri); !configured.empty()) {
    return StateSchemaDirectory(configured, plan.operator_id);
  }
  if (!recorded_paths.empty()) {
    return recorded_paths.back().substr(0, recorded_paths.back().rfind('/'));
  }
  return HadoopPathFromPath(StateSchemaDirectory(stream.checkpoint, plan.operator_id));
}

// Names every schema file that lies in this checkpoint as one of `directory`. One that does not was read where it is
// recorded.
Status NamePlace(const StreamPlan& stream, const OperatorPlan& plan, const std::string& directory,
                 std::vector<std::string>* paths) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> found,
                      stream.files->List(StateSchemaDirectory(stream.checkpoint, plan.operator_id)));
  for (std::string& path : *paths) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (std::any_of(found.begin(), found.end(), [&name](const FileInfo& file) { return file.name == name; })) {
      path = fmt::format("{}/{}", directory, name);
    }
  }
  return Status();
}

}  // namespace

Result<StateDescription> DescribeState(const StreamPlan& stream, const StreamOperator& described,
                                       const OperatorPlan& plan, const Conf& conf, const Declarations& declared,
                                       BatchId committed, std::size_t partitions) {
  StateDescription description;
  RecordedState recorded;
  const OperatorMetadataLog log(*stream.files, stream.checkpoint, plan.operator_id);
  HF_ASSIGN_OR_RETURN(const auto found, log.LatestAt(committed));
  if (found.has_value()) {
    description.metadata = found->metadata;
    HF_RETURN_IF_ERROR(CheckOperator(description.metadata, partitions));
    HF_ASSIGN_OR_RETURN(recorded, RecordedOf(stream, plan, description.metadata));
  } else if (committed >= 0) {
    return Corrupt(fmt::format("{} has committed batches but no operator metadata in state/{}/_metadata/v2; restore it",
                               stream.checkpoint, plan.operator_id));
  } else {
    description.metadata.operator_id = plan.operator_id;
    description.metadata.operator_name = conf.Get(conf_key::kOperatorName);
    description.metadata.stores = {{.num_partitions = static_cast<std::int64_t>(partitions), .schema_file_paths = {}}};
  }
  const std::string& name = description.metadata.operator_name;
  const DeclaredState state =
      DeclaredOf(described, name, declared,
                 KeyStructOf(name, plan.key, described.processor->key_layout(),
                             recorded.schema_files.empty() ? nullptr : &recorded.schema_files.back()));
  Evolution evolution =
      Evolve(recorded, state,
             {.accept = conf.GetList(conf_key::kEvolutionAccept),
              .value_schema_evolution_threshold = static_cast<int>(conf.GetInt(conf_key::kEvolutionThreshold)),
              .schema_files_max = static_cast<int>(conf.GetInt(conf_key::kSchemaFilesMax)),
              .encoding = conf.encoding()});
  HF_RETURN_IF_ERROR(evolution.status);
  description.plan = std::move(evolution.plan);
  if (evolution.needs_schema_file) {
    description.new_schema = std::move(evolution.families);
  }
  description.metadata.time_mode = state.time_mode;
  description.metadata.output_mode = state.output_mode;
  description.metadata.variables.clear();
  for (const DeclaredVariable& variable : state.variables) {
    description.metadata.variables.push_back(
        {.name = variable.name, .type = std::string(VariableKindName(variable.kind)), .ttl_enabled = variable.has_ttl});
  }
  if (described.time_mode != TimeMode::kNone) {  // whether or not the processor uses any
    description.metadata.variables.push_back({.name = std::string(TimerFamiliesOf(state.time_mode).by_key),
                                              .type = std::string(kTimerStateType),
                                              .ttl_enabled = false});
  }
  for (const Finding& finding : evolution.findings) {
    if (!recorded.schema_files.empty() && finding.verdict != Verdict::kSafe) {
      description.notes.push_back(
          fmt::format("state evolution {}: {}", VerdictName(finding.verdict), finding.sentence));
    }
  }
  return description;
}

Status WriteStateDescription(const StreamPlan& stream, const OperatorPlan& plan, const Conf& conf,
                             StateDescription& description, BatchId batch) {
  OperatorMetadataLog log(*stream.files, stream.checkpoint, plan.operator_id);
  std::vector<std::string>& paths = description.metadata.stores.front().schema_file_paths;
  const std::string named = NameOfSchemaDirectory(stream, plan, conf, paths);
  if (description.new_schema.has_value()) {
    const std::string directory = StateSchemaDirectory(stream.checkpoint, plan.operator_id);
    HF_RETURN_IF_ERROR(RemoveUnnamedSchemaFiles(stream, directory, description.metadata.stores.front(), batch));
    const std::string name = NewStateSchemaFileName(batch, stream.random->NewUuid());
    HF_RETURN_IF_ERROR(stream.files->PutNew(directory + "/" + name, EncodeStateSchemaFile(*description.new_schema)));
    paths.push_back(named + "/" + name);
  }
  HF_RETURN_IF_ERROR(NamePlace(stream, plan, named, &paths));
  return log.Put(batch, description.metadata);
}

}  // namespace hf
