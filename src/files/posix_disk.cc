// SPDX-License-Identifier: Apache-2.0
#include "files/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace hf {

Status ErrnoStatus(std::string_view attempt, const std::string& path, int error) {
  const std::string reason = std::generic_category().message(error);
  const std::string what = fmt::format("cannot {} {}: {}", attempt, path, reason);
  switch (error) {
    case ENOSPC: return Unavailable(what + "; free space on the disk and try again", "DISK_FULL");
    case EDQUOT: return Unavailable(what + "; free space or raise the quota and try again", "DISK_FULL");
    case ENOENT: return Invalid(what, std::string(kFileNotFound));
    case EEXIST:
    case ENOTEMPTY: return Conflict(what);
    case EXDEV: return Invalid(what, std::string(kCrossDevice));
    case EMFILE:
    case ENFILE: return Unavailable(what + "; raise the limit of open files (ulimit -n)", "TOO_MANY_OPEN_FILES");
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
    case EINVAL:
    case EMLINK:
    case EFBIG:
    case ENOSYS:
    case EOPNOTSUPP: return Invalid(what);
    case EBADF:
    case EFAULT: return Internal(what);
    default: return Unavailable(what);
  }
}

namespace {

template <typename Call>
auto RetryInterrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) {
      return result;
    }
  }
}

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  [[nodiscard]] int get() const { return fd_; }
  // Returns the error number, 0 when closed well. Linux has released the descriptor even when close says EINTR.
  int Close() {
    const int result = close(std::exchange(fd_, -1));
    return result == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int fd_;
};

Result<Descriptor> Open(std::string_view attempt, const std::string& path, int flags) {
  const int fd = RetryInterrupted([&] { return open(path.c_str(), flags | O_CLOEXEC, 0666); });
  if (fd < 0) {
    return ErrnoStatus(attempt, path, errno);
  }
  return Descriptor(fd);
}

FileInfo InfoOf(std::string name, const struct stat& found) {
  return {
      .name = std::move(name),
      .is_directory = S_ISDIR(found.st_mode),
      .size_bytes = static_cast<std::uint64_t>(found.st_size),
      .modified_us = static_cast<std::int64_t>(found.st_mtim.tv_sec) * 1'000'000 + found.st_mtim.tv_nsec / 1000,
  };
}

class PosixFile final : public DiskFile {
 public:
  PosixFile(std::string path, Descriptor descriptor) : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = RetryInterrupted([&] { return write(descriptor_.get(), bytes.data(), bytes.size()); });
      if (written < 0) {
        return ErrnoStatus("write", path_, errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status Sync() override {
    if (RetryInterrupted([&] { return fdatasync(descriptor_.get()); }) != 0) {
      return ErrnoStatus("make durable", path_, errno);
    }
    return {};
  }

  Status Close() override {
    const int error = descriptor_.Close();
    return error == 0 ? Status() : ErrnoStatus("close", path_, error);
  }

 private:
  std::string path_;
  Descriptor descriptor_;
};

class PosixDirectoryLock final : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // closing it releases the lock
};

}  // namespace

Status PosixDisk::MakeDirectory(const std::string& path) {
  return mkdir(path.c_str(), 0777) == 0 ? Status() : ErrnoStatus("make the directory", path, errno);
}

Status PosixDisk::RemoveDirectory(const std::string& path) {
  return rmdir(path.c_str()) == 0 ? Status() : ErrnoStatus("remove the directory", path, errno);
}

Result<std::unique_ptr<DiskFile>> PosixDisk::Create(const std::string& path) {
  HF_ASSIGN_OR_RETURN(Descriptor descriptor, Open("create", path, O_WRONLY | O_CREAT | O_EXCL));
  return std::unique_ptr<DiskFile>(std::make_unique<PosixFile>(path, std::move(descriptor)));
}

Status PosixDisk::SyncFile(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const Descriptor descriptor, Open("open", path, O_RDONLY));
  if (RetryInterrupted([&] { return fdatasync(descriptor.get()); }) != 0) {
    return ErrnoStatus("make durable", path, errno);
  }
  return {};
}

