// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_writer.h"

#include <fmt/core.h>

#include "files/remove_tree.h"

namespace hf {

Status WriteFiles(FileSystem& files, Random& random, const FileWriting& writing, const OutputFormat& format,
                  const std::vector<FilePart>& parts) {
  const std::string name =
      fmt::format("part-00000-{}{}c000{}", random.NewUuid(), writing.partitioned ? "." : "-", format.suffix());
  std::vector<std::string> contents;
  std::set<std::string> paths;
  std::vector<NewFile> written;
  contents.reserve(parts.size());  // the files view them
  for (const FilePart& part : parts) {
    HF_ASSIGN_OR_RETURN(contents.emplace_back(), format.Write(part.schema, part.rows));
    const std::string directory =
        part.directory.empty() ? writing.path : fmt::format("{}/{}", writing.path, part.directory);
    written.push_back({.path = fmt::format("{}/{}", directory, name), .bytes = contents.back()});
    paths.insert(written.back().path);
  }
  HF_RETURN_IF_ERROR(files.PutMany(written));
  if (writing.overwrite) {
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> there, files.Stat(writing.path));
    HF_RETURN_IF_ERROR(there.has_value() ? RemoveBelow(writing.path, paths) : Status());
  }
  HF_RETURN_IF_ERROR(files.Replace(fmt::format("{}/_SUCCESS", writing.path), ""));
  return files.Sync();
}

}  // namespace hf
