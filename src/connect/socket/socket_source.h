// SPDX-License-Identifier: Apache-2.0
// SocketSource reads lines of text from a TCP server, for trying things (Spark 4.3: TextSocketMicroBatchStream).
//
//  1. An offset is a bare number, that of the last line: "0", "1" ... as Spark's.
//  2. Not fault-tolerant: lines live in this object until their batch is committed. A query that starts again counts
//     on with what arrives then; what an unfinished batch had is gone, and that batch is refused.
//  3. Lines end as in Java's BufferedReader.readLine: with LF, CR or CRLF, and at the end of the stream.
//  4. Memory is bounded: while so many lines wait for a batch, no more are read, and the server is slowed down.
//  5. When the server ends the stream or the connection breaks, the lines up to there are processed; then Latest fails.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "connect/options/option_values.h"
#include "connect/socket/tcp_connection.h"
#include "holdfast/source.h"

namespace hf {

struct SocketOptions {
  std::string host;
  std::uint16_t port = 0;
  bool include_timestamp = false;
  std::int64_t partitions = 1;  // Spark: the cores of the cluster
  std::size_t bytes_max = std::size_t{16} << 20;
};

// host, port, includeTimestamp, numPartitions. kInvalid names the option and what is wrong with it.
Result<SocketOptions> ParseSocketOptions(const OptionMap& options);

// value STRING, and timestamp TIMESTAMP if that is wanted.
Schema SocketSchema(const SocketOptions& options);

// Said at the start of every query with this source.
inline constexpr std::string_view kSocketWarning =
    "the socket source is for trying things, not for production: it is not fault-tolerant, and lines that no committed "
    "batch has are lost when the query ends";

class SocketSource final : public Source {
 public:
  // Connects. `clock` gives the lines their time and must outlive the source.
  static Result<std::unique_ptr<SocketSource>> Open(Clock& clock, SocketOptions options);

  [[nodiscard]] const Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override;
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override {}  // there are none
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void ReadAhead(const SourceOffset&) override {}
  Status Commit(const SourceOffset& end) override;

 private:
  struct Line {
    std::string text;
    std::int64_t time_us = 0;
  };

  SocketSource(Clock& clock, SocketOptions options, TcpConnection connection);

  // The line after `offset`, within what is here.
  Result<std::int64_t> NextAfter(const SourceOffset& offset) const;
  // As NextAfter; a new source begins to count where the checkpoint ends.
  Result<std::int64_t> Begin(const SourceOffset& start);
  [[nodiscard]] std::int64_t End() const { return dropped_ + static_cast<std::int64_t>(lines_.size()); }
  // Up to `next` everything is in committed batches, and makes room.
  void TakeUp(std::int64_t next);
  // Takes what has arrived, as long as there is room.
  Status ReadArrived();
  void AddBytes(std::string_view bytes);
  void AddLine();
  [[nodiscard]] Result<ColumnBatch> Rows(std::int64_t first, std::int64_t last, std::int64_t step) const;

  Clock* clock_;
  const SocketOptions options_;
  const Schema schema_;
  TcpConnection connection_;
  std::deque<Line> lines_;
  std::int64_t dropped_ = 0;       // the number of lines_.front()
  bool begun_ = false;             // dropped_ is known
  std::int64_t taken_up_ = 0;      // the first line that no committed batch has
  std::size_t waiting_bytes_ = 0;  // of the lines from there on
  std::string partial_;            // a line whose end has not arrived
  bool after_cr_ = false;          // an LF would belong to the line before
  Status broken_;                  // why nothing more will arrive
  std::optional<std::int64_t> fixed_end_;
};

}  // namespace hf
