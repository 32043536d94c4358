// SPDX-License-Identifier: Apache-2.0
#include "query/state_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "base/nearest_name.h"
#include "holdfast/state_reader.h"

namespace hf {

namespace {

constexpr std::string_view kStateStore = "read_statestore";
constexpr std::string_view kStateMetadata = "read_state_metadata";

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

struct Argument {
  std::string name;  // empty: by position
  std::string value;
};

// Walks over a statement, over texts, quoted names and comments as one piece each.
class SqlCursor {
 public:
  explicit SqlCursor(const std::string& sql) : sql_(sql) {}

  [[nodiscard]] bool done() const { return at_ >= sql_.size(); }

  // The name, quoted text, comment or single byte that begins here.
  std::string_view TakePiece() {
    const std::size_t begin = at_;
    const char c = sql_[at_];
    if (IsNameByte(c)) {
      while (!done() && IsNameByte(sql_[at_])) {
        ++at_;
      }
    } else if (c == '\'' || c == '"') {
      SkipTo(std::string_view(&sql_[begin], 1), 1);
    } else if (sql_.compare(at_, 2, "--") == 0) {
      SkipTo("\n", 2);
    } else if (sql_.compare(at_, 2, "/*") == 0) {
      SkipTo("*/", 2);
    } else {
      ++at_;
    }
    return std::string_view(sql_).substr(begin, at_ - begin);
  }
  void SkipBlanks() {
    while (!done() && std::isspace(static_cast<unsigned char>(sql_[at_])) != 0) {
      ++at_;
    }
  }
  bool Take(std::string_view text) {
    const std::size_t begin = at_;
    SkipBlanks();
    if (sql_.compare(at_, text.size(), text) != 0) {
      at_ = begin;
      return false;
    }
    at_ += text.size();
    return true;
  }
  // 'text', with '' for a quote in it, or a bare word: a number, true, false.
  std::optional<std::string> TakeLiteral() {
    SkipBlanks();
    std::string literal;
    if (done()) {
      return std::nullopt;
    }
    if (sql_[at_] != '\'') {
      literal = sql_[at_] == '-' ? std::string(1, sql_[at_++]) : std::string();
      return done() || !IsNameByte(sql_[at_]) ? std::nullopt : std::optional(literal += TakePiece());
    }
    for (bool first = true; !done() && sql_[at_] == '\''; first = false) {
      const std::string_view piece = TakePiece();
      if (piece.size() < 2 || piece.back() != '\'') {
        return std::nullopt;
      }
      literal += first ? "" : "'";
      literal += piece.substr(1, piece.size() - 2);
    }
    return literal;
  }

 private:
  void SkipTo(std::string_view end, std::size_t from) {
    const std::size_t found = sql_.find(end, at_ + from);
    at_ = found == std::string::npos ? sql_.size() : found + end.size();
  }

