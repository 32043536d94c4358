// SPDX-License-Identifier: Apache-2.0
#include "scenarios/growing_query.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "holdfast/state_reader.h"
#include "query/environment.h"

namespace hf {
namespace {

constexpr int kCountWidens = 5;
constexpr int kTwinWidens = 10;
constexpr std::int64_t kBatchMs = 60'000;

struct In {
  std::string key;
};
HOLDFAST_STRUCT(In, key);

struct Out {
  std::string key;
  std::string value;
};
HOLDFAST_STRUCT(Out, key, value);

bool AddsField(int version) { return version > 0 && version != kCountWidens && version != kTwinWidens; }

// A counter of the width that `type` has.
Value Counter(const DataType& type, std::int64_t count) {
  return type.kind() == TypeKind::kLong ? Value(count) : Value(static_cast<std::int32_t>(count));
}

std::int64_t Count(const Value& value) {
  const auto* narrow = std::get_if<std::int32_t>(&value);
  return narrow != nullptr ? *narrow : std::get<std::int64_t>(value);
}

class Growing final : public StatefulProcessor<std::string, In, Out> {
 public:
  explicit Growing(int version) : version_(version), schema_(GrowingSchema(version)) {}
  void Init(StatefulProcessorHandle& handle) override { state_ = handle.GetValueState("v", schema_); }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    if (key == kPoison) {
      throw std::runtime_error("this key is poison");
    }
    const Row* held = state_.Get();
    Row value = held != nullptr ? *held : Row(schema_.size());
    const std::int64_t count = (held != nullptr ? Count(value[0]) : 0) + static_cast<std::int64_t>(rows.size());
    value[0] = Counter(schema_.field(0).type, count);
    value[1] = Counter(schema_.field(1).type, count);
    if (AddsField(version_)) {
      value.back() = fmt::format("written by {}", version_);
    }
    state_.Update(value);
    out.Emit({key, ToJson(value, schema_)});
  }

 private:
  const int version_;
  const Schema schema_;
  ValueState<Row> state_;
};

}  // namespace

Schema GrowingSchema(int version) {
  std::vector<StructField> fields = {
      {.name = "count", .type = version >= kCountWidens ? DataType::Long() : DataType::Int()},
      {.name = "twin", .type = version >= kTwinWidens ? DataType::Long() : DataType::Int()}};
  for (int added = 1; added <= version; ++added) {
    if (AddsField(added)) {
      fields.push_back({.name = fmt::format("f{}", added), .type = DataType::String()});
    }
  }
  return Schema(std::move(fields));
}

GrowingQuery::GrowingQuery(Options conf)
    : conf_(std::move(conf)), clock_(1'767'225'600'000'000), disk_(clock_), input_(disk_) {}

Status GrowingQuery::Run(int version, const std::vector<Batch>& batches) {
  std::vector<std::string> paths;
  for (const Batch& batch : batches) {
    std::string text;
    for (const std::string& key : batch) {
      text += fmt::format("{{\"key\":\"{}\"}}\n", key);
      Remembered& remembered = model_[key];
      ++remembered.count;
      if (AddsField(version)) {
        remembered.text_by_version[version] = fmt::format("written by {}", version);
      }
    }
    clock_.AdvanceMs(1);
    paths.push_back(fmt::format("/events/{:08}.json", batches_run_++));
    HF_RETURN_IF_ERROR(input_.PutNew(paths.back(), text));
  }
  const auto sink = std::make_shared<MemorySink>();
  auto writer = ReadStream("json")
                    .Schema<In>()
                    .Option("maxFilesPerTrigger", "1")
                    .Load("/events")
                    .GroupBy("key")
                    .TransformWithState(OutputMode::kAppend, TimeMode::kNone, Growing(version))
                    .WriteStream(sink)
                    .Option("checkpointLocation", "/checkpoint")
                    .Conf("holdfast.state.scratchDirectory", outside_.path())
                    .OnProgress([this](const StreamingQueryProgress&) { clock_.AdvanceMs(kBatchMs); })
                    .Trigger(AvailableNow());
  for (const auto& [key, value] : conf_) {
    writer = std::move(writer).Conf(key, value);
  }
  const Environment environment = {
      .files = std::make_shared<DiskFileSystem>(disk_), .clock = &clock_, .random = &random_};
  HF_ASSIGN_OR_RETURN(const auto query, StartQuery(writer.description(), environment));
  HF_RETURN_IF_ERROR(query->AwaitTermination());
  for (const Row& row : sink->rows()) {
    last_emitted_[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
  }
  // As whoever runs a query for years would move away what was read.
  for (const std::string& path : paths) {
    HF_RETURN_IF_ERROR(input_.Delete(path));
  }
  return Status();
}

std::map<std::string, std::string> GrowingQuery::Expected(int version) const {
  const Schema schema = GrowingSchema(version);
  std::map<std::string, std::string> expected;
  for (const auto& [key, remembered] : model_) {
    Row row = {Counter(schema.field(0).type, remembered.count), Counter(schema.field(1).type, remembered.count)};
    for (int added = 1; added <= version; ++added) {
      if (AddsField(added)) {
        const auto text = remembered.text_by_version.find(added);
        row.push_back(text == remembered.text_by_version.end() ? Value() : Value(text->second));
      }
    }
    expected[key] = ToJson(row, schema);
  }
  return expected;
}

std::map<std::string, std::string> GrowingQuery::LastEmitted() const { return last_emitted_; }

std::map<std::string, std::string> GrowingQuery::CheckpointFiles() const {
  std::map<std::string, std::string> files = disk_.Files();
  std::erase_if(files, [](const auto& file) { return !file.first.starts_with("/checkpoint/"); });
  return files;
}

std::string GrowingQuery::CopyCheckpoint() const {
  const std::string copy = fmt::format("{}/copy-{}", outside_.path(), ++copies_);
  for (const auto& [path, content] : CheckpointFiles()) {
    const std::filesystem::path to = copy + path;
    std::filesystem::create_directories(to.parent_path());
    std::ofstream(to, std::ios::binary) << content;
  }
  return copy + "/checkpoint";
}

std::map<std::string, std::size_t> GrowingQuery::FileCounts() const {
  std::map<std::string, std::size_t> counts;
  for (const auto& [path, content] : CheckpointFiles()) {
    ++counts[path.substr(0, path.rfind('/'))];
  }
  return counts;
}

Result<std::map<std::string, std::string>> ReadGrowingState(const std::string& checkpoint, std::int64_t batch) {
  std::map<std::string, std::string> found;
  HF_RETURN_IF_ERROR(
      ReadState(checkpoint, {.batch_id = batch, .variable = "v"}, [&found](const ColumnBatch& rows) -> Status {
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
          const Row row = rows.RowAt(i);
          const std::string& key = std::get<std::string>(std::get<StructValue>(row[0]).fields[0]);
          if (!found.emplace(key, ToJson(row[1], rows.schema().field(1).type)).second) {
            return Corrupt(fmt::format("the key {} is there twice", key));
          }
        }
        return Status();
      }));
  return found;
}

}  // namespace hf
