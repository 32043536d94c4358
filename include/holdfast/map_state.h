// SPDX-License-Identifier: Apache-2.0
// MapState<K, V>: a map of the current key, each entry stored by itself.
#pragma once

#include <iterator>
#include <memory>
#include <utility>

#include "holdfast/status.h"

namespace hf {

// Walks what a map held when the walk began.
class EntryCursor {
 public:
  virtual ~EntryCursor() = default;
  // Moves to the next entry; false behind the last. Throws StatusError when stored bytes cannot be read.
  virtual bool Next() = 0;
  // Of the entry Next has moved to; valid until its next call.
  const void* key = nullptr;
  const void* value = nullptr;
};

// The current key's map of one variable. The library owns it; users hold a MapState. Pointers are to objects of the
// layouts of the user's key and of the value. All of it throws StatusError when no key is being processed, and when
// stored bytes cannot be read.
class MapSlot {
 public:
  virtual ~MapSlot() = default;
  virtual bool Exists() = 0;
  // nullptr when there is no such entry; valid until the next call on the variable.
  virtual const void* Get(const void* key) = 0;
  virtual bool Contains(const void* key) = 0;
  virtual void Update(const void* key, const void* value) = 0;
  virtual void Remove(const void* key) = 0;
  virtual std::unique_ptr<EntryCursor> Entries() = 0;
  virtual void Clear() = 0;
};

// What MapEntries yields: a key, a value, or both.
template <typename K, typename V>
struct MapEntry {
  const K& key;
  const V& value;
};

enum class MapPart { kEntry, kKey, kValue };

// The entries of a map, once through, in the order of their encoded keys (Spark's): for (auto [key, value] :
// map.Iterator()). References are valid until the iterator moves. Later changes of the map do not show.
template <typename K, typename V, MapPart part>
class MapEntries {
 public:
  explicit MapEntries(std::unique_ptr<EntryCursor> cursor) : cursor_(std::move(cursor)) {}

  class Iterator {
   public:
    explicit Iterator(EntryCursor* cursor) : cursor_(cursor) { ++*this; }
    // A MapEntry<K, V>, const K& or const V&.
    decltype(auto) operator*() const {
      if constexpr (part == MapPart::kKey) {
        return (*static_cast<const K*>(cursor_->key));
      } else if constexpr (part == MapPart::kValue) {
        return (*static_cast<const V*>(cursor_->value));
      } else {
        return MapEntry<K, V>{*static_cast<const K*>(cursor_->key), *static_cast<const V*>(cursor_->value)};
      }
    }
    Iterator& operator++() {
      at_end_ = !cursor_->Next();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return at_end_; }

   private:
    EntryCursor* cursor_;
    bool at_end_ = false;
  };
  // Call it once.
  [[nodiscard]] Iterator begin() const { return Iterator(cursor_.get()); }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }

 private:
  std::unique_ptr<EntryCursor> cursor_;
};

// A handle to a variable; copies mean the same variable. Usable only while a key is being processed.
template <typename K, typename V>
class MapState {
 public:
  MapState() = default;
  explicit MapState(MapSlot* slot) : slot_(slot) {}

  [[nodiscard]] bool Exists() const { return Slot().Exists(); }
  // nullptr when the map has no such key. Valid until the next call on this variable.
  [[nodiscard]] const V* GetValue(const K& key) const { return static_cast<const V*>(Slot().Get(&key)); }
  [[nodiscard]] bool ContainsKey(const K& key) const { return Slot().Contains(&key); }
  void UpdateValue(const K& key, const V& value) { Slot().Update(&key, &value); }
  [[nodiscard]] MapEntries<K, V, MapPart::kEntry> Iterator() const {
    return MapEntries<K, V, MapPart::kEntry>(Slot().Entries());
  }
  [[nodiscard]] MapEntries<K, V, MapPart::kKey> Keys() const {
    return MapEntries<K, V, MapPart::kKey>(Slot().Entries());
  }
  [[nodiscard]] MapEntries<K, V, MapPart::kValue> Values() const {
    return MapEntries<K, V, MapPart::kValue>(Slot().Entries());
  }
  void RemoveKey(const K& key) { Slot().Remove(&key); }
  void Clear() { Slot().Clear(); }

 private:
  [[nodiscard]] MapSlot& Slot() const {
    if (slot_ == nullptr) {
      throw StatusError(
          Invalid("a MapState was used that belongs to no variable; assign it in Init: "
                  "state_ = handle.GetMapState<K, V>(name)"));
    }
    return *slot_;
  }

  MapSlot* slot_ = nullptr;
};

}  // namespace hf
