# SPDX-License-Identifier: Apache-2.0
"""What is tried: who has the turns on a checkpoint, and under which settings. Plain data; cases.py has the table."""

import dataclasses

NEWEST_SPARK = "4.3.0"
STATE_STORE = "spark.sql.streaming.stateStore."


@dataclasses.dataclass(frozen=True)
class Settings:
    """Of a checkpoint, for both engines alike."""

    encoding: str = "avro"
    format: int = 1
    changelogs: bool = True
    partitions: int = 2
    checksums: bool = False  # of rows
    deltas: int = 2  # a snapshot after so many batches
    retained: int = 100  # batches

    def conf(self):
        return {
            STATE_STORE + "encodingFormat": self.encoding,
            STATE_STORE + "checkpointFormatVersion": str(self.format),
            STATE_STORE + "rocksdb.changelogCheckpointing.enabled": str(self.changelogs).lower(),
            STATE_STORE + "rowChecksum.enabled": str(self.checksums).lower(),
            STATE_STORE + "minDeltasForSnapshot": str(self.deltas),
            "spark.sql.shuffle.partitions": str(self.partitions),
            "spark.sql.streaming.minBatchesToRetain": str(self.retained),
            "spark.sql.streaming.fileSource.log.cleanupDelay": "1ms",
            "spark.sql.streaming.fileSink.log.cleanupDelay": "1ms",
        }


@dataclasses.dataclass(frozen=True)
class Turn:
    engine: str  # "s" for Spark, "h" for Holdfast
    version: int  # of the sessionizer
    killed_at: str = ""  # "offsets", "state" or "sink": killed as soon as this part of a batch is there
    away: bool = False  # checkpoint and events are in another place for the time of the turn
    undone: bool = False  # afterwards the steps back of docs/operating.md are gone

    def __str__(self):
        engine = {"s": "Spark", "h": "Holdfast"}[self.engine]
        where = ", away" if self.away else ", undone" if self.undone else ""
        return f"{engine} with version {self.version}{where}" + (f", killed at {self.killed_at}" if self.killed_at else "")


@dataclasses.dataclass(frozen=True)
class Case:
    """The way s1-h2!state-s2 is Spark with version 1, Holdfast with version 2 that is killed in mid-batch, Spark again;
    s1-h2@away-s2 has Holdfast's turn in another place; after that of s1-h2@undone-s1 one goes back to Spark's last batch."""

    way: str
    settings: Settings = Settings()
    title: str = "avro"
    files: int = 3  # new event files, and so batches, in a turn
    api: str = "row"  # of Spark: "row" or "pandas"
    events: str = "json"  # or "parquet"
    sink: str = "json"  # or "delta"
    spark: str = NEWEST_SPARK

    @property
    def name(self):
        return f"{self.title}:{self.way}"

    @property
    def turns(self):
        return [Turn(part[0], int(part[1]), killed_at=part.partition("!")[2], away=part.endswith("@away"),
                     undone=part.endswith("@undone"))
                for part in self.way.split("-")]
