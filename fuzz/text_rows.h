// SPDX-License-Identifier: Apache-2.0
// Reading a whole text file in chunks, for the targets of the text formats.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fuzz_target.h"
#include "holdfast/batch.h"
#include "rows/text_format.h"

namespace hf::fuzz {

inline constexpr ParseMode kModes[] = {ParseMode::kPermissive, ParseMode::kDropMalformed, ParseMode::kFailFast};

inline Schema SchemaOfDdl(const char* ddl) {
  auto schema = Schema::FromDdl(ddl);
  HF_FUZZ_CHECK(schema.ok());
  return *schema;
}

struct Read {
  std::vector<ColumnBatch> batches;
  std::vector<std::string> rows;  // as texts
};

// nullopt when reading fails, as it may in FAILFAST mode.
template <typename Make>
std::optional<Read> ReadAll(const Make& make, std::string_view bytes, std::int64_t rows_max) {
  auto reader = make();
  HF_FUZZ_CHECK(reader.ok());
  using Reader = typename std::remove_reference_t<decltype(**reader)>;
  Read read;
  // A copy of its own, so that a read beyond the end is one.
  const std::string copy(bytes);
  std::string_view rest = copy;
  while (true) {
    const auto chunk = (*reader)->Read(rest, Reader::Rest::kNone, rows_max);
    if (!chunk.ok()) {
      return std::nullopt;
    }
    HF_FUZZ_CHECK(chunk->consumed_bytes <= rest.size());
    HF_FUZZ_CHECK(chunk->consumed_bytes > 0 || rest.empty());
    for (std::int64_t row = 0; row < chunk->batch.rows(); ++row) {
      read.rows.push_back(ToJson(chunk->batch.RowAt(row), chunk->batch.schema()));
    }
    read.batches.push_back(chunk->batch);
    rest.remove_prefix(chunk->consumed_bytes);
    if (rest.empty()) {
      return read;
    }
  }
}

}  // namespace hf::fuzz
