// SPDX-License-Identifier: Apache-2.0
// What a process knows of its queries by name: which names are in use, and the tables of memory sinks.
#pragma once

#include <memory>
#include <string>

#include "connect/memory/memory_sink.h"
#include "files/file_system.h"

namespace hf {

// Holds `lock` and the name until it is destroyed. kConflict when an active query has the name already (Spark:
// StreamingQueryManager refuses the second of a name). An empty name is nobody's.
Result<std::unique_ptr<DirectoryLock>> ClaimQueryName(const std::string& name, std::unique_ptr<DirectoryLock> lock);

// From now on ReadMemoryTable(query_name) shows this sink's rows. It lives as long as the process, as Spark's
// temporary view lives as long as the session.
void PublishMemoryTable(const std::string& query_name, std::shared_ptr<const MemorySink> sink);

}  // namespace hf
