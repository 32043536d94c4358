// SPDX-License-Identifier: Apache-2.0
#include "connect/socket/socket_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/utf8.h"
#include "rows/column_builder.h"

namespace hf {
namespace {

constexpr std::size_t kReceiveBytes = 65536;

class OneBatch final : public SourceSplit {
 public:
  explicit OneBatch(ColumnBatch rows) : rows_(std::move(rows)) {}
  Result<std::optional<ColumnBatch>> Next() override { return std::exchange(rows_, std::nullopt); }

 private:
  std::optional<ColumnBatch> rows_;
};

Result<std::int64_t> ParseOffset(const std::string& text) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || end != text.data() + text.size() || offset < -1 ||
      offset == std::numeric_limits<std::int64_t>::max()) {
    return Corrupt(
        fmt::format("the checkpoint holds an offset that is none of a socket source: {}", text.substr(0, 120)));
  }
  return offset;
}

// What a line occupies, roughly.
std::size_t BytesOf(const std::string& line) { return line.size() + 64; }

}  // namespace

Schema SocketSchema(const SocketOptions& options) {
  std::vector<StructField> fields = {{.name = "value", .type = DataType::String()}};
  if (options.include_timestamp) {
    fields.push_back({.name = "timestamp", .type = DataType::Timestamp()});
  }
  return Schema(std::move(fields));
}

Result<SocketOptions> ParseSocketOptions(const OptionMap& given) {
  OptionTaker taker(given);
  SocketOptions options;
  const auto host = taker.Take("host");
  if (!host.has_value() || host->empty()) {
    return Invalid("Set a host to read from with option(\"host\", ...).");
  }
  options.host = *host;
  HF_ASSIGN_OR_RETURN(const std::int64_t port,
                      TakeInteger(taker, "port", 0, {.min = 1, .max = 65535}, "a number from 1 to 65535"));
  if (port == 0) {
    return Invalid("Set a port to read from with option(\"port\", ...).");
  }
  options.port = static_cast<std::uint16_t>(port);
  HF_ASSIGN_OR_RETURN(options.include_timestamp, TakeBoolean(taker, "includeTimestamp", false));
  HF_ASSIGN_OR_RETURN(
      options.partitions,
      TakeInteger(taker, "numPartitions", 1, {.min = 1, .max = std::numeric_limits<int>::max()}, "a positive integer"));
  HF_RETURN_IF_ERROR(taker.RefuseRest("the socket source"));
  return options;
}

Result<std::unique_ptr<SocketSource>> SocketSource::Open(Clock& clock, SocketOptions options) {
  auto connection = TcpConnection::Connect(options.host, options.port);
  if (!connection.ok()) {
    return connection.status().WithContext("the socket source");
  }
  return std::unique_ptr<SocketSource>(new SocketSource(clock, std::move(options), std::move(connection).value()));
}

SocketSource::SocketSource(Clock& clock, SocketOptions options, TcpConnection connection)
    : clock_(&clock),
      options_(std::move(options)),
      schema_(SocketSchema(options_)),
      connection_(std::move(connection)) {}

std::string SocketSource::description() const {
  return fmt::format("TextSocketV2[host: {}, port: {}]", options_.host, options_.port);
}

Result<std::int64_t> SocketSource::NextAfter(const SourceOffset& offset) const {
  std::int64_t next = 0;
  if (offset.has_value()) {
    HF_ASSIGN_OR_RETURN(const std::int64_t last, ParseOffset(*offset));
    next = last + 1;
  }
  if (next < dropped_ || next > End()) {
    return Invalid(fmt::format(
        "the checkpoint asks for lines from number {} on, of a batch that was begun and not finished, but a socket "
        "gives a line only once: the socket source cannot recover it. Use a new checkpoint",
        next));
  }
  return next;
}

Result<std::int64_t> SocketSource::Begin(const SourceOffset& start) {
  if (!begun_ && start.has_value()) {
    HF_ASSIGN_OR_RETURN(const std::int64_t last, ParseOffset(*start));
    dropped_ = last + 1;
    taken_up_ = dropped_;
  }
  begun_ = true;
  return NextAfter(start);
}

