// SPDX-License-Identifier: Apache-2.0
#include "engine/processor_handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/caught.h"
#include "state/list_variable.h"
#include "state/map_variable.h"
#include "state/value_variable.h"

namespace hf {

namespace {

// Spark 4.3 StatefulProcessorHandleState, and the operations' names in its messages.
std::string_view HandleStateName(HandleState state) {
  switch (state) {
    case HandleState::kCreated: return "CREATED";
    case HandleState::kInitialized: return "INITIALIZED";
    case HandleState::kDataProcessed: return "DATA_PROCESSED";
    case HandleState::kTimerProcessed: return "TIMER_PROCESSED";
    case HandleState::kClosed: return "CLOSED";
  }
  return "";
}

std::string_view DeclareOperation(VariableKind kind) {
  switch (kind) {
    case VariableKind::kValue: return "get_value_state";
    case VariableKind::kList: return "get_list_state";
    case VariableKind::kMap: return "get_map_state";
  }
  return "";
}

Status InvalidHandleState(std::string_view operation, std::string_view state, std::string_view advice) {
  return Invalid(fmt::format("Failed to perform stateful processor operation={} with invalid handle state={}; {}",
                             operation, state, advice),
                 "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE");
}

Status CheckName(std::string_view operation, std::string_view name, HandleState state, bool duplicate) {
  if (state != HandleState::kCreated) {
    return InvalidHandleState(operation, HandleStateName(state), "declare state variables inside Init only");
  }
  if (name.empty() || name == "default" || name.front() == ' ' || name.back() == ' ') {
    return Invalid(
        fmt::format("state variable name \"{}\" cannot be used: a name is not empty, has no blank at either end and "
                    "is not the reserved word default",
                    name),
        "STATE_STORE_CANNOT_USE_COLUMN_FAMILY_WITH_INVALID_NAME");
  }
  if (name.front() == '$') {
    return Invalid(fmt::format("state variable name \"{}\" cannot be used: names beginning with $ are reserved", name),
                   "STATE_STORE_CANNOT_CREATE_COLUMN_FAMILY_WITH_RESERVED_CHARS");
  }
  if (duplicate) {
    return Invalid(fmt::format("State variable with name {} has already been defined in the StatefulProcessor", name),
                   "STATEFUL_PROCESSOR_DUPLICATE_STATE_VARIABLE_DEFINED");
  }
  return Status();
}

Status CheckTtl(const StateDeclaration& declaration, TimeMode time_mode) {
  const std::int64_t ttl_ms = declaration.ttl.ttl_duration.count();
  if (ttl_ms < 0) {
    return Invalid(fmt::format("the TTL of state variable {} is {} ms; it must be positive, or zero for none",
                               declaration.name, ttl_ms),
                   "STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE");
  }
  if (ttl_ms > 0 && time_mode != TimeMode::kProcessingTime) {
    return Invalid(fmt::format("state variable {} has a TTL, which wants TimeMode::kProcessingTime; the query's time "
                               "mode is {}",
                               declaration.name, TimeModeName(time_mode)),
                   "STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL");
  }
  return Status();
}

Status CheckDeclaration(const StateDeclaration& declaration, VariableKind kind, TimeMode time_mode, HandleState state,
                        bool duplicate) {
  HF_RETURN_IF_ERROR(CheckName(DeclareOperation(kind), declaration.name, state, duplicate));
  return CheckTtl(declaration, time_mode);
}

VariableType VariableTypeOf(const StateDeclaration& declaration) {
  return {.value = declaration.value.layout,
          .user_key = declaration.user_key.layout,
          .value_owner = declaration.value.owner,
          .user_key_owner = declaration.user_key.owner,
          .ttl_ms = declaration.ttl.ttl_duration.count()};
}

Status CheckTimeModeOfTimers(std::string_view operation, TimeMode time_mode) {
  return time_mode != TimeMode::kNone
             ? Status()
             : Invalid(fmt::format("Failed to perform stateful processor operation={} with invalid timeMode=NoTime; "
                                   "timers want TimeMode::kProcessingTime or kEventTime",
                                   operation),
                       "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE");
}

// A deletion takes the values with it, so what Init has deleted it cannot declare; the other way round is Spark's way
// to have a variable for the length of Init.
Status CheckNotBoth(std::string_view name, bool both) {
  return both ? Invalid(fmt::format("state variable {} is both declared and named in DeleteIfExists, which is for "
                                    "variables that are no longer declared; remove one of the two",
                                    name))
              : Status();
}

void ThrowUnlessOk(const Status& status) {
  if (!status.ok()) {
    throw StatusError(status);
  }
}

// The members of a struct that cannot be empty, nested ones included.
void AddRequiredPaths(const TypeLayout& layout, const std::string& root, std::vector<std::string>* paths) {
  if (layout.kind != MemoryKind::kStruct) {
    return;
  }
  for (const FieldLayout& field : layout.fields) {
    const std::string path = root.empty() ? field.name : root + "." + field.name;
    if (field.place.optional == nullptr) {
      paths->push_back(path);
      AddRequiredPaths(*field.place.type, path, paths);
    }
  }
}

// Stands for a variable during the declaration pass, where no key is current.
class Undeclared {
 public:
  explicit Undeclared(std::string_view name) : name_(name) {}

