// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/conf.h"
#include "engine/continuing.h"
#include "holdfast/query.h"
#include "query/environment.h"

namespace hf {

// What can be refused of the source before the checkpoint is touched: its format, its options, a schema that is missing
// or too much. Writes nothing and reads nothing of the input.
Status CheckSource(const QueryDescription& description, const Conf& conf);

// The source of the description. It reads its log in the checkpoint, where nobody else may write from now on.
Result<std::shared_ptr<Source>> MakeSource(const QueryDescription& description, const Conf& conf,
                                           const Environment& environment, const std::string& checkpoint);

// The directory that it reads; empty for one that reads none, or that the host brings. REQUIRES: CheckSource has taken
// the description.
Result<std::string> SourceDirectory(const QueryDescription& description);

// Whether sources of this format bring their schema themselves, so that the query must not.
bool HasOwnSchema(const std::string& source_format);

// Who reads the query's input.
SourceKind SourceKindOf(const QueryDescription& description);

}  // namespace hf
