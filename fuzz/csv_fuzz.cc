// SPDX-License-Identifier: Apache-2.0
// CSV files. First byte: mode and dialect; second: after how many rows the reading is broken off.
#include "codec/csv/csv_reader.h"
#include "fuzz_target.h"
#include "text_rows.h"

namespace hf {

HOLDFAST_FUZZ_TARGET(csv) {
  static const Schema schema = fuzz::SchemaOfDdl(
      "session_id STRING,n INT,l BIGINT,f FLOAT,d DOUBLE,dec DECIMAL(20,4),b BOOLEAN,bin BINARY,day DATE,ts TIMESTAMP,"
      "ntz TIMESTAMP_NTZ,_corrupt_record STRING");
  const unsigned choice = fuzz::TakeByte(bytes);
  const std::int64_t rows_max = 1 + fuzz::TakeByte(bytes) % 5;
  CsvReadOptions options = {.mode = fuzz::kModes[choice % 3]};
  options.header = (choice & 4) != 0;
  options.multi_line = (choice & 8) != 0;
  options.comment = (choice & 16) != 0 ? '#' : '\0';
  const auto make = [&] { return CsvReader::Make(schema, options); };
  const auto rows = fuzz::ReadAll(make, bytes, std::int64_t{1} << 40);
  const auto in_parts = fuzz::ReadAll(make, bytes, rows_max);
  if (rows.has_value() && in_parts.has_value()) {
    HF_FUZZ_CHECK(rows->rows == in_parts->rows);
  }
}

}  // namespace hf
