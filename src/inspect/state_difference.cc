// SPDX-License-Identifier: Apache-2.0
#include "inspect/state_difference.h"

#include <fmt/format.h>

#include "inspect/state_rows.h"

namespace hf {

namespace {

constexpr std::size_t kEntriesAtOnce = 4096;

struct Entry {
  std::string key;  // behind the family's id, which a family that was made anew changes
  std::string value;
};

// One of the two versions: the variable's rows, and its entries in one partition.
class Side {
 public:
  Status Open(const StateSide& side, const std::string& family, StateRows::Shape shape) {
    side_ = &side;
    family_ = family;
    if (side.view == nullptr || side.view->Latest(family) == nullptr) {
      return Status();
    }
    HF_ASSIGN_OR_RETURN(rows_, StateRows::Make(*side.view, family, shape));
    return Status();
  }

  Status OpenPartition(std::int64_t partition, Random* random) {
    store_.reset();  // its scratch directory is the next one's
    prefix_.clear();
    if (rows_ == nullptr) {
      return Status();
    }
    HF_ASSIGN_OR_RETURN(store_, side_->view->OpenStore(*side_->files, partition, side_->scratch, random));
    if (const auto id = store_->FindFamily(family_); id.has_value()) {
      prefix_ = FamilyPrefix(*id);
    }
    return Status();
  }

  // Entries from `begin` to before `end` (nullopt: to the last) in the order of keys, until `visit` returns false.
  Status Scan(const std::string& begin, const std::optional<std::string>& end,
              const std::function<bool(std::string_view key, std::string_view value)>& visit) {
    if (prefix_.empty()) {
      return Status();
    }
    return store_->ScanRange(
        prefix_ + begin, end.has_value() ? prefix_ + *end : PrefixEnd(prefix_),
        [&visit](std::string_view key, std::string_view value) { return visit(BehindFamily(key), value); });
  }

  Status AddRow(std::string_view key, std::string_view value, std::int32_t partition) {
    return rows_->AddEntry(prefix_ + std::string(key), value, partition);
  }

  [[nodiscard]] const StateRows* rows() const { return rows_.get(); }
  ColumnBatch Take() { return rows_ == nullptr ? ColumnBatch() : rows_->Take(); }

 private:
  const StateSide* side_ = nullptr;
  std::string family_;
  std::unique_ptr<StateRows> rows_;  // null: this version has no such variable
  std::unique_ptr<Store> store_;
  std::string prefix_;  // empty: nothing of the variable in this partition
};

class Comparing {
 public:
  Comparing(Random* random, const std::function<Status(const ColumnBatch&)>& visit) : random_(random), visit_(visit) {}

  Status Open(const StateSide& before, const StateSide& after, const std::string& family, StateRows::Shape shape) {
    HF_RETURN_IF_ERROR(before_.Open(before, family, shape));
    HF_RETURN_IF_ERROR(after_.Open(after, family, shape));
    const StateRows* rows = after_.rows() != nullptr ? after_.rows() : before_.rows();
    if (rows == nullptr) {
      return Invalid(fmt::format("neither version of the checkpoint has a state variable {}", family));
    }
    const std::vector<StructField>& fields = rows->schema().fields();
    key_columns_ = fields.size() - 2;  // behind them stand the value and the partition
    std::vector<StructField> columns = {{.name = "change", .type = DataType::String()}};
    columns.insert(columns.end(), fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(key_columns_));
    columns.push_back({.name = "before", .type = ValueType(before_, *rows)});
    columns.push_back({.name = "after", .type = ValueType(after_, *rows)});
    columns.push_back(fields.back());
    schema_ = Schema(std::move(columns));
    return Status();
  }

  Status ComparePartition(std::int64_t partition) {
    HF_RETURN_IF_ERROR(before_.OpenPartition(partition, random_));
    HF_RETURN_IF_ERROR(after_.OpenPartition(partition, random_));
    partition_ = static_cast<std::int32_t>(partition);
    std::string begin;
    while (true) {
      std::vector<Entry> chunk;
      HF_RETURN_IF_ERROR(after_.Scan(begin, std::nullopt, [&chunk](std::string_view key, std::string_view value) {
        chunk.push_back({.key = std::string(key), .value = std::string(value)});
        return chunk.size() < kEntriesAtOnce;
      }));
      const bool is_last = chunk.size() < kEntriesAtOnce;
      const std::optional<std::string> end = is_last ? std::nullopt : std::optional(chunk.back().key + '\0');
      HF_RETURN_IF_ERROR(CompareRange(begin, end, chunk));
      if (is_last) {
        return Status();
      }
      begin = *end;
    }
  }

