// SPDX-License-Identifier: Apache-2.0
// The formats of the file sink.
#include <fmt/core.h>

#include <map>

#include "codec/csv/csv_writer.h"
#include "codec/json/json_lines_writer.h"
#include "codec/parquet/parquet_writer.h"
#include "connect/file/file_sink.h"
#include "connect/file/input_formats.h"
#include "connect/file/text_input.h"

namespace hf {
namespace {

class ParquetOutput final : public OutputFormat {
 public:
  explicit ParquetOutput(ParquetWriteOptions options) : options_(std::move(options)) {}

  // Spark 4.3: ParquetOptions.extensions of the codec in front of ".parquet".
  [[nodiscard]] std::string suffix() const override {
    if (options_.compression == "none") {
      return ".parquet";
    }
    static const std::map<std::string, std::string> others = {
        {"gzip", "gz"}, {"lz4", "lz4hadoop"}, {"lz4_raw", "lz4raw"}};
    const auto other = others.find(options_.compression);
    return fmt::format(".{}.parquet", other == others.end() ? options_.compression : other->second);
  }
  [[nodiscard]] Status CheckSchema(const Schema& schema) const override {
    return WriteParquet(schema, {}, options_).status();
  }
  [[nodiscard]] Result<std::string> Write(const Schema& schema, const std::vector<ColumnBatch>& rows) const override {
    return WriteParquet(schema, rows, options_);
  }

 private:
  const ParquetWriteOptions options_;
};

class JsonOutput final : public OutputFormat {
 public:
  explicit JsonOutput(JsonWriteOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string suffix() const override { return ".json"; }
  [[nodiscard]] Status CheckSchema(const Schema&) const override { return {}; }
  [[nodiscard]] Result<std::string> Write(const Schema&, const std::vector<ColumnBatch>& rows) const override {
    std::string lines;
    for (const ColumnBatch& batch : rows) {
      lines += WriteJsonLines(batch, options_);
    }
    return lines;
  }

 private:
  const JsonWriteOptions options_;
};

class CsvOutput final : public OutputFormat {
 public:
  CsvOutput(CsvWriteOptions options, bool header) : options_(std::move(options)), header_(header) {}

  [[nodiscard]] std::string suffix() const override { return ".csv"; }
  [[nodiscard]] Status CheckSchema(const Schema& schema) const override {
    HF_ASSIGN_OR_RETURN(const ColumnBatch empty, ColumnBatch::FromRows(schema, {}));
    return WriteCsv(empty, options_).status();
  }
  [[nodiscard]] Result<std::string> Write(const Schema& schema, const std::vector<ColumnBatch>& rows) const override {
    std::string lines = header_ ? WriteCsvHeader(schema, options_) : std::string();
    for (const ColumnBatch& batch : rows) {
      HF_ASSIGN_OR_RETURN(const std::string more, WriteCsv(batch, options_));
      lines += more;
    }
    return lines;
  }

 private:
  const CsvWriteOptions options_;
  const bool header_;
};

// Spark 4.3 TextOutputWriter: a null is an empty line.
class LinesOutput final : public OutputFormat {
 public:
  explicit LinesOutput(std::string line_separator) : line_separator_(std::move(line_separator)) {}

  [[nodiscard]] std::string suffix() const override { return ".txt"; }
  [[nodiscard]] Status CheckSchema(const Schema& schema) const override { return CheckTextColumns(schema); }
  [[nodiscard]] Result<std::string> Write(const Schema&, const std::vector<ColumnBatch>& rows) const override {
    std::string lines;
    for (const ColumnBatch& batch : rows) {
      const Column& column = batch.column(0);
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        if (!column.IsNull(row)) {
          lines += column.Bytes(row);
        }
        lines += line_separator_;
      }
    }
    return lines;
  }

