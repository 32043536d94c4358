// SPDX-License-Identifier: Apache-2.0
// WriteFiles: rows as files in a directory, all at once and without a log (Spark 4.3: HadoopMapReduceCommitProtocol).
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "connect/file/file_sink.h"

namespace hf {

// Rows that lie in one directory.
struct FilePart {
  std::string directory = {};  // below the output's: "a=1/b=x"; empty: itself
  Schema schema = {};
  std::vector<ColumnBatch> rows = {};
};

struct FileWriting {
  std::string path;          // absolute
  bool partitioned = false;  // which Spark's names of files tell
  bool overwrite = false;    // everything else in the directory goes
};

// Writes each part as a file, and then _SUCCESS. The files and their names are durable before anything that was there
// is removed, and that before _SUCCESS is named; an earlier one goes first. On failure the directory is as it was, but
// where what was written cannot be removed, and where something cannot be removed that is overwritten: then there is no
// _SUCCESS.
Status WriteFiles(FileSystem& files, Random& random, const FileWriting& writing, const OutputFormat& format,
                  const std::vector<FilePart>& parts);

}  // namespace hf
