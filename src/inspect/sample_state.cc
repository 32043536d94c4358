// SPDX-License-Identifier: Apache-2.0
#include "inspect/sample_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

#include "base/caught.h"
#include "engine/recovery.h"
#include "inspect/state_rows.h"
#include "state/variable_codec.h"

namespace hf {

namespace {

constexpr std::size_t kExamples = 5;
constexpr std::size_t kFailuresTold = 3;

// Values read into an object of the processor's type: only there it shows that a member which is never empty meets one.
class TypedReading {
 public:
  // `plan` outlives it.
  static Result<TypedReading> Make(const CheckpointView& view, const VariablePlan& plan, const TypeLayout& layout) {
    HF_ASSIGN_OR_RETURN(VariableCodec codec, VariableCodec::Make({.encoding = view.conf.encoding()}, plan, layout));
    return TypedReading(std::move(codec), StoreFormatOf(view.conf).list_delimiter, layout);
  }

  Status Try(std::string_view value) const {
    return Caught([&] { return codec_.plan().kind == VariableKind::kList ? TryList(value) : TryValue(value); });
  }

 private:
  TypedReading(VariableCodec codec, std::string list_delimiter, const TypeLayout& layout)
      : codec_(std::move(codec)),
        list_delimiter_(std::move(list_delimiter)),
        object_(layout.create(), layout.destroy) {}

  Status TryValue(std::string_view value) const {
    codec_.Decode(codec_.RowOf(value), object_.get());
    return Status();
  }
  Status TryList(std::string_view list) const {
    while (!list.empty()) {
      const auto element = codec_.frame().TakeElement(list_delimiter_, &list);
      if (!element.has_value()) {
        return Corrupt("a stored list is not framed as one");
      }
      codec_.Decode(*element, object_.get());
    }
    return Status();
  }

  VariableCodec codec_;
  std::string list_delimiter_;
  std::unique_ptr<void, void (*)(void*)> object_;
};

class Sampling {
 public:
  explicit Sampling(VariableSample* sample) : sample_(sample) {}

  // `evolved`: the checkpoint as the new version will have described it; null: it lacks the variable.
  Status Open(const CheckpointView& view, const CheckpointView* evolved, const StateVariableInfo& variable) {
    HF_ASSIGN_OR_RETURN(const StateRows::Kind kind, StateRows::KindOf(variable));
    const StateRows::Shape shape = {.kind = kind, .flatten = kind == StateRows::Kind::kMap, .changes = false};
    if (evolved == nullptr) {
      return Status();
    }
    HF_ASSIGN_OR_RETURN(before_, StateRows::Make(view, variable.name, shape));
    HF_ASSIGN_OR_RETURN(after_, StateRows::Make(*evolved, variable.name, shape));
    return Status();
  }
  void ReadInto(TypedReading typed) { typed_.emplace(std::move(typed)); }

  // Up to `entries_max` entries from the key *from on, which becomes the first that was not read (it begins empty);
  // true when the partition has no more.
  Result<bool> ReadPartition(Store& store, std::int64_t partition, std::int64_t entries_max, std::string* from) {
    const auto family = store.FindFamily(sample_->variable);
    if (!family.has_value()) {
      return true;
    }
    Status failed;
    bool is_all = true;
    std::int64_t entries = 0;
    const std::string prefix = FamilyPrefix(*family);
    const std::string begin = std::max(prefix, *from);
    HF_RETURN_IF_ERROR(store.ScanRange(begin, "", [&](std::string_view key, std::string_view value) {
      if (!key.starts_with(prefix)) {
        return false;
      }
      if (entries == entries_max) {
        is_all = false;
        *from = key;
        return false;
      }
      ++entries;
      failed = after_ == nullptr ? Status() : ReadEntry(key, value, static_cast<std::int32_t>(partition));
      return failed.ok();
    }));
    HF_RETURN_IF_ERROR(failed);
    sample_->entries += entries;
    return is_all;
  }

  Status Finish() {
    if (after_ == nullptr) {
      return Status();
    }
    const std::vector<StructField>& fields = after_->schema().fields();
    std::vector<StructField> columns(fields.begin(), fields.end() - 2);
    columns.push_back({.name = "before", .type = before_->schema().field(fields.size() - 2).type});
    columns.push_back({.name = "after", .type = fields[fields.size() - 2].type});
    columns.push_back(fields.back());
    std::vector<Row>& shown = different_.empty() ? alike_ : different_;
    HF_ASSIGN_OR_RETURN(sample_->examples, ColumnBatch::FromRows(Schema(std::move(columns)), shown));
    return Status();
  }

