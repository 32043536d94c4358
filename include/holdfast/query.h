// SPDX-License-Identifier: Apache-2.0
// Describing, starting and watching a streaming query.
//
//   auto query = hf::ReadStream("json").Schema<Click>().Load("events/")
//                    .GroupBy("session_id")
//                    .TransformWithState<SessionizerV2>(hf::OutputMode::kAppend, hf::TimeMode::kNone)
//                    .WriteStream("delta").Option("checkpointLocation", "checkpoint")
//                    .Trigger(hf::AvailableNow()).Start("tables/v2_sessions");
//
// Formats, option keys and configuration keys are Spark's. Nothing is checked before Start; Start checks everything
// that can be known without running a batch, and writes nothing when it refuses.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "holdfast/batch.h"
#include "holdfast/foreach_writer.h"
#include "holdfast/processor.h"
#include "holdfast/sink.h"
#include "holdfast/source.h"

namespace hf {

// When batches run. AvailableNow: everything that is there at the start, under the source's limits, then stop. Once:
// the same in one batch. ProcessingTime: a batch every interval, 0 = one after the other. RealTime: a batch begins with
// its first rows and lasts so long; rows are processed when they arrive and go to the sink at once, and what the batch
// did is committed at its end (Spark's real-time mode; docs/operating.md says what it asks for).
struct Trigger {
  enum class Kind { kProcessingTime, kAvailableNow, kOnce, kRealTime };
  Kind kind = Kind::kProcessingTime;
  std::chrono::milliseconds interval{0};
};
inline Trigger AvailableNow() { return {.kind = Trigger::Kind::kAvailableNow}; }
inline Trigger Once() { return {.kind = Trigger::Kind::kOnce}; }
inline Trigger ProcessingTime(std::chrono::milliseconds interval) {
  return {.kind = Trigger::Kind::kProcessingTime, .interval = interval};
}
inline Trigger RealTime(std::chrono::milliseconds batch_duration = std::chrono::minutes(5)) {
  return {.kind = Trigger::Kind::kRealTime, .interval = batch_duration};
}

// One finished batch, as Spark's StreamingQueryProgress.
struct StreamingQueryProgress {
  std::int64_t batch_id = 0;
  std::int64_t num_input_rows = 0;
  std::string json;  // one line, Spark's field names
};

using Options = std::map<std::string, std::string>;

// One source of rows.
struct InputDescription {
  std::string format;
  std::string path;
  Options options;
  hf::Schema schema;
  std::shared_ptr<Source> source;  // instead of the four above: a source of the host program
};

// A column of event times, and how far behind the latest of them a row may come: Spark's withWatermark.
struct WatermarkDescription {
  std::string event_time;
  std::string delay_threshold;  // "10 minutes", "1 hour 30 minutes"
};

// A function of the host program over the rows of a batch, some at a time: it may be given them in any pieces, in their
// order, and must give the same rows for the same rows, since a batch can be run again. `output` is the schema of what
// it returns; Slice, FromRows and RowAppender help to make that.
struct MapBatchesDescription {
  Schema output;
  std::function<Result<ColumnBatch>(const ColumnBatch& rows)> call;
};

// Spark's SQL expressions; docs/expressions.md says which.
struct SelectDescription {
  std::vector<std::string> expressions;
};
struct FilterDescription {
  std::string condition;
};
struct WithColumnDescription {
  std::string name;
  std::string expression;
};

// What is done to rows between a source, the processors and the sink.
struct StepDescription {
  std::variant<WatermarkDescription, SelectDescription, FilterDescription, WithColumnDescription, MapBatchesDescription>
      what;
  // On the way to the first processor: the inputs it is for, so many from this one on. Those of several are a union.
  std::size_t first_input = 0;
  std::size_t inputs = 1;
};

// Rows that a processor takes over in the first batch of a new checkpoint (StatefulProcessorWithInitialState), keyed by
// `grouping_columns`, whose types are those of the query's key: any batches of rows, such as ReadState and SqlSession
// give. On a checkpoint that has begun they are not read.
struct InitialState {
  hf::Schema schema;
  std::vector<ColumnBatch> rows;
  std::vector<std::string> grouping_columns;
};

// A processor and what keys it.
struct OperatorDescription {
  std::vector<std::string> grouping_columns;
  std::shared_ptr<const ProcessorFactory> processor;
  std::optional<InitialState> initial_state;
  TimeMode time_mode = TimeMode::kNone;
  // Recorded in the checkpoint, and it stays (Spark 4.3 StateStoreMetadata: outputMode). Empty: the query's.
  std::optional<OutputMode> output_mode = {};
  std::string output_event_time;       // the column of what it puts out that is the event time; empty: none
  std::vector<StepDescription> steps;  // on what it puts out; none is a watermark
};

// Everything about a query, as data. The builders below fill it in; programs that read it from a file do so themselves.
struct QueryDescription {
  std::string name;                      // queryName; empty: none
  std::vector<InputDescription> inputs;  // at least one
  std::vector<StepDescription> steps;    // before the first operator, in their order
  // At least one. Each gets what the one before it puts out. Their number and order are recorded in a checkpoint, where
  // the last one has operator id 0, and stay.
  std::vector<OperatorDescription> operators;
  OutputMode output_mode = OutputMode::kAppend;  // what the sink is told: whether a row may replace an earlier one
  std::string sink_format;
  std::string sink_path;
  Options sink_options;
  std::vector<std::string> partition_by;  // columns of the result; for "delta"
  std::shared_ptr<Sink> sink;             // instead of the three above: a sink of the host program
  std::string checkpoint_location;
  hf::Trigger trigger;
  Options conf;
  // Called on the query's thread after each batch, and when an idle trigger is skipped not at all.
  std::function<void(const StreamingQueryProgress&)> on_progress;
  // Called for each line meant for people: settings in force, how the state evolved, warnings; on the thread that
  // starts the query, and on the query's. Default: the log (holdfast/log.h).
  std::function<void(std::string_view)> on_message;
  // Where the sink "console" writes its tables, one call a batch. Default: standard output.
  std::function<void(std::string_view)> on_console;
};

// A running query. Destroying it stops it.
class StreamingQuery {
 public:
  virtual ~StreamingQuery() = default;
  // The id in the checkpoint, the same for every run.
  [[nodiscard]] virtual const std::string& id() const = 0;
  [[nodiscard]] virtual const std::string& run_id() const = 0;
  [[nodiscard]] virtual bool is_active() const = 0;
  // Waits until the query has ended; ok, or why it failed. kInvalid in a callback of the query, which it would wait
  // for.
  virtual Status AwaitTermination() = 0;
  // The same for so long at most: true when the query has ended well, false when it is still at work.
  virtual Result<bool> AwaitTermination(std::chrono::milliseconds timeout) = 0;
  // Waits until everything that was in the sources when it was called is processed and committed: until a trigger that
  // began later has found nothing to do, or the query has ended. Under the real-time trigger kInvalid.
  virtual Status ProcessAllAvailable() = 0;
  // Asks the query to end after the batch it is in, and waits for that; in on_progress, a listener or a sink's Commit
  // it only asks. A processor must not call it: it would wait for itself.
  virtual Status Stop() = 0;
  // The same without finishing the batch: it is given up between two keys, nothing of it is committed, and the next
  // start runs it again. A function of the processor or the sink that is being called is waited for.
  virtual Status StopNow() = 0;
  // Why the query failed; ok while it runs or when it ended well.
  [[nodiscard]] virtual Status Exception() const = 0;
  // The last batches, oldest first (at most 100).
  [[nodiscard]] virtual std::vector<StreamingQueryProgress> RecentProgress() const = 0;
  // nullopt before the first batch.
  [[nodiscard]] virtual std::optional<StreamingQueryProgress> LastProgress() const = 0;
};

// Checks the description against the checkpoint and starts the query on a thread of its own.
Result<std::unique_ptr<StreamingQuery>> StartQuery(const QueryDescription& description);

// The columns that a source gives, after the checks that StartQuery makes of it; `conf` as of a query. Of a table it
// reads the columns.
Result<Schema> ColumnsOfInput(const InputDescription& input, const Options& conf = {});

// What the sink "memory" of a query holds: the rows of every committed batch, in order. For SQL over it give both to
// SqlSession::CreateTable.
struct MemoryTable {
  Schema schema;
  std::vector<ColumnBatch> rows;
};
// The table of the query of this name (QueryName), also while it runs; it stays after the query has ended, until a
// query of the same name starts. kInvalid names the tables there are.
Result<MemoryTable> ReadMemoryTable(const std::string& query_name);

// ---- The builder -------------------------------------------------------------------------------------------------

class DataStreamWriter {
 public:
  explicit DataStreamWriter(QueryDescription description) : description_(std::move(description)) {}
  // "checkpointLocation" names the checkpoint; other keys go to the sink.
  DataStreamWriter Option(const std::string& key, const std::string& value) && {
    if (key == "checkpointLocation") {
      description_.checkpoint_location = value;
    } else {
      description_.sink_options[key] = value;
    }
    return std::move(*this);
  }
  DataStreamWriter Conf(const std::string& key, const std::string& value) && {
    description_.conf[key] = value;
    return std::move(*this);
  }
  // Rows with the same values of these columns lie together: what a new table is partitioned by, for "delta".
  template <typename... Names>
  DataStreamWriter PartitionBy(Names... names) && {
    description_.partition_by = {std::string(names)...};
    return std::move(*this);
  }
  DataStreamWriter QueryName(std::string name) && {
    description_.name = std::move(name);
    return std::move(*this);
  }
  DataStreamWriter Trigger(hf::Trigger trigger) && {
    description_.trigger = trigger;
    return std::move(*this);
  }
  DataStreamWriter OnProgress(std::function<void(const StreamingQueryProgress&)> call) && {
    description_.on_progress = std::move(call);
    return std::move(*this);
  }
  DataStreamWriter OnMessage(std::function<void(std::string_view)> call) && {
    description_.on_message = std::move(call);
    return std::move(*this);
  }
  DataStreamWriter OnConsole(std::function<void(std::string_view)> call) && {
    description_.on_console = std::move(call);
    return std::move(*this);
  }
  // Hands each batch's rows to `call`, at least once: after a crash the same batch id may come again.
  DataStreamWriter ForeachBatch(std::function<Status(const ColumnBatch& rows, std::int64_t batch_id)> call) &&;
  // Hands each row to `writer`, at least once; foreach_writer.h says what comes when.
  template <typename T>
  DataStreamWriter Foreach(std::shared_ptr<ForeachWriter<T>> writer) && {
    return std::move(*this).ForeachAny(std::make_shared<detail::TypedForeachWriter<T>>(std::move(writer)));
  }
  // Without an argument: the option "path", for a sink that needs one.
  Result<std::unique_ptr<StreamingQuery>> Start(const std::string& path = {}) && {
    description_.sink_path = path;
    return StartQuery(description_);
  }
  // The description so far, for whoever wants to change or print it.
  [[nodiscard]] const QueryDescription& description() const { return description_; }

