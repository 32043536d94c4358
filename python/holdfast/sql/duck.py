# SPDX-License-Identifier: Apache-2.0
"""What DuckDB does for batch DataFrames: aggregates, joins, sorting, and whole SQL queries.

DuckDB's types of results are not always Spark's (a sum of integers is a HUGEINT); where they differ the result is cast.
"""

import re
from typing import Any, Callable, Optional, Sequence, Tuple

import pyarrow as pa

from holdfast import _engine
from holdfast.errors import AnalysisException, not_offered
from holdfast.sql.arrow_types import to_arrow_schema
from holdfast.sql.plan import BatchPlan, Lazily, conformed, schema_of_json
from holdfast.sql.types import ArrayType, DataType, MapType, StructType


def quoted(name: str) -> str:
    """An identifier as DuckDB takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


# Functions of Spark's that DuckDB lacks, as macros.
_MACROS = {"unix_timestamp": "unix_timestamp(moment) AS CAST(floor(epoch(moment)) AS BIGINT)"}


def query(sql: str, tables: Sequence[Tuple[str, Any]], zone: str = "UTC") -> Any:
    """The rows of a DuckDB query over named relations, each anything with __arrow_c_stream__."""
    session = _engine.Sql()
    session.query(f"SET TimeZone = '{duck_zone(zone)}'")
    session.query("SET default_null_order = 'nulls_first_on_asc_last_on_desc'")
    for name, rows in tables:
        session.create_table(name, rows)
    for name, macro in _MACROS.items():
        if name in sql.lower():
            session.query(f"CREATE MACRO {macro}")
    return session.query(sql)


def duck_zone(zone: str) -> str:
    """The session's zone by a name that DuckDB has: of fixed offsets it knows the whole hours."""
    found = re.fullmatch(r"(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d{2}))?", zone)
    if found is None:
        return "UTC" if zone == "Z" else zone
    sign, hours, minutes = found.groups()
    if int(minutes or 0):
        raise not_offered(
            f"spark.sql in the time zone {zone}", "Set spark.sql.session.timeZone to a region, as in Asia/Kolkata."
        )
    return f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}" if int(hours) else "UTC"


def empty_rows(schema: StructType) -> pa.Table:
    """No rows of these columns: what a query over them gives has the types that it has for all rows."""
    return to_arrow_schema(schema).empty_table()


def over(
    sql: str,
    children: Sequence[BatchPlan],
    schema: Optional[StructType] = None,
    finish: Callable[[Any], Any] = lambda rows: rows,
) -> BatchPlan:
    """A plan for a query in which `t0`, `t1` ... are the children, with their columns by number: c0, c1 ...

    The result's columns go by place to those of `schema`, which knows more than DuckDB: nullability, metadata, a column
    of nulls only. Without it DuckDB is asked for the types. `finish` does what DuckDB cannot. No step computes with
    times, so the zone is none of the session's.
    """

    def run(tables: Sequence[Any]) -> Any:
        return finish(query(sql, [(f"t{number}", _numbered(rows)) for number, rows in enumerate(tables)]))

    if schema is None:
        schema = schema_of_json(_engine.rows(run([empty_rows(child.schema) for child in children])).schema_json)
    known = schema
    return Lazily(
        lambda: conformed(run([child.rows() for child in children]), known), children[0].zone, lambda: known
    )


def _numbered(rows: Any) -> pa.Table:
    """DuckDB's tables have no two columns of one name, DataFrames may."""
    table = pa.table(rows)
    return table.rename_columns([f"c{place}" for place in range(table.num_columns)])


def order_text(column: str, kind: DataType, descending: bool, nulls_first: bool) -> str:
    """Sorts by a column of this type."""
    way = f"{'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"
    return f"{comparable(column, kind)} {way}"


def comparable(value: str, kind: DataType, depth: int = 0) -> str:
    """A value that DuckDB orders as Spark orders `value`. Within structs and arrays null is least for Spark and
    greatest for DuckDB: there each value gets in front of it whether it is there."""
    if isinstance(kind, StructType):
        fields = ", ".join(
            f"f{place} := {_present_first(f'struct_extract({value}, {text_literal(one.name)})', one.dataType, depth)}"
            for place, one in enumerate(kind.fields)
        )
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({fields}) END"
    if isinstance(kind, ArrayType):
        element = f"e{depth}"
        return f"list_transform({value}, lambda {element}: {_present_first(element, kind.elementType, depth + 1)})"
    if isinstance(kind, MapType):
        raise AnalysisException(
            f"Rows cannot be ordered by a {kind.simpleString()}: maps have no order.",
            errorClass="DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        )
    return value


def _present_first(value: str, kind: DataType, depth: int) -> str:
    return f"struct_pack(there := {value} IS NOT NULL, it := {comparable(value, kind, depth)})"


def text_literal(text: str) -> str:
    """A text as DuckDB takes it, whatever is in it."""
    return "'" + text.replace("'", "''") + "'"
