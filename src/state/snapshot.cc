// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot.h"

#include <fmt/core.h>
#include <zip.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/json.h"
#include "state/state_files.h"
#include "state/visible_checksum.h"

namespace hf {
namespace {

constexpr std::string_view kMetadataEntry = "metadata";
constexpr std::string_view kMetadataVersion = "v1";
constexpr std::uint64_t kEntryBytesMax = 256u << 20;  // a MANIFEST of 256 MiB would describe millions of files

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The names that RocksDB gives; nothing else is ever written into the scratch directory.
bool IsSstName(std::string_view name) {
  return name.ends_with(".sst") && name.size() <= 24 && IsDigits(name.substr(0, name.size() - 4));
}
bool IsSmallFileName(std::string_view name) {
  if (name == "CURRENT") {
    return true;
  }
  for (const std::string_view prefix : {std::string_view("MANIFEST-"), std::string_view("OPTIONS-")}) {
    if (name.starts_with(prefix)) {
      return IsDigits(name.substr(prefix.size()));
    }
  }
  return name.ends_with(".log") && IsDigits(name.substr(0, name.size() - 4));
}
bool IsDfsName(std::string_view name) {
  return name.ends_with(".sst") && !name.starts_with('.') && name.find('/') == std::string_view::npos;
}

Result<std::vector<SnapshotSst>> ParseSsts(const Json& json) {
  const Json* list = FindKey(json, "sstFiles");
  if (list == nullptr || !list->is_array()) {
    return Corrupt("sstFiles is missing");
  }
  std::vector<SnapshotSst> ssts;
  std::set<std::string, std::less<>> seen;
  for (const Json& item : *list) {
    SnapshotSst sst;
    HF_ASSIGN_OR_RETURN(sst.local_name, GetString(item, "localFileName"));
    HF_ASSIGN_OR_RETURN(sst.dfs_name, GetString(item, "dfsSstFileName"));
    HF_ASSIGN_OR_RETURN(const std::int64_t size_bytes, GetInt64(item, "sizeBytes"));
    if (!IsSstName(sst.local_name) || !IsDfsName(sst.dfs_name) || size_bytes < 0 ||
        !seen.insert(sst.local_name).second) {
      return Corrupt(fmt::format("sstFiles holds an impossible entry: {} as {} of {} bytes", sst.local_name,
                                 sst.dfs_name, size_bytes));
    }
    sst.size_bytes = static_cast<std::uint64_t>(size_bytes);
    ssts.push_back(std::move(sst));
  }
  return ssts;
}

Result<FamilySet> ParseFamilies(const Json& json) {
  const Json* ids = FindKey(json, "columnFamilyMapping");
  const Json* types = FindKey(json, "columnFamilyTypeMap");
  if (ids == nullptr || !ids->is_object()) {
    return Incompatible("the snapshot has no column families");
  }
  FamilySet set;
  std::set<std::int64_t> seen;
  HF_ASSIGN_OR_RETURN(const std::int64_t id_max, GetInt64(json, "maxColumnFamilyId"));
  if (id_max < 0 || id_max > std::numeric_limits<FamilyId>::max()) {
    return Corrupt(fmt::format("maxColumnFamilyId is {}", id_max));
  }
  set.id_max = static_cast<FamilyId>(id_max);
  for (const auto& [name, value] : ids->items()) {
    HF_ASSIGN_OR_RETURN(const std::int64_t id, GetInt64(*ids, name));
    if (id < 1 || id > id_max || !seen.insert(id).second) {
      return Corrupt(fmt::format("column family {} has the impossible id {}", name, id));
    }
    FamilyInfo family{.name = name, .id = static_cast<FamilyId>(id), .is_internal = name.starts_with('$')};
    if (types != nullptr) {
      HF_ASSIGN_OR_RETURN(family.is_internal, GetBool(*types, name));
    }
    set.families.push_back(std::move(family));
  }
  std::sort(set.families.begin(), set.families.end(),
            [](const FamilyInfo& a, const FamilyInfo& b) { return a.id < b.id; });
  return set;
}

struct ZipClose {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct ZipSourceFree {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct ZipFileClose {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

Result<std::string> ReadEntry(zip_t* archive, zip_uint64_t index, std::string* name) {
  zip_stat_t stat;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0 || stat.name == nullptr) {
    return Corrupt(fmt::format("entry {} cannot be read: {}", index, zip_strerror(archive)));
  }
  *name = stat.name;
  // Deflate yields at most 1032 bytes for one, so a larger claim is false; what is allocated follows from real bytes.
  constexpr std::uint64_t kDeflateRatioMax = 1032;
  if (stat.size > kEntryBytesMax || stat.size > (stat.comp_size + 1) * kDeflateRatioMax) {
    return Corrupt(fmt::format("entry {} claims {} bytes", *name, stat.size));
  }
  const std::unique_ptr<zip_file_t, ZipFileClose> file(zip_fopen_index(archive, index, 0));
  if (file == nullptr) {
    return Corrupt(fmt::format("entry {} cannot be opened: {}", *name, zip_strerror(archive)));
  }
  std::string content(stat.size, '\0');
  const zip_int64_t read = zip_fread(file.get(), content.data(), content.size());
  // libzip compares the checksum only when it is asked to read beyond the end.
  char beyond = 0;
  if (read != static_cast<zip_int64_t>(stat.size) || zip_fread(file.get(), &beyond, 1) != 0) {
    return Corrupt(fmt::format("entry {} is damaged: {}", *name, zip_file_strerror(file.get())));
  }
  return content;
}

Result<std::unique_ptr<zip_t, ZipClose>> OpenForReading(std::string_view zip) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    Status status = Corrupt(fmt::format("no zip archive: {}", zip_error_strerror(&error)));
    zip_source_free(source);
    zip_error_fini(&error);
    return status;
  }
  return std::unique_ptr<zip_t, ZipClose>(archive);
}

Status AddEntry(zip_t* archive, const std::string& name, std::string_view content) {
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  const zip_int64_t index = source == nullptr ? -1 : zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return Internal(fmt::format("adding {} to a zip archive: {}", name, zip_strerror(archive)));
  }
  // State does not read the clock; the time of an entry means nothing to its readers.
  constexpr zip_uint16_t kFirstDosDate = (1 << 5) | 1;
  zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, kFirstDosDate, 0);
  return {};
}

}  // namespace

