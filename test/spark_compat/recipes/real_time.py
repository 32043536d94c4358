# SPDX-License-Identifier: Apache-2.0
"""Spark's real-time mode, step by step under a clock that stands still in between:

    python3 -m recipes.real_time --spark 4.3.0 --out golden/real_time/spark-4.3.0 [CASE...]

Each case has case.json, told.json (a step a line, with the calls of the processor and of the sink that it led to),
progress.json and ckpt/; refusals.json has what Spark refuses. ../real_time_test.cc takes the same steps; java_real_time/ has the query and its processor.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

from recipes.environment import enter_spark

WORK = pathlib.Path("/tmp/holdfast-golden/real_time")
CLOCK = 1_800_000_000_000  # where the clock stands at first
EVENTS = 1_700_000_000_000  # event times count from here
BATCH_MS = 5000
FORMAT = "spark.sql.streaming.stateStore.checkpointFormatVersion"
QUIET_S = 0.5  # nothing more comes of a step
PATIENCE_S = 60

# A step:
#   ["push", [KEY, N, DELAY, AT]...]  rows; a DELAY asks for a timer, from the clock or from the row's event time on
#   ["late", [KEY, N, DELAY, AT]...]  the same, and the processor gets none of them
#   ["clock", MS]                     sets the clock, in ms from CLOCK on
#   ["end", BATCH, MS]                the same, which ends this batch; returns when the next one has begun
#   ["start", TRIGGER]                realTime, or availableNow, which returns at its end
#   ["stop"]                          StreamingQuery.stop
#   ["fail", [KEY, N]]                a row that the processor throws for
#   ["unprove", BATCH]                removes commits/BATCH, as if the process had ended before it was written
CASES = {
    "processing_time": ("ProcessingTime", 2000, [
        ["start", "realTime"],
        ["push", ["a", 1], ["a", 2, 1000], ["b", 3]],
        ["clock", 999], ["push", ["b", 4]],
        ["clock", 1000], ["push", ["b", 5]],  # the timer of a
        ["clock", 1001], ["push", ["c", 6, 0]],  # one that is due at once
        ["clock", 1999], ["push", ["a", 7]],
        ["clock", 2000], ["push", ["a", 8], ["b", 9]],
        ["clock", 3999], ["push", ["b", 10]],  # one before the TTL
        ["clock", 4000], ["push", ["a", 11]],  # the TTL
        ["push", ["d", 12, 900], ["e", 13, 1000], ["f", 14, 1001], ["g", 15, 500]],
        ["end", 0, 5000],  # three of the four
        ["push", ["a", 16]],
        ["clock", 5001], ["push", ["a", 17, -1]],  # f; and one for the past
        ["clock", 8000], ["push", ["a", 18, 500]],
        ["end", 1, 10_000],
    ]),
    "event_time": ("EventTime", 0, [
        ["start", "realTime"],
        ["push", ["a", 1, 5000, 0], ["a", 2, -20_000, 30_000], ["b", 3, 1000, 1000]],
        ["end", 0, 5000],
        ["push", ["b", 4, 0, 2000]],  # behind the watermark, and not late: that takes the one of the batch before
        ["clock", 5001], ["push", ["a", 5, 2000, 19_000], ["a", 6, 500, 21_000], ["c", 7, 0, 60_000]],
        ["end", 1, 10_000],
        ["late", ["a", 8, 0, 19_999]],
        ["push", ["c", 9, 40_000, 20_001]],
        ["end", 2, 15_000],
    ]),
    "restarts": ("None", 0, [
        ["start", "realTime"],
        ["push", ["a", 1], ["a", 2], ["b", 3], ["a", 4]],
        ["end", 0, 5000],
        ["push", ["a", 5], ["b", 6]],
        ["stop"],
        ["start", "realTime"],  # both once more
        ["push", ["c", 7]],
        ["end", 1, 10_000],
        ["stop"],
        ["push", ["a", 8], ["b", 9], ["a", 10]],
        ["start", "availableNow"],
        ["start", "realTime"],
        ["push", ["a", 11]],
        ["end", 3, 15_000],
        ["stop"],
        ["unprove", 3],
        ["push", ["a", 12]],
        ["start", "realTime"],  # another batch 3
        ["end", 3, 20_000],
    ]),
    "failure": ("None", 0, [
        ["start", "realTime"],
        ["push", ["a", 1]],
        ["end", 0, 5000],
        ["push", ["a", 2]],
        ["fail", ["a", 666]],
    ]),
    "past": ("ProcessingTime", 0, [
        ["start", "realTime"],
        ["push", ["a", 1]],
        ["clock", 1000], ["push", ["b", 2]],
        ["push", ["a", 3, -1]],  # a timer for a time before the last look at the timers
        ["push", ["b", 4, 0]],  # and one for the time of that look
        ["clock", 1500], ["push", ["b", 5]],
        ["end", 0, 5000],
    ]),
    "idle": ("ProcessingTime", 0, [
        ["start", "realTime"],
        ["push", ["a", 1, 7000]],
        ["end", 0, 5000],
        ["clock", 7000],  # it is due, and nothing happens
        ["end", 1, 10_000],
        ["end", 2, 15_000],
    ]),
}


class Played:
    """A case on its way."""

    def __init__(self, session, time_mode, ttl_ms, checkpoint):
        self.java = session.sparkContext._jvm.holdfast.real_time
        self.time_mode, self.ttl_ms, self.checkpoint = time_mode, ttl_ms, checkpoint
        self.java.SteppedClock.set(CLOCK)
        self.stream = self.java.RealTimeQuery(session._jsparkSession)
        self.running = None
        self.heard = len(self.all())
        self.waiting = 0  # rows that were pushed while no query ran
        self.progress = []

    def all(self, first=0):
        return [json.loads(line) for line in self.java.Heard.since(first)]

    def step(self, what, *of):
        getattr(self, what)(*of)
        told = self.settled()
        self.heard += len(told)
        return {"step": [what, *of], "told": told}

    def settled(self):
        """What was heard since the last step, once nothing more comes."""
        told, since = self.all(self.heard), time.time()
        while time.time() < since + QUIET_S:
            time.sleep(0.05)
            more = self.all(self.heard)
            if len(more) > len(told):
                told, since = more, time.time()
        return told

    def wait(self, holds, what):
        end = time.time() + PATIENCE_S
        while not holds():
            if time.time() > end:
                raise TimeoutError(what)
            time.sleep(0.02)

    def rows(self):
        return sum(len(event["n"]) for event in self.all(self.heard) if event["event"] == "rows")

    def has_begun(self):
        return any(event["event"] == "opened" for event in self.all(self.heard))

    def push(self, *rows):
        self.late(*rows)
        if self.running:
            self.wait(lambda: self.rows() == len(rows), rows)
        else:
            self.waiting += len(rows)

    def late(self, *rows):
        for key, n, delay, at in ([*row, None, None][:4] for row in rows):
            self.stream.push(key, n, delay, None if at is None else EVENTS + at)

    def clock(self, ms):
        self.java.SteppedClock.set(CLOCK + ms)

    def end(self, batch, ms):
        self.clock(ms)
        self.wait(lambda: os.path.exists(f"{self.checkpoint}/commits/{batch}"), f"commits/{batch}")
        self.wait(self.has_begun, "the next batch")

    def start(self, trigger):
        real_time = trigger == "realTime"
        self.running = self.stream.start(str(self.checkpoint), self.time_mode, self.ttl_ms,
                                         BATCH_MS if real_time else 0, "update")
        self.wait(lambda: self.has_begun() and self.rows() >= self.waiting, "the first batch")
        self.waiting = 0
        if not real_time:
            self.running.awaitTermination()
            self.taken()

    def stop(self):
        self.running.stop()
        self.taken()

    def taken(self):
        self.progress += [json.loads(progress.json()) for progress in self.running.recentProgress()]
        self.running = None

    def fail(self, row):
        self.late(row)
        self.wait(lambda: self.running.exception().isDefined(), "the failure")

    def unprove(self, batch):
        for name in (str(batch), f".{batch}.crc"):
            os.remove(f"{self.checkpoint}/commits/{name}")


def play(session, name, out):
    time_mode, ttl_ms, steps = CASES[name]
    home = WORK / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    played = Played(session, time_mode, ttl_ms, home / "ckpt")
    with open(home / "told.json", "w", encoding="utf-8") as told:
        for step in steps:
            told.write(json.dumps(played.step(*step), separators=(",", ":")) + "\n")
            told.flush()
    if played.running:
        played.stop()
    case = {"timeMode": time_mode, "ttlMs": ttl_ms, "clock": CLOCK, "events": EVENTS, "batchMs": BATCH_MS}
    (home / "case.json").write_text(json.dumps(case) + "\n")
    with open(home / "progress.json", "w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(shortened(each), separators=(",", ":")) + "\n" for each in played.progress)
    shutil.rmtree(out / name, ignore_errors=True)
    shutil.copytree(home, out / name, ignore=shutil.ignore_patterns("*.tmp", "*.tmp.crc"))


def refusals(session, home):
    """What of real-time mode Spark refuses, by name; null where it does not."""
    from pyspark.sql import DataFrame

    shutil.rmtree(home, ignore_errors=True)
    (home / "input").mkdir(parents=True)
    stream = session.sparkContext._jvm.holdfast.real_time.RealTimeQuery(session._jsparkSession)
    rows = DataFrame(stream.rows(), session)
    files = session.readStream.schema("k string").text(str(home / "input"))
    rate = session.readStream.format("rate").load()

    def written(frame, sink, mode="update"):
        return lambda place: sink(frame.writeStream.outputMode(mode)).option("checkpointLocation", place) \
            .trigger(realTime="5 seconds").start()

    def stateful(interval_ms, mode):
        return lambda place: stream.start(place, "None", 0, interval_ms, mode)

    console = [lambda writer: writer.format("console")]
    asked = {
        "output mode Append": ({}, stateful(BATCH_MS, "append")),
        "4999 ms": ({}, stateful(4999, "update")),
        "checkpoint format 1": ({FORMAT: "1"}, stateful(BATCH_MS, "update")),
        "source text": ({}, written(files, *console)),
        "source rate": ({}, written(rate, *console)),
        "sink console": ({}, written(rows, *console)),
        "sink memory": ({}, written(rows, lambda writer: writer.format("memory").queryName("kept"))),
        "sink foreachBatch": ({}, written(rows, lambda writer: writer.foreachBatch(lambda frame, batch: None))),
        "sink json": ({}, written(rows, lambda writer: writer.format("json").option("path", str(home / "out")), "append")),
    }
    return {name: refusal(session, conf, start, str(home / f"ckpt{number}"))
            for number, (name, (conf, start)) in enumerate(asked.items())}


def refusal(session, conf, start, place):
    from recipes.session import configured

    with configured(session, conf):
        try:
            query = start(place)
        except Exception as failure:  # whatever Spark says is the answer
            return condition(failure)
        end = time.time() + 6
        while time.time() < end and query_failure(query) is None:
            time.sleep(0.1)
        query.stop()
        return query_failure(query)


def query_failure(query):
    failure = query.exception()
    if failure is not None and hasattr(failure, "isDefined"):
        failure = str(failure.get().toString()) if failure.isDefined() else None
    return None if failure is None else condition(failure)


def condition(failure):
    """The first name of a condition in brackets, but for the one that a query failed."""
    names = [name for name in re.findall(r"\[([A-Z0-9_.]+)\]", str(failure)) if name != "STREAM_FAILED"]
    return names[0] if names else str(failure).split("\n")[0]


def shortened(progress):
    from recipes.query import shortened as of_query

    sources = [{key: source.get(key) for key in ("startOffset", "endOffset", "latestOffset", "numInputRows")}
               for source in progress["sources"]]
    return {**of_query(progress), "durations": sorted(progress["durationMs"]), "sources": sources,
            "numOutputRows": progress["sink"]["numOutputRows"]}


def main():
    parser = argparse.ArgumentParser(prog="recipes.real_time", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    asked = parser.parse_args()
    enter_spark(asked.spark, ["-m", "recipes.real_time", *sys.argv[1:]])

    from recipes.case import PARTITIONS
    from recipes.jvm import compile_classes
    from recipes.session import start

    with tempfile.TemporaryDirectory() as classes:
        compile_classes(classes, pathlib.Path(__file__).parent / "java_real_time")
        # A task of the source and one of the state run side by side.
        session = start(classes, {"spark.master": "local[4]", PARTITIONS: "1"}.items())
        for name in asked.cases or [*CASES, "refusals"]:
            if name == "refusals":
                (asked.out / "refusals.json").write_text(json.dumps(refusals(session, WORK / name), indent=1) + "\n")
            else:
                play(session, name, asked.out)
            print(name, flush=True)
        session.stop()


if __name__ == "__main__":
    main()
