# SPDX-License-Identifier: Apache-2.0
"""The StreamShop example in Python on real Spark and on Holdfast, and on one checkpoint by turns:

    python3 example_turns.py [--keep DIR] [ROUND...]       ./dev spark python

A round is a Spark, the format of its tables, a time zone, and events. In each round the example runs four times over
the same event files: on Spark, on Holdfast, and with phase 1 on one of them and phase 3 on the other. Rows of both tables
and the state after phases 1 and 3, as Spark, as Holdfast's Python package and as `holdfast state` read them, must be the
same for all four, and what a recomputation in plain Python says. The scripts must print the same.
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(HERE.parent / "continue")]

import clock_changes  # noqa: E402
from dev_run import PYTHON  # noqa: E402
from dev_spark import setup_dbldatagen, setup_spark  # noqa: E402
from engines import BUILD, FOREIGN, HOLDFAST, NO_WORKER, Failed, holdfast  # noqa: E402
from example_side import EXAMPLE, SCRIPT, VARIABLES, last_batches  # noqa: E402
from recompute import Sessions  # noqa: E402
from spark_side import DELTA  # noqa: E402

ATTEMPTS_MAX = 4  # at a start of Spark whose Python workers do not come up


@dataclasses.dataclass(frozen=True)
class Round:
    name: str
    spark: str
    format: str
    zone: str
    events: str = "its own"  # of the example; else those of clock_changes.py, or of dbldatagen


ROUNDS = [
    Round("parquet-utc", "4.3.0", "parquet", "UTC"),
    Round("parquet-new-york", "4.3.0", "parquet", "America/New_York", "clock changes"),
    Round("parquet-dbldatagen", "4.3.0", "parquet", "UTC", "dbldatagen"),
    # With the Spark that the newest Delta for Spark is made for.
    Round("delta-utc", "4.2.1", "delta", "UTC"),
    Round("delta-new-york", "4.2.1", "delta", "America/New_York", "clock changes"),
]
SPARK, ONLY_HOLDFAST, FROM_SPARK, FROM_HOLDFAST = RUNS = ("spark", "holdfast", "spark-holdfast", "holdfast-spark")


class Play:
    """One round; `wrong` has a sentence for each thing that is not as it should be."""

    def __init__(self, round_, home):
        self.round, self.home, self.wrong = round_, home, []
        self.conf = {"spark.sql.session.timeZone": round_.zone}
        self.processes, self.counts = 0, {}

    def make_events(self):
        """Where the example does not: the same in the folders of all runs. dbldatagen makes them on both engines."""
        for run, engine in ((SPARK, "s"), (ONLY_HOLDFAST, "h"), (FROM_SPARK, None), (FROM_HOLDFAST, None)):
            events = self.home / run / "events"
            if self.round.events == "clock changes":
                events.mkdir(parents=True)
                clock_changes.write_events(events)
            elif self.round.events == "dbldatagen" and engine:
                self.script(engine, EXAMPLE / "utils/dbldatagen_clicks.py", self.home / run)
            elif self.round.events == "dbldatagen":
                shutil.copytree(self.home / SPARK / "events", events)

    def compare_events(self):
        files = [{file.name: file.read_bytes() for file in (self.home / run / "events").iterdir()} for run in RUNS]
        if any(one != files[0] for one in files):
            self.wrong.append("the event files of the four runs are not the same")

    def play(self):
        self.make_events()
        printed = {engine: self.script(engine, SCRIPT, self.home / run, self.round.format)
                   for engine, run in (("h", ONLY_HOLDFAST), ("s", SPARK))}
        if printed["h"] != printed["s"]:
            self.wrong.append(f"Spark printed\n{printed['s']}\nand Holdfast\n{printed['h']}")
        self.by_holdfast(self.phases(FROM_HOLDFAST, 1, 2))
        looks = [self.look("s", run) for run in (SPARK, ONLY_HOLDFAST)]
        self.by_spark(self.phases(FROM_SPARK, 1, 2), self.phases(FROM_HOLDFAST, 3, 4), *looks)
        self.expect_refusal()
        self.by_holdfast(self.phases(FROM_SPARK, 3, 4), conf={"holdfast.continueForeign": "true"})
        self.by_holdfast(*(self.look("h", run) for run in RUNS))
        self.by_spark(*(self.look("s", run) for run in (FROM_SPARK, FROM_HOLDFAST)))
        self.compare_events()
        self.compare()

    # ---- Jobs and processes ----------------------------------------------------------------------------------------

    def phases(self, run, *phases):
        return {"directory": str(self.home / run), "phases": phases}

    def look(self, engine, run):
        return {"directory": str(self.home / run), "findings": str(self.findings_file(engine, run))}

    def findings_file(self, engine, run):
        return self.home / f"{run}-by-{engine}.json"

    def by_holdfast(self, *jobs, conf=()):
        self.process("h", [HERE / "example_side.py", "--holdfast", self.jobs_file(jobs, {**self.conf, **dict(conf)})])

    def by_spark(self, *jobs):
        self.process("s", [HERE / "example_side.py", self.jobs_file(jobs, {})])

    def jobs_file(self, jobs, conf):
        self.processes += 1
        file = self.home / f"jobs-{self.processes}.json"
        file.write_text(json.dumps({"conf": conf, "format": self.round.format, "jobs": jobs}, indent=1))
        return file

    def script(self, engine, *words):
        """A script as its users start it. Returns what it printed, without what the processors print where they run."""
        printed = self.process(engine, ["-m", "holdfast.cli", *words] if engine == "h" else words)
        return "\n".join(line for line in printed.splitlines() if line and "[V2]" not in line)

    def process(self, engine, words):
        """What it printed; its other words go to a log."""
        log = self.home / f"{engine}.log"
        python, environment = self.spark_environment() if engine == "s" else holdfast_environment()
        if self.round.events == "dbldatagen":
            environment["PYTHONPATH"] += f"{os.pathsep}{setup_dbldatagen()}"
        environment = {**os.environ, **environment, "TZ": self.round.zone, "PYTHONDONTWRITEBYTECODE": "1"}
        for _ in range(ATTEMPTS_MAX):
            begin = log.stat().st_size if log.exists() else 0
            with open(log, "ab") as out:
                done = subprocess.run([str(word) for word in (python, *words)], cwd=EXAMPLE, env=environment,
                                      stdout=subprocess.PIPE, stderr=out, stdin=subprocess.DEVNULL, text=True)
            said = log.read_bytes()[begin:].decode(errors="replace")
            if done.returncode == 0:
                return done.stdout
            if NO_WORKER not in said:
                break
        raise Failed(f"{engine}, {words[-1]}: exit code {done.returncode}: {said[-1500:]}")

    def spark_environment(self):
        python, environment = setup_spark(self.round.spark)
        conf = {**self.conf, "spark.ui.enabled": "false",
                "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                "spark.databricks.delta.snapshotPartitions": "1", **(DELTA if self.round.format == "delta" else {})}
        settings = " ".join(f'--conf "{key}={value}"' for key, value in conf.items())
        return python, {**environment, "PYTHONPATH": "", "PYTHONWARNINGS": "ignore",
                        "PYSPARK_SUBMIT_ARGS": f"--master local[2] --driver-memory 1g {settings} pyspark-shell"}

    # ---- Comparisons -----------------------------------------------------------------------------------------------

    def expect_refusal(self):
        try:
            self.by_holdfast(self.phases(FROM_SPARK, 3))
            self.wrong.append("Holdfast went on with Spark's checkpoint without being told to")
        except Failed as refused:
            if FOREIGN not in str(refused):
                self.wrong.append(f"refused, but not as {FOREIGN}: {refused}")

    def compare(self):
        found = {(engine, run): json.loads(self.findings_file(engine, run).read_text())
                 for engine in "sh" for run in RUNS}
        expected, recomputed = self.state_as_seen(found["s", SPARK]), self.recomputed()
        self.differences("Spark, recomputed", recomputed, expected, without=("partition_id",))
        self.differences("Holdfast, recomputed", recomputed, found["h", ONLY_HOLDFAST], without=("partition_id",))
        for (engine, run), rows in found.items():
            self.differences(f"{run} as {engine} reads it", expected, self.state_as_seen(rows))
        for run in RUNS:
            self.differences(f"{run} as holdfast state reads it", expected, self.state_as_seen(states(self.home / run)))
        evolved = sum(row["evolved_from_v1"] for row in expected["v2_sessions"])
        self.counts = {name: len(rows) for name, rows in expected.items()} | {"evolved": evolved}
        if not evolved or not all(self.counts.values()):
            self.wrong.append(f"nothing to compare: {self.counts}")

    def state_as_seen(self, found):
        """Without the hour by which Spark's states of one and the same run may differ, see clock_changes.py."""
        def seen(row):
            start = clock_changes.as_seen(row["value"]["session_start"], self.round.zone)
            return {**row, "value": {**row["value"], "session_start": start}}

        return {name: [seen(row) for row in rows] if name.startswith("session_state") else rows
                for name, rows in found.items()}

    def differences(self, what, wanted, found, without=()):
        """`found` may lack whole tables or variables, but no rows."""
        def text(row):
            return json.dumps({key: one for key, one in row.items() if key not in without}, sort_keys=True)

        for name in found:
            want, have = (collections.Counter(text(row) for row in rows[name]) for rows in (wanted, found))
            for sign, rows in (("missing", want - have), ("not wanted", have - want)):
                self.wrong += [f"{what}: {name}: {sign}: {row}" for row in rows.elements()]

    def recomputed(self):
        """From the event files of Spark's run."""
        sessions, events, found = Sessions(), self.home / SPARK / "events", {}
        for version, phase in ((1, 1), (2, 3)):
            begin = len(sessions.ended)
            for file in sorted(events.glob(f"v{version}-*.json")):
                sessions.feed(file, version)
            found[f"v{version}_sessions"] = [self.with_instant(row) for row in sessions.ended[begin:]]
            found[f"session_state after phase {phase}"] = [
                {"key": {"session_id": key}, "value": self.with_instant(value)}
                for key, value in sessions.state(version).items()]
        found["evolved after phase 3"] = [{"key": {"session_id": key}, "value": {"value": True}}
                                          for key in sessions.evolved]
        return found

    def with_instant(self, session):
        at = clock_changes.instant(session["session_start"], self.round.zone)
        return {**session, "session_start": clock_changes.as_seen(at, self.round.zone)}


