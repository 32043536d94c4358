// SPDX-License-Identifier: Apache-2.0
// The operating system's files for RocksDB, but nothing is ever synced: its directory is scratch, and what a snapshot
// takes of it is synced where it goes (FileSystem::LinkFrom). Opening a database costs six syncs otherwise, which
// wait for everybody else's data on the disk.
#pragma once

#include <rocksdb/env.h>

namespace hf {

// Lives as long as the process.
rocksdb::Env* UnsyncedEnv();

}  // namespace hf