 private:
  DataStreamWriter ForeachAny(std::shared_ptr<detail::AnyForeachWriter> writer) &&;

  QueryDescription description_;
};

class GroupedStream;

// What can be done to rows wherever they are on their way. Self is the stream itself.
template <typename Self>
class RowStream {
 public:
  explicit RowStream(QueryDescription description) : description_(std::move(description)) {}
  // Spark's selectExpr: rows with a column for each expression: "*", "a", "price * quantity AS revenue". Expressions
  // have Spark's values, or are refused (docs/expressions.md); what fails in a row ends the query with Spark's
  // condition.
  template <typename... Expressions>
  Self SelectExpr(Expressions... expressions) && {
    return std::move(*this).With(SelectDescription{.expressions = {std::string(expressions)...}});
  }
  // Keeps the rows for which the SQL expression is true.
  Self Filter(std::string condition) && {
    return std::move(*this).With(FilterDescription{.condition = std::move(condition)});
  }
  // Adds the value of an SQL expression as a column, in the place of one that has this name.
  Self WithColumn(std::string name, std::string expression) && {
    return std::move(*this).With(WithColumnDescription{.name = std::move(name), .expression = std::move(expression)});
  }
  // Hands the rows to a function of the program, and goes on with what that returns.
  Self MapBatches(hf::Schema output, std::function<Result<ColumnBatch>(const ColumnBatch& rows)> call) && {
    return std::move(*this).With(MapBatchesDescription{.output = std::move(output), .call = std::move(call)});
  }
  // What follows gets the rows of each key for itself.
  template <typename... Names>
  GroupedStream GroupBy(Names... names) &&;

