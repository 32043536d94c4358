# SPDX-License-Identifier: Apache-2.0
"""Statements of spark.sql that make tables, and that put rows into tables."""

import os
import re
import warnings
from typing import Any, List, Optional, Sequence, Tuple

from holdfast.errors import AnalysisException, ParseException, not_offered
from holdfast.sql.ddl import parse_ddl, type_to_sql
from holdfast.sql.sql_text import quoted_name
from holdfast.sql.types import StructType

_USING = re.compile(r"USING\s+(\w+)", re.IGNORECASE)
_COMMENT = re.compile(r"COMMENT\s+('(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")", re.IGNORECASE)
_PROPERTIES = re.compile(r"TBLPROPERTIES\s*\(([^()]*)\)", re.IGNORECASE)
_PARTITIONED = re.compile(r"PARTITIONED\s+BY\s*\(([^()]*)\)", re.IGNORECASE)


def create_table(session: Any, name: str, replaces: bool, may_exist: bool, text: str) -> None:
    """CREATE TABLE with columns; `text` begins with their parenthesis."""
    columns, clauses = _parenthesis(text)
    schema = parse_ddl(columns)
    if not isinstance(schema, StructType):
        raise ParseException(f"The columns of the table {name} are no schema: {columns}.")
    partition_by = _clauses(name, clauses)
    exists = os.path.isdir(os.path.join(session.catalog._local_location(name), "_delta_log"))
    if may_exist and exists:
        return
    if replaces and exists and session.catalog._frame_of(name).dtypes != [
        (field.name, field.dataType.simpleString()) for field in schema.fields
    ]:
        raise not_offered(f"CREATE OR REPLACE TABLE {name} with other columns than it has", "DROP TABLE it first.")
    mode = "overwrite" if replaces else "errorifexists"
    session.createDataFrame([], schema).write.mode(mode).partitionBy(*partition_by).saveAsTable(name)


def _parenthesis(text: str) -> Tuple[str, str]:
    """What stands within the parenthesis at the beginning, and what behind it."""
    depth = 0
    for found in re.finditer(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`|[()]", text):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return text[1 : found.start()], text[found.end() :]
    raise ParseException(f"There is no end to the parenthesis in {text!r}.", errorClass="PARSE_SYNTAX_ERROR")


def _clauses(name: str, text: str) -> List[str]:
    """Reads what follows the columns; returns the columns that partition the table."""
    partition_by: List[str] = []
    text = text.strip()
    while text:
        for pattern in (_USING, _COMMENT, _PROPERTIES, _PARTITIONED):
            found = pattern.match(text)
            if found is not None:
                break
        else:
            raise not_offered(f"CREATE TABLE with {text!r}")
        if pattern is _USING and found.group(1).lower() != "delta":
            raise not_offered(f"CREATE TABLE USING {found.group(1)}", "Tables are Delta tables.")
        if pattern is _PARTITIONED:
            partition_by = [one.strip().strip("`") for one in found.group(1).split(",")]
        elif pattern in (_COMMENT, _PROPERTIES):
            warnings.warn(f"CREATE TABLE {name}: {found.group()} is not kept and changes nothing.", stacklevel=2)
        text = text[found.end() :].strip()
    return partition_by


def create_table_as(session: Any, name: str, replaces: bool, may_exist: bool, query: str) -> None:
    """CREATE TABLE AS, with the columns of a query."""
    from holdfast.sql import statement

    rows = statement.query(session, query)
    if may_exist and os.path.isdir(os.path.join(session.catalog._local_location(name), "_delta_log")):
        return
    rows.write.mode("overwrite" if replaces else "errorifexists").saveAsTable(name)


def insert_into(session: Any, overwrites: bool, name: str, names: Optional[str], query: str) -> None:
    """INSERT: the rows of a query. `names` are the columns that it has values for."""
    from holdfast.sql import statement

    given = None if names is None else [one.strip().strip("`") for one in names.split(",")]
    insert_rows(session, name, statement.query(session, query), overwrites, given)


def insert_rows(
    session: Any, name: str, rows: Any, overwrites: bool, names: Optional[Sequence[str]] = None, **options: str
) -> None:
    """Puts rows into a table, which must be there, cast to its columns; without names they go together by place."""
    table = session.read.format("delta").load(session.catalog._existing_location(name))
    given = table.columns if names is None else [table._resolve(one) for one in names]
    if len(rows.columns) != len(given):
        found = "TOO_MANY_DATA_COLUMNS" if len(rows.columns) > len(given) else "NOT_ENOUGH_DATA_COLUMNS"
        raise AnalysisException(
            f"INSERT INTO {name} has values for {len(rows.columns)} columns, but {len(given)} are named: "
            f"{', '.join(given)}.",
            errorClass=f"INSERT_COLUMN_ARITY_MISMATCH.{found}",
        )
    rows = rows.toDF(*given)
    lacking = [field for field in table.schema.fields if field.name not in given]
    rows = rows._new(rows._plan.with_nulls(lacking)) if lacking else rows
    texts = []
    for field in table.schema.fields:
        column = quoted_name(field.name)
        is_so = rows.schema[field.name].dataType == field.dataType
        texts.append(column if is_so else f"CAST({column} AS {type_to_sql(field.dataType)}) AS {column}")
    mode = "overwrite" if overwrites else "append"
    rows.selectExpr(*texts).write.mode(mode).options(**options).saveAsTable(name)
