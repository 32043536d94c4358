// SPDX-License-Identifier: Apache-2.0
// Rows cross to DuckDB as data chunks made from Arrow arrays, not by duckdb_arrow_scan: that pushes filters down into
// a stream that does not apply them, and returns rows the filter should have dropped.
#include "holdfast/sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "connect/delta/delta_table.h"
#include "holdfast/arrow_c.h"
#include "query/duckdb_library.h"
#include "query/state_functions.h"

namespace hf {

namespace {

constexpr std::int64_t kChunkRows = 2048;  // DuckDB's vector size

std::string Quoted(std::string_view identifier) {
  std::string quoted = "\"";
  for (const char c : identifier) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

// DuckDB's name of a type that it does not call as Spark does.
std::string DuckDbType(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kNull: return "INTEGER";
    case TypeKind::kByte: return "TINYINT";
    case TypeKind::kBinary: return "BLOB";
    case TypeKind::kTimestamp: return "TIMESTAMP WITH TIME ZONE";
    case TypeKind::kTimestampNtz: return "TIMESTAMP";
    case TypeKind::kString: return "VARCHAR";
    case TypeKind::kFloat: return "FLOAT";
    case TypeKind::kArray: return DuckDbType(type.children()[0].type) + "[]";
    case TypeKind::kMap:
      return fmt::format("MAP({}, {})", DuckDbType(type.children()[0].type), DuckDbType(type.children()[1].type));
    case TypeKind::kStruct: {
      std::vector<std::string> fields;
      for (const StructField& field : type.children()) {
        fields.push_back(Quoted(field.name) + " " + DuckDbType(field.type));
      }
      return fmt::format("STRUCT({})", fmt::join(fields, ", "));
    }
    default: return type.ToSql();
  }
}

class DuckDbSession final : public SqlSession {
 public:
  explicit DuckDbSession(const DuckDbLibrary& library) : db_(library) {}
  ~DuckDbSession() override {
    if (connection_ != nullptr) {
      db_.duckdb_disconnect(&connection_);
    }
    if (database_ != nullptr) {
      db_.duckdb_close(&database_);
    }
  }
  DuckDbSession(const DuckDbSession&) = delete;
  DuckDbSession& operator=(const DuckDbSession&) = delete;

  Status Connect() {
    if (db_.duckdb_open(nullptr, &database_) == DuckDBError ||
        db_.duckdb_connect(database_, &connection_) == DuckDBError) {
      return Internal("DuckDB did not open a database in memory");
    }
    return Execute("SET TimeZone = 'UTC'").status();
  }

  Result<ColumnBatch> Query(const std::string& sql) override {
    HF_ASSIGN_OR_RETURN(const std::string expanded, ExpandStateFunctions(*this, sql, &state_calls_));
    return Execute(expanded);
  }

  Status CreateTable(const std::string& name, const Schema& schema, const std::vector<ColumnBatch>& rows) override {
    std::vector<std::string> columns;
    for (const StructField& field : schema.fields()) {
      columns.push_back(Quoted(field.name) + " " + DuckDbType(field.type));
    }
    HF_RETURN_IF_ERROR(
        Execute(fmt::format("CREATE OR REPLACE TABLE {} ({})", Quoted(name), fmt::join(columns, ", "))).status());
    ArrowSchema arrow_schema{};
    HF_RETURN_IF_ERROR(ExportSchema(schema, &arrow_schema));
    duckdb_arrow_converted_schema converted = nullptr;
    Status status = Check(db_.duckdb_schema_from_arrow(connection_, &arrow_schema, &converted));
    if (status.ok()) {
      status = Append(name, rows, converted);
      db_.duckdb_destroy_arrow_converted_schema(&converted);
    }
    if (arrow_schema.release != nullptr) {
      arrow_schema.release(&arrow_schema);
    }
    return status;
  }

  Status CreateTableFromDelta(const std::string& name, const std::string& path) override {
    HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(path));
    HF_ASSIGN_OR_RETURN(DeltaScan scan, table.Scan());
    std::vector<ColumnBatch> rows;
    while (true) {
      HF_ASSIGN_OR_RETURN(auto batch, scan.Next());
      if (!batch.has_value()) {
        return CreateTable(name, scan.schema(), rows);
      }
      rows.push_back(std::move(*batch));
    }
  }

 private:
  Result<ColumnBatch> Execute(const std::string& sql) {
    duckdb_result result{};
    if (db_.duckdb_query(connection_, sql.c_str(), &result) == DuckDBError) {
      const Status failed = Invalid(fmt::format("SQL: {}", db_.duckdb_result_error(&result)));
      db_.duckdb_destroy_result(&result);
      return failed;
    }
    auto rows = Fetch(result);
    db_.duckdb_destroy_result(&result);
    return rows;
  }

