// SPDX-License-Identifier: Apache-2.0
// The numbers of the steps are those of the header.
#include "files/disk_file_system.h"

#include <fmt/core.h>

#include <limits>
#include <utility>

#include "files/hadoop_checksum.h"
#include "holdfast/log.h"

namespace hf {
namespace {

constexpr std::uint64_t kCopyBytes = 1 << 20;
// What any disk writes whole or not at all.
constexpr std::size_t kSectorBytes = 512;
// A Replace between the reading of a file and of its checksum looks like damage; damage looks so every time.
constexpr int kReadAttempts = 3;
constexpr std::string_view kFileChanged = "FILE_CHANGED";

std::string ChecksumPath(const std::string& path) {
  return JoinPath(DirectoryOf(path), fmt::format(".{}.crc", NameOf(path)));
}

// A temporary file's name tells nobody which file is lacking.
Status Writing(const std::string& path, const Status& status) {
  return status.ok() ? status : status.WithContext(fmt::format("writing {}", path));
}

Status AlreadyThere(const std::string& path) {
  return Conflict(fmt::format("cannot create {}: it is there already, so another writer was here", path));
}

// Hands `take` the file in pieces until it fails or the file ends.
template <typename Take>
Status ReadInPieces(Disk& disk, const std::string& path, Take take) {
  for (std::uint64_t offset = 0;; offset += kCopyBytes) {
    HF_ASSIGN_OR_RETURN(const std::string piece, disk.Read(path, offset, kCopyBytes));
    HF_RETURN_IF_ERROR(take(piece));
    if (piece.size() < kCopyBytes) {
      return {};
    }
  }
}

Result<std::string> NormalizeFilePath(const std::string& path) {
  HF_ASSIGN_OR_RETURN(std::string normal, NormalizePath(path));
  if (normal.size() == 1) {
    return Invalid("'/' is a directory, not a file");
  }
  return normal;
}

}  // namespace

void RunInTurn(std::span<const std::function<void()>> work) {
  for (const auto& piece : work) {
    piece();
  }
}

DiskFileSystem::DiskFileSystem(Disk& disk, RunAll run_all)
    : disk_(disk), run_all_(std::move(run_all)), syncs_(disk, names_), directories_(disk, names_) {}

Status DiskFileSystem::RunEach(std::size_t size, const std::function<Status(std::size_t)>& work) {
  if (size == 1) {
    return work(0);
  }
  std::vector<Status> statuses(size);
  std::vector<std::function<void()>> pieces;
  pieces.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    pieces.emplace_back([&, i] { statuses[i] = work(i); });
  }
  run_all_(pieces);
  for (Status& status : statuses) {
    HF_RETURN_IF_ERROR(std::move(status));
  }
  return {};
}

// ---- Step 1

Result<DiskFileSystem::Content> DiskFileSystem::Create(const std::string& path) {
  const std::string directory = DirectoryOf(path);
  for (bool is_first = true;; is_first = false) {
    HF_RETURN_IF_ERROR(directories_.Ensure(directory));
    TemporaryFile name(disk_, directories_.NewTemporaryPath(directory));
    Result<std::unique_ptr<DiskFile>> file = disk_.Create(name.path());
    if (file.ok()) {
      return Content{.name = std::move(name), .file = std::move(file).value(), .checksum = {}};
    }
    name.Release();
    if (!IsNotFound(file.status()) || !is_first) {
      return std::move(file).status();
    }
    names_.Forget(directory);  // somebody removed the directory after we had seen it
  }
}

Status DiskFileSystem::Finish(Content& content) {
  HF_RETURN_IF_ERROR(content.file->Sync());
  HF_RETURN_IF_ERROR(content.file->Close());
  content.file.reset();
  return {};
}

Result<DiskFileSystem::Content> DiskFileSystem::Write(const std::string& path, std::string_view bytes) {
  Result<Content> content = Create(path);
  HF_RETURN_IF_ERROR(Writing(path, content.status()));
  HF_RETURN_IF_ERROR(Writing(path, content->file->Append(bytes)));
  content->checksum = HadoopChecksumOf(bytes);
  return content;
}

