// SPDX-License-Identifier: Apache-2.0
#include "query/row_steps.h"

#include <fmt/format.h>

#include "base/caught.h"
#include "base/nearest_name.h"
#include "expressions/sql_step.h"
#include "holdfast/row_steps.h"
#include "query/environment.h"
#include "query/make_source.h"
#include "query/trigger_text.h"

namespace hf {

namespace {

// A step and where it leaves the columns that it gets.
struct ResolvedStep {
  std::shared_ptr<BatchStep> step;
  // The column of its output that is this one of its input, unchanged; nullopt: there is none.
  std::function<std::optional<std::size_t>(std::size_t input_column)> place_of;
};

class FunctionStep final : public BatchStep {
 public:
  FunctionStep(const MapBatchesDescription& description, Schema input)
      : description_(description), input_(std::move(input)) {}
  [[nodiscard]] const Schema& output() const override { return description_.output; }
  Result<ColumnBatch> Apply(const ColumnBatch& rows) override {
    // The names of a union are its first input's.
    Result<ColumnBatch> mapped = ColumnBatch();
    HF_RETURN_IF_ERROR(CaughtFromUser("the function of MapBatches failed", "", [&] {
      mapped = description_.call(ColumnBatch(input_, rows.columns(), rows.rows()));
      return mapped.status().WithContext("the function of MapBatches");
    }));
    if (mapped->schema().type().ToString() != description_.output.type().ToString()) {
      return Invalid(fmt::format("the function of MapBatches returned rows with the columns {}, but {} were announced",
                                 mapped->schema().ToDdl(), description_.output.ToDdl()));
    }
    return mapped;
  }

 private:
  const MapBatchesDescription description_;
  const Schema input_;
};

// A column is taken for the same one when it has kept name and type: what a function does is its own affair.
ResolvedStep ResolveFunction(const MapBatchesDescription& function, const Schema& input) {
  return {.step = std::make_shared<FunctionStep>(function, input),
          .place_of = [input, output = function.output](std::size_t column) -> std::optional<std::size_t> {
            const StructField& field = input.field(column);
            const auto place = output.IndexOf(field.name);
            return place.has_value() && output.field(*place).type == field.type ? place : std::nullopt;
          }};
}

class ExpressionStep final : public BatchStep {
 public:
  explicit ExpressionStep(std::unique_ptr<SqlStep> step) : step_(std::move(step)) {}
  [[nodiscard]] const Schema& output() const override { return step_->output(); }
  void BeginBatch(const BatchMoment& moment) override {
    step_->SetTime(moment.timestamp_ms * 1000);
    step_->SetChance(moment.seed, moment.batch);
  }
  Result<ColumnBatch> Apply(const ColumnBatch& rows) override { return step_->Apply(rows); }
  [[nodiscard]] const SqlStep& step() const { return *step_; }