std::string EncodeSnapshotMetadata(const SnapshotMetadata& metadata) {
  Json json = Json::object();
  json["sstFiles"] = Json::array();
  for (const SnapshotSst& sst : metadata.ssts) {
    json["sstFiles"].push_back(
        Json{{"localFileName", sst.local_name}, {"dfsSstFileName", sst.dfs_name}, {"sizeBytes", sst.size_bytes}});
  }
  json["numKeys"] = metadata.keys;
  json["numInternalKeys"] = metadata.internal_keys;
  Json ids = Json::object();
  Json types = Json::object();
  for (const FamilyInfo& family : metadata.families.families) {
    ids[family.name] = family.id;
    types[family.name] = family.is_internal;
  }
  json["columnFamilyMapping"] = std::move(ids);
  json["columnFamilyTypeMap"] = std::move(types);
  json["maxColumnFamilyId"] = metadata.families.id_max;
  return fmt::format("{}\n{}", kMetadataVersion, DumpJson(json));
}

Result<SnapshotMetadata> ParseSnapshotMetadata(std::string_view text) {
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  const std::string_view version = text.substr(0, line_end);
  if (version != kMetadataVersion) {
    return version.starts_with('v') && IsDigits(version.substr(1))
               ? Incompatible(fmt::format("the metadata has version {}; v1 is supported", version),
                              "CANNOT_LOAD_STATE_STORE.CANNOT_READ_CHECKPOINT")
               : Corrupt("the metadata has no version line");
  }
  HF_ASSIGN_OR_RETURN(const Json json, ParseJson(text.substr(std::min(line_end + 1, text.size()))));
  if (const Json* logs = FindKey(json, "logFiles"); logs != nullptr && !logs->empty()) {
    return Incompatible("the snapshot has write-ahead logs (logFiles)");
  }
  SnapshotMetadata metadata;
  HF_ASSIGN_OR_RETURN(metadata.ssts, ParseSsts(json));
  HF_ASSIGN_OR_RETURN(metadata.keys, GetInt64(json, "numKeys"));
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> internal_keys, FindInt64(json, "numInternalKeys"));
  metadata.internal_keys = internal_keys.value_or(-1);
  HF_ASSIGN_OR_RETURN(metadata.families, ParseFamilies(json));
  return metadata;
}

