// SPDX-License-Identifier: Apache-2.0
#include "state.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gil.h"
#include "values.h"

namespace hfpy {

namespace {

hf::StatefulProcessorHandle& Alive(const HandleLife& life) {
  if (life.handle == nullptr || !life.in_call) {
    throw hf::StatusError(
        hf::Invalid("state and timers were used while no function of their processor runs; use them only in init, "
                    "handleInputRows, handleExpiredTimer, handleInitialState and close, and not after these return",
                    "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE"));
  }
  return *life.handle;
}

// Schemas come as StructType objects or DDL texts, in every batch anew: each text is parsed once.
const hf::Schema& SchemaOf(const nb::object& given) {
  static std::mutex mutex;
  static std::map<std::string, hf::Schema> known;
  const bool is_text = nb::isinstance<nb::str>(given);
  const auto text = nb::cast<std::string>(is_text ? given : nb::object(given.attr("json")()));
  const std::scoped_lock lock(mutex);
  const auto found = known.find(text);
  return found != known.end() ? found->second : known.emplace(text, OrThrow(hf::Schema::Parse(text))).first->second;
}

// Runs a call of the user's on state or timers; `doing` begins the message when it fails.
template <typename Call>
auto Doing(const char* doing, const Call& call) {
  try {
    return call();
  } catch (const StateError&) {
    throw;
  } catch (const hf::StatusError& error) {
    throw StateError(error.status(), doing);
  }
}

// A method as Python calls it, whose failure begins with `doing`.
template <typename Result, typename Self, typename... Args>
auto Method(const char* doing, Result (Self::*method)(Args...)) {
  return [doing, method](Self& self, Args... args) -> Result {
    return Doing(doing, [&] { return (self.*method)(args...); });
  };
}
template <typename Result, typename Self, typename... Args>
auto Method(const char* doing, Result (Self::*method)(Args...) const) {
  return [doing, method](const Self& self, Args... args) -> Result {
    return Doing(doing, [&] { return (self.*method)(args...); });
  };
}

// Python code may run while an object becomes a row, and while a row becomes a tuple (the collector's, too), and while
// it runs other threads may use the state. So an object is read before the state is looked at, and a row is copied.
struct Variable {
  std::shared_ptr<HandleLife> life;
  std::string name;
  const hf::Schema* schema;  // of SchemaOf, for ever

  [[nodiscard]] std::string What() const { return "the value of state variable " + name; }
  [[nodiscard]] hf::Row Read(nb::handle object) const {
    hf::Row row;
    RowFromPython(object, *schema, What(), &row);
    return row;
  }
  [[nodiscard]] nb::object Tuple(const hf::Row& row) const { return RowToTuple(hf::Row(row), *schema, {}); }
};

nb::object IteratorOf(const std::vector<hf::Row>& rows, const hf::Schema& schema) {
  nb::list tuples;
  for (const hf::Row& row : rows) {
    tuples.append(RowToTuple(row, schema, {}));
  }
  return nb::iter(tuples);
}

class ValueState {
 public:
  ValueState(Variable variable, hf::ValueState<hf::Row> state) : variable_(std::move(variable)), state_(state) {}
  bool Exists() const { return State().Exists(); }
  nb::object Get() const {
    const hf::Row* row = State().Get();
    return row == nullptr ? nb::none() : variable_.Tuple(*row);
  }
  void Update(nb::handle value) {
    hf::Row row = variable_.Read(value);
    State().Update(std::move(row));
  }
  void Clear() { State().Clear(); }

 private:
  hf::ValueState<hf::Row>& State() const {
    Alive(*variable_.life);
    return state_;
  }
  const Variable variable_;
  mutable hf::ValueState<hf::Row> state_;
};

class ListState {
 public:
  ListState(Variable variable, hf::ListState<hf::Row> state) : variable_(std::move(variable)), state_(state) {}
  bool Exists() const { return State().Exists(); }
  nb::object Get() const {
    std::vector<hf::Row> rows;
    for (const hf::Row& element : State().Get()) {
      rows.push_back(element);
    }
    return IteratorOf(rows, *variable_.schema);
  }
  void Put(const nb::object& elements) {
    const std::vector<hf::Row> rows = Rows(elements);
    State().Put(rows);
  }
  void AppendValue(nb::handle element) {
    const hf::Row row = variable_.Read(element);
    State().AppendValue(row);
  }
  void AppendList(const nb::object& elements) {
    const std::vector<hf::Row> rows = Rows(elements);
    State().AppendList(rows);
  }
  void Clear() { State().Clear(); }

