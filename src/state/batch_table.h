// SPDX-License-Identifier: Apache-2.0
// BatchTable: what the current batch has done to its keys, in key order; optionally also every operation in call order.
#pragma once

#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

#include "state/changelog.h"
#include "state/store.h"

namespace hf {

class BatchTable {
 public:
  struct Entry {
    StateOp op = StateOp::kPut;   // net: kMerge only while nothing in this batch decides the value before it
    std::string value;            // joined elements for kMerge; empty for kDelete
    std::optional<bool> existed;  // whether the key had a value before the batch
  };
  using Entries = std::pmr::map<std::string_view, Entry>;

  BatchTable(std::string list_delimiter, bool log_every_operation);

  // `existed` when the caller knows it; what is known already stays.
  void Put(std::string_view key, std::string_view value, std::optional<bool> existed);
  void Merge(std::string_view key, std::string_view value, std::optional<bool> existed);
  void Delete(std::string_view key, std::optional<bool> existed);

  [[nodiscard]] const Entry* Find(std::string_view key) const;
  // Keys are valid until Clear.
  [[nodiscard]] const Entries& entries() const { return entries_; }
  [[nodiscard]] Entries& entries() { return entries_; }

  // The records of a changelog with every operation so far.
  [[nodiscard]] const std::string& log() const { return log_; }

  void Clear();

 private:
  Entry& FindOrAdd(std::string_view key, std::optional<bool> existed, bool* added);
  void Log(StateOp op, std::string_view key, std::string_view value);

  const std::string delimiter_;
  const bool log_every_operation_;
  std::pmr::monotonic_buffer_resource memory_;  // of the nodes and keys: they all go together
  Entries entries_{&memory_};
  std::string log_;
};

}  // namespace hf
