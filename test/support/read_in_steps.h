// SPDX-License-Identifier: Apache-2.0
// Input that arrives a few bytes at a time, as a reader of text lines gets it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "holdfast/batch.h"

namespace hf::test {

// The batches of `bytes`, of which the reader sees `step` more with each call.
template <typename Reader>
std::vector<ColumnBatch> ReadInSteps(Reader& reader, std::string_view bytes, std::size_t step, std::int64_t rows_max) {
  std::vector<ColumnBatch> batches;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (begin < bytes.size()) {
    end = std::min(bytes.size(), end + step);
    const auto rest = end == bytes.size() ? Reader::Rest::kNone : Reader::Rest::kFollows;
    auto chunk = reader.Read(bytes.substr(begin, end - begin), rest, rows_max);
    if (!chunk.ok()) {
      ADD_FAILURE() << "step " << step << ", byte " << begin << ": " << chunk.status().ToString();
      return batches;
    }
    begin += chunk->consumed_bytes;
    batches.push_back(std::move(chunk->batch));
  }
  return batches;
}

}  // namespace hf::test