 protected:
  template <typename Step>
  Self With(Step what) && {
    StepDescription step{.what = std::move(what), .first_input = 0, .inputs = description_.inputs.size()};
    (description_.operators.empty() ? description_.steps : description_.operators.back().steps)
        .push_back(std::move(step));
    return Self(std::move(description_));
  }

  QueryDescription description_;
};

// Rows that a processor puts out: they may be written, or go on to a further processor.
class ResultStream : public RowStream<ResultStream> {
 public:
  using RowStream::RowStream;
  // "delta", "parquet", "json", "csv", "text", "memory" (see ReadMemoryTable), "console". Update mode is for the last
  // two, for ForeachBatch, Foreach and for sinks of the host program: rows are passed on as the processor emits them,
  // and who takes them knows which row replaces which. The others only append, as in Spark.
  DataStreamWriter WriteStream(std::string format) && {
    description_.sink_format = std::move(format);
    return DataStreamWriter(std::move(description_));
  }
  // A sink of the host program.
  DataStreamWriter WriteStream(std::shared_ptr<Sink> sink) && {
    description_.sink = std::move(sink);
    return DataStreamWriter(std::move(description_));
  }
};

class GroupedStream {
 public:
  GroupedStream(QueryDescription description, std::vector<std::string> grouping_columns)
      : description_(std::move(description)) {
    operator_.grouping_columns = std::move(grouping_columns);
  }
  // Before TransformWithState: what the state of a new checkpoint begins with.
  GroupedStream WithInitialState(InitialState initial_state) && {
    operator_.initial_state = std::move(initial_state);
    return std::move(*this);
  }
  // Before TransformWithState: which column of the processor's rows, a timestamp, is the event time for a further
  // processor with TimeMode::kEventTime (Spark's eventTimeColumnName). The query needs a watermark, and the processor
  // must not put out rows that are late already.
  GroupedStream OutputEventTime(std::string column) && {
    operator_.output_event_time = std::move(column);
    return std::move(*this);
  }
  // Copies of `prototype` process the keys. The output mode is recorded with the processor's state; the last one's is
  // the query's, too.
  template <typename P>
  ResultStream TransformWithState(OutputMode output_mode, TimeMode time_mode, P prototype = P()) && {
    return std::move(*this).TransformWithState(std::make_shared<TypedProcessorFactory<P>>(std::move(prototype)),
                                               output_mode, time_mode);
  }
  ResultStream TransformWithState(std::shared_ptr<const ProcessorFactory> processor, OutputMode output_mode,
                                  TimeMode time_mode) && {
    operator_.processor = std::move(processor);
    operator_.time_mode = time_mode;
    operator_.output_mode = output_mode;
    description_.operators.push_back(std::move(operator_));
    description_.output_mode = output_mode;
    return ResultStream(std::move(description_));
  }

