// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_content.h"

#include <fmt/format.h>
#include <zlib.h>

#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

std::string Numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += fmt::format("{}\n", i * 7919);
  }
  return text;
}

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class FileContentTest : public testing::Test {
 protected:
  // Everything that comes before the end or a failure, which `end` then is.
  std::string Read(const std::string& name, const std::string& bytes, std::uint64_t wanted, Status* end) {
    scratch_.Write(name, bytes, 1000);
    const auto content = FileContent::Open(files_, scratch_ / name, bytes.size());
    std::string all;
    while (true) {
      const Result<std::string> more = content->Next(wanted);
      if (!more.ok() || more->empty()) {
        *end = more.status();
        EXPECT_EQ(more.ok(), content->at_end());
        return all;
      }
      EXPECT_LE(more->size(), wanted);
      all += *more;
    }
  }

  test::TempDir scratch_;
  PosixDisk disk_;
  DiskFileSystem files_{disk_};
};

TEST_F(FileContentTest, PacksOfAnySizeAreUnpacked) {
  Status end;
  for (const int count : {0, 1, 1000, 400'000}) {
    const std::string text = Numbers(count);
    for (const std::uint64_t wanted : {1000, 65536, 1 << 23}) {
      EXPECT_EQ(Read("a.gz", Gzip(text), wanted, &end), text);
      EXPECT_THAT(end, test::IsOk());
      EXPECT_EQ(Read("b.GZ", Gzip(text) + Gzip("") + Gzip("more"), wanted, &end), text + "more");
      EXPECT_THAT(end, test::IsOk());
      EXPECT_EQ(Read("c", text, wanted, &end), text);
      EXPECT_THAT(end, test::IsOk());
    }
  }
  EXPECT_EQ(Read("d.gz", "", 100, &end), "");
  EXPECT_THAT(end, test::IsOk());
}

TEST_F(FileContentTest, DamageIsFoundBehindWhatIsWhole) {
  const std::string text = Numbers(100'000);
  const std::string packed = Gzip(text);
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  for (const std::string& damaged : {packed.substr(0, packed.size() - 5), packed + "x", wrong_sum}) {
    Status end;
    const std::string read = Read("a.gz", damaged, 1 << 20, &end);
    EXPECT_THAT(end, test::HasKind(ErrorKind::kCorrupt));
    EXPECT_EQ(end.condition(), "FAILED_READ_FILE.NO_HINT");
    EXPECT_GT(read.size(), text.size() / 2);
    EXPECT_TRUE(text.starts_with(read));
  }
}

}  // namespace
}  // namespace hf
