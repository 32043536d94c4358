// SPDX-License-Identifier: Apache-2.0
#include "codec/csv/csv_reader.h"
#include "connect/file/text_input.h"

namespace hf {
namespace {

class CsvInput final : public InputFormat {
 public:
  CsvInput(Schema schema, CsvReadOptions options) : schema_(std::move(schema)), options_(std::move(options)) {}

  [[nodiscard]] Status CheckName(const std::string& path) const override { return RefuseCompressed(path); }
  [[nodiscard]] Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                              std::uint64_t size_bytes) const override {
    HF_RETURN_IF_ERROR(RefuseCompressed(path));
    CsvReadOptions options = options_;
    options.file_name = path;
    HF_ASSIGN_OR_RETURN(auto reader, CsvReader::Make(schema_, std::move(options)));
    return std::unique_ptr<SourceSplit>(
        std::make_unique<TextSplit<CsvReader>>(files, path, size_bytes, std::move(reader)));
  }

 private:
  const Schema schema_;
  const CsvReadOptions options_;
};

Status TakeFlag(OptionTaker& options, const std::string& name, bool& flag) {
  if (const auto text = options.Take(name); text.has_value()) {
    HF_ASSIGN_OR_RETURN(flag, ParseBooleanOption(name, *text));
  }
  return {};
}

// An empty text means that there is no such character (Spark 4.3: CSVOptions.getChar).
Status TakeCharacter(OptionTaker& options, const std::string& name, char& character) {
  if (const auto text = options.Take(name); text.has_value()) {
    if (text->size() > 1) {
      return Invalid(fmt::format("Invalid value '{}' for option '{}', must be one ASCII character", *text, name));
    }
    character = text->empty() ? '\0' : (*text)[0];
  }
  return {};
}

Status TakeDialect(OptionTaker& options, CsvDialect& dialect) {
  for (const char* name : {"delimiter", "sep"}) {  // "sep" wins, as in Spark
    if (auto text = options.Take(name); text.has_value()) {
      if (text->empty()) {
        return Invalid(fmt::format("Invalid value '' for option '{}', must not be empty", name));
      }
      dialect.separator = *text == "\\t" ? "\t" : std::move(*text);
    }
  }
  HF_RETURN_IF_ERROR(TakeCharacter(options, "quote", dialect.quote));
  HF_RETURN_IF_ERROR(TakeCharacter(options, "escape", dialect.escape));
  HF_RETURN_IF_ERROR(TakeFlag(options, "ignoreLeadingWhiteSpace", dialect.trim_leading));
  return TakeFlag(options, "ignoreTrailingWhiteSpace", dialect.trim_trailing);
}

}  // namespace

Result<std::shared_ptr<const InputFormat>> MakeCsvInput(const Schema& schema, const OptionMap& options,
                                                        const std::string& time_zone) {
  OptionTaker taker(options);
  CsvReadOptions read;
  HF_RETURN_IF_ERROR(TakeTextOptions(taker, time_zone, read.mode, read.corrupt_record_column, read.times));
  HF_RETURN_IF_ERROR(TakeDialect(taker, read.dialect));
  HF_RETURN_IF_ERROR(TakeCharacter(taker, "comment", read.comment));
  HF_RETURN_IF_ERROR(TakeFlag(taker, "header", read.header));
  HF_RETURN_IF_ERROR(TakeFlag(taker, "multiLine", read.multi_line));
  read.null_value = taker.Take("nullValue").value_or(read.null_value);
  read.empty_value = taker.Take("emptyValue").value_or(read.empty_value);
  read.nan_value = taker.Take("nanValue").value_or(read.nan_value);
  read.positive_inf = taker.Take("positiveInf").value_or(read.positive_inf);
  read.negative_inf = taker.Take("negativeInf").value_or(read.negative_inf);
  HF_RETURN_IF_ERROR(taker.RefuseRest("the csv file source", FileSourceOptionNames()));
  HF_RETURN_IF_ERROR(CsvReader::Make(schema, read).status());
  return std::shared_ptr<const InputFormat>(std::make_shared<CsvInput>(schema, std::move(read)));
}

}  // namespace hf