 private:
  const std::unique_ptr<SqlStep> step_;
};

Result<std::unique_ptr<SqlStep>> CompileStep(const StepDescription& description, const Schema& input,
                                             const TimeZone& zone) {
  if (const auto* select = std::get_if<SelectDescription>(&description.what); select != nullptr) {
    return SqlStep::Select(input, select->expressions, zone);
  }
  if (const auto* filter = std::get_if<FilterDescription>(&description.what); filter != nullptr) {
    return SqlStep::Filter(input, filter->condition, zone);
  }
  const auto& with_column = std::get<WithColumnDescription>(description.what);
  return SqlStep::WithColumn(input, with_column.name, with_column.expression, zone);
}

// Not a watermark.
Result<ResolvedStep> ResolveStep(const StepDescription& description, const Schema& input, const TimeZone& zone) {
  if (const auto* function = std::get_if<MapBatchesDescription>(&description.what); function != nullptr) {
    if (function->call == nullptr || function->output.size() == 0) {
      return Invalid("MapBatches needs a function and the columns that it returns");
    }
    return ResolveFunction(*function, input);
  }
  HF_ASSIGN_OR_RETURN(auto compiled, CompileStep(description, input, zone));
  auto step = std::make_shared<ExpressionStep>(std::move(compiled));
  return ResolvedStep{.step = step, .place_of = [step](std::size_t column) -> std::optional<std::size_t> {
                        for (std::size_t place = 0; place < step->output().size(); ++place) {
                          if (step->step().SourceOf(place) == column) {
                            return place;
                          }
                        }
                        return std::nullopt;
                      }};
}

// Spark widens types that differ (int and bigint); here whoever declares the schema does.
Result<Schema> UnionOf(const std::vector<Schema>& schemas, std::size_t first, std::size_t count) {
  std::vector<StructField> fields = schemas[first].fields();
  for (std::size_t input = first + 1; input < first + count; ++input) {
    const Schema& other = schemas[input];
    if (other.size() != fields.size()) {
      return Invalid(
          fmt::format("a union is of inputs with equally many columns, but input {} has {} ({}) and input {} "
                      "has {} ({})",
                      first, fields.size(), schemas[first].ToDdl(), input, other.size(), other.ToDdl()),
          "NUM_COLUMNS_MISMATCH");
    }
    for (std::size_t column = 0; column < fields.size(); ++column) {
      if (!(other.field(column).type == fields[column].type)) {
        return Invalid(fmt::format("column {} of a union is {} {} in input {}, but {} {} in input {}; declare it "
                                   "with the same type in both",
                                   column, fields[column].name, fields[column].type.ToSql(), first,
                                   other.field(column).name, other.field(column).type.ToSql(), input),
                       "INCOMPATIBLE_COLUMN_TYPE");
      }
      fields[column].nullable = fields[column].nullable || other.field(column).nullable;
    }
  }
  return Schema(std::move(fields));
}

// The column `name` of rows, a timestamp; `what` is it for messages.
Result<std::size_t> EventTimeColumn(const std::string& name, const Schema& schema, const char* what) {
  HF_ASSIGN_OR_RETURN(const std::optional<std::size_t> column, schema.FindOne(name));
  if (!column.has_value()) {
    std::vector<std::string_view> names;
    for (const StructField& field : schema.fields()) {
      names.push_back(field.name);
    }
    return Invalid(fmt::format("the column {} of {} is not among the columns there, which are {}{}", name, what,
                               schema.ToDdl(), DidYouMean(name, names)),
                   "UNRESOLVED_COLUMN.WITH_SUGGESTION");
  }
  if (const DataType& type = schema.field(*column).type; type.kind() != TypeKind::kTimestamp) {
    return Invalid(
        fmt::format("The event time `{}` has the invalid type \"{}\", but expected \"TIMESTAMP\".", name, type.ToSql()),
        "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE");
  }
  return *column;
}

Result<WatermarkOperator> ResolveWatermark(const WatermarkDescription& watermark, const Schema& schema) {
  HF_ASSIGN_OR_RETURN(const std::size_t column, EventTimeColumn(watermark.event_time, schema, "a watermark"));
  const auto delay = ParseInterval(watermark.delay_threshold);
  if (!delay.ok()) {
    return Invalid(fmt::format("the delay of the watermark on {}: {}", watermark.event_time, delay.status().message()),
                   "CANNOT_PARSE_INTERVAL");
  }
  return WatermarkOperator{.column = column, .delay_ms = delay->count()};
}

// The streams on their way to the first operator, by input.
class Joining {
 public:
  Joining(std::vector<Schema> schemas, const TimeZone& zone)
      : zone_(zone), schemas_(std::move(schemas)), event_time_(schemas_.size()), event_time_name_(schemas_.size()) {
    for (const Schema& schema : schemas_) {
      streams_.inputs.push_back({.source = nullptr, .schema = schema, .steps = {}, .watermark = std::nullopt});
    }
  }

