# SPDX-License-Identifier: Apache-2.0
"""What a golden checkpoint is made of. Plain data: no Spark in this file."""

import dataclasses
import json

STATE_STORE = "spark.sql.streaming.stateStore."
CHANGELOG = STATE_STORE + "rocksdb.changelogCheckpointing.enabled"
ENCODING = STATE_STORE + "encodingFormat"
CHECKPOINT_FORMAT = STATE_STORE + "checkpointFormatVersion"
PARTITIONS = "spark.sql.shuffle.partitions"


@dataclasses.dataclass(frozen=True)
class Variable:
    """A state variable as the processor declares it; schemas are Spark's DDL."""

    name: str
    kind: str  # "value", "list", "map", or "delete" for deleteIfExists
    schema: str
    key_schema: str = ""  # of a map
    ttl_ms: int = 0


@dataclasses.dataclass(frozen=True)
class Event:
    """One input row: what the processor shall do for this key. processor.py knows the operations."""

    key: tuple
    op: str
    arg: object = None
    at: str = "2026-01-01T00:00:00Z"


@dataclasses.dataclass(frozen=True)
class Run:
    """One start of the query: each batch is one input file."""

    variables: tuple
    batches: tuple
    conf: dict = dataclasses.field(default_factory=dict)
    fails: bool = False


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    runs: tuple
    keys: str = "k string"
    conf: dict = dataclasses.field(default_factory=dict)
    api: str = "row"  # "row", "pandas" or "jvm"
    time_mode: str = "None"
    output_mode: str = "Append"
    pause_s: float = 0  # after each batch, so that the maintenance thread comes by
    since: tuple = (4, 0)  # the first Spark that can do it
    moved: bool = False  # read once more after the checkpoint has gone to another directory

    def described(self):
        """case.json: all that a reader needs to know of the query; a run a line."""
        told = dataclasses.asdict(self)
        for unneeded in ("pause_s", "since", "moved"):
            del told[unneeded]
        runs = told.pop("runs")
        for run in runs:
            run["batches"] = len(run["batches"])
        lines = ",\n ".join(json.dumps(run, ensure_ascii=False) for run in runs)
        return f'{json.dumps(told, ensure_ascii=False)[:-1]}, "runs": [\n {lines}]}}\n'


def on(key, op, arg=None, at="2026-01-01T00:00:00Z"):
    """An event; a key of one column is written without the tuple."""
    return Event(key if isinstance(key, tuple) else (key,), op, arg, at)
