// SPDX-License-Identifier: Apache-2.0
// StateRowReader: the rows of state, whatever encoding and schema version wrote them, into objects of one layout.
#pragma once

#include <map>
#include <optional>

#include "codec/avro/avro_reader.h"
#include "codec/unsafe_row/unsafe_row_reader.h"
#include "state/row_frame.h"

namespace hf {

class StateRowReader {
 public:
  // `written`: every schema of the family, by id; not empty. Rows of UnsafeRow name no schema: theirs is the newest.
  // kInvalid when a schema cannot be read into `layout`, which must outlive the reader.
  static Result<StateRowReader> Compile(StateEncoding encoding, const std::map<int, Schema>& written,
                                        const TypeLayout& layout);

  // Fills `object` (of the layout). kCorrupt when the bytes are no row of the schema they name, or it is unknown.
  Status Decode(const FramedRow& row, void* object) const;

 private:
  StateRowReader() = default;

  std::optional<UnsafeRowReader> unsafe_;  // else the Avro readers, by schema id
  std::map<int, AvroReader> avro_;
};

}  // namespace hf
