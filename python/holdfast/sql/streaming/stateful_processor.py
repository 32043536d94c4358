# SPDX-License-Identifier: Apache-2.0
"""What a stateful processor is written against: the class to derive from, and what its functions are given.

The handle and the state variables are the engine's own objects: a value goes from here into the partition's cells
without a detour.
"""

from abc import ABC, abstractmethod
from typing import Any, Iterator

from holdfast._engine import ListState, MapState, StatefulProcessorHandle, ValueState

__all__ = [
    "ExpiredTimerInfo",
    "ListState",
    "MapState",
    "StatefulProcessor",
    "StatefulProcessorHandle",
    "TimerValues",
    "ValueState",
]


class TimerValues:
    """The clocks of the batch, in milliseconds since 1970; -1 where the time mode has none."""

    __slots__ = ("_processing_time_ms", "_watermark_ms")

    def __init__(self, currentProcessingTimeInMs: int = -1, currentWatermarkInMs: int = -1) -> None:
        self._processing_time_ms = currentProcessingTimeInMs
        self._watermark_ms = currentWatermarkInMs

    def getCurrentProcessingTimeInMs(self) -> int:
        """When the batch began; the same throughout it."""
        return self._processing_time_ms

    def getCurrentWatermarkInMs(self) -> int:
        """The event time up to which input is complete."""
        return self._watermark_ms


class ExpiredTimerInfo:
    """The timer that handleExpiredTimer is called for."""

    __slots__ = ("_expiry_time_ms",)

    def __init__(self, expiryTimeInMs: int = -1) -> None:
        self._expiry_time_ms = expiryTimeInMs

    def getExpiryTimeInMs(self) -> int:
        """When it was to fire, in milliseconds since 1970."""
        return self._expiry_time_ms


class StatefulProcessor(ABC):
    """Remembers something about each key of a stream.

    A query makes a copy of the processor for every partition and batch: `init`, the keys with rows, the timers that are
    due, `close`. What must be remembered goes into state; fields of the object do not outlive the batch.
    """

    @abstractmethod
    def init(self, handle: StatefulProcessorHandle) -> None:
        """Declares the state variables."""

    @abstractmethod
    def handleInputRows(self, key: Any, rows: Iterator[Any], timerValues: TimerValues) -> Iterator[Any]:
        """The rows of one key: pandas DataFrames, or Rows. Returns an iterator of the same kind."""

    def handleExpiredTimer(
        self, key: Any, timerValues: TimerValues, expiredTimerInfo: ExpiredTimerInfo
    ) -> Iterator[Any]:
        """A timer of the key is due; it is gone afterwards. Called with these names as keywords."""
        return iter([])

    def handleInitialState(self, key: Any, initialState: Any, timerValues: TimerValues) -> None:
        """One DataFrame or Row of the initial state of a key, in the first batch of a checkpoint only."""

    def close(self) -> None:
        """The last call on this copy."""
