// SPDX-License-Identifier: Apache-2.0
#include "holdfast/state_reader.h"

#include "files/scratch_directory.h"
#include "inspect/check_evolution.h"
#include "inspect/operator_states.h"
#include "inspect/read_state.h"
#include "query/environment.h"
#include "query/local_path.h"

namespace hf {

namespace {

// Calls `work` with the checkpoint's place and a scratch directory that lives as long.
template <typename Work>
auto InPlace(const std::string& checkpoint, const Environment& environment, const Work& work)
    -> decltype(work(StateReadPlace())) {
  HF_ASSIGN_OR_RETURN(const std::string directory, LocalPath(checkpoint));
  HF_ASSIGN_OR_RETURN(const auto scratch, ScratchDirectory::Make({}, *environment.random));
  return work({.files = environment.files.get(),
               .random = environment.random,
               .checkpoint = directory,
               .scratch = scratch->path()});
}

Status ReadRows(const std::string& checkpoint, const StateReadOptions& options,
                const std::function<Status(const ColumnBatch&)>& visit, const Environment& environment,
                std::map<int, std::int64_t>* counts) {
  return InPlace(checkpoint, environment,
                 [&](const StateReadPlace& place) { return ReadStateRows(place, options, visit, counts); });
}

}  // namespace

Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit, const Environment& environment) {
  return ReadRows(checkpoint, options, visit, environment, nullptr);
}

Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit) {
  return ReadState(checkpoint, options, visit, ProcessEnvironment());
}

Result<std::vector<std::pair<int, std::int64_t>>> CountValuesBySchema(const std::string& checkpoint,
                                                                      const StateReadOptions& options) {
  std::map<int, std::int64_t> counts;
  HF_RETURN_IF_ERROR(
      ReadRows(checkpoint, options, [](const ColumnBatch&) { return Status(); }, ProcessEnvironment(), &counts));
  return std::vector<std::pair<int, std::int64_t>>(counts.begin(), counts.end());
}

Result<EvolutionCheck> CheckEvolution(const std::string& checkpoint, const EvolutionCheckOptions& options) {
  return InPlace(checkpoint, ProcessEnvironment(),
                 [&options](const StateReadPlace& place) { return CheckEvolution(place, options); });
}

Result<std::vector<OperatorStateSummary>> ReadStateMetadata(const std::string& checkpoint) {
  const Environment environment = ProcessEnvironment();
  HF_ASSIGN_OR_RETURN(const std::string directory, LocalPath(checkpoint));
  HF_ASSIGN_OR_RETURN(auto summaries, ListOperatorStates(*environment.files, directory));
  for (OperatorStateSummary& summary : summaries) {
    HF_RETURN_IF_ERROR(DescribeVariables(*environment.files, directory, &summary));
  }
  return summaries;
}

Result<ColumnBatch> ReadStateMetadataRows(const std::string& checkpoint) {
  HF_ASSIGN_OR_RETURN(const std::string directory, LocalPath(checkpoint));
  HF_ASSIGN_OR_RETURN(const auto operators, ListOperatorStates(*ProcessEnvironment().files, directory));
  const Schema schema({{.name = "operatorId", .type = DataType::Long()},
                       {.name = "operatorName", .type = DataType::String()},
                       {.name = "stateStoreName", .type = DataType::String()},
                       {.name = "numPartitions", .type = DataType::Int()},
                       {.name = "minBatchId", .type = DataType::Long()},
                       {.name = "maxBatchId", .type = DataType::Long()},
                       {.name = "operatorProperties", .type = DataType::String()}});
  std::vector<Row> rows;
  for (const OperatorStateSummary& info : operators) {
    rows.push_back({info.operator_id, info.operator_name, info.state_store_name,
                    static_cast<std::int32_t>(info.num_partitions), info.min_batch_id, info.max_batch_id,
                    info.operator_properties.empty() ? Value() : Value(info.operator_properties)});
  }
  return ColumnBatch::FromRows(schema, rows);
}

}  // namespace hf
