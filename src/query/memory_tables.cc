// SPDX-License-Identifier: Apache-2.0
#include "query/memory_tables.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <set>

#include "holdfast/query.h"

namespace hf {

namespace {

// Both outlive every query: a query of static storage may end after main.
struct Registry {
  std::mutex mutex;  // guards all below
  std::set<std::string> active_names;
  std::map<std::string, std::shared_ptr<const MemorySink>> tables;
};

Registry& TheRegistry() {
  static Registry* const registry = new Registry;
  return *registry;
}

class NamedLock final : public DirectoryLock {
 public:
  NamedLock(std::string name, std::unique_ptr<DirectoryLock> lock) : name_(std::move(name)), lock_(std::move(lock)) {}
  ~NamedLock() override {
    Registry& registry = TheRegistry();
    const std::scoped_lock guard(registry.mutex);
    registry.active_names.erase(name_);
  }
  NamedLock(const NamedLock&) = delete;
  NamedLock& operator=(const NamedLock&) = delete;

 private:
  const std::string name_;
  const std::unique_ptr<DirectoryLock> lock_;
};

}  // namespace

Result<std::unique_ptr<DirectoryLock>> ClaimQueryName(const std::string& name, std::unique_ptr<DirectoryLock> lock) {
  if (name.empty()) {
    return lock;
  }
  Registry& registry = TheRegistry();
  const std::scoped_lock guard(registry.mutex);
  if (!registry.active_names.insert(name).second) {
    return Conflict(
        fmt::format("cannot start a query of the name {}: a query of that name is already active in this process; stop "
                    "it first, or choose another name",
                    name));
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<NamedLock>(name, std::move(lock)));
}

void PublishMemoryTable(const std::string& query_name, std::shared_ptr<const MemorySink> sink) {
  Registry& registry = TheRegistry();
  const std::scoped_lock guard(registry.mutex);
  // `sink` becomes the one before it, which goes when the lock is given back: its rows may be another owner's, who
  // takes locks of his own.
  registry.tables[query_name].swap(sink);
}

Result<MemoryTable> ReadMemoryTable(const std::string& query_name) {
  std::shared_ptr<const MemorySink> sink;
  {
    Registry& registry = TheRegistry();
    const std::scoped_lock guard(registry.mutex);
    const auto found = registry.tables.find(query_name);
    if (found == registry.tables.end()) {
      std::string names;
      for (const auto& [name, table] : registry.tables) {
        names += (names.empty() ? "" : ", ") + name;
      }
      return Invalid(fmt::format("no query with a memory sink is called {}; there {}", query_name,
                                 names.empty() ? "are none in this process" : "are " + names));
    }
    sink = found->second;
  }
  return MemoryTable{.schema = sink->schema(), .rows = sink->batches()};
}

}  // namespace hf
