// SPDX-License-Identifier: Apache-2.0
#include "state/state_row_reader.h"

#include <fmt/core.h>

namespace hf {

Result<StateRowReader> StateRowReader::Compile(StateEncoding encoding, const std::map<int, Schema>& written,
                                               const TypeLayout& layout) {
  StateRowReader made;
  if (encoding == StateEncoding::kUnsafeRow) {
    HF_ASSIGN_OR_RETURN(made.unsafe_, UnsafeRowReader::Compile(written.rbegin()->second, layout));
    return made;
  }
  for (const auto& [id, schema] : written) {
    HF_ASSIGN_OR_RETURN(AvroReader reader, AvroReader::Compile(schema, layout));
    made.avro_.emplace(id, std::move(reader));
  }
  return made;
}

Status StateRowReader::Decode(const FramedRow& row, void* object) const {
  if (unsafe_.has_value()) {
    return unsafe_->Decode(row.bytes, object);
  }
  const auto reader = avro_.find(row.schema_id);
  if (reader == avro_.end()) {
    return Corrupt(fmt::format("a stored row names schema id {}, which no state schema file has", row.schema_id));
  }
  return reader->second.Decode(row.bytes, object);
}

}  // namespace hf
