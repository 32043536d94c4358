// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gil.h"
#include "holdfast/evolution_check.h"
#include "holdfast/value.h"
#include "processor.h"
#include "rows.h"

namespace hfpy {

namespace {

// In the words of the command line.
hf::EvolutionPolicy PolicyOf(const std::string& name) {
  for (const auto& [word, policy] : {std::pair("backward", hf::EvolutionPolicy::kBackward),
                                     {"forward", hf::EvolutionPolicy::kForward},
                                     {"forward_transitive", hf::EvolutionPolicy::kForwardTransitive},
                                     {"full", hf::EvolutionPolicy::kFull},
                                     {"full_transitive", hf::EvolutionPolicy::kFullTransitive}}) {
    if (name == word) {
      return policy;
    }
  }
  throw hf::StatusError(
      hf::Invalid("the policy is backward, forward, forward_transitive, full or full_transitive, not " + name));
}

std::optional<hf::TimeMode> TimeModeOf(const std::optional<std::string>& name) {
  for (const hf::TimeMode mode : {hf::TimeMode::kNone, hf::TimeMode::kProcessingTime, hf::TimeMode::kEventTime}) {
    if (name == hf::TimeModeName(mode)) {
      return mode;
    }
  }
  return std::nullopt;
}

std::optional<hf::OutputMode> OutputModeOf(const std::optional<std::string>& name) {
  for (const hf::OutputMode mode : {hf::OutputMode::kAppend, hf::OutputMode::kUpdate, hf::OutputMode::kComplete}) {
    if (name == hf::OutputModeName(mode)) {
      return mode;
    }
  }
  return std::nullopt;
}

nb::dict ChangeToPython(const hf::EvolutionChange& change) {
  nb::dict made;
  made["direction"] = change.direction;
  made["variable"] = change.variable;
  made["path"] = change.path;
  made["before"] = change.before;
  made["after"] = change.after;
  made["verdict"] = change.verdict;
  made["refused"] = change.refused;
  made["condition"] = change.condition;
  made["spark_condition"] = change.spark_condition;
  made["spark_then"] = change.spark_then;
  made["sentence"] = change.sentence;
  return made;
}

nb::dict SampleToPython(const hf::VariableSample& sample) {
  nb::list texts;
  for (std::int64_t row = 0; row < sample.examples.rows(); ++row) {
    texts.append(hf::ToJson(sample.examples.RowAt(row), sample.examples.schema()));
  }
  nb::dict made;
  made["variable"] = sample.variable;
  made["is_left_out"] = sample.is_left_out;
  made["entries"] = sample.entries;
  made["is_all"] = sample.is_all;
  made["failed"] = sample.failed;
  made["failures"] = sample.failures;
  made["examples"] = Rows{.schema = sample.examples.schema(), .batches = {sample.examples}};
  made["examples_json"] = texts;
  return made;
}

// {changes, hazards, samples, refusal}, the last as (kind, condition, message) or None. What the processor's init
// throws comes as it was thrown.
nb::dict Check(const std::string& checkpoint, nb::object make_runner, const std::optional<std::string>& key_json,
               const std::optional<std::string>& time_mode, const std::optional<std::string>& output_mode,
               const std::map<std::string, std::string>& conf, const std::vector<std::string>& accept,
               const std::string& policy, std::optional<std::int64_t> sample, std::optional<std::int64_t> operator_id) {
  const auto thrown = std::make_shared<Thrown>();
  hf::EvolutionCheckOptions options;
  options.operator_id = operator_id;
  options.processor =
      MakePythonFactory(std::move(make_runner), hf::Schema(), hf::Schema(), hf::Schema(), std::nullopt, thrown);
  if (key_json.has_value()) {
    options.key = OrThrow(hf::Schema::Parse(*key_json));
  }
  options.time_mode = TimeModeOf(time_mode);
  options.output_mode = OutputModeOf(output_mode);
  options.conf = conf;
  options.accept = accept;
  options.policy = PolicyOf(policy);
  options.sample = sample;
  const auto check = WithoutGil([&] { return hf::CheckEvolution(checkpoint, options); });
  if (!check.ok()) {
    thrown->ThrowIfAny(check.status());
  }
  ThrowUnlessOk(check.status());
  nb::list changes;
  for (const hf::EvolutionChange& change : check->changes) {
    changes.append(ChangeToPython(change));
  }
  nb::list samples;
  for (const hf::VariableSample& each : check->samples) {
    samples.append(SampleToPython(each));
  }
  nb::dict made;
  made["changes"] = changes;
  made["hazards"] = check->hazards;
  made["samples"] = samples;
  made["refusal"] = check->status.ok() ? nb::none() : nb::object(StatusToPython(check->status));
  return made;
}

}  // namespace

void BindCheck(nb::module_& module) {
  module.def("check_evolution", &Check, nb::arg("checkpoint"), nb::arg("make_runner"), nb::arg("key_json").none(),
             nb::arg("time_mode").none(), nb::arg("output_mode").none(), nb::arg("conf"), nb::arg("accept"),
             nb::arg("policy"), nb::arg("sample").none(), nb::arg("operator_id").none());
}

}  // namespace hfpy
