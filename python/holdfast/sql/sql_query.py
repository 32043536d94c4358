# SPDX-License-Identifier: Apache-2.0
"""Queries of spark.sql: written again for DuckDB, over views and tables by Spark's names.

Texts are read by Spark's rules, with their backslashes, in single or double quotes; names in backticks become names.
All else is DuckDB's dialect.
"""

import re
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from holdfast import _engine
from holdfast.errors import AnalysisException, IllegalArgumentException, ParseException
from holdfast.sql import duck
from holdfast.sql.plan import BatchPlan, Lazily, conformed, schema_of_json
from holdfast.sql.sql_text import name_parts, unescaped_text
from holdfast.sql.types import DataType, LongType, StructField, StructType

_TOKEN = re.compile(
    r"(?P<blank>\s+)|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<raw>[rR](?:'[^']*'|\"[^\"]*\"))"
    r"|(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")|(?P<name>`(?:[^`]|``)*`|[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_WITH = re.compile(r"(?:\bWITH|\bRECURSIVE|,)\s*(\w+|`(?:[^`]|``)+`)\s*(?:\([^()]*\)\s*)?AS\s*\(", re.IGNORECASE)
# What ends a FROM with its tables.
_ENDS = frozenset("SELECT WHERE GROUP ORDER HAVING LIMIT OFFSET UNION INTERSECT EXCEPT WINDOW QUALIFY".split())
_NO_TABLES = _ENDS | {"LATERAL", "VALUES"}
# Functions that have a FROM of their own.
_WITH_FROM = frozenset("EXTRACT SUBSTRING SUBSTR TRIM OVERLAY".split())


def tokens_of(text: str) -> List[Tuple[str, str]]:
    """(kind, text) of each token; the comments are blanks."""
    found = [(match.lastgroup or "other", match.group()) for match in _TOKEN.finditer(text)]
    return [("blank", " ") if kind == "comment" else (kind, token) for kind, token in found]


def duck_text(text: str) -> str:
    """An expression of Spark's over columns, with texts and names as DuckDB has them."""
    return "".join(_duck_token(kind, token) for kind, token in tokens_of(text))


def _duck_token(kind: str, token: str) -> str:
    if kind == "raw":
        return duck.text_literal(token[2:-1])
    if kind == "text":
        return duck.text_literal(unescaped_text(token))
    if kind == "name" and token.startswith("`"):
        return duck.quoted(token[1:-1].replace("``", "`"))
    return token


class Rewritten(NamedTuple):
    """A query as DuckDB takes it, and what its tables are: name in the text to name of ours."""

    sql: str
    tables: Dict[str, str]


class _Level:
    """What is known between two parentheses."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.in_from = False


def rewritten(text: str) -> Rewritten:
    """Finds the tables: what stands behind FROM and JOIN, and behind the commas of a FROM."""
    tokens = tokens_of(text)
    inner = {found.strip("`").lower() for found in _WITH.findall(text)}
    written: List[str] = []
    tables: Dict[str, str] = {}
    levels = [_Level("")]
    expects_table = False
    before = ""  # the word or sign in front
    at = 0
    while at < len(tokens):
        kind, token = tokens[at]
        word = token.upper()
        if kind == "name" and expects_table and word not in _NO_TABLES:
            at, name = _dotted(tokens, at)
            is_ours = not _calls(tokens, at) and name.strip("`").lower() not in inner
            written.append(duck.quoted(_alias_of(name, tables)) if is_ours else duck_text(name))
            expects_table, before = False, name
            continue
        if kind == "name" and word == "FROM":
            expects_table = before != "DISTINCT" and levels[-1].function not in _WITH_FROM
            levels[-1].in_from = levels[-1].in_from or expects_table
        elif kind == "name" and word == "JOIN":
            expects_table = True
        elif kind == "name" and word in _ENDS:
            expects_table = levels[-1].in_from = False
        elif token == "(":
            levels.append(_Level(before))
        elif token == ")":
            levels = levels[:-1] or [_Level("")]
            expects_table = False
        elif token == ",":
            expects_table = levels[-1].in_from
        written.append(_duck_token(kind, token))
        before = before if kind == "blank" else word
        at += 1
    return Rewritten("".join(written), tables)


def _dotted(tokens: Sequence[Tuple[str, str]], at: int) -> Tuple[int, str]:
    """The name that begins here, with all its parts, and where it ends."""
    parts = [tokens[at][1]]
    at += 1
    while at + 1 < len(tokens) and tokens[at][1] == "." and tokens[at + 1][0] == "name":
        parts.append(tokens[at + 1][1])
        at += 2
    return at, ".".join(parts)


def _calls(tokens: Sequence[Tuple[str, str]], at: int) -> bool:
    """Whether the name in front of this place is that of a function of tables."""
    return at < len(tokens) and tokens[at][1] == "("


def _alias_of(name: str, tables: Dict[str, str]) -> str:
    """The last part of the table's name, or all of it where another table has that one already."""
    last = name_parts(name)[-1]
    alias = last if tables.get(last, name) == name else name.replace("`", "")
    tables[alias] = name
    return alias


def query_plan(session: Any, text: str, frames: Dict[str, Any], place: Any) -> BatchPlan:
    """The rows of a query. Its names mean what they mean now; the rows are read when they are asked for."""
    made = rewritten(text)
    plans: List[Tuple[str, BatchPlan]] = []
    for alias, name in made.tables.items():
        frame = frames[name] if name in frames else session.catalog._frame_of(name, place)
        plans.append((alias, frame._batch("spark.sql")))
    zone = session._zone

    def read() -> Any:
        return duck.query(made.sql, [(alias, plan.rows()) for alias, plan in plans], zone)

    # The columns of a PIVOT are those of the rows.
    with_rows = re.search(r"\bPIVOT\b", made.sql, re.IGNORECASE) is not None
    tables = [(alias, plan.rows() if with_rows else duck.empty_rows(plan.schema)) for alias, plan in plans]
    schema = _schema_of(made.sql, tables, zone)
    return Lazily(lambda: conformed(read(), schema), zone, lambda: schema)


def _schema_of(sql: str, tables: Sequence[Tuple[str, Any]], zone: str) -> StructType:
    """The columns of a query, with Spark's names and types where DuckDB's are others and can be told."""
    try:
        types = duck.query(f"SELECT column_type FROM (DESCRIBE {sql})", tables, zone)
        rows = duck.query(sql, tables, zone)
    except IllegalArgumentException as why:
        raise _in_spark_s_words(why) from why
    known = schema_of_json(_engine.rows(rows).schema_json)
    fields = []
    for one, (duck_type,) in zip(known.fields, _tuples(types)):
        kind: DataType = LongType() if duck_type in ("HUGEINT", "UHUGEINT", "UBIGINT") else one.dataType
        fields.append(StructField(one.name.replace("count_star()", "count(1)"), kind))
    return StructType(fields)


def _tuples(rows: Any) -> List[Tuple[Any, ...]]:
    import pyarrow as pa

    return [tuple(row.values()) for row in pa.table(rows).to_pylist()]


def _in_spark_s_words(error: IllegalArgumentException) -> AnalysisException:
    """DuckDB's error of a query as the one that Spark has for it."""
    message = str(error).removeprefix("SQL: ")
    if message.startswith(("Parser Error", "Syntax Error")):
        return ParseException(f"The query cannot be read: {message}", errorClass="PARSE_SYNTAX_ERROR")
    return AnalysisException(f"The query cannot be run: {message}")
