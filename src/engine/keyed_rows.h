// SPDX-License-Identifier: Apache-2.0
// KeyedRows: the rows of one partition and batch that a processor takes in, cut into one group a key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/grouping.h"
#include "engine/operator_plan.h"
#include "state/cells.h"

namespace hf {

class KeyedRows {
 public:
  // `plan` and `state` outlive the rows.
  KeyedRows(const InputPlan& plan, const StatePlan& state, const StateRowWriter& key_writer)
      : plan_(&plan), state_(&state), key_writer_(&key_writer) {}

  // `rows` are positions in `batch`, whose schema is the plan's; in source order.
  void Add(ColumnBatch batch, std::vector<std::uint32_t> rows);
  // Cuts what was added into groups; keys ascend in the order of their columns.
  void Group();
  void Clear();

  [[nodiscard]] bool empty() const { return batches_.empty(); }
  [[nodiscard]] std::size_t rows() const { return grouping_.rows(); }
  [[nodiscard]] std::size_t groups() const { return grouping_.groups(); }
  // The rows of a group. Asks for the memory of the next ones.
  [[nodiscard]] RowSelection Selection(std::size_t group) const;
  // Those of all groups, one behind the other; each Selection of a group is a part of them.
  [[nodiscard]] RowSelection All() const { return {.batches = batches_, .rows = grouping_.ordered()}; }
  // The rows one by one, in source order, each with its group: a selection of one row.
  struct Arrived {
    RowRef row;
    std::size_t group;
  };
  [[nodiscard]] std::vector<Arrived> InOrder() const;
  [[nodiscard]] RowSelection Selection(const Arrived& arrived) const {
    return {.batches = batches_, .rows = std::span(&arrived.row, 1)};
  }
  // Reads a group's key into an object of the key's layout. Throws StatusError.
  void ReadKey(std::size_t group, void* key) const;
  // The keys of groups `begin` to `end` - 1 as the state wants them; `key` is an object to work with. Throws
  // StatusError.
  void EncodeKeys(std::size_t begin, std::size_t end, void* key, GroupKeys* keys) const;
  // For messages: the key as JSON.
  [[nodiscard]] std::string KeyText(std::size_t group) const;
  [[nodiscard]] const RowReader& row_reader() const { return *plan_->row_reader; }

 private:
  const InputPlan* plan_;
  const StatePlan* state_;
  const StateRowWriter* key_writer_;
  std::vector<ColumnBatch> batches_;
  std::vector<std::vector<std::uint32_t>> rows_;  // by batch
  std::vector<std::string> key_arenas_;           // order-preserving keys that are not views of a column
  Grouping grouping_;
};

}  // namespace hf
