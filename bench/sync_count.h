// SPDX-License-Identifier: Apache-2.0
// Counts what the whole process syncs, whichever library does it.
#pragma once

#include <cstdint>

namespace bench {

// Calls of fsync and fdatasync so far.
std::int64_t SyncCount();

}  // namespace bench
