// SPDX-License-Identifier: Apache-2.0
#include "holdfast/query_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/nearest_name.h"
#include "holdfast/plugin.h"
#include "query/make_source.h"
#include "query/query_text.h"
#include "query/trigger_text.h"

namespace hf {

namespace {

namespace fs = std::filesystem;

Status CheckKeys(const Json& object, const std::string& where, const std::set<std::string>& known) {
  if (!object.is_object()) {
    return Invalid(fmt::format("{} is not a JSON object", where));
  }
  for (const auto& [key, value] : object.items()) {
    if (known.find(key) == known.end()) {
      const std::vector<std::string_view> names(known.begin(), known.end());
      return Invalid(fmt::format("{} has the unknown key {}; known keys: {}{}", where, key, fmt::join(known, ", "),
                                 DidYouMean(key, names)));
    }
  }
  return Status();
}

Result<Options> ReadOptions(const Json& object, const std::string& key) {
  Options options;
  const Json* found = FindKey(object, key);
  if (found == nullptr) {
    return options;
  }
  if (!found->is_object()) {
    return Invalid(fmt::format("{} is not a JSON object", key));
  }
  for (const auto& [name, value] : found->items()) {
    options[name] = value.is_string() ? value.get<std::string>() : DumpJson(value);
  }
  return options;
}

Result<std::vector<std::string>> ReadColumnNames(const Json& object, const std::string& key) {
  HF_ASSIGN_OR_RETURN(const Json* columns, GetArray(object, key));
  std::vector<std::string> names;
  for (const Json& column : *columns) {
    if (!column.is_string()) {
      return Invalid(fmt::format("{} must be a list of column names", key));
    }
    names.push_back(column.get<std::string>());
  }
  return names;
}

// A "file:" URI is absolute already; Start reads it.
std::string Resolve(const fs::path& directory, const std::string& path) {
  return path.empty() || path.starts_with("file:") ? path : (directory / path).lexically_normal().string();
}

Result<StepDescription> ReadStep(const Json& step, const std::string& where) {
  HF_RETURN_IF_ERROR(CheckKeys(step, where, {"selectExpr", "filter", "withColumn"}));
  if (step.size() != 1) {
    return Invalid(where + " must have exactly one of selectExpr, filter and withColumn");
  }
  StepDescription described;
  if (FindKey(step, "selectExpr") != nullptr) {
    SelectDescription select;
    HF_ASSIGN_OR_RETURN(select.expressions, ReadColumnNames(step, "selectExpr"));
    described.what = std::move(select);
  } else if (FindKey(step, "filter") != nullptr) {
    FilterDescription filter;
    HF_ASSIGN_OR_RETURN(filter.condition, GetString(step, "filter"));
    described.what = std::move(filter);
  } else {
    HF_ASSIGN_OR_RETURN(const Json* column, GetObject(step, "withColumn"));
    HF_RETURN_IF_ERROR(CheckKeys(*column, where + ".withColumn", {"name", "expression"}));
    WithColumnDescription with_column;
    HF_ASSIGN_OR_RETURN(with_column.name, GetString(*column, "name"));
    HF_ASSIGN_OR_RETURN(with_column.expression, GetString(*column, "expression"));
    described.what = std::move(with_column);
  }
  return described;
}

// The list `key` of `object`, where it has one: SQL expressions, one step after the other.
Result<std::vector<StepDescription>> ReadSteps(const Json& object, const std::string& where, const char* key) {
  std::vector<StepDescription> steps;
  if (FindKey(object, key) == nullptr) {
    return steps;
  }
  HF_ASSIGN_OR_RETURN(const Json* list, GetArray(object, key));
  for (std::size_t i = 0; i < list->size(); ++i) {
    HF_ASSIGN_OR_RETURN(StepDescription step, ReadStep((*list)[i], fmt::format("{}{}[{}]", where, key, i)));
    steps.push_back(std::move(step));
  }
  return steps;
}

// {"eventTime": "ts", "delayThreshold": "10 minutes"}, where `where` has one; for `inputs` inputs from the last added
// on.
Status ReadWatermark(const Json& object, const std::string& where, std::size_t inputs, QueryDescription* description) {
  const Json* watermark = FindKey(object, "watermark");
  if (watermark == nullptr) {
    return Status();
  }
  HF_RETURN_IF_ERROR(CheckKeys(*watermark, where + "watermark", {"eventTime", "delayThreshold"}));
  WatermarkDescription described;
  HF_ASSIGN_OR_RETURN(described.event_time, GetString(*watermark, "eventTime"));
  HF_ASSIGN_OR_RETURN(described.delay_threshold, GetString(*watermark, "delayThreshold"));
  description->steps.push_back(
      {.what = std::move(described), .first_input = description->inputs.size() - inputs, .inputs = inputs});
  return Status();
}

// "steps" and behind them "watermark" of `object`; for `inputs` inputs from the last added on.
Status ReadWay(const Json& object, const std::string& where, std::size_t inputs, QueryDescription* description) {
  HF_ASSIGN_OR_RETURN(std::vector<StepDescription> steps, ReadSteps(object, where, "steps"));
  for (StepDescription& step : steps) {
    step.first_input = description->inputs.size() - inputs;
    step.inputs = inputs;
    description->steps.push_back(std::move(step));
  }
  return ReadWatermark(object, where, inputs, description);
}

Status ReadSource(const Json& source, const std::string& where, const fs::path& directory,
                  QueryDescription* description) {
  HF_RETURN_IF_ERROR(CheckKeys(source, where, {"format", "path", "schema", "options", "steps", "watermark"}));
  InputDescription input;
  HF_ASSIGN_OR_RETURN(input.format, GetString(source, "format"));
  const bool has_own_schema = HasOwnSchema(input.format);
  HF_ASSIGN_OR_RETURN(const auto path, FindString(source, "path"));
  if (!path.has_value() && !has_own_schema) {
    return GetString(source, "path").status();
  }
  input.path = Resolve(directory, path.value_or(""));
  HF_ASSIGN_OR_RETURN(input.options, ReadOptions(source, "options"));
  HF_ASSIGN_OR_RETURN(const auto schema, FindString(source, "schema"));
  if (schema.has_value()) {
    auto parsed = Schema::Parse(*schema);
    if (!parsed.ok()) {
      return parsed.status().WithContext(where + ".schema");
    }
    input.schema = std::move(parsed).value();
  } else if (!has_own_schema && !IsText(input.format)) {
    input.schema = SchemaOf(description->operators.front().processor->input_layout());
  }
  description->inputs.push_back(std::move(input));
  return ReadWay(source, where + ".", 1, description);
}

// "source", or several as "sources".
Status ReadSources(const Json& file, const fs::path& directory, QueryDescription* description) {
  if (FindKey(file, "sources") == nullptr) {
    HF_ASSIGN_OR_RETURN(const Json* source, GetObject(file, "source"));
    HF_RETURN_IF_ERROR(ReadSource(*source, "source", directory, description));
    return ReadWay(file, "", 1, description);
  }
  HF_ASSIGN_OR_RETURN(const Json* sources, GetArray(file, "sources"));
  if (sources->empty() || FindKey(file, "source") != nullptr) {
    return Invalid("the query needs one \"source\", or a list of at least one as \"sources\", not both");
  }
  for (std::size_t i = 0; i < sources->size(); ++i) {
    HF_RETURN_IF_ERROR(ReadSource((*sources)[i], fmt::format("sources[{}]", i), directory, description));
  }
  return ReadWay(file, "", sources->size(), description);
}

// What belongs to a processor: of the query itself where it has one, else of each of "operators".
const std::set<std::string> kOperatorKeys = {"processor", "groupBy", "timeMode", "outputEventTime", "resultSteps"};

Result<OperatorDescription> ReadOperator(const Json& object, const fs::path& directory, const ProcessorLoader& load) {
  HF_ASSIGN_OR_RETURN(const Json* processor, GetObject(object, "processor"));
  HF_RETURN_IF_ERROR(CheckKeys(*processor, "processor", {"library", "class"}));
  HF_ASSIGN_OR_RETURN(const std::string library, GetString(*processor, "library"));
  HF_ASSIGN_OR_RETURN(const std::string name, GetString(*processor, "class"));
  OperatorDescription described;
  HF_ASSIGN_OR_RETURN(described.processor, load(Resolve(directory, library), name));
  HF_ASSIGN_OR_RETURN(described.grouping_columns, ReadColumnNames(object, "groupBy"));
  HF_ASSIGN_OR_RETURN(const auto time_mode, FindString(object, "timeMode"));
  HF_ASSIGN_OR_RETURN(described.time_mode, ParseTimeMode(time_mode.value_or("none")));
  HF_ASSIGN_OR_RETURN(const auto event_time, FindString(object, "outputEventTime"));
  described.output_event_time = event_time.value_or("");
  HF_ASSIGN_OR_RETURN(described.steps, ReadSteps(object, "", "resultSteps"));
  return described;
}

// One processor, or several as "operators", each of which gets what the one before it puts out.
Status ReadOperators(const Json& file, const fs::path& directory, const ProcessorLoader& load,
                     QueryDescription* description) {
  if (FindKey(file, "operators") == nullptr) {
    HF_ASSIGN_OR_RETURN(OperatorDescription described, ReadOperator(file, directory, load));
    description->operators.push_back(std::move(described));
    return Status();
  }
  for (const std::string& key : kOperatorKeys) {
    if (FindKey(file, key) != nullptr) {
      return Invalid(fmt::format("the query has both \"operators\" and \"{}\", which belongs into one of them", key));
    }
  }
  HF_ASSIGN_OR_RETURN(const Json* operators, GetArray(file, "operators"));
  if (operators->empty()) {
    return Invalid("operators is empty; a query has at least one");
  }
  for (std::size_t i = 0; i < operators->size(); ++i) {
    const std::string where = fmt::format("operators[{}]", i);
    HF_RETURN_IF_ERROR(CheckKeys((*operators)[i], where, kOperatorKeys));
    auto described = ReadOperator((*operators)[i], directory, load);
    if (!described.ok()) {
      return described.status().WithContext(where);
    }
    description->operators.push_back(std::move(described).value());
  }
  return Status();
}

Status ReadSink(const Json& file, const fs::path& directory, QueryDescription* description) {
  HF_ASSIGN_OR_RETURN(const Json* sink, GetObject(file, "sink"));
  HF_RETURN_IF_ERROR(CheckKeys(*sink, "sink", {"format", "path", "options", "partitionBy"}));
  HF_ASSIGN_OR_RETURN(description->sink_format, GetString(*sink, "format"));
  HF_ASSIGN_OR_RETURN(const auto path, FindString(*sink, "path"));
  if (path.has_value()) {
    description->sink_path = Resolve(directory, *path);
  }
  HF_ASSIGN_OR_RETURN(description->sink_options, ReadOptions(*sink, "options"));
  if (FindKey(*sink, "partitionBy") != nullptr) {
    HF_ASSIGN_OR_RETURN(description->partition_by, ReadColumnNames(*sink, "partitionBy"));
  }
  HF_ASSIGN_OR_RETURN(const std::string checkpoint, GetString(file, "checkpointLocation"));
  description->checkpoint_location = Resolve(directory, checkpoint);
  return Status();
}

Status ReadTrigger(const Json& file, QueryDescription* description) {
  const Json* trigger = FindKey(file, "trigger");
  if (trigger == nullptr) {
    return Status();
  }
  HF_RETURN_IF_ERROR(CheckKeys(*trigger, "trigger", {"availableNow", "once", "processingTime", "realTime"}));
  HF_ASSIGN_OR_RETURN(const auto available_now, FindBool(*trigger, "availableNow"));
  HF_ASSIGN_OR_RETURN(const auto once, FindBool(*trigger, "once"));
  HF_ASSIGN_OR_RETURN(const auto interval, FindString(*trigger, "processingTime"));
  HF_ASSIGN_OR_RETURN(const auto duration, FindString(*trigger, "realTime"));
  // Spark 4.3: DataStreamWriter.trigger takes True only.
  if (trigger->size() != 1 || !available_now.value_or(true) || !once.value_or(true)) {
    return Invalid(
        "trigger must be exactly one of {\"availableNow\": true}, {\"once\": true}, {\"processingTime\": \"10 "
        "seconds\"} and {\"realTime\": \"5 minutes\"}");
  }
  if (duration.has_value()) {
    HF_ASSIGN_OR_RETURN(const auto parsed, ParseInterval(*duration));
    description->trigger = RealTime(parsed);
    return Status();
  }
  if (interval.has_value()) {
    HF_ASSIGN_OR_RETURN(const auto parsed, ParseInterval(*interval));
    description->trigger = ProcessingTime(parsed);
  } else if (once.value_or(false)) {
    description->trigger = Once();
  } else if (available_now.value_or(false)) {
    description->trigger = AvailableNow();
  }
  return Status();
}

}  // namespace

Result<QueryDescription> ParseQueryText(std::string_view text, const std::string& directory,
                                        const ProcessorLoader& load) {
  HF_ASSIGN_OR_RETURN(const Json file, ParseJson(text, RepeatedKeys::kRefused));
  std::set<std::string> known = {
      "name",    "source", "sources", "steps", "watermark", "operators", "outputMode", "sink", "checkpointLocation",
      "trigger", "conf"};
  known.insert(kOperatorKeys.begin(), kOperatorKeys.end());
  HF_RETURN_IF_ERROR(CheckKeys(file, "the query", known));
  QueryDescription description;
  HF_ASSIGN_OR_RETURN(const auto name, FindString(file, "name"));
  description.name = name.value_or("");
  HF_RETURN_IF_ERROR(ReadOperators(file, directory, load, &description));
  HF_ASSIGN_OR_RETURN(const auto output_mode, FindString(file, "outputMode"));
  HF_ASSIGN_OR_RETURN(description.output_mode, ParseOutputMode(output_mode.value_or("append")));
  HF_RETURN_IF_ERROR(ReadSources(file, directory, &description));
  HF_RETURN_IF_ERROR(ReadSink(file, directory, &description));
  HF_RETURN_IF_ERROR(ReadTrigger(file, &description));
  HF_ASSIGN_OR_RETURN(description.conf, ReadOptions(file, "conf"));
  return description;
}

Result<QueryDescription> ReadQueryFile(const std::string& path) {
  std::ifstream in(path);
  if (!in || fs::is_directory(path)) {
    return Invalid(fmt::format("cannot read the query file {}{}", path, in ? ": it is a directory" : ""));
  }
  std::stringstream text;
  text << in.rdbuf();
  auto described = ParseQueryText(text.str(), fs::absolute(path).parent_path().string(), LoadProcessor);
  if (!described.ok()) {
    // What is wrong in a file of the user's is theirs to fix, whatever kind the parser gave it.
    const Status& status = described.status();
    return Status(status.kind() == ErrorKind::kCorrupt ? ErrorKind::kInvalid : status.kind(),
                  fmt::format("query file {}: {}", path, status.message()), std::string(status.condition()));
  }
  return described;
}

}  // namespace hf
