# SPDX-License-Identifier: Apache-2.0
"""A streaming DataFrame and a schema as Jupyter shows them: what comes from where, who works on it, and the columns."""

import html
from typing import TYPE_CHECKING, Iterable, List, Sequence

if TYPE_CHECKING:
    from holdfast.sql.plan import StreamPlan
    from holdfast.sql.types import StructType


def stream_html(plan: "StreamPlan") -> str:
    """The way of the rows, and the columns that come out."""
    facts: List[Sequence[str]] = [("source", f"{one.format} {one.path}".strip()) for one in plan.inputs]
    for number, steps in enumerate(plan.steps):
        if number > 0:
            operator = plan.operators[number - 1]
            facts.append(("processor", f"by {', '.join(operator.grouping)}, time mode {operator.time_mode}"))
        facts.extend((placed.step[0], ", ".join(placed.step[1])) for placed in steps)
    rows = "".join(f"<tr><th>{_escaped(name)}</th><td>{_escaped(what)}</td></tr>" for name, what in facts)
    return f"<p>a stream: start a query with writeStream</p><table border='1'>{rows}</table>{schema_html(plan.schema)}"


def schema_html(schema: "StructType") -> str:
    """A row for each column."""
    fields = ((one.name, one.dataType.simpleString(), "yes" if one.nullable else "no") for one in schema.fields)
    return _table(("column", "type", "nullable"), fields)


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_escaped(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_escaped(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table border='1'><tr>{head}</tr>{body}</table>"


def _escaped(text: str) -> str:
    return html.escape(text)
