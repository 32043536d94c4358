// SPDX-License-Identifier: Apache-2.0
#include "files/simulated_disk.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/random.h"

namespace hf {
namespace {

constexpr std::size_t kSectorBytes = 512;

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Name {
  NodePtr now;  // null: absent
  // Every other file that the name may stand for after a crash, the synced one first.
  std::vector<NodePtr> earlier;

  void Set(NodePtr next) { earlier.push_back(std::exchange(now, std::move(next))); }
};

struct Node {
  bool is_directory = false;
  std::int64_t modified_us = 0;
  std::string bytes = {};  // of a file
  std::size_t synced_bytes = 0;
  std::map<std::string, Name> names = {};  // of a directory; absent names stay until they are synced
  bool is_locked = false;
};

Status NotFound(const std::string& path) {
  return Invalid(fmt::format("{}: no such file or directory", path), std::string(kFileNotFound));
}

FileInfo InfoOf(const std::string& name, const Node& node) {
  return {.name = name,
          .is_directory = node.is_directory,
          .size_bytes = node.bytes.size(),
          .modified_us = node.modified_us};
}

// Loses the unsynced content of one file. With `random` each sector is kept, zeroed or cut off.
void LoseContent(Node& file, Random* random) {
  if (file.synced_bytes == file.bytes.size()) {
    return;
  }
  if (random == nullptr) {
    file.bytes.resize(file.synced_bytes);
    return;
  }
  const std::size_t sectors = (file.bytes.size() + kSectorBytes - 1) / kSectorBytes;
  const std::size_t kept_size = std::min(file.bytes.size(), random->Below(sectors + 1) * kSectorBytes);
  file.bytes.resize(std::max(file.synced_bytes, kept_size));
  for (std::size_t at = 0; at < file.bytes.size(); at += kSectorBytes) {
    if (random->Below(4) == 0) {
      const std::size_t from = std::max(at, file.synced_bytes);
      const std::size_t to = std::min(at + kSectorBytes, file.bytes.size());
      std::fill(file.bytes.begin() + static_cast<std::ptrdiff_t>(std::min(from, to)),
                file.bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
    }
  }
}

struct Losses {
  bool names = false;
  bool contents = false;
  Random* random = nullptr;  // null: all of them
};

void ApplyLosses(Node& node, const Losses& losses, std::set<Node*>& visited) {
  if (!visited.insert(&node).second) {
    return;  // a file with two names
  }
  if (!node.is_directory) {
    if (losses.contents) {
      LoseContent(node, losses.random);
    }
    node.synced_bytes = node.bytes.size();
    return;
  }
  for (auto& [text, name] : node.names) {
    if (losses.names && !name.earlier.empty()) {
      const std::size_t choice = losses.random == nullptr ? 0 : losses.random->Below(name.earlier.size() + 1);
      if (choice < name.earlier.size()) {
        name.now = name.earlier[choice];
      }
    }
    name.earlier.clear();
    if (name.now != nullptr) {
      ApplyLosses(*name.now, losses, visited);
    }
  }
  std::erase_if(node.names, [](const auto& entry) { return entry.second.now == nullptr; });
}

void UnlockAll(Node& node) {
  node.is_locked = false;
  for (auto& [text, name] : node.names) {
    if (name.now != nullptr) {
      UnlockAll(*name.now);
    }
  }
}

void CollectFiles(const Node& node, const std::string& path, std::map<std::string, std::string>& files) {
  for (const auto& [text, name] : node.names) {
    if (name.now == nullptr) {
      continue;
    }
    const std::string child = path + "/" + text;
    if (name.now->is_directory) {
      CollectFiles(*name.now, child, files);
    } else {
      files[child] = name.now->bytes;
    }
  }
}

}  // namespace

std::string_view FaultModeName(FaultMode mode) {
  switch (mode) {
    case FaultMode::kKeepEverything: return "keep_everything";
    case FaultMode::kLoseUnsyncedContents: return "lose_unsynced_contents";
    case FaultMode::kLoseUnsyncedNames: return "lose_unsynced_names";
    case FaultMode::kLoseBoth: return "lose_both";
    case FaultMode::kLoseSome: return "lose_some";
    case FaultMode::kTornLastWrite: return "torn_last_write";
    case FaultMode::kReturnIoError: return "return_io_error";
    case FaultMode::kDiskFull: return "disk_full";
  }
  return "unknown";
}

struct SimulatedDisk::State {
  enum class Space { kNeeded, kNotNeeded };

