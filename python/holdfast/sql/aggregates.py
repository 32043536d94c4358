# SPDX-License-Identifier: Apache-2.0
"""Aggregates of batch DataFrames as DuckDB's, with the types and nulls that Spark has for them."""

import decimal
from typing import Any, List, Optional, Sequence

import pyarrow as pa

from holdfast.errors import ArithmeticException, not_offered
from holdfast.sql.column import AggregateCall
from holdfast.sql.duck import comparable, over
from holdfast.sql.plan import BatchPlan
from holdfast.sql.types import (
    ArrayType,
    ByteType,
    DataType,
    DecimalType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StructField,
    StructType,
)

# Aggregates that are never null.
NEVER_NULL = {"count", "count_if", "approx_count_distinct", "collect_list", "collect_set", "array_agg"}


def aggregated(
    plan: BatchPlan, keys: int, calls: Sequence[AggregateCall], places: Sequence[Sequence[int]]
) -> BatchPlan:
    """A row for each key, with the columns key_0 ... and agg_0 ... The keys are the first columns of the plan, and the
    arguments of each call are those at its places."""
    fields = plan.schema.fields
    types = [[fields[place].dataType for place in some] for some in places]
    texts = [
        f"{aggregate_text(call, [f'c{place}' for place in some], kinds)} AS agg_{number}"
        for number, (call, some, kinds) in enumerate(zip(calls, places, types))
    ]
    by = [f"c{number}" for number in range(keys)]
    sql = f"SELECT {', '.join([f'{name} AS key_{number}' for number, name in enumerate(by)] + texts)} FROM t0"
    if by:
        sql += f" GROUP BY {', '.join(by)}"
    averages = [None] * keys + [decimal_average(call, kinds) for call, kinds in zip(calls, types)]

    def finish(rows: Any) -> Any:
        return with_averages(rows, averages) if any(averages) else rows

    read = over(sql, [plan], finish=finish).schema
    return over(sql, [plan], _schema(read, calls, fields[:keys]), finish)


def _schema(read: StructType, calls: Sequence[AggregateCall], keys: Sequence[StructField]) -> StructType:
    """What DuckDB gives for keys and calls, in this order, with Spark's nullability."""
    fields = [StructField(f"key_{place}", one.dataType, one.nullable, one.metadata) for place, one in enumerate(keys)]
    for given, call in zip(read.fields[len(fields) :], calls):
        kind = given.dataType
        if isinstance(kind, ArrayType) and call.function.lower() in NEVER_NULL:
            kind = ArrayType(kind.elementType, False)
        fields.append(StructField(given.name, kind, call.function.lower() not in NEVER_NULL))
    return StructType(fields)


_AS_IT_IS = {"bool_and": "bool_and", "bool_or": "bool_or", "every": "bool_and", "some": "bool_or"}
_DOUBLE = {"stddev": "stddev_samp", "std": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
           "variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop", "corr": "corr",
           "covar_pop": "covar_pop", "covar_samp": "covar_samp"}  # fmt: skip


def aggregate_text(call: AggregateCall, columns: Sequence[str], types: Sequence[DataType]) -> str:
    """DuckDB's text of an aggregate whose arguments are columns of these names and types."""
    name = call.function.lower()
    distinct = "DISTINCT " if call.distinct else ""
    inside = distinct + ", ".join(columns)
    if name == "count":
        return _count(distinct, columns)
    if name == "count_if":
        return f"CAST(count_if({inside}) AS BIGINT)"
    if name == "approx_count_distinct":
        return f"CAST(count(DISTINCT {columns[0]}) AS BIGINT)"
    if name == "sum":
        return _sum(inside, types[0])
    if name == "avg":
        return _average(distinct, columns[0], types[0])
    if name in ("min", "max"):
        nested = isinstance(types[0], (ArrayType, MapType, StructType))
        return f"arg_{name}({columns[0]}, {comparable(columns[0], types[0])})" if nested else f"{name}({columns[0]})"
    if name in ("first", "last", "any_value"):
        only = f" FILTER (WHERE {columns[0]} IS NOT NULL)" if call.options.get("ignore_nulls") else ""
        return f"{'last' if name == 'last' else 'first'}({inside}){only}"
    if name in ("collect_list", "array_agg", "collect_set"):
        once = "DISTINCT " if name == "collect_set" else distinct
        values = f"list({once}{columns[0]}) FILTER (WHERE {columns[0]} IS NOT NULL)"
        # DuckDB's own order of a set is another one each time.
        return f"coalesce({f'list_sort({values})' if name == 'collect_set' else values}, [])"
    if name in _DOUBLE or name in _AS_IT_IS:
        return f"{_DOUBLE.get(name) or _AS_IT_IS[name]}({inside})"
    raise not_offered(f"The aggregate function {call.function}")


def _count(distinct: str, columns: Sequence[str]) -> str:
    """A row counts when none of the columns is null."""
    if not columns:
        return "count(*)"
    there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    counted = f"DISTINCT row({', '.join(columns)})" if distinct else "*"
    return f"count({counted}) FILTER (WHERE {there})"


def _sum(inside: str, kind: DataType) -> str:
    if isinstance(kind, DecimalType):
        return f"CAST(sum({inside}) AS DECIMAL({min(kind.precision + 10, 38)}, {kind.scale}))"
    if isinstance(kind, (ByteType, ShortType, IntegerType, LongType)):
        return f"CAST(sum({inside}) AS BIGINT)"
    return f"CAST(sum({inside}) AS DOUBLE)"


def _average(distinct: str, column: str, kind: DataType) -> str:
    """As Spark: over doubles, or of decimals exactly, which `with_averages` makes of sum and count."""
    if isinstance(kind, DecimalType):
        return f"struct_pack(total := sum({distinct}{column}), number := count({distinct}{column}))"
    return f"(sum({distinct}CAST({column} AS DOUBLE)) / count({distinct}{column}))"


def decimal_average(call: AggregateCall, types: Sequence[DataType]) -> Optional[DecimalType]:
    """The type of an average of decimals; None for any other aggregate."""
    if call.function.lower() != "avg" or not isinstance(types[0], DecimalType):
        return None
    return DecimalType(min(types[0].precision + 4, 38), min(types[0].scale + 4, 38))


def with_averages(rows: Any, kinds: Sequence[Optional[DecimalType]]) -> pa.Table:
    """The rows with averages of these types in place of their sums and counts; None leaves a column as it is."""
    table = pa.table(rows)
    for place, kind in enumerate(kinds):
        if kind is not None:
            averages = _averages(table.column(place).to_pylist(), kind)
            table = table.set_column(place, table.column_names[place], averages)
    return table


def _averages(sums: List[Any], kind: DecimalType) -> pa.Array:
    unit = decimal.Decimal(1).scaleb(-kind.scale)
    # More digits than a sum, a count and the rounding need.
    with decimal.localcontext(decimal.Context(prec=100, rounding=decimal.ROUND_HALF_UP)):
        averages = [(one["total"] / one["number"]).quantize(unit) if one["number"] else None for one in sums]
    try:
        return pa.array(averages, pa.decimal128(kind.precision, kind.scale))
    except pa.ArrowInvalid as why:
        raise ArithmeticException(
            f"An average cannot be represented as {kind.simpleString()}: {why}",
            errorClass="NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        ) from why
