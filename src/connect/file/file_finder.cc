// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_finder.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/file_uri.h"
#include "connect/file/sink_log.h"

namespace hf {
namespace {

bool IsHidden(std::string_view name) {
  return name.starts_with('.') || name.starts_with('_') || name.ends_with("._COPYING_");
}

std::string Join(const std::string& directory, std::string_view name) {
  return directory == "/" ? fmt::format("/{}", name) : fmt::format("{}/{}", directory, name);
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "/a//b/" -> {"a", "b"}.
std::vector<std::string> ComponentsOf(std::string_view path) {
  std::vector<std::string> components;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) {
      components.emplace_back(path.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return components;
}

InputFile FileOf(const std::string& path, const FileInfo& info) {
  return {.path = path,
          .modified_ms = MillisOfMicros(info.modified_us),
          .size_bytes = info.size_bytes,
          .modified_us = info.modified_us};
}

}  // namespace

Result<FileFinder> FileFinder::Open(FileSystem& files, FileFinderOptions options) {
  if (!options.path.starts_with('/')) {
    return Invalid(fmt::format("the path of a file source must be absolute: {}", options.path));
  }
  FileFinder finder(files, std::move(options));
  if (!finder.options_.name_pattern.empty()) {
    HF_ASSIGN_OR_RETURN(finder.name_filter_, NameFilter::Parse(finder.options_.name_pattern));
  }
  if (IsPathPattern(finder.options_.path)) {
    finder.written_by_sink_ = false;
    HF_ASSIGN_OR_RETURN(const std::vector<std::string> alternatives, ExpandBraces(finder.options_.path));
    for (const std::string& alternative : alternatives) {
      std::vector<NamePattern>& components = finder.patterns_.emplace_back();
      for (const std::string& component : ComponentsOf(alternative)) {
        HF_ASSIGN_OR_RETURN(NamePattern parsed, NamePattern::Parse(component));
        components.push_back(std::move(parsed));
      }
    }
    return finder;
  }
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> info, files.Stat(finder.options_.path));
  if (!info.has_value()) {
    return Invalid(fmt::format("Path does not exist: {}.", HadoopPathFromPath(finder.options_.path)), "PATH_NOT_FOUND");
  }
  return finder;
}

Result<std::vector<InputFile>> FileFinder::Find() {
  std::vector<InputFile> found;
  found_path_ = false;
  if (!patterns_.empty()) {
    for (const std::vector<NamePattern>& components : patterns_) {
      HF_RETURN_IF_ERROR(Expand("/", components, 0, found));
    }
  } else {
    if (!written_by_sink_.has_value()) {
      HF_ASSIGN_OR_RETURN(const bool has_log, HasSinkLog(*files_, options_.path));
      if (has_log) {
        written_by_sink_ = true;
      }
    }
    if (written_by_sink_.value_or(false)) {
      return FindInSinkDirectory();
    }
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> info, files_->Stat(options_.path));
    if (info.has_value()) {
      HF_RETURN_IF_ERROR(TakeRoot(options_.path, *info, found));
    }
    if (!found.empty()) {
      // A sink writes its log after its first files: look once more before believing that there is none.
      HF_ASSIGN_OR_RETURN(written_by_sink_, HasSinkLog(*files_, options_.path));
      if (*written_by_sink_) {
        return FindInSinkDirectory();
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const InputFile& a, const InputFile& b) { return a.path < b.path; });
  const auto same = [](const InputFile& a, const InputFile& b) { return a.path == b.path; };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

Result<std::vector<InputFile>> FileFinder::FindInSinkDirectory() {
  found_path_ = true;
  HF_ASSIGN_OR_RETURN(SinkLog log, SinkLog::Open(*files_, options_.path));
  HF_ASSIGN_OR_RETURN(const std::vector<SinkFile> entries, log.AllFiles());
  std::vector<InputFile> found;
  for (const SinkFile& entry : entries) {
    if (name_filter_.has_value() && !name_filter_->Matches(NameOf(entry.path))) {
      continue;
    }
    found.push_back({.path = entry.path,
                     .modified_ms = entry.modified_ms,
                     .size_bytes = entry.size_bytes,
                     .modified_us = std::nullopt});
  }
  return found;
}

Status FileFinder::Expand(const std::string& base, const std::vector<NamePattern>& components, std::size_t at,
                          std::vector<InputFile>& found) {
  if (at == components.size()) {
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> info, files_->Stat(base));
    return info.has_value() ? TakeRoot(base, *info, found) : Status();
  }
  const NamePattern& component = components[at];
  if (component.is_literal()) {
    return Expand(Join(base, component.literal()), components, at + 1, found);
  }
  const bool last = at + 1 == components.size();
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> children, files_->List(base));
  for (const FileInfo& child : children) {
    const bool wanted = !IsHidden(child.name) || component.SpellsFirst('_');
    if (!wanted || !component.Matches(child.name) || (!last && !child.is_directory)) {
      continue;
    }
    const std::string path = Join(base, child.name);
    HF_RETURN_IF_ERROR(last ? TakeRoot(path, child, found) : Expand(path, components, at + 1, found));
  }
  return {};
}

Status FileFinder::TakeRoot(const std::string& path, const FileInfo& info, std::vector<InputFile>& found) {
  found_path_ = true;
  if (info.is_directory) {
    return TakeDirectory(path, found);
  }
  TakeFile(path, info, found);
  return {};
}

Status FileFinder::TakeDirectory(const std::string& directory, std::vector<InputFile>& found) {
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> children, files_->List(directory));
  for (const FileInfo& child : children) {
    const std::string path = Join(directory, child.name);
    if (child.is_directory && child.name.find('=') != std::string::npos && !child.name.starts_with('.')) {
      return Invalid(fmt::format("partition directories (name=value) are not supported by the file source: {}", path));
    }
    if (IsHidden(child.name)) {
      continue;
    }
    if (!child.is_directory) {
      TakeFile(path, child, found);
    } else if (options_.recursive) {
      HF_RETURN_IF_ERROR(TakeDirectory(path, found));
    }
  }
  return {};
}

void FileFinder::TakeFile(const std::string& path, const FileInfo& info, std::vector<InputFile>& found) {
  if (!name_filter_.has_value() || name_filter_->Matches(NameOf(path))) {
    found.push_back(FileOf(path, info));
  }
}

}  // namespace hf
