// SPDX-License-Identifier: Apache-2.0
// SqlSession: DuckDB over result tables, files and state.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "holdfast/batch.h"

namespace hf {

// One DuckDB connection in memory. The dialect is DuckDB's. Needs DuckDB's shared library beside Holdfast's.
class SqlSession {
 public:
  static Result<std::unique_ptr<SqlSession>> Open();
  virtual ~SqlSession() = default;

  // Runs one statement; the rows of a query, an empty batch otherwise. kInvalid carries DuckDB's message. State can be
  // read in place, as in Databricks SQL: read_statestore('checkpoint', stateVarName => 'counts', batchId => 3) with
  // the options of StateReadOptions, and read_state_metadata('checkpoint').
  virtual Result<ColumnBatch> Query(const std::string& sql) = 0;
  // Makes the rows a table `name`; replaces one of that name.
  virtual Status CreateTable(const std::string& name, const Schema& schema, const std::vector<ColumnBatch>& rows) = 0;
  // Makes the current version of a Delta table (path of a directory) a table `name`.
  virtual Status CreateTableFromDelta(const std::string& name, const std::string& path) = 0;
};

}  // namespace hf