Result<DiskFileSystem::Content> DiskFileSystem::CopyFromLocal(const std::string& local_path, const std::string& path) {
  Result<Content> content = Create(path);
  HF_RETURN_IF_ERROR(Writing(path, content.status()));
  HadoopChecksumWriter checksum;
  HF_RETURN_IF_ERROR(Writing(path, ReadInPieces(disk_.local(), local_path, [&](std::string_view piece) {
                               checksum.Append(piece);
                               return content->file->Append(piece);
                             })));
  HF_RETURN_IF_ERROR(Writing(path, Finish(*content)));
  content->checksum = checksum.Finish();
  return content;
}

Result<DiskFileSystem::Content> DiskFileSystem::LinkFromLocal(const std::string& local_path, const std::string& path) {
  const std::string directory = DirectoryOf(path);
  HF_RETURN_IF_ERROR(directories_.Ensure(directory));
  TemporaryFile name(disk_, directories_.NewTemporaryPath(directory));
  if (Status linked = disk_.Link(local_path, name.path()); !linked.ok()) {
    name.Release();
    return linked;
  }
  if (Status synced = disk_.SyncFile(name.path()); !synced.ok()) {
    if (synced.kind() == ErrorKind::kUnavailable) {
      syncs_.NoteFailure(synced);  // a second attempt would link the same content, and its sync succeed
    }
    return synced;
  }
  HadoopChecksumWriter checksum;
  HF_RETURN_IF_ERROR(ReadInPieces(disk_, name.path(), [&](std::string_view piece) {
    checksum.Append(piece);
    return Status();
  }));
  return Content{.name = std::move(name), .file = nullptr, .checksum = checksum.Finish()};
}

// ---- Steps 2 and 3

Status DiskFileSystem::RemoveOldChecksums(const std::string& path) {
  DropDue(path);
  DropDue(path + ".crc");
  bool may_return = false;
  for (const std::string& old : {ChecksumPath(path), path + ".crc", ChecksumPath(path + ".crc")}) {
    Status removed = disk_.Remove(old);
    if (removed.ok()) {
      names_.NoteRemoved(old);
    } else if (!IsNotFound(removed)) {
      return removed;
    }
    may_return = may_return || names_.MayReturn(old);
  }
  return may_return ? syncs_.Sync(DirectoryOf(path)) : Status();
}

Status DiskFileSystem::PublishNew(Content content, const std::string& path) {
  const std::string directory = DirectoryOf(path);
  std::lock_guard lock(FamilyMutex(path));
  // Before step 2, so that a file which is there keeps its checksum.
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> found, disk_.Stat(path));
  if (found.has_value()) {
    names_.NoteChanged(directory);  // whoever takes it for done wants it to be durable
    return AlreadyThere(path);
  }
  HF_RETURN_IF_ERROR(RemoveOldChecksums(path));
  Status linked = disk_.Link(content.name.path(), path);
  const std::uint64_t change = names_.NoteChanged(directory);
  if (!linked.ok()) {
    return linked.kind() == ErrorKind::kConflict ? AlreadyThere(path) : linked;
  }
  SetDue(path, {.bytes = std::move(content.checksum), .change = change});
  return {};
}

Status DiskFileSystem::PutNew(const std::string& path, std::string_view bytes) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  HF_ASSIGN_OR_RETURN(Content content, Write(normal, bytes));
  HF_RETURN_IF_ERROR(Writing(normal, Finish(content)));
  return PublishNew(std::move(content), normal);
}

Status DiskFileSystem::Replace(const std::string& path, std::string_view bytes) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  HF_ASSIGN_OR_RETURN(Content content, Write(normal, bytes));
  HF_RETURN_IF_ERROR(Writing(normal, Finish(content)));
  std::lock_guard lock(FamilyMutex(normal));
  HF_RETURN_IF_ERROR(RemoveOldChecksums(normal));
  Status renamed = disk_.Rename(content.name.path(), normal);
  const std::uint64_t change = names_.NoteChanged(DirectoryOf(normal));
  HF_RETURN_IF_ERROR(std::move(renamed));
  content.name.Release();
  SetDue(normal, {.bytes = std::move(content.checksum), .change = change});
  return {};
}

Status DiskFileSystem::PutMany(std::span<const NewFile> files) {
  std::vector<std::string> paths;
  for (const NewFile& file : files) {
    HF_ASSIGN_OR_RETURN(paths.emplace_back(), NormalizeFilePath(file.path));
  }
  std::vector<std::optional<Content>> contents(files.size());
  HF_RETURN_IF_ERROR(RunEach(files.size(), [&](std::size_t i) -> Status {
    HF_ASSIGN_OR_RETURN(Content content, Write(paths[i], files[i].bytes));
    contents[i].emplace(std::move(content));
    return Writing(paths[i], Finish(*contents[i]));
  }));
  for (std::size_t i = 0; i < files.size(); ++i) {
    HF_RETURN_IF_ERROR(PublishNew(*std::move(contents[i]), paths[i]));
  }
  return Sync();
}

