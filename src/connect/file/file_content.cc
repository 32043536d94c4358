// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_content.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "connect/options/option_values.h"

namespace hf {
namespace {

constexpr std::string_view kGzip = ".gz";
constexpr std::uint64_t kPackedBytes = std::uint64_t{1} << 20;
// Spark's buffer: what is unpacked together with a failure, such as a wrong checksum at the end, does not count.
constexpr std::size_t kStepBytes = std::size_t{1} << 16;

class PlainContent final : public FileContent {
 public:
  PlainContent(FileSystem& files, std::string path, std::uint64_t size_bytes)
      : files_(&files), path_(std::move(path)), size_bytes_(size_bytes) {}

  Result<std::string> Next(std::uint64_t wanted) override {
    wanted = std::min(wanted, size_bytes_ - read_bytes_);
    HF_ASSIGN_OR_RETURN(std::string more, files_->ReadRange(path_, read_bytes_, wanted));
    if (more.size() != wanted) {
      return Corrupt(
          fmt::format("{} ends at byte {}, before its size of {}", path_, read_bytes_ + more.size(), size_bytes_));
    }
    read_bytes_ += more.size();
    return more;
  }
  [[nodiscard]] bool at_end() const override { return read_bytes_ == size_bytes_; }

 private:
  FileSystem* files_;
  const std::string path_;
  const std::uint64_t size_bytes_;
  std::uint64_t read_bytes_ = 0;
};

// One gzip member after the other (RFC 1952); a file without a byte is none.
class GzipContent final : public FileContent {
 public:
  GzipContent(FileSystem& files, std::string path, std::uint64_t size_bytes)
      : path_(path), packed_(files, std::move(path), size_bytes) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  GzipContent(const GzipContent&) = delete;
  GzipContent& operator=(const GzipContent&) = delete;
  ~GzipContent() override { inflateEnd(&stream_); }

  Result<std::string> Next(std::uint64_t wanted) override {
    if (!ready_) {
      return Unavailable(fmt::format("unpacking {}: no memory", path_));
    }
    HF_RETURN_IF_ERROR(failure_);
    std::string unpacked(wanted, '\0');
    std::size_t filled = 0;
    while (filled < unpacked.size() && !at_end() && failure_.ok()) {
      failure_ = Refill();
      if (failure_.ok()) {
        stream_.next_out = reinterpret_cast<Bytef*>(unpacked.data() + filled);
        const std::size_t room = std::min(unpacked.size() - filled, kStepBytes);
        stream_.avail_out = static_cast<uInt>(room);
        failure_ = Inflate();
        filled += failure_.ok() ? room - stream_.avail_out : 0;
      }
    }
    if (filled == 0 && !failure_.ok()) {
      return failure_;
    }
    unpacked.resize(filled);
    return unpacked;
  }
  [[nodiscard]] bool at_end() const override { return !in_member_ && stream_.avail_in == 0 && packed_.at_end(); }

 private:
  Status Refill() {
    if (stream_.avail_in > 0) {
      return {};
    }
    if (packed_.at_end()) {
      return Damaged("it ends within its packed bytes");
    }
    HF_ASSIGN_OR_RETURN(input_, packed_.Next(kPackedBytes));
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(input_.size());
    return {};
  }
  Status Inflate() {
    in_member_ = true;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      in_member_ = false;
      inflateReset(&stream_);
      return {};
    }
    // No progress is made without room or input, and the caller sees to both.
    return result == Z_OK || result == Z_BUF_ERROR ? Status()
                                                   : Damaged(stream_.msg != nullptr ? stream_.msg : "it is no gzip");
  }
  [[nodiscard]] Status Damaged(std::string_view why) const {
    return Corrupt(fmt::format("unpacking {} failed: {}", path_, why), "FAILED_READ_FILE.NO_HINT");
  }

  const std::string path_;
  PlainContent packed_;
  std::string input_;
  z_stream stream_{};
  bool ready_ = false;
  bool in_member_ = false;
  Status failure_;  // behind the bytes handed out last
};

}  // namespace

Status RefuseCompressed(const std::string& path) {
  // The suffixes of Hadoop's codecs (CompressionCodecFactory).
  constexpr std::array<std::string_view, 7> kSuffixes = {".bz2", ".deflate", ".lz4", ".snappy", ".zst", ".zstd", ".xz"};
  const std::string lower = LowerCase(path);
  for (const std::string_view suffix : kSuffixes) {
    if (lower.ends_with(suffix)) {
      return Invalid(
          fmt::format("{} is compressed, which the text formats of the file source read only as gzip (.gz): decompress "
                      "it, or leave such files out with the option pathGlobFilter (\"*.json\")",
                      path));
    }
  }
  return {};
}

std::unique_ptr<FileContent> FileContent::Open(FileSystem& files, std::string path, std::uint64_t size_bytes) {
  if (LowerCase(path).ends_with(kGzip)) {
    return std::make_unique<GzipContent>(files, std::move(path), size_bytes);
  }
  return std::make_unique<PlainContent>(files, std::move(path), size_bytes);
}

}  // namespace hf
