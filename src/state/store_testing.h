// SPDX-License-Identifier: Apache-2.0
// For the tests of the state folder: a disk-backed checkpoint and the logged lines.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "holdfast/log.h"
#include "state/store.h"
#include "support/temp_dir.h"

namespace hf {

// Collects what is logged while it lives.
class LoggedLines {
 public:
  LoggedLines() {
    SetLogSink([this](LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex_);
      text_.append(line).append("\n");
    });
  }
  LoggedLines(const LoggedLines&) = delete;
  LoggedLines& operator=(const LoggedLines&) = delete;
  ~LoggedLines() { SetLogSink({}); }
  [[nodiscard]] std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

// One partition's directory and what is needed to open its store.
class StoreDirectory {
 public:
  StoreDirectory() : random_(1) {
    options.files = &files;
    options.random = &random_;
    options.directory = temporary_.path() + "/state/0/0";
    options.scratch_directory = temporary_.path() + "/scratch";
    std::filesystem::create_directories(options.directory);
  }

  std::unique_ptr<Store> Open(StateVersion version, std::string_view unique_id = {}) {
    Result<std::unique_ptr<Store>> store = Store::Open(options, version, unique_id);
    EXPECT_TRUE(store.ok()) << "version " << version << ": " << store.status().ToString();
    return store.ok() ? std::move(store).value() : nullptr;
  }
  Status OpenStatus(StateVersion version, std::string_view unique_id = {}) {
    return Store::Open(options, version, unique_id).status();
  }
  [[nodiscard]] std::string Path(std::string_view name) const { return options.directory + "/" + std::string(name); }
  [[nodiscard]] bool Has(std::string_view name) const { return std::filesystem::exists(Path(name)); }
  [[nodiscard]] std::vector<std::string> Names(std::string_view subdirectory = "") const {
    std::vector<std::string> names;
    if (std::filesystem::exists(Path(subdirectory))) {
      for (const auto& entry : std::filesystem::directory_iterator(Path(subdirectory))) {
        if (!entry.is_directory() && !entry.path().filename().string().starts_with('.')) {
          names.push_back(entry.path().filename().string());
        }
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  test::TempDir temporary_{test::TempDir::Place::kMemory};
  SeededRandom random_;
  PosixDisk disk_;

 public:
  DiskFileSystem files{disk_};
  StoreOptions options;
};

using StateMap = std::map<std::string, std::string>;

inline StateMap ReadAll(Store& store) {
  StateMap all;
  std::string last;
  const Status status = store.ScanRange({}, {}, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(all.empty() || last < key);
    last = key;
    all.emplace(key, value);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status.ToString();
  return all;
}

inline std::string KeyIn(FamilyId family, std::string_view key) { return FamilyPrefix(family).append(key); }

// Writes the prepared version as the engine does and confirms it. `cells` as for Prepare.
inline PreparedVersion Commit(FileSystem& files, Store& store, std::span<StateRecord> cells = {}) {
  Result<PreparedVersion> prepared = store.Prepare(cells);
  EXPECT_TRUE(prepared.ok()) << prepared.status().ToString();
  if (const std::vector<NewFile> written = prepared->Files(); !written.empty()) {
    const Status durable = files.PutMany(written);
    EXPECT_TRUE(durable.ok()) << durable.ToString();
  }
  if (prepared->publish_now) {
    const Status published = store.PublishNow();
    EXPECT_TRUE(published.ok()) << published.ToString();
  }
  store.Confirm();
  return std::move(prepared).value();
}

inline void TakeSnapshot(Store& store) {
  const std::unique_ptr<SnapshotJob> job = store.BeginSnapshot(true);
  ASSERT_NE(job, nullptr);
  const Status status = job->Run();
  ASSERT_TRUE(status.ok()) << status.ToString();
  store.Adopt(*job);
}

}  // namespace hf
