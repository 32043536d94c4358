// SPDX-License-Identifier: Apache-2.0
#include "event_files.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>

#include <algorithm>
#include <filesystem>

#include "answer.h"

namespace bench {

namespace {

template <typename T>
T OrDie(arrow::Result<T> result, const std::string& path) {
  if (!result.ok()) {
    Die(fmt::format("{}: {}", path, result.status().ToString()));
  }
  return std::move(result).ValueOrDie();
}

std::shared_ptr<arrow::Table> ReadTable(const std::string& path) {
  auto input = OrDie(arrow::io::MemoryMappedFile::Open(path, arrow::io::FileMode::READ), path);
  auto reader = OrDie(parquet::arrow::OpenFile(input, arrow::default_memory_pool()), path);
  auto table = OrDie(reader->ReadTable(), path);
  return OrDie(table->CombineChunks(), path);
}

}  // namespace

class EventBatchMaker {
 public:
  EventBatchMaker(const std::string& path, std::shared_ptr<arrow::Table> table)
      : path_(path), table_(std::move(table)) {}

  EventBatch Make() const {
    EventBatch batch;
    batch.rows_ = static_cast<std::size_t>(table_->num_rows());
    batch.owner_ = table_;
    if (batch.rows_ > 0) {
      batch.session_id_ = StringsOf("session_id");
      batch.user_id_ = StringsOf("user_id");
      batch.event_type_ = StringsOf("event_type");
      batch.revenue_ = Array<arrow::DoubleArray>("revenue").raw_values();
      batch.timestamp_ = Array<arrow::TimestampArray>("event_timestamp").raw_values();
    }
    return batch;
  }

 private:
  template <typename T>
  const T& Array(const char* name) const {
    const auto column = table_->GetColumnByName(name);
    const auto* array = column == nullptr ? nullptr : dynamic_cast<const T*>(column->chunk(0).get());
    if (array == nullptr || array->null_count() != 0) {
      Die(fmt::format("{}: column {} is missing, of another type, or has nulls", path_, name));
    }
    return *array;
  }
  EventBatch::Strings StringsOf(const char* name) const {
    const auto& array = Array<arrow::StringArray>(name);
    return {array.raw_value_offsets(), reinterpret_cast<const char*>(array.raw_data())};
  }

  const std::string& path_;
  std::shared_ptr<arrow::Table> table_;
};

EventBatch EventBatch::Read(const std::string& path) { return EventBatchMaker(path, ReadTable(path)).Make(); }

EventFiles::EventFiles(const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".parquet" && entry.path().filename().string().front() != '.') {
      paths_.push_back(entry.path().string());
    }
  }
  if (paths_.empty()) {
    Die(fmt::format("{} holds no Parquet files", directory));
  }
  std::sort(paths_.begin(), paths_.end());
  ReadAhead();
}

void EventFiles::ReadAhead() {
  if (begun_ < paths_.size()) {
    next_ = std::async(std::launch::async, EventBatch::Read, paths_[begun_]);
  }
  ++begun_;
}

bool EventFiles::Next(EventBatch* batch) {
  if (!next_.valid()) {
    return false;
  }
  *batch = next_.get();
  ReadAhead();
  return true;
}

void Place(const EventBatch& batch, PlacedRows* placed) {
  placed->hashes.resize(batch.rows());
  for (auto& rows : placed->rows) {
    rows.clear();
  }
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const std::uint32_t hash = SparkHash(batch.session_id(row));
    placed->hashes[row] = hash;
    // Spark's pmod of a signed hash by two is the lowest bit.
    placed->rows[hash & 1].push_back(static_cast<std::uint32_t>(row));
  }
}

}  // namespace bench
