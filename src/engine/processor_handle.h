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
  const TypeLayout* layout = nullptr;       // the processor's type of its value
  std::shared_ptr<const TypeLayout> owner;  // keeps `layout` alive when it is not static
};

struct Declarations {
  std::vector<Declaration> variables;  // in the order of Init
  std::vector<std::string> deleted;    // by deleteIfExists
};

// Runs Init and Close on a fresh copy of the processor and returns what it declared. Nothing is read or written.
// kUser with TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR when Init throws something of its own.
Result<Declarations> CollectDeclarations(const ProcessorFactory& factory, const QueryInfo& query);

// The handle of one partition in one batch; usable until Seal.
class ProcessorHandle final : public StatefulProcessorHandle {
 public:
  ProcessorHandle(PartitionState& state, const QueryInfo& query) : state_(&state), query_(&query) {}

  void DeleteIfExists(std::string_view name) override;
  [[nodiscard]] const QueryInfo& GetQueryInfo() const override { return *query_; }
  // Init is over: declarations are refused from now on.
  void Seal() { sealed_ = true; }

 protected:
  ValueSlot& DeclareValue(std::string_view name, const TypeLayout& layout,
                          std::shared_ptr<const TypeLayout> owner) override;

 private:
  PartitionState* state_;
  const QueryInfo* query_;
  std::set<std::string, std::less<>> declared_;
  bool sealed_ = false;
};

// Runs `call`, a function of the user's processor, and turns what it throws into a Status: a StatusError keeps its
// status, anything else becomes kUser with TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR naming `function`.
Status CallUser(std::string_view function, const std::function<void()>& call);

}  // namespace hf