  Clock& clock;
  std::mutex mutex;  // guards everything below
  NodePtr root = std::make_shared<Node>(Node{.is_directory = true});
  FaultPlan plan;
  std::uint64_t operations = 0;
  std::uint64_t restarts = 0;
  bool stopped = false;
  bool full = false;
  std::string fault_operation;

  explicit State(Clock& with_clock) : clock(with_clock) {}

  // Counts an operation and says whether it may be done.
  Status Begin(const std::string& operation, Space space) {
    if (stopped) {
      return Unavailable("the simulated disk has stopped");
    }
    if (operation.find(plan.count_from) == std::string::npos || operation.find(plan.only) == std::string::npos) {
      return RefuseWhenFull(operation, space);
    }
    plan.count_from.clear();
    ++operations;
    if (operations == plan.stop_at_operation) {
      fault_operation = operation;
      if (plan.mode == FaultMode::kReturnIoError) {
        return Unavailable(fmt::format("cannot {}: input/output error (simulated)", operation));
      }
      if (plan.mode == FaultMode::kDiskFull) {
        full = true;
      } else {
        stopped = true;
        return Unavailable(fmt::format("the simulated disk has stopped before: {}", operation));
      }
    }
    return RefuseWhenFull(operation, space);
  }

  [[nodiscard]] Status RefuseWhenFull(const std::string& operation, Space space) const {
    return full && space == Space::kNeeded
               ? Unavailable(fmt::format("cannot {}: no space left on device (simulated)", operation), "DISK_FULL")
               : Status();
  }

  // Null when there is nothing.
  NodePtr Find(const std::string& path) {
    NodePtr node = root;
    std::string_view rest = path == "/" ? std::string_view() : std::string_view(path).substr(1);
    while (!rest.empty() && node != nullptr) {
      const std::string_view component = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(rest.size(), component.size() + 1));
      const auto found = node->names.find(std::string(component));
      node = found == node->names.end() ? nullptr : found->second.now;
    }
    return node;
  }

  Result<NodePtr> FindDirectory(const std::string& path) {
    NodePtr node = Find(path);
    if (node == nullptr) {
      return NotFound(path);
    }
    if (!node->is_directory) {
      return Invalid(fmt::format("{}: not a directory", path));
    }
    return node;
  }

  Result<NodePtr> FindFile(const std::string& path) {
    NodePtr node = Find(path);
    if (node == nullptr) {
      return NotFound(path);
    }
    if (node->is_directory) {
      return Invalid(fmt::format("{}: is a directory", path));
    }
    return node;
  }

  // Makes `path` name `node`; kConflict when it names something.
  Status AddName(const std::string& path, NodePtr node) {
    HF_ASSIGN_OR_RETURN(const NodePtr directory, FindDirectory(DirectoryOf(path)));
    Name& name = directory->names[NameOf(path)];
    if (name.now != nullptr) {
      return Conflict(fmt::format("{}: file exists", path));
    }
    name.Set(std::move(node));
    directory->modified_us = clock.NowUs();
    return {};
  }
};

class SimulatedDisk::File final : public DiskFile {
 public:
  File(std::shared_ptr<State> state, std::string path, NodePtr node)
      : state_(std::move(state)), path_(std::move(path)), node_(std::move(node)), restarts_(state_->restarts) {}

  Status Append(std::string_view bytes) override {
    std::lock_guard lock(state_->mutex);
    const bool was_running = !state_->stopped;
    Status status = Begin("write", State::Space::kNeeded);
    const bool is_torn =
        was_running && !status.ok() && state_->operations == state_->plan.stop_at_operation &&
        (state_->plan.mode == FaultMode::kTornLastWrite || state_->plan.mode == FaultMode::kReturnIoError);
    if (is_torn) {
      node_->bytes += bytes.substr(0, bytes.size() / 2);
    }
    HF_RETURN_IF_ERROR(std::move(status));
    node_->bytes += bytes;
    node_->modified_us = state_->clock.NowUs();
    return {};
  }

  Status Sync() override {
    std::lock_guard lock(state_->mutex);
    HF_RETURN_IF_ERROR(Begin("sync", State::Space::kNeeded));
    node_->synced_bytes = node_->bytes.size();
    return {};
  }

