// SPDX-License-Identifier: Apache-2.0
// ListState<T>: a list of values of the current key.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "holdfast/status.h"

namespace hf {

// Walks what a list held when the walk began.
class ElementCursor {
 public:
  virtual ~ElementCursor() = default;
  // The next element, valid until the next call; nullptr behind the last. Throws StatusError when stored bytes cannot
  // be read.
  virtual const void* Next() = 0;
};

// The current key's list of one variable. The library owns it; users hold a ListState. All of it throws StatusError
// when no key is being processed, and when stored bytes cannot be read.
class ListSlot {
 public:
  virtual ~ListSlot() = default;
  virtual bool Exists() = 0;
  virtual std::unique_ptr<ElementCursor> Elements() = 0;
  // Pointers to objects of the element's layout.
  virtual void Put(std::span<const void* const> elements) = 0;
  virtual void Append(std::span<const void* const> elements) = 0;
  virtual void Clear() = 0;
};

// The elements of a list, once through: for (const T& element : list.Get()). Later changes of the list do not show.
template <typename T>
class ListElements {
 public:
  explicit ListElements(std::unique_ptr<ElementCursor> cursor) : cursor_(std::move(cursor)) {}

  class Iterator {
   public:
    explicit Iterator(ElementCursor* cursor) : cursor_(cursor), at_(cursor->Next()) {}
    // The reference is valid until the iterator moves.
    const T& operator*() const { return *static_cast<const T*>(at_); }
    Iterator& operator++() {
      at_ = cursor_->Next();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return at_ == nullptr; }

   private:
    ElementCursor* cursor_;
    const void* at_;
  };
  // Call it once.
  [[nodiscard]] Iterator begin() const { return Iterator(cursor_.get()); }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }

 private:
  std::unique_ptr<ElementCursor> cursor_;
};

// A handle to a variable; copies mean the same variable. Usable only while a key is being processed.
template <typename T>
class ListState {
 public:
  ListState() = default;
  explicit ListState(ListSlot* slot) : slot_(slot) {}

  [[nodiscard]] bool Exists() const { return Slot().Exists(); }
  // In the order of their insertion; none when the key has no list. Elements that an earlier schema wrote arrive in
  // today's.
  [[nodiscard]] ListElements<T> Get() const { return ListElements<T>(Slot().Elements()); }
  // Replaces the list. An empty one is refused (ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE): Clear removes a list.
  void Put(std::span<const T> elements) { Slot().Put(Pointers(elements)); }
  void Put(const std::vector<T>& elements) { Put(std::span<const T>(elements)); }
  // Adds to the end, without reading what is there.
  void AppendValue(const T& element) {
    const void* const pointer = &element;
    Slot().Append({&pointer, 1});
  }
  void AppendList(std::span<const T> elements) { Slot().Append(Pointers(elements)); }
  void AppendList(const std::vector<T>& elements) { AppendList(std::span<const T>(elements)); }
  void Clear() { Slot().Clear(); }

 private:
  static std::vector<const void*> Pointers(std::span<const T> elements) {
    std::vector<const void*> pointers;
    pointers.reserve(elements.size());
    for (const T& element : elements) {
      pointers.push_back(&element);
    }
    return pointers;
  }
  [[nodiscard]] ListSlot& Slot() const {
    if (slot_ == nullptr) {
      throw StatusError(
          Invalid("a ListState was used that belongs to no variable; assign it in Init: "
                  "state_ = handle.GetListState<T>(name)"));
    }
    return *slot_;
  }

  ListSlot* slot_ = nullptr;
};

}  // namespace hf
