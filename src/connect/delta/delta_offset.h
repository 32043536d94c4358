// SPDX-License-Identifier: Apache-2.0
// DeltaOffset: how far a streaming read of a Delta table has come (Delta's DeltaSourceOffset).
//
//   {"sourceVersion":1,"reservoirId":"<id of the table>","reservoirVersion":5,"index":2,"isStartingVersion":false}
//
// The rows up to file `index` of version `reservoirVersion`, that one included. With isStartingVersion the files are
// all of that version, in the order of their modification times and paths; else those that its commit adds, in the
// order of the log. Behind the last file of a version the offset is (version + 1, -1), before all files of the next.
#pragma once

#include <cstdint>
#include <string>

#include "holdfast/status.h"

namespace hf {

struct DeltaOffset {
  static constexpr std::int64_t kBeforeAll = -1;

  std::string table_id;
  std::int64_t version = 0;
  std::int64_t index = kBeforeAll;
  bool is_starting = false;
  // Not Spark's: a query that was told to start at "latest" or at a time begins with an empty batch that ends with this
  // offset, since nothing else in the checkpoint says where it started. Written as sourceVersion 3 with index -100,
  // which Delta reads as (version, -1) and never writes.
  bool is_start_mark = false;

  bool operator==(const DeltaOffset&) const = default;
  // Whether this is before `other` in one table.
  [[nodiscard]] bool IsBefore(const DeltaOffset& other) const {
    return version != other.version ? version < other.version : index < other.index;
  }
};

// kCorrupt when it is none of a Delta table's; kIncompatible for what only a later Delta, or its tracking of schema
// changes, writes.
Result<DeltaOffset> ParseDeltaOffset(const std::string& text);
// As Delta writes it, byte for byte.
std::string PrintDeltaOffset(const DeltaOffset& offset);

}  // namespace hf
