// SPDX-License-Identifier: Apache-2.0
// What Spark calls StructType.asNullable: data from outside may lack any value, whatever its schema promises.
#pragma once

#include "holdfast/types.h"

namespace hf {

// The same schema with every field, element and map value nullable, at every level.
Schema AsNullable(const Schema& schema);

}  // namespace hf