  Status Flush() {
    const ColumnBatch before = before_.Take();
    const ColumnBatch after = after_.Take();
    std::vector<Row> rows;
    std::int64_t before_row = 0;
    std::int64_t after_row = 0;
    for (const Change& change : changes_) {
      const ColumnBatch& source = change.in_after ? after : before;
      const std::int64_t source_row = change.in_after ? after_row : before_row;
      Row row = {change.in_after ? (change.in_before ? "changed" : "added") : "removed"};
      for (std::size_t column = 0; column < key_columns_; ++column) {
        row.push_back(source.At(column, source_row));
      }
      row.push_back(change.in_before ? before.At(key_columns_, before_row++) : Value());
      row.push_back(change.in_after ? after.At(key_columns_, after_row++) : Value());
      row.push_back(source.At(key_columns_ + 1, source_row));
      rows.push_back(std::move(row));
    }
    changes_.clear();
    HF_ASSIGN_OR_RETURN(const ColumnBatch batch, ColumnBatch::FromRows(schema_, rows));
    return visit_(batch);
  }

  [[nodiscard]] bool has_rows() const { return !changes_.empty(); }
  [[nodiscard]] const StateDifference& counts() const { return counts_; }

 private:
  struct Change {
    bool in_before = false;
    bool in_after = false;
  };

  static DataType ValueType(const Side& side, const StateRows& other) {
    const Schema& schema = (side.rows() != nullptr ? *side.rows() : other).schema();
    return schema.field(schema.size() - 2).type;
  }

  // `chunk`: everything in the range that is there after.
  Status CompareRange(const std::string& begin, const std::optional<std::string>& end,
                      const std::vector<Entry>& chunk) {
    auto next = chunk.begin();
    Status failed;
    HF_RETURN_IF_ERROR(before_.Scan(begin, end, [&](std::string_view key, std::string_view value) {
      for (; failed.ok() && next != chunk.end() && next->key < key; ++next) {
        failed = Tell(next->key, nullptr, &next->value);
      }
      if (!failed.ok()) {
        return false;
      }
      if (next == chunk.end() || next->key != key) {
        failed = Tell(key, &value, nullptr);
      } else {
        failed = next->value == value ? Status() : Tell(key, &value, &next->value);
        ++next;
      }
      return failed.ok();
    }));
    for (; failed.ok() && next != chunk.end(); ++next) {
      failed = Tell(next->key, nullptr, &next->value);
    }
    return failed;
  }

  Status Tell(std::string_view key, const std::string_view* before, const std::string* after) {
    if (before != nullptr) {
      HF_RETURN_IF_ERROR(before_.AddRow(key, *before, partition_).WithContext("before"));
    }
    if (after != nullptr) {
      HF_RETURN_IF_ERROR(after_.AddRow(key, *after, partition_).WithContext("after"));
    }
    ++(before == nullptr ? counts_.added : after == nullptr ? counts_.removed : counts_.changed);
    changes_.push_back({.in_before = before != nullptr, .in_after = after != nullptr});
    return changes_.size() < kEntriesAtOnce ? Status() : Flush();
  }

  Random* random_;
  const std::function<Status(const ColumnBatch&)>& visit_;
  Side before_;
  Side after_;
  Schema schema_;
  std::size_t key_columns_ = 0;
  std::int32_t partition_ = 0;
  std::vector<Change> changes_;  // a row of each side that has one, in this order
  StateDifference counts_;
};

}  // namespace

Result<StateDifference> CompareState(const StateSide& before, const StateSide& after, const StateVariableInfo& variable,
                                     Random* random, const std::function<Status(const ColumnBatch&)>& visit) {
  HF_ASSIGN_OR_RETURN(const StateRows::Kind kind, StateRows::KindOf(variable));
  Comparing comparing(random, visit);
  HF_RETURN_IF_ERROR(comparing.Open(before, after, variable.name,
                                    {.kind = kind, .flatten = kind == StateRows::Kind::kMap, .changes = false}));
  for (std::int64_t partition = 0; partition < after.view->partitions(); ++partition) {
    HF_RETURN_IF_ERROR(
        comparing.ComparePartition(partition).WithContext(fmt::format("{}, partition {}", variable.name, partition)));
  }
  if (comparing.has_rows()) {
    HF_RETURN_IF_ERROR(comparing.Flush());
  }
  return comparing.counts();
}

}  // namespace hf
