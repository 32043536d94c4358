// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include "connect/socket/socket_source.h"
#include "support/loopback_server.h"
#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;
using test::IsOkAnd;

constexpr std::int64_t kNowUs = 1'700'000'000'123'456;

class Socket : public ::testing::Test {
 protected:
  std::unique_ptr<SocketSource> Open(OptionMap options = {}, std::size_t bytes_max = 1 << 20) {
    options.emplace("host", "127.0.0.1");
    options.emplace("port", server_.port());
    auto parsed = ParseSocketOptions(options);
    EXPECT_THAT(parsed, IsOk());
    parsed->bytes_max = bytes_max;
    auto source = SocketSource::Open(clock_, *parsed);
    EXPECT_THAT(source, IsOk());
    return source.ok() ? std::move(source).value() : nullptr;
  }
  // Loopback is quick, but not at once.
  static Result<SourceOffset> LatestOnceThere(Source& source, const SourceOffset& start) {
    Result<SourceOffset> latest = source.Latest(start);
    for (int i = 0; i < 2000 && latest.ok() && *latest == start; ++i) {
      usleep(1000);
      latest = source.Latest(start);
    }
    return latest;
  }
  static std::vector<std::string> Read(Source& source, const SourceOffset& start, const SourceOffset& end) {
    std::vector<std::string> lines;
    auto splits = source.Plan(start, end);
    EXPECT_THAT(splits, IsOk());
    for (const auto& split : *splits) {
      while (const std::optional<ColumnBatch> batch = split->Next().value()) {
        for (std::int64_t row = 0; row < batch->rows(); ++row) {
          lines.emplace_back(batch->column(0).Bytes(row));
        }
      }
    }
    return lines;
  }

  ManualClock clock_{kNowUs};
  test::LoopbackServer server_;
};

TEST_F(Socket, LinesAreRowsAndOffsetsTheirNumbers) {
  auto source = Open();
  EXPECT_THAT(source->Latest(std::nullopt), IsOkAnd(SourceOffset()));
  server_.Send("one\ntwo\r\n\rfour\nbeg");
  EXPECT_THAT(LatestOnceThere(*source, std::nullopt), IsOkAnd(SourceOffset("3")));
  EXPECT_EQ(Read(*source, std::nullopt, "3"), (std::vector<std::string>{"one", "two", "", "four"}));
  EXPECT_EQ(Read(*source, "2", "3"), (std::vector<std::string>{"four"}));
  server_.Send("un\xff\n");
  EXPECT_THAT(LatestOnceThere(*source, "3"), IsOkAnd(SourceOffset("4")));
  EXPECT_EQ(Read(*source, "3", "4"), (std::vector<std::string>{"begun\xEF\xBF\xBD"}));
  EXPECT_EQ(source->schema().ToDdl(), "value STRING");
  EXPECT_EQ(source->description(), "TextSocketV2[host: 127.0.0.1, port: " + server_.port() + "]");
}

