// SPDX-License-Identifier: Apache-2.0
// Environment: the outside that a query runs in. Production has one; tests bring faulty disks and virtual clocks.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "files/file_system.h"
#include "holdfast/query.h"
#include "holdfast/rehearsal.h"
#include "holdfast/state_reader.h"

namespace hf {

struct Environment {
  std::shared_ptr<FileSystem> files;  // of one query's checkpoint and input
  Clock* clock = nullptr;             // these two outlive every query
  Random* random = nullptr;
};

// The real disk, clock and randomness of this process. Each call makes a file system of its own: what one query left
// unsynced is not another's business.
Environment ProcessEnvironment();

// StartQuery of the public API, in an environment.
Result<std::unique_ptr<StreamingQuery>> StartQuery(const QueryDescription& description, const Environment& environment);

// RehearseQuery of the public API, in an environment: the file system beneath is that of the environment.
Result<Rehearsal> RehearseQuery(const QueryDescription& description, const Environment& environment);

// ReadState of the public API, in an environment.
Status ReadState(const std::string& checkpoint, const StateReadOptions& options,
                 const std::function<Status(const ColumnBatch&)>& visit, const Environment& environment);

}  // namespace hf
