// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "holdfast/listener.h"

namespace hf {

// Passes events on to those that are listeners of the process now, and logs what they throw; null: there are none.
std::shared_ptr<StreamingQueryListener> ListenersNow();

}  // namespace hf
