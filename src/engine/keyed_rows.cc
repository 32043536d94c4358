// SPDX-License-Identifier: Apache-2.0
#include "engine/keyed_rows.h"

#include <algorithm>

#include "rows/normalized_key.h"

namespace hf {

namespace {

// Writes the order-preserving keys of `rows` into `arena` and views of them into `keys`.
void AppendKeys(const NormalizedKeys& normalized, std::span<const std::uint32_t> rows, std::string* arena,
                std::vector<std::string_view>* keys) {
  std::vector<std::size_t> ends;
  for (const std::uint32_t row : rows) {
    normalized.AppendKey(row, *arena);
    ends.push_back(arena->size());
  }
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    keys->push_back(std::string_view(*arena).substr(begin, end - begin));
    begin = end;
  }
}

// Rows are read in the order of their keys, so nearly each would wait for memory several times. This asks for them
// while earlier ones are processed. The distances cover the way to memory and fit the first-level cache.
class RowsAhead {
 public:
  RowsAhead(const RowReader& reader, const std::vector<ColumnBatch>& batches, std::span<const RowRef> rows)
      : reader_(reader), batches_(batches), rows_(rows) {}

  // Row number `row` is read next.
  void At(std::size_t row) const {
    if (row + 2 * kDistance < rows_.size()) {
      const RowRef far = rows_[row + 2 * kDistance];
      reader_.Prefetch(batches_[far.batch], far.row);
    }
    if (row + kDistance < rows_.size()) {
      const RowRef near = rows_[row + kDistance];
      reader_.PrefetchText(batches_[near.batch], near.row);
    }
  }

 private:
  static constexpr std::size_t kDistance = 8;

  const RowReader& reader_;
  const std::vector<ColumnBatch>& batches_;
  const std::span<const RowRef> rows_;
};

}  // namespace

void KeyedRows::Add(ColumnBatch batch, std::vector<std::uint32_t> rows) {
  batches_.push_back(std::move(batch));
  rows_.push_back(std::move(rows));
}

void KeyedRows::Clear() {
  grouping_.Clear();
  batches_.clear();
  rows_.clear();
}

void KeyedRows::Group() {
  std::vector<std::vector<const Column*>> columns(batches_.size());
  std::vector<NormalizedKeys> normalized;
  for (std::size_t batch = 0; batch < batches_.size(); ++batch) {
    for (const std::size_t column : plan_->key_columns) {
      columns[batch].push_back(&batches_[batch].column(column));
    }
    normalized.emplace_back(columns[batch]);
  }
  const bool bare =
      std::all_of(normalized.begin(), normalized.end(), [](const NormalizedKeys& keys) { return keys.is_bare(); });
  grouping_.Clear();
  key_arenas_.assign(batches_.size(), {});
  std::vector<std::string_view> keys;
  for (std::uint32_t batch = 0; batch < batches_.size(); ++batch) {
    keys.clear();
    if (bare) {
      for (const std::uint32_t row : rows_[batch]) {
        keys.push_back(normalized[batch].BareKey(row));
      }
    } else {
      AppendKeys(normalized[batch], rows_[batch], &key_arenas_[batch], &keys);
    }
    grouping_.Add(batch, rows_[batch], keys);
  }
  grouping_.Finish();
}

RowSelection KeyedRows::Selection(std::size_t group) const {
  const std::span<const RowRef> rows = grouping_.Group(group);
  const RowsAhead ahead(*plan_->row_reader, batches_, grouping_.ordered());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    ahead.At(grouping_.FirstRow(group) + row);
  }
  return {.batches = batches_, .rows = rows};
}

std::vector<KeyedRows::Arrived> KeyedRows::InOrder() const {
  std::vector<Arrived> arrived;
  arrived.reserve(grouping_.rows());
  for (std::size_t group = 0; group < grouping_.groups(); ++group) {
    for (const RowRef row : grouping_.Group(group)) {
      arrived.push_back({.row = row, .group = group});
    }
  }
  std::sort(arrived.begin(), arrived.end(), [](const Arrived& a, const Arrived& b) {
    return std::pair(a.row.batch, a.row.row) < std::pair(b.row.batch, b.row.row);
  });
  return arrived;
}

void KeyedRows::ReadKey(std::size_t group, void* key) const {
  const RowRef first = grouping_.Group(group).front();
  plan_->key_reader->Read(batches_[first.batch], first.row, key);
}

void KeyedRows::EncodeKeys(std::size_t begin, std::size_t end, void* key, GroupKeys* keys) const {
  constexpr FamilyId kOfTheVariable = 0;  // cells fill it in
  keys->Clear();
  std::string& arena = keys->arena();
  const RowsAhead ahead(*plan_->key_reader, batches_, grouping_.ordered());
  for (std::size_t group = begin; group < end; ++group) {
    ahead.At(grouping_.FirstRow(group));
    ReadKey(group, key);
    state_->frame.AppendKeyHead(kOfTheVariable, state_->key_schema_id, arena);
    if (const Status status = key_writer_->Encode(key, arena); !status.ok()) {
      throw StatusError(status.WithContext("the grouping key"));
    }
    keys->EndKey();
  }
}

std::string KeyedRows::KeyText(std::size_t group) const {
  if (group >= grouping_.groups()) {
    return "(none)";
  }
  const RowRef first = grouping_.Group(group).front();
  Row key;
  for (const std::size_t column : plan_->key_columns) {
    key.push_back(batches_[first.batch].At(column, first.row));
  }
  return ToJson(key, plan_->key);
}

}  // namespace hf
