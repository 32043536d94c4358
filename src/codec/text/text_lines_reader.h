// SPDX-License-Identifier: Apache-2.0
// TextLinesReader: the lines of a text file as a column of strings, with the rules of Spark 4.3's text data source
// (Hadoop's LineRecordReader).
//
//  1. A line ends with \n, \r\n or \r, or with the separator that is given and nothing else. A last line without an end
//     counts; behind the last end there is none.
//  2. A byte order mark in front of the file is left out. All other bytes are kept as they are, also such as are no
//     UTF-8.
//  3. With `whole_file` a file that has bytes is one row, byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/batch.h"
#include "rows/column_builder.h"

namespace hf {

struct TextReadOptions {
  std::string line_separator = {};  // empty: each of the three
  bool whole_file = false;
};

class TextLinesReader {
 public:
  // REQUIRES: the schema is one column of strings.
  TextLinesReader(Schema schema, TextReadOptions options);

  enum class Rest { kFollows, kNone };
  struct Chunk {
    ColumnBatch batch;
    std::size_t consumed_bytes = 0;    // 0 when `bytes` hold no whole line
    bool truncated_last_line = false;  // never: every text is a line
    std::string truncated_reason;
  };
  // As JsonLinesReader::Read.
  Result<Chunk> Read(std::string_view bytes, Rest rest, std::int64_t rows_max);

 private:
  // Where the line ends that `left` begins with, and behind that end; `left.size()` twice when it does not.
  struct LineEnd {
    std::size_t at = 0;
    std::size_t next = 0;
  };
  [[nodiscard]] LineEnd FindEnd(std::string_view left) const;
  std::size_t ReadLines(std::string_view bytes, Rest rest, std::int64_t rows_max);

  const Schema schema_;
  const TextReadOptions options_;
  ColumnBuilder lines_;
  bool at_file_start_ = true;
};

}  // namespace hf
