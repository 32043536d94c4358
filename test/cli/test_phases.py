# SPDX-License-Identifier: Apache-2.0
"""The four phases of the demo, each in a process of its own, end with the tables and the state of one run."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import expect, expect_in, holdfast, main  # noqa: E402

PHASES = ("v1", "inspect", "v2", "analysis")


def result_of(demo):
    """Everything a demo leaves, in an order of its own: both tables, and both state variables at every batch."""
    found = {}
    for table in ("v1_sessions", "v2_sessions"):
        found[table] = holdfast("sql", "--format", "csv", "--table", f"t={demo}/tables/{table}",
                                "SELECT * FROM t ORDER BY ALL").out
    for batch in range(20):
        for variable in ("session_state", "evolved") if batch >= 10 else ("session_state",):
            rows = holdfast("state", demo / "checkpoint", "--var", variable, "--batch", batch, "--format", "json").out
            found[f"{variable} at batch {batch}"] = sorted(rows.splitlines())
    return found


def each_phase_in_its_own_process_is_one_run(form):
    def case(directory):
        options = ["--events", 1500, "--sessions", 200, "--seed", 3, "--format", form]
        whole = holdfast("demo", "--out", directory / "whole", *options)
        expect_in("\nPROVEN", whole.out)
        said = {}
        for phase in PHASES:
            said[phase] = holdfast("demo", "--out", directory / "parts", *options, "--phase", phase).out
        expect_in("Phase 1", said["v1"])
        expect_in("open sessions after batch 9", said["inspect"])
        expect_in("\nPROVEN", said["analysis"])
        parts = result_of(directory / "parts")
        for what, wanted in result_of(directory / "whole").items():
            expect(parts[what], wanted, what)
        # Done is done: a second start of a phase changes nothing.
        holdfast("demo", "--out", directory / "parts", *options, "--phase", "v2")
        expect(result_of(directory / "parts"), parts, "the result after phase v2 was started again")
    case.__name__ = f"each_phase_in_its_own_process_is_one_run_{form}"
    return case


def a_phase_before_its_time_is_refused_and_writes_no_event(directory):
    for phase in PHASES[1:]:
        refused = holdfast("demo", "--out", directory / "early", "--phase", phase, code=1)
        expect_in("--phase v", refused.err)
    expect([path.name for path in (directory / "early").iterdir()], ["demo.settings"], "files")


if __name__ == "__main__":
    main(each_phase_in_its_own_process_is_one_run("json"), each_phase_in_its_own_process_is_one_run("parquet"),
         a_phase_before_its_time_is_refused_and_writes_no_event)
