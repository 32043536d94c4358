// SPDX-License-Identifier: Apache-2.0
// ProcessorHandle: what a processor's Init talks to. Two forms: one only collects the declarations at the start of a
// query, one binds them to the state of a partition. Both refuse the same misuse with Spark's error conditions
// (Spark 4.3 StatefulProcessorHandleImplBase, StateStoreColumnFamilySchemaUtils).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "holdfast/processor.h"
#include "state/partition_state.h"
#include "state/state_families.h"

namespace hf {

// What Init asks for under one name.
struct Declaration {
  DeclaredVariable variable;
  VariableType type;
};

struct Declarations {
  std::vector<Declaration> variables;  // in the order of Init
  std::vector<std::string> deleted;    // by deleteIfExists
};

// Runs Init and Close on a fresh copy of the processor and returns what it declared. Nothing is read or written.
// kUser with TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR when Init throws something of its own.
Result<Declarations> CollectDeclarations(const ProcessorFactory& factory, TimeMode time_mode, const QueryInfo& query);

// How far a batch has come: decides what the handle allows (Spark 4.3 StatefulProcessorHandleState).
enum class HandleState { kCreated, kInitialized, kDataProcessed, kTimerProcessed, kClosed };

// The handle of one partition in one batch.
class ProcessorHandle final : public StatefulProcessorHandle {
 public:
  ProcessorHandle(PartitionState& state, TimeMode time_mode, const QueryInfo& query)
      : state_(&state), time_mode_(time_mode), query_(&query) {}

  void DeleteIfExists(std::string_view name) override;
  void RegisterTimer(std::int64_t expiry_time_ms) override;
  void DeleteTimer(std::int64_t expiry_time_ms) override;
  std::vector<std::int64_t> ListTimers() override;
  [[nodiscard]] const QueryInfo& GetQueryInfo() const override { return *query_; }

  void Enter(HandleState state) { handle_state_ = state; }
  // Enters kInitialized. kInvalid when Init has declared a variable that the query's start knows nothing of, and has
  // not deleted it.
  Status FinishInit();
  // Variables that DeleteIfExists found and deleted (Spark's numDeletedStateVars).
  [[nodiscard]] std::int64_t deleted_variables() const { return deleted_variables_; }
  // Calls so far, also those that changed nothing (Spark's numRegisteredTimers, numDeletedTimers).
  [[nodiscard]] std::int64_t registered_timers() const { return registered_timers_; }
  [[nodiscard]] std::int64_t deleted_timers() const { return deleted_timers_; }

 protected:
  ValueSlot& DeclareValue(const StateDeclaration& declaration) override;
  ListSlot& DeclareList(const StateDeclaration& declaration) override;
  MapSlot& DeclareMap(const StateDeclaration& declaration) override;

 private:
  StateVariable& Declare(const StateDeclaration& declaration, VariableKind kind);
  // Stands for a variable that Init deletes again.
  template <typename Slot>
  Slot& Placeholder(std::shared_ptr<Slot> slot, std::string_view name);
  // The current key's row, when timers may be used now; throws StatusError.
  [[nodiscard]] std::string_view KeyForTimers(std::string_view operation) const;

  PartitionState* state_;
  const TimeMode time_mode_;
  const QueryInfo* query_;
  std::set<std::string, std::less<>> declared_;
  std::vector<std::shared_ptr<void>> placeholders_;
  std::vector<std::string> deleted_by_init_;  // or will be, until Init has returned
  HandleState handle_state_ = HandleState::kCreated;
  std::int64_t deleted_variables_ = 0;
  std::int64_t registered_timers_ = 0;
  std::int64_t deleted_timers_ = 0;
};

// Runs `call`, a function of the user's processor, and turns what it throws into a Status: a StatusError keeps its
// status, anything else becomes kUser with TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR naming `function`.
Status CallUser(std::string_view function, const std::function<void()>& call);

}  // namespace hf
