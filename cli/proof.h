// SPDX-License-Identifier: Apache-2.0
// The proof of the demo: what the engine produced, against an independent SQL recomputation from the raw event files.
#pragma once

#include <string>

#include "holdfast/sql.h"

namespace hf::cli {

struct ProofInput {
  std::string events_directory;
  std::string format;  // json or parquet
  std::string v1_table;
  std::string v2_table;
  std::string checkpoint;
};

struct ProofResult {
  bool holds = false;
  std::string
      report;  // for people: what was compared and how many rows; the first differing rows when it does not hold
};

// Makes the tables v1_sessions and v2_sessions (from Delta), state and evolved (from the checkpoint) in the session,
// recomputes them from the events and compares both ways, row for row.
Result<ProofResult> ProveDemo(SqlSession& sql, const ProofInput& input);

}  // namespace hf::cli
