# SPDX-License-Identifier: Apache-2.0
"""Recorded programs and queries by turns with real Spark and with Holdfast on one checkpoint.

    python3 -m programs.turns --spark VERSION [--every N] [--keep DIR] [NAME...]
    python3 -m programs.turns --spark VERSION --queries [--keep DIR] [NAME...]

Each turn ends a query and starts the other engine's. What comes out, batch by batch, the watermark, and the state after each
batch must be what Spark alone made of the program, or of the query (recipes/queries.py). A turn begins with a trigger that
has input: without any, a query that has just been started would not do what one does that goes on. Needs ./dev build.
"""

import argparse
import gzip
import itertools
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PLAYER = HERE.parent.parent.parent / "build/bin/play_program"
QUERIES = HERE.parent / "golden/queries"
WAYS = ("sh", "hs", "shs", "hsh")  # s: Spark, h: Holdfast
WAYS_OF_QUERIES = ("hs", "sh")  # again and again
ATTEMPTS = 5


def main():
    parser = argparse.ArgumentParser(prog="programs.turns", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--every", type=int, default=16, help="plays every N-th program")
    parser.add_argument("--queries", action="store_true", help="plays the queries instead, each with either engine first")
    parser.add_argument("--keep", type=pathlib.Path, help="where the files stay")
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args()

    from recipes.environment import enter_spark

    enter_spark(asked.spark, ["-m", "programs.turns", *sys.argv[1:]])
    plays = asked_plays(asked)
    if not plays:
        raise SystemExit(f"nothing of this name: {' '.join(asked.names)}")
    with tempfile.TemporaryDirectory(prefix="holdfast-turns-") as scratch:
        return play_all(plays, asked.keep or pathlib.Path(scratch))


def asked_plays(asked):
    """Each as (program, way)."""
    if asked.queries:
        every = itertools.product(recorded(QUERIES, asked.spark), WAYS_OF_QUERIES)
        return [(query, way) for query, way in every if not asked.names or any(n in query["program"] for n in asked.names)]
    programs = recorded(HERE, asked.spark)
    # Of those that remove entries of maps with TTL both engines think differently.
    chosen = [p for p in programs if p["program"] in asked.names] if asked.names else \
        [p for p in programs if p["program"].startswith("p")][::asked.every]
    return [(program, WAYS[number % len(WAYS)]) for number, program in enumerate(chosen)]


def recorded(directory, version):
    packed = (directory / f"spark-{version}.jsonl.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]


def play_all(plays, work):
    from programs.__main__ import start_session

    session = start_session(work)
    failed = 0
    for program, way in plays:
        wrong = played(session, program, way, work / f"{program['program']}-{way}")
        failed += bool(wrong)
        print(f"{program['program']:30} {program['time']:14} {program['encoding']:9} {way:4} {'FAILED' if wrong else 'ok'}",
              flush=True)
        print("".join(f"    {said[:600]}\n" for said in wrong[:6]), end="", flush=True)
    session.stop()
    return 1 if failed else 0


def played(session, program, way, directory):
    """What was wrong. A Python worker that does not come up, on a loaded machine, is no fault: then it is played again."""
    from engines import NO_WORKER

    kind = PlayOfQuery if "timed_operators" in program else Play
    for _ in range(ATTEMPTS):
        shutil.rmtree(directory, ignore_errors=True)
        try:
            return kind(session, program, way, directory).all_turns()
        except Exception as failure:  # noqa: BLE001: whatever it is, the case has failed
            said = f"{type(failure).__name__}: {failure}"[:2000]
            if NO_WORKER not in said:
                break
    return [said]


class Play:
    def __init__(self, session, program, way, directory):
        self.session, self.way, self.directory = session, way, directory
        self.jvm = session.sparkContext._jvm.holdfast.programs.Programs
        self.spark = program["spark"]
        self.program = program = {key: value for key, value in program.items() if key != "spark"}
        directory.mkdir(parents=True)
        (directory / "program.json").write_text(json.dumps(program), encoding="utf-8")

    def all_turns(self):
        """What was not as Spark alone does it."""
        wrong, told = [], []
        for engine, first, last in self.turns():
            told += self.by_spark(first, last) if engine == "s" else self.by_holdfast(first, last)
            for number in range(first, last):
                expected, got = self.expected_rows(number, engine), told[number].get("out", [])
                if expected != got:
                    wrong.append(f"trigger {number} by {engine}: {got}, expected {expected}")
                wrong += self.other_watermark(number, engine, told[number])
        return wrong or self.differing_state(told)

    def expected_rows(self, number, engine):
        """Without a time mode Holdfast's TimerValues are -1, as in Python."""
        rows = [list(row) for row in self.spark["triggers"][number].get("out", [])]
        for row in rows:
            if engine == "h" and self.program["time"] == "None" and \
                    self.program["batches"][number]["rows"][row[1]][1][row[2]] == ["now"]:
                row[3] = [-1, -1]
        return rows

    def other_watermark(self, number, engine, got):
        expected = self.spark["triggers"][number]
        if "batch" not in got or "batch" not in expected or got.get("watermark") == expected.get("watermark"):
            return []
        return [f"trigger {number} by {engine}: watermark {got.get('watermark')}, expected {expected.get('watermark')}"]

    def turns(self):
        rng = random.Random(self.program["program"])
        batches = self.program["batches"]
        cuts = sorted(rng.sample([n for n in range(2, len(batches)) if batches[n]["rows"]], len(self.way) - 1))
        return zip(self.way, [0, *cuts], [*cuts, len(batches)])

    def by_spark(self, first, last):
        told = self.jvm.play(self.session._jsparkSession, json.dumps(self.program), str(self.directory), first, last)
        return json.loads(told)

    def by_holdfast(self, first, last):
        command = [PLAYER, self.directory / "program.json", self.directory, str(first), str(last)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"play_program {first} {last}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def state(self, told):
        return json.loads(self.jvm.state(json.dumps(self.program), str(self.directory), json.dumps(told)))

    def differing_state(self, told):
        """`told` is what each trigger did: Holdfast may run fewer batches without input than Spark."""
        found = self.state(told)
        batch_of, last = {}, -1
        for expected, got in zip(self.spark["triggers"], told):
            last = got.get("batch", last)
            if "batch" in expected:
                batch_of[expected["batch"]] = last
        wrong = []
        for name, reads in self.spark["state"].items():
            rows_at = dict(found["state"][name])
            for batch, rows in reads:
                if by_key(rows) != by_key(rows_at[batch_of[batch]]):
                    wrong.append(f"{name} after batch {batch}: {rows_at[batch_of[batch]]}, expected {rows}")
        for name, changes in self.spark["changes"].items():
            expected = [[batch_of[row[0]], *row[1:]] for row in changes]
            if by_change(expected) != by_change(found["changes"][name]):
                wrong.append(f"changes of {name}: {found['changes'][name]}, expected {expected}")
        return wrong


class PlayOfQuery(Play):
    """Of a query whose processors are in Python."""

    def __init__(self, session, program, way, directory):
        from recipes import queries

        super().__init__(session, program, way, directory)
        self.queries = queries
        queries.begin(self.program, directory)

    def turns(self):
        """A turn for each trigger with input, and those without that follow."""
        batches = self.program["batches"]
        starts = [n for n, batch in enumerate(batches) if batch["rows"]]
        return zip(itertools.cycle(self.way), starts, [*starts[1:], len(batches)])

    def expected_rows(self, number, engine):
        return self.spark["triggers"][number].get("out", [])

    def by_spark(self, first, last):
        return self.queries.play(self.session, self.program, self.directory, first, last)

    def state(self, told):
        return self.queries.state(self.session, self.program, self.directory, told)


def by_change(rows):
    return rows if isinstance(rows, dict) else sorted(rows, key=lambda row: json.dumps([row[0], row[2]]))


def by_key(rows):
    """Rows of one key in their order; where keys stand among others depends on a store's files."""
    return rows if isinstance(rows, dict) else sorted(rows, key=lambda row: json.dumps(row[0]))


if __name__ == "__main__":
    sys.exit(main())
