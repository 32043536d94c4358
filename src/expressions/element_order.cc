// SPDX-License-Identifier: Apache-2.0
// array_sort, sort_array, array_distinct, array_min, array_max (Spark 4.3 collectionOperations.scala,
// higherOrderFunctions.scala), over lists of scalars.
#include "expressions/element_order.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "expressions/routine.h"

namespace hf {
namespace {

template <typename T>
int Compared(T left, T right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

template <typename T>
int ComparedReals(T left, T right) {
  const bool left_nan = std::isnan(left);
  const bool right_nan = std::isnan(right);
  return left_nan || right_nan ? static_cast<int>(left_nan) - static_cast<int>(right_nan) : Compared(left, right);
}

// The elements of a row that are not null, and how many are.
struct Present {
  std::vector<std::int64_t> elements;
  std::int64_t nulls = 0;
};

Present PresentIn(const Column& elements, Elements range) {
  Present row;
  for (std::int64_t element = range.begin; element < range.end; ++element) {
    if (elements.IsNull(element)) {
      ++row.nulls;
    } else {
      row.elements.push_back(element);
    }
  }
  return row;
}

// Calls `take` with the elements of each row; null for a list that is null.
template <typename F>
Status EachList(const Arguments& arguments, ColumnBuilder& out, const F& take) {
  const Vector& lists = arguments.vectors[0];
  const Column& elements = lists.column.children[0];
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (lists.IsNull(row)) {
      out.AppendNull();
    } else {
      HF_RETURN_IF_ERROR(take(elements, ElementsAt(lists.column, lists.At(row)), row));
    }
  }
  return {};
}

void AppendSorted(const Column& elements, Elements range, bool ascending, bool nulls_first, ColumnBuilder& out) {
  Present row = PresentIn(elements, range);
  std::stable_sort(row.elements.begin(), row.elements.end(), [&](std::int64_t left, std::int64_t right) {
    return ascending ? CompareElements(elements, left, right) < 0 : CompareElements(elements, right, left) < 0;
  });
  const auto append_nulls = [&] {
    for (std::int64_t i = 0; i < row.nulls; ++i) {
      out.child(0).AppendNull();
    }
  };
  if (nulls_first) {
    append_nulls();
  }
  for (const std::int64_t element : row.elements) {
    out.child(0).AppendFrom(elements, element);
  }
  if (!nulls_first) {
    append_nulls();
  }
  out.AppendList();
}

// array_sort(list): nulls are last.
Status ArraySort(const Arguments& arguments, ColumnBuilder& out) {
  return EachList(arguments, out, [&](const Column& elements, Elements range, std::int64_t) -> Status {
    AppendSorted(elements, range, true, false, out);
    return {};
  });
}

// sort_array(list, ascending): nulls are least.
Status SortArray(const Arguments& arguments, ColumnBuilder& out) {
  const ValuesOf<bool> ascending(arguments.vectors[1]);
  return EachList(arguments, out, [&](const Column& elements, Elements range, std::int64_t row) -> Status {
    AppendSorted(elements, range, ascending[row], ascending[row], out);
    return {};
  });
}

// Spark makes 0.0 of -0.0 here.
void AppendNormalized(const Column& elements, std::int64_t element, ColumnBuilder& out) {
  const TypeKind kind = elements.type.kind();
  if (kind == TypeKind::kDouble && !elements.IsNull(element)) {
    out.AppendFixed(elements.Fixed<double>(element) + 0.0);
  } else if (kind == TypeKind::kFloat && !elements.IsNull(element)) {
    out.AppendFixed(elements.Fixed<float>(element) + 0.0F);
  } else {
    out.AppendFrom(elements, element);
  }
}

// The first of those that are equal.
Status ArrayDistinct(const Arguments& arguments, ColumnBuilder& out) {
  return EachList(arguments, out, [&](const Column& elements, Elements range, std::int64_t) -> Status {
    std::vector<std::int64_t> order = PresentIn(elements, range).elements;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t left, std::int64_t right) { return CompareElements(elements, left, right) < 0; });
    std::vector<bool> repeated(static_cast<std::size_t>(range.size()));
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (CompareElements(elements, order[i - 1], order[i]) == 0) {
        repeated[static_cast<std::size_t>(order[i] - range.begin)] = true;
      }
    }
    bool null_seen = false;
    for (std::int64_t element = range.begin; element < range.end; ++element) {
      const bool is_null = elements.IsNull(element);
      if (is_null ? !null_seen : !repeated[static_cast<std::size_t>(element - range.begin)]) {
        AppendNormalized(elements, element, out.child(0));
      }
      null_seen = null_seen || is_null;
    }
    out.AppendList();
    return {};
  });
}

// The first of the least, or of the greatest; null when there is none.
template <int direction>
Status Extreme(const Arguments& arguments, ColumnBuilder& out) {
  return EachList(arguments, out, [&](const Column& elements, Elements range, std::int64_t) -> Status {
    std::int64_t best = -1;
    for (std::int64_t element = range.begin; element < range.end; ++element) {
      if (!elements.IsNull(element) && (best < 0 || CompareElements(elements, element, best) * direction > 0)) {
        best = element;
      }
    }
    if (best < 0) {
      out.AppendNull();
    } else {
      out.AppendFrom(elements, best);
    }
    return {};
  });
}

}  // namespace

int CompareElements(const Column& column, std::int64_t left, std::int64_t right) {
  switch (column.type.kind()) {
    case TypeKind::kBoolean: return Compared(column.Bool(left), column.Bool(right));
    case TypeKind::kByte: return Compared(column.Fixed<std::int8_t>(left), column.Fixed<std::int8_t>(right));
    case TypeKind::kShort: return Compared(column.Fixed<std::int16_t>(left), column.Fixed<std::int16_t>(right));
    case TypeKind::kInt:
    case TypeKind::kDate: return Compared(column.Fixed<std::int32_t>(left), column.Fixed<std::int32_t>(right));
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz: return Compared(column.Fixed<std::int64_t>(left), column.Fixed<std::int64_t>(right));
    case TypeKind::kFloat: return ComparedReals(column.Fixed<float>(left), column.Fixed<float>(right));
    case TypeKind::kDouble: return ComparedReals(column.Fixed<double>(left), column.Fixed<double>(right));
    case TypeKind::kDecimal: return Compared(column.Fixed<__int128>(left), column.Fixed<__int128>(right));
    default: return column.Bytes(left).compare(column.Bytes(right));  // unsigned
  }
}

void AddElementOrder(std::vector<Routine>& list) {
  const auto add = [&](std::string_view name, std::vector<TypeKind> from, Kernel kernel, bool makes_null) {
    list.push_back({.name = std::string(name),
                    .arguments = std::move(from),
                    .result = TypeKind::kNull,
                    .kernel = kernel,
                    .makes_null = makes_null});
  };
  constexpr TypeKind kArray = TypeKind::kArray;
  add("array_sort", {kArray}, ArraySort, false);
  add("sort_array", {kArray, TypeKind::kBoolean}, SortArray, false);
  add("array_distinct", {kArray}, ArrayDistinct, false);
  add("array_min", {kArray}, Extreme<-1>, true);
  add("array_max", {kArray}, Extreme<1>, true);
}

}  // namespace hf
