// SPDX-License-Identifier: Apache-2.0
// Range keys: whatever is read is written again with the same bytes, else two keys would stand for one value.
#include "codec/avro/range_key.h"
#include "fuzz_target.h"

namespace hf {

HOLDFAST_FUZZ_TARGET(range_key) {
  static const std::vector<Schema> schemas = [] {
    std::vector<Schema> made;
    for (const char* ddl : {"t BIGINT", "a INT,b DOUBLE", "a FLOAT,b BOOLEAN,c SMALLINT,d TINYINT",
                            "a DATE,b TIMESTAMP", "a TIMESTAMP_NTZ", "a DECIMAL(10,2)"}) {
      auto schema = Schema::FromDdl(ddl);
      HF_FUZZ_CHECK(schema.ok());
      if (CheckRangeKey(*schema).ok()) {
        made.push_back(std::move(*schema));
      }
    }
    return made;
  }();
  const Schema& schema = schemas[fuzz::TakeByte(bytes) % schemas.size()];
  if (const auto row = ReadRangeKey(schema, bytes); row.ok()) {
    std::string written;
    HF_FUZZ_CHECK(AppendRangeKey(schema, *row, written).ok());
    HF_FUZZ_CHECK(written == bytes);
  }
  if (const auto number = ReadRangeLong(bytes); number.ok()) {
    std::string written;
    AppendRangeLong(*number, written);
    HF_FUZZ_CHECK(written == bytes);
  }
}

}  // namespace hf
