// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "arguments.h"
#include "commands.h"
#include "holdfast/evolution_check.h"
#include "holdfast/plugin.h"
#include "rows_output.h"

namespace hf::cli {

namespace {

Result<Schema> ReadSchema(const std::string& path) {
  std::ifstream file(path);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) {
    return Invalid(fmt::format("the schema file {} cannot be read: {}", path,
                               file ? "it is a directory" : std::generic_category().message(errno)));
  }
  const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::string_view text = content;
  if (text.starts_with("\xEF\xBB\xBF")) {  // a byte order mark
    text.remove_prefix(3);
  }
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string_view::npos) {
    return Invalid(fmt::format("the schema file {} is empty", path));
  }
  auto schema = Schema::Parse(text.substr(0, end + 1));
  return schema.ok() ? std::move(schema)
                     : Invalid(fmt::format("the schema file {} holds neither StructType JSON nor DDL: {}", path,
                                           schema.status().message()));
}

// NAME[:KIND][:ttl|:no-ttl]
Status ReadName(const std::string& text, ProposedVariable& variable) {
  std::size_t colon = text.find(':');
  variable.name = text.substr(0, colon);
  while (colon != std::string::npos) {
    const std::size_t next = text.find(':', colon + 1);
    const std::string word = text.substr(colon + 1, next == std::string::npos ? next : next - colon - 1);
    if (word == "ttl" || word == "no-ttl") {
      variable.ttl = word == "ttl";
    } else if (word == "value" || word == "list" || word == "map") {
      variable.kind = word;
    } else {
      return Invalid(
          fmt::format("--state {}: after the name there may be value, list, map, ttl and no-ttl, not {}", text, word));
    }
    colon = next;
  }
  return Status();
}

// LIBRARY:CLASS
Result<std::shared_ptr<const ProcessorFactory>> ReadProcessor(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return Invalid(fmt::format("--processor {}: what is wanted is LIBRARY:CLASS", text));
  }
  // A bare name would be looked for where the system keeps its libraries.
  std::error_code error;
  const std::filesystem::path library = std::filesystem::absolute(text.substr(0, colon), error);
  return error ? Invalid(fmt::format("--processor {}: {}", text, error.message()))
               : LoadProcessor(library.string(), text.substr(colon + 1));
}

Status ReadQuerySettings(const CheckCommand& command, EvolutionCheckOptions& options) {
  if (!command.key.empty()) {
    HF_ASSIGN_OR_RETURN(options.key, ReadSchema(command.key));
  }
  for (const auto& [name, mode] : {std::pair("none", TimeMode::kNone),
                                   {"processingTime", TimeMode::kProcessingTime},
                                   {"eventTime", TimeMode::kEventTime}}) {
    if (command.time_mode == name) {
      options.time_mode = mode;
    }
  }
  for (const auto& [name, mode] : {std::pair("append", OutputMode::kAppend),
                                   {"update", OutputMode::kUpdate},
                                   {"complete", OutputMode::kComplete}}) {
    if (command.output_mode == name) {
      options.output_mode = mode;
    }
  }
  for (const std::string& setting : command.conf) {
    const Named named = SplitName(setting);
    options.conf[named.name] = named.rest;
  }
  return Status();
}

Result<EvolutionCheckOptions> OptionsOf(const CheckCommand& command) {
  EvolutionCheckOptions options;
  options.operator_id = command.operator_id;
  options.accept = command.accept;
  for (const auto& [name, policy] : {std::pair("backward", EvolutionPolicy::kBackward),
                                     {"forward", EvolutionPolicy::kForward},
                                     {"forward_transitive", EvolutionPolicy::kForwardTransitive},
                                     {"full", EvolutionPolicy::kFull},
                                     {"full_transitive", EvolutionPolicy::kFullTransitive}}) {
    options.policy = command.policy == name ? policy : options.policy;
  }
  HF_RETURN_IF_ERROR(ReadQuerySettings(command, options));
  if (!command.sample.empty()) {
    options.sample = command.sample == "all" ? 0 : ParseBatch(command.sample);
    if (!options.sample.has_value() || (*options.sample <= 0 && command.sample != "all")) {
      return Invalid(fmt::format("--sample {}: what is wanted is a number of entries, or all", command.sample));
    }
  }
  if (!command.processor.empty()) {
    HF_ASSIGN_OR_RETURN(options.processor, ReadProcessor(command.processor));
  }
  for (const std::string& state : command.states) {
    const Named named = SplitName(state);
    ProposedVariable variable;
    HF_RETURN_IF_ERROR(ReadName(named.name, variable));
    if (std::any_of(options.variables.begin(), options.variables.end(),
                    [&](const ProposedVariable& known) { return known.name == variable.name; })) {
      return Invalid(fmt::format("--state {}: the variable was given before", state));
    }
    HF_ASSIGN_OR_RETURN(variable.schema, ReadSchema(named.rest));
    for (const std::string& map_key : command.map_keys) {
      if (const Named key = SplitName(map_key); key.name == variable.name) {
        HF_ASSIGN_OR_RETURN(variable.key, ReadSchema(key.rest));
      }
    }
    options.variables.push_back(std::move(variable));
  }
  return options;
}

