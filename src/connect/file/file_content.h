// SPDX-License-Identifier: Apache-2.0
// FileContent: the bytes of a text file from its beginning to its end, unpacked where its name ends in ".gz".
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "files/file_system.h"

namespace hf {

// kInvalid for a file whose name says that it is packed in a way that is not unpacked here: Spark would do it.
Status RefuseCompressed(const std::string& path);

class FileContent {
 public:
  // `files` must outlive the content.
  static std::unique_ptr<FileContent> Open(FileSystem& files, std::string path, std::uint64_t size_bytes);
  virtual ~FileContent() = default;

  // The next bytes, at most `wanted`; none only at the end. kCorrupt when the file ends too early or is no gzip, which
  // may also be found out behind bytes that were handed out.
  virtual Result<std::string> Next(std::uint64_t wanted) = 0;
  // Known to be at the end; the next bytes may be none without that.
  [[nodiscard]] virtual bool at_end() const = 0;
};

}  // namespace hf
