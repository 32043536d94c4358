// SPDX-License-Identifier: Apache-2.0
// The same answer as one batch query of DuckDB with window functions: nothing is kept, nothing is durable.
//
//   sessionize_duckdb EVENTS_DIRECTORY
#include <string>

#include "answer.h"
#include "holdfast/sql.h"

namespace bench {
namespace {

// A session is what lies between two terminal events of one id, in the order of files and rows.
constexpr std::string_view kSessionize = R"(
WITH events AS (
  SELECT session_id, revenue, event_type IN ('purchase', 'logout') AS terminal, filename, file_row_number
  FROM read_parquet('{}/*.parquet', filename = true, file_row_number = true)),
numbered AS (
  SELECT session_id, revenue, terminal,
         coalesce(sum(terminal::INT) OVER (PARTITION BY session_id ORDER BY filename, file_row_number
                                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS nth
  FROM events),
sessions AS (
  SELECT count(*) AS event_count, sum(revenue) AS total_revenue, bool_or(terminal) AS ended
  FROM numbered GROUP BY session_id, nth)
SELECT (count(*) FILTER (ended))::BIGINT, coalesce(sum(event_count) FILTER (ended), 0)::BIGINT,
       coalesce(sum(total_revenue) FILTER (ended), 0)::DOUBLE, (count(*) FILTER (NOT ended))::BIGINT
FROM sessions)";

hf::Status Run(const std::string& events) {
  HF_ASSIGN_OR_RETURN(const auto sql, hf::SqlSession::Open());
  HF_RETURN_IF_ERROR(sql->Query("SET threads = 2").status());
  HF_ASSIGN_OR_RETURN(const hf::ColumnBatch rows, sql->Query(fmt::format(kSessionize, events)));
  HF_ASSIGN_OR_RETURN(const hf::ColumnBatch version, sql->Query("SELECT version()"));
  const Answer answer = {.rows = rows.column(0).Fixed<std::int64_t>(0),
                         .sum_event_count = rows.column(1).Fixed<std::int64_t>(0),
                         .revenue = rows.column(2).Fixed<double>(0),
                         .live_keys = rows.column(3).Fixed<std::int64_t>(0)};
  PrintAnswer(answer, fmt::format("\"duckdb\":\"{}\"", version.column(0).Bytes(0)));
  return hf::Status();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc != 2) {
    bench::Die("usage: sessionize_duckdb EVENTS_DIRECTORY");
  }
  if (const hf::Status status = bench::Run(argv[1]); !status.ok()) {
    bench::Die(status.ToString());
  }
  return 0;
}