 private:
  QueryDescription description_;
  OperatorDescription operator_;
};

template <typename Self>
template <typename... Names>
GroupedStream RowStream<Self>::GroupBy(Names... names) && {
  return GroupedStream(std::move(description_), {std::string(names)...});
}

// Rows of sources.
class DataStream : public RowStream<DataStream> {
 public:
  using RowStream::RowStream;
  // Takes the largest time seen in the column `event_time`, a timestamp, minus `delay_threshold` for the time up to
  // which the input is complete. With TimeMode::kEventTime later rows of before are dropped, and timers expire by it.
  DataStream WithWatermark(std::string event_time, std::string delay_threshold) && {
    return std::move(*this).With(
        WatermarkDescription{.event_time = std::move(event_time), .delay_threshold = std::move(delay_threshold)});
  }
  // The rows of both, with the column names of this one (Spark's union): columns go together by place and must have the
  // same types. Within a batch the rows of this one come first. A watermark of each counts for itself, and
  // spark.sql.streaming.multipleWatermarkPolicy chooses among them; which rows are late is told by the column of this
  // one's. The order of the streams is recorded in a checkpoint, and stays.
  DataStream Union(DataStream other) && {
    for (StepDescription& step : other.description_.steps) {
      step.first_input += description_.inputs.size();
      description_.steps.push_back(std::move(step));
    }
    for (InputDescription& input : other.description_.inputs) {
      description_.inputs.push_back(std::move(input));
    }
    return std::move(*this);
  }
};

class DataStreamReader {
 public:
  explicit DataStreamReader(std::string format) { input_.format = std::move(format); }
  DataStreamReader Option(const std::string& key, const std::string& value) && {
    input_.options[key] = value;
    return std::move(*this);
  }
  DataStreamReader Schema(hf::Schema schema) && {
    input_.schema = std::move(schema);
    return std::move(*this);
  }
  // The schema of a HOLDFAST_STRUCT.
  template <typename T>
  DataStreamReader Schema() && {
    input_.schema = SchemaOf(detail::LayoutOf<T>::Get());
    return std::move(*this);
  }
  // Without an argument: the option "path".
  DataStream Load(const std::string& path = {}) && {
    input_.path = path;
    QueryDescription description;
    description.inputs.push_back(std::move(input_));
    return DataStream(std::move(description));
  }

 private:
  InputDescription input_;
};

// "json", "csv", "parquet"; without Schema "delta"; without a path, too, "rate", "rate-micro-batch", "socket".
inline DataStreamReader ReadStream(std::string format) { return DataStreamReader(std::move(format)); }
// A source of the host program.
inline DataStream ReadStream(std::shared_ptr<Source> source) {
  QueryDescription description;
  description.inputs.push_back({.format = {}, .path = {}, .options = {}, .schema = source->schema(), .source = source});
  return DataStream(std::move(description));
}

}  // namespace hf
