// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder: a checkpoint in memory, and the checkpoints that Spark wrote.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "files/simulated_disk.h"
#include "support/status_matchers.h"

namespace hf::test {

struct MemoryCheckpoint {
  ManualClock clock{0};
  SimulatedDisk disk{clock};
  DiskFileSystem files{disk};
  std::string root = "/checkpoint";

  void Put(const std::string& name, std::string_view bytes) {
    EXPECT_THAT(files.Replace(root + "/" + name, bytes), IsOk());
  }
  std::string Get(const std::string& name) { return files.Read(root + "/" + name).value(); }
  // Changes one byte behind the file system's back, so that the hidden checksum no longer fits.
  void Flip(const std::string& name, std::size_t at) {
    EXPECT_THAT(files.Sync(), IsOk());  // the checksum is written with the names
    std::string bytes = Get(name);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    const std::string path = root + "/" + name;
    EXPECT_THAT(disk.Remove(path), IsOk());
    auto file = disk.Create(path);
    EXPECT_THAT((*file)->Append(bytes), IsOk());
    EXPECT_THAT((*file)->Close(), IsOk());
  }
};

// Checkpoints that Apache Spark 4.3.0 wrote: test/spark_compat/golden/README.md.
struct GoldenCheckpoints {
  PosixDisk disk;
  DiskFileSystem files{disk};

  static std::string Root(const std::string& name) {
    return std::string(HOLDFAST_SOURCE_DIR) + "/test/spark_compat/golden/" + name + "/ckpt";
  }
  static std::vector<std::string> Names() {
    return {"a_v1", "b_v1v2", "b_snap", "c1_eventtime", "c2_proctime_ttl", "d_unsaferow", "e_ckptv2"};
  }
};

}  // namespace hf::test
