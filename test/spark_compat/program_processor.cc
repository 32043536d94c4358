// SPDX-License-Identifier: Apache-2.0
#include "spark_compat/program_processor.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "spark_compat/program_values.h"

namespace hf::test {

namespace {

const Schema& OutputSchema() {
  static const Schema schema = SchemaOfType("string");
  return schema;
}

[[noreturn]] void Unknown(const Json& operation) { throw std::invalid_argument("no operation " + operation.dump()); }

// A read's result; nullopt of an operation that has none.
using Answer = std::optional<Json>;

class Variable {
 public:
  virtual ~Variable() = default;
  virtual Answer Perform(const std::string& name, const Json& operation) = 0;
};

class ValueVariable final : public Variable {
 public:
  ValueVariable(ValueState<Row> state, Schema type) : state_(state), type_(std::move(type)) {}
  Answer Perform(const std::string& name, const Json& operation) override {
    if (name == "get") {
      const Row* value = state_.Get();
      return value == nullptr ? Json() : JsonOf(*value, type_);
    }
    if (name == "exists") {
      return state_.Exists();
    }
    if (name == "update") {
      state_.Update(RowOf(operation.at(2), type_));
    } else if (name == "clear") {
      state_.Clear();
    } else {
      Unknown(operation);
    }
    return std::nullopt;
  }

 private:
  ValueState<Row> state_;
  Schema type_;
};

class ListVariable final : public Variable {
 public:
  ListVariable(ListState<Row> state, Schema type) : state_(state), type_(std::move(type)) {}
  Answer Perform(const std::string& name, const Json& operation) override {
    if (name == "get") {
      Json elements = Json::array();
      for (const Row& element : state_.Get()) {
        elements.push_back(JsonOf(element, type_));
      }
      return elements;
    }
    if (name == "exists") {
      return state_.Exists();
    }
    if (name == "put") {
      state_.Put(Rows(operation.at(2)));
    } else if (name == "append") {
      state_.AppendValue(RowOf(operation.at(2), type_));
    } else if (name == "appendList") {
      state_.AppendList(Rows(operation.at(2)));
    } else if (name == "clear") {
      state_.Clear();
    } else {
      Unknown(operation);
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::vector<Row> Rows(const Json& elements) const {
    std::vector<Row> rows;
    for (const Json& element : elements) {
      rows.push_back(RowOf(element, type_));
    }
    return rows;
  }

  ListState<Row> state_;
  Schema type_;
};

class MapVariable final : public Variable {
 public:
  MapVariable(MapState<Row, Row> state, Schema key, Schema type)
      : state_(state), key_(std::move(key)), type_(std::move(type)) {}
  Answer Perform(const std::string& name, const Json& operation) override {
    if (operation.size() > 2) {
      return PerformAt(name, RowOf(operation.at(2), key_), operation);
    }
    if (name == "exists") {
      return state_.Exists();
    }
    if (name == "clear") {
      state_.Clear();
      return std::nullopt;
    }
    Json found = Json::array();
    if (name == "iterate") {
      for (const auto& [key, value] : state_.Iterator()) {
        found.push_back(Json::array({JsonOf(key, key_), JsonOf(value, type_)}));
      }
    } else if (name == "keys") {
      for (const Row& key : state_.Keys()) {
        found.push_back(JsonOf(key, key_));
      }
    } else if (name == "values") {
      for (const Row& value : state_.Values()) {
        found.push_back(JsonOf(value, type_));
      }
    } else {
      Unknown(operation);
    }
    return found;
  }

 private:
  Answer PerformAt(const std::string& name, const Row& key, const Json& operation) {
    if (name == "get") {
      const Row* value = state_.GetValue(key);
      return value == nullptr ? Json() : JsonOf(*value, type_);
    }
    if (name == "contains") {
      return state_.ContainsKey(key);
    }
    if (name == "update") {
      state_.UpdateValue(key, RowOf(operation.at(3), type_));
    } else if (name == "remove") {
      state_.RemoveKey(key);
    } else {
      Unknown(operation);
    }
    return std::nullopt;
  }

  MapState<Row, Row> state_;
  Schema key_;
  Schema type_;
};

std::unique_ptr<Variable> Declare(StatefulProcessorHandle& handle, const Json& declared) {
  const std::string name = declared.at("name");
  const std::string kind = declared.at("kind");
  const Schema type = SchemaOfType(declared.at("type"));
  const TTLConfig ttl = {std::chrono::milliseconds(declared.value("ttl", 0))};
  if (kind == "value") {
    return std::make_unique<ValueVariable>(handle.GetValueState(name, type, ttl), type);
  }
  if (kind == "list") {
    return std::make_unique<ListVariable>(handle.GetListState(name, type, ttl), type);
  }
  const Schema key = SchemaOfType(declared.at("key"));
  return std::make_unique<MapVariable>(handle.GetMapState(name, key, type, ttl), key, type);
}

class Processor final : public RowProcessor {
 public:
  // The program outlives the processor.
  Processor(const Json& program, int run)
      : run_(program.at("runs").at(run)),
        timers_(program.at("timers")),
        key_(SchemaOfType(program.at("key"))),
        seq_at_(ProgramInput(program).IndexOf("seq").value()) {}

  void Init(StatefulProcessorHandle& handle) override {
    for (const Json& name : run_.at("delete")) {
      handle.DeleteIfExists(name.get<std::string>());
    }
    for (const Json& declared : run_.at("variables")) {
      variables_[declared.at("name")] = Declare(handle, declared);
    }
  }

  void HandleInputRows(const Row& key, RowsOf<Row> rows, const TimerValues& timer_values, Output<Row>& out) override {
    for (const Row& row : rows) {
      const Json operations = ParseJson(std::get<std::string>(row[seq_at_ + 1])).value();
      DoAll(key, std::get<std::int32_t>(row[seq_at_]), operations, timer_values, 0, out);
    }
  }

  void HandleExpiredTimer(const Row& key, const TimerValues& timer_values, const ExpiredTimerInfo& timer,
                          Output<Row>& out) override {
    const std::int64_t expiry = timer.expiry_time_ms;
    const Json at = {{"timer", expiry}};
    Emit(key, at, -1, Json(), out);
    const auto count = static_cast<std::int64_t>(timers_.size());
    DoAll(key, at, timers_.at(static_cast<std::size_t>((expiry % count + count) % count)), timer_values, expiry, out);
  }

 private:
  void DoAll(const Row& key, const Json& at, const Json& operations, const TimerValues& timer_values,
             std::int64_t expiry, Output<Row>& out) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      Answer answer;
      try {
        answer = Perform(operations[i], timer_values, expiry);
      } catch (const StatusError& refused) {
        if (refused.status().condition().empty()) {
          throw;
        }
        answer = Json{{"error", refused.status().condition()}};
      }
      if (answer.has_value()) {
        Emit(key, at, static_cast<int>(i), *answer, out);
      }
    }
  }

