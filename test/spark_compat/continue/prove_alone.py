# SPDX-License-Identifier: Apache-2.0
"""Runs spark_side.py alone, version 1 and then version 2 on the same checkpoint, and compares its rows and its state
at every batch with recompute.py.

    python3 prove_alone.py [--spark VERSION] [--keep DIR] [row-json] [pandas-parquet] [...]
"""

import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from events import write_file  # noqa: E402
from recipes.environment import enter_spark  # noqa: E402
from recompute import Sessions  # noqa: E402

WAYS = {
    "row-json": ["--api", "row"],
    "pandas-parquet": ["--api", "pandas", "--format", "parquet", "--encoding", "avro"],
    "row-format2": ["--api", "row", "--checkpoint-format", "2", "--partitions", "3"],
    "row-off": ["--api", "row", "--changelog", "off"],
}
FILES = {1: (0, 1, 2), 2: (3, 4, 5)}  # version -> numbers of the event files that it reads


def prove(way, options, spark, home):
    """Returns the differences; an empty list is the proof."""
    form = "parquet" if "parquet" in options else "json"
    wrong = []
    sessions, emitted, batch = Sessions(), [], 0
    for version, numbers in FILES.items():
        files = [write_file(home / "events", number, version, form) for number in numbers]
        state = home / f"state-{version}.json"
        run_spark(version, options, spark, home, state)
        found = states(state)
        for path in files:
            sessions.feed(path, version)
            wrong += differences(f"{way} state of batch {batch}", sessions.state(version).values(), found[batch])
            batch += 1
        emitted += [row for number in range(batch - len(files), batch)
                    for row in lines(home / f"output/batch-{number:03d}.json")]
        wrong += differences(f"{way} rows up to version {version}", sessions.ended, emitted)
    evolved = sum(row.get("evolved_from_v1", False) for row in sessions.ended)
    print(f"{way}: {len(emitted)} sessions ended, {evolved} of them evolved, {len(sessions.open)} open", flush=True)
    return wrong


def run_spark(version, options, spark, home, state):
    command = [sys.executable, HERE / "spark_side.py", "--spark", spark, "--version", str(version), *options,
               "--events", home / "events", "--checkpoint", home / "checkpoint", "--output", home / "output",
               "--state", state]
    with open(home / "spark.log", "ab") as log:
        subprocess.run([str(part) for part in command], check=True, stderr=log)


def states(path):
    """batch -> values of session_state."""
    packed = path.with_name(path.name + ".gz")
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else path.read_text(encoding="utf-8")
    reads = [json.loads(line) for line in text.splitlines()]
    return {int(read["options"]["batchId"]): [row["value"] for row in read["rows"]] for read in reads
            if read["options"].get("stateVarName") == "session_state" and "batchId" in read["options"]}


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def differences(what, wanted, found):
    wanted, found = ({json.dumps(row, sort_keys=True) for row in rows} for rows in (wanted, found))
    return [f"{what}: missing {row}" for row in wanted - found] + [f"{what}: not wanted {row}" for row in found - wanted]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", default="4.3.0")
    parser.add_argument("--keep", type=pathlib.Path, help="where the files stay; a new directory")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=", ".join(WAYS))
    asked = parser.parse_args()
    enter_spark(asked.spark, [__file__, *sys.argv[1:]])
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        for way in asked.ways or WAYS:
            home = (asked.keep or pathlib.Path(scratch)) / way
            home.mkdir(parents=True)
            wrong += prove(way, WAYS[way], asked.spark, home)
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
