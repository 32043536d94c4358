# SPDX-License-Identifier: Apache-2.0
"""Queries of two transformWithState operators, the second on what the first puts out:

    python3 -m recipes.chains --spark 4.3.0 --out golden/chains/spark-4.3.0 [CASE...]

Each has input/, ckpt/, output.json (the rows of each batch), progress.json and expected.json, what Spark's readers say
of both operators (recipes/dump.py has the form). ../query_processors.h has the same processors.
"""

import argparse
import json
import pathlib
import shutil
import sys

from recipes.environment import enter_spark

WORK = pathlib.Path("/tmp/holdfast-golden/chains")
ENCODING = "spark.sql.streaming.stateStore.encodingFormat"
FORMAT = "spark.sql.streaming.stateStore.checkpointFormatVersion"
NO_DATA_BATCHES = "spark.sql.streaming.noDataMicroBatches.enabled"
ROWS = "k string, n long, at timestamp"
VISITS = "g string, n long, at timestamp"
GROUPS = "g string, why string, total long, watermark long"

# name: (time mode of the first operator, of the second, settings)
CASES = {
    "event_event": ("EventTime", "EventTime", {}),
    "event_event_unsaferow_2": ("EventTime", "EventTime", {ENCODING: "unsaferow", FORMAT: "2"}),
    "none_event": ("None", "EventTime", {}),
    "processing_event": ("ProcessingTime", "EventTime", {NO_DATA_BATCHES: "false"}),
    "event_none": ("EventTime", "None", {}),
}
LATE = 4
# Seconds after 2026-01-01, by file. Some are late, some move the watermark (10 s) over a timer.
FILES = [
    [("a1", 1, 0), ("a2", 2, 3), ("b1", 3, 5)],
    [("a1", 4, 12), ("b2", 5, 14), ("c1", 6, 15)],
    [("a1", 7, 30), ("a1", 8, 2)],
    [("b1", 9, LATE), ("c1", 10, 33), ("a2", 11, 28)],
    [("d1", 12, 60)],
    [("a1", 13, 61), ("d1", 14, 49), ("d2", 15, 52)],
]


def processors():
    import datetime

    from pyspark.sql import Row
    from pyspark.sql.streaming.stateful_processor import StatefulProcessor

    def micros(ms):
        return datetime.datetime.fromtimestamp(ms / 1000, tz=datetime.timezone.utc)

    def ms(time):
        return round(time.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)

    class Visits(StatefulProcessor):
        def __init__(self, timers):
            self.timers = timers

        def init(self, handle):
            self.handle = handle
            self.seen = handle.getValueState("seen", "n long")

        def handleInputRows(self, key, rows, timerValues):
            rows = list(rows)
            n = sum(row["n"] for row in rows) + (self.seen.get()[0] if self.seen.exists() else 0)
            self.seen.update((n,))
            last = max(row["at"] for row in rows)
            if self.timers:
                self.handle.registerTimer(ms(last) + 4000)
            yield Row(g=key[0][:1], n=n, at=last)

        def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
            yield Row(g=key[0][:1], n=-self.seen.get()[0], at=micros(expiredTimerInfo.getExpiryTimeInMs()))

        def close(self):
            pass

    class Groups(StatefulProcessor):
        def __init__(self, timers):
            self.timers = timers

        def init(self, handle):
            self.handle = handle
            self.numbers = handle.getListState("numbers", "n long")

        def handleInputRows(self, key, rows, timerValues):
            rows = sorted(rows, key=lambda row: (row["at"], row["n"]))
            for row in rows:
                self.numbers.appendValue((row["n"],))
                if self.timers:
                    self.handle.registerTimer(ms(row["at"]) + 3000)
            total = sum(n for (n,) in self.numbers.get())
            yield Row(g=key[0], why="rows", total=total, watermark=timerValues.getCurrentWatermarkInMs())

        def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
            total = sum(n for (n,) in self.numbers.get())
            yield Row(g=key[0], why=str(expiredTimerInfo.getExpiryTimeInMs()), total=total,
                      watermark=timerValues.getCurrentWatermarkInMs())

        def close(self):
            pass

    return Visits, Groups


def main():
    parser = argparse.ArgumentParser(prog="recipes.chains", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    asked = parser.parse_args()
    enter_spark(asked.spark, ["-m", "recipes.chains", *sys.argv[1:]])

    from recipes.session import configured, start

    session = start()
    for name in asked.cases or CASES:
        first, second, conf = CASES[name]
        home = WORK / asked.spark / name
        shutil.rmtree(home, ignore_errors=True)
        with configured(session, conf):
            write_case(session, first, second, home)
        shutil.rmtree(asked.out / name, ignore_errors=True)
        shutil.copytree(home, asked.out / name)
        print(name, flush=True)
    session.stop()


def chain(session, first, second, home):
    rows = session.readStream.schema(ROWS).option("maxFilesPerTrigger", 1).json(f"{home}/input")
    return transformed(rows, first, second)


def transformed(rows, first, second):
    """The two operators over the rows of a source."""
    visits, groups = processors()
    made = rows.withWatermark("at", "10 seconds").groupBy("k") \
        .transformWithState(visits(first == "EventTime"), VISITS, "append", first, eventTimeColumnName="at")
    return made.groupBy("g").transformWithState(groups(second == "EventTime"), GROUPS, "append", second)


def rows_of(number, first):
    """A file's rows. What is late is dropped in event time; else the first operator would pass it on, which ends the query
    with EMITTING_ROWS_OLDER_THAN_WATERMARK_NOT_ALLOWED."""
    rows = [(k, n, at if at != LATE or first == "EventTime" else 29) for k, n, at in FILES[number]]
    return [{"k": k, "n": n, "at": f"2026-01-01T00:0{at // 60}:{at % 60:02d}Z"} for k, n, at in rows]


def write_case(session, first, second, home):
    from recipes.dump import write_packed
    from recipes.query import shortened, write_input_file, write_lines

    for number in range(len(FILES)):
        write_input_file(home, number, rows_of(number, first))
    outputs = []

    def keep(batch, number):
        rows = [json.loads(line) for line in batch.toJSON().collect()]
        outputs.append({"batch": number, "rows": sorted(rows, key=json.dumps)})

    writer = chain(session, first, second, home).writeStream.foreachBatch(keep).outputMode("append")
    query = writer.option("checkpointLocation", f"{home}/ckpt").trigger(availableNow=True).start()
    query.awaitTermination()
    progress = [json.loads(p.json) if hasattr(p, "json") else p for p in query.recentProgress]
    write_lines(f"{home}/output.json", outputs)
    write_lines(f"{home}/progress.json", [shortened(p) for p in progress])
    write_packed(home / "expected.json", dump(session, first, second, f"{home}/ckpt"))


def dump(session, first, second, checkpoint):
    from recipes.dump import read, state_reads

    yield read(session, "state-metadata", {}, checkpoint)
    # Spark counts operators from the sink.
    for operator, kinds, mode in (("1", {"seen": "value"}, first), ("0", {"numbers": "list"}, second)):
        for options in state_reads(kinds, mode != "None", checkpoint):
            yield read(session, "statestore", {"operatorId": operator, **options}, checkpoint)


if __name__ == "__main__":
    main()
