// SPDX-License-Identifier: Apache-2.0
#include "tester.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "gil.h"
#include "holdfast/processor_tester.h"
#include "processor.h"
#include "values.h"

namespace hfpy {

namespace {

// What goes through the engine of a row is its number; the row itself goes from the test to the processor as it is.
const hf::Schema& NumberSchema() {
  static const hf::Schema schema({{.name = "row", .type = hf::DataType::Long()}});
  return schema;
}

class Tester {
 public:
  Tester(nb::object make_runner, const std::string& key_json, const std::string& time_mode, const hf::Options& conf)
      : key_(OrThrow(hf::Schema::Parse(key_json))) {
    hf::TesterOptions options;
    for (const hf::TimeMode mode : {hf::TimeMode::kProcessingTime, hf::TimeMode::kEventTime}) {
      options.time_mode = hf::TimeModeName(mode) == time_mode ? mode : options.time_mode;
    }
    options.conf = conf;
    Guarded([&] { engine_ = hf::detail::TesterEngine::Make(Factory(std::move(make_runner)), std::move(options)); });
  }

  void Add(const nb::object& key, std::int64_t number) {
    const hf::Row key_row = Key(key);
    const hf::Row row = {hf::Value(number)};
    engine_->Add(&key_row, &row);
  }
  void AddInitialState(const nb::object& key, std::int64_t number) {
    const hf::Row key_row = Key(key);
    const hf::Row row = {hf::Value(number)};
    engine_->AddInitialState(&key_row, &row);
  }
  void Run() {
    Guarded([&] { engine_->RunBatch(); });
  }
  void Crash() {
    Guarded([&] { engine_->CrashInBatch(); });
  }
  void Restart() {
    Guarded([&] { engine_->Restart(); });
  }
  void Evolve(nb::object make_runner) {
    Guarded([&] { engine_->Evolve(Factory(std::move(make_runner))); });
  }
  void SetTimes(std::int64_t processing_time_ms, std::int64_t watermark_ms) {
    engine_->processing_time_ms = processing_time_ms;
    engine_->watermark_ms = watermark_ms;
  }
  std::vector<std::int64_t> Timers(const nb::object& key) {
    const hf::Row key_row = Key(key);
    return engine_->Timers(&key_row);
  }

  nb::object PeekValue(const std::string& name, const nb::object& key, const std::string& schema_json) {
    const Variable variable(name, schema_json);
    nb::object found = nb::none();
    Use(key, [&](hf::detail::StateSlots& slots) {
      const hf::Row* row = hf::ValueState<hf::Row>(&slots.Value(name, *variable.layout)).Get();
      found = row == nullptr ? nb::none() : RowToTuple(*row, variable.schema, {});
    });
    return found;
  }
  nb::list PeekList(const std::string& name, const nb::object& key, const std::string& schema_json) {
    const Variable variable(name, schema_json);
    nb::list found;
    Use(key, [&](hf::detail::StateSlots& slots) {
      for (const hf::Row& row : hf::ListState<hf::Row>(&slots.List(name, *variable.layout)).Get()) {
        found.append(RowToTuple(row, variable.schema, {}));
      }
    });
    return found;
  }
  nb::dict PeekMap(const std::string& name, const nb::object& key, const std::string& key_json,
                   const std::string& schema_json) {
    const Variable user_key(name, key_json);
    const Variable value(name, schema_json);
    nb::dict found;
    Use(key, [&](hf::detail::StateSlots& slots) {
      const hf::MapState<hf::Row, hf::Row> state(&slots.Map(name, *user_key.layout, *value.layout));
      for (const auto& [map_key, one] : state.Iterator()) {
        found[RowToTuple(map_key, user_key.schema, {})] = RowToTuple(one, value.schema, {});
      }
    });
    return found;
  }
  void UpdateValue(const std::string& name, const nb::object& key, const std::string& schema_json,
                   const nb::object& given) {
    const Variable variable(name, schema_json);
    const hf::Row row = variable.Read(given);
    Use(key, [&](hf::detail::StateSlots& slots) {
      hf::ValueState<hf::Row>(&slots.Value(name, *variable.layout)).Update(row);
    });
  }
  void UpdateList(const std::string& name, const nb::object& key, const std::string& schema_json,
                  const nb::object& given) {
    const Variable variable(name, schema_json);
    std::vector<hf::Row> rows;
    for (const nb::handle each : given) {
      rows.push_back(variable.Read(each));
    }
    Use(key,
        [&](hf::detail::StateSlots& slots) { hf::ListState<hf::Row>(&slots.List(name, *variable.layout)).Put(rows); });
  }
  void UpdateMap(const std::string& name, const nb::object& key, const std::string& key_json,
                 const std::string& schema_json, const nb::dict& given) {
    const Variable user_key(name, key_json);
    const Variable value(name, schema_json);
    std::vector<std::pair<hf::Row, hf::Row>> entries;
    for (const auto& [map_key, one] : given) {
      entries.emplace_back(user_key.Read(map_key), value.Read(one));
    }
    Use(key, [&](hf::detail::StateSlots& slots) {
      hf::MapState<hf::Row, hf::Row> state(&slots.Map(name, *user_key.layout, *value.layout));
      state.Clear();
      for (const auto& [map_key, one] : entries) {
        state.UpdateValue(map_key, one);
      }
    });
  }
  void DeleteState(const std::string& name, const nb::object& key) {
    const hf::Row key_row = Key(key);
    Guarded([&] { engine_->RemoveVariable(name, &key_row); });
  }

