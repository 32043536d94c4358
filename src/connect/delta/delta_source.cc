// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/file_uri.h"
#include "connect/file/nullable_schema.h"

namespace hf {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// Some files of one version, read one after the other when their turn comes.
class DeltaSplit final : public SourceSplit {
 public:
  DeltaSplit(std::shared_ptr<DeltaTable> table, const Schema& schema, std::int64_t version)
      : table_(std::move(table)), schema_(schema), version_(version) {}

  [[nodiscard]] std::int64_t version() const { return version_; }
  void Add(std::string path) { paths_.push_back(std::move(path)); }

  Result<std::optional<ColumnBatch>> Next() override {
    if (!scan_.has_value()) {
      HF_ASSIGN_OR_RETURN(scan_, table_->ScanFiles(version_, schema_, paths_));
    }
    return scan_->Next();
  }

 private:
  const std::shared_ptr<DeltaTable> table_;
  const Schema schema_;
  const std::int64_t version_;
  std::vector<std::string> paths_;
  std::optional<DeltaScan> scan_;
};

// Whether data of `stored` can be read as `wanted`, which may have more fields; else the field that stands in the way.
std::optional<std::string> Unreadable(const DataType& stored, const DataType& wanted, const std::string& path) {
  if (stored.kind() != TypeKind::kStruct || wanted.kind() != TypeKind::kStruct) {
    return stored == wanted ? std::nullopt : std::optional(path);
  }
  for (const StructField& field : stored.children()) {
    const std::string at = path.empty() ? field.name : path + "." + field.name;
    const auto& fields = wanted.children();
    const auto same =
        std::find_if(fields.begin(), fields.end(), [&](const StructField& other) { return other.name == field.name; });
    if (same == fields.end()) {
      return at;
    }
    if (auto bad = Unreadable(field.type, same->type, at); bad.has_value()) {
      return bad;
    }
  }
  return std::nullopt;
}

Status NoTable(const std::string& path) {
  return Invalid(fmt::format("there is no Delta table at {}: a Delta source reads one that is there", path),
                 "DELTA_TABLE_NOT_FOUND");
}

// The last version that has files up to `end`.
std::int64_t LastVersionUpTo(const DeltaOffset& end) {
  return end.index == DeltaOffset::kBeforeAll ? end.version - 1 : end.version;
}

}  // namespace

Result<Schema> DeltaSource::ReadSchema(const std::string& path) {
  HF_ASSIGN_OR_RETURN(DeltaTable table, DeltaTable::Open(path));
  HF_ASSIGN_OR_RETURN(const DeltaState state, table.State());
  if (!state.exists) {
    return NoTable(path);
  }
  HF_ASSIGN_OR_RETURN(const Schema schema, table.SchemaAt(state.version));
  return AsNullable(schema);
}

Result<std::unique_ptr<DeltaSource>> DeltaSource::Open(FileSystem& files, const std::string& path,
                                                       DeltaSourceOptions options) {
  HF_ASSIGN_OR_RETURN(DeltaTable opened, DeltaTable::Open(path));
  auto table = std::make_shared<DeltaTable>(std::move(opened));
  HF_ASSIGN_OR_RETURN(const DeltaState state, table->State());
  if (!state.exists) {
    return NoTable(path);
  }
  std::unique_ptr<DeltaSource> source(new DeltaSource(files, path, options, std::move(table)));
  HF_ASSIGN_OR_RETURN(const Schema schema, source->table_->SchemaAt(state.version));
  source->schema_ = AsNullable(schema);
  source->table_id_ = state.table_id;
  source->opened_at_ = state.version;
  return source;
}

std::string DeltaSource::description() const { return fmt::format("DeltaSource[{}]", HadoopPathFromPath(path_)); }

Result<std::int64_t> DeltaSource::Newest() {
  HF_ASSIGN_OR_RETURN(const DeltaState state, table_->State());
  if (!state.exists || state.table_id != table_id_) {
    return Invalid(fmt::format("the Delta table at {} was {} while a query reads it", path_,
                               state.exists ? "replaced by another one" : "removed"),
                   "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE");
  }
  return state.version;
}

Result<DeltaOffset> DeltaSource::OffsetOf(const std::string& text) const {
  HF_ASSIGN_OR_RETURN(DeltaOffset offset, ParseDeltaOffset(text));
  if (offset.table_id != table_id_) {
    return Incompatible(
        fmt::format("the checkpoint is of a query that read the Delta table with the id {}, and the table at {} has "
                    "the id {}: it was deleted and created again, or the path is another one. Take the change back, or "
                    "use a new checkpoint",
                    offset.table_id.substr(0, 80), path_, table_id_),
        "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE");
  }
  return offset;
}

