// SPDX-License-Identifier: Apache-2.0
// Floating numbers that group together made the same bytes, as Spark's NormalizeFloatingNumbers makes them: -0.0
// becomes 0.0, and every NaN the canonical one. At any depth of structs and arrays. Spark 4.3 normalises so for
// aggregations and deduplication; its transformWithState keeps the bytes of whichever row of a group comes first, and
// so may have two states for what it takes for one group.
#pragma once

#include "holdfast/struct_layout.h"

namespace hf {

// Whether a datum of `type` can hold a float or double.
bool HoldsFloats(const DataType& type);

// REQUIRES: `object` is of `layout` and holds no map.
void NormalizeFloats(const TypeLayout& layout, void* object);

}  // namespace hf
