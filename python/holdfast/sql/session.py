# SPDX-License-Identifier: Apache-2.0
"""SparkSession: where DataFrames come from. There is one in a process."""

import threading
from typing import Any, Dict, Optional

from holdfast.conf import SparkConf, setting_text
from holdfast.errors import PySparkRuntimeError, not_offered, refusing
from holdfast.sql.conf import RuntimeConfig
from holdfast.sql.context import SparkContext
from holdfast.sql.dataframe import DataFrame
from holdfast.sql.plan import LocalRows

__all__ = ["SparkSession"]


class _ClassProperty:
    """A property of the class: SparkSession.builder is a new Builder each time."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self._make(owner)


class SparkSession:
    """The session. `SparkSession.builder.getOrCreate()` gives it."""

    _lock = threading.RLock()
    _active: Optional["SparkSession"] = None

    class Builder:
        """Collects settings. Every setter returns the builder."""

        def __init__(self) -> None:
            self._settings: Dict[str, str] = {}

        def config(self, key: Any = None, value: Any = None, conf: Any = None, *, map: Any = None) -> Any:
            if isinstance(key, SparkConf):
                conf, key = key, None
            if conf is not None:
                self._settings.update(dict(conf.getAll()))
            elif map is not None:
                self._settings.update({one: setting_text(other) for one, other in map.items()})
            else:
                self._settings[key] = setting_text(value)
            return self

        def appName(self, name: str) -> "SparkSession.Builder":
            return self.config("spark.app.name", name)

        def master(self, master: str) -> "SparkSession.Builder":
            """Kept and of no effect: everything runs in this process."""
            return self.config("spark.master", master)

        def enableHiveSupport(self) -> "SparkSession.Builder":
            return self

        def remote(self, url: str) -> Any:
            raise not_offered("SparkSession.builder.remote, Spark Connect", "Leave it out: there is no server.")

        def getOrCreate(self) -> "SparkSession":
            with SparkSession._lock:
                session = SparkSession._active
                if session is None:
                    session = SparkSession._active = SparkSession()
                for key, value in self._settings.items():
                    session.conf.set(key, value)
                return session

        create = getOrCreate

    builder = _ClassProperty(lambda owner: owner.Builder())

    def __init__(self, sparkContext: Any = None, jsparkSession: Any = None, options: Any = None) -> None:
        from holdfast.sql.streaming.query import StreamingQueryManager

        self.conf = RuntimeConfig()
        self._views: Dict[str, DataFrame] = {}
        self._streams = StreamingQueryManager(self)
        self._context = SparkContext._of(self)

    __getattr__ = refusing(
        "SparkSession",
        """addArtifact addArtifacts clearProgressHandlers clearTags client copyFromLocalToFs dataSource getTags
        interruptAll interruptOperation interruptTag profile registerProgressHandler removeProgressHandler removeTag
        tvf udtf""",
    )

    @classmethod
    def getActiveSession(cls) -> Optional["SparkSession"]:
        return cls._active

    @classmethod
    def active(cls) -> "SparkSession":
        if cls._active is None:
            raise PySparkRuntimeError(errorClass="NO_ACTIVE_OR_DEFAULT_SESSION", messageParameters={})
        return cls._active

    @property
    def sparkContext(self) -> SparkContext:
        return self._context

    @property
    def version(self) -> str:
        """The version of Spark whose behaviour is followed."""
        return self._context.version

    @property
    def read(self) -> Any:
        from holdfast.sql.readwriter import DataFrameReader

        return DataFrameReader(self)

    @property
    def readStream(self) -> Any:
        from holdfast.sql.streaming.readwriter import DataStreamReader

        return DataStreamReader(self)

    @property
    def streams(self) -> Any:
        return self._streams

    @property
    def catalog(self) -> Any:
        from holdfast.sql.catalog import Catalog

        return Catalog(self)

    @property
    def udf(self) -> Any:
        raise not_offered("SparkSession.udf", "Write the step as a SQL expression, or do it in the processor.")

    def _frame(self, plan: Any) -> DataFrame:
        return DataFrame(plan, self)

    @property
    def _zone(self) -> str:
        return self.conf.get("spark.sql.session.timeZone") or "UTC"

    def createDataFrame(
        self, data: Any, schema: Any = None, samplingRatio: Optional[float] = None, verifySchema: bool = True
    ) -> DataFrame:
        """From rows, tuples, dicts, a pandas DataFrame or an Arrow table."""
        from holdfast.sql.local_data import to_arrow

        table, known = to_arrow(data, schema, self._zone, verifySchema)
        return self._frame(LocalRows(table, self._zone, known))

    def emptyDataFrame(self, schema: Any) -> DataFrame:
        """No rows of this schema."""
        return self.createDataFrame([], schema)

    def range(self, start: int, end: Optional[int] = None, step: int = 1, numPartitions: Optional[int] = None) -> Any:
        import pyarrow as pa

        first, last = (0, start) if end is None else (start, end)
        schema = pa.schema([pa.field("id", pa.int64(), nullable=False)])
        return self._frame(LocalRows(pa.table([list(range(first, last, step))], schema=schema), self._zone))

    def table(self, tableName: str) -> DataFrame:
        """A temporary view, or a table of the warehouse."""
        return self.catalog._frame_of(tableName)

    def sql(self, sqlQuery: str, args: Any = None, **kwargs: Any) -> DataFrame:
        """A query in DuckDB's dialect over views, tables and state."""
        from holdfast.sql.statement import run

        return run(self, sqlQuery, args, kwargs)

    def stop(self) -> None:
        """Stops the queries that run; a new session begins without views and settings."""
        self._streams._end()
        with SparkSession._lock:
            if SparkSession._active is self:
                SparkSession._active = None

    def _for_batches(self) -> "SparkSession":
        """A session for the foreachBatch of one query: it begins with the settings and views of this one, and has its
        own from then on. Queries and the context are this one's."""
        session = SparkSession()
        session.conf = self.conf._copy()
        session._views = {name: session._frame(frame._plan) for name, frame in self._views.items()}
        session._streams, session._context = self._streams, self._context
        return session

    def newSession(self) -> "SparkSession":
        return SparkSession()

    def addTag(self, tag: str) -> None:
        """Nothing: there are no jobs to tell apart."""

    def removeTag(self, tag: str) -> None:
        """Nothing, as addTag."""

    def clearTags(self) -> None:
        """Nothing, as addTag."""

    def __enter__(self) -> "SparkSession":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop()
