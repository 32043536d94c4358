// SPDX-License-Identifier: Apache-2.0
// The program's own fsync and fdatasync: the dynamic linker looks into the program first, so that every shared library
// comes here, also one that is opened later.
#include "sync_count.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<std::int64_t> syncs{0};

int CountedSync(long call, int file) {
  syncs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(syscall(call, file));
}

}  // namespace

extern "C" int fsync(int file) { return CountedSync(SYS_fsync, file); }
extern "C" int fdatasync(int file) { return CountedSync(SYS_fdatasync, file); }

namespace bench {

std::int64_t SyncCount() { return syncs.load(); }

}  // namespace bench
