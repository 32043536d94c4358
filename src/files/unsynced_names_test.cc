// SPDX-License-Identifier: Apache-2.0
#include "files/unsynced_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

void SyncAll(UnsyncedNames& names) {
  for (const std::string& directory : names.UnsyncedDirectories()) {
    names.EndSync(directory, names.BeginSync(directory));
  }
}

TEST(UnsyncedNames, FirstMeetingBringsInAllDirectoriesAbove) {
  UnsyncedNames names;
  names.NoteSeen("/a/b/c");
  EXPECT_THAT(names.UnsyncedDirectories(), ElementsAre("/", "/a", "/a/b", "/a/b/c"));
  SyncAll(names);
  EXPECT_THAT(names.UnsyncedDirectories(), IsEmpty());
  names.NoteSeen("/a/b/c");
  EXPECT_THAT(names.UnsyncedDirectories(), IsEmpty());
}

TEST(UnsyncedNames, NewDirectoryChangesTheOneAbove) {
  UnsyncedNames names;
  names.NotePresent("/a");
  SyncAll(names);
  names.NoteMade("/a/b");
  EXPECT_THAT(names.UnsyncedDirectories(), ElementsAre("/a", "/a/b"));
  SyncAll(names);
  // Another thread may have made this one a moment ago.
  names.NotePresent("/a/c");
  EXPECT_THAT(names.UnsyncedDirectories(), ElementsAre("/a", "/a/c"));
  // Looked for before it was there.
  names.NoteSeen("/a/d");
  SyncAll(names);
  names.NoteMade("/a/d");
  EXPECT_THAT(names.UnsyncedDirectories(), Contains("/a"));
}

TEST(UnsyncedNames, ChangeDuringASyncIsNotCovered) {
  UnsyncedNames names;
  const std::uint64_t before = names.NoteChanged("/a");
  const std::uint64_t begun = names.BeginSync("/a");
  const std::uint64_t during = names.NoteChanged("/a");
  names.EndSync("/a", begun);
  EXPECT_TRUE(names.IsSynced("/a", before));
  EXPECT_FALSE(names.IsSynced("/a", during));
  EXPECT_THAT(names.UnsyncedDirectories(), ElementsAre("/", "/a"));
  names.EndSync("/a", names.BeginSync("/a"));
  EXPECT_TRUE(names.IsSynced("/a", during));
  EXPECT_THAT(names.UnsyncedDirectories(), ElementsAre("/"));
}

TEST(UnsyncedNames, RemovedNameMayReturnUntilItIsSynced) {
  UnsyncedNames names;
  names.NotePresent("/a");
  EXPECT_TRUE(names.MayReturn("/a/x"));  // somebody before us may have removed it
  SyncAll(names);
  EXPECT_FALSE(names.MayReturn("/a/x"));
  const std::uint64_t begun = names.BeginSync("/a");
  names.NoteRemoved("/a/x");
  EXPECT_TRUE(names.MayReturn("/a/x"));
  EXPECT_FALSE(names.MayReturn("/a/y"));
  names.EndSync("/a", begun);
  EXPECT_TRUE(names.MayReturn("/a/x"));
  SyncAll(names);
  EXPECT_FALSE(names.MayReturn("/a/x"));
}

TEST(UnsyncedNames, NothingReturnsIntoADirectoryThatWeMade) {
  UnsyncedNames names;
  names.NoteMade("/a");
  EXPECT_FALSE(names.MayReturn("/a/x"));
}

TEST(UnsyncedNames, PresenceIsNotTheSameAsHavingBeenSeen) {
  UnsyncedNames names;
  names.NoteSeen("/a");
  EXPECT_FALSE(names.IsPresent("/a"));
  EXPECT_TRUE(names.IsOnlySeen("/a"));
  names.NotePresent("/a");
  EXPECT_TRUE(names.IsPresent("/a"));
  EXPECT_TRUE(names.IsOnlySeen("/a"));
  names.NoteChanged("/a");
  EXPECT_FALSE(names.IsOnlySeen("/a"));
  names.Forget("/a");
  EXPECT_FALSE(names.IsPresent("/a"));
  EXPECT_TRUE(names.MayReturn("/a/x"));
}

TEST(UnsyncedNames, SyncOfAnEarlierDirectoryOfThatNameSettlesNothing) {
  UnsyncedNames names;
  names.NoteSeen("/a");
  const std::uint64_t begun = names.BeginSync("/a");
  names.Forget("/a");
  names.NotePresent("/a");
  names.EndSync("/a", begun);
  EXPECT_TRUE(names.MayReturn("/a/x"));
  EXPECT_THAT(names.UnsyncedDirectories(), Contains("/a"));
}

TEST(UnsyncedNames, CleaningIsClaimedOnce) {
  UnsyncedNames names;
  EXPECT_TRUE(names.ClaimCleaning("/a"));
  EXPECT_FALSE(names.ClaimCleaning("/a"));
}

TEST(UnsyncedNames, SyncedDirectoriesAreForgottenBeyondTheLimit) {
  UnsyncedNames names;
  for (std::size_t i = 0; i < kDirectoriesRemembered + 10; ++i) {
    const std::string directory = "/d" + std::to_string(i);
    names.NotePresent(directory);
    names.EndSync(directory, names.BeginSync(directory));
  }
  EXPECT_FALSE(names.IsPresent("/d0"));
  EXPECT_TRUE(names.IsPresent("/d" + std::to_string(kDirectoriesRemembered + 9)));
}

}  // namespace
}  // namespace hf
