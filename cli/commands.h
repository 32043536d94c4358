// SPDX-License-Identifier: Apache-2.0
// The commands: each returns the exit code of the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "console.h"

namespace hf::cli {

struct StateCommand {
  std::string checkpoint;
  std::string variable;
  std::optional<std::int64_t> batch;
  std::int64_t operator_id = 0;
  bool timers = false;
  bool flatten = true;
  std::string changes;                         // FROM..TO, FROM.. or FROM; empty: what is there
  std::optional<std::int64_t> snapshot_batch;  // start from its snapshot
  std::optional<std::int64_t> partition;       // of which alone then
  std::string format = "table";                // or json, csv
  std::size_t rows_max = 20;                   // of the table; 0: all
};
int RunState(const StateCommand& command);

int RunStateMetadata(const std::string& checkpoint, const std::string& format);

struct CheckCommand {
  std::string checkpoint;
  std::vector<std::string> states;    // NAME[:value|list|map][:ttl|:no-ttl]=SCHEMA_FILE
  std::vector<std::string> map_keys;  // NAME=SCHEMA_FILE
  std::string processor;              // LIBRARY:CLASS, instead of these two
  std::string key;                    // schema file of the grouping columns; these three empty: as they are
  std::string time_mode;
  std::string output_mode;
  std::vector<std::string> conf;            // KEY=VALUE
  std::vector<std::string> accept;          // paths whose loss is meant
  std::string sample;                       // how many entries of each variable to read, or "all"; empty: none
  std::optional<std::int64_t> operator_id;  // nullopt: there is only one
  std::string policy = "backward";
  std::string format = "table";  // or json
};
int RunCheck(const CheckCommand& command);

struct SqlCommand {
  std::string query;                // empty: statements from standard input
  std::vector<std::string> tables;  // NAME=PATH of a Delta table or a data file
  std::vector<std::string> states;  // NAME=CHECKPOINT[#VARIABLE[@BATCH]]
  std::string format = "table";
};
int RunSql(const SqlCommand& command);

struct RehearseCommand {
  std::string file;
  std::string format = "table";  // or json
  std::size_t rows_max = 20;     // of each table; 0: all
};
// What the next batch of the query would do; writes nothing.
int RunRehearsal(const RehearseCommand& command);

// `continue_foreign`: go on also where another engine wrote last (holdfast.continueForeign).
int RunQueryFile(const std::string& path, bool continue_foreign, ProgressStyle progress);

}  // namespace hf::cli
