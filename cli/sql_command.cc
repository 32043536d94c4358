// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <iostream>

#include "commands.h"
#include "holdfast/sql.h"
#include "holdfast/state_reader.h"
#include "rows_output.h"

namespace hf::cli {

namespace {

struct Named {
  std::string name;
  std::string rest;
};

Result<Named> SplitName(const std::string& argument, std::string_view option) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == argument.size()) {
    return Invalid(fmt::format("{} {} is not NAME=PATH", option, argument));
  }
  return Named{argument.substr(0, equals), argument.substr(equals + 1)};
}

std::string Quote(const std::string& text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    quoted += c == quote ? std::string(2, quote) : std::string(1, c);
  }
  return quoted + quote;
}

Status AddTable(SqlSession& sql, const std::string& argument) {
  HF_ASSIGN_OR_RETURN(const Named table, SplitName(argument, "--table"));
  if (std::filesystem::is_directory(std::filesystem::path(table.rest) / "_delta_log")) {
    return sql.CreateTableFromDelta(table.name, table.rest);
  }
  return sql.Query(fmt::format("CREATE VIEW {} AS SELECT * FROM {}", Quote(table.name, '"'), Quote(table.rest, '\'')))
      .status();
}

// CHECKPOINT[#VARIABLE[@BATCH]]
Status AddState(SqlSession& sql, const std::string& argument) {
  HF_ASSIGN_OR_RETURN(const Named state, SplitName(argument, "--state"));
  StateReadOptions options;
  std::string checkpoint = state.rest;
  if (const std::size_t hash = checkpoint.rfind('#'); hash != std::string::npos) {
    options.variable = checkpoint.substr(hash + 1);
    checkpoint.resize(hash);
    if (const std::size_t at = options.variable.rfind('@'); at != std::string::npos) {
      std::int64_t batch = 0;
      const char* end = options.variable.data() + options.variable.size();
      const auto [parsed, error] = std::from_chars(options.variable.data() + at + 1, end, batch);
      if (error != std::errc() || parsed != end) {
        return Invalid(fmt::format("--state {}: what follows @ is not a batch id", argument));
      }
      options.batch_id = batch;
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

Status Run(const SqlCommand& command) {
  HF_ASSIGN_OR_RETURN(const auto sql, SqlSession::Open());
  for (const std::string& table : command.tables) {
    HF_RETURN_IF_ERROR(AddTable(*sql, table));
  }
  for (const std::string& state : command.states) {
    HF_RETURN_IF_ERROR(AddState(*sql, state));
  }
  std::string query = command.query;
  if (query.empty()) {
    query.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  HF_ASSIGN_OR_RETURN(const ColumnBatch rows, sql->Query(query));
  RowsOutput output(command.format, 0);
  HF_RETURN_IF_ERROR(output.Write(rows));
  output.Finish();
  return Status();
}

}  // namespace

int RunSql(const SqlCommand& command) {
  const Status ran = Run(command);
  return ran.ok() ? kExitOk : Fail(ran);
}

}  // namespace hf::cli
