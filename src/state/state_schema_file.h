// SPDX-License-Identifier: Apache-2.0
// The file that holds the schemas of an operator's column families (Spark 4.3 SchemaHelper, version 3). One file
// is written for each change and lists every family of that moment; earlier values are read with the files
// before it, so none is ever deleted. Java's DataOutput, big-endian:
//
//   UTF "v3", int32 families, then for each, by name:
//     UTF name, int16 key schema id, JSON key schema, int16 value schema id, JSON value schema,
//     JSON key encoder, JSON schema of the user's key (map state) or "{    }"
//   JSON: int32 chunks, then that many UTF
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "files/file_system.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace hf {

// What stands in the place of the user's key where a family has none.
inline constexpr std::string_view kNoUserKeySchema = "{    }";
inline constexpr int kStateSchemaIdMax = 32767;  // an int16 on disk, in the file as on every value

struct StateFamilySchema {
  std::string family;
  int key_schema_id = 0;
  Schema key_schema;
  int value_schema_id = 0;
  Schema value_schema;
  std::string key_encoder_json;  // {"keyStateEncoderType":"NoPrefixKeyStateEncoderSpec"}
  std::string user_key_schema_json = std::string(kNoUserKeySchema);

  bool operator==(const StateFamilySchema&) const = default;
};

// Sorts the families by name, in Java's order of strings. REQUIRES: names and texts are UTF-8, a name fits
// kJavaUtfBytesMax, ids lie within 0..kStateSchemaIdMax.
std::string EncodeStateSchemaFile(const std::vector<StateFamilySchema>& families);

// kCorrupt when the bytes are damaged. kIncompatible when they are not ours to read: version 1 or 2 (other
// operators), a later version, a type that Holdfast lacks.
Result<std::vector<StateFamilySchema>> DecodeStateSchemaFile(std::string_view bytes);

// <checkpoint>/state/<operator>/_stateSchema/default
std::string StateSchemaDirectory(const std::string& checkpoint_directory, std::int64_t operator_id);

// "<batch>_<uuid>"
std::string NewStateSchemaFileName(std::int64_t batch, std::string_view uuid);

// Reads the files that operator metadata lists (stateSchemaFilePaths), in that order, oldest first. Their paths are
// absolute and name the place where the checkpoint was first written, so the base name is looked for in this
// checkpoint, and the recorded place is read only where it is absent here: an original may live on beside its copy.
// kCorrupt names both places when neither has the file.
Result<std::vector<std::vector<StateFamilySchema>>> ReadStateSchemaFiles(
    FileSystem& files, const std::string& checkpoint_directory, std::int64_t operator_id,
    const std::vector<std::string>& recorded_paths);

}  // namespace hf
