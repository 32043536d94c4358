// SPDX-License-Identifier: Apache-2.0
// ChildTest: a disabled test of this very binary, run in a process of its own.
#pragma once

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

namespace hf::test {

class ChildTest {
 public:
  // `test`: "Suite.DISABLED_Name". `variable`: "NAME=value" for its environment.
  ChildTest(const std::string& test, const std::string& variable) {
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      environment.push_back(*entry);
    }
    environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    const std::string filter = "--gtest_filter=" + test;
    const char* arguments[] = {"child", filter.c_str(), "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr};
    EXPECT_EQ(posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr, const_cast<char**>(arguments), environment.data()),
              0);
  }
  ChildTest(const ChildTest&) = delete;
  ChildTest& operator=(const ChildTest&) = delete;
  ~ChildTest() { Kill(); }

  // The exit code, or -1 after a signal.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void Kill() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      Wait();
    }
  }

 private:
  pid_t pid_ = -1;
};

}  // namespace hf::test
