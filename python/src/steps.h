// SPDX-License-Identifier: Apache-2.0
// Steps on rows: Spark's SQL expressions, as texts.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "holdfast/query.h"

namespace hfpy {

// kind: select (any number of texts), filter (one), withColumn (name, expression), watermark (column, delay).
decltype(hf::StepDescription::what) StepOf(const std::string& kind, const std::vector<std::string>& texts);

void BindSteps(nanobind::module_& module);

}  // namespace hfpy
