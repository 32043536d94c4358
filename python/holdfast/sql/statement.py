# SPDX-License-Identifier: Apache-2.0
"""spark.sql: a query in DuckDB's dialect over views and tables by Spark's names, and a few statements about those.

Texts in double quotes become texts, names in backticks become names, as Spark has them; all else is DuckDB's dialect.
"""

import os
import re
from typing import Any, Dict, List, Optional, Tuple

from holdfast.errors import not_offered
from holdfast.notebook.paths import to_local
from holdfast.sql import duck
from holdfast.sql.plan import Lazily
from holdfast.sql.sql_text import name_parts
from holdfast.sql.stored_view import create_view
from holdfast.sql.table_statement import create_table, insert_into

_TOKEN = re.compile(
    r"(?P<blank>\s+|--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^'\\]|\\.|'')*')|(?P<double>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>`(?:[^`]|``)*`|[A-Za-z_][A-Za-z_0-9]*)|(?P<other>.)",
    re.DOTALL,
)
_NAME = r"((?:`[^`]+`|\w+)(?:\.(?:`[^`]+`|\w+))*)"
_STATEMENTS = (
    ("view", rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:GLOBAL\s+)?TEMP(?:ORARY)?\s+VIEW\s+{_NAME}\s+AS\s+(.*)"),
    ("table_as", rf"CREATE\s+(OR\s+REPLACE\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}(?:\s+USING\s+DELTA)?\s+AS\s+(.*)"),
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
    ("drop_database", rf"DROP\s+(?:DATABASE|SCHEMA)\s+(?:IF\s+EXISTS\s+)?{_NAME}.*"),
    ("use_catalog", rf"(?:USE|SET)\s+CATALOG\s+{_NAME}"),
    ("use", rf"USE\s+(?:DATABASE\s+|SCHEMA\s+)?{_NAME}"),
    ("set", r"SET\s+([\w.]+)\s*=\s*(.*)"),
    ("tables", rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{_NAME})?"),
    ("describe", rf"DESC(?:RIBE)?\s+(?:TABLE\s+)?(?:EXTENDED\s+)?{_NAME}"),
)  # fmt: skip


def run(session: Any, text: str, args: Any = None, frames: Optional[Dict[str, Any]] = None) -> Any:
    """The rows of a statement; `frames` are DataFrames that the text names in braces."""
    text = text.strip().rstrip(";").strip()
    if args:
        raise not_offered("spark.sql with args", "Write the values into the text.")
    extra = dict(frames or {})
    for name, frame in extra.items():
        text = text.replace("{" + name + "}", name)
        extra[name] = frame
    for kind, pattern in _STATEMENTS:
        found = re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)
        if found is not None:
            return _statement(session, kind, [part for part in found.groups()])
    return session._frame(_query_plan(session, text, extra))


def _query_plan(session: Any, text: str, extra: Dict[str, Any]) -> Lazily:
    rewritten, names = _rewritten(text, session)
    zone = session._zone

    def read() -> Any:
        tables = [(alias, _rows_of(session, name, extra)) for alias, name in names]
        return duck.query(rewritten, tables, zone)

    return Lazily(read, zone)


def _rows_of(session: Any, name: str, extra: Dict[str, Any]) -> Any:
    frame = extra[name] if name in extra else session.catalog._frame_of(name)
    return frame._batch("spark.sql").rows()


def _rewritten(text: str, session: Any) -> Tuple[str, List[Tuple[str, str]]]:
    """The text for DuckDB, and what its tables are: (name in the text, name of ours)."""
    tokens = [(match.lastgroup or "other", match.group()) for match in _TOKEN.finditer(text)]
    written: List[str] = []
    names: Dict[str, str] = {}
    inner = _defined_names(text)
    at = 0
    expects_table = False
    while at < len(tokens):
        kind, token = tokens[at]
        if kind == "name" and expects_table and token.upper() not in ("SELECT", "LATERAL", "VALUES"):
            at, name = _dotted(tokens, at)
            is_function = at < len(tokens) and tokens[at][1] == "("
            if is_function or name.lower() in inner:
                written.append(name)
            else:
                alias = _alias_of(name, names)
                names[alias] = name
                written.append(duck.quoted(alias))
            expects_table = False
            continue
        if kind == "name":
            expects_table = token.upper() in ("FROM", "JOIN")
            written.append(duck.quoted(token[1:-1]) if token.startswith("`") else token)
        elif kind == "double":
            written.append("'" + token[1:-1].replace("'", "''") + "'")
        else:
            if kind == "other" and token == "(":
                expects_table = False
            written.append(token)
        at += 1
    return "".join(written), list(names.items())


def duck_text(text: str) -> str:
    """An expression of Spark's over columns, with texts and names as DuckDB has them."""
    written = []
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "name" and token.startswith("`"):
            token = duck.quoted(token[1:-1].replace("``", "`"))
        elif kind == "double":
            token = "'" + token[1:-1].replace("'", "''") + "'"
        written.append(token)
    return "".join(written)


def _dotted(tokens: List[Tuple[str, str]], at: int) -> Tuple[int, str]:
    parts = [tokens[at][1]]
    at += 1
    while at + 1 < len(tokens) and tokens[at][1] == "." and tokens[at + 1][0] == "name":
        parts.append(tokens[at + 1][1])
        at += 2
    return at, ".".join(parts)


def _alias_of(name: str, names: Dict[str, str]) -> str:
    last = name_parts(name)[-1]
    return last if names.get(last, name) == name else name.replace("`", "")


def _defined_names(text: str) -> List[str]:
    """Names of WITH clauses, which are no tables."""
    return [found.lower() for found in re.findall(r"(?:WITH|,)\s+(\w+)\s+AS\s*\(", text, re.IGNORECASE)]


def _statement(session: Any, kind: str, parts: List[Any]) -> Any:
    catalog = session.catalog
    if kind == "view":
        run(session, parts[1]).createOrReplaceTempView(parts[0].strip("`"))
    elif kind == "table_as":
        run(session, parts[2]).write.mode("overwrite" if parts[0] else "errorifexists").saveAsTable(parts[1])
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
    elif kind == "drop_database":
        raise not_offered("DROP DATABASE", "Drop its tables one by one.")
    elif kind == "use_catalog":
        catalog.setCurrentCatalog(parts[0].strip("`"))
    elif kind == "use":
        catalog.setCurrentDatabase(parts[0].replace("`", ""))
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


