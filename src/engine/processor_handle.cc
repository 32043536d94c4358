// SPDX-License-Identifier: Apache-2.0
#include "engine/processor_handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace hf {

namespace {

Status CheckDeclaration(std::string_view operation, std::string_view name, bool sealed, bool duplicate) {
  if (sealed) {
    return Invalid(
        fmt::format("Failed to perform stateful processor operation={} with invalid handle state=INITIALIZED; "
                    "declare state variables inside Init only",
                    operation),
        "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE");
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

// A deletion takes the values with it, so a name is one or the other.
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
class DeclaredSlot final : public ValueSlot {
 public:
  DeclaredSlot(std::string name, const TypeLayout& layout) : name_(std::move(name)), layout_(&layout) {
    object = layout.create();
  }
  ~DeclaredSlot() override { layout_->destroy(object); }
  DeclaredSlot(const DeclaredSlot&) = delete;
  DeclaredSlot& operator=(const DeclaredSlot&) = delete;

  void Load() override { Refuse(); }
  void Changed() override {
    held = Held::kUnread;
    Refuse();
  }
  std::optional<int> WrittenSchemaId() override { Refuse(); }
  const Schema& SchemaById(int) override { Refuse(); }

 private:
  [[noreturn]] void Refuse() const {
    throw StatusError(
        Invalid(fmt::format("Implicit key not found in state store for stateName={}: state can be read and "
                            "changed only while a key is being processed, not in Init",
                            name_),
                "INTERNAL_ERROR_TWS"));
  }
  std::string name_;
  const TypeLayout* layout_;
};

class CollectingHandle final : public StatefulProcessorHandle {
 public:
  explicit CollectingHandle(const QueryInfo& query) : query_(&query) {}

  void DeleteIfExists(std::string_view name) override {
    ThrowUnlessOk(CheckDeclaration("delete_if_exists", name, sealed, false));
    ThrowUnlessOk(CheckNotBoth(name, IsDeclared(name)));
    declarations.deleted.emplace_back(name);
  }
  [[nodiscard]] const QueryInfo& GetQueryInfo() const override { return *query_; }

  Declarations declarations;
  bool sealed = false;

 protected:
  ValueSlot& DeclareValue(std::string_view name, const TypeLayout& layout,
                          std::shared_ptr<const TypeLayout> owner) override {
    ThrowUnlessOk(CheckDeclaration("get_value_state", name, sealed, IsDeclared(name)));
    const auto& deleted = declarations.deleted;
    ThrowUnlessOk(CheckNotBoth(name, std::find(deleted.begin(), deleted.end(), name) != deleted.end()));
    DeclaredVariable variable{.name = std::string(name), .kind = VariableKind::kValue, .value = SchemaOf(layout)};
    AddRequiredPaths(layout, "", &variable.required_paths);
    declarations.variables.push_back({.variable = std::move(variable), .layout = &layout, .owner = std::move(owner)});
    slots_.push_back(std::make_unique<DeclaredSlot>(std::string(name), layout));
    return *slots_.back();
  }

 private:
  [[nodiscard]] bool IsDeclared(std::string_view name) const {
    return std::any_of(declarations.variables.begin(), declarations.variables.end(),
                       [name](const Declaration& declared) { return declared.variable.name == name; });
  }

  const QueryInfo* query_;
  std::vector<std::unique_ptr<DeclaredSlot>> slots_;
};

}  // namespace

Status CallUser(std::string_view function, const std::function<void()>& call) {
  constexpr std::string_view kCondition = "TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR";
  try {
    call();
    return Status();
  } catch (const StatusError& error) {
    return error.status();
  } catch (const std::exception& error) {
    return UserError(fmt::format("{} of the stateful processor failed: {}", function, error.what()),
                     std::string(kCondition));
  } catch (...) {
    return UserError(fmt::format("{} of the stateful processor threw something that is no std::exception", function),
                     std::string(kCondition));
  }
}

Result<Declarations> CollectDeclarations(const ProcessorFactory& factory, const QueryInfo& query) {
  CollectingHandle handle(query);
  std::unique_ptr<AnyProcessor> processor;
  HF_RETURN_IF_ERROR(CallUser("the copy constructor", [&] { processor = factory.Make(); }));
  const Status init = CallUser("Init", [&] { processor->Init(handle); });
  handle.sealed = true;
  const Status closed = CallUser("Close", [&] { processor->Close(); });
  HF_RETURN_IF_ERROR(init);
  HF_RETURN_IF_ERROR(closed);
  return std::move(handle.declarations);
}

void ProcessorHandle::DeleteIfExists(std::string_view name) {
  ThrowUnlessOk(CheckDeclaration("delete_if_exists", name, sealed_, false));
  ThrowUnlessOk(state_->DeleteIfExists(name));
}

ValueSlot& ProcessorHandle::DeclareValue(std::string_view name, const TypeLayout& layout,
                                         std::shared_ptr<const TypeLayout> owner) {
  ThrowUnlessOk(CheckDeclaration("get_value_state", name, sealed_, !declared_.emplace(name).second));
  auto declared = state_->DeclareValue(name, layout, std::move(owner));
  if (!declared.ok()) {
    throw StatusError(declared.status());
  }
  return **declared;
}

}  // namespace hf
