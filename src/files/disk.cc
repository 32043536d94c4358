// SPDX-License-Identifier: Apache-2.0
#include "files/disk.h"

#include <fmt/core.h>

#include "base/check.h"

namespace hf {

std::string DirectoryOf(const std::string& path) {
  const auto slash = path.rfind('/');
  HF_CHECK(slash != std::string::npos && path.size() > 1, "no directory holds '{}'", path);
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string JoinPath(const std::string& directory, std::string_view name) {
  return directory == "/" ? fmt::format("/{}", name) : fmt::format("{}/{}", directory, name);
}

Result<std::string> NormalizePath(std::string_view path) {
  if (!path.starts_with('/')) {
    return Invalid(fmt::format("a path must be absolute: '{}'", path));
  }
  if (path.find('\0') != std::string_view::npos) {
    return Invalid("a path must not hold a zero byte");
  }
  std::string out;
  out.reserve(path.size());
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view component = rest.substr(0, rest.find('/'));
    rest.remove_prefix(component.size());
    if (component.empty()) {
      continue;
    }
    if (component == "." || component == "..") {
      return Invalid(fmt::format("a path must have no '.' or '..' component: '{}'", path));
    }
    out += '/';
    out += component;
  }
  return out.empty() ? "/" : out;
}

}  // namespace hf
