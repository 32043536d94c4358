// SPDX-License-Identifier: Apache-2.0
// Schemas as texts: StructType JSON and DDL.
#include "fuzz_target.h"
#include "holdfast/types.h"

namespace hf {

HOLDFAST_FUZZ_TARGET(schema_text) {
  const auto schema = Schema::Parse(bytes);
  if (!schema.ok()) {
    return;
  }
  const std::string json = schema->ToJson();
  const auto from_json = Schema::FromJson(json);
  HF_FUZZ_CHECK(from_json.ok());
  HF_FUZZ_CHECK(*from_json == *schema);
  HF_FUZZ_CHECK(from_json->ToJson() == json);
  static_cast<void>(schema->type().ToString());
  static_cast<void>(schema->type().ToSql());
  if (!bytes.starts_with('{')) {
    const auto from_ddl = Schema::FromDdl(schema->ToDdl());
    HF_FUZZ_CHECK(from_ddl.ok() || schema->size() == 0);
    HF_FUZZ_CHECK(!from_ddl.ok() || *from_ddl == *schema);
  }
}

}  // namespace hf
