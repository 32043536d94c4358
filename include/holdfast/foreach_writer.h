// SPDX-License-Identifier: Apache-2.0
// ForeachWriter: result rows one by one to the host program (Spark: ForeachWriter), beside ForeachBatch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "holdfast/row_access.h"
#include "holdfast/status.h"
#include "holdfast/struct_layout.h"

namespace hf {

// T is a HOLDFAST_STRUCT whose members are columns of the result, or hf::Row. All calls come on the query's thread,
// one after the other. For each part of a batch: Open; if that is true Process for every row in order; Close. The parts
// are those partitions of the batch that have rows, counted from 0; a batch without rows is one empty part.
//
// At least once: what a batch had that was not finished comes again with the same partition_id, epoch_id and rows, so
// that a writer which remembers the pairs it has done can be exact: false from Open passes the part over.
//
// With Trigger RealTime the parts are portions of a batch as they come, counted on; what comes again after a failure is
// cut into other portions, so that the pairs tell nothing then.
//
// What Open, Process or Close throws ends the query with that batch not committed: the batch comes again.
template <typename T>
class ForeachWriter {
 public:
  virtual ~ForeachWriter() = default;
  // `epoch_id` is the batch's id.
  virtual bool Open(std::int64_t partition_id, std::int64_t epoch_id) = 0;
  virtual void Process(const T& row) = 0;
  // Comes after every Open that returned, also after false. `error` is what Process threw; ok when all went well.
  virtual void Close(const Status& error) = 0;
};

namespace detail {

// A ForeachWriter without its type: what the sink calls.
class AnyForeachWriter {
 public:
  virtual ~AnyForeachWriter() = default;
  // Whether rows of `schema` can be read as the writer's type; kInvalid names the member that cannot.
  virtual Status Bind(const Schema& schema) = 0;
  virtual bool Open(std::int64_t partition_id, std::int64_t epoch_id) = 0;
  // REQUIRES: `rows` has the schema of Bind.
  virtual void Process(const ColumnBatch& rows, std::int64_t row) = 0;
  virtual void Close(const Status& error) = 0;
};

template <typename T>
class TypedForeachWriter final : public AnyForeachWriter {
 public:
  explicit TypedForeachWriter(std::shared_ptr<ForeachWriter<T>> writer) : writer_(std::move(writer)) {}
  Status Bind(const Schema& schema) override {
    HF_ASSIGN_OR_RETURN(reader_, RowReader::Compile(schema, LayoutOf<T>::Get()));
    return {};
  }
  bool Open(std::int64_t partition_id, std::int64_t epoch_id) override { return writer_->Open(partition_id, epoch_id); }
  void Process(const ColumnBatch& rows, std::int64_t row) override {
    reader_->Read(rows, row, &object_);
    writer_->Process(object_);
  }
  void Close(const Status& error) override { writer_->Close(error); }

 private:
  const std::shared_ptr<ForeachWriter<T>> writer_;
  std::optional<RowReader> reader_;
  T object_{};
};

template <>
class TypedForeachWriter<Row> final : public AnyForeachWriter {
 public:
  explicit TypedForeachWriter(std::shared_ptr<ForeachWriter<Row>> writer) : writer_(std::move(writer)) {}
  Status Bind(const Schema&) override { return {}; }
  bool Open(std::int64_t partition_id, std::int64_t epoch_id) override { return writer_->Open(partition_id, epoch_id); }
  void Process(const ColumnBatch& rows, std::int64_t row) override { writer_->Process(rows.RowAt(row)); }
  void Close(const Status& error) override { writer_->Close(error); }

 private:
  const std::shared_ptr<ForeachWriter<Row>> writer_;
};

}  // namespace detail
}  // namespace hf
