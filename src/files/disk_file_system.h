// SPDX-License-Identifier: Apache-2.0
// DiskFileSystem: FileSystem over a Disk. This is where a crash is made harmless.
//
// After a crash (Disk, promises 1 and 2) any content that was not synced may be gone or, beyond the sector of
// 512 bytes, mixed; and every name that was not synced may stand for anything it stood for since its directory
// was synced, each on its own. Hadoop, and so Spark, reads f without verifying it when .f.crc is missing or
// has no readable header, but fails when a sum in it does not match. So the one thing that must never be left
// is a file with the readable checksum of another content.
//
// PutNew(f)
//  1. Write a hidden temporary file and sync its content.
//     Crash: nothing but a temporary file that nobody lists.
//  2. Remove f's checksum names (.f.crc, f.crc, .f.crc.crc). If one was there, or one that was removed before
//     may come back (by Delete, or by a process that died: the first time in a directory), sync the directory.
//     Crash: f is absent as before. From here on no old checksum of f can come back, which a crash after
//     step 3 could otherwise put beside the new f.
//  3. Link the temporary file to f, which fails when f is there; remove the temporary name.
//     Crash: f is absent, or whole by step 1. It has no checksum by step 2.
// Replace(f)
//     The same, but in step 2 the old f stays, without a checksum, and step 3 renames over it.
//     Crash: the old f or the new f, each whole and without a checksum.
// Sync()
//  4. Sync every directory that was changed, and those above a new directory.
//     Now f is there for good: this is the barrier.
//  5. Only now write .f.crc and rename it into its place. Were it named before step 4, a crash could keep it
//     and lose f (Spark may then refuse to write f), or bring the old f back beside it.
//     A checksum file of one sector is not synced: after a crash it is whole, or missing, empty or zeros, all
//     of which read as missing. A longer one is synced before its name is made, because a good header
//     with missing sums makes Hadoop fail. Its name is left to the next sync; losing it costs only the check.
// Delete(f)
//     The checksum names first, so that in the order that real file systems keep no checksum outlives its
//     file. Should one come back nevertheless, it is alone, and step 2 of a later PutNew(f) removes it.
//
// A step that fails leaves what a crash there would leave, less the temporary file. A content whose sync
// failed is never synced again (the kernel may have dropped it and then report success): it is thrown away. After
// a failed sync of a directory, whichever thread met it, no Sync succeeds any more (DirectorySyncs).
//
// What a process finds may be what another left unsynced when it died. Therefore Sync also covers every
// directory that was read, and all above it, the first time (UnsyncedNames). Where reading is all we may do,
// a refusal to sync is ignored.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "files/directory_syncs.h"
#include "files/disk.h"
#include "files/file_system.h"
#include "files/temporary_file.h"
#include "files/unsynced_names.h"
#include "files/writable_directories.h"

namespace hf {

// Runs all of `work`, in any order or at the same time, and returns when all of it has ended.
using RunAll = std::function<void(std::span<const std::function<void()>> work)>;

// Runs it here, one after the other.
void RunInTurn(std::span<const std::function<void()>> work);

// Thread-safe. Two calls for the same file follow one another; others run at the same time.
class DiskFileSystem final : public FileSystem {
 public:
  // `disk` must outlive the file system and its locks. The syncs of a barrier go through `run_all`: a file
  // system takes several syncs that wait at the same time in one stroke, so threads for them make a barrier
  // of many files several times faster. The file system starts none itself.
  explicit DiskFileSystem(Disk& disk, RunAll run_all = RunInTurn);

  Result<std::string> Read(const std::string& path) override;
  Result<std::string> ReadRange(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<std::optional<FileInfo>> Stat(const std::string& path) override;

  Status PutNew(const std::string& path, std::string_view bytes) override;
  Status Replace(const std::string& path, std::string_view bytes) override;
  Status PutMany(std::span<const NewFile> files) override;
  Status LinkFrom(const std::string& local_path, const std::string& path) override;
  Status CopyToLocal(const std::string& path, const std::string& local_path) override;
  Status Delete(const std::string& path) override;
  Status Sync() override;

  // No other object may write below `directory` while it is locked.
  Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) override;

 private:
  // A content on its way to its name.
  struct Content {
    TemporaryFile name;
    std::unique_ptr<DiskFile> file;  // null when finished
    std::string checksum;            // the checksum file that belongs beside it
  };
  // The checksum file that step 5 has yet to write.
  struct DueChecksum {
    std::string bytes;
    std::uint64_t change = 0;  // the change of the directory that named the file
  };

  // Step 1, in one go or with the sync apart.
  Result<Content> Create(const std::string& path);
  Result<Content> Write(const std::string& path, std::string_view bytes);
  Result<Content> CopyFromLocal(const std::string& local_path, const std::string& path);
  Result<Content> LinkFromLocal(const std::string& local_path, const std::string& path);
  static Status Finish(Content& content);
  // Runs work(0) to work(size - 1) through run_all_; returns the failure of the first that failed.
  Status RunEach(std::size_t size, const std::function<Status(std::size_t)>& work);

  // Steps 2 and 3.
  Status PublishNew(Content content, const std::string& path);
  Status RemoveOldChecksums(const std::string& path);

  // Step 5.
  Status WriteDueChecksums();
  void WriteDueChecksum(const std::string& path);
  Status WriteChecksumFile(const std::string& path, const std::string& bytes);
  void SetDue(const std::string& path, DueChecksum due);
  void DropDue(const std::string& path);

  Result<std::string> ReadChecksumFile(const std::string& path);
  Status CopyToLocalOnce(const std::string& path, const std::string& local_path);

  // f and its checksums, f.crc among them, share a mutex.
  std::mutex& FamilyMutex(const std::string& path);

  Disk& disk_;
  const RunAll run_all_;
  UnsyncedNames names_;
  DirectorySyncs syncs_;  // step 4
  WritableDirectories directories_;
  // Held in steps 2 and 3, in Delete and in step 5, so that the checksum that step 5 writes is that of the
  // file which is there. Taken before due_mutex_.
  std::array<std::mutex, 64> family_mutexes_;
  std::mutex due_mutex_;                              // never held during I/O
  std::map<std::string, DueChecksum> due_checksums_;  // by path; guarded by due_mutex_
};

}  // namespace hf
