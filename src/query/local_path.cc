// SPDX-License-Identifier: Apache-2.0
#include "query/local_path.h"

#include <fmt/format.h>

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

Result<std::string> OnePath(const std::string& subject, const std::map<std::string, std::string>& options,
                            const std::string& path) {
  const auto option = options.find("path");
  if (option == options.end()) {
    return path;
  }
  if (!path.empty()) {
    return Invalid(
        fmt::format("the {} got two paths, {} and the option path={}; give one", subject, path, option->second));
  }
  return option->second;
}

}  // namespace hf
