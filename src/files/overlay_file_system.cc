// SPDX-License-Identifier: Apache-2.0
#include "files/overlay_file_system.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "files/disk.h"

namespace hf {

namespace {

class NoLock final : public DirectoryLock {};

Status NotFound(const std::string& path) {
  return Invalid(fmt::format("{}: no such file or directory", path), std::string(kFileNotFound));
}

bool LessByName(const FileInfo& file, const std::string& name) { return file.name < name; }

// `files`: in the order of names, as List gives them.
bool HasName(const std::vector<FileInfo>& files, const std::string& name) {
  const auto found = std::lower_bound(files.begin(), files.end(), name, LessByName);
  return found != files.end() && found->name == name;
}

}  // namespace

Result<OverlayFileSystem::Place> OverlayFileSystem::Find(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const auto written, upper_->Stat(UpperPath(path)));
  if (written.has_value() && !written->is_directory) {
    return Place{.files = upper_.get(), .path = UpperPath(path)};
  }
  const std::scoped_lock lock(mutex_);
  if (hidden_.contains(path)) {
    return NotFound(path);
  }
  const std::string name = NameOf(path);
  const auto listed = path == "/" ? listed_.end() : listed_.find(DirectoryOf(path));
  if (listed != listed_.end() && !name.starts_with('.') && !HasName(listed->second, name)) {
    return NotFound(path);
  }
  return Place{.files = base_.get(), .path = path};
}

Result<std::vector<FileInfo>> OverlayFileSystem::ListBase(const std::string& directory) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto listed = listed_.find(directory); listed != listed_.end()) {
      return listed->second;
    }
  }
  HF_ASSIGN_OR_RETURN(std::vector<FileInfo> files, base_->List(directory));
  const std::scoped_lock lock(mutex_);
  return listed_.try_emplace(directory, std::move(files)).first->second;
}

Result<std::string> OverlayFileSystem::Read(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_ASSIGN_OR_RETURN(const Place place, Find(normal));
  return place.files->Read(place.path);
}

Result<std::string> OverlayFileSystem::ReadRange(const std::string& path, std::uint64_t offset,
                                                 std::uint64_t size_bytes) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_ASSIGN_OR_RETURN(const Place place, Find(normal));
  return place.files->ReadRange(place.path, offset, size_bytes);
}

Result<std::vector<FileInfo>> OverlayFileSystem::List(const std::string& directory) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(directory));
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, upper_->List(UpperPath(normal)));
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> of_base, ListBase(normal));
  std::vector<FileInfo> merged;
  const auto by_name = [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; };
  std::set_union(files.begin(), files.end(), of_base.begin(), of_base.end(), std::back_inserter(merged), by_name);
  const std::scoped_lock lock(mutex_);
  std::erase_if(merged, [&](const FileInfo& file) {
    return hidden_.contains(JoinPath(normal, file.name)) && !HasName(files, file.name);
  });
  return merged;
}

Result<std::optional<FileInfo>> OverlayFileSystem::Stat(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_ASSIGN_OR_RETURN(auto written, upper_->Stat(UpperPath(normal)));
  if (written.has_value() && normal != "/") {
    return written;
  }
  const Result<Place> place = Find(normal);
  if (IsNotFound(place.status())) {
    return std::optional<FileInfo>();
  }
  HF_RETURN_IF_ERROR(place.status());
  return place->files->Stat(place->path);
}

Status OverlayFileSystem::CheckAbsent(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const auto found, Stat(path));
  return found.has_value() ? Conflict(fmt::format("cannot create {}: it is there already", path)) : Status();
}

void OverlayFileSystem::HideChecksum(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  hidden_.insert(path + ".crc");
}

Status OverlayFileSystem::PutNew(const std::string& path, std::string_view bytes) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_RETURN_IF_ERROR(CheckAbsent(normal));
  HideChecksum(normal);
  return upper_->PutNew(UpperPath(normal), bytes);
}

Status OverlayFileSystem::Replace(const std::string& path, std::string_view bytes) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HideChecksum(normal);
  return upper_->Replace(UpperPath(normal), bytes);
}

Status OverlayFileSystem::PutMany(std::span<const NewFile> files) {
  for (const NewFile& file : files) {
    HF_RETURN_IF_ERROR(PutNew(file.path, file.bytes));
  }
  return Status();
}

Status OverlayFileSystem::LinkFrom(const std::string& local_path, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_RETURN_IF_ERROR(CheckAbsent(normal));
  HideChecksum(normal);
  return upper_->LinkFrom(local_path, UpperPath(normal));
}

Status OverlayFileSystem::CopyToLocal(const std::string& path, const std::string& local_path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_ASSIGN_OR_RETURN(const Place place, Find(normal));
  return place.files->CopyToLocal(place.path, local_path);
}

Status OverlayFileSystem::Delete(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  HF_RETURN_IF_ERROR(upper_->Delete(UpperPath(normal)));
  HideChecksum(normal);
  const std::scoped_lock lock(mutex_);
  hidden_.insert(normal);
  return Status();
}

Result<std::unique_ptr<DirectoryLock>> OverlayFileSystem::Lock(const std::string& directory) {
  HF_RETURN_IF_ERROR(NormalizePath(directory).status());
  return std::unique_ptr<DirectoryLock>(std::make_unique<NoLock>());
}

}  // namespace hf
