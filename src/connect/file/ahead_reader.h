// SPDX-License-Identifier: Apache-2.0
// AheadReader decodes the files that will probably be planned next on a thread of its own.
//
// It never changes a result:
//  1. A file is handed out only when it is asked for with the same identity (path, size, times) as it was read with;
//     otherwise what was read is thrown away.
//  2. What was read so far is handed out together with the split that read it, which goes on from there.
//  3. A file whose reading failed is not handed out: the caller reads it itself and meets the failure then.
//
// Bounds: at most kFilesMax files are open or decoded ahead, and no reading begins while kBytesMax bytes of decoded
// rows wait, so that the memory held is at most kBytesMax and one batch of rows.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "connect/file/input_file.h"
#include "holdfast/source.h"

namespace hf {

// The bytes of the buffers behind `batch`, about.
std::uint64_t DecodedBytes(const ColumnBatch& batch);

class AheadReader {
 public:
  using OpenSplit = std::function<std::unique_ptr<SourceSplit>(const InputFile&)>;
  static constexpr std::size_t kFilesMax = 2;
  static constexpr std::uint64_t kBytesMax = std::uint64_t{256} << 20;

  // `open` is called on the thread of AheadReader; what it uses must outlive this object.
  // Destruction waits for the batch of rows being read, not for the file.
  explicit AheadReader(OpenSplit open, std::uint64_t bytes_max = kBytesMax)
      : open_(std::move(open)), bytes_max_(bytes_max) {}
  AheadReader(const AheadReader&) = delete;
  AheadReader& operator=(const AheadReader&) = delete;

  // Says which files will be asked for next, in order. Those beyond kFilesMax are not read; what was read of files
  // that are no longer named is dropped. Returns at once.
  void Want(const std::vector<InputFile>& files);

  // A split that begins with the rows already read; nullptr when nothing of use was read.
  std::unique_ptr<SourceSplit> Take(const InputFile& file);

 private:
  struct Reading {
    InputFile file;
    std::unique_ptr<SourceSplit> split = nullptr;  // null until the reading has begun
    std::deque<ColumnBatch> ready = {};
    std::uint64_t ready_bytes = 0;
    bool finished = false;
    bool failed = false;
    bool busy = false;      // the thread is in split->Next(); nobody else touches `split`
    bool released = false;  // dropped or asked for: the thread starts nothing more on it
  };
  using ReadingPtr = std::shared_ptr<Reading>;

  void Run(const std::stop_token& stop);
  void ReadOne(std::unique_lock<std::mutex>& lock, const ReadingPtr& reading);
  [[nodiscard]] ReadingPtr NextToRead() const;
  void Release(Reading& reading);

  const OpenSplit open_;
  const std::uint64_t bytes_max_;

  std::mutex mutex_;  // guards everything below, except as Reading::busy says
  std::condition_variable_any changed_;
  std::vector<ReadingPtr> readings_;
  std::uint64_t bytes_ = 0;
  std::jthread thread_;  // started by the first Want that has something to read; the last member: it stops first
};

}  // namespace hf
