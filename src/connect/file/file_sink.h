// SPDX-License-Identifier: Apache-2.0
// FileSink writes result rows as files, exactly once (Spark 4.3: FileStreamSink with ManifestFileCommitProtocol).
//
//  1. A batch is one data file, named as Spark names them (part-00000-<uuid>-c000.snappy.parquet, ....json, ....csv,
//  ....txt),
//     and one entry of the log in _spark_metadata. Only what the log lists counts: files of an attempt that died
//     before its entry are never read.
//  2. The data file and its name are durable before the entry is named, the entry before Commit returns.
//  3. A batch that the log has is not added again. Spark knows a batch by its number alone, so that a second query in
//     the same directory loses its first batches without a word. We keep the query's id in the file _holdfast_query_id
//     of the log's directory (Spark takes only numbers for entries) and refuse the directory of another query.
//  4. A batch without rows is an entry without files. Every batch must be committed: readers want every number.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "connect/file/file_options.h"
#include "connect/file/sink_log.h"
#include "holdfast/sink.h"

namespace hf {

// Turns rows into the bytes of one file.
class OutputFormat {
 public:
  virtual ~OutputFormat() = default;
  [[nodiscard]] virtual std::string suffix() const = 0;  // ".snappy.parquet"
  // kInvalid names a column whose type the format lacks.
  [[nodiscard]] virtual Status CheckSchema(const Schema& schema) const = 0;
  [[nodiscard]] virtual Result<std::string> Write(const Schema& schema, const std::vector<ColumnBatch>& rows) const = 0;
};

// `format` is json, csv, parquet or text. kInvalid names the format or the option that cannot be had.
Result<std::unique_ptr<OutputFormat>> MakeOutputFormat(const std::string& format, const OptionMap& options,
                                                       const std::string& time_zone);

struct FileSinkSpec {
  std::string format;
  OptionMap options;              // path (absolute) and those of the format
  std::string time_zone = "UTC";  // spark.sql.session.timeZone
  CompactibleLogOptions log = {};
};

class FileSink final : public Sink {
 public:
  // All arguments by reference must outlive the sink. Writes nothing.
  static Result<std::unique_ptr<FileSink>> Create(FileSystem& files, Clock& clock, Random& random, FileSinkSpec spec);

  [[nodiscard]] std::string description() const override;
  Status Open(const Schema& schema, const std::string& query_id) override;
  Result<bool> Holds(std::int64_t batch) override;
  Result<SinkCommit> Commit(std::int64_t batch, const std::vector<ColumnBatch>& rows) override;

 private:
  FileSink(FileSystem& files, Clock& clock, Random& random, std::string path, std::unique_ptr<OutputFormat> format,
           const CompactibleLogOptions& log_options)
      : files_(&files),
        clock_(&clock),
        random_(&random),
        path_(std::move(path)),
        format_(std::move(format)),
        log_options_(log_options) {}

  [[nodiscard]] std::string OwnerPath() const;
  // The query that began the log; nullopt when that was not ours to know (Spark).
  Result<std::optional<std::string>> Owner();
  Result<SinkFile> WriteData(const std::vector<ColumnBatch>& rows);

  FileSystem* files_;
  Clock* clock_;
  Random* random_;
  const std::string path_;
  const std::unique_ptr<OutputFormat> format_;
  const CompactibleLogOptions log_options_;
  Schema schema_;
  std::string query_id_;
};

}  // namespace hf
