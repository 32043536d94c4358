// SPDX-License-Identifier: Apache-2.0
#include "codec/parquet/arrow_file.h"

#include <arrow/buffer.h>
#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace hf {

arrow::Status ArrowFile::Close() {
  bytes_.reset();
  return arrow::Status::OK();
}

arrow::Status ArrowFile::Seek(std::int64_t position) {
  position_ = position;
  return arrow::Status::OK();
}

arrow::Result<std::int64_t> ArrowFile::ReadAt(std::int64_t position, std::int64_t size, void* out) {
  const auto end = static_cast<std::int64_t>(bytes_->size_bytes());
  if (position < 0 || size < 0 || position > end) {
    return arrow::Status::IOError("a read behind the end of the file");
  }
  const std::int64_t count = std::min(size, end - position);
  Status status =
      bytes_->ReadAt(static_cast<std::uint64_t>(position), {static_cast<char*>(out), static_cast<std::size_t>(count)});
  if (!status.ok()) {
    if (failure_.ok()) {
      failure_ = status;
    }
    return arrow::Status::IOError(status.ToString());
  }
  return count;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> ArrowFile::ReadAt(std::int64_t position, std::int64_t size) {
  const auto end = static_cast<std::int64_t>(bytes_->size_bytes());
  const std::int64_t wanted = std::min(size, std::max<std::int64_t>(0, end - position));
  ARROW_ASSIGN_OR_RAISE(std::unique_ptr<arrow::ResizableBuffer> buffer, arrow::AllocateResizableBuffer(wanted));
  ARROW_ASSIGN_OR_RAISE(const std::int64_t count, ReadAt(position, wanted, buffer->mutable_data()));
  ARROW_RETURN_NOT_OK(buffer->Resize(count));
  return std::shared_ptr<arrow::Buffer>(std::move(buffer));
}

arrow::Result<std::int64_t> ArrowFile::Read(std::int64_t size, void* out) {
  ARROW_ASSIGN_OR_RAISE(const std::int64_t count, ReadAt(position_, size, out));
  position_ += count;
  return count;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> ArrowFile::Read(std::int64_t size) {
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> buffer, ReadAt(position_, size));
  position_ += buffer->size();
  return buffer;
}

Status FromArrow(const arrow::Status& status, std::string_view what) {
  if (status.ok()) {
    return {};
  }
  std::string message = status.message();
  std::replace(message.begin(), message.end(), '\n', ' ');
  message = fmt::format("{}: {}", what, message);
  return status.IsOutOfMemory() ? Unavailable(std::move(message)) : Corrupt(std::move(message));
}

}  // namespace hf
