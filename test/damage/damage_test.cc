// SPDX-License-Identifier: Apache-2.0
// Every file of a checkpoint damaged in many ways, one at a time; then its state is read and the query goes on.
//
//  1. Nothing ever crashes.
//  2. A file with a checksum beside it leads to the right rows (an older snapshot takes its place, or the file was not
//     needed) or to an error that names it; never to other rows.
//  3. Without the checksum file - a copied checkpoint, or one that lost it in a crash - the same holds for what has
//     checksums inside: snapshots, SST files and changelogs.
//  4. A query that refuses to start has changed nothing.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "damage/damages.h"
#include "damage/sessions.h"
#include "files/hadoop_checksum.h"

namespace hf::test {
namespace {

constexpr int kFailuresMax = 10;

// RocksDB syncs what it writes into the scratch directory, which a busy disk takes long over.
const bool scratch_is_in_memory =
    std::filesystem::is_directory("/dev/shm") && setenv("TMPDIR", "/dev/shm", /*overwrite=*/0) == 0;

// The undamaged checkpoint, and all that can be seen of it.
struct Truth {
  Image image;
  std::map<std::int64_t, Rows> emitted;  // of every batch of version 2, the one after the last input included
  std::map<std::int64_t, std::map<std::string, Rows>> state;  // by retained batch and variable
};

const Truth& TheTruth() {
  static const Truth truth = [] {
    Truth made;
    Sessions sessions;
    EXPECT_TRUE(sessions.RunV1().ok());
    const Status evolved = sessions.RunV2();
    EXPECT_TRUE(evolved.ok()) << evolved.ToString();
    made.image = sessions.Files();
    for (std::int64_t batch = 0; batch < kFiles; ++batch) {
      for (const char* variable : {"session_state", "evolved"}) {
        Rows rows;
        if (sessions.ReadVariable(batch, variable, &rows).ok()) {
          made.state[batch][variable] = std::move(rows);
        }
      }
    }
    sessions.AddLastInput();
    EXPECT_TRUE(sessions.RunV2().ok());
    made.emitted = sessions.emitted();
    return made;
  }();
  return truth;
}

class Judge {
 public:
  // Reads and continues the damaged checkpoint.
  void Try(const Damage& damage, bool keeps_checksum) {
    damage_ = &damage;
    const Image image = Damaged(TheTruth().image, damage, keeps_checksum);
    const bool inside = HasChecksumsInside(damage.path) && !damage.foreign;
    guarded_ = IsChecksum(damage.path) || !damage.content.has_value() || keeps_checksum || inside;
    must_name_ = damage.content.has_value() && guarded_;
    how_ = fmt::format("{} {}{}", damage.path, damage.how, keeps_checksum ? "" : ", without its checksum file");
    outcome_ = Outcome::kRight;
    Read(image, kFiles - 1);
    if (const std::int64_t batch = BatchOf(damage.path); batch != kFiles - 1) {
      Read(image, batch);
    }
    Continue(image);
    ++tried_;
    if (outcome_ == Outcome::kMisled) {
      misled_by_.push_back(how_);
    } else {
      ++(outcome_ == Outcome::kRight ? right_ : refused_);
    }
  }

  [[nodiscard]] bool has_enough() const { return failures_ >= kFailuresMax; }
  void Print() const {
    for (const std::string& damage : misled_by_) {
      fmt::print("misled: {}\n", damage);
    }
    fmt::print("{} damages: {} with the right rows, {} refused, {} misled where nothing guards\n", tried_, right_,
               refused_, misled_by_.size());
    std::fflush(stdout);
  }

 private:
  enum class Outcome { kRight, kRefused, kMisled };

  // The batch that needs the file, if one can tell, else any that is retained.
  static std::int64_t BatchOf(const std::string& path) {
    const auto& state = TheTruth().state;
    const std::string name = NameOf(Covered(path));
    std::int64_t batch = name[0] >= '0' && name[0] <= '9' ? std::strtoll(name.c_str(), nullptr, 10) : 0;
    batch -= path.ends_with(".changelog") || path.ends_with(".zip") ? 1 : 0;
    return state.contains(batch)
               ? batch
               : std::next(state.begin(), static_cast<std::int64_t>(path.size() % state.size()))->first;
  }

