// SPDX-License-Identifier: Apache-2.0
// ValueState<T>: one value of the current key.
#pragma once

#include <optional>
#include <utility>

#include "holdfast/status.h"
#include "holdfast/types.h"

namespace hf {

// The current key's value of one variable, decoded at most once a key. The library owns it; users hold a ValueState.
class ValueSlot {
 public:
  virtual ~ValueSlot() = default;

  enum class Held : unsigned char { kUnread, kAbsent, kPresent };

  // After this `held` is kAbsent or kPresent. Throws StatusError when stored bytes cannot be read.
  virtual void Load() = 0;
  // Called after each change of `object` or `held`.
  virtual void Changed() = 0;
  // The schema id that wrote the stored value of the current key; nullopt when nothing is stored.
  virtual std::optional<int> WrittenSchemaId() = 0;
  // The schema behind an id of WrittenSchemaId.
  virtual const Schema& SchemaById(int id) = 0;

  Held held = Held::kUnread;
  void* object = nullptr;  // an object of the variable's layout
};

// A handle to a variable; copies mean the same variable. Usable only while a key is being processed: elsewhere
// (in Init, in Close), and before GetValueState has given it a variable, it throws StatusError.
template <typename T>
class ValueState {
 public:
  ValueState() = default;
  explicit ValueState(ValueSlot* slot) : slot_(slot) {}

  [[nodiscard]] bool Exists() const { return Get() != nullptr; }

  // The value, or nullptr when the key has none. Valid until the next call on this variable, or the end of the call.
  // A value that an earlier schema wrote arrives in today's: fields it lacked are empty, narrower numbers are widened.
  [[nodiscard]] const T* Get() const {
    if (Slot().held == ValueSlot::Held::kUnread) {
      slot_->Load();
    }
    return slot_->held == ValueSlot::Held::kPresent ? static_cast<const T*>(slot_->object) : nullptr;
  }

  void Update(const T& value) { Assign(value); }
  void Update(T&& value) { Assign(std::move(value)); }

  void Clear() {
    Slot().held = ValueSlot::Held::kAbsent;
    slot_->Changed();
  }

  // Which schema version wrote the value as it was stored before this call: evolution as a fact, not guessed from
  // nulls. nullopt when nothing was stored.
  [[nodiscard]] std::optional<int> WrittenSchemaId() const { return Slot().WrittenSchemaId(); }
  [[nodiscard]] const Schema& WrittenSchema(int id) const { return Slot().SchemaById(id); }

 private:
  template <typename Given>
  void Assign(Given&& value) {
    *static_cast<T*>(Slot().object) = std::forward<Given>(value);
    slot_->held = ValueSlot::Held::kPresent;
    slot_->Changed();
  }

  [[nodiscard]] ValueSlot& Slot() const {
    if (slot_ == nullptr) {
      throw StatusError(
          Invalid("a ValueState was used that belongs to no variable; assign it in Init: "
                  "state_ = handle.GetValueState<T>(name)"));
    }
    return *slot_;
  }

  ValueSlot* slot_ = nullptr;
};

}  // namespace hf
