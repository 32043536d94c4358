# SPDX-License-Identifier: Apache-2.0
"""StreamingQueryListener: hears of all queries of the process."""

import datetime
import json
import uuid
from abc import ABC, abstractmethod
from typing import Any, Dict, Optional

from holdfast._process import ending_children
from holdfast.sql.streaming.progress import (
    SinkProgress,
    SourceProgress,
    StateOperatorProgress,
    StreamingQueryProgress,
)

__all__ = [
    "QueryIdleEvent",
    "QueryProgressEvent",
    "QueryStartedEvent",
    "QueryTerminatedEvent",
    "SinkProgress",
    "SourceProgress",
    "StateOperatorProgress",
    "StreamingQueryListener",
    "StreamingQueryProgress",
]


class _Event:
    """Fields that are read as attributes."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.__dict__.items())})"


class QueryStartedEvent(_Event):
    id: uuid.UUID
    runId: uuid.UUID
    name: Optional[str]
    timestamp: str


class QueryProgressEvent(_Event):
    progress: StreamingQueryProgress


class QueryIdleEvent(_Event):
    id: uuid.UUID
    runId: uuid.UUID
    timestamp: str


class QueryTerminatedEvent(_Event):
    id: uuid.UUID
    runId: uuid.UUID
    exception: Optional[str]
    errorClassOnException: Optional[str]


class StreamingQueryListener(ABC):
    """Derive from it and give it to spark.streams.addListener. It must not wait for the query that it hears of."""

    @property
    def spark(self) -> Any:
        from holdfast.sql.session import SparkSession

        return SparkSession.getActiveSession()

    @abstractmethod
    def onQueryStarted(self, event: QueryStartedEvent) -> None:
        """Before start() returns."""

    @abstractmethod
    def onQueryProgress(self, event: QueryProgressEvent) -> None:
        """After each batch."""

    def onQueryIdle(self, event: QueryIdleEvent) -> None:
        """The query had nothing to do for a while."""

    @abstractmethod
    def onQueryTerminated(self, event: QueryTerminatedEvent) -> None:
        """The query has ended."""


def _moment(milliseconds: int) -> str:
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


class ListenerTarget:
    """What the engine calls; makes events of it."""

    def __init__(self, listener: StreamingQueryListener) -> None:
        self._started = ending_children(listener.onQueryStarted)
        self._progress = ending_children(listener.onQueryProgress)
        self._idle = ending_children(listener.onQueryIdle)
        self._terminated = ending_children(listener.onQueryTerminated)

    def started(self, id: str, run_id: str, name: str, timestamp_ms: int) -> None:
        self._started(
            QueryStartedEvent(
                id=uuid.UUID(id), runId=uuid.UUID(run_id), name=name or None, timestamp=_moment(timestamp_ms)
            )
        )

    def progress(self, text: str) -> None:
        progress: Dict[str, Any] = json.loads(text)
        self._progress(QueryProgressEvent(progress=StreamingQueryProgress.fromJson(progress)))

    def idle(self, id: str, run_id: str, timestamp_ms: int) -> None:
        self._idle(
            QueryIdleEvent(id=uuid.UUID(id), runId=uuid.UUID(run_id), timestamp=_moment(timestamp_ms))
        )

    def terminated(self, id: str, run_id: str, exception: Optional[str], error_class: Optional[str]) -> None:
        self._terminated(
            QueryTerminatedEvent(
                id=uuid.UUID(id), runId=uuid.UUID(run_id), exception=exception, errorClassOnException=error_class
            )
        )
