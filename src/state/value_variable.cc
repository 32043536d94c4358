// SPDX-License-Identifier: Apache-2.0
#include "state/value_variable.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace hf {

namespace {

// By schema id.
Result<std::vector<std::optional<StateRowReader>>> CompileReaders(StateEncoding encoding, const VariablePlan& plan,
                                                                  const TypeLayout& layout) {
  std::vector<std::optional<StateRowReader>> readers;
  for (const auto& [id, schema] : plan.written) {
    auto reader = StateRowReader::Compile(encoding, schema, layout);
    if (!reader.ok()) {
      return reader.status().WithContext(
          fmt::format("state variable {}, values written with schema id {}", plan.name, id));
    }
    const auto index = static_cast<std::size_t>(id);
    readers.resize(std::max(readers.size(), index + 1));
    readers[index] = std::move(reader).value();
  }
  return readers;
}

}  // namespace

Status ValueVariable::Check(StateEncoding encoding, const VariablePlan& plan, const TypeLayout& layout) {
  HF_RETURN_IF_ERROR(StateRowWriter::Compile(encoding, plan.stored, layout).status());
  return CompileReaders(encoding, plan, layout).status();
}

Result<std::unique_ptr<ValueVariable>> ValueVariable::Make(const RowFrame& frame, const VariablePlan& plan,
                                                           const TypeLayout& layout,
                                                           std::shared_ptr<const TypeLayout> owner, Store& store,
                                                           FamilyId family, bool complete, bool log_every_operation) {
  std::unique_ptr<ValueVariable> made(
      new ValueVariable(frame, plan, layout, std::move(owner), store, family, complete, log_every_operation));
  HF_ASSIGN_OR_RETURN(made->writer_, StateRowWriter::Compile(frame.encoding, plan.stored, layout));
  HF_ASSIGN_OR_RETURN(made->readers_, CompileReaders(frame.encoding, plan, layout));
  return made;
}

ValueVariable::ValueVariable(const RowFrame& frame, const VariablePlan& plan, const TypeLayout& layout,
                             std::shared_ptr<const TypeLayout> owner, Store& store, FamilyId family, bool complete,
                             bool log_every_operation)
    : frame_(frame),
      plan_(&plan),
      layout_(&layout),
      layout_owner_(std::move(owner)),
      store_(&store),
      log_every_operation_(log_every_operation),
      cells_(family, complete) {
  object = layout_->create();
}

ValueVariable::~ValueVariable() { layout_->destroy(object); }

Status ValueVariable::BindKeys(const GroupKeys& keys) {
  group_ = kNoKey;
  return cells_.Bind(keys, *store_, &batch_cells_);
}

Cell*& ValueVariable::CurrentCell() {
  if (group_ == kNoKey) {
    throw StatusError(
        Invalid(fmt::format("state variable {} was used while no key was being processed; use it only inside "
                            "HandleInputRows",
                            plan_->name),
                "INTERNAL_ERROR_TWS"));
  }
  return batch_cells_[group_];
}

FramedRow ValueVariable::RowOf(const Cell& cell) const {
  const std::optional<FramedRow> row = frame_.ReadRow(cell.value());
  if (!row.has_value()) {
    throw StatusError(Corrupt(fmt::format(
        "state variable {}: a stored value of {} bytes does not begin with the version byte 0{}", plan_->name,
        cell.value().size(), frame_.encoding == StateEncoding::kAvro ? " and a schema id" : "")));
  }
  return *row;
}

void ValueVariable::Load() {
  const Cell& cell = *CurrentCell();
  if (cell.held == Cell::Held::kAbsent) {
    held = Held::kAbsent;
    return;
  }
  const FramedRow row = RowOf(cell);
  const auto id = static_cast<std::size_t>(row.schema_id);
  if (id >= readers_.size() || !readers_[id].has_value()) {
    throw StatusError(Corrupt(fmt::format(
        "state variable {}: a stored value names schema id {}, which no state schema file has", plan_->name, id)));
  }
  const Status decoded = readers_[id]->Decode(row.bytes, object);
  if (!decoded.ok()) {
    throw StatusError(decoded.WithContext(fmt::format("state variable {}, schema id {}", plan_->name, id)));
  }
  held = Held::kPresent;
}

std::optional<int> ValueVariable::WrittenSchemaId() {
  const Cell& cell = *CurrentCell();
  if (!written_id_known_) {
    written_id_known_ = true;
    written_id_ = cell.held == Cell::Held::kPresent ? std::optional<int>(RowOf(cell).schema_id) : std::nullopt;
  }
  return written_id_;
}

const Schema& ValueVariable::SchemaById(int id) {
  const auto found = plan_->written.find(id);
  if (found == plan_->written.end()) {
    throw StatusError(Invalid(fmt::format("state variable {} has no schema id {}", plan_->name, id)));
  }
  return found->second;
}

void ValueVariable::Changed() {
  if (group_ == kNoKey) {
    held = Held::kUnread;
    CurrentCell();
  }
  changed_ = true;
  if (log_every_operation_) {
    WrittenSchemaId();
    WriteBack();
  }
}

void ValueVariable::WriteBack() {
  changed_ = false;
  Cell*& cell = CurrentCell();
  if (held == Held::kAbsent) {
    if (log_every_operation_) {
      store_->Delete(cell->key());
    }
    if (cell->held == Cell::Held::kPresent) {
      cells_.Remove(cell);
    }
    return;
  }
  frame_.BeginRow(plan_->stored_id, encoded_);
  if (const Status status = writer_.Encode(object, encoded_); !status.ok()) {
    throw StatusError(status.WithContext(fmt::format("state variable {}", plan_->name)));
  }
  if (log_every_operation_) {
    store_->Put(cell->key(), encoded_);
  }
  cells_.Put(&cell, encoded_);
}

void ValueVariable::EndKey() {
  if (changed_) {
    WriteBack();
  }
  if (Cell* cell = CurrentCell(); cell->held == Cell::Held::kAbsent) {
    absent_.push_back(cell);
  }
  group_ = kNoKey;
  held = Held::kUnread;
  written_id_known_ = false;
}

void ValueVariable::EndBatch(std::size_t budget_bytes) {
  cells_.EndBatch(absent_, budget_bytes);
  batch_cells_.clear();
  absent_.clear();
}

void ValueVariable::Abort() {
  group_ = kNoKey;
  changed_ = false;
  written_id_known_ = false;
  held = Held::kUnread;
  batch_cells_.clear();
  absent_.clear();
  cells_.Clear();
}

}  // namespace hf
