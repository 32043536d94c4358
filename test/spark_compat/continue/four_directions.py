# SPDX-License-Identifier: Apache-2.0
"""The StreamShop sessionizer on one checkpoint by turns with real Spark and with Holdfast. After each turn rows, state at
every batch (both readers) and the partition of every key are compared with recompute.py.

    python3 four_directions.py [--spark VERSION] [--keep DIR] [WAY...]

A WAY names who has the turns and with which version: s1-h2 is Spark with version 1, then Holdfast with version 2. A turn of
Spark takes about half a minute on an idle machine. Needs ./dev build and a compiler.
"""

import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from events import write_file  # noqa: E402
from partition import partition_of  # noqa: E402
from prove_alone import differences, lines, reads_of  # noqa: E402
from recompute import Sessions  # noqa: E402

BUILD = pathlib.Path(os.environ.get("HOLDFAST_BUILD", ROOT / "build"))
HOLDFAST = BUILD / "bin/holdfast"
PARTITIONS = 2
FILES_A_TURN = 2
FOREIGN = "HOLDFAST_FOREIGN_CHECKPOINT"
WAYS = ("s1-h2", "h1-s2", "s1-h1-s2", "s1-h2-s2", "h1-s1-h2", "h1-s2-h2")
PLUGIN = """
#include "holdfast/plugin.h"
#include "sessionization/streamshop.h"
using streamshop::SessionizerV1;
using streamshop::SessionizerV2;
HOLDFAST_PROCESSOR(SessionizerV1)
HOLDFAST_PROCESSOR(SessionizerV2)
"""


class Way:
    """One checkpoint and who has had a turn on it."""

    def __init__(self, home, spark):
        self.home, self.spark, self.checkpoint = home, spark, home / "checkpoint"
        self.sessions, self.files, self.wrong = Sessions(), 0, []
        self.wanted = {}  # batch -> values of session_state
        self.last = None

    def turn(self, engine, version):
        what = f"{self.home.name}, turn of {engine} with version {version}"
        ended = len(self.sessions.ended)
        for _ in range(FILES_A_TURN):
            path = write_file(self.home / "events", self.files, version)
            self.sessions.feed(path, version)
            self.wanted[self.files] = list(self.sessions.state(version).values())
            self.files += 1
        rows = self.by_holdfast(version) if engine == "h" else self.by_spark(version)
        self.wrong += differences(f"{what}: rows", self.sessions.ended[ended:], rows)
        self.last = engine
        self.look_at_confs(what, engine)
        print(f"{what}: {len(rows)} rows, {len(self.wrong)} differences", flush=True)

    def by_spark(self, version):
        before = set((self.home / "output").glob("*"))
        self.spark_side("--events", self.home / "events", "--output", self.home / "output", version=version)
        return [row for path in sorted(set((self.home / "output").glob("*")) - before) for row in lines(path)]

    def spark_side(self, *arguments, version):
        command = [sys.executable, HERE / "spark_side.py", "--spark", self.spark, "--version", version, "--partitions",
                   PARTITIONS, "--checkpoint", self.checkpoint, *arguments]
        with open(self.home / "spark.log", "ab") as log:
            subprocess.run(list(map(str, command)), check=True, stderr=log)

    def by_holdfast(self, version):
        query = {"source": {"format": "json", "path": "events", "options": {"maxFilesPerTrigger": "1"}},
                 "groupBy": ["session_id"],
                 "processor": {"library": str(plugin(self.home.parent)), "class": f"SessionizerV{version}"},
                 "sink": {"format": "delta", "path": f"table-{self.files}"},
                 "checkpointLocation": "checkpoint", "trigger": {"availableNow": True},
                 "conf": {"spark.sql.shuffle.partitions": str(PARTITIONS)}}
        file = self.home / f"query-{self.files}.json"
        file.write_text(json.dumps(query))
        if self.last == "s":
            self.expect_refusal(file)
        options = ["--continue-foreign"] if self.last == "s" else []
        holdfast("run", *options, file)
        table = f"t={self.home / query['sink']['path']}"
        return [json.loads(line) for line in
                holdfast("sql", "--format", "json", "--table", table, "SELECT * FROM t").splitlines()]

    def expect_refusal(self, file):
        before = tree(self.checkpoint)
        done = subprocess.run([HOLDFAST, "run", file], capture_output=True, text=True)
        if done.returncode != 3 or FOREIGN not in done.stderr:
            self.wrong.append(f"{file}: not refused as {FOREIGN} but {done.returncode}: {done.stderr}")
        if tree(self.checkpoint) != before:
            self.wrong.append(f"{file}: the refusal changed the checkpoint")

    def look_at_confs(self, what, engine):
        newest = max((path for path in (self.checkpoint / "offsets").iterdir() if path.name.isdigit()),
                     key=lambda path: int(path.name))
        ours = [key for key in json.loads(newest.read_text().splitlines()[1])["conf"] if key.startswith("holdfast.")]
        if bool(ours) != (engine == "h"):
            self.wrong.append(f"{what}: offsets/{newest.name} records {ours or 'nothing of Holdfast'}")

    def compare_state(self):
        """Both readers, every batch."""
        state = self.home / "state.json"
        self.spark_side("--state", state, version=2)
        sparks = {int(read["options"]["batchId"]): read for read in reads_of(state)
                  if read["options"].get("stateVarName") == "session_state" and "batchId" in read["options"]}
        for batch, wanted in self.wanted.items():
            ours = [json.loads(line) for line in
                    holdfast("state", self.checkpoint, "--var", "session_state", "--batch", batch, "--format",
                             "json").splitlines()]
            self.wrong += differences(f"{self.home.name}: Spark's reader, batch {batch}", ours, sparks[batch]["rows"])
            self.wrong += differences(f"{self.home.name}: state of batch {batch}", wanted, [row["value"] for row in ours])
            for row in ours:
                if row["partition_id"] != partition_of(row["key"]["session_id"], PARTITIONS):
                    self.wrong.append(f"{self.home.name}: {row['key']} is in partition {row['partition_id']}")


def holdfast(*arguments):
    done = subprocess.run([str(part) for part in (HOLDFAST, *arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"holdfast {arguments}: {done.stderr}")
    return done.stdout


def plugin(directory):
    """The processors of examples/sessionization as a library."""
    library = directory / "libstreamshop.so"
    if not library.exists():
        source = directory / "streamshop.cc"
        source.write_text(PLUGIN)
        subprocess.run(["c++", "-std=c++20", "-O1", "-shared", "-fPIC", f"-I{ROOT / 'include'}", f"-I{ROOT / 'examples'}",
                        source, "-o", library, f"-L{BUILD / 'lib'}", "-lholdfast"], check=True)
    return library


def tree(directory):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in directory.rglob("*") if path.is_file()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", default="4.3.0")
    parser.add_argument("--keep", type=pathlib.Path, help="where the files stay; a new directory")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=", ".join(WAYS))
    asked = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in asked.ways or WAYS:
            home = (asked.keep or pathlib.Path(scratch)) / name
            home.mkdir(parents=True)
            way = Way(home.resolve(), asked.spark)
            for turn in name.split("-"):
                way.turn(turn[0], int(turn[1]))
            way.compare_state()
            print(f"{name}: {len(way.sessions.open)} sessions open, {len(way.wrong)} differences", flush=True)
            wrong += way.wrong
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
