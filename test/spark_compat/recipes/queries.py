# SPDX-License-Identifier: Apache-2.0
"""Queries whose processors are written out, trigger by trigger and with a clock of their own, as programs/ has it:

    python3 -m recipes.queries --spark 4.3.0 --out golden/queries/spark-4.3.0.jsonl.gz

writes what Spark alone makes of each, in the form of programs/README.md; `programs.turns` plays them by turns. Two go on
from golden checkpoints, some are of two operators (chains.py), some begin with an initial state.
"""

import argparse
import dataclasses
import functools
import gzip
import itertools
import json
import pathlib
import random
import shutil
import sys
import tempfile

from recipes import chains
from recipes.environment import enter_spark

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
BEGIN_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
ENCODING, FORMAT = chains.ENCODING, chains.FORMAT
PARTITIONS = "spark.sql.shuffle.partitions"
CLICKS = "session_id string, user_id string, event_type string, revenue double, event_timestamp timestamp"
SESSIONS = "session_id string, kind string, n int, wm long"
DEPOSITS = "account string, seq int, kind string, amount long, review long, at timestamp"
TOLD = "account string, why string, at long, amount long, given boolean, deposits string, kinds string"
GIVEN = [("a", "gift", 100, 4_000), ("a", "loan", 7, 25_000), ("b", "gift", 50, 12_000), ("never", "loan", 9, 15_000),
         ("silent", "gift", 1, 2_000), ("late", "loan", 3, 60_000)]


@dataclasses.dataclass(frozen=True)
class Query:
    """`frame` makes the output; it is given a function that makes a source of the input. A trigger is (time, rows), of which
    an empty one brings no file. `timed` are the operators that have timers; `begun` is a golden checkpoint to go on from.
    `restarted`: each trigger with input is a start of its own, since a start changes what comes out."""

    name: str
    schema: str
    frame: object
    variables: list
    triggers: list
    time: str = "EventTime"
    timed: tuple = (0,)
    conf: dict = dataclasses.field(default_factory=lambda: {PARTITIONS: "2"})
    begun: str = ""
    restarted: bool = False

    def program(self):
        starts = list(itertools.accumulate(int(self.restarted and n > 0 and bool(rows))
                                           for n, (_, rows) in enumerate(self.triggers)))
        made = {"program": self.name, "time": self.time, "encoding": self.conf.get(ENCODING, "avro"), "conf": self.conf,
                "timed_operators": self.timed, "runs": [{"variables": self.variables}] * (starts[-1] + 1),
                "batches": [{"time": time, "run": run, "rows": rows} for (time, rows), run in zip(self.triggers, starts)]}
        return {**made, "begun": self.begun} if self.begun else made


def variable(name, operator=0):
    return {"name": name, "operator": operator} if operator else {"name": name}


# ---- The queries -------------------------------------------------------------------------------------------------


def idle_sessions(session, source):
    from recipes.query_processors import IdleSessions

    grouped = source().withWatermark("event_timestamp", "10 seconds").groupBy("session_id")
    return grouped.transformWithState(IdleSessions(), SESSIONS, "append", "EventTime")


def expiring_counts(session, source):
    from recipes.query_processors import ExpiringCounts

    return source().groupBy("session_id").transformWithState(ExpiringCounts(), SESSIONS, "append", "ProcessingTime")


def balances(session, source, time, ttl_ms):
    from recipes.query_processors import Balances

    given = [(account, kind, amount, BEGIN_MS + review) for account, kind, amount, review in GIVEN]
    given = session.createDataFrame(given, "account string, kind string, amount long, review long")
    rows = source().withWatermark("at", "5 seconds") if time == "EventTime" else source()
    return rows.groupBy("account").transformWithState(Balances(ttl_ms), TOLD, "append", time,
                                                      initialState=given.groupBy("account"))


def chain(session, source, first, second):
    return chains.transformed(source(), first, second)


def union(session, source):
    """Of two sources, each with a watermark of its own."""
    visits, _ = chains.processors()
    sides = [source().where(f"side = '{side}'").withWatermark("at", delay)
             for side, delay in (("left", "10 seconds"), ("right", "3 seconds"))]
    return sides[0].union(sides[1]).groupBy("k").transformWithState(visits(True), chains.VISITS, "append", "EventTime")


def clicks(minutes, count, sessions):
    """Those of continue/ in this minute, some of them late when the last were of the same."""
    sys.path.insert(0, str(HERE.parent / "continue"))
    from events import event

    draw = random.Random(f"{minutes} {count} {sessions}")
    return [event(draw, minutes, n, 1, sessions) for n in range(count)]


