// SPDX-License-Identifier: Apache-2.0
// holdfast._engine: the C++ library as the Python package sees it. Nothing here is for users; python/holdfast is.
#include <nanobind/nanobind.h>

#include "check.h"
#include "gil.h"
#include "processor.h"
#include "query.h"
#include "rows.h"
#include "state.h"
#include "steps.h"
#include "tables.h"
#include "tester.h"
#include "values.h"

namespace nb = nanobind;

NB_MODULE(_engine, module) {
  // What modules keep to the end of the process is no leak.
  nb::set_leak_warnings(false);
  hfpy::ImportClasses();
  hfpy::RegisterExceptions(module);
  hfpy::BindRows(module);
  hfpy::BindState(module);
  hfpy::BindProcessor(module);
  hfpy::BindQuery(module);
  hfpy::BindListeners(module);
  hfpy::BindSteps(module);
  hfpy::BindTables(module);
  hfpy::BindTester(module);
  hfpy::BindCheck(module);
}
