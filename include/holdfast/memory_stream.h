// SPDX-License-Identifier: Apache-2.0
// MemoryStream: a source whose rows the host program pushes (Spark: MemoryStream).
//
//   auto clicks = hf::MemoryStream::Make<Click>();
//   auto query = hf::ReadStream(clicks).GroupBy("session_id")...Start();
//   clicks->AddData(std::vector<Click>{...});                              // from any thread
//
//  1. Each push is a group of rows with an offset: a bare number, "0", "1" ... as Spark's MemoryStream counts. A batch
//     takes all groups that are there; a group is never divided.
//  2. The rows live in this object and nowhere else, until a committed batch has them. So the promises of a query end
//     with its process: what was pushed and is in no committed batch is gone, unless it is pushed again.
//  3. A query goes on with its checkpoint with the same object, or with one made with the `first_offset` from which
//     the host pushes again. A checkpoint that asks for rows that nobody has is refused by number, never skipped.
//  4. Memory is bounded: a push waits while groups that no batch has taken up hold more than `bytes_max`. Groups of the
//     batch at work come on top.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "holdfast/source.h"
#include "holdfast/struct_layout.h"

namespace hf {

struct MemoryStreamOptions {
  std::int64_t first_offset = 0;  // of the next group
  std::int64_t bytes_max = std::int64_t{64} << 20;
};

// Thread-safe. For one query at a time.
class MemoryStream : public Source {
 public:
  static std::shared_ptr<MemoryStream> Make(Schema schema, MemoryStreamOptions options = {});
  // The schema of a HOLDFAST_STRUCT.
  template <typename T>
  static std::shared_ptr<MemoryStream> Make(MemoryStreamOptions options = {}) {
    return Make(SchemaOf(detail::LayoutOf<T>::Get()), options);
  }

  // Makes the rows available, all at once, and returns the offset of their group. Waits for room; a group that is
  // larger than all room is let in when nothing else waits. kInvalid when the rows do not fit the schema, kUnavailable
  // after Close.
  virtual Result<std::int64_t> AddRows(const ColumnBatch& rows) = 0;
  virtual Result<std::int64_t> AddRows(const std::vector<Row>& rows) = 0;
  // Objects of a HOLDFAST_STRUCT whose members are the columns.
  template <typename T>
  Result<std::int64_t> AddData(std::span<const T> rows) {
    return AddObjects(detail::LayoutOf<T>::Get(), rows.data(), rows.size(), sizeof(T));
  }
  template <typename T>
  Result<std::int64_t> AddData(const std::vector<T>& rows) {
    return AddData(std::span<const T>(rows));
  }
  // nullopt where AddRows would wait.
  virtual Result<std::optional<std::int64_t>> TryAddRows(const ColumnBatch& rows) = 0;
  // No more rows: whoever waits in a push, and every later push, gets kUnavailable. The groups that are there stay.
  // Call it before the query goes for good, since without one nothing makes room.
  virtual void Close() = 0;

 private:
  virtual Result<std::int64_t> AddObjects(const TypeLayout& layout, const void* first, std::size_t count,
                                          std::size_t stride) = 0;
};

}  // namespace hf
