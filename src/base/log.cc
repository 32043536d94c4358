// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace hf {
namespace {

using Sink = std::function<void(LogLevel, std::string_view)>;

struct SinkHolder {
  std::atomic<bool> is_set = false;
  std::mutex mutex;  // guards sink; never held while the sink runs
  std::shared_ptr<const Sink> sink;
};

SinkHolder& Holder() {
  // Never destroyed: threads may log while the process ends.
  static SinkHolder& holder = *new SinkHolder();
  return holder;
}

}  // namespace

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "unknown";
}

void SetLogSink(std::function<void(LogLevel, std::string_view)> sink) {
  std::shared_ptr<const Sink> next = sink ? std::make_shared<const Sink>(std::move(sink)) : nullptr;
  SinkHolder& holder = Holder();
  std::lock_guard lock(holder.mutex);
  holder.is_set.store(next != nullptr, std::memory_order_relaxed);
  holder.sink.swap(next);
}

bool HasLogSink() { return Holder().is_set.load(std::memory_order_relaxed); }

void Log(LogLevel level, std::string_view message) noexcept {
  if (!HasLogSink()) {
    return;
  }
  try {
    std::shared_ptr<const Sink> sink;
    {
      std::lock_guard lock(Holder().mutex);
      sink = Holder().sink;
    }
    if (sink != nullptr) {
      (*sink)(level, message);
    }
  } catch (...) {
    // The host's sink failed. There is nobody left to tell, and the batch must not fail over a message.
  }
}

}  // namespace hf
