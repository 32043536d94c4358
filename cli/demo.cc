// SPDX-License-Identifier: Apache-2.0
#include "demo.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "holdfast/file_format.h"
#include "holdfast/query.h"
#include "holdfast/sql.h"
#include "holdfast/state_reader.h"
#include "proof.h"
#include "sessionization/streamshop.h"
#include "streamshop_generator.h"

namespace hf::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFilesPerVersion = 10;
constexpr std::size_t kRowsShown = 8;

// The three settings of the example.
const Options kExampleConf = {
    {"spark.sql.streaming.stateStore.providerClass", "com.databricks.sql.streaming.state.RocksDBStateStoreProvider"},
    {"spark.sql.streaming.stateStore.encodingFormat", "avro"},
    {"spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true"},
};

// The folder of one demo. What is finished is remembered in small files that appear whole.
class DemoFolder {
 public:
  explicit DemoFolder(const DemoOptions& options)
      : options_(options), root_(fs::absolute(options.out).lexically_normal()) {}

  [[nodiscard]] std::string Path(std::string_view name) const { return (root_ / name).string(); }

  // Creates the folder, or checks that it belongs to a demo of the same settings.
  Status Enter() const {
    std::error_code error;
    fs::create_directories(root_, error);
    if (error) {
      return Unavailable(fmt::format("cannot create the folder {}: {}", root_.string(), error.message()));
    }
    const std::string settings = fmt::format("events={} sessions={} seed={} format={}\n", options_.events,
                                             options_.sessions, options_.seed, options_.format);
    if (const std::optional<std::string> found = ReadMark(kSettings); found.has_value()) {
      return *found == settings
                 ? Status()
                 : Invalid(fmt::format(
                       "{} holds a demo with other settings ({}); choose another --out or delete the folder",
                       root_.string(), found->substr(0, found->find('\n'))));
    }
    fs::remove(Hidden(kSettings), error);  // of a start that was killed while it wrote its first mark
    if (!fs::is_empty(root_)) {
      return Invalid(fmt::format("{} is not empty and not a demo's folder; choose another --out", root_.string()));
    }
    return WriteMark(kSettings, settings);
  }

