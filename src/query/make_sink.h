// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/conf.h"
#include "holdfast/query.h"
#include "query/environment.h"

namespace hf {

// The sink that a description names, or the one it brings. Everything that can be refused before the output's schema is
// known is refused here: the format, its options, the output mode, what is missing. Writes nothing.
Result<std::shared_ptr<Sink>> MakeSink(const QueryDescription& description, const Conf& conf,
                                       const Environment& environment, const std::string& checkpoint);

// The directory that it writes; empty for one that writes none, or that the host brings. REQUIRES: MakeSink has taken
// the description.
Result<std::string> SinkDirectory(const QueryDescription& description);

}  // namespace hf
