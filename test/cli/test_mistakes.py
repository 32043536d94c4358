# SPDX-License-Identifier: Apache-2.0
"""Mistakes at the command line that users made: each is told by name, nothing crashes, and no checkpoint is begun or
changed by one."""
import csv
import json
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from support.script import expect, expect_in, holdfast, main  # noqa: E402

GOLDEN = ROOT / "spark_compat/golden/a_v1/ckpt"


def empty_words_are_refused(directory):
    for command in (["state", ""], ["state-metadata", ""], ["check", "", "--state", "v=x.ddl"],
                    ["sql", "SELECT * FROM read_statestore('')"]):
        refused = holdfast(*command, code=None, cwd=directory)
        expect(refused.code in (1, 2), True, f"exit code {refused.code} of {command}")
    for option in ("--var", "--changes"):
        expect_in("is empty", holdfast("state", GOLDEN, option, "", code=2).err)
    expect_in("--rows", holdfast("state", GOLDEN, "--rows", "-1", code=2).err)


def wrong_places_are_told(directory):
    checkpoint = directory / "query/ckpt"
    shutil.copytree(GOLDEN, checkpoint)
    for place in (checkpoint / "state", checkpoint / "offsets", checkpoint.parent):
        expect_in(f"did you mean {checkpoint}?", holdfast("state", place, code=1).err)
    expect_in("there is no such directory", holdfast("state", directory / "nowhere", code=1).err)
    expect_in("what it has: session_state", holdfast("state", checkpoint, "--var", "nothing like it", code=2).err)


def schema_files_are_looked_at(directory):
    (directory / "empty.ddl").write_text(" \n")
    (directory / "good.ddl").write_text("\ufeffsession_id STRING, user_id STRING, event_count INT, "
                                        "total_revenue DOUBLE, session_start TIMESTAMP")
    for file, word in (("empty.ddl", "is empty"), (".", "it is a directory"), ("none.ddl", "No such file")):
        expect_in(word, holdfast("check", GOLDEN, "--state", f"session_state={file}", code=2, cwd=directory).err)
    state = "session_state=good.ddl"
    expect_in("was given before", holdfast("check", GOLDEN, "--state", state, "--state", state, code=2, cwd=directory).err)
    told = holdfast("check", GOLDEN, "--state", state, "--accept", "session_state.nothing", code=0, cwd=directory)
    expect_in("session_state.nothing is accepted, and nothing is lost", told.out)


def csv_is_what_others_read(directory):
    lines = list(csv.reader(holdfast("state", GOLDEN, "--format", "csv").out.splitlines()))
    expect(lines[0], ["key", "value", "partition_id"], "the header")
    rows = [json.loads(line) for line in holdfast("state", GOLDEN, "--format", "json").out.splitlines()]
    expect([[json.loads(line[0]), json.loads(line[1]), int(line[2])] for line in lines[1:]],
           [[row["key"], row["value"], row["partition_id"]] for row in rows], "rows of csv and json")


if __name__ == "__main__":
    main(empty_words_are_refused, wrong_places_are_told, schema_files_are_looked_at, csv_is_what_others_read)