  Status Close() override {
    std::lock_guard lock(state_->mutex);
    return Begin("close", State::Space::kNotNeeded);
  }

 private:
  Status Begin(std::string_view verb, State::Space space) {
    if (state_->restarts != restarts_) {
      return Unavailable(fmt::format("{} was being written when the simulated disk stopped", path_));
    }
    return state_->Begin(fmt::format("{} {}", verb, path_), space);
  }

  std::shared_ptr<State> state_;
  std::string path_;
  NodePtr node_;
  std::uint64_t restarts_;
};

class SimulatedDisk::HeldLock final : public DirectoryLock {
 public:
  HeldLock(std::shared_ptr<State> state, NodePtr directory)
      : state_(std::move(state)), directory_(std::move(directory)), restarts_(state_->restarts) {}
  ~HeldLock() override {
    std::lock_guard lock(state_->mutex);
    if (state_->restarts == restarts_) {
      directory_->is_locked = false;
    }
  }

 private:
  std::shared_ptr<State> state_;
  NodePtr directory_;
  std::uint64_t restarts_;
};

SimulatedDisk::SimulatedDisk(Clock& clock, Local local) : state_(std::make_shared<State>(clock)), local_(local) {}
SimulatedDisk::~SimulatedDisk() = default;

void SimulatedDisk::SetFault(FaultPlan plan) {
  std::lock_guard lock(state_->mutex);
  state_->plan = plan;
  state_->operations = 0;
  state_->fault_operation.clear();
}

std::uint64_t SimulatedDisk::operations() const {
  std::lock_guard lock(state_->mutex);
  return state_->operations;
}

std::string SimulatedDisk::fault_operation() const {
  std::lock_guard lock(state_->mutex);
  return state_->fault_operation;
}

void SimulatedDisk::StopNow(FaultMode mode, std::uint64_t seed) {
  std::lock_guard lock(state_->mutex);
  state_->plan = {.mode = mode, .seed = seed};
  state_->stopped = true;
}

bool SimulatedDisk::has_stopped() const {
  std::lock_guard lock(state_->mutex);
  return state_->stopped;
}

void SimulatedDisk::Restart() {
  std::lock_guard lock(state_->mutex);
  const FaultMode mode = state_->plan.mode;
  SeededRandom random(state_->plan.seed);
  const Losses losses{
      .names = mode == FaultMode::kLoseUnsyncedNames || mode == FaultMode::kLoseBoth || mode == FaultMode::kLoseSome,
      .contents =
          mode == FaultMode::kLoseUnsyncedContents || mode == FaultMode::kLoseBoth || mode == FaultMode::kLoseSome,
      .random = mode == FaultMode::kLoseSome ? &random : nullptr,
  };
  if (losses.names || losses.contents) {
    std::set<Node*> visited;
    ApplyLosses(*state_->root, losses, visited);
  }
  UnlockAll(*state_->root);
  state_->plan = {};
  state_->operations = 0;
  state_->stopped = false;
  state_->full = false;
  ++state_->restarts;
}

void SimulatedDisk::FreeSpace() {
  std::lock_guard lock(state_->mutex);
  state_->full = false;
}

std::map<std::string, std::string> SimulatedDisk::Files() const {
  std::lock_guard lock(state_->mutex);
  std::map<std::string, std::string> files;
  CollectFiles(*state_->root, "", files);
  return files;
}

Status SimulatedDisk::MakeDirectory(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("make the directory " + path, State::Space::kNeeded));
  return state_->AddName(path,
                         std::make_shared<Node>(Node{.is_directory = true, .modified_us = state_->clock.NowUs()}));
}

Status SimulatedDisk::RemoveDirectory(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("remove the directory " + path, State::Space::kNotNeeded));
  HF_ASSIGN_OR_RETURN(const NodePtr directory, state_->FindDirectory(path));
  for (const auto& [text, name] : directory->names) {
    if (name.now != nullptr) {
      return Conflict(fmt::format("{}: directory not empty", path));
    }
  }
  state_->Find(DirectoryOf(path))->names[NameOf(path)].Set(nullptr);
  return {};
}