  Status Add(const StepDescription& step) {
    if (step.inputs == 0 || step.first_input >= schemas_.size() || step.inputs > schemas_.size() - step.first_input) {
      return Invalid(fmt::format("a step is for {} inputs from number {} on, but the query has {}", step.inputs,
                                 step.first_input, schemas_.size()));
    }
    HF_ASSIGN_OR_RETURN(const Schema schema, UnionOf(schemas_, step.first_input, step.inputs));
    if (const auto* watermark = std::get_if<WatermarkDescription>(&step.what); watermark != nullptr) {
      return AddWatermark(*watermark, schema, step);
    }
    HF_ASSIGN_OR_RETURN(const ResolvedStep resolved, ResolveStep(step, schema, zone_));
    for (std::size_t input = step.first_input; input < step.first_input + step.inputs; ++input) {
      streams_.inputs[input].steps.push_back(resolved.step);
      schemas_[input] = resolved.step->output();
      if (event_time_[input].has_value()) {
        event_time_[input] = resolved.place_of(*event_time_[input]);
      }
    }
    return Status();
  }

  Result<InputStreams> Finish() && {
    HF_ASSIGN_OR_RETURN(streams_.schema, UnionOf(schemas_, 0, schemas_.size()));
    // Spark's union has one column of event times, that of its first input, and drops late rows of every input by it.
    streams_.event_time = event_time_.front();
    for (std::size_t input = 1; input < schemas_.size(); ++input) {
      if (streams_.event_time.has_value() && event_time_[input].has_value() &&
          *event_time_[input] != *streams_.event_time) {
        return Invalid(
            fmt::format("the watermarks of a union are on different columns, number {} ({}) and number {} ({}): "
                        "bring the event times to the same place in each input",
                        *streams_.event_time, event_time_name_.front(), *event_time_[input], event_time_name_[input]));
      }
    }
    return std::move(streams_);
  }

 private:
  Status AddWatermark(const WatermarkDescription& watermark, const Schema& schema, const StepDescription& step) {
    HF_ASSIGN_OR_RETURN(const WatermarkOperator resolved, ResolveWatermark(watermark, schema));
    for (std::size_t input = step.first_input; input < step.first_input + step.inputs; ++input) {
      StreamInput& stream = streams_.inputs[input];
      if (stream.watermark.has_value()) {
        return Invalid(
            fmt::format("Redefining watermark is disallowed: the rows of input {} have one on {} and another on {}",
                        input, event_time_name_[input], watermark.event_time));
      }
      stream.watermark = streams_.watermarks.size();
      stream.steps_before_watermark = stream.steps.size();
      event_time_[input] = resolved.column;
      event_time_name_[input] = watermark.event_time;
    }
    streams_.watermarks.push_back(resolved);
    return Status();
  }

