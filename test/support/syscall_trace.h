// SPDX-License-Identifier: Apache-2.0
// For tests: what a process does to files, seen from outside by ptrace, and whether that survives a loss of power.
#pragma once

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hf::test {

struct TracedCall {
  enum class Kind {
    kCreate,  // a file opened for writing that had to be new, or may have been
    kWrite,   // also truncation
    kSync,    // of a file or a directory
    kName,    // link or rename: `path` is a name of what was `source`
    kMakeDirectory,
    kMarker,  // Mark()
  };
  Kind kind = Kind::kMarker;
  std::string path;
  std::string source = {};
  std::size_t began = 0;  // both count the stops of the traced process
  std::size_t ended = 0;
};

struct SyscallTrace {
  std::vector<TracedCall> calls;  // those that succeeded, in the order of their ends
  int exit_code = -1;
  bool permitted = true;  // false: this machine forbids ptrace
};

// Leaves a mark in the trace of this process.
inline void Mark(const std::string& name) { static_cast<void>(access(("/holdfast_mark/" + name).c_str(), F_OK)); }

class SyscallTracer {
 public:
  // Runs a program to its end. `arguments` begin with its path.
  static SyscallTrace Run(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment) {
    SyscallTracer tracer;
    const pid_t child = fork();
    if (child == 0) {
      RunChild(arguments, environment);
    }
    tracer.Follow(child);
    return std::move(tracer.trace_);
  }

 private:
  static constexpr int kForbidden = 113;

  [[noreturn]] static void RunChild(std::vector<std::string>& arguments,
                                    const std::map<std::string, std::string>& environment) {
    for (const auto& [name, value] : environment) {
      setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {
      _exit(kForbidden);
    }
    raise(SIGSTOP);
    execv(argv[0], argv.data());
    _exit(127);
  }

  void Follow(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status)) {
      trace_.permitted = !(WIFEXITED(status) && WEXITSTATUS(status) == kForbidden);
      return;
    }
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
    ptrace(PTRACE_SETOPTIONS, child, nullptr, options);
    ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    while (true) {
      const pid_t thread = waitpid(-1, &status, __WALL);
      if (thread < 0) {
        return;
      }
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        if (thread == child) {
          trace_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
          return;
        }
        continue;
      }
      ++stops_;
      long signal = WSTOPSIG(status);
      if (signal == (SIGTRAP | 0x80)) {
        Stopped(thread);
        signal = 0;
      } else if (signal == SIGTRAP || signal == SIGSTOP) {
        signal = 0;  // of exec, of a new thread, or a new thread itself
      }
      ptrace(PTRACE_SYSCALL, thread, nullptr, signal);
    }
  }

  void Stopped(pid_t thread) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0) {
      return;
    }
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      if (std::optional<TracedCall> call = Describe(thread, info.entry.nr, info.entry.args); call.has_value()) {
        call->began = stops_;
        open_[thread] = std::move(*call);
      }
      return;
    }
    const auto open = open_.find(thread);
    if (open == open_.end()) {
      return;
    }
    if (info.exit.rval >= 0 || open->second.kind == TracedCall::Kind::kMarker) {
      open->second.ended = stops_;
      trace_.calls.push_back(std::move(open->second));
    }
    open_.erase(open);
  }

  static std::string Link(const std::string& link) {
    char target[PATH_MAX];
    const ssize_t size = readlink(link.c_str(), target, sizeof(target));
    return size < 0 ? std::string() : std::string(target, static_cast<std::size_t>(size));
  }

  static std::string PathOfDescriptor(pid_t thread, std::uint64_t descriptor) {
    return Link(fmt::format("/proc/{}/fd/{}", thread, static_cast<int>(descriptor)));
  }

  // The path in the memory of the process, made absolute.
  static std::string PathAt(pid_t thread, std::uint64_t directory, std::uint64_t address) {
    std::string path;
    char c = 0;
    iovec local = {.iov_base = &c, .iov_len = 1};
    iovec remote = {.iov_base = nullptr, .iov_len = 1};
    for (; path.size() < PATH_MAX; path += c) {
      remote.iov_base = reinterpret_cast<void*>(address + path.size());  // NOLINT(performance-no-int-to-ptr)
      if (process_vm_readv(thread, &local, 1, &remote, 1, 0) != 1 || c == '\0') {
        break;
      }
    }
    if (path.starts_with('/')) {
      return path;
    }
    const bool from_working_directory = static_cast<int>(directory) == AT_FDCWD;
    return (from_working_directory ? Link(fmt::format("/proc/{}/cwd", thread)) : PathOfDescriptor(thread, directory)) +
           "/" + path;
  }

  static std::optional<TracedCall> Describe(pid_t thread, std::uint64_t number, const std::uint64_t* args) {
    constexpr auto kHere = static_cast<std::uint64_t>(AT_FDCWD);
    using Kind = TracedCall::Kind;
    const auto marker = [](const std::string& path) {
      return path.starts_with("/holdfast_mark/")
                 ? std::optional(TracedCall{.kind = Kind::kMarker, .path = path.substr(15)})
                 : std::nullopt;
    };
    const auto opened = [](std::string path, std::uint64_t flags) {
      return (flags & (O_CREAT | O_TRUNC)) != 0
                 ? std::optional(TracedCall{.kind = Kind::kCreate, .path = std::move(path)})
                 : std::nullopt;
    };
    switch (number) {
      case SYS_write:
      case SYS_pwrite64:
      case SYS_writev:
      case SYS_pwritev:
      case SYS_ftruncate:
      case SYS_copy_file_range:
        return TracedCall{.kind = Kind::kWrite,
                          .path = PathOfDescriptor(thread, number == SYS_copy_file_range ? args[2] : args[0])};
      case SYS_fsync:
      case SYS_fdatasync: return TracedCall{.kind = Kind::kSync, .path = PathOfDescriptor(thread, args[0])};
      case SYS_openat: return opened(PathAt(thread, args[0], args[1]), args[2]);
      case SYS_linkat:
      case SYS_renameat2:
#ifdef SYS_renameat
      case SYS_renameat:
#endif
        return TracedCall{
            .kind = Kind::kName, .path = PathAt(thread, args[2], args[3]), .source = PathAt(thread, args[0], args[1])};
      case SYS_mkdirat: return TracedCall{.kind = Kind::kMakeDirectory, .path = PathAt(thread, args[0], args[1])};
      case SYS_faccessat:
      case SYS_faccessat2: return marker(PathAt(thread, args[0], args[1]));
#ifdef SYS_open
      case SYS_open: return opened(PathAt(thread, kHere, args[0]), args[1]);
      case SYS_creat: return opened(PathAt(thread, kHere, args[0]), O_CREAT);
      case SYS_link:
      case SYS_rename:
        return TracedCall{
            .kind = Kind::kName, .path = PathAt(thread, kHere, args[1]), .source = PathAt(thread, kHere, args[0])};
      case SYS_mkdir: return TracedCall{.kind = Kind::kMakeDirectory, .path = PathAt(thread, kHere, args[0])};
      case SYS_access: return marker(PathAt(thread, kHere, args[0]));
#endif
      default: return std::nullopt;
    }
  }

  SyscallTrace trace_;
  std::map<pid_t, TracedCall> open_;
  std::size_t stops_ = 0;
};

