// SPDX-License-Identifier: Apache-2.0
// Input files for a running query, and a processor that hands its rows on, so that a test sees what was read.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "holdfast/query.h"

namespace hf::test {

inline void WriteFile(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

struct Reading {
  std::optional<std::string> id;
  std::optional<std::int32_t> n;
  std::optional<Timestamp> at;
  std::optional<std::string> broken;  // the corrupt-record column, where a test asks for one
};
HOLDFAST_STRUCT(Reading, id, n, at, broken);

struct ReadingKey {
  std::optional<std::string> id;
};
HOLDFAST_STRUCT(ReadingKey, id);

struct Counted {
  std::int64_t rows = 0;
};
HOLDFAST_STRUCT(Counted, rows);

struct NumberedReading {
  std::optional<std::string> id;
  std::optional<std::int32_t> n;
  std::optional<Timestamp> at;
  std::optional<std::string> broken;
  std::int64_t number = 0;  // of the key's rows so far
};
HOLDFAST_STRUCT(NumberedReading, id, n, at, broken, number);

// Emits each input row with its number among the rows of its key.
class Numbering final : public StatefulProcessor<ReadingKey, Reading, NumberedReading> {
 public:
  void Init(StatefulProcessorHandle& handle) override { counted_ = handle.GetValueState<Counted>("counted"); }
  void HandleInputRows(const ReadingKey&, RowsOf<Reading> rows, const TimerValues&,
                       Output<NumberedReading>& out) override {
    Counted counted = counted_.Get() != nullptr ? *counted_.Get() : Counted();
    for (const Reading& row : rows) {
      out.Emit({row.id, row.n, row.at, row.broken, ++counted.rows});
    }
    counted_.Update(counted);
  }

 private:
  ValueState<Counted> counted_;
};

}  // namespace hf::test