def idle_sessions_triggers():
    # The golden checkpoint's watermark is at 2:11; its sessions are open, with timers up to 2:51.
    files = [clicks(2, 30, 12), clicks(3, 25, 18), [], clicks(3, 12, 30), clicks(4, 30, 10), [], clicks(2, 4, 9),
             clicks(5, 20, 18), [], clicks(9, 10, 40), clicks(10, 3, 40), []]
    return [(1_795_361_590_000 + 1000 * n, rows) for n, rows in enumerate(files)]


def expiring_counts_triggers():
    last = 1_795_362_502_631  # the time of the golden checkpoint's last batch
    ten_years = 3650 * 86_400_000
    return [(last + after, rows) for after, rows in (
        (1000, clicks(4, 12, 6)),  # the short ones of the last batch are still there,
        (1500, clicks(5, 10, 10)),  # and now those that the batch before has not set again are not
        (2500, clicks(6, 8, 14)),
        (4100, []),
        (60_000, clicks(7, 15, 14)),
        (60_001, clicks(8, 15, 9)),
        # Of the golden batches' timers and values some are due, and then all.
        (ten_years - 9_000, clicks(9, 6, 6)),
        (ten_years + 1200, clicks(10, 9, 9)),
        (ten_years + 2499, []),
        (ten_years + 2500, clicks(11, 12, 20)),
        (ten_years + 90_000, clicks(12, 5, 8)),
        (ten_years + 90_000, []),
    )]


def chain_triggers(first):
    # Triggers without rows where the last file has moved the watermark over timers. The last file has rows that are late
    # after one, which only an operator with event time may get: others would pass them on.
    files = [chains.rows_of(number, first) for number in range(len(chains.FILES))]
    files[3:3] = [[]]
    if first == "EventTime":
        files[6:6] = [[]]
    return [(BEGIN_MS + 1000 * n, rows) for n, rows in enumerate([*files, []])]


def union_triggers():
    def rows(*some):
        return [{"side": side, "k": k, "n": n, "at": f"2026-01-01T00:{at // 60:02}:{at % 60:02}Z"} for side, k, n, at in some]

    # The watermark is that of the side that is behind. No checkpoint has that of each: after a start a side that has
    # brought nothing yet holds the watermark where it was.
    files = [rows(("left", "a1", 1, 2), ("right", "a1", 2, 4), ("right", "b1", 3, 5)),
             rows(("left", "a1", 4, 20), ("right", "b1", 5, 8)), [],
             rows(("right", "a1", 6, 30), ("right", "c1", 7, 3)), [],
             rows(("left", "b1", 8, 45), ("left", "c1", 9, 9)), [],
             rows(("right", "a1", 10, 60), ("left", "d1", 11, 61), ("right", "d1", 12, 26)), [],
             rows(("left", "d1", 13, 90)), []]
    return [(BEGIN_MS + 1000 * n, rows) for n, rows in enumerate(files)]


def balances_triggers():
    def rows(*some):
        return [{"account": account, "seq": seq, "kind": kind, "amount": amount, "review": BEGIN_MS + 1000 * review,
                 "at": f"2026-01-01T00:00:{at:02}Z"} for seq, (account, kind, amount, review, at) in enumerate(some)]

    files = [rows(("a", "pay", 1, 9, 1), ("c", "pay", 20, 30, 8), ("a", "gift", 5, 4, 3)),
             rows(("b", "pay", 2, 20, 11), ("c", "gift", 3, 13, 9)),
             [],
             rows(("a", "loan", 4, 18, 18), ("never2", "pay", 6, 70, 16), ("b", "gift", 8, 22, 2)),
             rows(("late", "gift", 30, 40, 24), ("a", "pay", 11, 26, 25)),
             [],
             rows(("c", "gift", 12, 41, 33), ("silent", "pay", 2, 50, 33)),
             rows(("a", "gift", 13, 66, 55))]
    return [(BEGIN_MS + 6000 * n, rows) for n, rows in enumerate([*files, []])]


