// SPDX-License-Identifier: Apache-2.0
// Checkpoints of real Spark (test/spark_compat/golden), in both formats, with a file damaged, missing or too many; then
// their state is read.
//
//  1. What guards itself - by a checksum beside it or inside it - leads to the right rows or to an error that names the
//     file; a missing file to the right rows or to an error that names it, its batch or its version. Never to other
//     rows.
//  2. What a failed attempt left behind changes nothing.
//  3. Reading writes nothing.
#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "damage/damages.h"
#include "state/changelog.h"
#include "state/compressed_stream.h"

namespace hf::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kFailuresMax = 10;

struct Golden {
  Image image;
  std::vector<std::string> variables;
  std::int64_t last = 0;                                       // batch
  std::map<std::pair<std::int64_t, std::string>, Rows> state;  // by batch and variable
  Rows operators;
};

Image ImageOf(const fs::path& checkpoint) {
  Image image;
  for (const auto& entry : fs::recursive_directory_iterator(checkpoint)) {
    if (entry.is_regular_file()) {
      std::ostringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      image[fmt::format("{}/{}", kCheckpoint, fs::relative(entry.path(), checkpoint).string())] = content.str();
    }
  }
  return image;
}

// Undamaged reads are compared with Spark's by test/spark_compat.
Golden Load(const std::string& name, std::vector<std::string> variables) {
  Golden golden{
      .image = ImageOf(fs::path(HOLDFAST_SOURCE_DIR) / "test/spark_compat/golden/spark-4.3.0" / name / "ckpt"),
      .variables = std::move(variables),
      .last = -1,
      .state = {},
      .operators = {}};
  for (const auto& [path, content] : golden.image) {
    golden.last += path.starts_with("/checkpoint/commits/") && !IsChecksum(path) ? 1 : 0;
  }
  Sessions sessions(golden.image);
  EXPECT_TRUE(sessions.ReadOperators(&golden.operators).ok());
  for (const std::int64_t batch : {golden.last / 2, golden.last}) {
    for (const std::string& variable : golden.variables) {
      const Status read = sessions.ReadVariable(batch, variable, &golden.state[{batch, variable}]);
      EXPECT_TRUE(read.ok()) << name << ": " << read.ToString();
      EXPECT_FALSE(golden.state.at({batch, variable}).empty());
    }
  }
  return golden;
}

class Judge {
 public:
  explicit Judge(const Golden& golden) : golden_(golden) {}

  void Try(const Damage& damage, bool keeps_checksum) {
    damage_ = &damage;
    how_ = fmt::format("{} {}{}", damage.path, damage.how, keeps_checksum ? "" : ", without its checksum file");
    const bool visible_checksum = damage.path.ends_with(".crc") && !IsChecksum(damage.path);
    guarded_ = keeps_checksum || IsChecksum(damage.path) || !damage.content.has_value() || visible_checksum ||
               (HasChecksumsInside(damage.path) && !damage.foreign);
    const Image image = Damaged(golden_.image, damage, keeps_checksum);
    Sessions sessions(image);
    bool refused = false;
    bool misled = false;
    const auto settle = [&](const Status& status, bool same, const std::string& what) {
      refused = refused || !status.ok();
      misled = misled || (status.ok() && !same);
      if (!status.ok() && guarded_ && !Names(status.ToString())) {
        Fail(fmt::format("{}: the error names neither file nor version: {}", what, status.ToString()));
      }
      if (status.ok() && !same && guarded_) {
        Fail(what + ": other rows");
      }
    };
    for (const auto& [what, expected] : golden_.state) {
      Rows rows;
      const Status status = sessions.ReadVariable(what.first, what.second, &rows);
      settle(status, rows == expected, fmt::format("reading {} at batch {}", what.second, what.first));
    }
    Rows operators;
    // Which batches are committed is what the directory of commits says.
    const bool counts = damage.path.find("/commits/") != std::string::npos;
    const Status listed = sessions.ReadOperators(&operators);
    settle(listed, operators == golden_.operators || counts, "state-metadata");
    if (sessions.Files() != image) {
      Fail("reading has written");
    }
    ++tried_;
    misled_ += misled ? 1 : 0;
    refused_ += refused && !misled ? 1 : 0;
  }

