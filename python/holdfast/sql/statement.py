# SPDX-License-Identifier: Apache-2.0
"""spark.sql: queries, and a few statements about views, tables, databases and settings. Others are refused by name."""

import os
import re
import string
from decimal import Decimal
from typing import Any, Dict, List, Optional, Tuple

from holdfast.errors import ParseException, PySparkTypeError, PySparkValueError, not_offered
from holdfast.paths import to_local
from holdfast.sql.column import Column
from holdfast.sql.expression import Name
from holdfast.sql.sql_query import query_plan, tokens_of
from holdfast.sql.sql_text import name_parts, text_literal
from holdfast.sql.stored_view import create_view
from holdfast.sql.table_statement import create_table, create_table_as, insert_into

_NAME = r"((?:`(?:[^`]|``)+`|\w+)(?:\.(?:`(?:[^`]|``)+`|\w+))*)"
_STATEMENTS = (
    ("view", rf"CREATE\s+(OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+VIEW\s+{_NAME}\s+AS\s+(.*)"),
    ("table_as", rf"CREATE\s+(OR\s+REPLACE\s+)?TABLE\s+(IF\s+NOT\s+EXISTS\s+)?{_NAME}(?:\s+USING\s+DELTA)?\s+AS\s+(.*)"),
    ("table", rf"CREATE\s+(OR\s+REPLACE\s+)?TABLE\s+(IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*(\(.*)"),
    ("stored_view", rf"CREATE\s+(OR\s+REPLACE\s+)?VIEW\s+{_NAME}\s+AS\s+(.*)"),
    (
        "insert",
        rf"INSERT\s+(INTO|OVERWRITE)\s+(?:TABLE\s+)?{_NAME}\s*(?:\(([\w\s,`]*)\)\s*)?((?:VALUES|SELECT|WITH)\b.*)",
    ),
    ("database", rf"CREATE\s+(?:DATABASE|SCHEMA)\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}.*"),
    ("catalog", rf"CREATE\s+CATALOG\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}"),
    ("volume", rf"CREATE\s+VOLUME\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}"),
    ("drop_view", rf"DROP\s+VIEW\s+(IF\s+EXISTS\s+)?{_NAME}"),
    ("drop_table", rf"DROP\s+TABLE\s+(IF\s+EXISTS\s+)?{_NAME}"),
    ("use_catalog", rf"(?:USE|SET)\s+CATALOG\s+{_NAME}"),
    ("use", rf"USE\s+(?:DATABASE\s+|SCHEMA\s+)?{_NAME}"),
    ("time_zone", r"SET\s+TIME\s+ZONE\s+('[^']*'|\"[^\"]*\")"),
    ("set", r"SET\s+([\w.]+)\s*=\s*(.*)"),
    ("tables", rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{_NAME})?"),
    ("describe", rf"DESC(?:RIBE)?\s+(?:TABLE\s+)?(?:EXTENDED\s+)?{_NAME}"),
)  # fmt: skip
_QUERIES = ("SELECT", "WITH", "VALUES", "FROM", "(")
# How statements of Spark's begin. A text that begins otherwise is a mistake.
_KNOWN = frozenset(
    """ADD ALTER ANALYZE BEGIN CACHE CALL CLEAR COMMENT CONVERT COPY CREATE DECLARE DELETE DESC DESCRIBE DROP EXECUTE
    EXPLAIN EXPORT GRANT IMPORT INSERT LIST LOAD LOCK MAP MERGE MSCK OPTIMIZE REDUCE REFRESH REORG REPAIR REPLACE RESET
    RESTORE REVOKE SET SHOW TABLE TRUNCATE UNCACHE UNLOCK UPDATE USE VACUUM""".split()
)


def run(session: Any, text: str, args: Any = None, values: Optional[Dict[str, Any]] = None) -> Any:
    """The rows of a statement; `values` are DataFrames, columns and values that the text names in braces."""
    if args:
        raise not_offered("spark.sql with args", "Write the values into the text, or name them in braces.")
    frames: Dict[str, Any] = {}
    if values:
        text = _Formatter(frames).format(text, **values)
    text = _plain(text)
    for kind, pattern in _STATEMENTS:
        found = re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)
        if found is not None:
            return _statement(session, kind, list(found.groups()))
    return query(session, text, frames)


