// SPDX-License-Identifier: Apache-2.0
// Processors over hf::Row: the same life cycle as the typed ones, with layouts made from schemas.
#include "holdfast/processor.h"

namespace hf {

class AnyRowProcessor final : public AnyProcessor {
 public:
  explicit AnyRowProcessor(std::unique_ptr<RowProcessor> processor) : processor_(std::move(processor)) {}

  void Init(StatefulProcessorHandle& handle) override {
    processor_->handle_ = &handle;
    processor_->Init(handle);
  }
  void HandleInputRows(const void* key, const RowReader& reader, RowSelection rows, const TimerValues& timer_values,
                       RowAppender& out) override {
    Output<Row> output(&out);
    processor_->HandleInputRows(*static_cast<const Row*>(key), RowsOf<Row>(&reader, rows, &scratch_), timer_values,
                                output);
  }
  void HandleExpiredTimer(const void* key, const TimerValues& timer_values, const ExpiredTimerInfo& timer,
                          RowAppender& out) override {
    Output<Row> output(&out);
    processor_->HandleExpiredTimer(*static_cast<const Row*>(key), timer_values, timer, output);
  }
  void Close() override {
    processor_->Close();
    processor_->handle_ = nullptr;
  }

 private:
  const std::unique_ptr<RowProcessor> processor_;
  Row scratch_;
};

RowProcessorFactory::RowProcessorFactory(std::function<std::unique_ptr<RowProcessor>()> make, const Schema& key,
                                         const Schema& input, const Schema& output)
    : make_(std::move(make)), key_(RowLayout(key)), input_(RowLayout(input)), output_(RowLayout(output)) {}

std::unique_ptr<AnyProcessor> RowProcessorFactory::Make() const { return std::make_unique<AnyRowProcessor>(make_()); }

}  // namespace hf
