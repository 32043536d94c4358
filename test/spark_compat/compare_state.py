# SPDX-License-Identifier: Apache-2.0
"""Asks `holdfast state` what expected.json says that Spark answered, and compares.

    python3 compare_state.py PATH_TO_HOLDFAST [CASE_DIRECTORY...]

Without directories all of golden/spark-*. Reads that Spark refused are left out. Exit 1 if anything differs.
"""

import argparse
import collections
import decimal
import gzip
import itertools
import json
import pathlib
import subprocess
import sys

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("holdfast")
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    asked = parser.parse_args()
    failed = 0
    for case in asked.cases or sorted(GOLDEN.glob("spark-*/*")):
        wrong = {}
        reads = [read for read in expected(case) if "rows" in read]
        for read in reads:
            said = difference(asked.holdfast, case, read)
            if said:
                wrong.setdefault(said, []).append(read["options"])
        count = sum(map(len, wrong.values()))
        failed += count
        print(f"{case.parent.name}/{case.name}: {len(reads) - count} of {len(reads)} reads agree", flush=True)
        for said, options in list(wrong.items())[:3]:
            print(f"    {json.dumps(options[0])} and {len(options) - 1} more: {said}")
    return 1 if failed else 0


def expected(case):
    packed = case / "expected.json.gz"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else (case / "expected.json").read_text()
    return map(parsed, text.splitlines())


def parsed(line):
    return json.loads(line, parse_float=decimal.Decimal)


def difference(holdfast, case, read):
    """What differs, in a sentence; empty if nothing does."""
    command = [holdfast, *arguments(read), "--format", "json", str(case / "ckpt")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip().replace(str(case), "")[:300]
    found, wanted = by_key(map(parsed, done.stdout.splitlines())), by_key(read["rows"])
    for key in [*wanted, *found]:
        for spark, ours in itertools.zip_longest(wanted.get(key, []), found.get(key, []), fillvalue="nothing"):
            if spark != ours:
                return f"of key {key} Spark says {spark[:400]} where Holdfast says {ours[:400]}"
    return ""


def arguments(read):
    if read["format"] == "state-metadata":
        return ["state-metadata"]
    options = read["options"]
    flags = {"stateVarName": "--var", "batchId": "--batch", "changeStartBatchId": "--changes"}
    made = ["state", *(part for name, flag in flags.items() if name in options for part in (flag, options[name]))]
    if options.get("readRegisteredTimers"):
        made.append("--timers")
    return [*made, "--no-flatten"] if options.get("flattenCollectionTypes") == "false" else made


def by_key(rows):
    """Rows by grouping key, since nothing orders keys. The elements of a list stay in their order."""
    groups = collections.defaultdict(list)
    for row in rows:
        if "map_value" in row:  # Spark's JSON of a map has keys that only UnsafeRow can explain
            entries = row["map_value"]
            values = entries.values() if isinstance(entries, dict) else [entry["value"] for entry in entries]
            row["map_value"] = sorted(map(canonical, values))
        if "operatorProperties" in row:
            row["operatorProperties"] = properties(row["operatorProperties"])
        groups[canonical(row.get("key"))].append(canonical(row))
    ordered = ("list_element", "list_value")
    return {key: (made if any(name in made[0] for name in ordered) else sorted(made)) for key, made in groups.items()}


def properties(text):
    told = json.loads(text)
    told["stateVariables"].sort(key=canonical)  # Spark writes them in the order of a hash table
    return told


def canonical(value):
    return json.dumps(value, sort_keys=True, default=lambda number: f"{number.normalize():f}", ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
