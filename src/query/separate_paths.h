// SPDX-License-Identifier: Apache-2.0
// Whether source, sink and checkpoint of a query keep out of one another's way, so that nothing that the query writes
// comes back as its input, and no reader of the sink or the checkpoint meets files that are not theirs.
//
// Beside one another under one root is fine. So is what lies under a name that begins with '_' or '.', which a source
// and the readers of a table pass over: tables/t/_checkpoint is how Spark's users do it.
#pragma once

#include <string>

#include "holdfast/status.h"

namespace hf {

struct QueryPaths {
  std::string source;  // absolute; may be a pattern; empty: no files are read
  std::string sink;    // absolute; empty: no directory is written
  std::string checkpoint;
};

// kInvalid names the two that overlap, and their paths. Symbolic links are followed.
Status CheckSeparate(const QueryPaths& paths);

}  // namespace hf
