// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_lines_reader.h"
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

}  // namespace

Result<std::shared_ptr<const InputFormat>> MakeJsonInput(const Schema& schema, const OptionMap& options,
                                                         const std::string& time_zone) {
  OptionTaker taker(options);
  JsonReadOptions read;
  HF_RETURN_IF_ERROR(TakeTextOptions(taker, time_zone, read.mode, read.corrupt_record_column, read.times));
  if (const auto lines = taker.Take("multiLine"); lines.has_value()) {
    HF_ASSIGN_OR_RETURN(const bool multi_line, ParseBooleanOption("multiLine", *lines));
    if (multi_line) {
      return Invalid("option 'multiLine' is not supported by the json file source: a record is one line");
    }
  }
  HF_RETURN_IF_ERROR(taker.RefuseRest("the json file source", FileSourceOptionNames()));
  // What the reader refuses of the schema is refused now, not at the first file.
  HF_RETURN_IF_ERROR(JsonLinesReader::Make(schema, read).status());
  return std::shared_ptr<const InputFormat>(std::make_shared<JsonInput>(schema, std::move(read)));
}

}  // namespace hf