 protected:
  [[noreturn]] void Refuse() const {
    throw StatusError(
        Invalid(fmt::format("Implicit key not found in state store for stateName={}: state can be read and "
                            "changed only while a key is being processed, not in Init",
                            name_),
                "INTERNAL_ERROR_TWS"));
  }

 private:
  std::string name_;
};

class DeclaredValue final : public ValueSlot, Undeclared {
 public:
  DeclaredValue(std::string_view name, StateDeclaration::Type type) : Undeclared(name), type_(std::move(type)) {
    object = type_.layout->create();
  }
  ~DeclaredValue() override { type_.layout->destroy(object); }
  DeclaredValue(const DeclaredValue&) = delete;
  DeclaredValue& operator=(const DeclaredValue&) = delete;

  void Load() override { Refuse(); }
  void Changed() override {
    held = Held::kUnread;
    Refuse();
  }
  std::optional<int> WrittenSchemaId() override { Refuse(); }
  const Schema& SchemaById(int) override { Refuse(); }

 private:
  const StateDeclaration::Type type_;
};

class DeclaredList final : public ListSlot, Undeclared {
 public:
  using Undeclared::Undeclared;
  bool Exists() override { Refuse(); }
  std::unique_ptr<ElementCursor> Elements() override { Refuse(); }
  void Put(std::span<const void* const>) override { Refuse(); }
  void Append(std::span<const void* const>) override { Refuse(); }
  void Clear() override { Refuse(); }
};

class DeclaredMap final : public MapSlot, Undeclared {
 public:
  using Undeclared::Undeclared;
  bool Exists() override { Refuse(); }
  const void* Get(const void*) override { Refuse(); }
  bool Contains(const void*) override { Refuse(); }
  void Update(const void*, const void*) override { Refuse(); }
  void Remove(const void*) override { Refuse(); }
  std::unique_ptr<EntryCursor> Entries() override { Refuse(); }
  void Clear() override { Refuse(); }
};

class CollectingHandle final : public StatefulProcessorHandle {
 public:
  CollectingHandle(TimeMode time_mode, const QueryInfo& query) : time_mode_(time_mode), query_(&query) {}

  void DeleteIfExists(std::string_view name) override {
    ThrowUnlessOk(CheckName("delete_if_exists", name, state, false));
    std::erase_if(declarations.variables, [name](const Declaration& made) { return made.variable.name == name; });
    declarations.deleted.emplace_back(name);
  }
  void RegisterTimer(std::int64_t) override { RefuseTimers("register_timer"); }
  void DeleteTimer(std::int64_t) override { RefuseTimers("delete_timer"); }
  std::vector<std::int64_t> ListTimers() override { RefuseTimers("list_timers"); }
  [[nodiscard]] const QueryInfo& GetQueryInfo() const override { return *query_; }

