# SPDX-License-Identifier: Apache-2.0
"""dropDuplicatesWithinWatermark of a stream: a stateful processor that lets the first row of a key through.

In a checkpoint it is a transformWithState operator, and not the one that Spark writes for this method.
"""

from datetime import datetime, timedelta, timezone
from typing import Any, Iterator, List, Optional, Tuple

from holdfast.errors import AnalysisException
from holdfast.sql.streaming.durations import milliseconds
from holdfast.sql.streaming.stateful_processor import StatefulProcessor

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class FirstWithinWatermark(StatefulProcessor):
    """Forgets a key once the watermark has passed the first row's event time and the delay."""

    def __init__(self, place: int, delay_ms: int) -> None:
        self._place = place
        self._delay = delay_ms

    def init(self, handle: Any) -> None:
        self._handle = handle
        self._expires = handle.getValueState("expires", "at_ms BIGINT")

    def handleInputRows(self, key: Any, rows: Iterator[Any], timerValues: Any) -> Iterator[Any]:
        if self._expires.exists():
            return
        first = next(rows)
        moment = first[self._place] or _EPOCH  # what Spark takes a null for
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
        at_ms = (aware - _EPOCH) // timedelta(milliseconds=1) + self._delay
        if at_ms > timerValues.getCurrentWatermarkInMs():
            self._expires.update((at_ms,))
            self._handle.registerTimer(at_ms)
        yield first

    def handleExpiredTimer(self, key: Any, timerValues: Any, expiredTimerInfo: Any) -> Iterator[Any]:
        self._expires.clear()
        return iter(())

    def close(self) -> None:
        """Nothing."""


def first_within_watermark(frame: Any, subset: Optional[List[str]]) -> Any:
    """The rows of the stream without those that have, in these columns, the values of an earlier one."""
    if not frame.isStreaming:
        raise AnalysisException("dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets")
    name, delay = _watermark_of(frame)
    names = frame.columns if subset is None else [frame._resolve(one) for one in subset]
    processor = FirstWithinWatermark(frame.columns.index(name), milliseconds(delay, "delayThreshold"))
    return frame.groupBy(*names).transformWithState(processor, frame.schema, "append", "eventTime", None, name)


def _watermark_of(frame: Any) -> Tuple[str, str]:
    """The column of the watermark and its delay."""
    placed = [one.step[1] for steps in frame._plan.steps for one in steps if one.step[0] == "watermark"]
    if not placed or placed[-1][0].lower() not in (name.lower() for name in frame.columns):
        raise AnalysisException(
            "dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark"
        )
    return frame._resolve(placed[-1][0]), placed[-1][1]