  [[nodiscard]] bool has_enough() const { return failures_ >= kFailuresMax; }
  void Print(const std::string& name) const {
    fmt::print("{}: {} damages: {} with the right rows, {} refused, {} misled where nothing guards\n", name, tried_,
               tried_ - refused_ - misled_, refused_, misled_);
    std::fflush(stdout);
  }

 private:
  // Damage: the file, where a visible checksum file belongs to the one that is named with it. Absence: also its
  // directory, its version or its batch, as nobody can tell which file there was.
  [[nodiscard]] bool Names(const std::string& error) const {
    const std::string path = Covered(damage_->path);
    std::string name = NameOf(path);
    name.resize(name.size() - (name.ends_with(".crc") ? 4 : 0));
    const std::string number = name.substr(0, name.find_first_not_of("0123456789"));
    const auto has = [&error](const std::string& words) { return error.find(words) != std::string::npos; };
    if (damage_->content.has_value() || number.empty()) {
      return has(name);
    }
    return has("/" + name) || has(DirectoryOf(path)) || has("version " + number) || has("batch " + number);
  }
  void Fail(const std::string& why) {
    ++failures_;
    ADD_FAILURE() << how_ << ": " << why;
  }

  const Golden& golden_;
  const Damage* damage_ = nullptr;
  std::string how_;
  bool guarded_ = false;
  int tried_ = 0;
  int refused_ = 0;
  int misled_ = 0;
  int failures_ = 0;
};

void Sweep(const std::string& name, std::vector<std::string> variables, int flips, std::size_t step,
           std::uint32_t seed) {
  const Golden golden = Load(name, std::move(variables));
  Judge judge(golden);
  std::mt19937 dice(seed);
  std::size_t at = seed % step;
  for (const auto& [path, content] : golden.image) {
    for (const Damage& damage : DamagesOf(golden.image, path, dice, flips)) {
      const bool has_checksum = golden.image.contains(ChecksumPath(path));
      for (const bool keeps : {true, false}) {
        if ((keeps || has_checksum) && !judge.has_enough() && at++ % step == 0) {
          judge.Try(damage, keeps && has_checksum);
        }
      }
    }
  }
  judge.Print(name);
}

TEST(GoldenDamage, SomeOfFormat1) { Sweep("evolution", {"v", "l"}, 1, 9, 3); }
TEST(GoldenDamage, SomeOfFormat2) { Sweep("format2_avro", {"v", "lt"}, 1, 13, 4); }
TEST(GoldenDamage, SlowManyOfFormat1) { Sweep("evolution", {"v", "l"}, 4, 1, 5); }
TEST(GoldenDamage, SlowManyOfFormat2) { Sweep("format2_avro", {"v", "lt"}, 4, 1, 6); }
TEST(GoldenDamage, SlowManyOfSnapshots) { Sweep("snapshots_format2", {"v", "m"}, 1, 5, 7); }

// ---- Files too many, and files that do not belong together ----------------------------------------------------------

constexpr const char* kState = "/checkpoint/state/0/";

// "/checkpoint/state/0/1/3_<uuid>.changelog" of the version, without its end.
std::string StemOf(const Image& image, int partition, int version) {
  const std::string begin = fmt::format("{}{}/{}_", kState, partition, version);
  const auto found = image.lower_bound(begin);
  EXPECT_TRUE(found != image.end() && found->first.starts_with(begin)) << begin;
  return found->first.substr(0, begin.size() + 36);
}

void ExpectRight(const Golden& golden, const Image& image) {
  Sessions sessions(image);
  for (const auto& [what, expected] : golden.state) {
    Rows rows;
    const Status status = sessions.ReadVariable(what.first, what.second, &rows);
    EXPECT_TRUE(status.ok()) << what.second << " at " << what.first << ": " << status.ToString();
    EXPECT_EQ(rows, expected) << what.second << " at " << what.first;
  }
  EXPECT_EQ(sessions.Files(), image);
}

std::string ErrorOf(const Image& image, const StateReadOptions& options) {
  Sessions sessions(image);
  Rows rows;
  const Status status = sessions.Read(options, &rows);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(sessions.Files(), image);
  return status.ToString();
}

