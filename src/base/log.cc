// SPDX-License-Identifier: Apache-2.0
#include "holdfast/log.h"

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace hf {
namespace {

using Sink = std::function<void(LogLevel, std::string_view)>;

void ToStandardError(LogLevel level, std::string_view message) {
  if (level >= LogLevel::kWarning) {
    const std::string line = "holdfast: " + std::string(LogLevelName(level)) + ": " + std::string(message) + "\n";
    std::fputs(line.c_str(), stderr);
  }
}

struct SinkHolder {
  std::mutex mutex;  // guards sink; never held while the sink runs
  std::shared_ptr<const Sink> sink = std::make_shared<const Sink>(ToStandardError);
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
  auto next = std::make_shared<const Sink>(sink ? std::move(sink) : Sink(ToStandardError));
  std::lock_guard lock(Holder().mutex);
  Holder().sink.swap(next);
}

void Log(LogLevel level, std::string_view message) noexcept {
  try {
    std::shared_ptr<const Sink> sink;
    {
      std::lock_guard lock(Holder().mutex);
      sink = Holder().sink;
    }
    (*sink)(level, message);
  } catch (...) {
    // The host's sink failed. There is nobody left to tell, and the batch must not fail over a message.
  }
}

}  // namespace hf