Result<const std::vector<DeltaFile>*> DeltaSource::Snapshot(std::int64_t version) {
  if (snapshot_version_ != version) {
    HF_ASSIGN_OR_RETURN(snapshot_, table_->FilesAt(version));
    std::sort(snapshot_.begin(), snapshot_.end(), [](const DeltaFile& a, const DeltaFile& b) {
      return a.modified_ms != b.modified_ms ? a.modified_ms < b.modified_ms : a.log_path < b.log_path;
    });
    snapshot_version_ = version;
  }
  return &snapshot_;
}

Status DeltaSource::CheckSchema(const std::string& text, std::int64_t version) const {
  const Result<Schema> parsed = Schema::Parse(text);
  if (!parsed.ok()) {
    return parsed.status().WithContext(fmt::format("the schema of version {} of the Delta table {}", version, path_));
  }
  const Schema schema = AsNullable(*parsed);
  if (version <= opened_at_) {
    const auto bad = Unreadable(schema.type(), schema_.type(), "");
    return !bad.has_value()
               ? Status()
               : Incompatible(
                     fmt::format(
                         "version {} of the Delta table {} has the column {}, which version {} has not, or with "
                         "another type: its rows cannot be read by the columns of today. Use a new checkpoint, "
                         "or start at a later version with startingVersion",
                         version, path_, *bad, opened_at_),
                     "DELTA_SCHEMA_CHANGED_WITH_VERSION");
  }
  if (schema == schema_) {
    return {};
  }
  return Incompatible(
      fmt::format("the schema of the Delta table {} changed in version {} to {}; the query reads {}. Everything before "
                  "is processed: start the query again to read with the new schema",
                  path_, version, schema.ToDdl(), schema_.ToDdl()),
      "DELTA_SCHEMA_CHANGED_WITH_VERSION");
}

// Delta: DeltaSource.validateCommitAndDecideSkipping.
Status DeltaSource::CheckCommit(const DeltaCommit& commit, std::int64_t version) const {
  if (commit.schema.has_value()) {
    HF_RETURN_IF_ERROR(CheckSchema(*commit.schema, version));
  }
  const bool may_change = options_.ignore_changes || options_.skip_change_commits;
  if (!commit.removed.has_value() || may_change || (commit.adds.empty() && options_.ignore_deletes)) {
    return {};
  }
  if (commit.adds.empty()) {
    return Incompatible(
        fmt::format("version {} of the Delta table {} deletes rows (of {}), which a query cannot take back. To leave "
                    "them as they are set the option ignoreDeletes, or start with a new checkpoint",
                    version, path_, *commit.removed),
        "DELTA_SOURCE_IGNORE_DELETE");
  }
  return Incompatible(
      fmt::format("version {} of the Delta table {} changes rows (it replaces {}), which a query cannot take back. To "
                  "pass over such commits set the option skipChangeCommits, to read the rewritten files as new rows "
                  "ignoreChanges, or start with a new checkpoint",
                  version, path_, *commit.removed),
      "DELTA_SOURCE_TABLE_IGNORE_CHANGES");
}

Result<const DeltaCommit*> DeltaSource::CommitOf(std::int64_t version) {
  if (const auto known = commits_.find(version); known != commits_.end()) {
    return &known->second;
  }
  const std::string path = DeltaCommitPath(path_, version);
  const Result<std::string> text = files_->Read(path);
  if (!text.ok() && IsNotFound(text.status())) {
    return Corrupt(
        fmt::format("{} is gone, and the query needs what version {} added: the log was cleaned up before the "
                    "query came there. Use a new checkpoint",
                    path, version));
  }
  if (!text.ok()) {
    return text.status();
  }
  HF_ASSIGN_OR_RETURN(DeltaCommit commit, ParseDeltaCommit(*text, path));
  HF_RETURN_IF_ERROR(CheckCommit(commit, version));
  if (options_.skip_change_commits && commit.removed.has_value()) {
    commit.adds.clear();
  }
  return &commits_.emplace(version, std::move(commit)).first->second;
}

Status DeltaSource::Walk(const DeltaOffset& from, std::int64_t newest, const Visit& visit) {
  const auto visit_files = [&](std::int64_t version, bool in_snapshot, const auto& path_of, const auto& files) {
    const auto count = static_cast<std::int64_t>(files.size());
    for (std::int64_t index = version == from.version ? from.index + 1 : 0; index < count; ++index) {
      const auto& file = files[static_cast<std::size_t>(index)];
      if (!visit({version, index, in_snapshot, path_of(file), file.size_bytes})) {
        return false;
      }
    }
    return visit({.version = version, .in_snapshot = in_snapshot});
  };
  std::int64_t version = from.version;
  if (from.is_starting) {
    HF_ASSIGN_OR_RETURN(const std::vector<DeltaFile>* files, Snapshot(version));
    if (!visit_files(version, true, [](const DeltaFile& file) { return file.log_path; }, *files)) {
      return {};
    }
    ++version;
  }
  for (; version <= newest; ++version) {
    HF_ASSIGN_OR_RETURN(const DeltaCommit* commit, CommitOf(version));
    if (!visit_files(version, false, [](const DeltaAdd& add) { return add.path; }, commit->adds)) {
      return {};
    }
  }
  return {};
}

