// SPDX-License-Identifier: Apache-2.0
#include "crash/stopping_delta.h"

#include <cstring>

#include "base/check.h"
#include "holdfast/arrow_c.h"

namespace hf {
namespace {

StoppingDelta* current = nullptr;
const DeltaLibrary* real = nullptr;

// A call that is not made has to release what it was given, as the real one does.
void Drop(ArrowArrayStream* stream) {
  if (stream != nullptr && stream->release != nullptr) {
    stream->release(stream);
  }
}
void Drop(ArrowSchema* schema) {
  if (schema != nullptr && schema->release != nullptr) {
    schema->release(schema);
  }
}
void Drop(hf_delta_staged* staged) { real->unstage(staged); }
template <typename Other>
void Drop(Other /*borrowed*/) {}

void SetError(hf_delta_error* error) {
  error->code = HF_DELTA_UNAVAILABLE;
  std::strncpy(error->message, "the machine has stopped (simulated)", sizeof(error->message) - 1);
}
template <typename Other>
void SetError(Other /*not the error*/) {}

template <auto kFunction, const char* kName>
struct Stopping;

template <typename... Arguments, std::int32_t (*DeltaLibrary::*kFunction)(Arguments...), const char* kName>
struct Stopping<kFunction, kName> {
  static std::int32_t Call(Arguments... arguments) {
    HF_CHECK(current != nullptr, "a Delta call outside of a StoppingDelta");
    if (current->StopsAt(std::string("before ") + kName)) {
      (Drop(arguments), ...);
      (SetError(arguments), ...);
      return HF_DELTA_UNAVAILABLE;
    }
    const std::int32_t code = (real->*kFunction)(arguments...);
    if (current->StopsAt(std::string("after ") + kName)) {
      (SetError(arguments), ...);
      return HF_DELTA_UNAVAILABLE;
    }
    return code;
  }
};

constexpr char kGetState[] = "get_state";
constexpr char kCheckAppend[] = "check_append";
constexpr char kCreate[] = "create";
constexpr char kTxnVersion[] = "txn_version";
constexpr char kStage[] = "stage";
constexpr char kAppend[] = "append";
constexpr char kCheckpoint[] = "checkpoint";

}  // namespace

StoppingDelta::StoppingDelta(SimulatedDisk& disk, int stop_at_point, FaultMode mode)
    : disk_(disk), stop_at_point_(stop_at_point), mode_(mode) {
  HF_CHECK(current == nullptr, "two of StoppingDelta at a time");
  current = this;
}

StoppingDelta::~StoppingDelta() { current = nullptr; }

bool StoppingDelta::StopsAt(const std::string& point) {
  if (disk_.has_stopped()) {
    return true;
  }
  points_.push_back(point);
  if (static_cast<int>(points_.size()) != stop_at_point_) {
    return false;
  }
  disk_.StopNow(mode_, points_.size());
  return true;
}

Result<const DeltaLibrary*> StoppingDelta::Library() {
  HF_ASSIGN_OR_RETURN(real, DeltaLibrary::Get());
  static DeltaLibrary wrapped;
  wrapped = *real;
  wrapped.get_state = Stopping<&DeltaLibrary::get_state, kGetState>::Call;
  wrapped.check_append = Stopping<&DeltaLibrary::check_append, kCheckAppend>::Call;
  wrapped.create = Stopping<&DeltaLibrary::create, kCreate>::Call;
  wrapped.txn_version = Stopping<&DeltaLibrary::txn_version, kTxnVersion>::Call;
  wrapped.stage = Stopping<&DeltaLibrary::stage, kStage>::Call;
  wrapped.append = Stopping<&DeltaLibrary::append, kAppend>::Call;
  wrapped.checkpoint = Stopping<&DeltaLibrary::checkpoint, kCheckpoint>::Call;
  return &wrapped;
}

}  // namespace hf
