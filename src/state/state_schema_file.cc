// SPDX-License-Identifier: Apache-2.0
#include "state/state_schema_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file_uri.h"
#include "base/json.h"
#include "base/utf8.h"

namespace hf {
namespace {

constexpr std::string_view kVersion = "v3";
// An empty name, two ids and four texts of no chunk.
constexpr std::size_t kFamilyBytesMin = 2 + 2 + 2 + 4 * 4;

// Java compares UTF-16 units, so that the surrogates of characters above U+FFFF come before U+E000..U+FFFF.
bool JavaLess(std::string_view a, std::string_view b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_a == a.end() || at_b == b.end()) {
    return at_a == a.end() && at_b != b.end();
  }
  const auto weight = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xF0 ? 0xED * 2 + 1 : byte * 2;
  };
  return weight(*at_a) != weight(*at_b) ? weight(*at_a) < weight(*at_b)
                                        : static_cast<unsigned char>(*at_a) < static_cast<unsigned char>(*at_b);
}

void AppendUtf(std::string& out, std::string_view text) {
  const Status appended = AppendJavaUtf(out, text);
  HF_CHECK(appended.ok(), "{}", appended.message());
}

// Spark cuts by 65535 characters and fails where those take more bytes; cut by bytes, every text that Spark can
// write comes out the same.
void AppendJson(std::string& out, std::string_view json) {
  std::vector<std::string_view> chunks;
  std::size_t begin = 0;
  std::size_t chunk_bytes = 0;
  for (std::size_t at = 0; at < json.size();) {
    const CodePoint next = DecodeUtf8(json.substr(at));
    HF_CHECK(next.size_bytes != 0, "a schema's JSON is not UTF-8");
    const std::size_t java_bytes = JavaUtfSize(json.substr(at, next.size_bytes));
    if (chunk_bytes + java_bytes > kJavaUtfBytesMax) {
      chunks.push_back(json.substr(begin, at - begin));
      begin = at;
      chunk_bytes = 0;
    }
    chunk_bytes += java_bytes;
    at += next.size_bytes;
  }
  if (begin < json.size()) {
    chunks.push_back(json.substr(begin));
  }
  AppendBig32(out, static_cast<std::uint32_t>(chunks.size()));
  for (const std::string_view chunk : chunks) {
    AppendUtf(out, chunk);
  }
}

void AppendId(std::string& out, int id) {
  HF_CHECK(id >= 0 && id <= kStateSchemaIdMax, "schema id {}", id);
  AppendBig16(out, static_cast<std::uint16_t>(id));
}

int ReadId(ByteReader& reader) {
  const auto id = static_cast<std::int16_t>(reader.ReadBig16());
  if (id < 0) {
    reader.Fail("a schema id is negative");
  }
  return id;
}

std::string ReadJsonText(ByteReader& reader) {
  const auto chunks = static_cast<std::int32_t>(reader.ReadBig32());
  std::string text;
  if (chunks < 0) {
    reader.Fail("a text has a negative number of chunks");
  }
  for (std::int32_t i = 0; i < chunks && !reader.failed(); ++i) {
    text += reader.ReadJavaUtf();
  }
  return text;
}

Status CheckVersion(std::string_view version) {
  if (version == kVersion) {
    return {};
  }
  if (version == "v1" || version == "v2") {
    return Incompatible(
        fmt::format(
            "a state schema file of version {} belongs to an operator other than transformWithState; only {} is read",
            version, kVersion),
        "HOLDFAST_UNSUPPORTED_OPERATOR");
  }
  if (version.size() > 1 && version.size() < 12 && version[0] == 'v' &&
      version.find_first_not_of("0123456789", 1) == std::string_view::npos) {
    return Incompatible(
        fmt::format("a state schema file has version {}, later than {}, which this release knows", version, kVersion),
        "INVALID_LOG_VERSION.MAX_SUPPORTED_VERSION");
  }
  return Corrupt("a state schema file does not begin with a version");
}

// The texts are read and whole; what they say may still be damaged, or beyond what Holdfast knows.
Result<Schema> ParseSchema(const std::string& json, std::string_view family, std::string_view which) {
  const std::string context = fmt::format("the {} schema of column family '{}'", which, family);
  auto text = ParseJson(json);
  if (!text.ok()) {
    return std::move(text).status().WithContext(context);
  }
  auto schema = Schema::FromJson(json);
  if (schema.ok()) {
    return schema;
  }
  const Status why = schema.status();
  return Status(why.condition() == "INVALID_JSON_DATA_TYPE" ? ErrorKind::kCorrupt : ErrorKind::kIncompatible,
                fmt::format("{}: {}", context, why.message()), std::string(why.condition()));
}

Status CheckJson(const std::string& text, std::string_view family, std::string_view which) {
  auto parsed = ParseJson(text);
  if (parsed.ok() && parsed->is_object()) {
    return {};
  }
  return Corrupt(fmt::format("the {} of column family '{}' is not a JSON object", which, family));
}

