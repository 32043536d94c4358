# SPDX-License-Identifier: Apache-2.0
"""SparkContext: the little of it that streaming scripts use. There is no cluster behind it."""

from typing import Any, List, Optional, Tuple

from holdfast.errors import not_offered

__all__ = ["SparkContext"]


class SparkContext:
    """The context of the one session of this process."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @property
    def version(self) -> str:
        """The version of Spark whose behaviour is followed."""
        return "4.3.0"

    @property
    def appName(self) -> str:
        return self._session.conf.get("spark.app.name", "holdfast")

    @property
    def master(self) -> str:
        return self._session.conf.get("spark.master", "local[*]")

    @property
    def applicationId(self) -> str:
        return "holdfast"

    @property
    def defaultParallelism(self) -> int:
        return int(self._session.conf.get("spark.sql.shuffle.partitions"))

    @property
    def uiWebUrl(self) -> Optional[str]:
        """None: there is no web page."""
        return None

    def getConf(self) -> Any:
        from holdfast.conf import SparkConf

        return SparkConf().setAll(list(self._session.conf.getAll.items()))

    def setLogLevel(self, logLevel: str) -> None:
        """Which messages of the engine are shown: ERROR, WARN (the default), INFO, DEBUG, OFF and so on."""
        from holdfast import _engine

        levels = {"OFF": "off", "FATAL": "error", "ERROR": "error", "WARN": "warning", "INFO": "info"}
        _engine.set_log_level(levels.get(logLevel.upper(), "debug"))

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Nothing: queries are told apart by their names."""

    def setCheckpointDir(self, dirName: str) -> None:
        """Nothing: a query's checkpoint is named by the query."""

    def addPyFile(self, path: str) -> None:
        """Makes a module or archive importable: everything runs in this process."""
        import sys

        sys.path.insert(1, path)

    def stop(self) -> None:
        self._session.stop()

    def parallelize(self, c: Any, numSlices: Optional[int] = None) -> Any:
        raise not_offered("SparkContext.parallelize, an RDD", "Use spark.createDataFrame.")

    def _settings(self) -> List[Tuple[str, str]]:
        return list(self._session.conf.getAll.items())
