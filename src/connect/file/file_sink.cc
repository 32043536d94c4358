// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_sink.h"

#include <fmt/core.h>

#include "base/file_uri.h"
#include "connect/file/input_file.h"
#include "holdfast/log.h"

namespace hf {

Result<std::unique_ptr<FileSink>> FileSink::Create(FileSystem& files, Clock& clock, Random& random, FileSinkSpec spec) {
  OptionTaker options(std::move(spec.options));
  HF_ASSIGN_OR_RETURN(std::string path, PathFromHadoopPath(options.Take("path").value_or("")));
  if (!path.starts_with('/')) {
    return Invalid(fmt::format("the path of a file sink must be absolute: '{}'", path));
  }
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  if (options.Take("retention").has_value()) {
    return Invalid("option 'retention' is not supported by the file sink: it makes readers lose rows");
  }
  HF_ASSIGN_OR_RETURN(auto format, MakeOutputFormat(spec.format, options.rest(), spec.time_zone));
  return std::unique_ptr<FileSink>(new FileSink(files, clock, random, std::move(path), std::move(format), spec.log));
}

std::string FileSink::description() const { return fmt::format("FileSink[{}]", HadoopPathFromPath(path_)); }

Status FileSink::Open(const Schema& schema, const std::string& query_id) {
  HF_RETURN_IF_ERROR(format_->CheckSchema(schema));
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> info, files_->Stat(path_));
  if (info.has_value() && !info->is_directory) {
    return Invalid(fmt::format("the file sink needs a directory, and {} is a file", path_));
  }
  // A log that cannot be read would be found out by the readers only.
  HF_ASSIGN_OR_RETURN(SinkLog log, SinkLog::Open(*files_, path_, log_options_));
  HF_RETURN_IF_ERROR(log.AllFiles().status());
  HF_ASSIGN_OR_RETURN(const std::optional<std::string> owner, Owner());
  if (owner.has_value() && *owner != query_id) {
    return Invalid(
        fmt::format("{} belongs to the query {} and cannot take the rows of query {}: batches of the same number "
                    "would be taken for each other. Use another directory",
                    path_, *owner, query_id));
  }
  schema_ = schema;
  query_id_ = query_id;
  return {};
}

std::string FileSink::OwnerPath() const { return fmt::format("{}/{}/_holdfast_query_id", path_, kSinkLogDirectory); }

Result<std::optional<std::string>> FileSink::Owner() {
  Result<std::string> id = files_->Read(OwnerPath());
  if (!id.ok() && IsNotFound(id.status())) {
    return std::optional<std::string>();
  }
  if (!id.ok()) {
    return id.status();
  }
  return std::optional<std::string>(std::move(id).value());
}

Result<bool> FileSink::Holds(std::int64_t batch) {
  HF_ASSIGN_OR_RETURN(SinkLog log, SinkLog::Open(*files_, path_, log_options_));
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> latest, log.LatestBatch());
  return latest.has_value() && batch <= *latest;
}

Result<SinkFile> FileSink::WriteData(const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(const std::string bytes, format_->Write(schema_, rows));
  const std::string path = fmt::format("{}/part-00000-{}-c000{}", path_, random_->NewUuid(), format_->suffix());
  HF_RETURN_IF_ERROR(files_->PutNew(path, bytes));
  HF_ASSIGN_OR_RETURN(const std::optional<FileInfo> info, files_->Stat(path));
  if (!info.has_value()) {
    return Conflict(fmt::format("{} is gone right after it was written: somebody cleans this directory", path));
  }
  return SinkFile{.path = path, .size_bytes = info->size_bytes, .modified_ms = MillisOfMicros(info->modified_us)};
}

Result<SinkCommit> FileSink::Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) {
  HF_ASSIGN_OR_RETURN(SinkLog log, SinkLog::Open(*files_, path_, log_options_));
  HF_ASSIGN_OR_RETURN(const std::optional<std::int64_t> latest, log.LatestBatch());
  if (latest.has_value() && batch <= *latest) {
    // An earlier attempt named the entry, but may have died before that was durable.
    HF_RETURN_IF_ERROR(files_->Sync());
    return SinkCommit::kWasThere;
  }
  if (!latest.has_value()) {
    HF_ASSIGN_OR_RETURN(const std::optional<std::string> owner, Owner());
    if (!owner.has_value()) {
      HF_RETURN_IF_ERROR(files_->PutNew(OwnerPath(), query_id_));
    } else if (*owner != query_id_) {
      return Conflict(fmt::format("the query {} began to write to {}", *owner, path_));
    }
  }
  std::int64_t row_count = 0;
  for (const ColumnBatch& part : rows) {
    row_count += part.rows();
  }
  std::vector<SinkFile> written;
  if (row_count > 0) {
    HF_ASSIGN_OR_RETURN(written.emplace_back(), WriteData(rows));
  }
  HF_RETURN_IF_ERROR(files_->Sync());
  HF_RETURN_IF_ERROR(log.Add(batch, written));
  HF_RETURN_IF_ERROR(files_->Sync());
  if (const Status deleted = log.DeleteExpired(batch, clock_->NowMs()); !deleted.ok()) {
    Log(LogLevel::kWarning, fmt::format("old entries of the sink's log were not deleted: {}", deleted.ToString()));
  }
  return SinkCommit::kAdded;
}

}  // namespace hf
