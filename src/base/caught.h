// SPDX-License-Identifier: Apache-2.0
// Where the host's code may throw into ours: the end of a thread, a callback.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

// Runs `work`, which returns a Status; what it throws becomes one: a StatusError its own, anything else kInternal.
template <typename Work>
Status Caught(const Work& work) {
  try {
    return work();
  } catch (const StatusError& error) {
    return error.status();
  } catch (const std::exception& error) {
    return Internal(error.what());
  } catch (...) {
    return Internal("something was thrown that is no std::exception");
  }
}

// The same for a function of the user's: what it throws of its own becomes kUser under `condition`. `failed` says which
// function has failed: "the function of MapBatches failed".
template <typename Work>
Status CaughtFromUser(const std::string& failed, std::string_view condition, const Work& work) {
  try {
    return work();
  } catch (const StatusError& error) {
    return error.status();
  } catch (const std::exception& error) {
    return UserError(failed + ": " + error.what(), std::string(condition));
  } catch (...) {
    return UserError(failed + ": it threw something that is no std::exception", std::string(condition));
  }
}

}  // namespace hf
