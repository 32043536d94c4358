// SPDX-License-Identifier: Apache-2.0
#include "codec/text/text_lines_reader.h"
#include "connect/file/text_input.h"

namespace hf {
namespace {

class LinesInput final : public InputFormat {
 public:
  LinesInput(Schema schema, TextReadOptions options) : schema_(std::move(schema)), options_(std::move(options)) {}

  [[nodiscard]] Status CheckName(const std::string& path) const override { return RefuseCompressed(path); }
  [[nodiscard]] Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                              std::uint64_t size_bytes) const override {
    HF_RETURN_IF_ERROR(RefuseCompressed(path));
    return std::unique_ptr<SourceSplit>(std::make_unique<TextSplit<TextLinesReader>>(
        files, path, size_bytes, std::make_unique<TextLinesReader>(schema_, options_)));
  }

 private:
  const Schema schema_;
  const TextReadOptions options_;
};

}  // namespace

Status CheckTextColumns(const Schema& schema) {
  for (const StructField& field : schema.fields()) {
    if (field.type.kind() != TypeKind::kString) {
      return Invalid(fmt::format("The Text datasource doesn't support the column `{}` of the type \"{}\".", field.name,
                                 field.type.ToSql()),
                     "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
    }
  }
  if (schema.size() != 1) {
    return Invalid(fmt::format("Text data source supports only a single column, and you have {} columns: {}",
                               schema.size(), schema.ToDdl()));
  }
  return {};
}

Result<std::shared_ptr<const InputFormat>> MakeLinesInput(const Schema& schema, const OptionMap& options) {
  OptionTaker taker(options);
  TextReadOptions read;
  if (const auto separator = taker.Take("lineSep"); separator.has_value()) {
    if (separator->empty()) {
      return Invalid("'lineSep' cannot be an empty string.");
    }
    read.line_separator = *separator;
  }
  HF_ASSIGN_OR_RETURN(read.whole_file, TakeBoolean(taker, "wholetext", false));
  HF_RETURN_IF_ERROR(TakeEncoding(taker));
  HF_RETURN_IF_ERROR(taker.RefuseRest("the text file source", FileSourceOptionNames()));
  HF_RETURN_IF_ERROR(CheckTextColumns(schema));
  return std::shared_ptr<const InputFormat>(std::make_shared<LinesInput>(schema, std::move(read)));
}

}  // namespace hf