  Status Check(duckdb_error_data error) {
    if (error == nullptr) {
      return Status();
    }
    const Status failed = Internal(fmt::format("DuckDB: {}", db_.duckdb_error_data_message(error)));
    db_.duckdb_destroy_error_data(&error);
    return failed;
  }

  Status Append(const std::string& name, const std::vector<ColumnBatch>& rows,
                duckdb_arrow_converted_schema converted) {
    duckdb_appender appender = nullptr;
    if (db_.duckdb_appender_create(connection_, nullptr, name.c_str(), &appender) == DuckDBError) {
      return Internal(fmt::format("DuckDB does not append to table {}", name));
    }
    Status status;
    for (std::size_t i = 0; i < rows.size() && status.ok(); ++i) {
      for (std::int64_t begin = 0; begin < rows[i].rows() && status.ok(); begin += kChunkRows) {
        status = AppendChunk(appender, rows[i].Slice(begin, std::min(kChunkRows, rows[i].rows() - begin)), converted);
      }
    }
    if (db_.duckdb_appender_destroy(&appender) == DuckDBError && status.ok()) {
      status = Internal(fmt::format("DuckDB could not finish appending to table {}", name));
    }
    return status;
  }

  Status AppendChunk(duckdb_appender appender, const ColumnBatch& rows, duckdb_arrow_converted_schema converted) {
    ArrowArray array{};
    HF_RETURN_IF_ERROR(ExportBatch(rows, &array));
    duckdb_data_chunk chunk = nullptr;
    Status status = Check(db_.duckdb_data_chunk_from_arrow(connection_, &array, converted, &chunk));
    if (status.ok() && db_.duckdb_append_data_chunk(appender, chunk) == DuckDBError) {
      status = Internal(fmt::format("DuckDB: {}", db_.duckdb_appender_error(appender)));
    }
    if (chunk != nullptr) {
      db_.duckdb_destroy_data_chunk(&chunk);
    }
    if (array.release != nullptr) {
      array.release(&array);
    }
    return status;
  }

  Result<ColumnBatch> Fetch(duckdb_result& result) {
    const idx_t count = db_.duckdb_column_count(&result);
    std::vector<duckdb_logical_type> types;
    std::vector<const char*> names;
    for (idx_t i = 0; i < count; ++i) {
      types.push_back(db_.duckdb_column_logical_type(&result, i));
      names.push_back(db_.duckdb_column_name(&result, i));
    }
    duckdb_arrow_options options = db_.duckdb_result_get_arrow_options(&result);
    ArrowSchema arrow_schema{};
    const Status exported =
        Check(db_.duckdb_to_arrow_schema(options, types.data(), names.data(), count, &arrow_schema));
    for (duckdb_logical_type& type : types) {
      db_.duckdb_destroy_logical_type(&type);
    }
    auto rows = exported.ok() ? FetchRows(result, options, &arrow_schema) : Result<ColumnBatch>(exported);
    if (arrow_schema.release != nullptr) {
      arrow_schema.release(&arrow_schema);
    }
    db_.duckdb_destroy_arrow_options(&options);
    return rows;
  }

  // Results are for people and proofs: they are gathered as rows into one batch. `arrow_schema` may be released by it.
  Result<ColumnBatch> FetchRows(duckdb_result& result, duckdb_arrow_options options, ArrowSchema* arrow_schema) {
    std::vector<Row> rows;
    std::optional<Schema> schema;
    while (duckdb_data_chunk chunk = db_.duckdb_fetch_chunk(result)) {
      ArrowArray array{};
      const Status exported = Check(db_.duckdb_data_chunk_to_arrow(options, chunk, &array));
      db_.duckdb_destroy_data_chunk(&chunk);
      HF_RETURN_IF_ERROR(exported);
      HF_ASSIGN_OR_RETURN(const ColumnBatch batch, ImportBatch(*arrow_schema, &array));
      schema = batch.schema();
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        rows.push_back(batch.RowAt(row));
      }
    }
    if (!schema.has_value()) {  // no rows have columns, too
      HF_ASSIGN_OR_RETURN(schema, ImportSchema(arrow_schema));
    }
    return ColumnBatch::FromRows(*schema, rows);
  }

  const DuckDbLibrary& db_;
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  std::size_t state_calls_ = 0;
};

}  // namespace

Result<std::unique_ptr<SqlSession>> SqlSession::Open() {
  HF_ASSIGN_OR_RETURN(const DuckDbLibrary* library, DuckDbLibrary::Get());
  auto session = std::make_unique<DuckDbSession>(*library);
  HF_RETURN_IF_ERROR(session->Connect());
  return std::unique_ptr<SqlSession>(std::move(session));
}

}  // namespace hf
