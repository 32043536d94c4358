// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_reader.h"

namespace hf {

void BatchReader::FeedInitialState(const InitialState& initial_state, const std::vector<std::size_t>& key_columns) {
  Partitioner partitioner(key_columns, tasks_.size());
  for (const ColumnBatch& rows : initial_state.rows) {
    auto by_partition = partitioner.Split(rows);
    for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
      if (!by_partition[partition].empty()) {
        tasks_[partition]->FeedInitialState(rows, std::move(by_partition[partition]));
      }
    }
  }
}

Result<BatchInput> BatchReader::Read(const Batch& batch, std::int64_t late_events_ms) {
  BatchInput read;
  read.rows.resize(plan_.inputs.size());
  read.event_times.resize(plan_.watermarks.size());
  for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
    if (batch.HasInput(input)) {
      HF_RETURN_IF_ERROR(ReadInput(input, batch, late_events_ms, &read));
    }
  }
  return read;
}

Status BatchReader::ReadInput(std::size_t input, const Batch& batch, std::int64_t late_events_ms, BatchInput* read) {
  const StreamInput& stream = plan_.inputs[input];
  HF_ASSIGN_OR_RETURN(const auto splits, stream.source->Plan(batch.start[input], batch.entry.offsets[input]));
  stream.source->ReadAhead(batch.entry.offsets[input]);
  for (const auto& split : splits) {
    while (true) {
      HF_ASSIGN_OR_RETURN(const auto rows, split->Next());
      if (!rows.has_value()) {
        break;
      }
      read->rows[input] += rows->rows();
      if (stream.watermark.has_value()) {
        read->event_times[*stream.watermark].Add(rows->column(plan_.watermarks[*stream.watermark].column));
      }
      Feed(ColumnBatch(plan_.input, rows->columns(), rows->rows()), late_events_ms, read);
    }
  }
  return Status();
}

void BatchReader::Feed(const ColumnBatch& rows, std::int64_t late_events_ms, BatchInput* read) {
  auto by_partition = partitioner_.Split(rows);
  for (std::size_t partition = 0; partition < tasks_.size(); ++partition) {
    std::vector<std::uint32_t>& of_partition = by_partition[partition];
    if (plan_.time_mode == TimeMode::kEventTime && plan_.event_time.has_value()) {
      const Column& times = rows.column(*plan_.event_time);
      const std::size_t late =
          std::erase_if(of_partition, [&](std::uint32_t row) { return IsLate(times, row, late_events_ms); });
      read->late_rows += static_cast<std::int64_t>(late);
    }
    if (!of_partition.empty()) {
      tasks_[partition]->Feed(rows, std::move(of_partition));
    }
  }
}

}  // namespace hf