 private:
  hf::ListState<hf::Row>& State() const {
    Alive(*variable_.life);
    return state_;
  }
  std::vector<hf::Row> Rows(const nb::object& elements) const {
    std::vector<hf::Row> rows;
    for (const nb::handle element : elements) {
      rows.push_back(variable_.Read(element));
    }
    return rows;
  }
  const Variable variable_;
  mutable hf::ListState<hf::Row> state_;
};

class MapState {
 public:
  MapState(Variable value, const hf::Schema* key, hf::MapState<hf::Row, hf::Row> state)
      : value_(std::move(value)), key_(key), state_(state) {}
  bool Exists() const { return State().Exists(); }
  // A Row, where everything else of state is a plain tuple: as PySpark 4.3.
  nb::object GetValue(nb::handle key) const {
    const hf::Row user_key = Key(key);
    const hf::Row* row = State().GetValue(user_key);
    return row == nullptr ? nb::none() : RowToNamed(hf::Row(*row), *value_.schema, {});
  }
  bool ContainsKey(nb::handle key) const {
    const hf::Row user_key = Key(key);
    return State().ContainsKey(user_key);
  }
  void UpdateValue(nb::handle key, nb::handle value) {
    const hf::Row row = value_.Read(value);
    const hf::Row user_key = Key(key);
    State().UpdateValue(user_key, row);
  }
  nb::object Iterator() const {
    std::vector<std::pair<hf::Row, hf::Row>> entries;
    for (const auto& [key, value] : State().Iterator()) {
      entries.emplace_back(key, value);
    }
    nb::list made;
    for (const auto& [key, value] : entries) {
      made.append(nb::make_tuple(RowToTuple(key, *key_, {}), RowToTuple(value, *value_.schema, {})));
    }
    return nb::iter(made);
  }
  nb::object Keys() const {
    std::vector<hf::Row> keys;
    for (const hf::Row& key : State().Keys()) {
      keys.push_back(key);
    }
    return IteratorOf(keys, *key_);
  }
  nb::object Values() const {
    std::vector<hf::Row> values;
    for (const hf::Row& value : State().Values()) {
      values.push_back(value);
    }
    return IteratorOf(values, *value_.schema);
  }
  void RemoveKey(nb::handle key) {
    const hf::Row user_key = Key(key);
    State().RemoveKey(user_key);
  }
  void Clear() { State().Clear(); }

 private:
  hf::MapState<hf::Row, hf::Row>& State() const {
    Alive(*value_.life);
    return state_;
  }
  hf::Row Key(nb::handle key) const {
    hf::Row row;
    RowFromPython(key, *key_, "a key of state variable " + value_.name, &row);
    return row;
  }
  const Variable value_;
  const hf::Schema* const key_;
  mutable hf::MapState<hf::Row, hf::Row> state_;
};

hf::TTLConfig TtlOf(const std::optional<std::int64_t>& ttl_ms) {
  return {.ttl_duration = std::chrono::milliseconds(ttl_ms.value_or(0))};
}

class Handle {
 public:
  explicit Handle(std::shared_ptr<HandleLife> life) : life_(std::move(life)) {}
  ValueState GetValueState(const std::string& name, const nb::object& schema, std::optional<std::int64_t> ttl_ms) {
    const hf::Schema& parsed = SchemaOf(schema);
    return {{life_, name, &parsed}, Alive(*life_).GetValueState(name, parsed, TtlOf(ttl_ms))};
  }
  ListState GetListState(const std::string& name, const nb::object& schema, std::optional<std::int64_t> ttl_ms) {
    const hf::Schema& parsed = SchemaOf(schema);
    return {{life_, name, &parsed}, Alive(*life_).GetListState(name, parsed, TtlOf(ttl_ms))};
  }
  MapState GetMapState(const std::string& name, const nb::object& key, const nb::object& value,
                       std::optional<std::int64_t> ttl_ms) {
    const hf::Schema& key_schema = SchemaOf(key);
    const hf::Schema& parsed = SchemaOf(value);
    return {{life_, name, &parsed}, &key_schema, Alive(*life_).GetMapState(name, key_schema, parsed, TtlOf(ttl_ms))};
  }
  void RegisterTimer(std::int64_t expiry_ms) { Alive(*life_).RegisterTimer(expiry_ms); }
  void DeleteTimer(std::int64_t expiry_ms) { Alive(*life_).DeleteTimer(expiry_ms); }
  nb::object ListTimers() { return nb::iter(nb::cast(Alive(*life_).ListTimers())); }
  void DeleteIfExists(const std::string& name) { Alive(*life_).DeleteIfExists(name); }