  void Read(const Image& image, std::int64_t batch) {
    Sessions sessions(image);
    for (const auto& [variable, expected] : TheTruth().state.at(batch)) {
      Rows rows;
      const Status status = sessions.ReadVariable(batch, variable, &rows);
      Settle(status, rows == expected, fmt::format("reading {} at batch {}", variable, batch));
    }
    EXPECT_EQ(sessions.Files(), image) << how_ << ": reading has written";
  }

  void Continue(const Image& image) {
    Sessions sessions(image);
    sessions.AddLastInput();
    const Image before = sessions.Files();
    const Status status = sessions.RunV2();
    const auto& expected = TheTruth().emitted;
    bool same = sessions.emitted().contains(kFiles);
    for (const auto& [batch, rows] : sessions.emitted()) {
      same = same && expected.contains(batch) && expected.at(batch) == rows;
    }
    Settle(status, same, "going on");
    if (!sessions.started() && sessions.Files() != before) {
      Fail(fmt::format("refused ({}), but files are changed", status.ToString()));
    }
  }

  void Settle(const Status& status, bool same, const std::string& what) {
    const std::string name = NameOf(Covered(damage_->path));
    if (!status.ok()) {
      outcome_ = outcome_ == Outcome::kMisled ? outcome_ : Outcome::kRefused;
      if (must_name_ && status.ToString().find(name) == std::string::npos) {
        Fail(fmt::format("{}: the error does not name the file: {}", what, status.ToString()));
      }
    } else if (!same) {
      outcome_ = Outcome::kMisled;
      if (guarded_) {
        Fail(what + ": other rows");
      }
    }
  }

  void Fail(const std::string& why) {
    ++failures_;
    ADD_FAILURE() << how_ << ": " << why;
  }

  const Damage* damage_ = nullptr;
  std::string how_;
  bool guarded_ = false;
  bool must_name_ = false;
  Outcome outcome_ = Outcome::kRight;
  int tried_ = 0;
  int right_ = 0;
  int refused_ = 0;
  std::vector<std::string> misled_by_;
  int failures_ = 0;
};

// Tries the damages of every file, or of each `step`-th damage only.
void Sweep(int flips, std::size_t step, std::uint32_t seed) {
  Judge judge;
  std::mt19937 dice(seed);
  std::size_t at = seed % step;
  std::size_t files = 0;
  for (const auto& [path, content] : TheTruth().image) {
    if (!path.starts_with(kCheckpoint)) {
      continue;
    }
    ++files;
    for (const Damage& damage : DamagesOf(TheTruth().image, path, dice, flips)) {
      const bool has_checksum = TheTruth().image.contains(ChecksumPath(path));
      for (const bool keeps : {true, false}) {
        if ((!keeps && !has_checksum) || judge.has_enough() || at++ % step != 0) {
          continue;
        }
        judge.Try(damage, keeps && has_checksum);
      }
    }
  }
  fmt::print("{} files; ", files);
  judge.Print();
}

TEST(Damage, TheUndamagedCheckpointHasEverything) {
  const Truth& truth = TheTruth();
  std::set<std::string> kinds;
  for (const auto& [path, content] : truth.image) {
    const std::string name = NameOf(path);
    for (const char* kind : {"/offsets/", "/commits/", "/metadata", "/sources/0/", ".compact", "/_stateSchema/default/",
                             "/_metadata/v2/", ".changelog", ".zip", ".sst"}) {
      if (!IsChecksum(path) && path.find(kind) != std::string::npos) {
        kinds.insert(kind);
        EXPECT_TRUE(truth.image.contains(ChecksumPath(path))) << path;
        EXPECT_EQ(truth.image.at(ChecksumPath(path)), HadoopChecksumOf(content)) << path;
      }
    }
  }
  EXPECT_EQ(kinds.size(), 10U);
  ASSERT_TRUE(truth.state.contains(kFiles - 1));
  EXPECT_GT(truth.state.at(kFiles - 1).at("session_state").size(), 20U);
  EXPECT_GT(truth.state.at(kFiles - 1).at("evolved").size(), 3U);
  EXPECT_EQ(truth.emitted.at(kFiles).size(), 40U);
}

TEST(Damage, SomeDamagesOfEveryFile) { Sweep(1, 7, 5); }

TEST(Damage, SlowManyDamagesOfEveryFile) { Sweep(6, 1, 6); }

}  // namespace
}  // namespace hf::test