ACCOUNT_STATE = [variable("balance"), variable("deposits"), variable("by_kind")]
QUERIES = [
    Query("c1_eventtime", CLICKS, idle_sessions, [variable("events"), variable("pages"), variable("last_timer")],
          idle_sessions_triggers(), conf={}, begun="c1_eventtime"),
    Query("c2_proctime_ttl", CLICKS, expiring_counts,
          [variable(name) for name in ("v_ttl", "l_ttl", "m_ttl", "v_short", "plain")], expiring_counts_triggers(),
          time="ProcessingTime", conf={}, begun="c2_proctime_ttl"),
    *(Query(f"chain_{name}", chains.ROWS, functools.partial(chain, first=first, second=second),
            [variable("numbers"), variable("seen", operator=1)], chain_triggers(first), time=second,
            timed=tuple(operator for operator, mode in ((0, second), (1, first)) if mode != "None"),
            conf={PARTITIONS: "2", **conf})
      for name, (first, second, conf) in chains.CASES.items()),
    Query("union_event", "side string, " + chains.ROWS, union, [variable("seen")], union_triggers(),
          restarted=True),
    Query("initial_event", DEPOSITS, functools.partial(balances, time="EventTime", ttl_ms=None), ACCOUNT_STATE,
          balances_triggers()),
    Query("initial_processing_unsaferow_2", DEPOSITS, functools.partial(balances, time="ProcessingTime", ttl_ms=14_000),
          ACCOUNT_STATE, balances_triggers(), time="ProcessingTime",
          conf={PARTITIONS: "2", ENCODING: "unsaferow", FORMAT: "2"}),
]


# ---- Spark's side ------------------------------------------------------------------------------------------------


def begin(program, directory):
    """A copy of the golden checkpoint that the program goes on from, if there is one, which knows where it lies: Spark wants
    to find the schema files and the last batch's input."""
    if "begun" not in program:
        return
    for name in ("ckpt", "input"):
        shutil.copytree(GOLDEN / program["begun"] / name, directory / name)
    for log in ("ckpt/state/0/_metadata/v2", "ckpt/sources/0"):
        for path in (directory / log).iterdir():
            text = path.read_text()
            path.write_text(text.replace(f"/data/fixtures/{program['begun']}/", f"{directory}/"))


def play(session, program, directory, first, last):
    """What each trigger from `first` to before `last` did; the query is started for them, and for each run."""
    from recipes.query import write_input_file
    from recipes.session import configured

    run, query, told = None, None, []
    with configured(session, program["conf"]):
        for number in range(first, last):
            trigger = program["batches"][number]
            if trigger["rows"]:
                write_input_file(directory, number, trigger["rows"])
            if trigger["run"] == run:
                query.release(trigger["time"])
            else:
                if query is not None:
                    query.stop()
                run, query = trigger["run"], start(session, program["program"], directory, trigger["time"])
            told.append(json.loads(query.answer().toString()))
        query.stop()
    return told


def start(session, name, directory, time):
    from pyspark.sql import functions as f

    from recipes.dump import SHAPE

    query = next(query for query in QUERIES if query.name == name)
    frame = query.frame(session, lambda: session.readStream.schema(query.schema).json(f"{directory}/input"))
    jvm = session.sparkContext._jvm
    return jvm.holdfast.programs.SteppedQuery(
        session._jsparkSession, frame.select(f.to_json(f.struct("*"), SHAPE))._jdf, str(directory / "ckpt"),
        jvm.org.apache.spark.sql.streaming.OutputMode.Append(), time)


def state(session, program, directory, told):
    """The state after each of these batches, and what changed."""
    from recipes.session import configured

    programs = session.sparkContext._jvm.holdfast.programs.Programs
    with configured(session, program["conf"]):
        return json.loads(programs.state(json.dumps(program), str(directory), json.dumps(told)))


def main():
    parser = argparse.ArgumentParser(prog="recipes.queries", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args()
    enter_spark(asked.spark, ["-m", "recipes.queries", *sys.argv[1:]])
    from programs.__main__ import compact, start_session

    lines = []
    with tempfile.TemporaryDirectory(prefix="holdfast-queries-") as scratch:
        work = pathlib.Path(scratch)
        session = start_session(work)
        for query in QUERIES:
            if asked.names and query.name not in asked.names:
                continue
            program, directory = query.program(), work / query.name
            directory.mkdir()
            begin(program, directory)
            told = play(session, program, directory, 0, len(program["batches"]))
            program["spark"] = {"triggers": told, **state(session, program, directory, told)}
            lines.append(compact(program) + "\n")
            print(f"{query.name}: {sum('batch' in one for one in told)} batches, "
                  f"{sum(len(one.get('out', ())) for one in told)} rows", flush=True)
        session.stop()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


if __name__ == "__main__":
    main()
