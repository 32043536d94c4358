// SPDX-License-Identifier: Apache-2.0
// A source whose batches are made when they are asked for, so that a benchmark measures nothing of reading.
#pragma once

#include <charconv>
#include <functional>
#include <memory>
#include <vector>

#include "holdfast/source.h"

namespace bench {

// Batch i is `make(i)`; offsets are the batch's number. There are `batches` of them. `asked` is called with the number
// of the next one whenever the query looks whether there is one, which is how a batch begins.
class GeneratedSource final : public hf::Source {
 public:
  using Make = std::function<hf::ColumnBatch(std::int64_t batch)>;
  using Asked = std::function<void(std::int64_t batch)>;
  GeneratedSource(
      hf::Schema schema, std::int64_t batches, Make make, Asked asked = [](std::int64_t) {})
      : schema_(std::move(schema)), batches_(batches), make_(std::move(make)), asked_(std::move(asked)) {}

  [[nodiscard]] const hf::Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override { return "GeneratedSource"; }
  hf::Result<hf::SourceOffset> Latest(const hf::SourceOffset& start) override {
    const std::int64_t next = After(start);
    asked_(next);
    return next < batches_ ? hf::SourceOffset(std::to_string(next)) : start;
  }
  hf::Status FixAvailable(const hf::SourceOffset&) override { return {}; }
  void IgnoreLimits() override {}
  hf::Result<std::vector<std::unique_ptr<hf::SourceSplit>>> Plan(const hf::SourceOffset& start,
                                                                 const hf::SourceOffset& end) override {
    std::vector<std::unique_ptr<hf::SourceSplit>> splits;
    for (std::int64_t batch = After(start); batch < After(end); ++batch) {
      splits.push_back(std::make_unique<Split>(make_(batch)));
    }
    return splits;
  }
  void ReadAhead(const hf::SourceOffset&) override {}
  hf::Status Commit(const hf::SourceOffset&) override { return {}; }

 private:
  class Split final : public hf::SourceSplit {
   public:
    explicit Split(hf::ColumnBatch rows) : rows_(std::move(rows)) {}
    hf::Result<std::optional<hf::ColumnBatch>> Next() override { return std::exchange(rows_, std::nullopt); }

   private:
    std::optional<hf::ColumnBatch> rows_;
  };

  static std::int64_t After(const hf::SourceOffset& offset) {
    std::int64_t number = -1;
    if (offset.has_value()) {
      std::from_chars(offset->data(), offset->data() + offset->size(), number);
    }
    return number + 1;
  }

  const hf::Schema schema_;
  const std::int64_t batches_;
  const Make make_;
  const Asked asked_;
};

}  // namespace bench
