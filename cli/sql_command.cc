// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "arguments.h"
#include "commands.h"
#include "holdfast/sql.h"
#include "holdfast/state_reader.h"
#include "rows_output.h"

namespace hf::cli {

namespace {

std::string Quote(const std::string& text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    quoted += c == quote ? std::string(2, quote) : std::string(1, c);
  }
  return quoted + quote;
}

Status AddTable(SqlSession& sql, const std::string& argument) {
  const Named table = SplitName(argument);
  // A pattern or a URL is DuckDB's to find.
  const bool is_plain = table.rest.find_first_of("*?[:") == std::string::npos;
  if (is_plain && !std::filesystem::exists(table.rest)) {
    return Invalid(fmt::format("--table {}: there is no {}", argument, table.rest));
  }
  if (is_plain && std::filesystem::is_directory(table.rest) &&
      !std::filesystem::is_directory(std::filesystem::path(table.rest) / "_delta_log")) {
    return Invalid(
        fmt::format("--table {}: {} is a directory without _delta_log, so no Delta table; name its data "
                    "files with a pattern such as {}/*.parquet",
                    argument, table.rest, table.rest));
  }
  if (std::filesystem::is_directory(std::filesystem::path(table.rest) / "_delta_log")) {
    return sql.CreateTableFromDelta(table.name, table.rest);
  }
  return sql.Query(fmt::format("CREATE VIEW {} AS SELECT * FROM {}", Quote(table.name, '"'), Quote(table.rest, '\'')))
      .status();
}

// NAME=CHECKPOINT[#VARIABLE[@BATCH]]
Status AddState(SqlSession& sql, const std::string& argument) {
  const Named state = SplitName(argument);
  StateReadOptions options;
  std::string checkpoint = state.rest;
  if (const std::size_t hash = checkpoint.rfind('#'); hash != std::string::npos) {
    options.variable = checkpoint.substr(hash + 1);
    checkpoint.resize(hash);
    if (const std::size_t at = options.variable.rfind('@'); at != std::string::npos) {
      options.batch_id = ParseBatch(options.variable.substr(at + 1));
      if (!options.batch_id.has_value()) {
        return Invalid(fmt::format("--state {}: what follows @ is not a batch id", argument));
      }
      options.variable.resize(at);
    }
  }
  std::vector<ColumnBatch> rows;
  HF_RETURN_IF_ERROR(ReadState(checkpoint, options, [&rows](const ColumnBatch& batch) {
    rows.push_back(batch);
    return Status();
  }));
  return sql.CreateTable(state.name, rows.front().schema(), rows);
}

Status Run(const SqlCommand& command, const std::string& query) {
  HF_ASSIGN_OR_RETURN(const auto sql, SqlSession::Open());
  for (const std::string& table : command.tables) {
    HF_RETURN_IF_ERROR(AddTable(*sql, table));
  }
  for (const std::string& state : command.states) {
    HF_RETURN_IF_ERROR(AddState(*sql, state));
  }
  HF_ASSIGN_OR_RETURN(const ColumnBatch rows, sql->Query(query));
  RowsOutput output(command.format, 0);
  HF_RETURN_IF_ERROR(output.Write(rows));
  output.Finish();
  return Status();
}

}  // namespace

int RunSql(const SqlCommand& command) {
  std::string query = command.query;
  if (query.empty()) {
    query.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  if (query.find_first_not_of(" \t\r\n;") == std::string::npos) {
    fmt::print(stderr, "holdfast: sql got no statement, neither as an argument nor on standard input\n");
    return kExitUsage;
  }
  const Status ran = Run(command, query);
  return ran.ok() ? kExitOk : Fail(ran);
}

}  // namespace hf::cli
