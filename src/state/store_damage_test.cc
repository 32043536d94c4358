// SPDX-License-Identifier: Apache-2.0
// Every way to damage the files of a partition: recovery gives the right content (from an older snapshot) or a failure
// that names the file, never other content.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "state/changelog.h"
#include "state/snapshot.h"
#include "state/state_files.h"
#include "state/store_testing.h"

namespace hf {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

void Overwrite(const fs::path& path, const std::string& bytes) {
  fs::remove(path);  // an SST may be a hard link
  std::ofstream(path, std::ios::binary) << bytes;
}

enum class Checksums { kKept, kGone };

class StoreDamage : public ::testing::TestWithParam<Checksums> {
 protected:
  // Snapshots at 1, 3, 5 and 7 of 8 versions, with everything in them that a state can have.
  void SetUp() override {
    const auto store = directory_.Open(0);
    const FamilyId v = *store->EnsureFamily("v");
    for (StateVersion version = 1; version <= 8; ++version) {
      for (int i = 0; i < 40; ++i) {
        store->Put(KeyIn(v, "key " + std::to_string((i * 7 + version) % 60)), "value of " + std::to_string(version));
      }
      store->Merge(KeyIn(v, "list"), std::to_string(version));
      store->Delete(KeyIn(v, "key " + std::to_string(version)));
      Commit(directory_.files, *store);
      if (version > 1 && version % 2 == 1) {
        TakeSnapshot(*store);
      }
    }
    expected_ = ReadAll(*store);
    fs::copy(directory_.Path(""), whole_.path() + "/whole", fs::copy_options::recursive);
    Restore();
  }

  void Restore() {
    fs::remove_all(directory_.Path(""));
    fs::copy(whole_.path() + "/whole", directory_.Path(""), fs::copy_options::recursive);
    if (GetParam() == Checksums::kGone) {
      for (const auto& entry : fs::recursive_directory_iterator(directory_.Path(""))) {
        if (entry.path().filename().string().starts_with('.')) {
          fs::remove(entry.path());
        }
      }
    }
  }

  std::string Slurp(const std::string& name) {
    std::ifstream in(directory_.Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // Version 8 comes back whole, or fails naming `name`. Returns whether it came back.
  bool ExpectRightOrNamed(const std::string& name) {
    const Result<std::unique_ptr<Store>> store = Store::Open(directory_.options, 8);
    if (store.ok()) {
      EXPECT_EQ(ReadAll(**store), expected_) << name;
      EXPECT_EQ((*store)->counts().keys, static_cast<std::int64_t>(expected_.size())) << name;
      return true;
    }
    EXPECT_EQ(store.status().kind(), ErrorKind::kCorrupt) << store.status().ToString();
    // RocksDB does not always say which SST it could not open; then the snapshot is named.
    EXPECT_THAT(store.status().ToString(), AnyOf(HasSubstr(name), HasSubstr(IsSst(name) ? "7.zip" : name)));
    return false;
  }

  std::vector<std::string> AllFiles() {
    std::vector<std::string> names = directory_.Names();
    for (const std::string& sst : directory_.Names("SSTs")) {
      names.push_back("SSTs/" + sst);
    }
    return names;
  }

  // Whether one SST serves every snapshot, so that no older one can replace it, is up to RocksDB's compactions.
  static bool IsSst(const std::string& name) { return name.ends_with(".sst"); }

  StoreDirectory directory_;
  test::TempDir whole_{test::TempDir::Place::kMemory};
  StateMap expected_;
};

TEST_P(StoreDamage, AnyTruncatedFile) {
  for (const std::string& name : AllFiles()) {
    const std::string bytes = Slurp(name);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, bytes.size() / 2, bytes.size() - 1}) {
      Restore();
      Overwrite(directory_.Path(name), bytes.substr(0, size));
      const bool came_back = ExpectRightOrNamed(name);
      if (!IsSst(name)) {
        EXPECT_EQ(came_back, name != "8.changelog") << name << " cut to " << size;
      }
    }
  }
}

TEST_P(StoreDamage, AnyFlippedByte) {
  for (const std::string& name : AllFiles()) {
    const std::string bytes = Slurp(name);
    SeededRandom random(bytes.size());
    for (int flip = 0; flip < 6; ++flip) {
      Restore();
      std::string damaged = bytes;
      const std::size_t at = random.Below(bytes.size());
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.Below(8)));
      Overwrite(directory_.Path(name), damaged);
      ExpectRightOrNamed(name);
    }
  }
}