// Checks the commits of a sink, each between Mark("begin N") and Mark("end N"). `is_entry` tells the names that make a
// batch visible, `is_data` those of the files that an entry refers to.
class DurableOrder {
 public:
  using Test = std::function<bool(const std::string& path)>;
  DurableOrder(const SyscallTrace& trace, Test is_entry, Test is_data)
      : calls_(trace.calls), is_entry_(std::move(is_entry)), is_data_(std::move(is_data)) {}

  // What would be lost, in words; empty when nothing would. Fills the counters.
  std::vector<std::string> Problems() {
    for (const TracedCall& begin : calls_) {
      if (begin.kind != TracedCall::Kind::kMarker || !begin.path.starts_with("begin ")) {
        continue;
      }
      const auto end = std::find_if(calls_.begin(), calls_.end(), [&begin](const TracedCall& call) {
        return call.kind == TracedCall::Kind::kMarker && call.path == "end " + begin.path.substr(6);
      });
      if (end != calls_.end()) {
        CheckCommit(begin.ended, end->began);
        ++commits;
      }
    }
    return problems_;
  }

  int commits = 0;
  int entries = 0;
  int data_files = 0;
  int directories = 0;

 private:
  using Kind = TracedCall::Kind;

  static std::string DirectoryOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

  [[nodiscard]] bool SyncedBetween(const std::string& path, std::size_t from, std::size_t to) const {
    return std::any_of(calls_.begin(), calls_.end(), [&](const TracedCall& call) {
      return call.kind == Kind::kSync && call.path == path && call.began > from && call.ended < to;
    });
  }

  // Where the content that a name stands for was written last.
  [[nodiscard]] std::size_t LastWrite(const std::string& path) const {
    std::size_t last = 0;
    for (const TracedCall& call : calls_) {
      if (call.path == path && (call.kind == Kind::kWrite || call.kind == Kind::kCreate)) {
        last = std::max(last, call.ended);
      }
    }
    return last;
  }

  void Require(bool condition, const std::string& problem) {
    if (!condition) {
      problems_.push_back(problem);
    }
  }

  void CheckCommit(std::size_t begin, std::size_t end) {
    std::size_t visible = end;  // when the first entry of this commit that refers to data is named
    for (const TracedCall& call : calls_) {
      const bool names = call.kind == Kind::kName || call.kind == Kind::kCreate;
      if (names && call.began > begin && call.ended < end && is_entry_(call.path)) {
        ++entries;
        const std::string& content = call.kind == Kind::kName ? call.source : call.path;
        Require(SyncedBetween(content, LastWrite(content), call.began),
                call.path + " is named before its content is synced");
        Require(SyncedBetween(DirectoryOf(call.path), call.ended, end), "the name of " + call.path + " is not synced");
        visible = call.began;  // the last entry: those before it in one commit make the table
      }
    }
    for (const TracedCall& call : calls_) {
      const bool names = call.kind == Kind::kName || call.kind == Kind::kCreate;
      if (call.began <= begin || call.ended >= end) {
        continue;
      }
      if (names && is_data_(call.path)) {
        ++data_files;
        const std::string& content = call.kind == Kind::kName ? call.source : call.path;
        Require(SyncedBetween(content, LastWrite(content), visible),
                call.path + " is not synced before the entry that refers to it");
        Require(SyncedBetween(DirectoryOf(call.path), call.ended, visible),
                "the name of " + call.path + " is not synced before the entry that refers to it");
      } else if (call.kind == Kind::kMakeDirectory) {
        ++directories;
        Require(SyncedBetween(DirectoryOf(call.path), call.ended, end),
                "the directory " + call.path + " is not synced");
      }
    }
  }

  const std::vector<TracedCall>& calls_;
  const Test is_entry_;
  const Test is_data_;
  std::vector<std::string> problems_;
};

}  // namespace hf::test