Status PosixDisk::SyncDirectory(const std::string& path) {
  HF_ASSIGN_OR_RETURN(const Descriptor descriptor, Open("open the directory", path, O_RDONLY | O_DIRECTORY));
  if (RetryInterrupted([&] { return fsync(descriptor.get()); }) != 0) {
    return ErrnoStatus("make durable the directory", path, errno);
  }
  return {};
}

Status PosixDisk::Link(const std::string& existing, const std::string& name) {
  // A symbolic link is followed: the second name is the file's.
  const int result = linkat(AT_FDCWD, existing.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  return result == 0 ? Status() : ErrnoStatus("create", name, errno);
}

Status PosixDisk::Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? Status() : ErrnoStatus("put in place", to, errno);
}

Status PosixDisk::Remove(const std::string& path) {
  return unlink(path.c_str()) == 0 ? Status() : ErrnoStatus("delete", path, errno);
}

Result<std::string> PosixDisk::Read(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) {
  HF_ASSIGN_OR_RETURN(const Descriptor descriptor, Open("open", path, O_RDONLY));
  struct stat found{};
  if (fstat(descriptor.get(), &found) != 0) {
    return ErrnoStatus("read", path, errno);
  }
  if (S_ISDIR(found.st_mode)) {
    return ErrnoStatus("read", path, EISDIR);
  }
  std::string bytes;
  const auto end = static_cast<std::uint64_t>(found.st_size);
  if (offset >= end) {
    return bytes;
  }
  bytes.resize(std::min(size_bytes, end - offset));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t size = RetryInterrupted([&] {
      return pread(descriptor.get(), bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(offset + filled));
    });
    if (size < 0) {
      return ErrnoStatus("read", path, errno);
    }
    if (size == 0) {
      break;  // somebody cut the file off under our hands
    }
    filled += static_cast<std::size_t>(size);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::vector<FileInfo>> PosixDisk::List(const std::string& directory) {
  std::unique_ptr<DIR, int (*)(DIR*)> open_directory(opendir(directory.c_str()), closedir);
  if (open_directory == nullptr) {
    return ErrnoStatus("list", directory, errno);
  }
  std::vector<FileInfo> found;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(open_directory.get());
    if (entry == nullptr) {
      if (errno != 0) {
        return ErrnoStatus("list", directory, errno);
      }
      break;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") {
      continue;
    }
    struct stat stat{};
    if (fstatat(dirfd(open_directory.get()), entry->d_name, &stat, 0) != 0) {
      if (errno == ENOENT || errno == ELOOP) {
        continue;  // removed meanwhile, or a symbolic link that leads nowhere
      }
      return ErrnoStatus("list", directory, errno);
    }
    found.push_back(InfoOf(std::string(name), stat));
  }
  std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) { return a.name < b.name; });
  return found;
}

Result<std::optional<FileInfo>> PosixDisk::Stat(const std::string& path) {
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::optional<FileInfo>();
    }
    return ErrnoStatus("look at", path, errno);
  }
  return std::optional<FileInfo>(InfoOf(NameOf(path), found));
}

Result<std::unique_ptr<DirectoryLock>> PosixDisk::Lock(const std::string& directory) {
  HF_ASSIGN_OR_RETURN(Descriptor descriptor, Open("open the directory", directory, O_RDONLY | O_DIRECTORY));
  if (RetryInterrupted([&] { return flock(descriptor.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK) {
      return Conflict(fmt::format("{} is in use by another query or process; stop that one first", directory));
    }
    return ErrnoStatus("lock", directory, errno);
  }
  // Whoever held it may have removed it: then this is the lock of a directory that nobody finds any more.
  struct stat ours{};
  struct stat named{};
  if (fstat(descriptor.get(), &ours) != 0 || stat(directory.c_str(), &named) != 0) {
    return ErrnoStatus("lock", directory, errno);
  }
  if (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino) {
    return ErrnoStatus("lock", directory, ENOENT);
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<PosixDirectoryLock>(std::move(descriptor)));
}

}  // namespace hf
