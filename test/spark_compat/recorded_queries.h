// SPDX-License-Identifier: Apache-2.0
// The queries of recipes/queries.py for Holdfast, from the source to what is to be written.
#pragma once

#include <string>

#include "holdfast/query.h"

namespace hf::test {

// The two operators of a query of recipes/chains.py over the rows of `input`.
ResultStream Chain(DataStream input, TimeMode first, TimeMode second);

// REQUIRES: recipes/queries.py has a query of this name.
ResultStream RecordedQuery(const std::string& name, const std::string& input);

}  // namespace hf::test
