// SPDX-License-Identifier: Apache-2.0
// A checkpoint with everything in it, made by the engine: batches of version 1 and 2 of the StreamShop example, an
// evolution between them, snapshots, a compacted source log. And what can be seen of such a checkpoint: its state,
// and the rows of the query when it goes on.
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "files/disk_file_system.h"
#include "files/simulated_disk.h"
#include "holdfast/state_reader.h"
#include "inspect/operator_states.h"
#include "query/environment.h"
#include "sessionization/streamshop.h"
#include "support/streamshop_query.h"
#include "support/temp_dir.h"

namespace hf::test {

// The files of a disk by path, with their contents.
using Image = std::map<std::string, std::string>;
using Rows = std::multiset<std::string>;

inline constexpr int kFilesOfV1 = 4;
inline constexpr int kFiles = 12;  // one a batch
inline constexpr std::string_view kCheckpoint = "/checkpoint";

// One disk with one checkpoint on it, and what a process does there.
class Sessions {
 public:
  // Begins with the input alone, but the last file: it ends every session.
  Sessions() : clock_(kBeginUs), random_(1), disk_(clock_) {
    std::mt19937 dice(11);
    Image input;
    for (int file = 0; file < kFiles; ++file) {
      input[InputPath(file)] = Events(dice, file);
    }
    Put(input);
  }
  // Begins with an image.
  explicit Sessions(const Image& image) : clock_(kBeginUs), random_(2), disk_(clock_) {
    Image input;
    Image checkpoint;
    for (const auto& [path, content] : image) {
      (path.starts_with("/events/") ? input : checkpoint).emplace(path, content);
    }
    Put(input);  // first, as then: a source refuses files whose modification times have changed
    clock_.AdvanceMs(86'400'000);
    Put(checkpoint);
  }

  void AddLastInput() {
    clock_.AdvanceMs(1000);
    std::mt19937 dice(13);
    Put({{InputPath(kFiles), Events(dice, kFiles)}});
  }
  Status RunV1() { return Run<streamshop::SessionizerV1, streamshop::ClickV1>("v1-*"); }
  Status RunV2() { return Run<streamshop::SessionizerV2, streamshop::ClickV2>("v*"); }
  Status ReadVariable(std::int64_t batch, const std::string& variable, Rows* rows) {
    return Read({.batch_id = batch, .variable = variable}, rows);
  }
  Status Read(const StateReadOptions& options, Rows* rows) {
    return ReadState(
        std::string(kCheckpoint), options,
        [&](const ColumnBatch& found) {
          for (std::int64_t row = 0; row < found.rows(); ++row) {
            rows->insert(ToJson(found.RowAt(row), found.schema()));
          }
          return Status();
        },
        NewEnvironment());
  }

  // What state-metadata lists.
  Status ReadOperators(Rows* rows) {
    DiskFileSystem files(disk_);
    HF_ASSIGN_OR_RETURN(const auto operators, ListOperatorStates(files, std::string(kCheckpoint)));
    for (const OperatorStateSummary& found : operators) {
      rows->insert(fmt::format("{} {} {} {} {} {} {}", found.operator_id, found.operator_name, found.state_store_name,
                               found.num_partitions, found.min_batch_id, found.max_batch_id,
                               found.operator_properties));
    }
    return Status();
  }

  // Whether the last query got beyond its start.
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] Image Files() const { return disk_.Files(); }
  // What the query emitted, by batch: a batch that is run again takes the place of its first run.
  [[nodiscard]] const std::map<std::int64_t, Rows>& emitted() const { return emitted_; }

 private:
  static constexpr std::int64_t kBeginUs = 1'767'225'600'000'000;

  static std::string InputPath(int file) {
    return fmt::format("/events/v{}-{:02}.json", file < kFilesOfV1 ? 1 : 2, file);
  }

  static std::string Events(std::mt19937& dice, int file) {
    constexpr unsigned kSessions = 40;
    const bool last = file == kFiles;
    std::string text;
    for (unsigned row = 0; row < (last ? kSessions : 30); ++row) {
      const unsigned session = last ? row : dice() % kSessions;
      const char* type = last || dice() % 9 == 0 ? "logout" : "page_view";
      text += fmt::format(
          R"({{"session_id":"s{}","user_id":"u{}","event_type":"{}","revenue":{},"event_timestamp":"2026-01-01T00:{:02}:{:02}.5Z")",
          session, session / 3, type, dice() % 100, file, row);
      text += file >= kFilesOfV1 && dice() % 4 != 0 ? R"(,"device_type":"web","page_category":"home"})" : "}";
      text += '\n';
    }
    return text;
  }

  void MakeDirectories(const std::string& directory) {
    if (directory != "/" && !disk_.Stat(directory)->has_value()) {
      MakeDirectories(DirectoryOf(directory));
      EXPECT_TRUE(disk_.MakeDirectory(directory).ok());
    }
  }
  // As they are: no checksum files are made for them.
  void Put(const Image& files) {
    for (const auto& [path, content] : files) {
      MakeDirectories(DirectoryOf(path));
      auto file = disk_.Create(path);
      EXPECT_TRUE(file.ok() && (*file)->Append(content).ok() && (*file)->Sync().ok() && (*file)->Close().ok()) << path;
      clock_.AdvanceMs(1);
    }
  }

  Environment NewEnvironment() {
    return {.files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_};
  }

  template <typename Processor, typename Click>
  Status Run(const std::string& pattern) {
    const auto writer = test::OnCheckpoint(test::SessionsOf<Processor, Click>(pattern).WriteStream("foreachBatch"),
                                           scratch_.path(), "3", "6")
                            .ForeachBatch([this](const ColumnBatch& rows, std::int64_t batch) {
                              Rows& held = emitted_[batch];
                              held.clear();
                              for (std::int64_t row = 0; row < rows.rows(); ++row) {
                                held.insert(ToJson(rows.RowAt(row), rows.schema()));
                              }
                              return Status();
                            });
    started_ = false;
    HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), NewEnvironment()));
    started_ = true;
    return query->AwaitTermination();
  }

  ManualClock clock_;
  SeededRandom random_;
  SimulatedDisk disk_;
  TempDir scratch_;
  bool started_ = false;
  std::map<std::int64_t, Rows> emitted_;
};

}  // namespace hf::test