Status PrintSamples(const EvolutionCheck& check) {
  for (const VariableSample& sample : check.samples) {
    PrintLine(fmt::format(
        "sample      {}: {} entries{}{}", sample.variable, sample.entries, sample.is_all ? ", which are all" : "",
        sample.is_left_out ? ", which nothing will read" : fmt::format(" read, {} of them failed", sample.failed)));
    for (const std::string& failure : sample.failures) {
      PrintLine("            cannot be read: " + failure);
    }
    if (!sample.is_left_out && sample.examples.rows() > 0) {
      RowsOutput output("table", 0, RowsOutput::kWholeCells);
      HF_RETURN_IF_ERROR(output.Write(sample.examples));
      output.Finish();
    }
  }
  return Status();
}

Status PrintText(const EvolutionCheck& check) {
  for (const EvolutionChange& change : check.changes) {
    PrintLine(fmt::format("{:<11} {}{}{}", change.verdict, change.path.empty() ? "the operator" : change.path,
                          change.refused ? "  REFUSED: " + change.condition : "",
                          change.direction == "forward" ? "  (on the way back)" : ""));
    PrintLine(fmt::format("            {}", change.sentence));
    PrintLine(fmt::format("            Spark: {}{}",
                          change.spark_condition.empty() ? "accepts" : change.spark_condition,
                          change.spark_then.empty() ? "" : ", then " + change.spark_then));
  }
  for (const std::string& hazard : check.hazards) {
    PrintLine("hazard      " + hazard);
  }
  return PrintSamples(check);
}

void PrintSamplesJson(const EvolutionCheck& check) {
  for (const VariableSample& sample : check.samples) {
    std::vector<StructField> fields = {{.name = "variable", .type = DataType::String()},
                                       {.name = "verdict", .type = DataType::String()},
                                       {.name = "entries", .type = DataType::Long()},
                                       {.name = "is_all", .type = DataType::Boolean()},
                                       {.name = "is_left_out", .type = DataType::Boolean()},
                                       {.name = "failed", .type = DataType::Long()},
                                       {.name = "failures", .type = DataType::Array(DataType::String())},
                                       {.name = "examples", .type = DataType::Array(sample.examples.schema().type())}};
    ArrayValue failures;
    failures.elements.assign(sample.failures.begin(), sample.failures.end());
    ArrayValue examples;
    for (std::int64_t row = 0; row < sample.examples.rows(); ++row) {
      examples.elements.emplace_back(StructValue{sample.examples.RowAt(row)});
    }
    const Row row = {sample.variable,    "SAMPLE",      sample.entries,      sample.is_all,
                     sample.is_left_out, sample.failed, std::move(failures), std::move(examples)};
    PrintLine(ToJson(row, Schema(std::move(fields))));
  }
}

Status PrintJson(const EvolutionCheck& check) {
  std::vector<StructField> fields;
  for (const char* name :
       {"direction", "variable", "path", "before", "after", "verdict", "spark", "spark_then", "holdfast", "sentence"}) {
    fields.push_back({.name = name, .type = DataType::String()});
  }
  std::vector<Row> rows;
  for (const EvolutionChange& change : check.changes) {
    rows.push_back({change.direction, change.variable, change.path, change.before, change.after, change.verdict,
                    change.spark_condition.empty() ? "ok" : change.spark_condition, change.spark_then,
                    change.refused ? change.condition : "ok", change.sentence});
  }
  for (const std::string& hazard : check.hazards) {
    rows.push_back({"", "", "", "", "", "HAZARD", "", "", "ok", hazard});
  }
  HF_ASSIGN_OR_RETURN(const ColumnBatch batch, ColumnBatch::FromRows(Schema(std::move(fields)), rows));
  RowsOutput output("json", 0);
  HF_RETURN_IF_ERROR(output.Write(batch));
  output.Finish();
  PrintSamplesJson(check);
  return Status();
}

}  // namespace

int RunCheck(const CheckCommand& command) {
  const auto options = OptionsOf(command);
  if (!options.ok()) {
    // Only a library for another Holdfast is more than a wrong command line.
    return Fail(options.status()) == kExitIncompatible ? kExitIncompatible : kExitUsage;
  }
  const auto check = CheckEvolution(command.checkpoint, *options);
  if (!check.ok()) {
    return Fail(check.status());
  }
  const Status printed = command.format == "json" ? PrintJson(*check) : PrintText(*check);
  if (!printed.ok()) {
    return Fail(printed);
  }
  if (check->status.ok()) {
    return kExitOk;
  }
  // A declaration that is wrong in itself (kInvalid) does not go with any checkpoint.
  return Fail(check->status) == kExitLossy ? kExitLossy : kExitIncompatible;
}

}  // namespace hf::cli
