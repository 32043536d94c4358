// SPDX-License-Identifier: Apache-2.0
#include "rows/normalized_key.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"

namespace hf {
namespace {

void AppendSigned64(std::string& out, std::int64_t value) {
  AppendBig64(out, static_cast<std::uint64_t>(value) ^ 1ull << 63);
}

void AppendDouble(std::string& out, double value) {
  if (value == 0) {
    value = 0;
  } else if (std::isnan(value)) {
    value = std::numeric_limits<double>::quiet_NaN();
  }
  const auto bits = std::bit_cast<std::uint64_t>(value);
  AppendBig64(out, (bits >> 63) != 0 && !std::isnan(value) ? ~bits : bits | 1ull << 63);
}

void AppendText(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    out += c;
    if (c == '\0') {
      out += '\xFF';
    }
  }
  out.append(2, '\0');
}

void AppendDatum(std::string& out, const Column& column, std::int64_t row);

void AppendArray(std::string& out, const Column& column, std::int64_t row) {
  const std::int64_t end = column.offsets[column.offset + row + 1];
  for (std::int64_t i = column.offsets[column.offset + row]; i < end; ++i) {
    out += '\x01';
    AppendDatum(out, column.children[0], i);
  }
  out += '\0';
}

void AppendDatum(std::string& out, const Column& column, std::int64_t row) {
  if (column.IsNull(row)) {
    out += '\0';
    return;
  }
  out += '\x01';
  switch (column.type.kind()) {
    case TypeKind::kNull: return;
    case TypeKind::kBoolean: out += column.Bool(row) ? '\x01' : '\0'; return;
    case TypeKind::kByte: out += static_cast<char>(column.Fixed<std::uint8_t>(row) ^ 0x80); return;
    case TypeKind::kShort: AppendBig16(out, column.Fixed<std::uint16_t>(row) ^ 0x8000); return;
    case TypeKind::kInt:
    case TypeKind::kDate: AppendBig32(out, column.Fixed<std::uint32_t>(row) ^ 0x80000000u); return;
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: AppendSigned64(out, column.Fixed<std::int64_t>(row)); return;
    case TypeKind::kFloat: AppendDouble(out, column.Fixed<float>(row)); return;
    case TypeKind::kDouble: AppendDouble(out, column.Fixed<double>(row)); return;
    case TypeKind::kDecimal: {
      const auto unscaled = column.Fixed<__int128>(row);
      AppendSigned64(out, static_cast<std::int64_t>(unscaled >> 64));
      AppendBig64(out, static_cast<std::uint64_t>(unscaled));
      return;
    }
    case TypeKind::kString:
    case TypeKind::kBinary: AppendText(out, column.Bytes(row)); return;
    case TypeKind::kStruct:
      for (const Column& child : column.children) {
        AppendDatum(out, child, column.offset + row);
      }
      return;
    case TypeKind::kArray: AppendArray(out, column, row); return;
    case TypeKind::kMap: HF_CHECK(false, "a map has no order");
  }
}

}  // namespace

NormalizedKeys::NormalizedKeys(std::span<const Column* const> columns) : columns_(columns) {
  is_bare_ = columns.size() == 1 && columns[0]->type.kind() == TypeKind::kString && columns[0]->validity == nullptr;
}

void NormalizedKeys::AppendKey(std::int64_t row, std::string& out) const {
  for (const Column* column : columns_) {
    AppendDatum(out, *column, row);
  }
}

}  // namespace hf