  Declarations declarations;
  HandleState state = HandleState::kCreated;

 protected:
  ValueSlot& DeclareValue(const StateDeclaration& declaration) override {
    Declare(declaration, VariableKind::kValue);
    return Keep(std::make_unique<DeclaredValue>(declaration.name, declaration.value), &values_);
  }
  ListSlot& DeclareList(const StateDeclaration& declaration) override {
    Declare(declaration, VariableKind::kList);
    return Keep(std::make_unique<DeclaredList>(declaration.name), &lists_);
  }
  MapSlot& DeclareMap(const StateDeclaration& declaration) override {
    Declare(declaration, VariableKind::kMap);
    return Keep(std::make_unique<DeclaredMap>(declaration.name), &maps_);
  }

 private:
  template <typename Slot>
  static Slot& Keep(std::unique_ptr<Slot> slot, std::vector<std::unique_ptr<Slot>>* slots) {
    slots->push_back(std::move(slot));
    return *slots->back();
  }
  [[noreturn]] void RefuseTimers(std::string_view operation) const {
    ThrowUnlessOk(CheckTimeModeOfTimers(operation, time_mode_));
    throw StatusError(
        InvalidHandleState(operation, "PRE_INIT", "timers can be used only while a key is being processed"));
  }
  void Declare(const StateDeclaration& declaration, VariableKind kind) {
    const std::string_view name = declaration.name;
    ThrowUnlessOk(CheckDeclaration(declaration, kind, time_mode_, state, IsDeclared(name)));
    const auto& deleted = declarations.deleted;
    ThrowUnlessOk(CheckNotBoth(name, std::find(deleted.begin(), deleted.end(), name) != deleted.end()));
    DeclaredVariable variable{.name = std::string(name),
                              .kind = kind,
                              .value = SchemaOf(*declaration.value.layout),
                              .has_ttl = declaration.ttl.ttl_duration.count() > 0};
    if (declaration.user_key.layout != nullptr) {
      variable.user_key = SchemaOf(*declaration.user_key.layout);
    }
    AddRequiredPaths(*declaration.value.layout, "", &variable.required_paths);
    declarations.variables.push_back({.variable = std::move(variable), .type = VariableTypeOf(declaration)});
  }
  [[nodiscard]] bool IsDeclared(std::string_view name) const {
    return std::any_of(declarations.variables.begin(), declarations.variables.end(),
                       [name](const Declaration& declared) { return declared.variable.name == name; });
  }