TEST_F(Socket, ALineEndInTwoPiecesIsOneLineEnd) {
  auto source = Open();
  server_.Send("a\r");
  EXPECT_THAT(LatestOnceThere(*source, std::nullopt), IsOkAnd(SourceOffset("0")));
  server_.Send("\nb\n");
  EXPECT_THAT(LatestOnceThere(*source, "0"), IsOkAnd(SourceOffset("1")));
  EXPECT_EQ(Read(*source, std::nullopt, "1"), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Socket, EachLineHasTheTimeAtWhichItWasReadInMilliseconds) {
  auto source = Open({{"includeTimestamp", "true"}});
  server_.Send("x\n");
  ASSERT_THAT(LatestOnceThere(*source, std::nullopt), IsOkAnd(SourceOffset("0")));
  EXPECT_EQ(source->schema().ToDdl(), "value STRING,timestamp TIMESTAMP");
  const auto batch = (*source->Plan(std::nullopt, "0")).front()->Next().value();
  EXPECT_EQ(batch->column(1).Fixed<std::int64_t>(0), 1'700'000'000'123'000);
}

TEST_F(Socket, LinesAreDealtOutToPartitions) {
  auto source = Open({{"numPartitions", "2"}});
  server_.Send("a\nb\nc\n");
  ASSERT_THAT(LatestOnceThere(*source, std::nullopt), IsOkAnd(SourceOffset("2")));
  EXPECT_EQ(Read(*source, std::nullopt, "2"), (std::vector<std::string>{"a", "c", "b"}));
}

TEST_F(Socket, WhenTheServerEndsTheStreamItsLinesAreReadAndThenThatIsAnError) {
  auto source = Open();
  server_.Send("a\nlast");
  server_.Close();
  SourceOffset end = LatestOnceThere(*source, std::nullopt).value();
  if (end == "0") {
    end = LatestOnceThere(*source, "0").value();
  }
  EXPECT_EQ(end, "1");
  EXPECT_EQ(Read(*source, "0", "1"), (std::vector<std::string>{"last"}));
  const Status ended = source->Latest("1").status();
  ASSERT_THAT(ended, HasKind(ErrorKind::kUnavailable));
  EXPECT_NE(ended.ToString().find("127.0.0.1:" + server_.port() + " closed the connection after line 1"),
            std::string::npos)
      << ended.ToString();
}

TEST_F(Socket, ABrokenConnectionIsAnError) {
  auto source = Open();
  server_.Send("");
  server_.Reset();
  const Status broken = LatestOnceThere(*source, std::nullopt).status();
  ASSERT_THAT(broken, HasKind(ErrorKind::kUnavailable));
  EXPECT_NE(broken.ToString().find("broke"), std::string::npos) << broken.ToString();
}

TEST_F(Socket, NobodyListeningIsSaidAtTheStart) {
  server_.Refuse();
  const auto options = ParseSocketOptions({{"host", "127.0.0.1"}, {"port", server_.port()}});
  const auto source = SocketSource::Open(clock_, *options);
  ASSERT_THAT(source, HasKind(ErrorKind::kUnavailable));
  EXPECT_NE(source.status().ToString().find("127.0.0.1:" + server_.port()), std::string::npos);
}

TEST_F(Socket, WhatWaitsForABatchIsBounded) {
  constexpr std::size_t kBound = 4096;
  auto source = Open({}, kBound);
  const std::string line(99, 'x');
  for (int i = 0; i < 2000; ++i) {
    server_.Send(line + "\n");
  }
  std::int64_t lines = 0;
  SourceOffset start;
  while (lines < 2000) {
    const auto end = LatestOnceThere(*source, start);
    ASSERT_THAT(end, IsOk());
    const auto read = Read(*source, start, *end);
    // One piece of the network's may come on top.
    ASSERT_LE(read.size() * line.size(), kBound + 65536);
    lines += static_cast<std::int64_t>(read.size());
    ASSERT_THAT(source->Commit(start), IsOk());
    start = *end;
  }
  EXPECT_EQ(start, "1999");
}

TEST_F(Socket, ALineThatDoesNotFitIsAnError) {
  auto source = Open({}, 1024);
  server_.Send(std::string(70'000, 'x'));
  EXPECT_THAT(LatestOnceThere(*source, std::nullopt), HasKind(ErrorKind::kInvalid));
}

TEST_F(Socket, ANewRunCountsOnAndRefusesTheBatchThatWasNotFinished) {
  auto source = Open();
  server_.Send("a\n");
  EXPECT_THAT(LatestOnceThere(*source, "41"), IsOkAnd(SourceOffset("42")));
  EXPECT_EQ(Read(*source, "41", "42"), (std::vector<std::string>{"a"}));

  auto rerun = SocketSource::Open(clock_, *ParseSocketOptions({{"host", "127.0.0.1"}, {"port", server_.port()}}));
  ASSERT_THAT(rerun, IsOk());
  const Status gone = (*rerun)->Plan("41", "42").status();
  ASSERT_THAT(gone, HasKind(ErrorKind::kInvalid));
  EXPECT_NE(gone.ToString().find("number 42"), std::string::npos) << gone.ToString();
}

TEST_F(Socket, BadOptionsAndHostileOffsetsAreRefused) {
  const OptionMap bad = {{"port", "0"}, {"port ", "1"}, {"includeTimestamp", "yes"}, {"numPartitions", "x"}};
  for (const auto& [name, value] : bad) {
    OptionMap options = {{"host", "h"}, {"port", "1"}};
    options.insert_or_assign(name, value);
    EXPECT_THAT(ParseSocketOptions(options), HasKind(ErrorKind::kInvalid)) << name;
  }
  EXPECT_THAT(ParseSocketOptions({{"port", "1"}}), HasKind(ErrorKind::kInvalid));
  EXPECT_THAT(ParseSocketOptions({{"host", "h"}}), HasKind(ErrorKind::kInvalid));
  auto source = Open();
  for (const std::string offset : {"", "x", "-2", "9223372036854775807", "{\"logOffset\":1}"}) {
    EXPECT_THAT(source->Latest(offset), HasKind(ErrorKind::kCorrupt)) << offset;
  }
}

}  // namespace
}  // namespace hf
