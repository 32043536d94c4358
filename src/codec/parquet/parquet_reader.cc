// SPDX-License-Identifier: Apache-2.0
#include "codec/parquet/parquet_reader.h"

#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/core.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>

#include <algorithm>

#include "codec/parquet/arrow_file.h"
#include "codec/parquet/column_cast.h"
#include "holdfast/arrow_c.h"

namespace hf {
namespace {

constexpr char kSparkSchemaKey[] = "org.apache.spark.sql.parquet.row.metadata";

// Turns what the Parquet library throws on hostile bytes into a Status.
template <typename Body>
auto Guarded(const std::string& what, const ArrowFile* file, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const StatusError& error) {
    return error.status().WithContext(what);
  } catch (const std::exception& error) {
    if (file != nullptr && !file->failure().ok()) {
      return file->failure();
    }
    return Corrupt(fmt::format("{}: {}", what, error.what()));
  }
}

class SchemaOwner {
 public:
  ~SchemaOwner() {
    if (held.release != nullptr) {
      held.release(&held);
    }
  }
  ArrowSchema held{};
};

Result<Schema> FromArrowSchema(const arrow::Schema& schema, const std::string& file_name) {
  ArrowSchema exported{};
  HF_RETURN_IF_ERROR(FromArrow(arrow::ExportSchema(schema, &exported), file_name));
  return ImportSchema(&exported);
}

// INT96 of Hive and old Sparks is an instant, which Arrow does not know.
DataType AsInstants(const DataType& type) {
  std::vector<StructField> parts = type.children();
  for (StructField& part : parts) {
    part.type = AsInstants(part.type);
  }
  switch (type.kind()) {
    case TypeKind::kTimestampNtz: return DataType::Timestamp();
    case TypeKind::kArray: return DataType::Array(parts[0].type, parts[0].nullable);
    case TypeKind::kMap: return DataType::Map(parts[0].type, parts[1].type, parts[1].nullable);
    case TypeKind::kStruct: return DataType::Struct(std::move(parts));
    default: return type;
  }
}

bool IsNanos(const parquet::ColumnDescriptor& leaf) {
  const auto& type = leaf.logical_type();
  return type != nullptr && type->is_timestamp() &&
         static_cast<const parquet::TimestampLogicalType&>(*type).time_unit() == parquet::LogicalType::TimeUnit::NANOS;
}

class FileBatches final : public ParquetReader {
 public:
  FileBatches(Schema schema, ParquetReadOptions options) : schema_(std::move(schema)), options_(std::move(options)) {}

  Status OpenFile(std::unique_ptr<RandomAccess> bytes) {
    file_ = std::make_shared<ArrowFile>(std::move(bytes));
    parquet::ArrowReaderProperties properties(options_.use_threads);
    properties.set_batch_size(options_.batch_rows_max);
    properties.set_pre_buffer(false);
    // Nanoseconds, Arrow's default for INT96, reach only from 1677 to 2262.
    properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    parquet::arrow::FileReaderBuilder builder;
    HF_RETURN_IF_ERROR(ArrowStatus(builder.Open(file_)));
    builder.properties(properties);
    auto reader = builder.Build();
    HF_RETURN_IF_ERROR(ArrowStatus(reader.status()));
    reader_ = std::move(reader).ValueOrDie();
    rows_ = reader_->parquet_reader()->metadata()->num_rows();
    return {};
  }

