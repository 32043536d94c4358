// SPDX-License-Identifier: Apache-2.0
// rand() and uuid(). Spark's values depend on how rows lie in partitions and cannot be had; its types, its range and
// the independence of rows can.
#include "base/random.h"
#include "expressions/expression.h"

namespace hf {
namespace {

// So that rand(1) and uuid(1) have nothing to do with each other.
enum class Drawn : std::uint8_t { kNumber = 1, kUuid = 2 };

class RandomExpression final : public Expression {
 public:
  RandomExpression(Drawn drawn, std::size_t place, std::optional<std::int64_t> seed)
      : drawn_(drawn), place_(place), seed_(seed) {
    type = drawn == Drawn::kNumber ? DataType::Double() : DataType::String();
    nullable = false;
  }

  [[nodiscard]] Result<Vector> Evaluate(const RowSet& rows) const override {
    if (!rows.chance.has_value()) {
      return Internal("rand() or uuid() of a step that was not told what to draw from");
    }
    const std::uint64_t from = seed_.has_value()
                                   ? Mixed(Mixed(rows.chance->batch, 1), static_cast<std::uint64_t>(*seed_))
                                   : Mixed(rows.chance->seed, place_);
    const std::uint64_t kind = Mixed(from, static_cast<std::uint64_t>(drawn_));
    ColumnBuilder builder(type);
    builder.Reserve(rows.size());
    for (std::int64_t row = 0; row < rows.size(); ++row) {
      const std::int64_t at = rows.chosen.has_value() ? (*rows.chosen)[static_cast<std::size_t>(row)] : row;
      const std::uint64_t hash = Mixed(kind, static_cast<std::uint64_t>(rows.chance->first_row + at));
      if (drawn_ == Drawn::kNumber) {
        builder.AppendFixed(static_cast<double>(hash >> 11) * 0x1p-53);  // in [0, 1)
      } else {
        builder.AppendBytes(UuidOf(hash, Mixed(hash, 1)));
      }
    }
    return Vector{builder.Finish(), false};
  }

 private:
  Drawn drawn_;
  std::size_t place_;
  std::optional<std::int64_t> seed_;
};

}  // namespace

ExpressionPtr MakeRandomNumber(std::size_t place, std::optional<std::int64_t> seed) {
  return std::make_unique<RandomExpression>(Drawn::kNumber, place, seed);
}
ExpressionPtr MakeRandomUuid(std::size_t place, std::optional<std::int64_t> seed) {
  return std::make_unique<RandomExpression>(Drawn::kUuid, place, seed);
}

}  // namespace hf