 private:
  const std::string line_separator_;
};

Status TakePattern(OptionTaker& options, const std::string& name, std::optional<DateTimePattern>& pattern) {
  if (const auto text = options.Take(name); text.has_value()) {
    Result<DateTimePattern> compiled = DateTimePattern::Compile(*text, DateTimePattern::Use::kWrite);
    if (!compiled.ok()) {
      return compiled.status().WithContext(fmt::format("option '{}'", name));
    }
    pattern = std::move(compiled).value();
  }
  return {};
}

Status TakeFlag(OptionTaker& options, const std::string& name, bool& flag) {
  if (const auto text = options.Take(name); text.has_value()) {
    HF_ASSIGN_OR_RETURN(flag, ParseBooleanOption(name, *text));
  }
  return {};
}

Status RefuseCompression(OptionTaker& options) {
  const auto text = options.Take("compression");
  return !text.has_value() || LowerCase(*text) == "none" || LowerCase(*text) == "uncompressed"
             ? Status()
             : Invalid(fmt::format(
                   "Invalid value '{}' for option 'compression': the file sink writes texts only uncompressed", *text));
}

// JSON and CSV have these; `Options` is JsonWriteOptions or CsvWriteOptions.
template <typename Options>
Status TakeTimes(OptionTaker& options, const std::string& session_time_zone, Options& write) {
  HF_ASSIGN_OR_RETURN(write.zone, TimeZone::Find(options.Take("timeZone").value_or(session_time_zone)));
  HF_RETURN_IF_ERROR(TakePattern(options, "timestampFormat", write.timestamp));
  HF_RETURN_IF_ERROR(TakePattern(options, "timestampNTZFormat", write.timestamp_ntz));
  HF_RETURN_IF_ERROR(TakePattern(options, "dateFormat", write.date));
  return RefuseCompression(options);
}

Result<std::unique_ptr<OutputFormat>> MakeParquetOutput(OptionTaker options) {
  ParquetWriteOptions write;
  if (const auto text = options.Take("compression"); text.has_value()) {
    const std::string lower = LowerCase(*text);
    write.compression = lower == "uncompressed" ? "none" : lower;
    for (const char* known : {"none", "snappy", "gzip", "zstd", "lz4", "lz4_raw"}) {
      if (write.compression == known) {
        HF_RETURN_IF_ERROR(options.RefuseRest("the parquet file sink"));
        return std::unique_ptr<OutputFormat>(std::make_unique<ParquetOutput>(std::move(write)));
      }
    }
    return Invalid(fmt::format(
        "Invalid value '{}' for option 'compression', must be none, snappy, gzip, zstd, lz4 or lz4_raw", *text));
  }
  HF_RETURN_IF_ERROR(options.RefuseRest("the parquet file sink"));
  return std::unique_ptr<OutputFormat>(std::make_unique<ParquetOutput>(std::move(write)));
}

Result<std::unique_ptr<OutputFormat>> MakeJsonOutput(OptionTaker options, const std::string& time_zone) {
  JsonWriteOptions write;
  HF_RETURN_IF_ERROR(TakeTimes(options, time_zone, write));
  HF_RETURN_IF_ERROR(TakeFlag(options, "ignoreNullFields", write.ignore_null_fields));
  HF_RETURN_IF_ERROR(options.RefuseRest("the json file sink"));
  return std::unique_ptr<OutputFormat>(std::make_unique<JsonOutput>(std::move(write)));
}

Result<std::unique_ptr<OutputFormat>> MakeCsvOutput(OptionTaker options, const std::string& time_zone) {
  CsvWriteOptions write;
  bool header = false;
  HF_RETURN_IF_ERROR(TakeTimes(options, time_zone, write));
  HF_RETURN_IF_ERROR(TakeFlag(options, "header", header));
  HF_RETURN_IF_ERROR(TakeFlag(options, "quoteAll", write.quote_all));
  HF_RETURN_IF_ERROR(TakeFlag(options, "ignoreLeadingWhiteSpace", write.trim_leading));
  HF_RETURN_IF_ERROR(TakeFlag(options, "ignoreTrailingWhiteSpace", write.trim_trailing));
  for (const char* name : {"delimiter", "sep"}) {  // "sep" wins, as in Spark
    if (auto text = options.Take(name); text.has_value()) {
      if (text->empty()) {
        return Invalid(fmt::format("Invalid value '' for option '{}', must not be empty", name));
      }
      write.separator = *text == "\\t" ? "\t" : std::move(*text);
    }
  }
  for (const auto& [name, character] : {std::pair("quote", &write.quote), std::pair("escape", &write.escape)}) {
    if (const auto text = options.Take(name); text.has_value()) {
      if (text->size() != 1) {
        return Invalid(fmt::format("Invalid value '{}' for option '{}', must be one ASCII character", *text, name));
      }
      *character = (*text)[0];
    }
  }
  write.null_value = options.Take("nullValue").value_or(write.null_value);
  write.empty_value = options.Take("emptyValue").value_or(write.empty_value);
  HF_RETURN_IF_ERROR(options.RefuseRest("the csv file sink"));
  return std::unique_ptr<OutputFormat>(std::make_unique<CsvOutput>(std::move(write), header));
}

Result<std::unique_ptr<OutputFormat>> MakeLinesOutput(OptionTaker options) {
  const std::string separator = options.Take("lineSep").value_or("\n");
  if (separator.empty()) {
    return Invalid("'lineSep' cannot be an empty string.");
  }
  HF_RETURN_IF_ERROR(TakeEncoding(options));
  HF_RETURN_IF_ERROR(RefuseCompression(options));
  HF_RETURN_IF_ERROR(options.RefuseRest("the text file sink"));
  return std::unique_ptr<OutputFormat>(std::make_unique<LinesOutput>(separator));
}

}  // namespace

Result<std::unique_ptr<OutputFormat>> MakeOutputFormat(const std::string& format, const OptionMap& options,
                                                       const std::string& time_zone) {
  const std::string name = LowerCase(format);
  if (name == "parquet") {
    return MakeParquetOutput(OptionTaker(options));
  }
  if (name == "json") {
    return MakeJsonOutput(OptionTaker(options), time_zone);
  }
  if (name == "csv") {
    return MakeCsvOutput(OptionTaker(options), time_zone);
  }
  if (name == "text") {
    return MakeLinesOutput(OptionTaker(options));
  }
  return Invalid(fmt::format("there is no file sink of format '{}'; there are json, csv, parquet and text", format));
}

}  // namespace hf