  Status SelectColumns() {
    std::shared_ptr<arrow::Schema> whole;
    HF_RETURN_IF_ERROR(ArrowStatus(reader_->GetSchema(&whole)));
    std::vector<StructField> names;
    for (const auto& field : whole->fields()) {
      names.push_back({.name = field->name()});
    }
    std::vector<int> wanted;
    for (const StructField& field : schema_.fields()) {
      HF_ASSIGN_OR_RETURN(const int index, FieldIgnoringCase(names, field.name));
      wanted.push_back(index);
    }
    HF_RETURN_IF_ERROR(MakeCasts(*whole, wanted));
    const std::vector<int> leaves = LeavesOf(wanted);
    if (leaves.empty()) {
      return {};
    }
    std::vector<int> groups(static_cast<std::size_t>(reader_->num_row_groups()));
    for (std::size_t i = 0; i < groups.size(); ++i) {
      groups[i] = static_cast<int>(i);
    }
    auto batches = reader_->GetRecordBatchReader(groups, leaves);
    HF_RETURN_IF_ERROR(ArrowStatus(batches.status()));
    batches_ = std::move(batches).ValueOrDie();
    return ArrowStatus(arrow::ExportSchema(*batches_->schema(), &source_.held));
  }

  Result<std::optional<ColumnBatch>> Next() override {
    return Guarded(options_.file_name, file_.get(), [this]() -> Result<std::optional<ColumnBatch>> {
      if (batches_ == nullptr) {
        return NextOfNulls();
      }
      std::shared_ptr<arrow::RecordBatch> batch;
      HF_RETURN_IF_ERROR(ArrowStatus(batches_->ReadNext(&batch)));
      if (batch == nullptr) {
        return std::optional<ColumnBatch>();
      }
      HF_ASSIGN_OR_RETURN(ColumnBatch made, Project(*batch));
      return std::optional<ColumnBatch>(std::move(made));
    });
  }

  [[nodiscard]] std::int64_t rows() const override { return rows_; }

  Result<Schema> Columns() {
    const auto metadata = reader_->parquet_reader()->metadata()->key_value_metadata();
    if (metadata != nullptr && metadata->Contains(kSparkSchemaKey)) {
      auto schema = Schema::FromJson(metadata->Get(kSparkSchemaKey).ValueOrDie());
      return schema.ok() ? std::move(schema) : schema.status().WithContext(options_.file_name);
    }
    std::shared_ptr<arrow::Schema> whole;
    HF_RETURN_IF_ERROR(ArrowStatus(reader_->GetSchema(&whole)));
    auto schema = FromArrowSchema(*whole, options_.file_name);
    if (!schema.ok()) {
      return Incompatible(std::string(schema.status().message())).WithContext(options_.file_name);
    }
    std::vector<StructField> fields = schema->fields();
    const parquet::SchemaDescriptor& leaves = *reader_->parquet_reader()->metadata()->schema();
    for (int leaf = 0; leaf < leaves.num_columns(); ++leaf) {
      const auto root = static_cast<std::size_t>(leaves.group_node()->FieldIndex(*leaves.GetColumnRoot(leaf)));
      if (leaves.Column(leaf)->physical_type() == parquet::Type::INT96) {
        fields[root].type = AsInstants(fields[root].type);
      }
      if (IsNanos(*leaves.Column(leaf))) {
        return Incompatible(
            fmt::format("{}: column {} has nanoseconds, which no type of Spark has; give a schema to cut "
                        "them",
                        options_.file_name, leaves.Column(leaf)->path()->ToDotString()),
            "PARQUET_TYPE_ILLEGAL");
      }
    }
    return Schema(std::move(fields));
  }

 private:
  struct Wanted {
    int column = -1;  // in the batches of the file; -1: missing
    ColumnCast cast;
  };

  Status ArrowStatus(const arrow::Status& status) const {
    if (!status.ok() && file_ != nullptr && !file_->failure().ok()) {
      return file_->failure();
    }
    return FromArrow(status, options_.file_name);
  }