Status DiskFileSystem::LinkFrom(const std::string& local_path, const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string local, NormalizeFilePath(local_path));
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  if (&disk_.local() == &disk_) {
    Result<Content> linked = LinkFromLocal(local, normal);
    if (linked.ok()) {
      return PublishNew(std::move(linked).value(), normal);
    }
    if (linked.status().kind() == ErrorKind::kUnavailable) {
      return std::move(linked).status();
    }
    // Another disk, or one that cannot link. For any other reason copying fails too, and says it better.
  }
  HF_ASSIGN_OR_RETURN(Content copied, CopyFromLocal(local, normal));
  return PublishNew(std::move(copied), normal);
}

Status DiskFileSystem::Delete(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  std::lock_guard lock(FamilyMutex(normal));
  DropDue(normal);
  DropDue(normal + ".crc");
  for (const std::string& name : {ChecksumPath(normal), ChecksumPath(normal + ".crc"), normal + ".crc", normal}) {
    Status removed = disk_.Remove(name);
    if (removed.ok()) {
      names_.NoteRemoved(name);
    } else if (!IsNotFound(removed)) {
      return removed;
    }
  }
  return {};
}

// ---- Steps 4 and 5

Status DiskFileSystem::Sync() {
  const std::vector<std::string> unsynced = names_.UnsyncedDirectories();
  HF_RETURN_IF_ERROR(RunEach(unsynced.size(), [&](std::size_t i) { return syncs_.Sync(unsynced[i]); }));
  // Also that of a directory which nobody has changed since.
  HF_RETURN_IF_ERROR(syncs_.failure());
  return WriteDueChecksums();
}

Status DiskFileSystem::WriteDueChecksums() {
  std::vector<std::string> due;
  {
    std::lock_guard lock(due_mutex_);
    for (const auto& [path, checksum] : due_checksums_) {
      if (names_.IsSynced(DirectoryOf(path), checksum.change)) {
        due.push_back(path);
      }
    }
  }
  return RunEach(due.size(), [&](std::size_t i) {
    WriteDueChecksum(due[i]);
    return Status();
  });
}

void DiskFileSystem::WriteDueChecksum(const std::string& path) {
  std::lock_guard family_lock(FamilyMutex(path));
  std::string bytes;
  {
    std::lock_guard lock(due_mutex_);
    const auto due = due_checksums_.find(path);
    if (due == due_checksums_.end() || !names_.IsSynced(DirectoryOf(path), due->second.change)) {
      return;  // another thread has written it, or the file was replaced or deleted
    }
    bytes = std::move(due->second.bytes);
    due_checksums_.erase(due);
  }
  // The barrier has been passed; a missing checksum must not fail it.
  if (const Status status = WriteChecksumFile(path, bytes); !status.ok()) {
    Log(LogLevel::kWarning, fmt::format("{} stays without a checksum file: {}", path, status.ToString()));
  }
}

Status DiskFileSystem::WriteChecksumFile(const std::string& path, const std::string& bytes) {
  TemporaryFile name(disk_, directories_.NewTemporaryPath(DirectoryOf(path)));
  Result<std::unique_ptr<DiskFile>> file = disk_.Create(name.path());
  if (!file.ok()) {
    name.Release();
    return std::move(file).status();
  }
  HF_RETURN_IF_ERROR((*file)->Append(bytes));
  if (bytes.size() > kSectorBytes) {
    HF_RETURN_IF_ERROR((*file)->Sync());
  }
  HF_RETURN_IF_ERROR((*file)->Close());
  HF_RETURN_IF_ERROR(disk_.Rename(name.path(), ChecksumPath(path)));
  name.Release();
  return {};
}

void DiskFileSystem::SetDue(const std::string& path, DueChecksum due) {
  std::lock_guard lock(due_mutex_);
  due_checksums_[path] = std::move(due);
}

void DiskFileSystem::DropDue(const std::string& path) {
  std::lock_guard lock(due_mutex_);
  due_checksums_.erase(path);
}

