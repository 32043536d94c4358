// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cstring>

#include "holdfast/row_access.h"
#include "rows/column_builder.h"
#include "rows/row_plan.h"

namespace hf {
namespace {

using detail::PlaceOp;
using detail::PlacePlan;
using detail::StructPlan;

void AppendStruct(const StructPlan& plan, const void* object, ColumnBuilder* builders);
void AppendPlace(const PlacePlan& plan, const void* place, ColumnBuilder& builder);

template <typename T>
T Load(const void* place) {
  T value;
  std::memcpy(&value, place, sizeof(T));
  return value;
}

void AppendDynamic(const PlacePlan& plan, const void* place, ColumnBuilder& builder) {
  const auto& value = *static_cast<const Value*>(place);
  if (Status status = CheckValue(value, plan.type, plan.nullable, plan.path); !status.ok()) {
    throw StatusError(std::move(status));
  }
  builder.AppendValue(value);
}

void AppendVector(const PlacePlan& plan, const void* place, ColumnBuilder& builder) {
  const SequenceAccess& access = *plan.layout->sequence;
  const std::size_t size = access.size(place);
  for (std::size_t i = 0; i < size; ++i) {
    AppendPlace(*plan.element, access.at(place, i), builder.child(0));
  }
  builder.AppendList();
}

void AppendMap(const PlacePlan& plan, const void* place, ColumnBuilder& builder) {
  struct Context {
    const PlacePlan& plan;
    ColumnBuilder& builder;
  };
  Context context{plan, builder};
  plan.layout->map->each(place, &context, [](void* passed, const void* key, const void* value) {
    auto& to = *static_cast<Context*>(passed);
    AppendPlace(*to.plan.element, key, to.builder.child(0));
    AppendPlace(*to.plan.value, value, to.builder.child(1));
    return true;
  });
  builder.AppendList();
}

[[gnu::always_inline]] inline void AppendDatum(const PlacePlan& plan, const void* place, ColumnBuilder& builder) {
  switch (plan.op) {
    case PlaceOp::kString: builder.AppendBytes(*static_cast<const std::string*>(place)); return;
    case PlaceOp::kWidth8: builder.AppendFixed(Load<std::int64_t>(place)); return;
    case PlaceOp::kStringView: builder.AppendBytes(*static_cast<const std::string_view*>(place)); return;
    case PlaceOp::kWidth4: builder.AppendFixed(Load<std::int32_t>(place)); return;
    case PlaceOp::kBool: builder.AppendBool(*static_cast<const bool*>(place)); return;
    case PlaceOp::kWidth1: builder.AppendFixed(Load<std::int8_t>(place)); return;
    case PlaceOp::kWidth2: builder.AppendFixed(Load<std::int16_t>(place)); return;
    case PlaceOp::kWidth16: builder.AppendFixed(Load<__int128>(place)); return;
    case PlaceOp::kBinary: builder.AppendBytes(static_cast<const Binary*>(place)->bytes); return;
    case PlaceOp::kStruct:
      AppendStruct(*plan.fields, place, builder.children());
      builder.AppendStruct();
      return;
    case PlaceOp::kVector: AppendVector(plan, place, builder); return;
    case PlaceOp::kMap: AppendMap(plan, place, builder); return;
    case PlaceOp::kValue: AppendDynamic(plan, place, builder); return;
  }
}

void AppendPlace(const PlacePlan& plan, const void* place, ColumnBuilder& builder) {
  if (plan.optional != nullptr) {
    place = plan.optional->get(place);
    if (place == nullptr) {
      if (!plan.nullable) {
        throw StatusError(Invalid(fmt::format("column {} allows no null, but the member is empty", plan.path)));
      }
      builder.AppendNull();
      return;
    }
  }
  AppendDatum(plan, place, builder);
}

void AppendStruct(const StructPlan& plan, const void* object, ColumnBuilder* builders) {
  for (const StructPlan::Field& field : plan.fields) {
    const void* place = static_cast<const char*>(object) + field.offset;
    if (field.optional) {
      AppendPlace(*field.place, place, builders[field.column]);
    } else {
      AppendDatum(*field.place, place, builders[field.column]);
    }
  }
}

class PlannedAppender final : public RowAppender {
 public:
  PlannedAppender(Schema schema, std::shared_ptr<const StructPlan> plan)
      : schema_(std::move(schema)), plan_(std::move(plan)), builders_(MakeBuilders(schema_)) {}

  void Append(const void* object) override {
    TakeWholeApart();
    if (plan_->is_row) {
      AppendRow(*static_cast<const Row*>(object));
    } else {
      AppendStruct(*plan_, object, builders_.data());
    }
    ++rows_;
  }

  void AppendBatch(const ColumnBatch& rows) override {
    if (rows_ == 0 && whole_.rows() == 0) {
      whole_ = rows;
      return;
    }
    TakeWholeApart();
    AppendColumns(rows);
  }

  [[nodiscard]] std::int64_t rows() const override { return rows_ + whole_.rows(); }

  ColumnBatch Finish() override {
    if (whole_.rows() > 0) {
      const ColumnBatch whole = std::exchange(whole_, {});
      return {schema_, whole.columns(), whole.rows()};
    }
    ColumnBatch batch = FinishBatch(schema_, builders_);
    return {schema_, batch.columns(), std::exchange(rows_, 0)};
  }

 private:
  void TakeWholeApart() {
    if (whole_.rows() > 0) [[unlikely]] {
      AppendColumns(std::exchange(whole_, {}));
    }
  }
  void AppendColumns(const ColumnBatch& rows) {
    for (std::size_t column = 0; column < builders_.size(); ++column) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        builders_[column].AppendFrom(rows.column(column), row);
      }
    }
    rows_ += rows.rows();
  }
  // Checks the whole row first, so that a row that does not fit leaves no part of it.
  void AppendRow(const Row& row) {
    if (row.size() != schema_.size()) {
      throw StatusError(Invalid(fmt::format("a row has {} values for {} columns", row.size(), schema_.size())));
    }
    for (const StructPlan::Field& field : plan_->fields) {
      const PlacePlan& place = *field.place;
      if (Status status = CheckValue(row[field.offset], place.type, place.nullable, place.path); !status.ok()) {
        throw StatusError(std::move(status));
      }
    }
    for (const StructPlan::Field& field : plan_->fields) {
      builders_[field.column].AppendValue(row[field.offset]);
    }
  }

  Schema schema_;
  std::shared_ptr<const StructPlan> plan_;
  std::vector<ColumnBuilder> builders_;
  std::int64_t rows_ = 0;  // in the builders
  ColumnBatch whole_;      // a batch that is all there is goes through as it is
};

}  // namespace

Result<std::unique_ptr<RowAppender>> RowAppender::Make(const Schema& schema, const TypeLayout& layout) {
  HF_ASSIGN_OR_RETURN(auto plan, detail::CompilePlan(schema.type(), layout, detail::PlanUse::kFillColumns, ""));
  return std::unique_ptr<RowAppender>(std::make_unique<PlannedAppender>(schema, std::move(plan)));
}

}  // namespace hf