def query(session: Any, text: str, frames: Optional[Dict[str, Any]] = None, place: Any = None) -> Any:
    """The rows of a query; any other statement is refused. `place` is where names with few parts are looked for."""
    text = _plain(text)
    words = re.findall(r"\w+|\(", text)[:2]
    first = words[0].upper() if words else ""
    if first not in _QUERIES:
        if first in _KNOWN:
            raise not_offered(f"The SQL statement {' '.join(words).upper()}, as it is written here,")
        raise ParseException(
            f"The text is no SQL statement: it begins with {first or 'nothing'}.", errorClass="PARSE_SYNTAX_ERROR"
        )
    return session._frame(query_plan(session, text, frames or {}, place))


def _plain(text: str) -> str:
    """Without comments, and the semicolon at the end."""
    return "".join(token for _, token in tokens_of(text)).strip().rstrip(";").strip()


class _Formatter(string.Formatter):
    """Puts values in the place of their names in braces, and keeps the DataFrames by the names that it gives them."""

    def __init__(self, frames: Dict[str, Any]) -> None:
        self._frames = frames

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Tuple[Any, Any]:
        value, first = super().get_field(field_name, args, kwargs)
        return self._text_of(field_name, value), first

    def _text_of(self, name: str, value: Any) -> str:
        from holdfast.sql.dataframe import DataFrame

        if isinstance(value, DataFrame):
            known = [one for one, frame in self._frames.items() if frame is value]
            alias = known[0] if known else f"frame_{len(self._frames)}__"
            self._frames[alias] = value
            return alias
        if isinstance(value, Column):
            if not isinstance(value._node, Name):
                raise PySparkValueError(
                    f"spark.sql takes only plain columns for a name in braces, but {{{name}}} is {value!r}.",
                    errorClass="VALUE_NOT_PLAIN_COLUMN_REFERENCE",
                )
            return value._node.sql()
        if isinstance(value, str):
            return text_literal(value)
        if value is None or isinstance(value, (bool, int, float, Decimal)):
            return "NULL" if value is None else str(value)
        raise PySparkTypeError(
            f"spark.sql takes DataFrames, columns, texts and numbers for a name in braces, but {{{name}}} is of the "
            f"class {type(value).__name__}: write the value into the text."
        )


def _statement(session: Any, kind: str, parts: List[Any]) -> Any:
    catalog = session.catalog
    if kind == "view":
        frame, name = query(session, parts[2]), parts[1].strip("`")
        frame.createOrReplaceTempView(name) if parts[0] else frame.createTempView(name)
    elif kind == "table_as":
        create_table_as(session, parts[2], bool(parts[0]), bool(parts[1]), parts[3])
    elif kind == "table":
        create_table(session, parts[2], bool(parts[0]), bool(parts[1]), parts[3])
    elif kind == "stored_view":
        create_view(session, parts[1], bool(parts[0]), parts[2])
    elif kind == "insert":
        insert_into(session, parts[0].upper() == "OVERWRITE", *parts[1:])
    elif kind == "drop_view":
        catalog._drop_view(parts[1], bool(parts[0]))
    elif kind == "drop_table":
        catalog._drop_table(parts[1], bool(parts[0]))
    elif kind == "use_catalog":
        catalog.setCurrentCatalog(name_parts(parts[0])[0])
    elif kind == "use":
        catalog.setCurrentDatabase(parts[0])
    elif kind == "time_zone":
        session.conf.set("spark.sql.session.timeZone", parts[0][1:-1])
    elif kind == "set":
        session.conf.set(parts[0], parts[1].strip().strip("'\""))
    elif kind == "tables":
        rows = [(".".join(one.namespace or []), one.name, one.isTemporary) for one in catalog.listTables(parts[0])]
        return session.createDataFrame(rows, "namespace STRING, tableName STRING, isTemporary BOOLEAN")
    elif kind == "describe":
        rows = [(name, data_type, None) for name, data_type in session.table(parts[0]).dtypes]
        return session.createDataFrame(rows, "col_name STRING, data_type STRING, comment STRING")
    elif kind == "volume":
        os.makedirs(to_local("/Volumes/" + "/".join(name_parts(parts[0]))), exist_ok=True)
    elif kind == "database":
        os.makedirs(to_local(catalog._folder(parts[0]), for_write=True), exist_ok=True)
    return session.createDataFrame([], "result STRING")
