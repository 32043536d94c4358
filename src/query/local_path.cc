// SPDX-License-Identifier: Apache-2.0
#include "query/local_path.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/file_uri.h"

namespace hf {

Result<std::string> LocalPath(const std::string& text) {
  HF_ASSIGN_OR_RETURN(const std::string path, PathFromHadoopPath(text));
  if (path.empty()) {
    return Invalid("a path is empty");
  }
  std::error_code error;
  std::string absolute = std::filesystem::absolute(path, error).lexically_normal().string();
  if (error) {
    return Unavailable(fmt::format("the path {} cannot be made absolute: {}", path, error.message()));
  }
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
