// SPDX-License-Identifier: Apache-2.0
// What the library wants to say goes to the host's sink. Until there is one, it is dropped: a library in
// somebody's process does not print.
#pragma once

#include <functional>
#include <string_view>

namespace hf {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error".
std::string_view LogLevelName(LogLevel level);

// The sink is called from any thread, several at a time, until SetLogSink has returned with another one and
// the calls under way have ended. What it throws is swallowed. An empty function drops everything.
void SetLogSink(std::function<void(LogLevel, std::string_view)> sink);

// False while there is no sink: saves making a message that nobody reads.
bool HasLogSink();

void Log(LogLevel level, std::string_view message) noexcept;

}  // namespace hf
