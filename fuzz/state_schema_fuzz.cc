// SPDX-License-Identifier: Apache-2.0
// State schema files, version 3.
#include "fuzz_target.h"
#include "state/state_schema_file.h"

namespace hf {

HOLDFAST_FUZZ_TARGET(state_schema) {
  const auto families = DecodeStateSchemaFile(bytes);
  if (!families.ok()) {
    return;
  }
  // The file may list the families in another order than ours; after that nothing may change.
  const std::string once = EncodeStateSchemaFile(*families);
  const auto again = DecodeStateSchemaFile(once);
  HF_FUZZ_CHECK(again.ok() && again->size() == families->size());
  HF_FUZZ_CHECK(EncodeStateSchemaFile(*again) == once);
}

}  // namespace hf
