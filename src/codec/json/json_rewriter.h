// SPDX-License-Identifier: Apache-2.0
// JSON written again as Jackson does that has read it (JsonGenerator.copyCurrentStructure): without space, numbers with
// a point as doubles, characters beyond 16 bits as two escapes.
#pragma once

#include <string>

#include "codec/json/json_cursor.h"

namespace hf {

// Adds the value at the cursor and moves behind it. false: it is not JSON, and something of it may have been added.
bool RewriteJson(JsonCursor& cursor, std::string* out);

}  // namespace hf
