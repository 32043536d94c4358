// SPDX-License-Identifier: Apache-2.0
// The text of a query file (holdfast/query_file.h), apart from where it and its processor come from.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "holdfast/processor.h"
#include "holdfast/query.h"

namespace hf {

// Gives the processor `name` of the library at a path, as LoadProcessor does.
using ProcessorLoader =
    std::function<Result<std::shared_ptr<const ProcessorFactory>>(const std::string& library, const std::string& name)>;

// Paths are taken relative to `directory`.
Result<QueryDescription> ParseQueryText(std::string_view text, const std::string& directory,
                                        const ProcessorLoader& load);

}  // namespace hf
