// SPDX-License-Identifier: Apache-2.0
// Rows to standard output, as a table for people or one JSON object or CSV line a row.
#pragma once

#include <string>
#include <vector>

#include "holdfast/batch.h"

namespace hf::cli {

// `format`: table, json or csv. Of a table at most `rows_max` rows are shown (0: all), and of a cell so many
// characters.
class RowsOutput {
 public:
  static constexpr std::size_t kWholeCells = 0;
  RowsOutput(std::string format, std::size_t rows_max, std::size_t cell_length_max = 40)
      : format_(std::move(format)), rows_max_(rows_max), cell_length_max_(cell_length_max) {}
  Status Write(const ColumnBatch& rows);
  // Prints what a table gathered.
  void Finish();

 private:
  const std::string format_;
  const std::size_t rows_max_;
  const std::size_t cell_length_max_;
  std::vector<ColumnBatch> gathered_;
  std::int64_t rows_ = 0;
  bool header_written_ = false;
};

}  // namespace hf::cli
