// SPDX-License-Identifier: Apache-2.0
// DeltaSource reads the rows that come into a Delta table (Delta's DeltaSource, without its change data feed).
//
//  1. A new query reads the table as it is, then what each version adds, file by file in the order of delta_offset.h.
//     startingVersion and startingTimestamp leave out the table and begin with a version.
//  2. A commit that takes rows away is refused by its version and a file, unless an option says what is meant.
//  3. Columns are those of the table when the query starts. A version with other columns is refused by name when it
//     comes; the next start has them, and null where files are older.
//  4. Partition values, deletion vectors and column mapping are applied by the Delta kernel; a table with a feature
//     that it does not read is refused by name.
//  5. The table's log and data files must stay as long as an unfinished batch needs them (VACUUM, log retention).
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect/delta/delta_commit.h"
#include "connect/delta/delta_offset.h"
#include "connect/delta/delta_source_options.h"
#include "connect/delta/delta_table.h"
#include "files/file_system.h"
#include "holdfast/source.h"

namespace hf {

class DeltaSource final : public Source {
 public:
  // The columns of the table as they are now, each nullable. kInvalid when there is no table.
  static Result<Schema> ReadSchema(const std::string& path);
  // `path` is absolute. `files` reads the table's log and must outlive the source. kInvalid when there is no table.
  static Result<std::unique_ptr<DeltaSource>> Open(FileSystem& files, const std::string& path,
                                                   DeltaSourceOptions options);

  [[nodiscard]] const Schema& schema() const override { return schema_; }
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] bool FirstBatchSaysWhereItBegan() const override { return true; }
  Result<SourceOffset> Latest(const SourceOffset& start) override;
  Status FixAvailable(const SourceOffset& start) override;
  void IgnoreLimits() override { limits_apply_ = false; }
  Result<std::vector<std::unique_ptr<SourceSplit>>> Plan(const SourceOffset& start, const SourceOffset& end) override;
  void ReadAhead(const SourceOffset&) override {}
  Status Commit(const SourceOffset& end) override;

 private:
  // A file, or with kEnd what stands behind the files of a version, also of one without any.
  struct Item {
    static constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

    std::int64_t version = 0;
    std::int64_t index = kEnd;
    bool in_snapshot = false;
    std::string path = {};
    std::int64_t size_bytes = 0;
  };
  struct Limits {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
  };
  // Says whether the walk goes on.
  using Visit = std::function<bool(const Item&)>;

  DeltaSource(FileSystem& files, std::string path, DeltaSourceOptions options, std::shared_ptr<DeltaTable> table)
      : files_(&files), path_(std::move(path)), options_(options), table_(std::move(table)) {}

  // The newest version; an error when the table is gone or another one.
  Result<std::int64_t> Newest();
  Result<DeltaOffset> OffsetOf(const std::string& text) const;
  // Where a query without an offset begins.
  Result<DeltaOffset> Beginning(std::int64_t newest);
  Result<std::int64_t> VersionAt(std::int64_t wanted_ms, std::int64_t newest);
  // Where the batch of these offsets begins; nullopt: it has no rows.
  Result<std::optional<DeltaOffset>> StartOf(const SourceOffset& start, const DeltaOffset& end);
  // How far who has read up to this item has come.
  [[nodiscard]] DeltaOffset OffsetBehind(const Item& item) const;
  // What comes behind `from`, up to version `newest`.
  Status Walk(const DeltaOffset& from, std::int64_t newest, const Visit& visit);
  Result<DeltaOffset> Advance(const DeltaOffset& from, std::int64_t newest, Limits limits);
  [[nodiscard]] Limits CurrentLimits() const;

  // The files of a version in Delta's order, and the checked commit of one. Kept until they are committed.
  Result<const std::vector<DeltaFile>*> Snapshot(std::int64_t version);
  Result<const DeltaCommit*> CommitOf(std::int64_t version);
  Status CheckCommit(const DeltaCommit& commit, std::int64_t version) const;
  [[nodiscard]] Status CheckSchema(const std::string& text, std::int64_t version) const;

  FileSystem* files_;
  const std::string path_;
  const DeltaSourceOptions options_;
  const std::shared_ptr<DeltaTable> table_;
  Schema schema_;
  std::string table_id_;
  std::int64_t opened_at_ = 0;  // the version that schema_ is of
  bool limits_apply_ = true;
  std::optional<DeltaOffset> fixed_begin_;  // what FixAvailable found: of a query without an offset
  std::optional<DeltaOffset> fixed_end_;    // that Latest goes no further than
  std::map<std::int64_t, DeltaCommit> commits_;
  std::optional<std::int64_t> snapshot_version_;
  std::vector<DeltaFile> snapshot_;
};

}  // namespace hf
