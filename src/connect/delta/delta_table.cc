// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_table.h"

#include <fmt/core.h>

#include <cerrno>

#include "base/check.h"

namespace hf {
namespace {

ErrorKind KindOf(std::int32_t code) {
  switch (code) {
    case HF_DELTA_INVALID: return ErrorKind::kInvalid;
    case HF_DELTA_UNAVAILABLE: return ErrorKind::kUnavailable;
    case HF_DELTA_CORRUPT: return ErrorKind::kCorrupt;
    case HF_DELTA_INCOMPATIBLE: return ErrorKind::kIncompatible;
    case HF_DELTA_CONFLICT: return ErrorKind::kConflict;
    default: return ErrorKind::kInternal;
  }
}

// Valid as long as `texts`.
std::vector<const char*> CTexts(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) {
    pointers.push_back(text.c_str());
  }
  return pointers;
}

}  // namespace

void DeltaScan::Release::operator()(ArrowArrayStream* stream) const {
  if (stream->release != nullptr) {
    stream->release(stream);
  }
  delete stream;
}

void DeltaScan::Release::operator()(ArrowSchema* schema) const {
  if (schema->release != nullptr) {
    schema->release(schema);
  }
  delete schema;
}

Result<std::optional<ColumnBatch>> DeltaScan::Next() {
  ArrowArray array{};
  if (const int code = stream_->get_next(stream_.get(), &array); code != 0) {
    const char* message = stream_->get_last_error(stream_.get());
    const ErrorKind kind = code == EIO ? ErrorKind::kUnavailable : ErrorKind::kCorrupt;
    return Status(kind, fmt::format("reading the Delta table {}: {}", path_,
                                    message != nullptr ? message : "no reason was given"));
  }
  if (array.release == nullptr) {
    return std::optional<ColumnBatch>();
  }
  Result<ColumnBatch> batch = ImportBatch(*arrow_schema_, &array);
  if (!batch.ok()) {
    return batch.status().WithContext(fmt::format("reading the Delta table {}", path_));
  }
  return std::optional<ColumnBatch>(std::move(batch).value());
}

Status DeltaTable::Failed(std::int32_t code, const hf_delta_error& error) const {
  return {KindOf(code), fmt::format("Delta table {}: {}", path_, error.message)};
}

Result<DeltaTable> DeltaTable::Open(const std::string& path, const DeltaLibrary* library) {
  if (library == nullptr) {
    HF_ASSIGN_OR_RETURN(library, DeltaLibrary::Get());
  }
  hf_delta_table* table = nullptr;
  hf_delta_error error{};
  if (const std::int32_t code = library->open(path.c_str(), &table, &error); code != HF_DELTA_OK) {
    return Status(KindOf(code), fmt::format("Delta table {}: {}", path, error.message));
  }
  return DeltaTable(library, table, path);
}

Result<DeltaState> DeltaTable::State() {
  hf_delta_state state{};
  hf_delta_error error{};
  if (const std::int32_t code = library_->get_state(table_.get(), &state, &error); code != HF_DELTA_OK) {
    return Failed(code, error);
  }
  return DeltaState{.exists = state.exists != 0,
                    .partitioned = state.partitioned != 0,
                    .version = state.version,
                    .table_id = static_cast<const char*>(state.table_id)};
}

Status DeltaTable::CheckAppend(const Schema& schema, const DeltaWriting& writing) {
  const std::vector<const char*> columns = CTexts(writing.partition_by);
  ArrowSchema exported{};
  HF_RETURN_IF_ERROR(ExportSchema(schema, &exported));
  hf_delta_error error{};
  const std::int32_t code = library_->check_append(table_.get(), &exported, columns.data(), columns.size(),
                                                   writing.merge_schema ? 1 : 0, &error);
  return code == HF_DELTA_OK ? Status() : Failed(code, error);
}

Status DeltaTable::Create(const Schema& schema, const std::map<std::string, std::string>& properties,
                          const std::vector<std::string>& partition_by) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : properties) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  const std::vector<const char*> columns = CTexts(partition_by);
  ArrowSchema exported{};
  HF_RETURN_IF_ERROR(ExportSchema(schema, &exported));
  hf_delta_error error{};
  const std::int32_t code = library_->create(table_.get(), &exported, columns.data(), columns.size(), keys.data(),
                                             values.data(), keys.size(), &error);
  return code == HF_DELTA_OK ? Status() : Failed(code, error);
}

Result<std::optional<std::int64_t>> DeltaTable::LastCommitOf(const std::string& app_id) {
  HF_ASSIGN_OR_RETURN(const DeltaState state, State());
  if (!state.exists) {
    return std::optional<std::int64_t>();
  }
  std::int64_t version = -1;
  hf_delta_error error{};
  if (const std::int32_t code = library_->txn_version(table_.get(), app_id.c_str(), &version, &error);
      code != HF_DELTA_OK) {
    return Failed(code, error);
  }
  return version < 0 ? std::optional<std::int64_t>() : std::optional<std::int64_t>(version);
}

