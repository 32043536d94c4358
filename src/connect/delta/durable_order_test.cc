// SPDX-License-Identifier: Apache-2.0
// Looks at the system calls of whole commits: nothing that a log entry refers to may be lost once the entry is there.
// Each test runs its child again in a process of its own, since threads do not survive a fork.
#include <gtest/gtest.h>

#include "connect/delta/delta_sink.h"
#include "connect/file/file_sink.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/syscall_trace.h"
#include "support/temp_dir.h"

namespace hf::test {
namespace {

constexpr const char* kDirectoryVariable = "HOLDFAST_TRACED_DIRECTORY";

// Runs one of the disabled tests below in `directory` and returns what it did.
SyscallTrace Trace(const std::string& child, const std::string& directory) {
  return SyscallTracer::Run({"/proc/self/exe", "--gtest_filter=DurableOrderChild.DISABLED_" + child,
                             "--gtest_also_run_disabled_tests", "--gtest_brief=1"},
                            {{kDirectoryVariable, directory},
                             {"ASAN_OPTIONS", "detect_leaks=0"}});  // leaks cannot be looked for under a tracer
}

std::string Directory() {
  const char* directory = std::getenv(kDirectoryVariable);
  EXPECT_NE(directory, nullptr);
  return directory == nullptr ? "" : directory;
}

bool EndsWith(const std::string& path, std::string_view end) { return path.ends_with(end); }

bool IsDeltaEntry(const std::string& path) {
  return path.find("/_delta_log/") != std::string::npos && EndsWith(path, ".json");
}

bool IsParquet(const std::string& path) {
  return EndsWith(path, ".parquet") && path.find("/_delta_log/") == std::string::npos;
}

const Schema& Numbers() {
  static const Schema schema({{.name = "n", .type = DataType::Long()}});
  return schema;
}

// A row a batch: its number, and in a second column whether it is odd.
void CommitThree(Sink& sink, const Schema& schema = Numbers()) {
  ASSERT_TRUE(sink.Open(schema, "query-1").ok());
  for (std::int64_t batch = 0; batch < 3; ++batch) {
    Row row = {Value(batch), Value(batch % 2)};
    row.resize(schema.size());
    const ColumnBatch rows = ColumnBatch::FromRows(schema, {row}).value();
    Mark(fmt::format("begin {}", batch));
    const Result<SinkCommit> commit = sink.Commit(batch, {rows});
    if (const auto upkeep = sink.TakeUpkeep(); upkeep != nullptr) {
      ASSERT_TRUE(upkeep().ok());
    }
    Mark(fmt::format("end {}", batch));
    ASSERT_TRUE(commit.ok()) << commit.status().ToString();
  }
}

TEST(DurableOrderChild, DISABLED_Delta) {
  const auto sink = DeltaSink::Create(Directory() + "/tables/t", {{"delta.checkpointInterval", "2"}}, "Append");
  ASSERT_TRUE(sink.ok()) << sink.status().ToString();
  CommitThree(**sink);
}

TEST(DurableOrderChild, DISABLED_DeltaPartitions) {
  const Schema schema({{.name = "n", .type = DataType::Long()}, {.name = "odd", .type = DataType::Long()}});
  const auto sink = DeltaSink::Create(Directory() + "/tables/t", {}, "Append", nullptr, {"odd"});
  ASSERT_TRUE(sink.ok()) << sink.status().ToString();
  CommitThree(**sink, schema);
}

TEST(DurableOrderChild, DISABLED_Files) {
  PosixDisk disk;
  DiskFileSystem files(disk);
  SystemClock clock;
  SystemRandom random;
  const auto sink =
      FileSink::Create(files, clock, random, {.format = "parquet", .options = {{"path", Directory() + "/out"}}});
  ASSERT_TRUE(sink.ok()) << sink.status().ToString();
  CommitThree(**sink);
}

TEST(DurableOrderChild, DISABLED_Careless) {
  const std::string log = Directory() + "/_delta_log";
  Mark("begin 0");
  std::filesystem::create_directories(log);
  std::ofstream(Directory() + "/part-0.parquet") << "rows";
  std::ofstream(log + "/new") << "entry";
  std::filesystem::rename(log + "/new", log + "/0.json");
  Mark("end 0");
}

TEST(DurableOrder, DeltaSyncsTheDataThenTheEntryThenItsName) {
  if (const auto library = DeltaLibrary::Get(); !library.ok()) {
    GTEST_SKIP() << library.status().ToString();
  }
  const TempDir scratch;
  const SyscallTrace trace = Trace("Delta", scratch / "x");
  if (!trace.permitted) {
    GTEST_SKIP() << "ptrace is forbidden here";
  }
  ASSERT_EQ(trace.exit_code, 0);
  DurableOrder order(trace, IsDeltaEntry, IsParquet);
  EXPECT_EQ(order.Problems(), std::vector<std::string>());
  EXPECT_EQ(order.commits, 3);
  EXPECT_EQ(order.entries, 4);  // one makes the table
  EXPECT_EQ(order.data_files, 3);
  EXPECT_GE(order.directories, 3);
}

TEST(DurableOrder, DeltaSyncsTheDirectoriesOfPartitionsToo) {
  if (const auto library = DeltaLibrary::Get(); !library.ok()) {
    GTEST_SKIP() << library.status().ToString();
  }
  const TempDir scratch;
  const SyscallTrace trace = Trace("DeltaPartitions", scratch / "x");
  if (!trace.permitted) {
    GTEST_SKIP() << "ptrace is forbidden here";
  }
  ASSERT_EQ(trace.exit_code, 0);
  DurableOrder order(trace, IsDeltaEntry, IsParquet);
  EXPECT_EQ(order.Problems(), std::vector<std::string>());
  EXPECT_EQ(order.commits, 3);
  EXPECT_EQ(order.data_files, 3);
  EXPECT_GE(order.directories, 5);  // those of the two partitions among them
}

TEST(DurableOrder, TheFileSinkSyncsTheDataThenTheEntryThenItsName) {
  const TempDir scratch;
  const SyscallTrace trace = Trace("Files", scratch / "x");
  if (!trace.permitted) {
    GTEST_SKIP() << "ptrace is forbidden here";
  }
  ASSERT_EQ(trace.exit_code, 0);
  DurableOrder order(
      trace,
      [](const std::string& path) {
        const std::string name = path.substr(path.rfind('/') + 1);
        return path.find("/_spark_metadata/") != std::string::npos &&
               name.find_first_not_of("0123456789") == std::string::npos;
      },
      IsParquet);
  EXPECT_EQ(order.Problems(), std::vector<std::string>());
  EXPECT_EQ(order.commits, 3);
  EXPECT_EQ(order.entries, 3);
  EXPECT_EQ(order.data_files, 3);
  EXPECT_GE(order.directories, 2);
}

TEST(DurableOrder, AWriterWithoutSyncsIsFoundOut) {
  const TempDir scratch;
  std::filesystem::create_directory(scratch / "x");
  const SyscallTrace trace = Trace("Careless", scratch / "x");
  if (!trace.permitted) {
    GTEST_SKIP() << "ptrace is forbidden here";
  }
  ASSERT_EQ(trace.exit_code, 0);
  DurableOrder order(trace, IsDeltaEntry, IsParquet);
  const std::string x = scratch / "x";
  EXPECT_EQ(order.Problems(),
            (std::vector<std::string>{
                x + "/_delta_log/0.json is named before its content is synced",
                "the name of " + x + "/_delta_log/0.json is not synced",
                "the directory " + x + "/_delta_log is not synced",
                x + "/part-0.parquet is not synced before the entry that refers to it",
                "the name of " + x + "/part-0.parquet is not synced before the entry that refers to it",
            }));
}

}  // namespace
}  // namespace hf::test
