// SPDX-License-Identifier: Apache-2.0
// SQL expressions over a few rows. First byte: as a column or as a filter. The rows all at once make what each makes
// alone.
#include <optional>

#include "expressions/sql_step.h"
#include "fuzz_target.h"
#include "text_rows.h"

namespace hf {
namespace {

const ColumnBatch& Rows() {
  static const ColumnBatch rows = [] {
    const Schema schema = fuzz::SchemaOfDdl(
        "t1 BOOLEAN,b1 TINYINT,s1 SMALLINT,i1 INT,i2 INT,l1 BIGINT,f1 FLOAT,d1 DOUBLE,p1 DECIMAL(10,2),q1 "
        "DECIMAL(38,18),"
        "x STRING,x1 STRING,x2 STRING,y1 BINARY,a1 DATE,c1 TIMESTAMP,z1 TIMESTAMP_NTZ,r STRUCT<a: INT, b: STRING>");
    const auto row = [](std::int32_t i, double d, const char* x, bool null) {
      Row made = {i > 0,
                  static_cast<std::int8_t>(i),
                  static_cast<std::int16_t>(i),
                  i,
                  i / 2 + 1,
                  std::int64_t{i} * i,
                  static_cast<float>(d),
                  d,
                  Decimal{i, 2},
                  Decimal{static_cast<__int128>(i) << 60, 18},
                  x,
                  "abc",
                  x,
                  Binary{x},
                  Date{i * 1000},
                  Timestamp{i * 123'456'789'012LL},
                  TimestampNtz{i * 987'654'321LL},
                  StructValue{{Value(i), Value(x)}}};
      if (null) {
        for (std::size_t at = 0; at < made.size(); at += 2) {
          made[at] = Value();
        }
      }
      return made;
    };
    return ColumnBatch::FromRows(schema, {row(1, 0.5, "12", false), row(-7, -0.0, "Zürich 😀", true),
                                          row(0, 1e300, "", false), row(30000, -2.5, "2024-02-29", true)})
        .value();
  }();
  return rows;
}

std::optional<std::vector<std::string>> Applied(SqlStep& step, const ColumnBatch& rows) {
  const auto made = step.Apply(rows);
  if (!made.ok()) {
    HF_FUZZ_CHECK(!made.status().condition().empty());
    return std::nullopt;
  }
  std::vector<std::string> lines;
  for (std::int64_t row = 0; row < made->rows(); ++row) {
    lines.push_back(ToJson(made->RowAt(row), made->schema()));
  }
  return lines;
}

}  // namespace

HOLDFAST_FUZZ_TARGET(expression) {
  const bool filter = fuzz::TakeByte(bytes) % 2 == 1;
  const std::string text(bytes);
  auto step = filter ? SqlStep::Filter(Rows().schema(), text) : SqlStep::Select(Rows().schema(), {text});
  if (!step.ok()) {
    HF_FUZZ_CHECK(!step.status().condition().empty());
    return;
  }
  const auto all = Applied(**step, Rows());
  std::optional<std::vector<std::string>> each(std::in_place);
  for (std::int64_t row = 0; row < Rows().rows() && each.has_value(); ++row) {
    const auto one = Applied(**step, Rows().Slice(row, 1));
    if (one.has_value()) {
      each->insert(each->end(), one->begin(), one->end());
    } else {
      each.reset();
    }
  }
  HF_FUZZ_CHECK(all == each);
}

}  // namespace hf
