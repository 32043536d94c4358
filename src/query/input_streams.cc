// SPDX-License-Identifier: Apache-2.0
#include "query/input_streams.h"

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "query/make_source.h"
#include "query/trigger_text.h"

namespace hf {

namespace {

// Spark widens types that differ (int and bigint); here whoever declares the schema does.
Result<Schema> UnionOf(const std::vector<Schema>& schemas) {
  std::vector<StructField> fields = schemas.front().fields();
  for (std::size_t input = 1; input < schemas.size(); ++input) {
    const Schema& other = schemas[input];
    if (other.size() != fields.size()) {
      return Invalid(
          fmt::format("a union is of inputs with equally many columns, but the first has {} ({}) and input {} "
                      "has {} ({})",
                      fields.size(), schemas.front().ToDdl(), input, other.size(), other.ToDdl()),
          "NUM_COLUMNS_MISMATCH");
    }
    for (std::size_t column = 0; column < fields.size(); ++column) {
      if (!(other.field(column).type == fields[column].type)) {
        return Invalid(
            fmt::format("column {} of a union is {} {} in the first input, but {} {} in input {}; declare it "
                        "with the same type in both",
                        column, fields[column].name, fields[column].type.ToSql(), other.field(column).name,
                        other.field(column).type.ToSql(), input),
            "INCOMPATIBLE_COLUMN_TYPE");
      }
      fields[column].nullable = fields[column].nullable || other.field(column).nullable;
    }
  }
  return Schema(std::move(fields));
}

Result<WatermarkOperator> ResolveWatermark(const WatermarkDescription& watermark, const Schema& schema) {
  const auto column = schema.IndexOf(watermark.event_time);
  if (!column.has_value()) {
    std::vector<std::string_view> names;
    for (const StructField& field : schema.fields()) {
      names.push_back(field.name);
    }
    return Invalid(fmt::format("the column {} of a watermark is not in the input; its columns are {}{}",
                               watermark.event_time, schema.ToDdl(), DidYouMean(watermark.event_time, names)),
                   "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  }
  if (const DataType& type = schema.field(*column).type; type.kind() != TypeKind::kTimestamp) {
    return Invalid(fmt::format("The event time `{}` has the invalid type \"{}\", but expected \"TIMESTAMP\".",
                               watermark.event_time, type.ToSql()),
                   "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE");
  }
  const auto delay = ParseInterval(watermark.delay_threshold);
  if (!delay.ok()) {
    return Invalid(fmt::format("the delay of the watermark on {}: {}", watermark.event_time, delay.status().message()),
                   "CANNOT_PARSE_INTERVAL");
  }
  return WatermarkOperator{.column = *column, .delay_ms = delay->count()};
}

Status AddWatermarks(const QueryDescription& description, const std::vector<Schema>& schemas, InputStreams* streams) {
  for (const WatermarkDescription& watermark : description.watermarks) {
    if (watermark.inputs == 0 || watermark.first_input >= schemas.size() ||
        watermark.inputs > schemas.size() - watermark.first_input) {
      return Invalid(fmt::format("the watermark on {} is for {} inputs from number {} on, but the query has {}",
                                 watermark.event_time, watermark.inputs, watermark.first_input, schemas.size()));
    }
    HF_ASSIGN_OR_RETURN(const WatermarkOperator resolved, ResolveWatermark(watermark, schemas[watermark.first_input]));
    for (std::size_t input = watermark.first_input; input < watermark.first_input + watermark.inputs; ++input) {
      if (streams->watermark_of[input].has_value()) {
        return Invalid(
            fmt::format("Redefining watermark is disallowed: the rows of input {} have one on {} and another "
                        "on {}",
                        input, description.watermarks[*streams->watermark_of[input]].event_time, watermark.event_time));
      }
      streams->watermark_of[input] = streams->watermarks.size();
    }
    streams->watermarks.push_back(resolved);
  }
  return Status();
}

// Spark's union has one column of event times, that of its first input, and drops late rows of every input by it.
Status ChooseEventTime(const QueryDescription& description, InputStreams* streams) {
  if (const auto first = streams->watermark_of.front(); first.has_value()) {
    streams->event_time = streams->watermarks[*first].column;
  }
  if (description.time_mode != TimeMode::kEventTime) {
    return Status();
  }
  if (!streams->event_time.has_value()) {
    return Invalid(fmt::format("time mode EventTime needs a watermark{}: call WithWatermark with the column of event "
                               "times and a delay",
                               streams->watermarks.empty() ? "" : " on the first input of a union"),
                   "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
  }
  for (std::size_t i = 0; i < streams->watermarks.size(); ++i) {
    if (streams->watermarks[i].column != *streams->event_time) {
      return Invalid(
          fmt::format("the watermarks of a union are on different columns, number {} ({}) and number {} ({}): "
                      "bring the event times to the same place in each input",
                      *streams->event_time, streams->schema.field(*streams->event_time).name,
                      streams->watermarks[i].column, description.watermarks[i].event_time));
    }
  }
  return Status();
}

}  // namespace

Result<InputStreams> JoinInputs(const QueryDescription& description) {
  std::vector<Schema> schemas;
  for (const InputDescription& input : description.inputs) {
    HF_ASSIGN_OR_RETURN(Schema schema, SchemaOfInput(input));
    schemas.push_back(std::move(schema));
  }
  InputStreams streams;
  HF_ASSIGN_OR_RETURN(streams.schema, UnionOf(schemas));
  streams.watermark_of.resize(schemas.size());
  HF_RETURN_IF_ERROR(AddWatermarks(description, schemas, &streams));
  HF_RETURN_IF_ERROR(ChooseEventTime(description, &streams));
  return streams;
}

}  // namespace hf