 private:
  struct Variable {
    Variable(const std::string& variable_name, const std::string& schema_json)
        : name(variable_name), schema(OrThrow(hf::Schema::Parse(schema_json))), layout(hf::RowLayout(schema)) {}
    [[nodiscard]] hf::Row Read(nb::handle given) const {
      hf::Row row;
      RowFromPython(given, schema, "the value of state variable " + name, &row);
      return row;
    }
    const std::string name;
    const hf::Schema schema;
    const std::shared_ptr<const hf::TypeLayout> layout;
  };

  [[nodiscard]] std::shared_ptr<const hf::ProcessorFactory> Factory(nb::object make_runner) {
    return MakePythonFactory(std::move(make_runner), key_, NumberSchema(), NumberSchema(), NumberSchema(), thrown_);
  }
  [[nodiscard]] hf::Row Key(nb::handle key) const {
    hf::Row row;
    RowFromPython(key, key_, "the key", &row);
    return row;
  }
  void Use(const nb::object& key, const std::function<void(hf::detail::StateSlots&)>& use) {
    const hf::Row key_row = Key(key);
    Guarded([&] { engine_->UseState(&key_row, use); });
  }
  // What the user's code throws comes out as it was thrown.
  template <typename Call>
  void Guarded(const Call& call) {
    try {
      call();
    } catch (const hf::StatusError& error) {
      const nb::object thrown = thrown_->Take(error.status());
      if (!thrown.is_valid()) {
        throw;
      }
      PyErr_SetObject(reinterpret_cast<PyObject*>(thrown.type().ptr()), thrown.ptr());
      throw nb::python_error();
    }
  }

  const hf::Schema key_;
  const std::shared_ptr<Thrown> thrown_ = std::make_shared<Thrown>();
  std::unique_ptr<hf::detail::TesterEngine> engine_;
};

}  // namespace

void BindTester(nb::module_& module) {
  nb::class_<Tester>(module, "Tester", "One partition's task over a disk in memory.")
      .def(nb::init<nb::object, const std::string&, const std::string&, const hf::Options&>(), nb::arg("make_runner"),
           nb::arg("key_json"), nb::arg("time_mode"), nb::arg("conf"))
      .def("add", &Tester::Add, nb::arg("key"), nb::arg("number"))
      .def("add_initial_state", &Tester::AddInitialState, nb::arg("key"), nb::arg("number"))
      .def("run", &Tester::Run)
      .def("crash", &Tester::Crash)
      .def("restart", &Tester::Restart)
      .def("evolve", &Tester::Evolve, nb::arg("make_runner"))
      .def("set_times", &Tester::SetTimes, nb::arg("processing_time_ms"), nb::arg("watermark_ms"))
      .def("timers", &Tester::Timers, nb::arg("key"))
      .def("peek_value", &Tester::PeekValue, nb::arg("name"), nb::arg("key"), nb::arg("schema_json"))
      .def("peek_list", &Tester::PeekList, nb::arg("name"), nb::arg("key"), nb::arg("schema_json"))
      .def("peek_map", &Tester::PeekMap, nb::arg("name"), nb::arg("key"), nb::arg("key_json"), nb::arg("schema_json"))
      .def("update_value", &Tester::UpdateValue, nb::arg("name"), nb::arg("key"), nb::arg("schema_json"),
           nb::arg("value"))
      .def("update_list", &Tester::UpdateList, nb::arg("name"), nb::arg("key"), nb::arg("schema_json"),
           nb::arg("elements"))
      .def("update_map", &Tester::UpdateMap, nb::arg("name"), nb::arg("key"), nb::arg("key_json"),
           nb::arg("schema_json"), nb::arg("entries"))
      .def("delete_state", &Tester::DeleteState, nb::arg("name"), nb::arg("key"));
}

}  // namespace hfpy