Result<std::string> EncodeSnapshotZip(const Snapshot& snapshot) {
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, ZipSourceFree> source(zip_source_buffer_create(nullptr, 0, 0, &error));
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source.get(), ZIP_TRUNCATE, &error);
  if (archive == nullptr) {
    Status status = Internal(fmt::format("making a zip archive: {}", zip_error_strerror(&error)));
    zip_error_fini(&error);
    return status;
  }
  zip_source_keep(source.get());  // the archive frees one reference of its own
  std::unique_ptr<zip_t, ZipClose> owned(archive);
  const std::string metadata = EncodeSnapshotMetadata(snapshot.metadata);
  for (const auto& [name, content] : snapshot.small_files) {
    HF_RETURN_IF_ERROR(AddEntry(archive, name, content));
  }
  HF_RETURN_IF_ERROR(AddEntry(archive, std::string(kMetadataEntry), metadata));
  if (zip_close(archive) != 0) {
    return Internal(fmt::format("writing a zip archive: {}", zip_strerror(archive)));
  }
  owned.release();
  zip_stat_t stat;
  std::string bytes;
  if (zip_source_stat(source.get(), &stat) == 0 && zip_source_open(source.get()) == 0) {
    bytes.resize(stat.size);
    const zip_int64_t read = zip_source_read(source.get(), bytes.data(), bytes.size());
    bytes.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
    zip_source_close(source.get());
  }
  return bytes.empty() ? Result<std::string>(Internal("reading a zip archive back")) : std::move(bytes);
}

Result<Snapshot> DecodeSnapshotZip(std::string_view zip) {
  HF_ASSIGN_OR_RETURN(const auto archive, OpenForReading(zip));
  Snapshot snapshot;
  bool has_metadata = false;
  std::set<std::string, std::less<>> seen;
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < entries; ++i) {
    std::string name;
    HF_ASSIGN_OR_RETURN(std::string content, ReadEntry(archive.get(), static_cast<zip_uint64_t>(i), &name));
    if (!seen.insert(name).second) {
      return Corrupt(fmt::format("entry {} is there twice", name));
    }
    if (name == kMetadataEntry) {
      HF_ASSIGN_OR_RETURN(snapshot.metadata, ParseSnapshotMetadata(content));
      has_metadata = true;
    } else if (IsSmallFileName(name)) {
      snapshot.small_files.emplace_back(std::move(name), std::move(content));
    } else {
      return Corrupt(fmt::format("unexpected entry {}", name));
    }
  }
  if (!has_metadata) {
    return Corrupt("the entry metadata is missing");
  }
  const bool has_current = seen.contains(std::string_view("CURRENT"));
  if (!snapshot.metadata.ssts.empty() && !has_current) {
    return Corrupt("the entry CURRENT is missing");
  }
  return snapshot;
}

Result<Snapshot> ReadSnapshot(FileSystem& files, const std::string& directory, StateVersion version,
                              std::string_view unique_id) {
  const std::string path = SnapshotPath(directory, version, unique_id);
  HF_ASSIGN_OR_RETURN(const std::string zip, ReadChecked(files, path));
  Result<Snapshot> snapshot = DecodeSnapshotZip(zip);
  return snapshot.ok() ? std::move(snapshot) : Result<Snapshot>(snapshot.status().WithContext(path));
}

Status RestoreSnapshot(FileSystem& files, const std::string& directory, const Snapshot& snapshot,
                       const BaseOptions& options, bool* unverified) {
  *unverified = false;
  HF_RETURN_IF_ERROR(RocksdbBase::MakeDirectories(options));
  for (const SnapshotSst& sst : snapshot.metadata.ssts) {
    const std::string path = fmt::format("{}/{}", SstDirectory(directory), sst.dfs_name);
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> found, files.Stat(path));
    if (!found.has_value()) {
      return Corrupt(fmt::format("{} is missing", path));
    }
    if (found->size_bytes != sst.size_bytes) {
      return Corrupt(fmt::format("{} has {} bytes; the snapshot says {}", path, found->size_bytes, sst.size_bytes),
                     "CANNOT_LOAD_STATE_STORE.UNEXPECTED_FILE_SIZE");
    }
    HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> checksum,
                        files.Stat(fmt::format("{}/.{}.crc", SstDirectory(directory), sst.dfs_name)));
    *unverified |= !checksum.has_value();
    HF_RETURN_IF_ERROR(files.CopyToLocal(path, RocksdbBase::DatabaseDirectory(options) + "/" + sst.local_name));
  }
  // CURRENT without a MANIFEST cannot be opened; a snapshot of metadata alone is an empty database.
  for (const auto& [name, content] : snapshot.small_files) {
    HF_RETURN_IF_ERROR(RocksdbBase::PutFile(options, name, content));
  }
  return {};
}

}  // namespace hf
