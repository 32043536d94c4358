// SPDX-License-Identifier: Apache-2.0
// Range keys under UnsafeRow; what they are for says codec/avro/range_key.h.
//
// Spark 4.3 UnsafeRowDataEncoder.encodePrefixKeyForRangeScan: an UnsafeRow with a binary field for each ordering
// column, a marker byte and the number, big-endian. A null is a marker and zeros, not a null field, so that all keys of
// one schema have one length and their order is that of their last parts. Spark writes nothing at all for a boolean, so
// that true and false are the same key: those are refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/status.h"
#include "holdfast/types.h"
#include "holdfast/value.h"

namespace hf {

// kInvalid when a column cannot order keys; conditions as CheckRangeKey's.
Status CheckUnsafeRangeKey(const Schema& ordering);

// Appends the row of `columns`. kInvalid when they do not fit the schema. REQUIRES: CheckUnsafeRangeKey(ordering) is
// ok.
Status AppendUnsafeRangeKey(const Schema& ordering, const Row& columns, std::string& out);
// kCorrupt when `bytes` are not the ones that such a row has.
Result<Row> ReadUnsafeRangeKey(const Schema& ordering, std::string_view bytes);

// The same for the one bigint column of timers and expiry indexes.
inline constexpr std::size_t kUnsafeRangeLongSize = 32;
void AppendUnsafeRangeLong(std::int64_t value, std::string& out);
Result<std::int64_t> ReadUnsafeRangeLong(std::string_view bytes);

}  // namespace hf
