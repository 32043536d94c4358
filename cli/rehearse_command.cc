// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "commands.h"
#include "holdfast/query_file.h"
#include "holdfast/rehearsal.h"
#include "rows_output.h"

namespace hf::cli {

namespace {

std::string IdText(const std::optional<int>& id) { return id.has_value() ? fmt::format("{}", *id) : "none"; }

std::string BatchText(const Rehearsal& rehearsal) {
  if (!rehearsal.batch_id.has_value()) {
    return "there is nothing new to process; a start would be accepted";
  }
  return fmt::format("batch {}{}: {} input rows; rehearsed, nothing was written", *rehearsal.batch_id,
                     rehearsal.is_rerun ? ", which was begun before and is not committed" : "", rehearsal.input_rows);
}

Status PrintTables(const Rehearsal& rehearsal, std::size_t rows_max) {
  PrintLine(BatchText(rehearsal));
  for (const std::string& note : rehearsal.notes) {
    PrintLine("note: " + note);
  }
  for (const RehearsedVariable& variable : rehearsal.variables) {
    RowsOutput output("table", rows_max, RowsOutput::kWholeCells);
    std::string counts;
    if (rehearsal.batch_id.has_value()) {
      HF_ASSIGN_OR_RETURN(
          const StateDifference difference,
          rehearsal.read_difference(variable, [&output](const ColumnBatch& rows) { return output.Write(rows); }));
      counts =
          fmt::format("; {} added, {} removed, {} changed", difference.added, difference.removed, difference.changed);
    }
    PrintLine(fmt::format("state {} ({}): schema id {} -> {}{}", variable.name, variable.kind,
                          IdText(variable.schema_id_before), IdText(variable.schema_id_after), counts));
    output.Finish();
  }
  if (rehearsal.batch_id.has_value()) {
    PrintLine("output");
    RowsOutput output("table", rows_max, RowsOutput::kWholeCells);
    HF_ASSIGN_OR_RETURN(const ColumnBatch none, ColumnBatch::FromRows(rehearsal.output_schema, {}));
    HF_RETURN_IF_ERROR(output.Write(none));
    for (const ColumnBatch& rows : rehearsal.output) {
      HF_RETURN_IF_ERROR(output.Write(rows));
    }
    output.Finish();
  }
  return Status();
}

// A line whose first member says what it is: batch, note, output, change or variable.
void PrintRecord(const char* record, std::vector<StructField> fields, Row values) {
  fields.insert(fields.begin(), {.name = "record", .type = DataType::String()});
  values.insert(values.begin(), record);
  PrintLine(ToJson(values, Schema(std::move(fields))));
}

Value IdValue(const std::optional<int>& id) { return id.has_value() ? Value(std::int32_t{*id}) : Value(); }

Status PrintVariableJson(const Rehearsal& rehearsal, const RehearsedVariable& variable) {
  StateDifference difference;
  if (rehearsal.batch_id.has_value()) {
    HF_ASSIGN_OR_RETURN(difference, rehearsal.read_difference(variable, [&](const ColumnBatch& rows) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        std::vector<StructField> fields = rows.schema().fields();
        fields.insert(fields.begin(), {.name = "variable", .type = DataType::String()});
        Row values = rows.RowAt(row);
        values.insert(values.begin(), variable.name);
        PrintRecord("change", std::move(fields), std::move(values));
      }
      return Status();
    }));
  }
  PrintRecord("variable",
              {{.name = "variable", .type = DataType::String()},
               {.name = "kind", .type = DataType::String()},
               {.name = "schema_id_before", .type = DataType::Int()},
               {.name = "schema_id_after", .type = DataType::Int()},
               {.name = "added", .type = DataType::Long()},
               {.name = "removed", .type = DataType::Long()},
               {.name = "changed", .type = DataType::Long()}},
              {variable.name, variable.kind, IdValue(variable.schema_id_before), IdValue(variable.schema_id_after),
               difference.added, difference.removed, difference.changed});
  return Status();
}

Status PrintJson(const Rehearsal& rehearsal) {
  PrintRecord("batch",
              {{.name = "batch_id", .type = DataType::Long()},
               {.name = "is_rerun", .type = DataType::Boolean()},
               {.name = "input_rows", .type = DataType::Long()}},
              {rehearsal.batch_id.has_value() ? Value(*rehearsal.batch_id) : Value(), rehearsal.is_rerun,
               rehearsal.input_rows});
  for (const std::string& note : rehearsal.notes) {
    PrintRecord("note", {{.name = "note", .type = DataType::String()}}, {note});
  }
  for (const RehearsedVariable& variable : rehearsal.variables) {
    HF_RETURN_IF_ERROR(PrintVariableJson(rehearsal, variable));
  }
  for (const ColumnBatch& rows : rehearsal.output) {
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      PrintRecord("output", {{.name = "row", .type = rows.schema().type()}}, {StructValue{rows.RowAt(row)}});
    }
  }
  return Status();
}

}  // namespace

int RunRehearsal(const RehearseCommand& command) {
  auto description = ReadQueryFile(command.file);
  if (!description.ok()) {
    return Fail(description.status());
  }
  description->on_message = [](std::string_view line) { fmt::print(stderr, "holdfast: {}\n", line); };
  const auto rehearsal = RehearseQuery(*description);
  if (!rehearsal.ok()) {
    return Fail(rehearsal.status());
  }
  const Status printed = command.format == "json" ? PrintJson(*rehearsal) : PrintTables(*rehearsal, command.rows_max);
  return printed.ok() ? kExitOk : Fail(printed);
}

}  // namespace hf::cli