  const TimeMode time_mode_;
  const QueryInfo* query_;
  std::vector<std::unique_ptr<DeclaredValue>> values_;
  std::vector<std::unique_ptr<DeclaredList>> lists_;
  std::vector<std::unique_ptr<DeclaredMap>> maps_;
};

}  // namespace

Status CallUser(std::string_view function, const std::function<void()>& call) {
  return CaughtFromUser(fmt::format("{} of the stateful processor failed", function),
                        "TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR", [&call] {
                          call();
                          return Status();
                        });
}

Result<Declarations> CollectDeclarations(const ProcessorFactory& factory, TimeMode time_mode, const QueryInfo& query) {
  CollectingHandle handle(time_mode, query);
  std::unique_ptr<AnyProcessor> processor;
  HF_RETURN_IF_ERROR(CallUser("the copy constructor", [&] { processor = factory.Make(); }));
  const Status init = CallUser("Init", [&] { processor->Init(handle); });
  handle.state = HandleState::kInitialized;
  const Status closed = CallUser("Close", [&] { processor->Close(); });
  HF_RETURN_IF_ERROR(init);
  HF_RETURN_IF_ERROR(closed);
  return std::move(handle.declarations);
}

void ProcessorHandle::DeleteIfExists(std::string_view name) {
  ThrowUnlessOk(CheckName("delete_if_exists", name, handle_state_, false));
  const Result<bool> deleted = state_->DeleteIfExists(name);
  ThrowUnlessOk(deleted.status());
  const auto made = std::find(deleted_by_init_.begin(), deleted_by_init_.end(), name);
  deleted_variables_ += *deleted || made != deleted_by_init_.end() ? 1 : 0;
  if (made != deleted_by_init_.end()) {
    deleted_by_init_.erase(made);
  }
}

Status ProcessorHandle::FinishInit() {
  handle_state_ = HandleState::kInitialized;
  return deleted_by_init_.empty()
             ? Status()
             : Invalid(fmt::format("state variable {} is declared in this batch but was not when the query started; "
                                   "Init must declare the same variables every time",
                                   deleted_by_init_.front()));
}

template <typename Slot>
Slot& ProcessorHandle::Placeholder(std::shared_ptr<Slot> slot, std::string_view name) {
  ThrowUnlessOk(CheckName("get_state", name, handle_state_, !declared_.emplace(name).second));
  placeholders_.push_back(slot);
  deleted_by_init_.emplace_back(name);
  return *slot;
}

StateVariable& ProcessorHandle::Declare(const StateDeclaration& declaration, VariableKind kind) {
  ThrowUnlessOk(
      CheckDeclaration(declaration, kind, time_mode_, handle_state_, !declared_.emplace(declaration.name).second));
  auto declared = state_->Declare(declaration.name, kind, VariableTypeOf(declaration));
  ThrowUnlessOk(declared.status());
  return **declared;
}

ValueSlot& ProcessorHandle::DeclareValue(const StateDeclaration& declaration) {
  if (!state_->Knows(declaration.name)) {
    return Placeholder(std::make_shared<DeclaredValue>(declaration.name, declaration.value), declaration.name);
  }
  return static_cast<ValueVariable&>(Declare(declaration, VariableKind::kValue));
}

ListSlot& ProcessorHandle::DeclareList(const StateDeclaration& declaration) {
  if (!state_->Knows(declaration.name)) {
    return Placeholder(std::make_shared<DeclaredList>(declaration.name), declaration.name);
  }
  return static_cast<ListVariable&>(Declare(declaration, VariableKind::kList));
}

MapSlot& ProcessorHandle::DeclareMap(const StateDeclaration& declaration) {
  if (!state_->Knows(declaration.name)) {
    return Placeholder(std::make_shared<DeclaredMap>(declaration.name), declaration.name);
  }
  return static_cast<MapVariable&>(Declare(declaration, VariableKind::kMap));
}

std::string_view ProcessorHandle::KeyForTimers(std::string_view operation) const {
  ThrowUnlessOk(CheckTimeModeOfTimers(operation, time_mode_));
  if (handle_state_ != HandleState::kInitialized && handle_state_ != HandleState::kDataProcessed) {
    throw StatusError(InvalidHandleState(operation, HandleStateName(handle_state_),
                                         "timers can be used only while a key is being processed"));
  }
  const std::optional<std::string_view> key = state_->current_key();
  if (!key.has_value()) {
    ThrowNoKey(operation);
  }
  return *key;
}

void ProcessorHandle::RegisterTimer(std::int64_t expiry_time_ms) {
  const std::string_view key = KeyForTimers("register_timer");
  ThrowUnlessOk(state_->timers().Register(key, expiry_time_ms).status());
  ++registered_timers_;
}

void ProcessorHandle::DeleteTimer(std::int64_t expiry_time_ms) {
  const std::string_view key = KeyForTimers("delete_timer");
  ThrowUnlessOk(state_->timers().Delete(key, expiry_time_ms).status());
  ++deleted_timers_;
}

std::vector<std::int64_t> ProcessorHandle::ListTimers() {
  const std::string_view key = KeyForTimers("list_timers");
  auto times = state_->timers().List(key);
  ThrowUnlessOk(times.status());
  return std::move(times).value();
}

}  // namespace hf
