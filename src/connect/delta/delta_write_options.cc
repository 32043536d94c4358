// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_write_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest_name.h"
#include "base/random.h"
#include "connect/file/nullable_schema.h"
#include "connect/options/option_values.h"
#include "files/scratch_directory.h"

namespace hf {
namespace {

// Refuses what no Delta table can hold, so that it is refused before the table is created.
Status CheckStorable(const DataType& type, const std::string& path) {
  if (type.kind() == TypeKind::kNull) {
    return Invalid(fmt::format("Delta has no type for column {}, which is void", path));
  }
  for (const StructField& child : type.children()) {
    HF_RETURN_IF_ERROR(CheckStorable(child.type, path.empty() ? child.name : fmt::format("{}.{}", path, child.name)));
  }
  return {};
}

Status CheckPartitionColumns(const std::vector<std::string>& columns, const Schema& schema) {
  for (auto column = columns.begin(); column != columns.end(); ++column) {
    const auto& fields = schema.fields();
    const bool known =
        std::any_of(fields.begin(), fields.end(), [&](const StructField& field) { return field.name == *column; });
    if (!known) {
      std::vector<std::string_view> names;
      for (const StructField& field : fields) {
        names.push_back(field.name);
      }
      return Invalid(fmt::format("the partition column {} is none of the rows' columns ({}){}", *column, schema.ToDdl(),
                                 DidYouMean(*column, names)));
    }
    if (std::find(columns.begin(), column, *column) != column) {
      return Invalid(fmt::format("the partition column {} is named twice", *column));
    }
  }
  if (!columns.empty() && columns.size() >= schema.size()) {
    return Invalid("a Delta table cannot be partitioned by all of its columns: name fewer partition columns");
  }
  return {};
}

// Only the creation of a table judges its properties and the types of its partition columns, which is too late for a
// new table and never happens for one that is there. So a table of this schema is created elsewhere first.
Status CheckOnTrial(const std::map<std::string, std::string>& properties, const std::vector<std::string>& partition_by,
                    const Schema& schema, const DeltaLibrary* library) {
  if (properties.empty() && partition_by.empty()) {
    return {};
  }
  SystemRandom random;
  HF_ASSIGN_OR_RETURN(const auto trial, ScratchDirectory::Make("", random));
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(trial->path(), library));
  const Status created = table.Create(AsNullable(schema), properties, partition_by);
  if (created.ok() || created.kind() == ErrorKind::kUnavailable) {
    return created.WithContext(
        "trying the Delta sink's table properties in the directory for temporary files (TMPDIR)");
  }
  std::string reason(created.message());
  for (std::size_t at = reason.find(trial->path()); at != std::string::npos; at = reason.find(trial->path())) {
    reason.replace(at, trial->path().size(), "on trial");
  }
  std::string given;
  for (const auto& [name, value] : properties) {
    given += fmt::format("{}{}={}", given.empty() ? "" : ", ", name, value);
  }
  if (properties.empty()) {
    return Invalid(
        fmt::format("the Delta sink cannot partition its table by {}: {}", fmt::join(partition_by, ", "), reason));
  }
  return Invalid(
      fmt::format("the Delta sink cannot have its table properties ({}): {}; leave out the one that is "
                  "named",
                  given, reason));
}

}  // namespace

Result<DeltaWriteOptions> ParseDeltaWriteOptions(const std::map<std::string, std::string>& options,
                                                 std::vector<std::string> partition_by) {
  DeltaWriteOptions parsed = {.writing = {.partition_by = std::move(partition_by)}};
  for (const auto& [name, value] : options) {
    if (name.starts_with("delta.")) {
      parsed.properties.emplace(name, value);
    } else if (LowerCase(name) == "mergeschema") {
      HF_ASSIGN_OR_RETURN(parsed.writing.merge_schema, ParseBooleanOption(name, value));
    } else if (name != "path") {
      return Invalid(
          fmt::format("the Delta sink has no option {} (given as \"{}\"); it takes table properties "
                      "(delta.*) and mergeSchema",
                      name, value));
    }
  }
  return parsed;
}

Status CheckDeltaWrite(const std::string& path, const DeltaWriteOptions& options, const Schema& schema,
                       const DeltaLibrary* library) {
  if (schema.size() == 0) {
    return Invalid(fmt::format("a Delta table needs a column: {}", path));
  }
  HF_RETURN_IF_ERROR(CheckStorable(schema.type(), ""));
  HF_RETURN_IF_ERROR(CheckPartitionColumns(options.writing.partition_by, schema));
  return CheckOnTrial(options.properties, options.writing.partition_by, schema, library);
}

}  // namespace hf
