# SPDX-License-Identifier: Apache-2.0
"""Functions over many rows, for DataFrame.agg and GroupedData.agg."""

from typing import Any, Optional, Sequence, Union

from holdfast.sql.column import Column, column_of
from holdfast.sql.expression import Aggregate
from holdfast.sql.functions.conditions import lit
from holdfast.sql.functions.define import COLUMN, COLUMNS, aggregate_function

avg = aggregate_function("avg", col=COLUMN)
mean = aggregate_function("mean", sql="avg", col=COLUMN)
bool_and = aggregate_function("bool_and", col=COLUMN)
bool_or = aggregate_function("bool_or", col=COLUMN)
collect_list = aggregate_function("collect_list", col=COLUMN)
array_agg = aggregate_function("array_agg", col=COLUMN)
collect_set = aggregate_function("collect_set", col=COLUMN)
corr = aggregate_function("corr", col1=COLUMN, col2=COLUMN)
count = aggregate_function("count", col=COLUMN)
count_distinct = aggregate_function("count_distinct", sql="count", distinct=True, col=COLUMN, cols=COLUMNS)
countDistinct = count_distinct
count_if = aggregate_function("count_if", col=COLUMN)
covar_pop = aggregate_function("covar_pop", col1=COLUMN, col2=COLUMN)
covar_samp = aggregate_function("covar_samp", col1=COLUMN, col2=COLUMN)
every = aggregate_function("every", col=COLUMN)
kurtosis = aggregate_function("kurtosis", col=COLUMN)
max = aggregate_function("max", col=COLUMN)
median = aggregate_function("median", col=COLUMN)
min = aggregate_function("min", col=COLUMN)
skewness = aggregate_function("skewness", col=COLUMN)
some = aggregate_function("some", col=COLUMN)
std = aggregate_function("std", col=COLUMN)
stddev = aggregate_function("stddev", col=COLUMN)
stddev_pop = aggregate_function("stddev_pop", col=COLUMN)
stddev_samp = aggregate_function("stddev_samp", col=COLUMN)
sum = aggregate_function("sum", col=COLUMN)
sum_distinct = aggregate_function("sum_distinct", sql="sum", distinct=True, col=COLUMN)
sumDistinct = sum_distinct
var_pop = aggregate_function("var_pop", col=COLUMN)
var_samp = aggregate_function("var_samp", col=COLUMN)
variance = aggregate_function("variance", col=COLUMN)


def _one(function: str, col: "Column | str", *options: "tuple[str, Any]") -> Column:
    return Column(Aggregate(function, [column_of(col)._node], options=options))


def first(col: "Column | str", ignorenulls: bool = False) -> Column:
    """The first value, or the first that is not null."""
    return _one("first", col, ("ignore_nulls", ignorenulls))


def last(col: "Column | str", ignorenulls: bool = False) -> Column:
    """The last value, or the last that is not null."""
    return _one("last", col, ("ignore_nulls", ignorenulls))


def any_value(col: "Column | str", ignoreNulls: Optional[bool] = None) -> Column:
    """Some value of the group."""
    return _one("any_value", col, *(() if ignoreNulls is None else (("ignore_nulls", ignoreNulls),)))


def approx_count_distinct(col: "Column | str", rsd: Optional[float] = None) -> Column:
    """About how many different values there are; `rsd` is the error allowed."""
    return _one("approx_count_distinct", col, *(() if rsd is None else (("rsd", rsd),)))


approxCountDistinct = approx_count_distinct


def mode(col: "Column | str", deterministic: bool = False) -> Column:
    """The most frequent value."""
    return _one("mode", col, ("deterministic", deterministic))


def _by(function: str, col: "Column | str", ord: "Column | str", k: Optional[int]) -> Column:
    nodes = [column_of(col)._node, column_of(ord, "ord")._node]
    return Column(Aggregate(function, nodes if k is None else [*nodes, lit(k)._node]))


def max_by(col: "Column | str", ord: "Column | str", k: Optional[int] = None) -> Column:
    """The value of the row in which `ord` is greatest, or those of the k such rows."""
    return _by("max_by", col, ord, k)


def min_by(col: "Column | str", ord: "Column | str", k: Optional[int] = None) -> Column:
    """The value of the row in which `ord` is least, or those of the k such rows."""
    return _by("min_by", col, ord, k)


def percentile_approx(
    col: "Column | str", percentage: Union[Column, float, Sequence[float]], accuracy: Union[Column, int] = 10000
) -> Column:
    """About the value below which this part of the values lies."""
    part = lit(list(percentage)) if isinstance(percentage, (list, tuple)) else lit(percentage)
    return Column(Aggregate("percentile_approx", [column_of(col)._node, part._node, lit(accuracy)._node]))