def holdfast_environment():
    return PYTHON, {"PYTHONPATH": str(BUILD / "python"), "HOLDFAST_PROGRAM": str(HOLDFAST)}


def states(directory):
    """What the command line reads."""
    found = {}
    for phase, batch in last_batches(directory).items():
        for variable in VARIABLES[phase]:
            asked = ["--var", variable, "--batch", batch, "--format", "json"]
            rows, error = holdfast("state", directory / "checkpoint", *asked)
            if error:
                raise Failed(f"holdfast state: {error}")
            found[f"{variable} after phase {phase}"] = rows
    return found


def played(round_, home):
    home.mkdir(parents=True)
    play = Play(round_, home)
    try:
        play.play()
    except Exception as failure:  # noqa: BLE001: whatever it is, the round has failed
        play.wrong.append(f"{type(failure).__name__}: {failure}")
    return play


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=pathlib.Path, help="where the files stay; a new directory")
    known = ", ".join(round_.name for round_ in ROUNDS)
    parser.add_argument("names", nargs="*", metavar="ROUND", help=f"of {known}, or a part of it")
    asked = parser.parse_args()
    rounds = [round_ for round_ in ROUNDS if not asked.names or any(name in round_.name for name in asked.names)]
    if not rounds:
        raise SystemExit(f"no round has {' or '.join(asked.names)} in its name")
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for round_ in rounds:
            begin = time.monotonic()
            play = played(round_, (asked.keep or pathlib.Path(scratch)).resolve() / round_.name)
            failed += bool(play.wrong)
            print(f"{round_.name:20} Spark {round_.spark}  {time.monotonic() - begin:4.0f} s  "
                  f"{'FAILED' if play.wrong else 'ok'}  {play.counts}", flush=True)
            print("".join(f"    {said[:1000]}\n" for said in play.wrong[:20]), end="", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
