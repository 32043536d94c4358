# SPDX-License-Identifier: Apache-2.0
"""SparkContext: the little of it that streaming scripts use. There is no cluster behind it."""

from typing import Any, Optional

from holdfast.errors import PySparkValueError, not_offered, refusing

__all__ = ["SparkContext"]


class SparkContext:
    """The context of a session. `SparkContext(master, appName)` begins the session of this process."""

    __getattr__ = refusing(
        "SparkContext",
        """accumulator addArchive addFile addJobTag binaryFiles binaryRecords cancelAllJobs cancelJobGroup
        cancelJobsWithTag clearJobTags defaultMinPartitions dump_profiles emptyRDD getCheckpointDir getJobTags
        getSystemProperty hadoopFile hadoopRDD listArchives listFiles newAPIHadoopFile newAPIHadoopRDD pickleFile range
        removeJobTag resources runJob sequenceFile setInterruptOnCancel setSystemProperty show_profiles sparkUser
        startTime statusTracker textFile union wholeTextFiles""",
    )

    def __init__(
        self,
        master: Optional[str] = None,
        appName: Optional[str] = None,
        sparkHome: Optional[str] = None,
        pyFiles: Any = None,
        environment: Any = None,
        *,
        conf: Any = None,
        **lacking: Any,
    ) -> None:
        """`sparkHome` and `environment` are of a cluster, and of no effect."""
        from holdfast.sql.session import SparkSession

        if lacking:
            raise not_offered(f"SparkContext({', '.join(lacking)}=...)")
        if SparkSession.getActiveSession() is not None:
            raise PySparkValueError(
                "There is a SparkContext already, that of the session: take SparkContext.getOrCreate(), or stop it."
            )
        builder = SparkSession.builder
        if conf is not None:
            builder.config(conf=conf)
        if master is not None:
            builder.master(master)
        if appName is not None:
            builder.appName(appName)
        self._session = builder.getOrCreate()
        self._session._context = self
        for path in pyFiles or ():
            self.addPyFile(path)

    @classmethod
    def _of(cls, session: Any) -> "SparkContext":
        context = cls.__new__(cls)
        context._session = session
        return context

    @classmethod
    def getOrCreate(cls, conf: Any = None) -> "SparkContext":
        """The context of the session that is, or of a new one."""
        from holdfast.sql.session import SparkSession

        builder = SparkSession.builder
        context: SparkContext = (builder if conf is None else builder.config(conf=conf)).getOrCreate().sparkContext
        return context

    def __enter__(self) -> "SparkContext":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop()

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

    def setLocalProperty(self, key: str, value: Optional[str]) -> None:
        """Nothing: there are no jobs, and no pools to run them in."""

    def getLocalProperty(self, key: str) -> Optional[str]:
        """None."""
        return None

    def setJobDescription(self, value: Optional[str]) -> None:
        """Nothing, as setJobGroup."""

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

    def broadcast(self, value: Any) -> Any:
        raise not_offered("SparkContext.broadcast", "Use the value itself: everything runs in this process.")
