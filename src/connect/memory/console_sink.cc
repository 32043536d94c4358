// SPDX-License-Identifier: Apache-2.0
#include "connect/memory/console_sink.h"

#include <fmt/core.h>

#include <charconv>

#include "base/nearest_name.h"

namespace hf {
namespace {

constexpr std::size_t kCellLengthMax = 20;  // Spark's show(truncate = true)

}  // namespace

Result<std::unique_ptr<ConsoleSink>> ConsoleSink::Create(Write write, const std::map<std::string, std::string>& options,
                                                         const std::string& time_zone) {
  TableTextOptions table = {.rows_max = 20, .cell_length_max = kCellLengthMax, .time_zone = time_zone};
  for (const auto& [name, value] : options) {
    if (name == "numRows") {
      std::int32_t rows = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), rows);
      if (error != std::errc() || end != value.data() + value.size()) {
        return Invalid(fmt::format("option numRows of the console sink is a number of rows, not \"{}\"", value));
      }
      table.rows_max = rows;
    } else if (name == "truncate" && (value == "true" || value == "false")) {
      table.cell_length_max = value == "true" ? kCellLengthMax : 0;
    } else {
      static constexpr std::string_view kNames[] = {"numRows", "truncate"};
      return Invalid(
          fmt::format("the console sink has no option {} = \"{}\"; it takes numRows and truncate (true or false){}",
                      name, value, DidYouMean(name, kNames)));
    }
  }
  // An unknown zone is found now, not at the first batch.
  HF_RETURN_IF_ERROR(FormatTable(Schema(), {}, table).status());
  return std::unique_ptr<ConsoleSink>(new ConsoleSink(std::move(write), std::move(table)));
}

std::string ConsoleSink::description() const {
  return fmt::format("ConsoleWriter[numRows={}, truncate={}]", options_.rows_max, options_.cell_length_max > 0);
}

Status ConsoleSink::Open(const Schema& schema, const std::string&) {
  schema_ = schema;
  return {};
}

Result<SinkCommit> ConsoleSink::Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(const std::string table, FormatTable(schema_, rows, options_));
  const std::string rule(43, '-');
  write_(fmt::format("{}\nBatch: {}\n{}\n{}\n", rule, batch, rule, table));
  return SinkCommit::kAdded;
}

}  // namespace hf