void SocketSource::AddLine() {
  std::string text = ReplaceInvalidUtf8(partial_);
  waiting_bytes_ += BytesOf(text);
  lines_.push_back({.text = std::move(text), .time_us = clock_->NowMs() * 1000});
  partial_.clear();
}

void SocketSource::AddBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    partial_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) {
      return;
    }
    AddLine();
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
  }
}

void SocketSource::TakeUp(std::int64_t next) {
  for (; taken_up_ < next; ++taken_up_) {
    waiting_bytes_ -= BytesOf(lines_[static_cast<std::size_t>(taken_up_ - dropped_)].text);
  }
}

Status SocketSource::ReadArrived() {
  while (broken_.ok() && waiting_bytes_ + partial_.size() < options_.bytes_max) {
    Result<Received> received = connection_.Receive(kReceiveBytes);
    if (!received.ok()) {
      broken_ = received.status();
    } else if (received->closed) {
      broken_ = Unavailable(fmt::format("{}:{} closed the connection after line {}", options_.host, options_.port,
                                        End() - (partial_.empty() ? 1 : 0)));
    } else if (received->bytes.empty()) {
      return {};
    } else {
      AddBytes(received->bytes);
    }
  }
  if (!broken_.ok() && !partial_.empty()) {
    AddLine();
  }
  if (partial_.size() >= options_.bytes_max) {
    return Invalid(fmt::format("{}:{} sends a line of more than {} bytes, which the socket source does not hold",
                               options_.host, options_.port, options_.bytes_max));
  }
  return {};
}

Result<SourceOffset> SocketSource::Latest(const SourceOffset& start) {
  HF_ASSIGN_OR_RETURN(const std::int64_t next, Begin(start));
  if (!fixed_end_.has_value()) {
    TakeUp(next);
    HF_RETURN_IF_ERROR(ReadArrived());
  }
  const std::int64_t end = fixed_end_.has_value() ? std::max(next, *fixed_end_) : End();
  if (end == next && !fixed_end_.has_value() && !broken_.ok()) {
    return broken_.WithContext("the socket source");
  }
  return end == next ? start : SourceOffset(std::to_string(end - 1));
}

Status SocketSource::FixAvailable(const SourceOffset& start) {
  HF_ASSIGN_OR_RETURN(const std::int64_t next, Begin(start));
  TakeUp(next);
  HF_RETURN_IF_ERROR(ReadArrived());
  fixed_end_ = End();
  return {};
}

Result<ColumnBatch> SocketSource::Rows(std::int64_t first, std::int64_t last, std::int64_t step) const {
  std::vector<ColumnBuilder> builders = MakeBuilders(schema_);
  try {
    for (std::int64_t number = first; number < last; number += step) {
      const Line& line = lines_[static_cast<std::size_t>(number - dropped_)];
      builders[0].AppendBytes(line.text);
      if (options_.include_timestamp) {
        builders[1].AppendFixed(line.time_us);
      }
    }
  } catch (const StatusError& error) {
    return error.status();
  }
  return FinishBatch(schema_, builders);
}

Result<std::vector<std::unique_ptr<SourceSplit>>> SocketSource::Plan(const SourceOffset& start,
                                                                     const SourceOffset& end) {
  HF_ASSIGN_OR_RETURN(const std::int64_t first, NextAfter(start));
  HF_ASSIGN_OR_RETURN(const std::int64_t last, NextAfter(end));
  std::vector<std::unique_ptr<SourceSplit>> splits;
  for (std::int64_t partition = 0; partition < std::min(options_.partitions, last - first); ++partition) {
    HF_ASSIGN_OR_RETURN(ColumnBatch rows, Rows(first + partition, last, options_.partitions));
    splits.push_back(std::make_unique<OneBatch>(std::move(rows)));
  }
  return splits;
}

Status SocketSource::Commit(const SourceOffset& end) {
  HF_ASSIGN_OR_RETURN(const std::int64_t next, NextAfter(end));
  TakeUp(next);
  for (; dropped_ < next; ++dropped_) {
    lines_.pop_front();
  }
  return {};
}

}  // namespace hf
