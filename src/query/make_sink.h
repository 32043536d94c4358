// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/conf.h"
#include "holdfast/query.h"
#include "query/environment.h"

namespace hf {

// The sink that a description names, or the one it brings, for rows with the columns of `result`. Everything that can
// be refused before it is opened is refused here: the format, its options, the output mode, what is missing, columns of
// one name. Writes nothing.
Result<std::shared_ptr<Sink>> MakeSink(const QueryDescription& description, const Schema& result, const Conf& conf,
                                       const Environment& environment, const std::string& checkpoint);

// The directory that it writes; empty for one that writes none, or that the host brings. REQUIRES: MakeSink has taken
// the description.
Result<std::string> SinkDirectory(const QueryDescription& description);

// kInvalid when two columns of a table or file have the same name; Spark 4.3 SchemaUtils.checkColumnNameDuplication,
// which takes no notice of case.
Status CheckColumnNames(const Schema& schema, const std::string& format);

}  // namespace hf
