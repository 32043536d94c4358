// SPDX-License-Identifier: Apache-2.0
// ExampleQuery: the query of an example over JSON files on a simulated disk, with a virtual clock. The state is kept in
// another way for every seed, and the query starts anew after a few batches.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf::test {

// What arrives together, and when.
struct Arrival {
  std::int64_t at_ms = 0;
  std::vector<std::string> lines_by_input;
};

class ExampleQuery {
 public:
  static constexpr std::int64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01

  explicit ExampleQuery(unsigned seed);

  // The JSON lines that arrive at one input, each arrival a batch.
  template <typename Row>
  static DataStream Events(int input = 0) {
    return ReadStream("json").Schema<Row>().Option("maxFilesPerTrigger", "1").Load(Directory(input));
  }

  // Runs a batch for each arrival at its time, over one start or several.
  Status Run(const std::function<ResultStream()>& stream, const std::vector<Arrival>& arrivals);
  // One start at that time without new input, for what is due by then.
  Status RunAt(const std::function<ResultStream()>& stream, std::int64_t at_ms);

  // What all runs put out so far, in the order of the batches.
  template <typename Out>
  [[nodiscard]] std::vector<Out> Rows() const {
    std::vector<Out> rows;
    for (const ColumnBatch& batch : batches_) {
      const RowReader reader = RowReader::Compile(batch.schema(), detail::LayoutOf<Out>::Get()).value();
      for (std::int64_t i = 0; i < batch.rows(); ++i) {
        reader.Read(batch, i, &rows.emplace_back());
      }
    }
    return rows;
  }
  void ForgetRows() { batches_.clear(); }
  // numRowsDroppedByWatermark of all batches.
  [[nodiscard]] std::int64_t DroppedRows() const { return dropped_rows_; }
  // Batches that had no input.
  [[nodiscard]] int BatchesWithoutRows() const { return batches_without_rows_; }

 private:
  static std::string Directory(int input);
  Status Start(ResultStream stream, const Arrival* begin, const Arrival* end);

  std::mt19937 dice_;
  Options conf_;
  ManualClock clock_{kBeginMs * 1000};
  SeededRandom random_{1};
  SimulatedDisk disk_{clock_};
  DiskFileSystem input_{disk_};
  std::vector<ColumnBatch> batches_;
  std::int64_t dropped_rows_ = 0;
  int batches_without_rows_ = 0;
  int files_added_ = 0;
  TempDir scratch_{TempDir::Place::kMemory};
};

// "2026-01-01T00:00:00.000000Z", for a time given in microseconds since ExampleQuery::kBeginMs.
std::string TimeText(std::int64_t since_begin_us);
inline Timestamp TimeAt(std::int64_t since_begin_us) {
  return Timestamp{ExampleQuery::kBeginMs * 1000 + since_begin_us};
}

}  // namespace hf::test