Result<DeltaStaged> DeltaTable::Stage(const DeltaAppend& what, const Schema& schema, std::vector<ColumnBatch> rows) {
  const hf_delta_append_options options = {
      .app_id = what.app_id.empty() ? nullptr : what.app_id.c_str(),
      .app_version = what.app_version,
      .output_mode = what.output_mode.empty() ? nullptr : what.output_mode.c_str(),
      .commit_empty = 1,
      .merge_schema = what.merge_schema ? 1 : 0,
      .file_bytes_max = 0,
      .write_mode = what.write_mode.empty() ? nullptr : what.write_mode.c_str(),
  };
  ArrowArrayStream stream{};
  HF_RETURN_IF_ERROR(ExportStream(schema, std::move(rows), &stream));
  hf_delta_staged* staged = nullptr;
  hf_delta_error error{};
  if (const std::int32_t code = library_->stage(table_.get(), &options, &stream, &staged, &error);
      code != HF_DELTA_OK) {
    return Failed(code, error);
  }
  return DeltaStaged({staged, DeltaStaged::Unstage{library_}});
}

Result<DeltaAppended> DeltaTable::Append(DeltaStaged staged) {
  hf_delta_append_result result{};
  hf_delta_error error{};
  if (const std::int32_t code = library_->append(table_.get(), staged.staged_.release(), &result, &error);
      code != HF_DELTA_OK) {
    return Failed(code, error);
  }
  HF_CHECK(result.outcome != HF_DELTA_EMPTY, "an empty commit was asked for");
  return DeltaAppended{.skipped = result.outcome == HF_DELTA_SKIPPED,
                       .checkpoint_due = result.checkpoint_due != 0,
                       .version = result.version};
}

Status DeltaTable::WriteCheckpoint() {
  hf_delta_error error{};
  const std::int32_t code = library_->checkpoint(table_.get(), &error);
  return code == HF_DELTA_OK ? Status() : Failed(code, error);
}

Result<DeltaScan> DeltaTable::ReadStream(DeltaScan::StreamPtr stream) const {
  // Once to keep for the batches, once to give away.
  DeltaScan::ArrowSchemaPtr kept(new ArrowSchema{});
  ArrowSchema given{};
  if (stream->get_schema(stream.get(), kept.get()) != 0 || stream->get_schema(stream.get(), &given) != 0) {
    const char* message = stream->get_last_error(stream.get());
    return Corrupt(
        fmt::format("Delta table {}: {}", path_, message != nullptr ? message : "the schema cannot be read"));
  }
  HF_ASSIGN_OR_RETURN(Schema schema, ImportSchema(&given));
  return DeltaScan(std::move(stream), std::move(kept), std::move(schema), path_);
}

Result<DeltaScan> DeltaTable::Scan(std::int64_t version) {
  DeltaScan::StreamPtr stream(new ArrowArrayStream{});
  hf_delta_error error{};
  if (const std::int32_t code = library_->scan(table_.get(), version, stream.get(), &error); code != HF_DELTA_OK) {
    stream->release = nullptr;
    return Failed(code, error);
  }
  return ReadStream(std::move(stream));
}

Result<DeltaScan> DeltaTable::ScanFiles(std::int64_t version, const Schema& schema,
                                        const std::vector<std::string>& log_paths) {
  const std::vector<const char*> paths = CTexts(log_paths);
  ArrowSchema exported{};
  HF_RETURN_IF_ERROR(ExportSchema(schema, &exported));
  DeltaScan::StreamPtr stream(new ArrowArrayStream{});
  hf_delta_error error{};
  if (const std::int32_t code =
          library_->scan_files(table_.get(), version, &exported, paths.data(), paths.size(), stream.get(), &error);
      code != HF_DELTA_OK) {
    stream->release = nullptr;
    return Failed(code, error);
  }
  return ReadStream(std::move(stream));
}

Result<Schema> DeltaTable::SchemaAt(std::int64_t version) {
  ArrowSchema exported{};
  hf_delta_error error{};
  if (const std::int32_t code = library_->get_schema(table_.get(), version, &exported, &error); code != HF_DELTA_OK) {
    return Failed(code, error);
  }
  return ImportSchema(&exported);
}

Result<std::vector<DeltaFile>> DeltaTable::FilesAt(std::int64_t version) {
  hf_delta_files* opened = nullptr;
  hf_delta_error error{};
  if (const std::int32_t code = library_->files_open(table_.get(), version, &opened, &error); code != HF_DELTA_OK) {
    return Failed(code, error);
  }
  const std::unique_ptr<hf_delta_files, decltype(library_->files_close)> files(opened, library_->files_close);
  std::vector<DeltaFile> found;
  for (std::size_t i = 0; i < library_->files_count(files.get()); ++i) {
    hf_delta_file file{};
    library_->files_get(files.get(), i, &file);
    found.push_back({.log_path = file.log_path, .size_bytes = file.size, .modified_ms = file.modified_ms});
  }
  return found;
}

}  // namespace hf
