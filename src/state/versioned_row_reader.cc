// SPDX-License-Identifier: Apache-2.0
#include "state/versioned_row_reader.h"

#include <fmt/core.h>

namespace hf {

Result<VersionedRowReader> VersionedRowReader::Compile(StateEncoding encoding, const std::map<int, Schema>& written,
                                                       const TypeLayout& layout) {
  VersionedRowReader made;
  if (encoding == StateEncoding::kUnsafeRow) {
    HF_ASSIGN_OR_RETURN(StateRowReader reader, StateRowReader::Compile(encoding, written.rbegin()->second, layout));
    made.readers_.emplace(0, std::move(reader));  // the id that its frames are read as
    return made;
  }
  for (const auto& [id, schema] : written) {
    HF_ASSIGN_OR_RETURN(StateRowReader reader, StateRowReader::Compile(encoding, schema, layout));
    made.readers_.emplace(id, std::move(reader));
  }
  return made;
}

Status VersionedRowReader::Decode(const FramedRow& row, void* object) const {
  const auto reader = readers_.find(row.schema_id);
  if (reader == readers_.end()) {
    return Corrupt(fmt::format("a stored row names schema id {}, which no state schema file has", row.schema_id));
  }
  return reader->second.Decode(row.bytes, object);
}

}  // namespace hf
