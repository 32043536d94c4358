# SPDX-License-Identifier: Apache-2.0
"""A small query in a folder of its own: JSON lines with a column `k`, a processor by it, JSON files and a checkpoint."""

import json
import pathlib
from typing import Any, Dict, List, Optional

import pandas as pd

from holdfast.sql import Row, SparkSession
from holdfast.sql.streaming import StatefulProcessor

OUTPUT = "k STRING, n INT"


class Counter(StatefulProcessor):
    """Puts out for each key how many rows it had in the batch, and remembers how many in all. What is expected of the
    tests' own classes is written against its three variables."""

    def init(self, handle):
        self.handle = handle
        self.value = handle.getValueState("value", "n INT, s STRING")
        self.list = handle.getListState("list", "n INT")
        self.map = handle.getMapState("map", "k STRING", "n INT, b BOOLEAN")

    def handleInputRows(self, key, rows, timerValues):
        yield pd.DataFrame({"k": [key[0]], "n": [self.count(sum(len(chunk) for chunk in rows))]})

    def count(self, n):
        self.value.update(((self.value.get() or (0,))[0] + n, "x"))
        return n


class RowCounter(Counter):
    """The same for transformWithState."""

    def handleInputRows(self, key, rows, timerValues):
        yield Row(k=key[0], n=self.count(sum(1 for _ in rows)))


class Stream:
    """The input, the sink and the checkpoint."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.spark = SparkSession.builder.getOrCreate()
        self.spark.conf.set("spark.sql.shuffle.partitions", "1")
        (folder / "in").mkdir(exist_ok=True)

    def write(self, *keys: str) -> None:
        """A file with a row for each key."""
        number = len(list((self.folder / "in").iterdir()))
        text = "".join(json.dumps({"k": key}) + "\n" for key in keys)
        (self.folder / "in" / f"{number}.json").write_text(text)

    def frame(self, processor: Any, output: Any = OUTPUT, time_mode: str = "None", initial: Any = None) -> Any:
        groups = self.spark.readStream.schema("k STRING").json(str(self.folder / "in")).groupBy("k")
        of_rows = isinstance(processor, RowCounter)
        transform = groups.transformWithState if of_rows else groups.transformWithStateInPandas
        return transform(processor, output, "Append", time_mode, initial)

    def writer(self, frame: Any) -> Any:
        where = str(self.folder / "checkpoint")
        return frame.writeStream.option("checkpointLocation", where).trigger(availableNow=True)

    def start(self, processor: Any, **description: Any) -> Any:
        return self.writer(self.frame(processor, **description)).format("json").start(str(self.folder / "out"))

    def run(self, processor: Any, **description: Any) -> None:
        query = self.start(processor, **description)
        query.awaitTermination()
        assert not query.isActive

    def rows(self) -> List[Dict[str, Any]]:
        """What is in the sink."""
        log = self.folder / "out" / "_spark_metadata"
        told = [json.loads(line) for batch in sorted(log.glob("[0-9]*")) for line in batch.read_text().split("\n")[1:]]
        paths = [pathlib.Path(entry["path"].removeprefix("file://")) for entry in told]
        return [json.loads(line) for path in paths for line in path.read_text().splitlines()]

    def counts(self, sums: Optional[List[Dict[str, Any]]] = None) -> Dict[str, int]:
        """Key to rows, of all batches."""
        found: Dict[str, int] = {}
        for row in self.rows() if sums is None else sums:
            found[row["k"]] = found.get(row["k"], 0) + row["n"]
        return found

    def commits(self) -> List[str]:
        return sorted(path.name for path in (self.folder / "checkpoint" / "commits").glob("[0-9]*"))

    def state(self, variable: str = "value") -> List[Any]:
        reader = self.spark.read.format("statestore").option("stateVarName", variable)
        return reader.load(str(self.folder / "checkpoint")).collect()
