// SPDX-License-Identifier: Apache-2.0
#include "query/local_path.h"

#include <filesystem>

#include "base/file_uri.h"

namespace hf {

Result<std::string> LocalPath(const std::string& text) {
  HF_ASSIGN_OR_RETURN(const std::string path, PathFromHadoopPath(text));
  std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  if (absolute.size() > 1 && absolute.back() == '/') {
    absolute.pop_back();
  }
  return absolute;
}

}  // namespace hf