 private:
  const std::shared_ptr<HandleLife> life_;
};

}  // namespace

nb::object MakeHandle(std::shared_ptr<HandleLife> life) { return nb::cast(Handle(std::move(life))); }

void BindState(nb::module_& module) {
  nb::class_<ValueState>(module, "ValueState", "One value of the current key.")
      .def("exists", Method("Error checking value state exists", &ValueState::Exists))
      .def("get", Method("Error getting value state", &ValueState::Get), "The value as a tuple, or None.")
      .def("update", Method("Error updating value state", &ValueState::Update), nb::arg("newValue").none())
      .def("clear", Method("Error clearing value state", &ValueState::Clear));
  nb::class_<ListState>(module, "ListState", "A list of the current key.")
      .def("exists", Method("Error checking list state exists", &ListState::Exists))
      .def("get", Method("Error getting list state", &ListState::Get), "An iterator of tuples.")
      .def("put", Method("Error updating list state", &ListState::Put), nb::arg("newState").none())
      .def("appendValue", Method("Error appending value", &ListState::AppendValue), nb::arg("newState").none())
      .def("appendList", Method("Error appending list", &ListState::AppendList), nb::arg("newState").none())
      .def("clear", Method("Error clearing value state", &ListState::Clear));
  nb::class_<MapState>(module, "MapState", "A map of the current key.")
      .def("exists", Method("Error checking map state exists", &MapState::Exists))
      .def("getValue", Method("Error getting value", &MapState::GetValue), nb::arg("key").none())
      .def("containsKey", Method("Error checking if map state contains key", &MapState::ContainsKey),
           nb::arg("key").none())
      .def("updateValue", Method("Error updating map state value", &MapState::UpdateValue), nb::arg("key").none(),
           nb::arg("value").none())
      .def("iterator", Method("Error getting map state entries", &MapState::Iterator),
           "An iterator of pairs of tuples.")
      .def("keys", Method("Error getting map state keys", &MapState::Keys))
      .def("values", Method("Error getting map state values", &MapState::Values))
      .def("removeKey", Method("Error removing key from map state", &MapState::RemoveKey), nb::arg("key").none())
      .def("clear", Method("Error clearing map state", &MapState::Clear));
  nb::class_<Handle>(module, "StatefulProcessorHandle", "Declares state in init; registers timers of the current key.")
      .def("getValueState", Method("Error initializing value state", &Handle::GetValueState), nb::arg("stateName"),
           nb::arg("schema"), nb::arg("ttlDurationMs") = nb::none())
      .def("getListState", Method("Error initializing list state", &Handle::GetListState), nb::arg("stateName"),
           nb::arg("schema"), nb::arg("ttlDurationMs") = nb::none())
      .def("getMapState", Method("Error initializing map state", &Handle::GetMapState), nb::arg("stateName"),
           nb::arg("userKeySchema"), nb::arg("valueSchema"), nb::arg("ttlDurationMs") = nb::none())
      .def("registerTimer", Method("Error registering timer", &Handle::RegisterTimer), nb::arg("expiryTimestampMs"))
      .def("deleteTimer", Method("Error deleting timer", &Handle::DeleteTimer), nb::arg("expiryTimestampMs"))
      .def("listTimers", Method("Error getting timers", &Handle::ListTimers))
      .def("deleteIfExists", Method("Error deleting state", &Handle::DeleteIfExists), nb::arg("stateName"));
}

}  // namespace hfpy
