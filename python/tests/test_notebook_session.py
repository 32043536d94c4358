# SPDX-License-Identifier: Apache-2.0
"""A notebook with the real session: a processor in its cells, paths below --root, display of frames and of a stream."""

import json

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import run, source_notebook  # noqa: E402

PROCESSOR = '''
import pandas as pd
from pyspark.sql.streaming import StatefulProcessor, StatefulProcessorHandle
from pyspark.sql.types import *

class Counter(StatefulProcessor):
    def init(self, handle: StatefulProcessorHandle) -> None:
        self.seen = handle.getValueState("seen", StructType([StructField("n", LongType())]))

    def handleInputRows(self, key, rows, timerValues):
        n = (self.seen.get() or (0,))[0] + sum(len(batch) for batch in rows)
        self.seen.update((n,))
        yield pd.DataFrame({"who": [key[0]], "n": [n]})

    def close(self) -> None:
        pass
'''

STREAM = '''
base = "/Volumes/main/demos/v"
dbutils.fs.put(f"{base}/in/1.json", '{"who": "a"}\\n{"who": "b"}\\n{"who": "a"}\\n')
counts = spark.readStream.schema("who STRING").json(f"{base}/in").groupBy("who").transformWithStateInPandas(
    statefulProcessor=Counter(), outputStructType="who STRING, n LONG", outputMode="Update", timeMode="None")
'''

QUERY = '''
query = counts.writeStream.format("json").option("checkpointLocation", f"{base}/checkpoint").option(
    "path", f"{base}/out").outputMode("append").trigger(availableNow=True).start()
query.awaitTermination()
'''


@pytest.fixture
def folder(tmp_path):
    def run_cells(*cells):
        (tmp_path / "n.py").write_text(source_notebook(*cells))
        done = run(tmp_path, ["-m", "holdfast.cli", "--root", "r", "--create-volumes", "n.py"])
        assert done.returncode == 0, done.stderr
        return done.stdout

    return tmp_path, run_cells


def test_a_notebook_with_a_processor_runs_below_the_root(folder):
    path, run_cells = folder
    run_cells(PROCESSOR, STREAM, QUERY)
    written = [json.loads(line) for file in (path / "r/Volumes/main/demos/v/out").glob("*.json") for line in open(file)]
    assert sorted((row["who"], row["n"]) for row in written) == [("a", 2), ("b", 1)]
    assert (path / "r/Volumes/main/demos/v/checkpoint/offsets/0").exists()


def test_a_stream_is_displayed(folder):
    told = folder[1](PROCESSOR, STREAM, "display(counts, availableNow=True)")
    assert "|a  |2|" in told and "|b  |1|" in told


def test_frames_and_sql_are_displayed(folder):
    told = folder[1](
        'spark.createDataFrame([(1, "a"), (2, None)], "id INT, s STRING").createOrReplaceTempView("t")',
        "dbutils.widgets.text('least', '2')",
        "%sql SELECT id, s FROM t WHERE id >= CAST(:least AS INT)",
        "_sqldf.display()\n_sqldf",
    )
    table = "+--+----+\n|id|s   |\n+--+----+\n| 2|null|\n+--+----+\n"
    assert told == table * 2 + "DataFrame[id: int, s: string]\n"


def test_a_cell_may_stop_the_session_and_make_another(folder):
    path, run_cells = folder
    told = run_cells(
        "spark.stop()\nfrom pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()",
        "spark.range(1).createOrReplaceTempView('v')",
        "%sql SELECT id + 41 AS n FROM v",
        PROCESSOR + STREAM + QUERY.replace("query.awaitTermination()", ""),
    )
    assert "41" in told
    assert len(list((path / "r/Volumes/main/demos/v/checkpoint/commits").glob("0"))) == 1  # it was waited for
