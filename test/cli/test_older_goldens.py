# SPDX-License-Identifier: Apache-2.0
"""The seven older checkpoints of real Spark (spark_compat/golden/a_v1 to e_ckptv2): every variable, batch, change and
timer that Spark's readers found (expected_state.json) is what `holdfast state` shows."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from support.script import expect, holdfast, main  # noqa: E402

GOLDEN = ROOT / "spark_compat/golden"


def reads_of(expected):
    """(what, arguments, rows) of each read that Spark was asked for."""
    def variable(name):
        return ["--timers"] if name == "__timers__" else ["--var", name]

    for name, rows in expected["state"].items():
        yield f"state of {name}", variable(name), rows
    for name, rows in expected["unflattened"].items():
        yield f"{name}, not flat", [*variable(name), "--flatten=false"], rows
    for name, rows in expected["change_feed"].items():
        yield f"changes of {name}", [*variable(name), "--changes", "0.."], rows
    for batch, variables in expected["by_batch"].items():
        for name, rows in variables.items():
            yield f"{name} at batch {batch}", [*variable(name), "--batch", batch], rows


def sorted_lines(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def every_read_of_spark_is_ours(_):
    reads = 0
    for case in sorted(path.parent for path in GOLDEN.glob("*/expected_state.json")):
        for what, arguments, rows in reads_of(json.loads((case / "expected_state.json").read_text())):
            shown = holdfast("state", case / "ckpt", "--format", "json", *arguments)
            ours = [json.loads(line) for line in shown.out.splitlines()]
            expect(sorted_lines(ours), sorted_lines(rows), f"{case.name}: {what}")
            reads += 1
    expect(reads, 95, "reads that were compared")


def metadata_is_spark_s(_):
    for case in sorted(path.parent for path in GOLDEN.glob("*/expected_state.json")):
        expected = json.loads((case / "expected_state.json").read_text())["state_metadata"]
        shown = holdfast("state-metadata", case / "ckpt", "--format", "json")
        expect([json.loads(line) for line in shown.out.splitlines()], expected, case.name)


if __name__ == "__main__":
    main(every_read_of_spark_is_ours, metadata_is_spark_s)
