# SPDX-License-Identifier: Apache-2.0
"""display of a streaming DataFrame: what arrives in its first seconds. The query goes on, as on Databricks."""

import itertools
import sys
from typing import Any, List, Tuple

from holdfast.errors import not_offered

SECONDS = 10.0
TRIGGERS = ("availableNow", "continuous", "once", "processingTime", "realTime")

_numbers = itertools.count(1)


def first_rows(frame: Any, rows_max: int, **options: Any) -> Tuple[List[Any], bool]:
    """Starts a query, waits for SECONDS or its end, and returns its first rows and whether there were more.

    The options are those of display() on Databricks: a trigger, checkpointLocation, outputMode, streamName. Raises what
    ended the query, if something did.
    """
    rows: List[Any] = []

    def collect(batch: Any, batch_id: int) -> None:
        rows.extend(batch.limit(rows_max + 1 - len(rows)).collect())

    name = options.pop("streamName", None) or f"display_query_{next(_numbers)}"
    writer = frame.writeStream.queryName(name).foreachBatch(collect)
    if "outputMode" in options:
        writer = writer.outputMode(options.pop("outputMode"))
    if "checkpointLocation" in options:
        writer = writer.option("checkpointLocation", options.pop("checkpointLocation"))
    trigger = {key: options.pop(key) for key in TRIGGERS if key in options}
    if options:
        raise not_offered(f"display({', '.join(options)}=...)")
    query = (writer.trigger(**trigger) if trigger else writer).start()
    if not query.awaitTermination(SECONDS):
        sys.stdout.flush()
        print(f"holdfast: what arrived in {SECONDS:g} seconds is displayed; the query {name} goes on", file=sys.stderr)
    return rows[:rows_max], len(rows) > rows_max