  const TimeZone zone_;
  std::vector<Schema> schemas_;  // of the rows as far as they have come
  std::vector<std::optional<std::size_t>> event_time_;
  std::vector<std::string> event_time_name_;
  InputStreams streams_;
};

}  // namespace

Result<InputStreams> JoinInputs(const QueryDescription& description, const TimeZone& zone) {
  std::vector<Schema> schemas;
  for (const InputDescription& input : description.inputs) {
    HF_ASSIGN_OR_RETURN(Schema schema, SchemaOfInput(input));
    schemas.push_back(std::move(schema));
  }
  Joining joining(std::move(schemas), zone);
  for (const StepDescription& step : description.steps) {
    HF_RETURN_IF_ERROR(joining.Add(step));
  }
  return std::move(joining).Finish();
}

Result<OperatorOutput> ResolveOutput(const OperatorDescription& description, bool has_watermark, const TimeZone& zone) {
  OperatorOutput output;
  output.schema = SchemaOf(description.processor->output_layout());
  if (!description.output_event_time.empty()) {
    if (!has_watermark) {
      return Invalid(fmt::format("the column {} cannot be the event time of a processor's rows, since the query has no "
                                 "watermark; call WithWatermark on its input",
                                 description.output_event_time),
                     "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
    }
    HF_ASSIGN_OR_RETURN(output.processor_event_time, EventTimeColumn(description.output_event_time, output.schema,
                                                                     "the event time of a processor's rows"));
    output.event_time = output.processor_event_time;
  }
  for (const StepDescription& step : description.steps) {
    if (std::holds_alternative<WatermarkDescription>(step.what)) {
      return Invalid(
          "Redefining watermark is disallowed: a watermark is on the input of the first processor; the event time of "
          "what a processor puts out is named by OutputEventTime");
    }
    HF_ASSIGN_OR_RETURN(const ResolvedStep resolved, ResolveStep(step, output.schema, zone));
    output.schema = resolved.step->output();
    output.steps.push_back(resolved.step);
    if (output.event_time.has_value()) {
      output.event_time = resolved.place_of(*output.event_time);
    }
  }
  return output;
}

namespace {

class StepsInARow final : public RowSteps {
 public:
  StepsInARow(Schema input, Schema output, BatchSteps steps)
      : input_(std::move(input)), output_(std::move(output)), steps_(std::move(steps)) {}

  [[nodiscard]] const Schema& output() const override { return output_; }
  Result<ColumnBatch> Apply(const ColumnBatch& rows) override {
    bool fits = rows.schema().size() == input_.size();
    for (std::size_t column = 0; fits && column < input_.size(); ++column) {
      fits = rows.column(column).type.ToString() == input_.field(column).type.ToString();
    }
    if (!fits) {
      return Invalid(fmt::format("the rows have the columns {}, but the steps are for rows with {}",
                                 rows.schema().ToDdl(), input_.ToDdl()));
    }
    HF_ASSIGN_OR_RETURN(ColumnBatch result, ApplySteps(steps_, ColumnBatch(input_, rows.columns(), rows.rows())));
    // Steps behind the one that left nothing were not asked.
    return result.rows() > 0 ? Result<ColumnBatch>(std::move(result)) : ColumnBatch::FromRows(output_, {});
  }

 private:
  const Schema input_;
  const Schema output_;
  const BatchSteps steps_;
};

}  // namespace

Result<std::shared_ptr<RowSteps>> RowSteps::Compile(const Schema& input, const std::vector<StepDescription>& steps,
                                                    const std::string& session_time_zone) {
  HF_ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::Find(session_time_zone.empty() ? "UTC" : session_time_zone));
  const Environment& environment = ProcessEnvironment();
  BatchMoment moment{.timestamp_ms = environment.clock->NowMs()};
  Schema schema = input;
  BatchSteps resolved;
  for (const StepDescription& step : steps) {
    if (step.first_input != 0 || step.inputs != 1) {
      return Invalid(
          fmt::format("a step is for {} inputs from number {} on, but rows that are in no query are one input",
                      step.inputs, step.first_input));
    }
    if (const auto* watermark = std::get_if<WatermarkDescription>(&step.what); watermark != nullptr) {
      HF_RETURN_IF_ERROR(ResolveWatermark(*watermark, schema).status());
      continue;
    }
    HF_ASSIGN_OR_RETURN(const ResolvedStep next, ResolveStep(step, schema, zone));
    schema = next.step->output();
    moment.seed = environment.random->Next64();
    next.step->BeginBatch(moment);
    resolved.push_back(next.step);
  }
  return std::shared_ptr<RowSteps>(std::make_shared<StepsInARow>(input, std::move(schema), std::move(resolved)));
}

Status CheckEventTime(TimeMode time_mode, const std::optional<std::size_t>& event_time, const std::string& missing) {
  if (time_mode != TimeMode::kEventTime || event_time.has_value()) {
    return Status();
  }
  return Invalid("time mode EventTime needs a column of event times: " + missing,
                 "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK");
}

}  // namespace hf
