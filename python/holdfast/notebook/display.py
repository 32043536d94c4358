# SPDX-License-Identifier: Apache-2.0
"""display and displayHTML of Databricks notebooks: a table as text, or as HTML in IPython and Jupyter."""

import html
import sys
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, List, Optional, Sequence

from holdfast.errors import not_offered
from holdfast.notebook.stream_display import first_rows

ROWS_MAX = 100


@dataclass(repr=False)
class Table:
    """Rows to look at; `is_cut` says that there are more of them."""

    columns: List[str]
    rows: List[Sequence[Any]]
    is_cut: bool = False

    def __str__(self) -> str:
        if not self.columns:
            return "OK"
        texts = [[_text(value) for value in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(self.columns, *texts)]
        numbers = [_is_numeric([row[i] for row in self.rows]) for i in range(len(self.columns))]
        line = "+" + "+".join("-" * width for width in widths) + "+"

        def row_of(cells: Sequence[str], right: Sequence[bool]) -> str:
            padded = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(cells, widths, right))
            return "|" + "|".join(padded) + "|"

        lines = [line, row_of(self.columns, numbers), line, *(row_of(row, numbers) for row in texts), line]
        return "\n".join([*lines, f"only the first {len(self.rows)} rows are shown"] if self.is_cut else lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_text(value))}</td>" for value in row) + "</tr>" for row in self.rows
        )
        more = f"<p>only the first {len(self.rows)} rows are shown</p>" if self.is_cut else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def display(*values: Any, **options: Any) -> None:
    """Shows DataFrames, frames of pandas and lists of rows as tables, and anything else as it prints.

    The options are for a streaming DataFrame, of which the first seconds are shown.
    """
    for value in values:
        table = table_of(value, **options)
        _show(value if table is None else table)


def displayHTML(text: str = "") -> None:
    """Shows HTML in IPython and Jupyter; a terminal is told how much there was."""
    if _in_ipython():
        from IPython.display import HTML, display as show

        show(HTML(text))
    else:
        print(f"displayHTML: {len(text)} characters of HTML, which a terminal does not show")


def table_of(value: Any, **options: Any) -> Optional[Table]:
    """The first rows of what is a table: a DataFrame, one of pandas, or a list of rows that have names. Else None."""
    if getattr(value, "isStreaming", False):
        rows, is_cut = first_rows(value, ROWS_MAX, **options)
        return Table(list(value.columns), [list(row) for row in rows], is_cut)
    if options:
        raise not_offered(f"display({', '.join(options)}=...)", "These are options of a streaming DataFrame.")
    if hasattr(value, "isStreaming"):
        rows = value.limit(ROWS_MAX + 1).collect() if value.columns else []
        return Table(list(value.columns), [list(row) for row in rows[:ROWS_MAX]], len(rows) > ROWS_MAX)
    if type(value).__module__.split(".")[0] == "pandas" and hasattr(value, "columns"):
        cut = value.head(ROWS_MAX)
        rows = [list(row) for row in cut.itertuples(index=False, name=None)]
        return Table([str(name) for name in cut.columns], rows, len(value) > ROWS_MAX)
    if isinstance(value, list) and value and all(_names(row) == _names(value[0]) != [] for row in value):
        return Table(_names(value[0]), [list(row) for row in value[:ROWS_MAX]], len(value) > ROWS_MAX)
    return None


def _names(row: Any) -> List[str]:
    """The names of a row's fields: of a Row or a named tuple."""
    names: Any = getattr(row, "__fields__", None) or getattr(row, "_fields", ())
    return list(names)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return f"[{value.hex(' ')}]"
    return str(value).replace("\n", "\\n")


def _is_numeric(values: List[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known)


def _show(value: Any) -> None:
    if _in_ipython():
        from IPython.display import display as show

        show(value)
    elif isinstance(value, (str, Table)):
        print(value)
    else:
        print(repr(value))


def _in_ipython() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