TEST(GoldenDamage, WhatFailedAttemptsLeftChangesNothing) {
  const Golden golden = Load("snapshots_format2", {"v", "l", "m"});
  Image image = golden.image;
  image[fmt::format("{}_stateSchema/default/9_0b7a2f9e-5f3d-4a51-8d2c-6f0e9b1a7c33", kState)] = "not a schema";
  image[fmt::format("{}_metadata/v2/10", kState)] = "of a batch that was never committed";
  image["/checkpoint/offsets/10"] = image.at("/checkpoint/offsets/9");
  // Other attempts at versions that are committed, and at the one to come: another state, and rubbish.
  const std::string other = "0b7a2f9e-5f3d-4a51-8d2c-6f0e9b1a7c33";
  for (const int partition : {0, 1}) {
    const std::string directory = fmt::format("{}{}/", kState, partition);
    for (const int version : {3, 9}) {
      image[fmt::format("{}{}_{}.zip", directory, version, other)] = image.at(StemOf(image, partition, 1) + ".zip");
      image[fmt::format("{}{}_{}.changelog", directory, version, other)] =
          image.at(StemOf(image, partition, version - 1) + ".changelog");
    }
    image[fmt::format("{}11_{}.changelog", directory, other)] = "rubbish";
    image[fmt::format("{}12_{}.zip", directory, other)] = "rubbish";
  }
  ExpectRight(golden, image);
}

TEST(GoldenDamage, InFormat1TheVersionToComeIsNotRead) {
  const Golden golden = Load("snapshots", {"v", "l", "m"});
  Image image = golden.image;
  for (const int partition : {0, 1}) {
    image[fmt::format("{}{}/11.changelog", kState, partition)] = "rubbish";
    image[fmt::format("{}{}/11.zip", kState, partition)] = "rubbish";
  }
  ExpectRight(golden, image);
}

TEST(GoldenDamage, ACommitWithoutItsStateIsRefused) {
  for (const char* name : {"snapshots", "snapshots_format2"}) {
    SCOPED_TRACE(name);
    const Golden golden = Load(name, {"v"});
    Image image = golden.image;
    for (const char* log : {"offsets", "commits"}) {
      image[fmt::format("/checkpoint/{}/10", log)] = image.at(fmt::format("/checkpoint/{}/9", log));
    }
    EXPECT_THAT(ErrorOf(image, {.variable = "v"}), HasSubstr("version 11 of /checkpoint/state/0/0"));
    ExpectRight(golden, image);  // the batches before it
  }
}

// The changelog of version 10 with another lineage.
Image WithLineage(const Image& original, const std::function<void(std::vector<VersionId>&)>& change) {
  Image image = original;
  const std::string path = StemOf(image, 0, 10) + ".changelog";
  const Changelog changelog = ReadChangelog(image.at(path), CompressionCodec::kLz4).value();
  std::vector<VersionId> lineage = changelog.lineage;
  change(lineage);
  const std::string content =
      HeaderWithLineage(lineage) + changelog.content.substr(HeaderWithLineage(changelog.lineage).size());
  image[path] = Compress(CompressionCodec::kLz4, content).value();
  EXPECT_EQ(ReadChangelog(image.at(path), CompressionCodec::kLz4).value().lineage, lineage);
  for (const std::string& checksum : {ChecksumPath(path), path + ".crc", ChecksumPath(path + ".crc")}) {
    image.erase(checksum);
  }
  return image;
}

TEST(GoldenDamage, ALineageThatLeadsNowhereIsRefused) {
  const Golden golden = Load("snapshots_format2", {"v"});
  const std::string version_10 = NameOf(StemOf(golden.image, 0, 10));
  ExpectRight(golden, WithLineage(golden.image, [](std::vector<VersionId>&) {}));
  Image image = WithLineage(golden.image, [](std::vector<VersionId>& lineage) { lineage.clear(); });
  EXPECT_THAT(ErrorOf(image, {.variable = "v"}), HasSubstr(version_10 + ".changelog is empty"));
  image = WithLineage(golden.image, [](std::vector<VersionId>& lineage) { lineage.back().unique_id = "elsewhere"; });
  EXPECT_THAT(ErrorOf(image, {.variable = "v"}), HasSubstr("9_elsewhere.changelog"));
  image = WithLineage(golden.image, [](std::vector<VersionId>& lineage) { lineage.back().version = 7; });
  EXPECT_THAT(ErrorOf(image, {.variable = "v"}), HasSubstr(version_10));
}

}  // namespace
}  // namespace hf::test
