# SPDX-License-Identifier: Apache-2.0
"""A stateful processor over rows that are there: one batch of a query that nobody goes on with."""

import shutil
import tempfile
from typing import Any, List

import pyarrow as pa

from holdfast import _engine
from holdfast.sql.plan import BatchPlan, Lazily, Operator


def batch_plan(frame: Any, operator: Operator) -> BatchPlan:
    """What the processor puts out; it is run whenever somebody asks for the rows."""
    return Lazily(lambda: _run(frame, operator), frame._plan.zone, lambda: operator.output)


def _run(frame: Any, operator: Operator) -> pa.Table:
    from holdfast.sql.arrow_types import to_arrow_schema
    from holdfast.sql.streaming.query import StreamingQueryManager
    from holdfast.sql.streaming.readwriter import add_operator

    checkpoint = tempfile.mkdtemp(prefix="holdfast-batch-")
    parts: List[pa.Table] = []
    builder = _engine.QueryBuilder()
    builder.add_rows(frame._plan.rows())
    add_operator(builder, operator, frame._session.conf)
    builder.set_foreach_batch(lambda rows, batch_id: parts.append(pa.table(rows)))
    builder.set_query("", checkpoint, operator.output_mode, "once", 0, frame._session.conf.for_engine())
    try:
        StreamingQueryManager._started(builder, "").awaitTermination()
    finally:
        shutil.rmtree(checkpoint, ignore_errors=True)
    return pa.concat_tables([to_arrow_schema(operator.output).empty_table(), *parts])
