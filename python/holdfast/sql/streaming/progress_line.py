# SPDX-License-Identifier: Apache-2.0
"""The line that a terminal shows below a script while it waits for a query: how far the query is."""

import json
import shutil
import sys
import time
from typing import Any, Optional

CLEAR = "\r\x1b[K"
SECONDS = 0.5  # between two looks


class ProgressLine:
    """A line on stderr. It is gone when the waiting is over; what the program prints meanwhile stands in front of it."""

    def __init__(self, name: Optional[str]) -> None:
        self._name = name or "query"
        self._begun = time.monotonic()
        self._is_drawn = False

    def draw(self, progress: Optional[str]) -> None:
        """`progress`: that of the last batch as JSON; None before the first."""
        seconds = int(time.monotonic() - self._begun)
        text = f"{self._name}: {self._of_batch(progress)}, {seconds // 60}:{seconds % 60:02}"
        # At the left again, so that whatever else is printed begins there; a terminal wraps a line that fills it.
        sys.stderr.write(f"{CLEAR}{text[: shutil.get_terminal_size().columns - 1]}\r")
        sys.stderr.flush()
        self._is_drawn = True

    def clear(self) -> None:
        if self._is_drawn:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
            self._is_drawn = False

    @staticmethod
    def _of_batch(progress: Optional[str]) -> str:
        if progress is None:
            return "the first batch"
        batch = json.loads(progress)
        rows = batch.get("numInputRows", 0)
        rate = batch.get("processedRowsPerSecond") or 0.0
        keys = sum(operator.get("numRowsTotal", 0) for operator in batch.get("stateOperators", []))
        return f"batch {batch.get('batchId')}, {rows:,} rows, {rate:,.0f} rows/s, {keys:,} rows of state"


def line_for(query: Any, conf: Any) -> Optional[ProgressLine]:
    """None where nobody would see it: stderr is no terminal, or the setting holdfast.progress.enabled is false."""
    if conf is None or conf.get("holdfast.progress.enabled").lower() != "true" or not sys.stderr.isatty():
        return None
    return ProgressLine(query.name)
