# SPDX-License-Identifier: Apache-2.0
"""What DuckDB does for batch DataFrames: aggregates, joins, sorting, and whole SQL queries.

DuckDB's types of results are not always Spark's (a sum of integers is a HUGEINT); where they differ the result is cast.
"""

from typing import Any, Callable, List, Optional, Sequence, Tuple

from holdfast import _engine
from holdfast.errors import not_offered
from holdfast.sql.column import AggregateCall
from holdfast.sql.plan import BatchPlan, Lazily
from holdfast.sql.types import (
    ArrayType,
    ByteType,
    DataType,
    DecimalType,
    IntegerType,
    LongType,
    ShortType,
    StructField,
    StructType,
)


def quoted(name: str) -> str:
    """An identifier as DuckDB takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


# Functions of Spark's that DuckDB lacks, as macros.
_MACROS = {"unix_timestamp": "unix_timestamp(moment) AS CAST(floor(epoch(moment)) AS BIGINT)"}


def query(sql: str, tables: Sequence[Tuple[str, Any]], zone: str) -> Any:
    """The rows of a DuckDB query over named relations, each anything with __arrow_c_stream__."""
    session = _engine.Sql()
    session.query(f"SET TimeZone = '{zone}'")
    for name, rows in tables:
        session.create_table(name, rows)
    for name, macro in _MACROS.items():
        if name in sql.lower():
            session.query(f"CREATE MACRO {macro}")
    return session.query(sql)


def over(
    sql: str, children: Sequence[BatchPlan], zone: str, schema: Optional[Callable[[], StructType]] = None
) -> BatchPlan:
    """A plan for a query in which `t0`, `t1` ... are the children. `schema` where it knows more than DuckDB's result."""

    def read() -> Any:
        return query(sql, [(f"t{number}", child.rows()) for number, child in enumerate(children)], zone)

    return Lazily(read, zone, schema)


# Aggregates that are never null.
NEVER_NULL = {"count", "count_if", "approx_count_distinct", "collect_list", "collect_set", "array_agg"}


def aggregated_schema(read: StructType, calls: Sequence[AggregateCall], keys: Sequence[StructField]) -> StructType:
    """What DuckDB gives for keys and calls, in this order, with Spark's nullability."""
    fields = [StructField(given.name, given.dataType, key.nullable) for given, key in zip(read.fields, keys)]
    for given, call in zip(read.fields[len(fields) :], calls):
        kind = given.dataType
        if isinstance(kind, ArrayType) and call.function.lower() in NEVER_NULL:
            kind = ArrayType(kind.elementType, False)
        fields.append(StructField(given.name, kind, call.function.lower() not in NEVER_NULL))
    return StructType(fields)


_AS_IT_IS = {"min", "max", "first", "last", "count", "count_if", "bool_and", "bool_or", "every", "some", "any_value"}
_DOUBLE = {"stddev": "stddev_samp", "std": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
           "variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop", "corr": "corr",
           "covar_pop": "covar_pop", "covar_samp": "covar_samp"}  # fmt: skip
_RENAMED = {"every": "bool_and", "some": "bool_or"}


def aggregate_text(call: AggregateCall, arguments: List[str], types: List[DataType]) -> str:
    """DuckDB's text of an aggregate whose arguments are columns of these names and types."""
    inside = ("DISTINCT " if call.distinct else "") + ", ".join(quoted(name) for name in arguments)
    name = call.function.lower()
    if name == "count" and not arguments:
        return "count(*)"
    if name == "approx_count_distinct":
        return f"CAST(count(DISTINCT {quoted(arguments[0])}) AS BIGINT)"
    if name in ("sum", "avg", "mean"):
        return _sum_or_average(name, inside, types[0])
    if name in ("first", "first_value", "last", "last_value", "any_value"):
        base = "last" if name.startswith("last") else "first"
        only = f" FILTER (WHERE {quoted(arguments[0])} IS NOT NULL)" if call.options.get("ignore_nulls") else ""
        return f"{base}({inside}){only}"
    if name in ("collect_list", "array_agg", "collect_set"):
        distinct = "DISTINCT " if name == "collect_set" else ""
        column = quoted(arguments[0])
        return f"coalesce(list({distinct}{column}) FILTER (WHERE {column} IS NOT NULL), [])"
    if name in _DOUBLE:
        return f"{_DOUBLE[name]}({inside})"
    if name in _AS_IT_IS:
        return f"{_RENAMED.get(name, name)}({inside})"
    raise not_offered(f"The aggregate function {call.function}")


def _sum_or_average(name: str, inside: str, kind: DataType) -> str:
    if name != "sum":
        if isinstance(kind, DecimalType):
            precision = min(kind.precision + 4, 38)
            return f"CAST(avg({inside}) AS DECIMAL({precision}, {min(kind.scale + 4, precision)}))"
        column = inside.removeprefix("DISTINCT ")
        kept = "DISTINCT " if column != inside else ""
        return f"(sum({kept}CAST({column} AS DOUBLE)) / count({inside}))"  # as Spark: over doubles
    if isinstance(kind, DecimalType):
        return f"CAST(sum({inside}) AS DECIMAL({min(kind.precision + 10, 38)}, {kind.scale}))"
    if isinstance(kind, (ByteType, ShortType, IntegerType, LongType)):
        return f"CAST(sum({inside}) AS BIGINT)"
    return f"CAST(sum({inside}) AS DOUBLE)"


def order_text(column: str, descending: bool, nulls_first: bool) -> str:
    return f"{quoted(column)} {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"