Result<std::unique_ptr<DiskFile>> SimulatedDisk::Create(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("create " + path, State::Space::kNeeded));
  auto node = std::make_shared<Node>(Node{.modified_us = state_->clock.NowUs()});
  HF_RETURN_IF_ERROR(state_->AddName(path, node));
  return std::unique_ptr<DiskFile>(std::make_unique<File>(state_, path, std::move(node)));
}

Status SimulatedDisk::SyncFile(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("sync " + path, State::Space::kNeeded));
  HF_ASSIGN_OR_RETURN(const NodePtr file, state_->FindFile(path));
  file->synced_bytes = file->bytes.size();
  return {};
}

Status SimulatedDisk::SyncDirectory(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("sync the directory " + path, State::Space::kNeeded));
  HF_ASSIGN_OR_RETURN(const NodePtr directory, state_->FindDirectory(path));
  for (auto& [text, name] : directory->names) {
    name.earlier.clear();
  }
  std::erase_if(directory->names, [](const auto& entry) { return entry.second.now == nullptr; });
  return {};
}

Status SimulatedDisk::Link(const std::string& existing, const std::string& name) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin(fmt::format("link {} {}", existing, name), State::Space::kNeeded));
  HF_ASSIGN_OR_RETURN(NodePtr file, state_->FindFile(existing));
  return state_->AddName(name, std::move(file));
}

Status SimulatedDisk::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin(fmt::format("rename {} {}", from, to), State::Space::kNeeded));
  HF_ASSIGN_OR_RETURN(const NodePtr file, state_->FindFile(from));
  HF_ASSIGN_OR_RETURN(const NodePtr to_directory, state_->FindDirectory(DirectoryOf(to)));
  Name& target = to_directory->names[NameOf(to)];
  if (target.now == file) {
    return {};  // two names of one file: POSIX leaves both
  }
  if (target.now != nullptr && target.now->is_directory) {
    return Invalid(fmt::format("{}: is a directory", to));
  }
  target.Set(file);
  to_directory->modified_us = state_->clock.NowUs();
  HF_ASSIGN_OR_RETURN(const NodePtr from_directory, state_->FindDirectory(DirectoryOf(from)));
  from_directory->names[NameOf(from)].Set(nullptr);
  from_directory->modified_us = state_->clock.NowUs();
  return {};
}

Status SimulatedDisk::Remove(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("remove " + path, State::Space::kNotNeeded));
  HF_RETURN_IF_ERROR(state_->FindFile(path).status());
  HF_ASSIGN_OR_RETURN(const NodePtr directory, state_->FindDirectory(DirectoryOf(path)));
  directory->names[NameOf(path)].Set(nullptr);
  directory->modified_us = state_->clock.NowUs();
  return {};
}

Result<std::string> SimulatedDisk::Read(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("read " + path, State::Space::kNotNeeded));
  HF_ASSIGN_OR_RETURN(const NodePtr file, state_->FindFile(path));
  return offset >= file->bytes.size() ? std::string() : file->bytes.substr(offset, size_bytes);
}

Result<std::vector<FileInfo>> SimulatedDisk::List(const std::string& directory) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("list " + directory, State::Space::kNotNeeded));
  HF_ASSIGN_OR_RETURN(const NodePtr node, state_->FindDirectory(directory));
  std::vector<FileInfo> found;
  for (const auto& [text, name] : node->names) {
    if (name.now != nullptr) {
      found.push_back(InfoOf(text, *name.now));
    }
  }
  return found;
}

Result<std::optional<FileInfo>> SimulatedDisk::Stat(const std::string& path) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("stat " + path, State::Space::kNotNeeded));
  const NodePtr node = state_->Find(path);
  return node == nullptr ? std::optional<FileInfo>() : InfoOf(NameOf(path), *node);
}

Result<std::unique_ptr<DirectoryLock>> SimulatedDisk::Lock(const std::string& directory) {
  std::lock_guard lock(state_->mutex);
  HF_RETURN_IF_ERROR(state_->Begin("lock " + directory, State::Space::kNotNeeded));
  HF_ASSIGN_OR_RETURN(NodePtr node, state_->FindDirectory(directory));
  if (node->is_locked) {
    return Conflict(fmt::format("{} is in use by another query or process; stop that one first", directory));
  }
  node->is_locked = true;
  return std::unique_ptr<DirectoryLock>(std::make_unique<HeldLock>(state_, std::move(node)));
}

}  // namespace hf
