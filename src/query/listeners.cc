// SPDX-License-Identifier: Apache-2.0
#include "query/listeners.h"

#include <fmt/format.h>

#include <mutex>
#include <vector>

#include "base/caught.h"
#include "holdfast/log.h"

namespace hf {

namespace {

using Listeners = std::vector<std::shared_ptr<StreamingQueryListener>>;

class AllOf final : public StreamingQueryListener {
 public:
  explicit AllOf(Listeners listeners) : listeners_(std::move(listeners)) {}
  void OnQueryStarted(const QueryStartedEvent& event) override {
    Tell([&](StreamingQueryListener& listener) { listener.OnQueryStarted(event); });
  }
  void OnQueryProgress(const StreamingQueryProgress& progress) override {
    Tell([&](StreamingQueryListener& listener) { listener.OnQueryProgress(progress); });
  }
  void OnQueryIdle(const QueryIdleEvent& event) override {
    Tell([&](StreamingQueryListener& listener) { listener.OnQueryIdle(event); });
  }
  void OnQueryTerminated(const QueryTerminatedEvent& event) override {
    Tell([&](StreamingQueryListener& listener) { listener.OnQueryTerminated(event); });
  }

 private:
  template <typename Call>
  void Tell(const Call& call) {
    for (const auto& listener : listeners_) {
      const Status told = Caught([&] {
        call(*listener);
        return Status();
      });
      if (!told.ok()) {
        Log(LogLevel::kWarning, fmt::format("a query listener failed: {}", told.message()));
      }
    }
  }

  const Listeners listeners_;
};

struct Registry {
  std::mutex mutex;
  Listeners listeners;  // guarded by mutex
};

Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

}  // namespace

void AddListener(std::shared_ptr<StreamingQueryListener> listener) {
  if (listener == nullptr) {
    return;
  }
  Registry& registry = TheRegistry();
  const std::scoped_lock lock(registry.mutex);
  registry.listeners.push_back(std::move(listener));
}

void RemoveListener(const StreamingQueryListener& listener) {
  Registry& registry = TheRegistry();
  const std::scoped_lock lock(registry.mutex);
  std::erase_if(registry.listeners, [&](const auto& each) { return each.get() == &listener; });
}

std::shared_ptr<StreamingQueryListener> ListenersNow() {
  Registry& registry = TheRegistry();
  const std::scoped_lock lock(registry.mutex);
  return registry.listeners.empty() ? nullptr : std::make_shared<AllOf>(registry.listeners);
}

}  // namespace hf