  const std::string& sql_;
  std::size_t at_ = 0;
};

// What stands between the parentheses; the opening one has been taken.
Result<std::vector<Argument>> TakeArguments(SqlCursor& cursor, std::string_view function) {
  std::vector<Argument> arguments;
  while (!cursor.Take(")")) {
    if (!arguments.empty() && !cursor.Take(",")) {
      return Invalid(
          fmt::format("{}: a comma or closing parenthesis is missing behind argument {}", function, arguments.size()));
    }
    const auto first = cursor.TakeLiteral();
    Argument argument{.name = {}, .value = first.value_or("")};
    bool complete = first.has_value();
    if (complete && cursor.Take("=>")) {
      argument.name = argument.value;
      const auto value = cursor.TakeLiteral();
      argument.value = value.value_or("");
      complete = value.has_value();
    }
    if (!complete) {
      return Invalid(fmt::format("{}: argument {} is no literal: a 'text', a number, true or false is wanted", function,
                                 arguments.size() + 1));
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

Result<std::int64_t> WholeNumber(const Argument& argument) {
  std::int64_t number = 0;
  const char* end = argument.value.data() + argument.value.size();
  const auto [stopped, error] = std::from_chars(argument.value.data(), end, number);
  if (error != std::errc() || stopped != end) {
    return Invalid(fmt::format("{} => {} is not a whole number", argument.name, argument.value),
                   "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  }
  return number;
}

Result<bool> TrueOrFalse(const Argument& argument) {
  const std::string value = Lower(argument.value);
  if (value != "true" && value != "false") {
    return Invalid(fmt::format("{} => {} is neither true nor false", argument.name, argument.value),
                   "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
  }
  return value == "true";
}

constexpr std::string_view kOptionNames[] = {"stateVarName",         "batchId",
                                             "operatorId",           "readChangeFeed",
                                             "changeStartBatchId",   "changeEndBatchId",
                                             "readRegisteredTimers", "flattenCollectionTypes",
                                             "snapshotStartBatchId", "snapshotPartitionId"};

// Spark's options do not mind case.
Result<StateReadOptions> OptionsOf(const std::vector<Argument>& arguments) {
  StateReadOptions options;
  bool reads_changes = false;
  StateReadOptions::Changes changes{.first = -1, .last = {}};
  std::optional<std::int64_t> start_batch;
  std::optional<std::int64_t> start_partition;
  for (const Argument& argument : arguments) {
    const std::string name = Lower(argument.name);
    if (name == "statevarname") {
      options.variable = argument.value;
    } else if (name == "batchid") {
      HF_ASSIGN_OR_RETURN(options.batch_id, WholeNumber(argument));
    } else if (name == "operatorid") {
      HF_ASSIGN_OR_RETURN(options.operator_id, WholeNumber(argument));
    } else if (name == "readchangefeed") {
      HF_ASSIGN_OR_RETURN(reads_changes, TrueOrFalse(argument));
    } else if (name == "changestartbatchid") {
      HF_ASSIGN_OR_RETURN(changes.first, WholeNumber(argument));
    } else if (name == "changeendbatchid") {
      HF_ASSIGN_OR_RETURN(changes.last, WholeNumber(argument));
    } else if (name == "readregisteredtimers") {
      HF_ASSIGN_OR_RETURN(options.timers, TrueOrFalse(argument));
    } else if (name == "flattencollectiontypes") {
      HF_ASSIGN_OR_RETURN(options.flatten, TrueOrFalse(argument));
    } else if (name == "snapshotstartbatchid") {
      HF_ASSIGN_OR_RETURN(start_batch, WholeNumber(argument));
    } else if (name == "snapshotpartitionid") {
      HF_ASSIGN_OR_RETURN(start_partition, WholeNumber(argument));
    } else {
      return Invalid(
          fmt::format("{} has no option {}{}", kStateStore, argument.name, DidYouMean(argument.name, kOptionNames)),
          "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE");
    }
  }
  if (reads_changes && changes.first < 0) {
    return Invalid("readChangeFeed needs changeStartBatchId", "STDS_REQUIRED_OPTION_UNSPECIFIED");
  }
  if (reads_changes) {
    options.changes = changes;
  }
  if (start_partition.has_value() && !start_batch.has_value()) {
    return Invalid("snapshotPartitionId needs snapshotStartBatchId", "STDS_REQUIRED_OPTION_UNSPECIFIED");
  }
  if (start_batch.has_value()) {
    options.snapshot_start = {.batch_id = *start_batch, .partition_id = start_partition};
  }
  return options;
}

Status FillTable(SqlSession& session, const std::string& table, std::string_view function,
                 std::vector<Argument> arguments) {
  if (arguments.empty() || !arguments.front().name.empty()) {
    return Invalid(fmt::format("{}: the first argument is the checkpoint's directory, as a 'text'", function));
  }
  const std::string checkpoint = arguments.front().value;
  arguments.erase(arguments.begin());
  if (const auto unnamed = std::find_if(arguments.begin(), arguments.end(),
                                        [](const Argument& argument) { return argument.name.empty(); });
      unnamed != arguments.end()) {
    return Invalid(fmt::format("{}: {} has no name: options are written as name => value", function, unnamed->value));
  }
  std::vector<ColumnBatch> rows;
  if (function == kStateMetadata) {
    if (!arguments.empty()) {
      return Invalid(fmt::format("{} has no option {}", function, arguments.front().name));
    }
    HF_ASSIGN_OR_RETURN(ColumnBatch batch, ReadStateMetadataRows(checkpoint));
    rows.push_back(std::move(batch));
  } else {
    HF_ASSIGN_OR_RETURN(const StateReadOptions options, OptionsOf(arguments));
    HF_RETURN_IF_ERROR(ReadState(checkpoint, options, [&rows](const ColumnBatch& batch) {
      rows.push_back(batch);
      return Status();
    }));
  }
  return session.CreateTable(table, rows.front().schema(), rows);
}

}  // namespace

Result<std::string> ExpandStateFunctions(SqlSession& session, const std::string& sql, std::size_t* calls) {
  std::string expanded;
  for (SqlCursor cursor(sql); !cursor.done();) {
    const std::string_view piece = cursor.TakePiece();
    const std::string name = Lower(piece);
    if ((name != kStateStore && name != kStateMetadata) || !cursor.Take("(")) {
      expanded += piece;
      continue;
    }
    HF_ASSIGN_OR_RETURN(auto arguments, TakeArguments(cursor, name));
    const std::string table = fmt::format("__holdfast_{}_{}", name, ++*calls);
    HF_RETURN_IF_ERROR(FillTable(session, table, name, std::move(arguments)));
    expanded += table;
  }
  return expanded;
}

}  // namespace hf
