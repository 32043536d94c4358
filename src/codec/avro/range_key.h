// SPDX-License-Identifier: Apache-2.0
// Range keys: ordering columns as Avro whose byte order is the order of the values, so that timers and expiry
// indexes can be scanned up to a time.
//
// Spark 4.3 AvroStateEncoder.encodePrefixKeyForRangeScan: each column c becomes two Avro fields of type bytes,
// c_marker (0x00 negative, 0x01 zero or more, 0x02 null) and c_value (big-endian, fixed size; floating point
// numbers below zero with all bits flipped; zeros for null). Both stand in a union whose branch is never null, so
// that all keys of one schema have one length. Nulls therefore come last.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/status.h"
#include "holdfast/types.h"
#include "holdfast/value.h"

namespace hf {

// kInvalid with STATE_STORE_VARIABLE_SIZE_ORDERING_COLS_NOT_SUPPORTED or
// STATE_STORE_NULL_TYPE_ORDERING_COLS_NOT_SUPPORTED when a column cannot order keys.
Status CheckRangeKey(const Schema& ordering);

// Appends the record of `columns`. kInvalid when they do not fit the schema. REQUIRES: CheckRangeKey(ordering) is ok.
Status AppendRangeKey(const Schema& ordering, const Row& columns, std::string& out);
// kCorrupt when `bytes` are not one such record.
Result<Row> ReadRangeKey(const Schema& ordering, std::string_view bytes);

// The same for the one bigint column of timers and expiry indexes.
inline constexpr std::size_t kRangeLongSize = 13;
void AppendRangeLong(std::int64_t value, std::string& out);
Result<std::int64_t> ReadRangeLong(std::string_view bytes);

}  // namespace hf
