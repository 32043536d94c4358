// SPDX-License-Identifier: Apache-2.0
// Threads that work ahead or behind give way to the batch.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace hf {

// Lowers the priority of the calling thread: it then takes what others leave, mostly while a barrier waits for the
// disk. Whoever needs its result waits for it without working, so that it comes all the same. Linux sets the priority
// of one thread; a refusal costs only speed.
inline void GiveWayToOthers() {
  constexpr int kNice = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace hf