DeltaOffset DeltaSource::OffsetBehind(const Item& item) const {
  if (item.index == Item::kEnd) {
    return {.table_id = table_id_, .version = item.version + 1};
  }
  return {.table_id = table_id_, .version = item.version, .index = item.index, .is_starting = item.in_snapshot};
}

DeltaSource::Limits DeltaSource::CurrentLimits() const {
  return limits_apply_ ? Limits{.files = options_.files_per_trigger_max, .bytes = options_.bytes_per_trigger_max}
                       : Limits{.files = kMax, .bytes = kMax};
}

// Delta: AdmissionLimits. The file at which a limit is passed is taken still, so that a batch has one at least; and the
// ends of versions count nothing, so that a batch goes as far as the next file that it may not take.
Result<DeltaOffset> DeltaSource::Advance(const DeltaOffset& from, std::int64_t newest, Limits limits) {
  DeltaOffset end = from;
  HF_RETURN_IF_ERROR(Walk(from, newest, [&](const Item& item) {
    const DeltaOffset behind = OffsetBehind(item);
    const bool is_file = item.index != Item::kEnd;
    if ((is_file && (limits.files <= 0 || limits.bytes <= 0)) ||
        (fixed_end_.has_value() && fixed_end_->IsBefore(behind))) {
      return false;
    }
    if (is_file) {
      --limits.files;
      limits.bytes -= std::max<std::int64_t>(item.size_bytes, 0);
    }
    end = behind;
    return true;
  }));
  return end;
}

Result<std::int64_t> DeltaSource::VersionAt(std::int64_t wanted_ms, std::int64_t newest) {
  HF_ASSIGN_OR_RETURN(const DeltaCommit* commit, CommitOf(newest));
  if (commit->has_in_commit_timestamp) {
    return Invalid(
        fmt::format("the Delta table {} keeps the times of its commits itself (delta.enableInCommitTimestamps), "
                    "which startingTimestamp does not look up; set startingVersion instead",
                    path_));
  }
  HF_ASSIGN_OR_RETURN(const std::vector<FileInfo> entries, files_->List(path_ + "/_delta_log"));
  std::int64_t time_ms = std::numeric_limits<std::int64_t>::min();
  for (const FileInfo& entry : entries) {
    const std::optional<std::int64_t> version = ParseDeltaCommitName(entry.name);
    if (!version.has_value()) {
      continue;
    }
    // Delta: DeltaHistoryManager makes the times of its commits ascend.
    time_ms = std::max(time_ms + 1, entry.modified_us / 1000);
    if (time_ms >= wanted_ms) {
      return *version;
    }
  }
  return Invalid(
      fmt::format("startingTimestamp is later than the last commit of the Delta table {}, version {}", path_, newest),
      "DELTA_TIMESTAMP_GREATER_THAN_COMMIT");
}

Result<DeltaOffset> DeltaSource::Beginning(std::int64_t newest) {
  DeltaOffset begin = {.table_id = table_id_, .version = newest, .is_starting = true};
  if (options_.starting_latest || options_.starting_ms.has_value()) {
    begin.is_starting = false;
    begin.is_start_mark = true;
    begin.version = newest + 1;
    if (options_.starting_ms.has_value()) {
      HF_ASSIGN_OR_RETURN(begin.version, VersionAt(*options_.starting_ms, newest));
    }
    return begin;
  }
  if (options_.starting_version.has_value()) {
    begin.is_starting = false;
    begin.version = *options_.starting_version;
    HF_ASSIGN_OR_RETURN(const auto entry, files_->Stat(DeltaCommitPath(path_, begin.version)));
    if (begin.version > newest || !entry.has_value()) {
      return Invalid(fmt::format("startingVersion is {}, which the log of the Delta table {} does not have; its newest "
                                 "version is {}",
                                 begin.version, path_, newest),
                     "DELTA_VERSION_NOT_FOUND");
    }
    return begin;
  }
  HF_ASSIGN_OR_RETURN(const Schema schema, table_->SchemaAt(newest));
  HF_RETURN_IF_ERROR(newest == opened_at_ ? Status() : CheckSchema(schema.ToJson(), newest));
  return begin;
}

