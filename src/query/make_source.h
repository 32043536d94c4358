// SPDX-License-Identifier: Apache-2.0
// The source of one input of a query: what can be refused of it beforehand, its columns, and the opened source.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/conf.h"
#include "engine/continuing.h"
#include "holdfast/log.h"
#include "holdfast/query.h"
#include "query/environment.h"

namespace hf {

// What can be refused of an input before the checkpoint is touched: its format, its options, a schema that is missing
// or too much. Writes nothing and reads nothing of the input.
Status CheckInput(const InputDescription& input, const Conf& conf);

// The three below: REQUIRES: CheckInput has taken the input.
// The schema of the rows that the input's source will give. Looks at the table where the columns are a table's.
Result<Schema> SchemaOfInput(const InputDescription& input);
// The directory that it reads; empty for one that reads none, or that the host brings.
Result<std::string> InputDirectory(const InputDescription& input);
// Who reads it.
SourceKind SourceKindOf(const InputDescription& input);

// Where a source stands in its query.
struct SourcePlace {
  std::size_t number = 0;  // of the input
  std::string checkpoint;
  std::function<void(LogLevel level, std::string_view message)> tell;  // what people should know
};
// It reads its log in the checkpoint, where nobody else may write from now on.
Result<std::shared_ptr<Source>> OpenSource(const InputDescription& input, const Conf& conf,
                                           const Environment& environment, const SourcePlace& place);

// "json", "csv", "parquet", "text", in any case: of sources and sinks.
bool IsFileFormat(const std::string& format);
// The last of them, whose rows are one column of strings: "value" where nobody says another name.
bool IsText(const std::string& format);

// The options of an input that reads files or a table, with its path as an absolute one among them.
Result<Options> FileOptionsOf(const InputDescription& input);
// The columns that are given; those of text where nobody gives them.
Schema DeclaredSchema(const InputDescription& input);

// Whether sources of this format bring their columns themselves, so that the query must not.
bool HasOwnSchema(const std::string& source_format);

}  // namespace hf
