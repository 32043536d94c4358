// SPDX-License-Identifier: Apache-2.0
#include "codec/csv/csv_reader.h"
#include "codec/csv/csv_types.h"
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

// Gives each file a reader that adds to the same types.
class CsvLooker final : public InputFormat {
 public:
  explicit CsvLooker(CsvTypes* types) : types_(types) {}

  [[nodiscard]] Status CheckName(const std::string& path) const override { return RefuseCompressed(path); }
  [[nodiscard]] Result<std::unique_ptr<SourceSplit>> OpenFile(FileSystem& files, const std::string& path,
                                                              std::uint64_t size_bytes) const override {
    HF_RETURN_IF_ERROR(RefuseCompressed(path));
    return std::unique_ptr<SourceSplit>(
        std::make_unique<TextSplit<CsvTypesReader>>(files, path, size_bytes, std::make_unique<CsvTypesReader>(types_)));
  }

 private:
  CsvTypes* types_;
};

class CsvColumns final : public FoundColumns {
 public:
  explicit CsvColumns(std::unique_ptr<CsvTypes> types) : types_(std::move(types)) {}
  std::shared_ptr<const InputFormat> Looker() override { return std::make_shared<CsvLooker>(types_.get()); }
  [[nodiscard]] Result<Schema> Columns() const override { return types_->Columns(); }

 private:
  std::unique_ptr<CsvTypes> types_;
};

struct CsvOptions {
  CsvReadOptions read;
  CsvTypeOptions types;
};

Result<CsvOptions> TakeCsvOptions(const OptionMap& options, const std::string& time_zone, InputUse use) {
  OptionTaker taker(options);
  CsvOptions taken;
  CsvReadOptions& read = taken.read;
  if (use == InputUse::kBatch) {
    taken.types.date_format = OptionTaker(options).Take("dateFormat").value_or("");
    HF_RETURN_IF_ERROR(TakeSampling(taker));
    HF_RETURN_IF_ERROR(TakeFlag(taker, "inferSchema", taken.types.infer_types));
    HF_RETURN_IF_ERROR(TakeFlag(taker, "preferDate", taken.types.prefer_date));
  }
  HF_RETURN_IF_ERROR(TakeTextOptions(taker, time_zone, read.mode, read.corrupt_record_column, read.times));
  read.last_line_may_be_cut = use == InputUse::kStream;
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
  return taken;
}

}  // namespace

Result<std::shared_ptr<const InputFormat>> MakeCsvInput(const Schema& schema, const OptionMap& options,
                                                        const std::string& time_zone, InputUse use) {
  HF_ASSIGN_OR_RETURN(CsvOptions taken, TakeCsvOptions(options, time_zone, use));
  HF_RETURN_IF_ERROR(CsvReader::Make(schema, taken.read).status());
  return std::shared_ptr<const InputFormat>(std::make_shared<CsvInput>(schema, std::move(taken.read)));
}

Result<std::unique_ptr<FoundColumns>> FindCsvColumns(const OptionMap& options, const std::string& time_zone) {
  HF_ASSIGN_OR_RETURN(CsvOptions taken, TakeCsvOptions(options, time_zone, InputUse::kBatch));
  HF_ASSIGN_OR_RETURN(auto types, CsvTypes::Make(std::move(taken.read), std::move(taken.types)));
  return std::unique_ptr<FoundColumns>(std::make_unique<CsvColumns>(std::move(types)));
}

}  // namespace hf
