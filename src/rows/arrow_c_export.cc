// SPDX-License-Identifier: Apache-2.0
// Batches to the Arrow C data interface. Each exported node owns a holder in private_data and releases its children,
// as the specification wants ("Release callback semantics"): a child that was moved away has release == nullptr.
#include <cerrno>
#include <span>

#include "base/check.h"
#include "holdfast/arrow_c.h"

namespace hf {
namespace {

std::string FormatOf(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kNull: return "n";
    case TypeKind::kBoolean: return "b";
    case TypeKind::kByte: return "c";
    case TypeKind::kShort: return "s";
    case TypeKind::kInt: return "i";
    case TypeKind::kLong: return "l";
    case TypeKind::kFloat: return "f";
    case TypeKind::kDouble: return "g";
    case TypeKind::kDecimal: return fmt::format("d:{},{}", type.precision(), type.scale());
    case TypeKind::kString: return "u";
    case TypeKind::kBinary: return "z";
    case TypeKind::kDate: return "tdD";
    case TypeKind::kTimestamp: return "tsu:UTC";
    case TypeKind::kTimestampNtz: return "tsu:";
    case TypeKind::kArray: return "+l";
    case TypeKind::kMap: return "+m";
    case TypeKind::kStruct: return "+s";
  }
  return "n";
}

struct SchemaHolder {
  std::string format;
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

void ReleaseSchema(ArrowSchema* schema) {
  auto* holder = static_cast<SchemaHolder*>(schema->private_data);
  for (ArrowSchema& child : holder->children) {
    if (child.release != nullptr) {
      child.release(&child);
    }
  }
  delete holder;
  schema->release = nullptr;
}

enum class Nullable { kNo, kYes };

void FillSchema(const std::string& name, const std::string& format, const std::vector<StructField>& fields,
                Nullable nullable, ArrowSchema* out);

void FillField(const StructField& field, ArrowSchema* out) {
  const Nullable nullable = field.nullable ? Nullable::kYes : Nullable::kNo;
  if (field.type.kind() == TypeKind::kMap) {
    const StructField entries{.name = "entries", .type = DataType::Struct(field.type.children()), .nullable = false};
    FillSchema(field.name, "+m", {entries}, nullable, out);
  } else {
    FillSchema(field.name, FormatOf(field.type), field.type.children(), nullable, out);
  }
}

void FillSchema(const std::string& name, const std::string& format, const std::vector<StructField>& fields,
                Nullable nullable, ArrowSchema* out) {
  auto holder = std::make_unique<SchemaHolder>();
  holder->format = format;
  holder->name = name;
  holder->children.resize(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    FillField(fields[i], &holder->children[i]);
    holder->pointers.push_back(&holder->children[i]);
  }
  *out = ArrowSchema{};
  out->format = holder->format.c_str();
  out->name = holder->name.c_str();
  out->flags = nullable == Nullable::kYes ? ARROW_FLAG_NULLABLE : 0;
  out->n_children = static_cast<std::int64_t>(fields.size());
  out->children = holder->pointers.data();
  out->release = ReleaseSchema;
  out->private_data = holder.release();
}

struct ArrayHolder {
  std::shared_ptr<const void> owner;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

void ReleaseArray(ArrowArray* array) {
  auto* holder = static_cast<ArrayHolder*>(array->private_data);
  for (ArrowArray& child : holder->children) {
    if (child.release != nullptr) {
      child.release(&child);
    }
  }
  delete holder;
  array->release = nullptr;
}

void FillColumn(const Column& column, ArrowArray* out);

void FillArray(std::unique_ptr<ArrayHolder> holder, std::span<const Column> children, std::int64_t length,
               std::int64_t offset, std::int64_t null_count, ArrowArray* out) {
  holder->children.resize(children.size());
  for (std::size_t i = 0; i < children.size(); ++i) {
    FillColumn(children[i], &holder->children[i]);
    holder->pointers.push_back(&holder->children[i]);
  }
  *out = ArrowArray{};
  out->length = length;
  out->null_count = null_count;
  out->offset = offset;
  out->n_buffers = static_cast<std::int64_t>(holder->buffers.size());
  out->n_children = static_cast<std::int64_t>(children.size());
  out->buffers = holder->buffers.data();
  out->children = holder->pointers.data();
  out->release = ReleaseArray;
  out->private_data = holder.release();
}

void FillColumn(const Column& column, ArrowArray* out) {
  auto holder = std::make_unique<ArrayHolder>();
  holder->owner = column.owner;
  std::vector<Column> children = column.children;
  const TypeKind kind = column.type.kind();
  if (kind != TypeKind::kNull) {
    holder->buffers.push_back(column.validity);
  }
  if (column.offsets != nullptr) {
    holder->buffers.push_back(column.offsets);
  }
  if (kind != TypeKind::kNull && !column.type.is_nested()) {
    holder->buffers.push_back(column.values);
  }
  if (kind == TypeKind::kMap) {
    Column entries;
    entries.type = DataType::Struct(column.type.children());
    entries.length = children[0].length;
    entries.children = std::move(children);
    children = {std::move(entries)};
  }
  FillArray(std::move(holder), children, column.length, column.offset, column.null_count, out);
}

// ---- Streams ----

struct StreamHolder {
  Schema schema;
  std::vector<ColumnBatch> batches;
  std::size_t next = 0;
  std::string last_error;
};

int StreamSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  auto* holder = static_cast<StreamHolder*>(stream->private_data);
  const Status status = ExportSchema(holder->schema, out);
  holder->last_error = status.ToString();
  return status.ok() ? 0 : EINVAL;
}

int StreamNext(ArrowArrayStream* stream, ArrowArray* out) {
  auto* holder = static_cast<StreamHolder*>(stream->private_data);
  if (holder->next == holder->batches.size()) {
    *out = ArrowArray{};  // release == nullptr is the end of a stream
    return 0;
  }
  const Status status = ExportBatch(holder->batches[holder->next], out);
  holder->batches[holder->next++] = ColumnBatch();
  holder->last_error = status.ToString();
  return status.ok() ? 0 : EINVAL;
}

const char* StreamError(ArrowArrayStream* stream) {
  return static_cast<StreamHolder*>(stream->private_data)->last_error.c_str();
}

void ReleaseStream(ArrowArrayStream* stream) {
  delete static_cast<StreamHolder*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

Status ExportSchema(const Schema& schema, ArrowSchema* out) {
  FillSchema("", "+s", schema.fields(), Nullable::kNo, out);
  return {};
}

Status ExportBatch(const ColumnBatch& batch, ArrowArray* out) {
  auto holder = std::make_unique<ArrayHolder>();
  holder->buffers.push_back(nullptr);
  FillArray(std::move(holder), batch.columns(), batch.rows(), 0, 0, out);
  return {};
}

Status ExportStream(const Schema& schema, std::vector<ColumnBatch> batches, ArrowArrayStream* out) {
  for (const ColumnBatch& batch : batches) {
    if (!(batch.schema() == schema)) {
      return Invalid(fmt::format("a stream of {} cannot hold a batch of {}", schema.ToDdl(), batch.schema().ToDdl()));
    }
  }
  *out = ArrowArrayStream{};
  out->get_schema = StreamSchema;
  out->get_next = StreamNext;
  out->get_last_error = StreamError;
  out->release = ReleaseStream;
  out->private_data = new StreamHolder{.schema = schema, .batches = std::move(batches), .next = 0, .last_error = {}};
  return {};
}

}  // namespace hf
