// SPDX-License-Identifier: Apache-2.0
// RowChecksum: Spark's checksum of each row of state (spark.sql.streaming.stateStore.rowChecksum.enabled; Spark 4.3
// StateStoreRowChecksum). What the store keeps is then
//
//   value, element of a list   crc32c(key, row)  size of row  row      in RocksDB and in changelogs
//   key of a delete            crc32c(key)  key                        in changelogs only
//
// with int32 in little-endian order. The elements of a list stand so one by one, joined by the database's delimiter.
// Only the store knows: rows are framed on their way in and verified on their way out (docs/formats/state_value.md).
#pragma once

#include <string>
#include <string_view>

#include "holdfast/status.h"
#include "state/changelog.h"

namespace hf {

// Appends the framed row to `out`.
void AppendChecksummed(std::string_view key, std::string_view row, std::string& out);
inline constexpr std::size_t kRowChecksumBytes = 8;

// The rows in `stored` without their checksums, the delimiter between them: a view of `stored` when it is one row, of
// *joined when there are more. kCorrupt names the key.
Result<std::string_view> VerifyRows(std::string_view key, std::string_view stored, std::string_view delimiter,
                                    std::string* joined);

// Verifies each record of a changelog that was read and takes the checksums off the keys of its deletes. The values
// stay as they are stored.
Status VerifyChangelog(Changelog* changelog, std::string_view delimiter);
// The other way round: puts checksums before the keys of the deletes. `content` is a whole changelog whose first record
// begins at `first`.
std::string ChecksumDeletes(std::string_view content, std::size_t first);

}  // namespace hf