  void Emit(const Row& key, const Json& at, int operation, const Json& result, Output<Row>& out) {
    out.Emit({Value(Json::array({JsonOf(key, key_), at, operation, result}).dump())});
  }

  Answer Perform(const Json& operation, const TimerValues& timer_values, std::int64_t expiry) {
    const std::string name = operation.at(0);
    if (name == "now") {
      return Json::array({timer_values.current_processing_time_ms, timer_values.current_watermark_ms});
    }
    if (name == "timer") {
      return PerformTimer(operation, timer_values, expiry);
    }
    return variables_.at(name)->Perform(operation.at(1), operation);
  }

  Answer PerformTimer(const Json& operation, const TimerValues& timer_values, std::int64_t expiry) {
    if (operation.at(1) == "list") {
      std::vector<std::int64_t> times = GetHandle().ListTimers();
      std::sort(times.begin(), times.end());
      return times;
    }
    const std::string base = operation.at(2);
    const std::int64_t from = base == "time"        ? timer_values.current_processing_time_ms
                              : base == "watermark" ? timer_values.current_watermark_ms
                              : base == "expiry"    ? expiry
                                                    : 0;
    const std::int64_t time = from + operation.at(3).get<std::int64_t>();
    operation.at(1) == "register" ? GetHandle().RegisterTimer(time) : GetHandle().DeleteTimer(time);
    return std::nullopt;
  }

  const Json& run_;
  const Json& timers_;
  const Schema key_;
  const std::size_t seq_at_;
  std::map<std::string, std::unique_ptr<Variable>> variables_;
};

}  // namespace

Schema ProgramInput(const Json& program) {
  std::vector<StructField> columns = SchemaOfType(program.at("key")).fields();
  if (program.at("time") == "EventTime") {
    columns.push_back({.name = "et", .type = DataType::Timestamp()});
  }
  columns.push_back({.name = "seq", .type = DataType::Int()});
  columns.push_back({.name = "ops", .type = DataType::String()});
  return Schema(std::move(columns));
}

std::shared_ptr<const ProcessorFactory> ProgramProcessor(const Json& program, int run) {
  return std::make_shared<RowProcessorFactory>([&program, run] { return std::make_unique<Processor>(program, run); },
                                               SchemaOfType(program.at("key")), ProgramInput(program), OutputSchema());
}

}  // namespace hf::test
