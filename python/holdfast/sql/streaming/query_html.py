# SPDX-License-Identifier: Apache-2.0
"""A streaming query as Jupyter shows it: who it is, whether it runs, and what its last batch did."""

import html
from typing import TYPE_CHECKING, Any, Dict

if TYPE_CHECKING:
    from holdfast.sql.streaming.query import StreamingQuery


def query_html(query: "StreamingQuery") -> str:
    """A table of the query's state and its last progress."""
    failure = query.exception()
    facts: Dict[str, Any] = {
        "name": query.name,
        "id": query.id,
        "runId": query.runId,
        "state": "running" if query.isActive else "failed" if failure else "stopped",
    }
    if failure is not None:
        facts["failure"] = failure
    progress = query.lastProgress
    if progress is not None:
        shown = ("timestamp", "batchId", "numInputRows", "processedRowsPerSecond", "batchDuration")
        facts.update({name: progress[name] for name in shown if name in progress})
        facts["stateRows"] = sum(operator["numRowsTotal"] for operator in progress["stateOperators"])
    known = {name: html.escape(str(value)) for name, value in facts.items() if value is not None}
    rows = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in known.items())
    return f"<table>{rows}</table>"