std::mutex& DiskFileSystem::FamilyMutex(const std::string& path) {
  std::string_view family = path;
  while (family.ends_with(".crc")) {
    family.remove_suffix(4);
  }
  return family_mutexes_[std::hash<std::string_view>()(family) % family_mutexes_.size()];
}

// ---- Reading

// Empty when there is none, which reads as unreadable.
Result<std::string> DiskFileSystem::ReadChecksumFile(const std::string& path) {
  Result<std::string> checksum = disk_.Read(ChecksumPath(path), 0, std::numeric_limits<std::uint64_t>::max());
  if (!checksum.ok() && IsNotFound(checksum.status())) {
    return std::string();
  }
  return checksum;
}

Result<std::string> DiskFileSystem::Read(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  names_.NoteSeen(DirectoryOf(normal));
  for (int attempt = 1;; ++attempt) {
    HF_ASSIGN_OR_RETURN(std::string checksum, ReadChecksumFile(normal));
    HF_ASSIGN_OR_RETURN(std::string bytes, disk_.Read(normal, 0, std::numeric_limits<std::uint64_t>::max()));
    HadoopChecksumVerifier verifier(std::move(checksum));
    verifier.Append(bytes);
    Status verified = verifier.Finish(normal);
    if (verified.ok()) {
      return bytes;
    }
    if (attempt == kReadAttempts) {
      return verified;
    }
  }
}

Result<std::string> DiskFileSystem::ReadRange(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  names_.NoteSeen(DirectoryOf(normal));
  return disk_.Read(normal, offset, size_bytes);
}

Result<std::vector<FileInfo>> DiskFileSystem::List(const std::string& directory) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(directory));
  names_.NoteSeen(normal);
  Result<std::vector<FileInfo>> found = disk_.List(normal);
  if (!found.ok() && IsNotFound(found.status())) {
    return std::vector<FileInfo>();
  }
  if (found.ok()) {
    std::erase_if(*found, [](const FileInfo& file) { return file.name.starts_with('.'); });
  }
  return found;
}

Result<std::optional<FileInfo>> DiskFileSystem::Stat(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(path));
  if (normal != "/") {
    names_.NoteSeen(DirectoryOf(normal));
  }
  return disk_.Stat(normal);
}

Status DiskFileSystem::CopyToLocalOnce(const std::string& path, const std::string& local_path) {
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> before, disk_.Stat(path));
  HF_ASSIGN_OR_RETURN(std::string checksum, ReadChecksumFile(path));
  HadoopChecksumVerifier verifier(std::move(checksum));
  Disk& local = disk_.local();
  // Never into the file that is there: it may be a link to a published one.
  TemporaryFile name(local, directories_.NewTemporaryPath(DirectoryOf(local_path)));
  Result<std::unique_ptr<DiskFile>> file = local.Create(name.path());
  if (!file.ok()) {
    name.Release();
    return std::move(file).status();
  }
  HF_RETURN_IF_ERROR(ReadInPieces(disk_, path, [&](std::string_view piece) {
    verifier.Append(piece);
    return (*file)->Append(piece);
  }));
  HF_RETURN_IF_ERROR((*file)->Close());
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> after, disk_.Stat(path));
  if (!before.has_value() || !after.has_value() || before->size_bytes != after->size_bytes ||
      before->modified_us != after->modified_us) {
    return Unavailable(fmt::format("{} was replaced while it was copied; try again", path), std::string(kFileChanged));
  }
  HF_RETURN_IF_ERROR(verifier.Finish(path));
  HF_RETURN_IF_ERROR(local.Rename(name.path(), local_path));
  name.Release();
  return {};
}

Status DiskFileSystem::CopyToLocal(const std::string& path, const std::string& local_path) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizeFilePath(path));
  HF_ASSIGN_OR_RETURN(const std::string local, NormalizeFilePath(local_path));
  names_.NoteSeen(DirectoryOf(normal));
  for (int attempt = 1;; ++attempt) {
    Status copied = CopyToLocalOnce(normal, local);
    const bool may_have_changed =
        !copied.ok() && (copied.kind() == ErrorKind::kCorrupt || copied.condition() == kFileChanged);
    if (!may_have_changed || attempt == kReadAttempts) {
      return copied;
    }
  }
}

Result<std::unique_ptr<DirectoryLock>> DiskFileSystem::Lock(const std::string& directory) {
  HF_ASSIGN_OR_RETURN(const std::string normal, NormalizePath(directory));
  return directories_.Lock(normal);
}

}  // namespace hf
