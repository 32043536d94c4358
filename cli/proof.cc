// SPDX-License-Identifier: Apache-2.0
#include "proof.h"

#include <fmt/format.h>

#include <filesystem>

#include "holdfast/file_format.h"
#include "holdfast/state_reader.h"

namespace hf::cli {

namespace {

constexpr std::size_t kDifferencesShown = 10;

// A text inside a SQL literal.
std::string Literal(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? "''" : std::string(1, c);
  }
  return quoted + "'";
}

Status CreateTableFromState(SqlSession& sql, const std::string& table, const std::string& checkpoint,
                            const std::string& variable) {
  std::vector<ColumnBatch> rows;
  HF_RETURN_IF_ERROR(ReadState(checkpoint, {.variable = variable}, [&rows](const ColumnBatch& batch) {
    rows.push_back(batch);
    return Status();
  }));
  if (rows.empty()) {
    return Internal(fmt::format("reading state variable {} gave not even an empty batch", variable));
  }
  const Schema schema = rows.front().schema();
  return sql.CreateTable(table, schema, rows);
}

// The raw events in source order: version (files of version 1 were there first), file, row.
std::string SelectEvents(const ProofInput& input, int version) {
  const std::string files = Literal(
      (std::filesystem::path(input.events_directory) / fmt::format("v{}-*.{}", version, input.format)).string());
  const std::string fields =
      version == 1 ? "NULL::VARCHAR AS device_type, NULL::VARCHAR AS page_category" : "device_type, page_category";
  if (input.format == "parquet") {
    return fmt::format(
        "SELECT {} AS version, filename AS file, file_row_number AS row, session_id, user_id, event_type, revenue, "
        "event_timestamp, {} "
        "FROM read_parquet({}, filename = true, file_row_number = true)",
        version, fields, files);
  }
  const std::string more = version == 1 ? "" : ", device_type: 'VARCHAR', page_category: 'VARCHAR'";
  return fmt::format(
      "SELECT {} AS version, filename AS file, row_number() OVER () AS row, session_id, user_id, event_type, revenue, "
      "event_timestamp, {} "
      "FROM read_json({}, format = 'newline_delimited', filename = true, columns = {{session_id: 'VARCHAR', user_id: "
      "'VARCHAR', "
      "event_type: 'VARCHAR', revenue: 'DOUBLE', event_timestamp: 'TIMESTAMP WITH TIME ZONE'{}}})",
      version, fields, files, more);
}

// Sessions by window functions: a session is what lies between two terminal events of one id.
constexpr std::string_view kRecompute = R"(
CREATE OR REPLACE TABLE expected AS
WITH ordered AS (
  SELECT *, row_number() OVER (ORDER BY version, file, row) AS place, (event_type IN ('purchase', 'logout'))::INT AS terminal FROM events),
cut AS (
  SELECT *, coalesce(sum(terminal) OVER (PARTITION BY session_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS nth
  FROM ordered)
SELECT session_id,
       arg_min(user_id, place) AS user_id,
       count(*) AS event_count,
       round(sum(revenue) * 100)::BIGINT AS revenue_cents,
       epoch_us(arg_min(event_timestamp, place)) AS session_start_us,
       arg_min(coalesce(device_type, 'unknown'), place) FILTER (version = 2) AS device_type,
       arg_min(coalesce(page_category, 'unknown'), place) FILTER (version = 2) AS page_category,
       min(version) AS begun_in, max(version) AS touched_in, max(terminal) = 1 AS ended
FROM cut GROUP BY session_id, nth)";

struct Comparison {
  std::string_view what;
  std::string_view found;
  std::string_view expected;
};

constexpr Comparison kComparisons[] = {
    {"tables/v1_sessions",
     "SELECT session_id, user_id, event_count::BIGINT AS event_count, round(total_revenue * 100)::BIGINT AS "
     "revenue_cents, "
     "epoch_us(session_start) AS session_start_us FROM v1_sessions",
     "SELECT session_id, user_id, event_count, revenue_cents, session_start_us FROM expected WHERE ended AND "
     "touched_in = 1"},
    {"tables/v2_sessions",
     "SELECT session_id, user_id, event_count, round(total_revenue * 100)::BIGINT AS revenue_cents, "
     "epoch_us(session_start) AS "
     "session_start_us, device_type, page_category, evolved_from_v1, schema_version FROM v2_sessions",
     "SELECT session_id, user_id, event_count, revenue_cents, session_start_us, device_type, page_category, begun_in = "
     "1 AS "
     "evolved_from_v1, 'v2' AS schema_version FROM expected WHERE ended AND touched_in = 2"},
    {"open sessions in state",
     "SELECT key.session_id AS session_id, value.session_id AS id_in_value, value.user_id AS user_id, "
     "value.event_count AS event_count, "
     "round(value.total_revenue * 100)::BIGINT AS revenue_cents, epoch_us(value.session_start) AS session_start_us, "
     "value.device_type AS "
     "device_type, value.page_category AS page_category FROM state",
     "SELECT session_id, session_id AS id_in_value, user_id, event_count, revenue_cents, session_start_us, "
     "device_type, page_category "
     "FROM expected WHERE NOT ended"},
    {"open sessions marked as evolved", "SELECT key.session_id AS session_id, value.value AS evolved FROM evolved",
     "SELECT session_id, true AS evolved FROM expected WHERE NOT ended AND begun_in = 1 AND touched_in = 2"},
};

Result<std::int64_t> Count(SqlSession& sql, const std::string& query) {
  HF_ASSIGN_OR_RETURN(const ColumnBatch rows, sql.Query(fmt::format("SELECT count(*) FROM ({})", query)));
  return std::get<std::int64_t>(rows.At(0, 0));
}

Status Compare(SqlSession& sql, const Comparison& comparison, ProofResult* result) {
  const std::string differences = fmt::format(
      "(SELECT 'found, not expected' AS difference, * FROM ({0} EXCEPT ALL {1})) UNION ALL "
      "(SELECT 'expected, not found' AS difference, * FROM ({1} EXCEPT ALL {0}))",
      comparison.found, comparison.expected);
  HF_ASSIGN_OR_RETURN(const std::int64_t rows, Count(sql, std::string(comparison.found)));
  HF_ASSIGN_OR_RETURN(const std::int64_t differing, Count(sql, differences));
  if (differing == 0) {
    result->report += fmt::format("  {:<32} {:>10} rows, all as recomputed\n", comparison.what, rows);
    return Status();
  }
  result->holds = false;
  HF_ASSIGN_OR_RETURN(const ColumnBatch shown, sql.Query(fmt::format("{} ORDER BY session_id, difference LIMIT {}",
                                                                     differences, kDifferencesShown)));
  result->report += fmt::format("  {:<32} {:>10} rows, {} DIFFER; the first:\n{}", comparison.what, rows, differing,
                                FormatTable(shown.schema(), {shown}, kDifferencesShown));
  return Status();
}

}  // namespace

Result<ProofResult> ProveDemo(SqlSession& sql, const ProofInput& input) {
  HF_RETURN_IF_ERROR(sql.CreateTableFromDelta("v1_sessions", input.v1_table));
  HF_RETURN_IF_ERROR(sql.CreateTableFromDelta("v2_sessions", input.v2_table));
  HF_RETURN_IF_ERROR(CreateTableFromState(sql, "state", input.checkpoint, "session_state"));
  HF_RETURN_IF_ERROR(CreateTableFromState(sql, "evolved", input.checkpoint, "evolved"));
  // row_number() OVER () follows the order of a file's lines only as long as one thread reads it.
  HF_RETURN_IF_ERROR(sql.Query("SET threads = 1").status());
  HF_RETURN_IF_ERROR(sql.Query(fmt::format("CREATE OR REPLACE TABLE events AS {} UNION ALL {}", SelectEvents(input, 1),
                                           SelectEvents(input, 2)))
                         .status());
  HF_RETURN_IF_ERROR(sql.Query("RESET threads").status());
  HF_RETURN_IF_ERROR(sql.Query(std::string(kRecompute)).status());
  ProofResult result{.holds = true, .report = {}};
  for (const Comparison& comparison : kComparisons) {
    HF_RETURN_IF_ERROR(Compare(sql, comparison, &result));
  }
  return result;
}

}  // namespace hf::cli