  // `wanted`: for each of our fields the field of the file, or -1. The batches hold the wanted ones in file order.
  Status MakeCasts(const arrow::Schema& whole, const std::vector<int>& wanted) {
    std::vector<int> selected = wanted;
    std::sort(selected.begin(), selected.end());
    selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
    selected.erase(std::remove(selected.begin(), selected.end(), -1), selected.end());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const StructField& field = schema_.field(i);
      Wanted made;
      if (wanted[i] >= 0) {
        auto from = FromArrowSchema(arrow::Schema({whole.field(wanted[i])}), options_.file_name);
        if (!from.ok()) {
          return Incompatible(std::string(from.status().message())).WithContext(options_.file_name);
        }
        auto cast = ColumnCast::Make(from->field(0).type, field.type, field.name);
        if (!cast.ok()) {
          return std::move(cast).status().WithContext(options_.file_name);
        }
        made.cast = std::move(cast).value();
        made.column =
            static_cast<int>(std::lower_bound(selected.begin(), selected.end(), wanted[i]) - selected.begin());
      }
      wanted_.push_back(std::move(made));
    }
    return {};
  }

  [[nodiscard]] std::vector<int> LeavesOf(const std::vector<int>& wanted) const {
    const parquet::SchemaDescriptor& schema = *reader_->parquet_reader()->metadata()->schema();
    std::vector<int> leaves;
    for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
      const int root = schema.group_node()->FieldIndex(*schema.GetColumnRoot(leaf));
      if (std::find(wanted.begin(), wanted.end(), root) != wanted.end()) {
        leaves.push_back(leaf);
      }
    }
    return leaves;
  }

  Result<ColumnBatch> Project(const arrow::RecordBatch& batch) {
    ArrowArray exported{};
    HF_RETURN_IF_ERROR(ArrowStatus(arrow::ExportRecordBatch(batch, &exported)));
    HF_ASSIGN_OR_RETURN(const ColumnBatch imported, ImportBatch(source_.held, &exported));
    std::vector<Column> columns;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i].column < 0) {
        columns.push_back(NullColumn(schema_.field(i).type, imported.rows()));
      } else {
        auto cast = wanted_[i].cast.Apply(imported.column(static_cast<std::size_t>(wanted_[i].column)));
        if (!cast.ok()) {
          return std::move(cast).status().WithContext(options_.file_name);
        }
        columns.push_back(std::move(cast).value());
      }
    }
    return ColumnBatch(schema_, std::move(columns), imported.rows());
  }

  // The file has none of the columns: its rows count all the same.
  std::optional<ColumnBatch> NextOfNulls() {
    const std::int64_t count = std::min(options_.batch_rows_max, rows_ - rows_given_);
    if (count <= 0) {
      return std::nullopt;
    }
    rows_given_ += count;
    std::vector<Column> columns;
    for (const StructField& field : schema_.fields()) {
      columns.push_back(NullColumn(field.type, count));
    }
    return ColumnBatch(schema_, std::move(columns), count);
  }

  Schema schema_;
  ParquetReadOptions options_;
  std::shared_ptr<ArrowFile> file_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // reads through reader_, so it goes first
  SchemaOwner source_;
  std::vector<Wanted> wanted_;
  std::int64_t rows_ = 0;
  std::int64_t rows_given_ = 0;
};

}  // namespace

Result<std::unique_ptr<ParquetReader>> ParquetReader::Open(std::unique_ptr<RandomAccess> bytes, const Schema& schema,
                                                           const ParquetReadOptions& options) {
  auto reader = std::make_unique<FileBatches>(schema, options);
  HF_RETURN_IF_ERROR(Guarded(options.file_name, nullptr, [&]() -> Status {
    HF_RETURN_IF_ERROR(reader->OpenFile(std::move(bytes)));
    return reader->SelectColumns();
  }));
  return std::unique_ptr<ParquetReader>(std::move(reader));
}

Result<Schema> ReadParquetSchema(std::unique_ptr<RandomAccess> bytes, const std::string& file_name) {
  FileBatches reader(Schema(), {.file_name = file_name});
  return Guarded(file_name, nullptr, [&]() -> Result<Schema> {
    HF_RETURN_IF_ERROR(reader.OpenFile(std::move(bytes)));
    return reader.Columns();
  });
}

}  // namespace hf
