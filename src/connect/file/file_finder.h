// SPDX-License-Identifier: Apache-2.0
// FileFinder lists what a source's path stands for, as Spark's InMemoryFileIndex does:
//
//  1. A directory stands for the files in it; its directories are descended only with `recursive`.
//  2. Names that begin with '.' or '_' or end in "._COPYING_" (HadoopFSUtils.shouldFilterOutPathName) are passed
//     over, also those of directories, unless the path itself spells them out. Spark takes the Parquet summary files
//     _metadata and _common_metadata for input; we never do.
//  3. A directory "name=value" would be a partition column in Spark. We have none, so it is refused by name.
//  4. A directory that a file sink wrote (it has _spark_metadata) stands for what the sink's log lists: half-written
//     files of failed attempts lie beside. Only for a path without pattern characters, as in Spark.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connect/file/input_file.h"
#include "connect/file/path_pattern.h"
#include "files/file_system.h"

namespace hf {

struct FileFinderOptions {
  std::string path;  // absolute, without empty components; may hold pattern characters
  bool recursive = false;
  std::string name_pattern = {};  // pathGlobFilter; empty takes every name
};

class FileFinder {
 public:
  // kInvalid for a pattern that cannot be parsed, and for a plain path where nothing is ("PATH_NOT_FOUND").
  // `files` must outlive the finder.
  static Result<FileFinder> Open(FileSystem& files, FileFinderOptions options);

  // All files there are now, in no particular order, each once.
  Result<std::vector<InputFile>> Find();
  // Whether the last Find found anything at the path, or by its pattern, be it a directory without files.
  [[nodiscard]] bool found_path() const { return found_path_; }

 private:
  FileFinder(FileSystem& files, FileFinderOptions options) : files_(&files), options_(std::move(options)) {}

  Result<std::vector<InputFile>> FindInSinkDirectory();
  Status Expand(const std::string& base, const std::vector<NamePattern>& components, std::size_t at,
                std::vector<InputFile>& found);
  Status TakeRoot(const std::string& path, const FileInfo& info, std::vector<InputFile>& found);
  Status TakeDirectory(const std::string& directory, std::vector<InputFile>& found);
  void TakeFile(const std::string& path, const FileInfo& info, std::vector<InputFile>& found);

  FileSystem* files_;
  FileFinderOptions options_;
  std::vector<std::vector<NamePattern>> patterns_;  // one list of components an alternative
  std::optional<NameFilter> name_filter_;
  bool found_path_ = false;
  std::optional<bool> written_by_sink_;  // nullopt until the directory holds something to tell by
};

}  // namespace hf
