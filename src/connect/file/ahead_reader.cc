// SPDX-License-Identifier: Apache-2.0
#include "connect/file/ahead_reader.h"

#include <algorithm>

#include "base/thread_priority.h"

namespace hf {
namespace {

std::uint64_t DecodedBytesOf(const Column& column) {
  std::uint64_t bytes = column.validity != nullptr ? static_cast<std::uint64_t>(column.length) / 8 : 0;
  const auto rows = static_cast<std::uint64_t>(column.length);
  switch (column.type.kind()) {
    case TypeKind::kNull:
    case TypeKind::kStruct: break;
    case TypeKind::kBoolean: bytes += rows / 8; break;
    case TypeKind::kByte: bytes += rows; break;
    case TypeKind::kShort: bytes += rows * 2; break;
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kDate: bytes += rows * 4; break;
    case TypeKind::kLong:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: bytes += rows * 8; break;
    case TypeKind::kDecimal: bytes += rows * 16; break;
    case TypeKind::kString:
    case TypeKind::kBinary:
      bytes += rows * 4;
      if (rows > 0) {
        bytes +=
            static_cast<std::uint64_t>(column.offsets[column.offset + column.length] - column.offsets[column.offset]);
      }
      break;
    case TypeKind::kArray:
    case TypeKind::kMap: bytes += rows * 4; break;
  }
  for (const Column& child : column.children) {
    bytes += DecodedBytesOf(child);
  }
  return bytes;
}

// Gives the rows read ahead, then those that the split under it still has.
class ResumedSplit final : public SourceSplit {
 public:
  ResumedSplit(std::deque<ColumnBatch> ready, std::unique_ptr<SourceSplit> rest)
      : ready_(std::move(ready)), rest_(std::move(rest)) {}

  Result<std::optional<ColumnBatch>> Next() override {
    if (!ready_.empty()) {
      std::optional<ColumnBatch> batch = std::move(ready_.front());
      ready_.pop_front();
      return batch;
    }
    return rest_ != nullptr ? rest_->Next() : std::optional<ColumnBatch>();
  }

 private:
  std::deque<ColumnBatch> ready_;
  std::unique_ptr<SourceSplit> rest_;  // null when all was read
};

}  // namespace

std::uint64_t DecodedBytes(const ColumnBatch& batch) {
  std::uint64_t bytes = 0;
  for (const Column& column : batch.columns()) {
    bytes += DecodedBytesOf(column);
  }
  return bytes;
}

void AheadReader::Want(const std::vector<InputFile>& files) {
  const std::lock_guard lock(mutex_);
  std::vector<ReadingPtr> wanted;
  for (const InputFile& file : files) {
    if (wanted.size() == kFilesMax) {
      break;
    }
    const auto known = std::find_if(readings_.begin(), readings_.end(), [&file](const ReadingPtr& reading) {
      return reading != nullptr && reading->file == file;
    });
    if (known != readings_.end()) {
      wanted.push_back(std::move(*known));
    } else {
      wanted.push_back(std::make_shared<Reading>(Reading{.file = file}));
    }
  }
  for (const ReadingPtr& dropped : readings_) {
    if (dropped != nullptr) {
      Release(*dropped);
    }
  }
  readings_ = std::move(wanted);
  if (!readings_.empty() && !thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  changed_.notify_all();
}

std::unique_ptr<SourceSplit> AheadReader::Take(const InputFile& file) {
  std::unique_lock lock(mutex_);
  const auto known = std::find_if(readings_.begin(), readings_.end(),
                                  [&file](const ReadingPtr& reading) { return reading->file == file; });
  if (known == readings_.end()) {
    return nullptr;
  }
  const ReadingPtr reading = *known;
  readings_.erase(known);
  Release(*reading);
  changed_.wait(lock, [&reading] { return !reading->busy; });
  changed_.notify_all();
  if (reading->failed || reading->split == nullptr) {
    return nullptr;
  }
  return std::make_unique<ResumedSplit>(std::move(reading->ready),
                                        reading->finished ? nullptr : std::move(reading->split));
}

// The bytes of a released reading no longer count: they are the caller's, or gone.
void AheadReader::Release(Reading& reading) {
  reading.released = true;
  bytes_ -= reading.ready_bytes;
  reading.ready_bytes = 0;
}

AheadReader::ReadingPtr AheadReader::NextToRead() const {
  if (bytes_ >= bytes_max_) {
    return nullptr;
  }
  for (const ReadingPtr& reading : readings_) {
    if (!reading->finished && !reading->failed) {
      return reading;
    }
  }
  return nullptr;
}

void AheadReader::Run(const std::stop_token& stop) {
  GiveWayToOthers();
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const ReadingPtr reading = NextToRead();
    if (reading == nullptr) {
      changed_.wait(lock, stop, [this] { return NextToRead() != nullptr; });
      continue;
    }
    ReadOne(lock, reading);
    changed_.notify_all();
  }
}

void AheadReader::ReadOne(std::unique_lock<std::mutex>& lock, const ReadingPtr& reading) {
  reading->busy = true;
  lock.unlock();
  std::optional<ColumnBatch> batch;
  bool failed = false;
  try {
    if (reading->split == nullptr) {
      reading->split = open_(reading->file);
    }
    Result<std::optional<ColumnBatch>> next = reading->split->Next();
    failed = !next.ok();
    if (next.ok()) {
      batch = std::move(next).value();
    }
  } catch (...) {
    failed = true;  // whatever it was, the caller meets it again on its own thread
  }
  lock.lock();
  reading->busy = false;
  reading->failed = failed;
  if (failed) {
    Release(*reading);
    reading->ready.clear();
  } else if (!batch.has_value()) {
    reading->finished = true;
  } else {
    if (!reading->released) {
      reading->ready_bytes += DecodedBytes(*batch);
      bytes_ += DecodedBytes(*batch);
    }
    reading->ready.push_back(std::move(*batch));
  }
}

}  // namespace hf
