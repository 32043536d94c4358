// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_lines_reader.h"
#include "codec/json/json_types.h"
#include "connect/file/text_input.h"

namespace hf {
namespace {

class JsonInput final : public InputFormat {
 public:
  JsonInput(Schema schema, JsonReadOptions options) : schema_(std::move(schema)), options_(std::move(options)) {}

  [[nodiscard]] Status CheckName(const std::string& path) const override { return RefuseCompressed(path); }
  [[nodiscard]] Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                              std::uint64_t size_bytes) const override {
    HF_RETURN_IF_ERROR(RefuseCompressed(path));
    JsonReadOptions options = options_;
    options.file_name = path;
    HF_ASSIGN_OR_RETURN(auto reader, JsonLinesReader::Make(schema_, std::move(options)));
    return std::unique_ptr<SourceSplit>(
        std::make_unique<TextSplit<JsonLinesReader>>(files, path, size_bytes, std::move(reader)));
  }

 private:
  const Schema schema_;
  const JsonReadOptions options_;
};

// Gives each file a reader that adds to the same types.
class JsonLooker final : public InputFormat {
 public:
  explicit JsonLooker(JsonTypes* types) : types_(types) {}

  [[nodiscard]] Status CheckName(const std::string& path) const override { return RefuseCompressed(path); }
  [[nodiscard]] Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                              std::uint64_t size_bytes) const override {
    HF_RETURN_IF_ERROR(RefuseCompressed(path));
    return std::unique_ptr<SourceSplit>(std::make_unique<TextSplit<JsonTypesReader>>(
        files, path, size_bytes, std::make_unique<JsonTypesReader>(types_, path)));
  }

 private:
  JsonTypes* types_;
};

class JsonColumns final : public FoundColumns {
 public:
  explicit JsonColumns(JsonTypeOptions options) : types_(std::move(options)) {}
  std::shared_ptr<const InputFormat> Looker() override { return std::make_shared<JsonLooker>(&types_); }
  [[nodiscard]] Result<Schema> Columns() const override { return types_.Columns(); }

 private:
  JsonTypes types_;
};

struct JsonOptions {
  JsonReadOptions read;
  JsonTypeOptions types;
};

Result<JsonOptions> TakeJsonOptions(const OptionMap& options, const std::string& time_zone, InputUse use) {
  OptionTaker taker(options);
  JsonOptions taken;
  JsonReadOptions& read = taken.read;
  HF_RETURN_IF_ERROR(TakeTextOptions(taker, time_zone, read.mode, read.corrupt_record_column, read.times));
  read.last_line_may_be_cut = use == InputUse::kStream;
  if (const auto lines = taker.Take("multiLine"); lines.has_value()) {
    HF_ASSIGN_OR_RETURN(const bool multi_line, ParseBooleanOption("multiLine", *lines));
    if (multi_line) {
      return Invalid("option 'multiLine' is not supported by the json file source: a record is one line");
    }
  }
  if (use == InputUse::kBatch) {
    HF_RETURN_IF_ERROR(TakeSampling(taker));
    HF_ASSIGN_OR_RETURN(taken.types.infer_timestamps, TakeBoolean(taker, "inferTimestamp", false));
    HF_ASSIGN_OR_RETURN(taken.types.primitives_as_string, TakeBoolean(taker, "primitivesAsString", false));
    HF_ASSIGN_OR_RETURN(taken.types.drop_all_null, TakeBoolean(taker, "dropFieldIfAllNull", false));
    HF_ASSIGN_OR_RETURN(const bool prefers_decimal, TakeBoolean(taker, "prefersDecimal", false));
    if (prefers_decimal) {
      return Invalid("option 'prefersDecimal' is not supported: give a schema with the decimals");
    }
  }
  taken.types.mode = read.mode;
  taken.types.corrupt_record_column = read.corrupt_record_column;
  taken.types.times = read.times;
  HF_RETURN_IF_ERROR(taker.RefuseRest("the json file source", FileSourceOptionNames()));
  return taken;
}

}  // namespace

Result<std::shared_ptr<const InputFormat>> MakeJsonInput(const Schema& schema, const OptionMap& options,
                                                         const std::string& time_zone, InputUse use) {
  HF_ASSIGN_OR_RETURN(JsonOptions taken, TakeJsonOptions(options, time_zone, use));
  // What the reader refuses of the schema is refused now, not at the first file.
  HF_RETURN_IF_ERROR(JsonLinesReader::Make(schema, taken.read).status());
  return std::shared_ptr<const InputFormat>(std::make_shared<JsonInput>(schema, std::move(taken.read)));
}

Result<std::unique_ptr<FoundColumns>> FindJsonColumns(const OptionMap& options, const std::string& time_zone) {
  HF_ASSIGN_OR_RETURN(JsonOptions taken, TakeJsonOptions(options, time_zone, InputUse::kBatch));
  return std::unique_ptr<FoundColumns>(std::make_unique<JsonColumns>(std::move(taken.types)));
}

}  // namespace hf
