# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of stateful operators other than transformWithState, and of several in one query:

    python3 -m recipes.operators --spark 4.3.0 --out golden/operators/spark-4.3.0 [CASE...]

Each has ckpt/ and expected.json, what Spark's `state-metadata` reader says of it (recipes/dump.py has the form); of
transformWithState among them also its state.
"""

import argparse
import pathlib
import shutil
import sys

from recipes.environment import enter_spark

WORK = pathlib.Path("/tmp/holdfast-golden/operators")
PROVIDERS = "org.apache.spark.sql.execution.streaming.state."


def rows(session, home):
    schema = "k string, v int, at timestamp"
    source = session.readStream.schema(schema).option("maxFilesPerTrigger", 1).json(f"{home}/input")
    return source.withWatermark("at", "10 seconds")


def aggregation(session, home):
    return rows(session, home).groupBy("k").count(), "update"


def dedup(session, home):
    return rows(session, home).dropDuplicates(["k"]), "append"


def dedup_within_watermark(session, home):
    return rows(session, home).dropDuplicatesWithinWatermark(["k"]), "append"


def join(session, home):
    from pyspark.sql import functions as f

    left = rows(session, home).selectExpr("k AS lk", "at AS lat", "v AS lv")
    right = rows(session, home).selectExpr("k AS rk", "at AS rat", "v AS rv")
    return left.join(right, f.expr("lk = rk AND rat BETWEEN lat AND lat + INTERVAL 5 SECONDS")), "append"


def session_window(session, home):
    from pyspark.sql import functions as f

    return rows(session, home).groupBy(f.session_window("at", "5 seconds"), "k").count(), "append"


def limit(session, home):
    return rows(session, home).limit(3), "append"


def pandas_with_state(session, home):
    def count(key, frames, state):
        seen = (state.get[0] if state.exists else 0) + sum(len(frame) for frame in frames)
        state.update((seen,))
        import pandas as pd

        yield pd.DataFrame({"k": [key[0]], "n": [seen]})

    grouped = rows(session, home).groupBy("k")
    return grouped.applyInPandasWithState(count, "k string, n long", "n long", "append", "NoTimeout"), "append"


def flat_map_groups(session, home):
    from pyspark.sql import DataFrame

    made = session.sparkContext._jvm.holdfast.recipes.JvmOperators.flatMapGroupsWithState(rows(session, home)._jdf)
    return DataFrame(made.toDF(), session), "append"


def chained(session, home):
    """Two operators that this project cannot read."""
    from pyspark.sql import functions as f

    return rows(session, home).dropDuplicates(["k", "at"]).groupBy(f.window("at", "5 seconds")).count(), "append"


def with_state(session, home):
    """transformWithState first, an aggregation of what it emits second."""
    import pandas as pd
    from pyspark.sql import functions as f
    from pyspark.sql.streaming.stateful_processor import StatefulProcessor

    class Count(StatefulProcessor):
        def init(self, handle):
            self.seen = handle.getValueState("seen", "n int")

        def handleInputRows(self, key, frames, timerValues):
            got = pd.concat(list(frames))
            n = (self.seen.get()[0] if self.seen.exists() else 0) + len(got)
            self.seen.update((n,))
            yield pd.DataFrame({"k": [key[0]], "n": [n], "at": [got["at"].max()]})

        def close(self):
            pass

    made = rows(session, home).groupBy("k").transformWithStateInPandas(
        Count(), "k string, n int, at timestamp", "append", "EventTime", eventTimeColumnName="at")
    return made.groupBy(f.window("at", "5 seconds")).count(), "append"


UNSAFEROW = {"spark.sql.streaming.stateStore.encodingFormat": "unsaferow"}
HDFS = {"spark.sql.streaming.stateStore.providerClass": PROVIDERS + "HDFSBackedStateStoreProvider"}
CASES = {
    "aggregation": (aggregation, {}),
    "aggregation_hdfs": (aggregation, HDFS),
    "dedup": (dedup, {}),
    "dedup_within_watermark": (dedup_within_watermark, {}),
    "join": (join, {}),
    "join_v3": (join, {"spark.sql.streaming.join.stateFormatVersion": "3"}),
    "session_window": (session_window, {}),
    "limit": (limit, {}),
    "pandas_with_state": (pandas_with_state, {}),
    "flat_map_groups": (flat_map_groups, {}),
    "chained": (chained, {}),
    "with_state": (with_state, {}),
}


def main():
    parser = argparse.ArgumentParser(prog="recipes.operators", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    asked = parser.parse_args()
    enter_spark(asked.spark, ["-m", "recipes.operators", *sys.argv[1:]])

    from recipes.jvm import compile_classes
    from recipes.session import configured, start

    work = WORK / asked.spark
    session = start(compile_classes(work / "classes"))
    for name in asked.cases or CASES:
        query, conf = CASES[name]
        home = work / name
        shutil.rmtree(home, ignore_errors=True)
        with configured(session, {**UNSAFEROW, **conf}):
            write_case(session, query, home, [("1", "seen")] if query == with_state else [])
        shutil.rmtree(asked.out / name, ignore_errors=True)
        shutil.copytree(home, asked.out / name, ignore=shutil.ignore_patterns("input"))
        print(name, flush=True)
    session.stop()


def write_case(session, query, home, variables):
    from recipes.dump import write_packed
    from recipes.query import write_input_file

    for number in range(2):
        write_input_file(home, number, [{"k": f"k{n}", "v": n, "at": f"2026-01-01T00:0{number}:0{n}Z"} for n in range(3)])
    frame, mode = query(session, home)
    writer = frame.writeStream.format("noop").outputMode(mode).option("checkpointLocation", f"{home}/ckpt")
    writer.trigger(availableNow=True).start().awaitTermination()
    write_packed(home / "expected.json", dump(session, f"{home}/ckpt", variables))


def dump(session, checkpoint, variables):
    from recipes.dump import read

    yield read(session, "state-metadata", {}, checkpoint)
    for operator, variable in variables:
        options = {"operatorId": operator, "stateVarName": variable}
        yield read(session, "statestore", options, checkpoint)
        yield read(session, "statestore", {**options, "batchId": "0"}, checkpoint)


if __name__ == "__main__":
    main()