 private:
  // What cannot be read now is the checkpoint's damage; what cannot be read then is told.
  Status ReadEntry(std::string_view key, std::string_view value, std::int32_t partition) {
    HF_RETURN_IF_ERROR(before_->AddEntry(key, value, partition));
    const ColumnBatch before = before_->Take();
    Status read = after_->AddEntry(key, value, partition);
    const ColumnBatch after = after_->Take();
    if (read.ok() && typed_.has_value()) {
      read = typed_->Try(value);
    }
    if (!read.ok()) {
      ++sample_->failed;
      if (sample_->failures.size() < kFailuresTold) {
        sample_->failures.push_back(
            fmt::format("key {}: {}", ToJson(before.At(0, 0), before.schema().field(0).type), read.message()));
      }
      return Status();
    }
    const std::size_t place = before.columns().size() - 2;
    const bool is_alike = ToJson(before.At(place, 0), before.schema().field(place).type) ==
                          ToJson(after.At(place, 0), after.schema().field(place).type);
    std::vector<Row>& examples = is_alike ? alike_ : different_;
    if (examples.size() < kExamples) {
      Row row = after.RowAt(0);
      row.insert(row.end() - 2, before.At(place, 0));
      examples.push_back(std::move(row));
    }
    return Status();
  }

  VariableSample* sample_;
  std::unique_ptr<StateRows> before_;  // null: the new version lacks the variable
  std::unique_ptr<StateRows> after_;
  std::optional<TypedReading> typed_;
  std::vector<Row> different_;
  std::vector<Row> alike_;
};

Result<VariableSample> SampleVariable(const StateReadPlace& place, const CheckpointView& view,
                                      const Evolution& evolution, const Declarations& declarations,
                                      const StateVariableInfo& variable, std::int64_t entries_max) {
  VariableSample sample;
  sample.variable = variable.name;
  CheckpointView evolved = view;
  evolved.schemas.push_back(evolution.families);
  if (const VariablePlan* plan = evolution.plan.Find(variable.name);
      plan != nullptr && view.conf.encoding() == StateEncoding::kUnsafeRow && !variable.ttl_enabled) {
    for (StateFamilySchema& family : evolved.schemas.back()) {  // the file keeps the old names
      family.value_schema = family.family == variable.name ? plan->stored : family.value_schema;
    }
  }
  sample.is_left_out = evolution.plan.Find(variable.name) == nullptr;
  Sampling sampling(&sample);
  HF_RETURN_IF_ERROR(sampling.Open(view, sample.is_left_out ? nullptr : &evolved, variable));
  for (const Declaration& declaration : declarations.variables) {
    if (declaration.variable.name == variable.name) {
      HF_ASSIGN_OR_RETURN(TypedReading typed,
                          TypedReading::Make(view, *evolution.plan.Find(variable.name), *declaration.type.value));
      sampling.ReadInto(std::move(typed));
    }
  }
  std::map<std::int64_t, std::string> unread;  // partition -> where to go on
  for (std::int64_t partition = 0; partition < view.partitions(); ++partition) {
    unread[partition];
  }
  // An even share of each; where some have less, the others are asked again.
  while (!unread.empty() && (entries_max == 0 || sample.entries < entries_max)) {
    auto left = static_cast<std::int64_t>(unread.size());
    for (auto at = unread.begin(); at != unread.end(); --left) {
      const std::int64_t wanted = entries_max == 0 ? std::numeric_limits<std::int64_t>::max()
                                                   : (entries_max - sample.entries + left - 1) / left;
      if (wanted == 0) {
        break;
      }
      HF_ASSIGN_OR_RETURN(const auto store, view.OpenStore(*place.files, at->first, place.scratch, place.random));
      HF_ASSIGN_OR_RETURN(const bool is_read, sampling.ReadPartition(*store, at->first, wanted, &at->second));
      at = is_read ? unread.erase(at) : std::next(at);
    }
  }
  sample.is_all = unread.empty();
  HF_RETURN_IF_ERROR(sampling.Finish());
  return sample;
}

}  // namespace

Result<std::vector<VariableSample>> SampleState(const StateReadPlace& place, const CheckpointView& view,
                                                const std::vector<StateVariableInfo>& variables,
                                                const Evolution& evolution, const Declarations& declarations,
                                                std::int64_t entries_max) {
  std::vector<VariableSample> samples;
  for (const StateVariableInfo& variable : variables) {
    auto sample = SampleVariable(place, view, evolution, declarations, variable, entries_max);
    if (!sample.ok()) {
      return sample.status().WithContext(fmt::format("reading entries of {}", variable.name));
    }
    samples.push_back(std::move(sample).value());
  }
  return samples;
}

}  // namespace hf
