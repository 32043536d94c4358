// SPDX-License-Identifier: Apache-2.0
#include "connect/rate/number_split.h"

#include <algorithm>

#include "rows/column_builder.h"

namespace hf {
namespace {

constexpr std::int64_t kRowsMax = 65536;  // of one column batch

class NumberSplit final : public SourceSplit {
 public:
  NumberSplit(std::int64_t next, std::int64_t end, std::int64_t step, TimeOfValue time_of)
      : next_(next), end_(end), step_(step), time_of_(std::move(time_of)) {}

  Result<std::optional<ColumnBatch>> Next() override {
    if (next_ >= end_) {
      return std::optional<ColumnBatch>();
    }
    std::vector<ColumnBuilder> builders = MakeBuilders(RateSchema());
    for (std::int64_t rows = 0; rows < kRowsMax && next_ < end_; ++rows) {
      builders[0].AppendFixed(time_of_(next_));
      builders[1].AppendFixed(next_);
      next_ = end_ - next_ > step_ ? next_ + step_ : end_;
    }
    return std::optional(FinishBatch(RateSchema(), builders));
  }

 private:
  std::int64_t next_;
  const std::int64_t end_;
  const std::int64_t step_;
  const TimeOfValue time_of_;
};

}  // namespace

const Schema& RateSchema() {
  static const Schema schema(
      {{.name = "timestamp", .type = DataType::Timestamp()}, {.name = "value", .type = DataType::Long()}});
  return schema;
}

std::vector<std::unique_ptr<SourceSplit>> DealOut(std::int64_t begin, std::int64_t end, std::int64_t partitions,
                                                  const TimeOfValue& time_of) {
  std::vector<std::unique_ptr<SourceSplit>> splits;
  for (std::int64_t partition = 0; partition < std::min(partitions, end - begin); ++partition) {
    splits.push_back(std::make_unique<NumberSplit>(begin + partition, end, partitions, time_of));
  }
  return splits;
}

}  // namespace hf
