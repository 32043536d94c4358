// SPDX-License-Identifier: Apache-2.0
#include "state/variable_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "state/nested_rows.h"

namespace hf {

Result<VariableCodec> VariableCodec::Make(const RowFrame& frame, const VariablePlan& plan, const TypeLayout& layout) {
  VariableCodec made(frame, plan);
  HF_ASSIGN_OR_RETURN(made.writer_, StateRowWriter::Compile(frame.encoding, plan.stored, layout));
  for (const auto& [id, schema] : plan.written) {
    auto reader = StateRowReader::Compile(frame.encoding, schema, layout);
    if (!reader.ok()) {
      return reader.status().WithContext(
          fmt::format("state variable {}, values written with schema id {}", plan.name, id));
    }
    const auto index = static_cast<std::size_t>(id);
    made.readers_.resize(std::max(made.readers_.size(), index + 1));
    made.readers_[index] = std::move(reader).value();
  }
  if (frame.encoding == StateEncoding::kAvro && plan.written.size() > 1) {
    made.uses_.resize(made.readers_.size());
  }
  return made;
}

void VariableCodec::Fail(const std::string& what) const {
  throw StatusError(Corrupt(fmt::format("state variable {}: {}", plan_->name, what)));
}

SchemaUse VariableCodec::TakeUse() const {
  SchemaUse taken;
  for (std::size_t id = 0; id < uses_.size(); ++id) {
    const Use use = std::exchange(uses_[id], Use());
    if (use.read > 0) {
      taken.read.emplace(static_cast<int>(id), use.read);
    }
    if (use.rewritten > 0) {
      taken.rewritten.emplace(static_cast<int>(id), use.rewritten);
    }
  }
  return taken;
}

void VariableCodec::Encode(const void* object, std::int64_t expiration_ms, std::string& out) const {
  Status status;
  if (has_ttl()) {
    row_.clear();
    status = writer_.Encode(object, row_);
    if (status.ok()) {
      AppendExpiringRow(frame_.encoding, row_, expiration_ms, out);
    }
  } else {
    status = writer_.Encode(object, out);
  }
  if (!status.ok()) {
    throw StatusError(status.WithContext(fmt::format("state variable {}", plan_->name)));
  }
}

std::int64_t VariableCodec::Decode(const FramedRow& row, void* object) const {
  const auto id = static_cast<std::size_t>(row.schema_id);
  if (id >= readers_.size() || !readers_[id].has_value()) {
    Fail(fmt::format("a stored value names schema id {}, which no state schema file has", id));
  }
  if (counts_use()) {
    ++uses_[id].read;
  }
  ExpiringRow read{row.bytes, kNeverExpires};
  if (has_ttl()) {
    const auto expiring = ReadExpiringRow(frame_.encoding, row.bytes);
    if (!expiring.has_value()) {
      Fail(fmt::format("a stored value of {} bytes is not a row with an expiration", row.bytes.size()));
    }
    read = *expiring;
  }
  if (const Status decoded = readers_[id]->Decode(read.value, object); !decoded.ok()) {
    throw StatusError(decoded.WithContext(fmt::format("state variable {}, schema id {}", plan_->name, id)));
  }
  return read.expiration_ms;
}

std::int64_t VariableCodec::Expiration(const FramedRow& row) const {
  if (!has_ttl()) {
    return kNeverExpires;
  }
  const auto expiring = ReadExpiringRow(frame_.encoding, row.bytes);
  if (!expiring.has_value()) {
    Fail(fmt::format("a stored value of {} bytes is not a row with an expiration", row.bytes.size()));
  }
  return expiring->expiration_ms;
}

FramedRow VariableCodec::RowOf(std::string_view value) const {
  const std::optional<FramedRow> row = frame_.ReadRow(value);
  if (!row.has_value()) {
    Fail(fmt::format("a stored value of {} bytes does not begin with the version byte 0{}", value.size(),
                     frame_.encoding == StateEncoding::kAvro ? " and a schema id" : ""));
  }
  return *row;
}

}  // namespace hf
