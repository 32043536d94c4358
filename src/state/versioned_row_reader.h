// SPDX-License-Identifier: Apache-2.0
// VersionedRowReader: the rows of a family, whichever of its schema versions wrote them, into objects of one layout.
#pragma once

#include <map>

#include "state/row_frame.h"
#include "state/state_row_codec.h"

namespace hf {

class VersionedRowReader {
 public:
  // `written`: every schema of the family, by id; not empty. Rows of UnsafeRow name no schema: theirs is the newest.
  // kInvalid when a schema cannot be read into `layout`, which must outlive the reader.
  static Result<VersionedRowReader> Compile(StateEncoding encoding, const std::map<int, Schema>& written,
                                            const TypeLayout& layout);

  // Fills `object` (of the layout). kCorrupt when the bytes are no row of the schema they name, or it is unknown.
  Status Decode(const FramedRow& row, void* object) const;

 private:
  std::map<int, StateRowReader> readers_;  // by schema id
};

}  // namespace hf
