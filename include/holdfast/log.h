// SPDX-License-Identifier: Apache-2.0
// What the library wants to say beside results and errors: a file that was passed over, a snapshot that cannot be used,
// a setting that is not in force. Warnings and errors go to standard error, a line each, and the rest nowhere, until
// the program gives a sink of its own.
#pragma once

#include <functional>
#include <string_view>

namespace hf {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error".
std::string_view LogLevelName(LogLevel level);

// The sink is called from any thread, several at a time, until SetLogSink has returned with another one and
// the calls under way have ended. What it throws is swallowed. An empty function: as it was at first.
void SetLogSink(std::function<void(LogLevel, std::string_view)> sink);

void Log(LogLevel level, std::string_view message) noexcept;

}  // namespace hf
