// SPDX-License-Identifier: Apache-2.0
// The event files as columns, decoded one file ahead, for the programs that are measured without Holdfast.
#pragma once

#include <cstdint>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline constexpr std::size_t kPartitions = 2;

// One file: a batch. Views live as long as the object.
class EventBatch {
 public:
  // Decodes a Parquet file; ends the program when it is not what `holdfast generate streamshop` writes.
  static EventBatch Read(const std::string& path);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::string_view session_id(std::size_t row) const { return session_id_.At(row); }
  [[nodiscard]] std::string_view user_id(std::size_t row) const { return user_id_.At(row); }
  [[nodiscard]] bool ends_session(std::size_t row) const {
    const std::string_view type = event_type_.At(row);
    return type == "purchase" || type == "logout";
  }
  [[nodiscard]] double revenue(std::size_t row) const { return revenue_[row]; }
  [[nodiscard]] std::int64_t timestamp(std::size_t row) const { return timestamp_[row]; }

 private:
  friend class EventBatchMaker;
  struct Strings {
    const std::int32_t* offsets = nullptr;
    const char* bytes = nullptr;
    [[nodiscard]] std::string_view At(std::size_t row) const {
      return {bytes + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
    }
  };

  std::size_t rows_ = 0;
  Strings session_id_;
  Strings user_id_;
  Strings event_type_;
  const double* revenue_ = nullptr;
  const std::int64_t* timestamp_ = nullptr;
  std::shared_ptr<const void> owner_;
};

// The files of a directory in the order of their names; the next one is decoded on a thread of its own meanwhile.
class EventFiles {
 public:
  explicit EventFiles(const std::string& directory);
  // False after the last file.
  bool Next(EventBatch* batch);

 private:
  void ReadAhead();

  std::vector<std::string> paths_;
  std::size_t begun_ = 0;
  std::future<EventBatch> next_;
};

// Spark's hash of one string column: Murmur3_x86_32 with seed 42; bytes after the last whole word are mixed one by one.
inline std::uint32_t SparkHash(std::string_view bytes) {
  const auto rotate = [](std::uint32_t x, int by) { return (x << by) | (x >> (32 - by)); };
  std::uint32_t hash = 42;
  const auto mix = [&](std::uint32_t word) {
    hash ^= rotate(word * 0xcc9e2d51U, 15) * 0x1b873593U;
    hash = rotate(hash, 13) * 5 + 0xe6546b64U;
  };
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, 4);
    mix(word);
  }
  for (; at < bytes.size(); ++at) {
    mix(static_cast<std::uint32_t>(static_cast<signed char>(bytes[at])));
  }
  hash ^= static_cast<std::uint32_t>(bytes.size());
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
  return hash ^ (hash >> 16);
}

// A batch split over the partitions, rows in their order.
struct PlacedRows {
  std::vector<std::uint32_t> hashes;  // by row of the batch
  std::vector<std::uint32_t> rows[kPartitions];
};
void Place(const EventBatch& batch, PlacedRows* placed);

// Calls run(partition) for each partition, each on its own thread, and waits for all of them.
template <typename Run>
void ForEachPartition(Run run) {
  std::future<void> other = std::async(std::launch::async, [&run] { run(1); });
  run(0);
  other.get();
  static_assert(kPartitions == 2);
}

}  // namespace bench