  [[nodiscard]] std::optional<std::string> ReadMark(std::string_view name) const {
    std::ifstream in(root_ / name);
    if (!in) {
      return std::nullopt;
    }
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  [[nodiscard]] Status WriteMark(std::string_view name, const std::string& text) const {
    const fs::path hidden = Hidden(name);
    std::ofstream out(hidden, std::ios::trunc);
    out << text;
    out.close();
    if (!out) {  // half a mark must not get the name of a whole one
      return Unavailable(fmt::format("cannot write {}; is the disk full or the directory read-only?", Path(name)));
    }
    std::error_code error;
    fs::rename(hidden, root_ / name, error);
    return error ? Unavailable(fmt::format("cannot write {}: {}", Path(name), error.message())) : Status();
  }

 private:
  static constexpr std::string_view kSettings = "demo.settings";
  // A mark that is being written.
  [[nodiscard]] fs::path Hidden(std::string_view name) const { return root_ / fmt::format(".{}.writing", name); }

  const DemoOptions& options_;
  const fs::path root_;
};

void PrintHeading(std::string_view text) {
  PrintLine(fmt::format("\n=== {} {:=<{}}", text, "", 90 - std::min<std::size_t>(80, text.size())));
}

void PrintTable(const ColumnBatch& rows, std::size_t rows_max = 100) {
  Print(FormatTable(rows.schema(), {rows}, rows_max));
}

Status Generate(const DemoOptions& options, const DemoFolder& folder, int version) {
  ProgressDisplay display(options.progress, fmt::format("generating V{} events", version), kFilesPerVersion);
  return GenerateStreamShop({.version = version,
                             .events = options.events,
                             .sessions = options.sessions,
                             .files = kFilesPerVersion,
                             .format = options.format,
                             .seed = options.seed,
                             .directory = folder.Path("events")},
                            [&display](std::int64_t files) { display.Step(files, "files"); });
}

// Runs one version of the sessionizer over everything that is there; *last_batch receives the last batch of the query.
template <typename Processor, typename Click>
Status RunSessionizer(const DemoOptions& options, const DemoFolder& folder, const std::string& files,
                      const std::string& table) {
  ProgressDisplay display(options.progress, "processing", kFilesPerVersion);
  std::int64_t batches = 0;
  std::int64_t rows = 0;
  auto query = hf::ReadStream(options.format)
                   .Schema<Click>()
                   .Option("maxFilesPerTrigger", "1")
                   .Option("pathGlobFilter", files)
                   .Load(folder.Path("events"))
                   .GroupBy("session_id")
                   .template TransformWithState<Processor>(hf::OutputMode::kAppend, hf::TimeMode::kNone)
                   .WriteStream("delta")
                   .Option("checkpointLocation", folder.Path("checkpoint"))
                   .QueryName("streamshop_" + table);
  for (const auto& [key, value] : kExampleConf) {
    query = std::move(query).Conf(key, value);
  }
  HF_ASSIGN_OR_RETURN(const auto running, std::move(query)
                                              .Trigger(hf::AvailableNow())
                                              .OnProgress([&](const StreamingQueryProgress& progress) {
                                                display.Batch(progress);
                                                ++batches;
                                                rows += progress.num_input_rows;
                                              })
                                              .Start(folder.Path("tables/" + table)));
  HF_RETURN_IF_ERROR(running->AwaitTermination());
  PrintLine(fmt::format("{} events in {} batches -> tables/{}", rows, batches, table));
  return Status();
}

Status PhaseV1(const DemoOptions& options, const DemoFolder& folder) {
  PrintHeading("Phase 1: SessionizerV1");
  if (folder.ReadMark("v1.done").has_value()) {
    PrintLine("done before; its sessions are in tables/v1_sessions and in the checkpoint");
    return Status();
  }
  HF_RETURN_IF_ERROR(Generate(options, folder, 1));
  HF_RETURN_IF_ERROR(
      (RunSessionizer<streamshop::SessionizerV1, streamshop::ClickV1>(options, folder, "v1-*", "v1_sessions")));
  HF_ASSIGN_OR_RETURN(const auto metadata, ReadStateMetadata(folder.Path("checkpoint")));
  return folder.WriteMark("v1.done", fmt::format("{}\n", metadata.front().max_batch_id));
}

Status RequireV1(const DemoFolder& folder, std::int64_t* last_batch) {
  const std::optional<std::string> mark = folder.ReadMark("v1.done");
  if (!mark.has_value()) {
    return Invalid("phase 1 has not finished in this folder; run --phase v1 first");
  }
  *last_batch = std::stoll(*mark);
  return Status();
}

Status PhaseInspect(const DemoFolder& folder) {
  PrintHeading("Phase 2: state store inspection");
  std::int64_t last_batch = 0;
  HF_RETURN_IF_ERROR(RequireV1(folder, &last_batch));
  const std::string checkpoint = folder.Path("checkpoint");
  HF_ASSIGN_OR_RETURN(const auto metadata, ReadStateMetadata(checkpoint));
  const OperatorStateSummary& info = metadata.front();
  PrintLine(fmt::format("operator {} ({}), {} partitions, batches {} to {}", info.operator_id, info.operator_name,
                        info.num_partitions, info.min_batch_id, info.max_batch_id));
  for (const StateVariableSummary& variable : info.variables) {
    PrintLine(fmt::format("  {} {}: schema version {}: {}", variable.kind, variable.name, variable.value_schema_id,
                          variable.value_schema.ToDdl()));
  }
  const StateReadOptions options = {.batch_id = last_batch, .variable = "session_state"};
  std::vector<ColumnBatch> shown;
  std::int64_t total = 0;
  HF_RETURN_IF_ERROR(ReadState(checkpoint, options, [&](const ColumnBatch& rows) {
    if (shown.empty() || shown.front().rows() == 0) {
      shown.assign(1, rows);
    }
    total += rows.rows();
    return Status();
  }));
  PrintLine(fmt::format("{} open sessions after batch {}; the first:", total, last_batch));
  Print(FormatTable(shown.front().schema(), shown, kRowsShown));
  HF_ASSIGN_OR_RETURN(const auto counts, CountValuesBySchema(checkpoint, options));
  for (const auto& [schema_id, values] : counts) {
    PrintLine(fmt::format("  written with schema version {}: {} values", schema_id, values));
  }
  return Status();
}

Status PhaseV2(const DemoOptions& options, const DemoFolder& folder) {
  PrintHeading("Phase 3: SessionizerV2 on the same checkpoint");
  std::int64_t last_batch = 0;
  HF_RETURN_IF_ERROR(RequireV1(folder, &last_batch));
  if (folder.ReadMark("v2.done").has_value()) {
    PrintLine("done before; its sessions are in tables/v2_sessions and in the checkpoint");
    return Status();
  }
  HF_RETURN_IF_ERROR(Generate(options, folder, 2));
  HF_RETURN_IF_ERROR(
      (RunSessionizer<streamshop::SessionizerV2, streamshop::ClickV2>(options, folder, "v[12]-*", "v2_sessions")));
  HF_ASSIGN_OR_RETURN(const auto counts, CountValuesBySchema(folder.Path("checkpoint"), {.variable = "session_state"}));
  for (const auto& [schema_id, values] : counts) {
    PrintLine(fmt::format("  open sessions still written with schema version {}: {}", schema_id, values));
  }
  return folder.WriteMark("v2.done", "\n");
}

struct Analysis {
  std::string_view title;
  std::string_view sql;
};

// The first two are the example's own queries.
constexpr Analysis kAnalyses[] = {
    {"evolution patterns",
     "SELECT evolved_from_v1, schema_version, COUNT(*) as session_count\nFROM v2_sessions \nGROUP BY evolved_from_v1, "
     "schema_version;"},
    {"evolved sessions",
     "SELECT session_id, user_id, event_count, total_revenue, device_type, page_category\nFROM v2_sessions \nWHERE "
     "evolved_from_v1 = true;"},
    {"conversion funnel of the V2 events",
     "SELECT step, count(DISTINCT session_id) AS sessions FROM (SELECT session_id, unnest(['1 visited'] || "
     "CASE WHEN event_type IN ('search', 'add_to_cart', 'purchase') THEN ['2 searched or went on'] ELSE [] END || "
     "CASE WHEN event_type IN ('add_to_cart', 'purchase') THEN ['3 filled a cart'] ELSE [] END || "
     "CASE WHEN event_type = 'purchase' THEN ['4 bought'] ELSE [] END) AS step FROM events WHERE version = 2) GROUP BY "
     "step ORDER BY step"},
    {"revenue by device and category",
     "SELECT device_type, page_category, count(*) AS sessions, sum(event_count)::BIGINT AS events, "
     "round(sum(total_revenue), 2) AS revenue "
     "FROM v2_sessions GROUP BY device_type, page_category ORDER BY revenue DESC, device_type, page_category"},
};

Status PhaseAnalysis(const DemoOptions& options, const DemoFolder& folder, bool* holds) {
  PrintHeading("Phase 4: evolution analysis");
  if (!folder.ReadMark("v2.done").has_value()) {
    return Invalid("phase 3 has not finished in this folder; run --phase v2 first");
  }
  HF_ASSIGN_OR_RETURN(const auto sql, SqlSession::Open());
  HF_ASSIGN_OR_RETURN(const ProofResult proof, ProveDemo(*sql, {.events_directory = folder.Path("events"),
                                                                .format = options.format,
                                                                .v1_table = folder.Path("tables/v1_sessions"),
                                                                .v2_table = folder.Path("tables/v2_sessions"),
                                                                .checkpoint = folder.Path("checkpoint")}));
  for (const Analysis& analysis : kAnalyses) {
    PrintLine(fmt::format("-- {}\n{}", analysis.title, analysis.sql));
    HF_ASSIGN_OR_RETURN(const ColumnBatch rows, sql->Query(std::string(analysis.sql)));
    PrintTable(rows, kRowsShown * 2);
  }
  PrintHeading("Proof: recomputed from the raw events");
  Print(proof.report);
  PrintLine(proof.holds ? "PROVEN: both tables and the state are what the events say"
                        : "NOT PROVEN: see the differences above");
  *holds = proof.holds;
  return Status();
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  if (options.progress == ProgressStyle::kJson) {
    PrintToStandardError();
  }
  const DemoFolder folder(options);
  const auto wanted = [&options](std::string_view phase) { return options.phase.empty() || options.phase == phase; };
  bool holds = true;
  const Status status = [&]() -> Status {
    HF_RETURN_IF_ERROR(folder.Enter());
    if (wanted("v1")) {
      HF_RETURN_IF_ERROR(PhaseV1(options, folder));
    }
    if (wanted("inspect")) {
      HF_RETURN_IF_ERROR(PhaseInspect(folder));
    }
    if (wanted("v2")) {
      HF_RETURN_IF_ERROR(PhaseV2(options, folder));
    }
    if (wanted("analysis")) {
      HF_RETURN_IF_ERROR(PhaseAnalysis(options, folder, &holds));
    }
    return Status();
  }();
  if (!status.ok()) {
    return Fail(status);
  }
  return holds ? kExitOk : kExitFailure;
}

}  // namespace hf::cli
