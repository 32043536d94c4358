// SPDX-License-Identifier: Apache-2.0
// The seam to the Arrow library: its files, its status. Only .cc files of this folder include it.
#pragma once

#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include <memory>
#include <string_view>
#include <utility>

#include "base/random_access.h"

namespace hf {

// Reads through `bytes`; remembers the failure of a read in `failure`, because Arrow would flatten it to text.
class ArrowFile final : public arrow::io::RandomAccessFile {
 public:
  explicit ArrowFile(std::unique_ptr<RandomAccess> bytes) : bytes_(std::move(bytes)) {}

  arrow::Status Close() override;
  [[nodiscard]] bool closed() const override { return bytes_ == nullptr; }
  [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Seek(std::int64_t position) override;
  arrow::Result<std::int64_t> GetSize() override { return static_cast<std::int64_t>(bytes_->size_bytes()); }
  arrow::Result<std::int64_t> Read(std::int64_t size, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t size) override;
  arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t size, void* out) override;
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t position, std::int64_t size) override;

  // The first failed read; ok when there was none.
  [[nodiscard]] const Status& failure() const { return failure_; }

 private:
  std::unique_ptr<RandomAccess> bytes_;
  std::int64_t position_ = 0;
  Status failure_;
};

// kCorrupt with Arrow's message in one line; kUnavailable when memory ran out.
Status FromArrow(const arrow::Status& status, std::string_view what);

}  // namespace hf
