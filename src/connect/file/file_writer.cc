// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_writer.h"

#include <fmt/core.h>

#include "files/remove_tree.h"

namespace hf {

namespace {

std::string SuccessFile(const std::string& directory) { return fmt::format("{}/_SUCCESS", directory); }

// Takes _SUCCESS away for as long as the directory is not what it says; returns whether it was there.
Result<bool> TakeSuccess(FileSystem& files, const std::string& directory) {
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> there, files.Stat(SuccessFile(directory)));
  if (there.has_value()) {
    HF_RETURN_IF_ERROR(files.Delete(SuccessFile(directory)));
    HF_RETURN_IF_ERROR(files.Sync());
  }
  return there.has_value();
}

// What cannot be taken back is as if the process had died: files without _SUCCESS.
void TakeBack(FileSystem& files, const std::string& directory, const std::vector<NewFile>& written, bool was_whole) {
  bool all_gone = true;
  for (const NewFile& file : written) {
    static_cast<void>(files.Delete(file.path));
    const auto there = files.Stat(file.path);
    all_gone = all_gone && !(there.ok() && there->has_value());
  }
  if (all_gone && was_whole) {
    static_cast<void>(files.Replace(SuccessFile(directory), ""));
    static_cast<void>(files.Sync());
  }
}

}  // namespace

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
  HF_ASSIGN_OR_RETURN(const bool was_whole, TakeSuccess(files, writing.path));
  if (Status put = files.PutMany(written); !put.ok()) {
    TakeBack(files, writing.path, written, was_whole);
    return put;
  }
  if (writing.overwrite) {
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> there, files.Stat(writing.path));
    HF_RETURN_IF_ERROR(there.has_value() ? RemoveBelow(writing.path, paths) : Status());
  }
  HF_RETURN_IF_ERROR(files.Replace(SuccessFile(writing.path), ""));
  return files.Sync();
}

}  // namespace hf