Result<StateFamilySchema> ReadFamily(ByteReader& reader) {
  StateFamilySchema family;
  family.family = reader.ReadJavaUtf();
  family.key_schema_id = ReadId(reader);
  const std::string key_json = ReadJsonText(reader);
  family.value_schema_id = ReadId(reader);
  const std::string value_json = ReadJsonText(reader);
  family.key_encoder_json = ReadJsonText(reader);
  family.user_key_schema_json = ReadJsonText(reader);
  HF_RETURN_IF_ERROR(reader.status("a state schema file"));

  HF_ASSIGN_OR_RETURN(family.key_schema, ParseSchema(key_json, family.family, "key"));
  HF_ASSIGN_OR_RETURN(family.value_schema, ParseSchema(value_json, family.family, "value"));
  HF_RETURN_IF_ERROR(CheckJson(family.key_encoder_json, family.family, "key encoder"));
  if (family.user_key_schema_json != kNoUserKeySchema) {
    auto user_key = ParseSchema(family.user_key_schema_json, family.family, "user key");
    HF_RETURN_IF_ERROR(user_key.status());
  }
  return family;
}

Result<std::string> ReadOne(FileSystem& files, const std::string& directory, const std::string& recorded) {
  const std::string name = recorded.substr(recorded.rfind('/') + 1);
  if (name.empty() || name[0] == '.') {
    return Corrupt(fmt::format("operator metadata lists a state schema file without a name: '{}'", recorded));
  }
  const std::string here = directory + "/" + name;
  auto bytes = files.Read(here);
  if (!IsNotFound(bytes.status())) {
    return bytes;
  }
  auto there = PathFromHadoopPath(recorded);
  if (there.ok() && there->starts_with('/') && *there != here) {
    bytes = files.Read(*there);
    if (!IsNotFound(bytes.status())) {
      return bytes;
    }
  }
  return Corrupt(fmt::format(
      "a state schema file that operator metadata lists is missing: neither {} nor {} is there; restore it, "
      "no value written with it can be read without it",
      here, recorded));
}

}  // namespace

std::string EncodeStateSchemaFile(const std::vector<StateFamilySchema>& families) {
  std::vector<const StateFamilySchema*> sorted;
  for (const StateFamilySchema& family : families) {
    sorted.push_back(&family);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return JavaLess(a->family, b->family); });

  std::string out;
  AppendUtf(out, kVersion);
  AppendBig32(out, static_cast<std::uint32_t>(sorted.size()));
  for (const StateFamilySchema* family : sorted) {
    AppendUtf(out, family->family);
    AppendId(out, family->key_schema_id);
    AppendJson(out, family->key_schema.ToJson());
    AppendId(out, family->value_schema_id);
    AppendJson(out, family->value_schema.ToJson());
    AppendJson(out, family->key_encoder_json);
    AppendJson(out, family->user_key_schema_json);
  }
  return out;
}

Result<std::vector<StateFamilySchema>> DecodeStateSchemaFile(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::string version = reader.ReadJavaUtf();
  HF_RETURN_IF_ERROR(reader.status("a state schema file"));
  HF_RETURN_IF_ERROR(CheckVersion(version));
  const auto count = static_cast<std::int32_t>(reader.ReadBig32());
  if (count < 0 || static_cast<std::size_t>(count) > reader.remaining() / kFamilyBytesMin) {
    reader.Fail("the number of column families cannot be");
  }
  HF_RETURN_IF_ERROR(reader.status("a state schema file"));

  std::vector<StateFamilySchema> families;
  std::set<std::string> names;
  for (std::int32_t i = 0; i < count; ++i) {
    HF_ASSIGN_OR_RETURN(StateFamilySchema family, ReadFamily(reader));
    if (!names.insert(family.family).second) {
      return Corrupt(fmt::format("a state schema file lists column family '{}' twice", family.family));
    }
    families.push_back(std::move(family));
  }
  HF_RETURN_IF_ERROR(reader.StatusAtEnd("a state schema file"));
  return families;
}

std::string StateSchemaDirectory(const std::string& checkpoint_directory, std::int64_t operator_id) {
  return fmt::format("{}/state/{}/_stateSchema/default", checkpoint_directory, operator_id);
}

std::string NewStateSchemaFileName(std::int64_t batch, std::string_view uuid) {
  return fmt::format("{}_{}", batch, uuid);
}

Result<std::vector<std::vector<StateFamilySchema>>> ReadStateSchemaFiles(
    FileSystem& files, const std::string& checkpoint_directory, std::int64_t operator_id,
    const std::vector<std::string>& recorded_paths) {
  const std::string directory = StateSchemaDirectory(checkpoint_directory, operator_id);
  std::vector<std::vector<StateFamilySchema>> all;
  for (const std::string& recorded : recorded_paths) {
    HF_ASSIGN_OR_RETURN(const std::string bytes, ReadOne(files, directory, recorded));
    auto decoded = DecodeStateSchemaFile(bytes);
    if (!decoded.ok()) {
      return std::move(decoded).status().WithContext(fmt::format(
          "{}/{}", StateSchemaDirectory(checkpoint_directory, operator_id), recorded.substr(recorded.rfind('/') + 1)));
    }
    all.push_back(std::move(decoded).value());
  }
  return all;
}

}  // namespace hf
