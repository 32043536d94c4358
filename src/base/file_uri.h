// SPDX-License-Identifier: Apache-2.0
// Local paths as they stand in Spark's files. Two notations look alike and are not:
//
//   a URI         "file:///tmp/a%20b.json"  percent-escaped as java.net.URI does; source logs, file metadata columns
//   a Hadoop path "file:/tmp/a b.json"      Path.toString: nothing is escaped; stateSchemaFilePaths
//
// A '%' in a file name is "%25" in the first and "%" in the second, so the reader must know which one it has.
#pragma once

#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

// "/tmp/a b" -> "file:///tmp/a%20b". Non-ASCII letters stay as they are. REQUIRES: an absolute path.
std::string FileUriFromPath(std::string_view path);

// Takes file:/x, file:///x and file://localhost/x, decodes their escapes, and returns /x. Text without a
// scheme is a plain path and comes back as it is. kInvalid for another scheme or host; kCorrupt for a bad escape.
Result<std::string> PathFromFileUri(std::string_view uri);

// "/tmp/a b" -> "file:/tmp/a b". REQUIRES: an absolute path.
std::string HadoopPathFromPath(std::string_view path);

// As PathFromFileUri, but decodes nothing.
Result<std::string> PathFromHadoopPath(std::string_view text);

}  // namespace hf
