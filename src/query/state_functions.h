// SPDX-License-Identifier: Apache-2.0
// read_statestore and read_state_metadata in SQL, as in Databricks SQL:
//
//   SELECT key.id, value.n FROM read_statestore('checkpoint', stateVarName => 'counts', batchId => 3)
//   SELECT * FROM read_state_metadata('checkpoint')
//
// The first argument is the checkpoint; the others have the names of Spark's reader options and must be literals.
#pragma once

#include <string>

#include "holdfast/sql.h"

namespace hf {

// The statement with every such call replaced by a table of `session` that holds its rows. kInvalid: the call cannot be
// understood, or what the reader says of the checkpoint.
Result<std::string> ExpandStateFunctions(SqlSession& session, const std::string& sql);

}  // namespace hf
