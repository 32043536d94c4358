// SPDX-License-Identifier: Apache-2.0
// SimulatedDisk: a disk in memory that knows what has been synced, and forgets the rest when told to.
//
// It stops before the n-th operation, for any n, as a machine does that loses power there. After that every
// operation fails until Restart, which takes away what the fault mode lets be lost. Its losses are those of a
// file system without any order of its own:
//  1. Each name of a directory goes back, on its own, to any file (or none) that it has named since the last
//     SyncDirectory. A rename is two names.
//  2. Content that was not synced is whole, missing, zeros, or a mixture by sectors of 512 bytes. One sector
//     is whole or not there: no disk tears it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "files/disk.h"
#include "files/posix_disk.h"

namespace hf {

enum class FaultMode {
  kKeepEverything,        // only the process dies: nothing is lost, and what was unsynced still is
  kLoseUnsyncedContents,  // all of them; names stay
  kLoseUnsyncedNames,     // all of them go back to what was synced; contents stay
  kLoseBoth,
  kLoseSome,       // each content and name on its own, as `seed` has it
  kTornLastWrite,  // the write at which the disk stops is half done; nothing else is lost
  kReturnIoError,  // the operation fails once and the disk goes on
  kDiskFull,       // from there on whatever needs space fails, until FreeSpace
};

// "lose_unsynced_names", for messages.
std::string_view FaultModeName(FaultMode mode);

struct FaultPlan {
  std::uint64_t stop_at_operation = 0;  // the first after SetFault is 1; 0: never
  FaultMode mode = FaultMode::kKeepEverything;
  std::uint64_t seed = 0;
  // Operations are counted from the first whose text holds this one on (that one is 1); empty: from SetFault on.
  std::string count_from{};
  // Only operations whose text holds this are counted: what other threads do elsewhere does not move the points.
  std::string only{};
};

// Thread-safe.
class SimulatedDisk final : public Disk {
 public:
  // What local() is.
  enum class Local {
    kMachine,  // the real one: what crosses over is copied
    kItself,   // files are linked across
  };
  // Modified times are `clock`'s, which must outlive the disk. At first there is the directory "/".
  explicit SimulatedDisk(Clock& clock, Local local = Local::kMachine);
  ~SimulatedDisk() override;

  // Counts operations from zero again and fails as planned from now on.
  void SetFault(FaultPlan plan);
  // Operations since SetFault or Restart, reading ones included.
  [[nodiscard]] std::uint64_t operations() const;
  // The operation at which the fault struck: "link /c/.hf-1.tmp /c/0"; empty when it has not.
  [[nodiscard]] std::string fault_operation() const;
  // Stops before whatever operation comes next, for a fault that comes from elsewhere.
  void StopNow(FaultMode mode, std::uint64_t seed);
  // True from a stop to Restart: the machine is without power, and nothing else of it may go on either.
  [[nodiscard]] bool has_stopped() const;
  // Applies the losses of the plan's mode, also when the stop was never reached, and ends the plan. Locks
  // are free and files being written are closed, as their process is gone.
  void Restart();
  void FreeSpace();
  // Every file by its path, with its content. Counts as no operation.
  [[nodiscard]] std::map<std::string, std::string> Files() const;

  Status MakeDirectory(const std::string& path) override;
  Status RemoveDirectory(const std::string& path) override;
  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override;
  Status SyncFile(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Link(const std::string& existing, const std::string& name) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Result<std::string> Read(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<std::optional<FileInfo>> Stat(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> Lock(const std::string& directory) override;
  Disk& local() override { return local_ == Local::kMachine ? static_cast<Disk&>(machine_) : *this; }

 private:
  struct State;
  class File;
  class HeldLock;

  std::shared_ptr<State> state_;  // shared with open files and locks, which may outlive the disk
  const Local local_;
  PosixDisk machine_;
};

}  // namespace hf
