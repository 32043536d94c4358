// SPDX-License-Identifier: Apache-2.0
// For tests of the file source: a directory of input files, and the numbers that a source reads from them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "connect/file/file_source.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/temp_dir.h"

namespace hf {

using Numbers = std::vector<std::int64_t>;

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() { std::filesystem::create_directories(scratch_ / "in"); }

  Result<std::unique_ptr<FileSource>> TryOpen(OptionMap options = {}, const std::string& format = "json") {
    options.emplace("path", scratch_ / "in");
    return FileSource::Open(
        files_, *checkpoint_, clock_,
        {.format = format,
         .options = std::move(options),
         .schema = Schema({{.name = "n", .type = DataType::Long()}, {.name = "text", .type = DataType::String()}}),
         .log_directory = log_directory_});
  }
  std::unique_ptr<FileSource> Open(const OptionMap& options = {}) {
    Result<std::unique_ptr<FileSource>> source = TryOpen(options);
    EXPECT_TRUE(source.ok()) << source.status().ToString();
    return std::move(source).value();
  }
  // A file with one row for each number.
  void Add(const std::string& name, std::int64_t modified_ms, const Numbers& numbers) {
    std::string lines;
    for (const std::int64_t n : numbers) {
      lines += fmt::format("{{\"n\":{}}}\n", n);
    }
    scratch_.Write("in/" + name, lines, modified_ms);
  }
  static SourceOffset At(std::int64_t entry) { return fmt::format("{{\"logOffset\":{}}}", entry); }
  static Result<Numbers> TryRead(FileSource& source, const SourceOffset& start, const SourceOffset& end) {
    HF_ASSIGN_OR_RETURN(const auto splits, source.Plan(start, end));
    Numbers numbers;
    for (const auto& split : splits) {
      while (true) {
        HF_ASSIGN_OR_RETURN(const std::optional<ColumnBatch> batch, split->Next());
        if (!batch.has_value()) {
          break;
        }
        for (std::int64_t row = 0; row < batch->rows(); ++row) {
          numbers.push_back(batch->column(0).IsNull(row) ? -1 : batch->column(0).Fixed<std::int64_t>(row));
        }
      }
    }
    return numbers;
  }
  static Numbers Read(FileSource& source, const SourceOffset& start, const SourceOffset& end) {
    const Result<Numbers> numbers = TryRead(source, start, end);
    EXPECT_TRUE(numbers.ok()) << numbers.status().ToString();
    return numbers.ok() ? *numbers : Numbers();
  }
  // The batches that follow `start` until there is nothing new.
  static std::vector<Numbers> Run(FileSource& source, SourceOffset start = std::nullopt) {
    std::vector<Numbers> batches;
    while (true) {
      const Result<SourceOffset> end = source.Latest(start);
      EXPECT_TRUE(end.ok()) << end.status().ToString();
      if (!end.ok() || *end == start) {
        return batches;
      }
      batches.push_back(Read(source, start, *end));
      source.ReadAhead(*end);
      EXPECT_TRUE(source.Commit(*end).ok());
      start = *end;
    }
  }
  // What reading the first batch fails with.
  Status FailureOf(FileSource& source, const SourceOffset& end) {
    const Result<Numbers> numbers = TryRead(source, std::nullopt, end);
    EXPECT_FALSE(numbers.ok());
    return numbers.status();
  }

  test::TempDir scratch_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
  ManualClock clock_;
  FileSystem* checkpoint_ = &files_;
  std::string log_directory_ = scratch_ / "checkpoint/sources/0";
};

inline void ExpectNames(const Status& status, const std::string& name) {
  EXPECT_NE(status.ToString().find(name), std::string::npos) << status.ToString();
}

}  // namespace hf