TEST_P(StoreDamage, AnyMissingFile) {
  for (const std::string& name : AllFiles()) {
    Restore();
    fs::remove(directory_.Path(name));
    const bool came_back = ExpectRightOrNamed(name);
    if (!IsSst(name)) {
      EXPECT_EQ(came_back, name != "8.changelog") << name;
    }
  }
}

TEST_P(StoreDamage, ALostSnapshotIsToldAndAnOlderOneTaken) {
  LoggedLines lines;
  Overwrite(directory_.Path("7.zip"), "PK damaged");
  EXPECT_TRUE(ExpectRightOrNamed("7.zip"));
  EXPECT_THAT(lines.text(), HasSubstr("7.zip"));
}

TEST_P(StoreDamage, AnSstOfTheWrongSizeIsToldByName) {
  LoggedLines lines;
  const Snapshot newest = *ReadSnapshot(directory_.files, directory_.options.directory, 7);
  const std::string name = "SSTs/" + newest.metadata.ssts.back().dfs_name;
  Overwrite(directory_.Path(name), Slurp(name) + "x");
  ExpectRightOrNamed(name);
  EXPECT_THAT(lines.text(), AllOf(HasSubstr(name), HasSubstr("UNEXPECTED_FILE_SIZE")));
}

TEST_P(StoreDamage, AChangelogWithoutASnapshotBehindItIsMissed) {
  for (const char* name : {"7.zip", "5.zip"}) {
    fs::remove(directory_.Path(name));
  }
  fs::remove(directory_.Path("4.changelog"));
  const Status status = directory_.OpenStatus(8);
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(status.ToString(), AllOf(HasSubstr("version 8"), HasSubstr("4.changelog is missing")));
  EXPECT_TRUE(directory_.OpenStatus(3).ok());
}

TEST_P(StoreDamage, FamiliesComeFromAReadableZipWithDamagedSsts) {
  const auto store = directory_.Open(8);
  const FamilyId late = *store->EnsureFamily("late");
  store->Put(KeyIn(late, "k"), "v");
  Commit(directory_.files, *store);  // 9.zip
  const StateMap expected = ReadAll(*store);
  // The SST that came with 9.zip is damaged; its metadata is not.
  const Snapshot newest = *ReadSnapshot(directory_.files, directory_.options.directory, 9);
  Overwrite(directory_.Path("SSTs/" + newest.metadata.ssts.back().dfs_name), "damaged");
  const auto again = directory_.Open(9);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->FindFamily("late"), late);
  EXPECT_EQ(ReadAll(*again), expected);
}

TEST_P(StoreDamage, AFamilyThatNoReadableSnapshotNamesIsRefused) {
  const auto store = directory_.Open(8);
  store->Put(KeyIn(*store->EnsureFamily("late"), "k"), "v");
  Commit(directory_.files, *store);
  Overwrite(directory_.Path("9.zip"), "PK damaged");
  const Status status = directory_.OpenStatus(9);
  EXPECT_EQ(status.kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(status.ToString(), AllOf(HasSubstr("9.changelog"), HasSubstr("column family 3"), HasSubstr("9.zip")));
}

INSTANTIATE_TEST_SUITE_P(Hadoop, StoreDamage, ::testing::Values(Checksums::kKept, Checksums::kGone),
                         [](const auto& checksums) {
                           return checksums.param == Checksums::kKept ? "WithChecksums" : "WithoutChecksums";
                         });

}  // namespace
}  // namespace hf
