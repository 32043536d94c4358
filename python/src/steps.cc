// SPDX-License-Identifier: Apache-2.0
#include "steps.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "gil.h"
#include "holdfast/conf.h"
#include "holdfast/row_steps.h"
#include "rows.h"

namespace hfpy {

decltype(hf::StepDescription::what) StepOf(const std::string& kind, const std::vector<std::string>& texts) {
  if (kind == "select") {
    return hf::SelectDescription{.expressions = texts};
  }
  if (kind == "filter") {
    return hf::FilterDescription{.condition = texts.at(0)};
  }
  if (kind == "withColumn") {
    return hf::WithColumnDescription{.name = texts.at(0), .expression = texts.at(1)};
  }
  if (kind == "watermark") {
    return hf::WatermarkDescription{.event_time = texts.at(0), .delay_threshold = texts.at(1)};
  }
  throw hf::StatusError(hf::Internal("unknown step " + kind));
}

namespace {

using Step = std::pair<std::string, std::vector<std::string>>;

class Steps {
 public:
  Steps(const std::string& schema_json, const std::vector<Step>& steps, const std::string& time_zone) {
    std::vector<hf::StepDescription> described;
    described.reserve(steps.size());
    for (const auto& [kind, texts] : steps) {
      described.push_back({.what = StepOf(kind, texts)});
    }
    steps_ = OrThrow(hf::RowSteps::Compile(OrThrow(hf::Schema::Parse(schema_json)), described, time_zone));
  }
  std::string SchemaJson() const { return steps_->output().ToJson(); }
  Rows Apply(const nb::object& source) {
    const Rows rows = RowsFrom(source);
    Rows made{.schema = steps_->output(), .batches = {}};
    WithoutGil([&] {
      for (const hf::ColumnBatch& batch : rows.batches) {
        made.batches.push_back(OrThrow(steps_->Apply(batch)));
      }
    });
    return made;
  }

 private:
  std::shared_ptr<hf::RowSteps> steps_;
};

}  // namespace

void BindSteps(nb::module_& module) {
  nb::class_<Steps>(module, "Steps", "select, filter, withColumn and watermark steps over rows outside a query.")
      .def(nb::init<const std::string&, const std::vector<Step>&, const std::string&>(), nb::arg("schema_json"),
           nb::arg("steps"), nb::arg("time_zone"))
      .def_prop_ro("schema_json", &Steps::SchemaJson)
      .def("apply", &Steps::Apply, nb::arg("rows"));
  module.def("conf_default", &hf::SettingDefault, nb::arg("key"),
             "The default of a setting that queries know; None for any other key.");
}

}  // namespace hfpy
