// SPDX-License-Identifier: Apache-2.0
// DeltaTable: one Delta table in a local directory, over the C functions of kernel_abi.h, which document what each
// call promises. Thread-safe: calls on one table run one after the other.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect/delta/delta_library.h"
#include "holdfast/arrow_c.h"
#include "holdfast/batch.h"
#include "holdfast/status.h"

namespace hf {

inline constexpr std::int64_t kDeltaNewest = -1;

struct DeltaState {
  bool exists = false;  // false: the rest means nothing
  bool partitioned = false;
  std::int64_t version = 0;
  std::string table_id;
};

// How rows come into a table.
struct DeltaWriting {
  std::vector<std::string> partition_by;  // of a new table; one that is there must have the same, unless this is empty
  bool merge_schema = false;              // the table gets the columns that it lacks
};

// A data file of a version.
struct DeltaFile {
  std::string log_path;  // as the log has it
  std::int64_t size_bytes = 0;
  std::int64_t modified_ms = 0;
};

struct DeltaAppend {
  std::string app_id = {};  // empty: no transaction, nothing is skipped
  std::int64_t app_version = 0;
  std::string output_mode = {};  // for the history of the table; may be empty
  bool merge_schema = false;
  std::string write_mode = {};  // of a batch write, "Append" or "Overwrite"; empty: of a stream
};

struct DeltaAppended {
  bool skipped = false;  // the table held app_version already; nothing was written
  bool checkpoint_due = false;
  std::int64_t version = 0;
};

// The rows of one version, read file by file.
class DeltaScan {
 public:
  // nullopt at the end.
  Result<std::optional<ColumnBatch>> Next();
  [[nodiscard]] const Schema& schema() const { return schema_; }

 private:
  friend class DeltaTable;
  struct Release {
    void operator()(ArrowArrayStream* stream) const;
    void operator()(ArrowSchema* schema) const;
  };
  using StreamPtr = std::unique_ptr<ArrowArrayStream, Release>;
  using ArrowSchemaPtr = std::unique_ptr<ArrowSchema, Release>;
  DeltaScan(StreamPtr stream, ArrowSchemaPtr arrow_schema, Schema schema, std::string path)
      : stream_(std::move(stream)),
        arrow_schema_(std::move(arrow_schema)),
        schema_(std::move(schema)),
        path_(std::move(path)) {}

  StreamPtr stream_;
  ArrowSchemaPtr arrow_schema_;  // of the stream's batches
  Schema schema_;
  std::string path_;
};

// Rows whose data files are written and synced, for DeltaTable::Append; destroyed without it, the files are removed.
class DeltaStaged {
 private:
  friend class DeltaTable;
  struct Unstage {
    const DeltaLibrary* library = nullptr;
    void operator()(hf_delta_staged* staged) const { library->unstage(staged); }
  };
  explicit DeltaStaged(std::unique_ptr<hf_delta_staged, Unstage> staged) : staged_(std::move(staged)) {}
  std::unique_ptr<hf_delta_staged, Unstage> staged_;
};

class DeltaTable {
 public:
  // Touches nothing on the disk. kInvalid when Holdfast was built without Delta. `library`: other functions than
  // DeltaLibrary::Get()'s, which outlive the table.
  static Result<DeltaTable> Open(const std::string& path, const DeltaLibrary* library = nullptr);

  Result<DeltaState> State();

  // Whether rows of `schema` may be appended to the table, which must exist.
  Status CheckAppend(const Schema& schema, const DeltaWriting& writing = {});
  Status Create(const Schema& schema, const std::map<std::string, std::string>& properties,
                const std::vector<std::string>& partition_by = {});
  // The last version that `app_id` committed; nullopt when there is none, or no table.
  Result<std::optional<std::int64_t>> LastCommitOf(const std::string& app_id);
  // Writes the rows, in as few files as there can be; nobody sees them yet.
  Result<DeltaStaged> Stage(const DeltaAppend& what, const Schema& schema, std::vector<ColumnBatch> rows);
  // One commit with all that was staged. A commit without rows still records app_version.
  Result<DeltaAppended> Append(DeltaStaged staged);
  Status WriteCheckpoint();

  Result<DeltaScan> Scan(std::int64_t version = kDeltaNewest);
  Result<Schema> SchemaAt(std::int64_t version);
  Result<std::vector<DeltaFile>> FilesAt(std::int64_t version);
  // The rows of some files of `version`, in this order, as rows of `schema`; what is null there and what is refused:
  // hf_delta_scan_files.
  Result<DeltaScan> ScanFiles(std::int64_t version, const Schema& schema, const std::vector<std::string>& log_paths);

 private:
  struct Close {
    const DeltaLibrary* library = nullptr;
    void operator()(hf_delta_table* table) const { library->close(table); }
  };
  DeltaTable(const DeltaLibrary* library, hf_delta_table* table, std::string path)
      : library_(library), table_(table, Close{library}), path_(std::move(path)) {}

  [[nodiscard]] Status Failed(std::int32_t code, const hf_delta_error& error) const;
  // Takes over what a call filled in, and asks for its schema.
  [[nodiscard]] Result<DeltaScan> ReadStream(DeltaScan::StreamPtr stream) const;

  const DeltaLibrary* library_;
  std::unique_ptr<hf_delta_table, Close> table_;
  std::string path_;
};

}  // namespace hf