Result<SourceOffset> DeltaSource::Latest(const SourceOffset& start) {
  HF_ASSIGN_OR_RETURN(std::int64_t newest, Newest());
  if (fixed_end_.has_value()) {  // a commit behind it must not even be looked at: it may be one that is refused
    newest = std::min(newest, LastVersionUpTo(*fixed_end_));
  }
  DeltaOffset from;
  if (start.has_value()) {
    HF_ASSIGN_OR_RETURN(from, OffsetOf(*start));
  } else if (fixed_begin_.has_value()) {
    from = *fixed_begin_;
  } else {
    HF_ASSIGN_OR_RETURN(from, Beginning(newest));
  }
  if (!start.has_value() && from.is_start_mark) {
    return SourceOffset(PrintDeltaOffset(from));
  }
  // The first batch is of the table as it is, and nothing else: that is what its end stands for.
  const bool is_first = !start.has_value() && from.is_starting;
  HF_ASSIGN_OR_RETURN(const DeltaOffset end, Advance(from, is_first ? from.version : newest, CurrentLimits()));
  return end.version == from.version && end.index == from.index ? start : SourceOffset(PrintDeltaOffset(end));
}

Status DeltaSource::FixAvailable(const SourceOffset& start) {
  HF_ASSIGN_OR_RETURN(const std::int64_t newest, Newest());
  DeltaOffset from;
  if (start.has_value()) {
    HF_ASSIGN_OR_RETURN(from, OffsetOf(*start));
  } else {
    HF_ASSIGN_OR_RETURN(from, Beginning(newest));
    fixed_begin_ = from;
  }
  HF_ASSIGN_OR_RETURN(fixed_end_, Advance(from, newest, {.files = kMax, .bytes = kMax}));
  return {};
}

// Delta: DeltaSource.getBatch.
Result<std::optional<DeltaOffset>> DeltaSource::StartOf(const SourceOffset& start, const DeltaOffset& end) {
  if (start.has_value()) {
    HF_ASSIGN_OR_RETURN(const DeltaOffset from, OffsetOf(*start));
    if (end.IsBefore(from) || (end.is_starting && !from.is_starting)) {
      return Corrupt(fmt::format("the checkpoint has a batch of the Delta source that ends at {}, before its start {}",
                                 PrintDeltaOffset(end), PrintDeltaOffset(from)));
    }
    return std::optional(from);
  }
  if (end.is_start_mark) {
    return std::optional<DeltaOffset>();
  }
  DeltaOffset from = {.table_id = table_id_, .version = end.version, .is_starting = true};
  if (options_.starting_latest || options_.starting_ms.has_value()) {
    return Incompatible(
        fmt::format("the first batch of the query was begun by another engine with startingVersion=latest or "
                    "startingTimestamp, and nothing in the checkpoint says where: {}. Use a new checkpoint",
                    PrintDeltaOffset(end)));
  }
  if (options_.starting_version.has_value()) {
    from.is_starting = false;
    from.version = *options_.starting_version;
  } else if (!end.is_starting) {
    from.version = end.version - 1;
  }
  if (from.version < 0 || end.IsBefore(from)) {
    return Corrupt(fmt::format("the checkpoint has a first batch of the Delta source that cannot be: it ends at {}",
                               PrintDeltaOffset(end)));
  }
  return std::optional(from);
}

Result<std::vector<std::unique_ptr<SourceSplit>>> DeltaSource::Plan(const SourceOffset& start,
                                                                    const SourceOffset& end) {
  std::vector<std::unique_ptr<SourceSplit>> splits;
  if (!end.has_value()) {
    return splits;
  }
  HF_RETURN_IF_ERROR(Newest().status());
  HF_ASSIGN_OR_RETURN(const DeltaOffset to, OffsetOf(*end));
  HF_ASSIGN_OR_RETURN(const std::optional<DeltaOffset> from, StartOf(start, to));
  if (!from.has_value()) {
    return splits;
  }
  DeltaSplit* open = nullptr;
  HF_RETURN_IF_ERROR(Walk(*from, LastVersionUpTo(to), [&](const Item& item) {
    if (to.IsBefore(OffsetBehind(item))) {
      return false;
    }
    if (item.index != Item::kEnd) {
      if (open == nullptr || open->version() != item.version) {
        auto split = std::make_unique<DeltaSplit>(table_, schema_, item.version);
        open = split.get();
        splits.push_back(std::move(split));
      }
      open->Add(item.path);
    }
    return true;
  }));
  return splits;
}

Status DeltaSource::Commit(const SourceOffset& end) {
  if (!end.has_value()) {
    return {};
  }
  HF_ASSIGN_OR_RETURN(const DeltaOffset to, OffsetOf(*end));
  commits_.erase(commits_.begin(), commits_.lower_bound(to.version));
  if (!to.is_starting) {
    snapshot_version_.reset();
    snapshot_.clear();
  }
  return {};
}

}  // namespace hf
