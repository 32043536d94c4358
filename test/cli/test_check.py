# SPDX-License-Identifier: Apache-2.0
"""holdfast check on checkpoints that Spark wrote: verdicts, Spark's and ours, hazards and exit codes."""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import ROOT, expect, expect_in, holdfast, main  # noqa: E402

GOLDEN = ROOT / "test/spark_compat/golden/spark-4.3.0"
CHECKPOINT = GOLDEN / "evolution/ckpt"
# As the third generation declared them.
VARIABLES = {
    "v": "z timestamp, a double, n struct<y:string,x:bigint>, b string, l array<bigint>, added string, f double",
    "l": "t string, n double", "m": "z double, n bigint", "new": "s string, at date",
}


def check(directory, changed, *more, code, checkpoint=CHECKPOINT, variables=None):
    """Checks the third generation with some variables `changed`: {name as --state has it: DDL, or None to leave it out}."""
    states = {**(VARIABLES if variables is None else variables)}
    for name, schema in changed.items():
        states.pop(name.split(":")[0], None)
        if schema is not None:
            states[name] = schema
    arguments = []
    for number, (name, schema) in enumerate(states.items()):
        path = directory / f"{number}.ddl"
        path.write_text(schema + "\n")
        arguments += ["--state", f"{name}={path}"]
    return holdfast("check", checkpoint, *arguments, *more, code=code)


def told(ran, path):
    """The changes of one path."""
    return [change for change in ran.rows() if change["path"] == path]


def what_a_start_would_accept_exits_0(directory):
    unchanged = check(directory, {}, "--format", "json", code=0)
    expect([change["verdict"] for change in unchanged.rows()], ["SAFE"] * 4, "verdicts of no change")
    more = check(directory, {"new": "s string, at date, n struct<x:int>"}, "--format", "json", code=0)
    change, = told(more, "new.n")
    expect((change["verdict"], change["spark"], change["holdfast"]), ("NULL_FILLED", "ok", "ok"), "a new field")
    expect_in("new will be at schema id 2: 13 more changes until "
              "spark.sql.streaming.stateStore.valueStateSchemaEvolutionThreshold=16", more.out)
    as_json = json.dumps({"type": "struct", "fields": [
        {"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in (("s", "string"), ("at", "date"))]})
    check(directory, {"new": as_json}, code=0)
    check(directory, {"more:list:no-ttl": "a int"}, code=0)


def what_loses_values_exits_4_until_it_is_named(directory):
    lost = check(directory, {"new": "s string", "l": None}, "--format", "json", code=4)
    expect([change["verdict"] for change in told(lost, "new.at")], ["LOSSY"], "a field that is gone")
    expect([change["holdfast"] for change in told(lost, "l")], ["HOLDFAST_LOSSY_STATE_EVOLUTION"], "a variable left out")
    expect_in("holdfast.evolution.accept", lost.err)
    check(directory, {"new": "s string", "l": None}, "--accept", "new.at", code=4)
    check(directory, {"new": "s string", "l": None}, "--accept", "new.at,l", code=0)
    expect_in("AMBIGUOUS", check(directory, {"new": "s string, day date"}, code=4).out)


def what_cannot_go_on_exits_3_with_sparks_word_and_ours(directory):
    refused = check(directory, {"new": "s int, at date"}, "--format", "json", code=3)
    change, = told(refused, "new.s")
    expect(change["spark"], "STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION", "Spark's verdict")
    bent = check(directory, {"new": "s string, at timestamp"}, "--format", "json", code=3)
    change, = told(bent, "new.at")
    expect((change["spark"], change["holdfast"]), ("ok", "HOLDFAST_BENT_STATE_EVOLUTION"), "a bend")
    kind = check(directory, {"new:value": "s string, at date"}, code=3)
    expect_in("REFUSED: STATE_STORE_INVALID_VARIABLE_TYPE_CHANGE", kind.out)
    ttl = GOLDEN / "evolution_ttl/ckpt"
    same = {"vt": "s string, n bigint", "lt": "s string, n bigint", "mt": "s string, n bigint"}
    check(directory, {}, "--sample", "all", code=0, checkpoint=ttl, variables=same)
    off = check(directory, {"vt:no-ttl": same["vt"]}, code=3, checkpoint=ttl, variables=same)
    expect_in("REFUSED: HOLDFAST_BENT_STATE_EVOLUTION", off.out)
    # Types of the first generation count too.
    expect_in("STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION", check(directory, {"v": VARIABLES["v"] + ", gone int"}, code=3).out)


def the_way_back_is_checked_by_policy(directory):
    change = {"new": "s string, at date, n int"}
    check(directory, change, code=0)
    back = check(directory, change, "--policy", "full", "--format", "json", code=4)
    expect([(each["direction"], each["verdict"]) for each in told(back, "new.n")],
           [("backward", "NULL_FILLED"), ("forward", "LOSSY")], "a new field there and back")
    check(directory, change, "--policy", "full", "--accept", "new.n", code=0)
    expect_in("(on the way back)", check(directory, {}, "--policy", "forward_transitive", code=3).out)


def unsaferow_is_called_what_it_is(directory):
    renamed = GOLDEN / "renamed_unsaferow"
    schema = json.loads((renamed / "case.json").read_text())["runs"][-1]["variables"]
    states = {each["name"]: each["schema"] for each in schema}
    same = check(directory, {}, code=0, checkpoint=renamed / "ckpt", variables=states)
    expect_in("can never evolve", same.out)
    avro = ("--conf", "spark.sql.streaming.stateStore.encodingFormat=avro")
    told = check(directory, {}, *avro, "--sample", "all", code=0, checkpoint=renamed / "ckpt", variables=states)
    expect_in("encodingFormat=avro is not in force: the checkpoint keeps unsaferow", told.out)
    name = next(iter(states))
    more = check(directory, {name: states[name] + ", more int"}, code=3, checkpoint=renamed / "ckpt", variables=states)
    expect_in("STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", more.out)


def a_sample_is_really_read(directory):
    def samples(ran):
        return {row["variable"]: row for row in ran.rows() if row["verdict"] == "SAMPLE"}
    same = samples(check(directory, {}, "--sample", "all", "--format", "json", code=0))
    expect({name: (row["entries"], row["is_all"], row["failed"]) for name, row in same.items()},
           {"v": (6, True, 0), "l": (6, True, 0), "m": (8, True, 0), "new": (4, True, 0)}, "entries of every kind")
    for name, row in same.items():
        for example in row["examples"]:
            expect(example["after"], example["before"], f"{name} as the same version reads it")
    more = check(directory, {"new": "s string, at date, n int", "l": "t string, n double, more int"}, "--sample", "2",
                 "--format", "json", code=0)
    for name in ("new", "l"):
        row = samples(more)[name]
        expect((row["entries"], row["is_all"], row["failed"], len(row["examples"])), (2, False, 0, 2), name)
        for example in row["examples"]:
            added = {"new": "n", "l": "more"}[name]
            expect(example["after"], [{**element, added: None} for element in example["before"]], "the elements")
    lost = check(directory, {"m": "z double", "l": None}, "--sample", "all", code=4)
    expect_in("l is left out and still holds 6 entries, which nothing reads", lost.out)
    expect_in("sample      l: 6 entries, which are all, which nothing will read", lost.out)
    expect_in("sample      m: 8 entries, which are all read, 0 of them failed", lost.out)
    refused = check(directory, {"new": "s int, at date"}, "--sample", "all", "--format", "json", code=3)
    expect(samples(refused), {}, "samples of what is refused")
    for wrong in ("some", "0", "-1"):
        check(directory, {}, f"--sample={wrong}", code=2)


def what_comes_back_is_judged_and_read(directory):
    """After its second generation, which left x out and deleted w."""
    checkpoint = directory / "ckpt"
    shutil.copytree(GOLDEN / "variables_removed/ckpt", checkpoint)
    for log in ("commits", "offsets"):
        (checkpoint / log / "2").unlink()
    back = check(directory, {}, "--sample", "all", "--format", "json", code=0, checkpoint=checkpoint,
                 variables={"v": "n int", "w": "n int", "x": "n int"}).rows()
    for name, entries in (("w", False), ("x", True)):
        sentence, = [row["sentence"] for row in back if row.get("path") == name]
        expect_in(f"{name} was removed before and comes back", sentence)
        sample, = [row for row in back if row["verdict"] == "SAMPLE" and row["variable"] == name]
        expect((sample["entries"] > 0, sample["is_all"], sample["failed"]), (entries, True, 0), f"what {name} finds")
    other = check(directory, {}, code=3, checkpoint=checkpoint, variables={"v": "n int", "x:list": "n int"})
    expect_in("REFUSED", other.out)


def key_modes_and_settings_are_judged_when_they_are_named(directory):
    def key(schema):
        (directory / "key.ddl").write_text(schema)
        return "--key", directory / "key.ddl"
    check(directory, {}, *key("id string"), code=0)
    check(directory, {}, *key("name string"), "--output-mode", "append", "--time-mode", "NONE", code=0)
    for schema in ("id bigint", "id string, day date"):
        expect_in("STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE", check(directory, {}, *key(schema), code=3).err)
    for mode in (("--output-mode", "update"), ("--time-mode", "processingTime")):
        expect_in("STATE_STORE_INVALID_CONFIG_AFTER_RESTART", check(directory, {}, *mode, code=3).err)
    threshold = "spark.sql.streaming.stateStore.valueStateSchemaEvolutionThreshold"
    change = {"new": "s string, at date, n int"}
    expect_in(f"0 more changes until {threshold}=3", check(directory, change, "--conf", f"{threshold}=3", code=0).out)
    expect_in("THRESHOLD_EXCEEDED", check(directory, change, "--conf", f"{threshold}=2", code=3).err)
    files = "spark.sql.streaming.stateStore.maxNumStateSchemaFiles"
    expect_in("does not exist", check(directory, change, "--conf", f"{files}=5", code=0).out)
    partitions = check(directory, {}, "--conf", "spark.sql.shuffle.partitions=8", code=0)
    expect_in("spark.sql.shuffle.partitions=8 is not in force: the checkpoint keeps 2", partitions.out)
    encoding = check(directory, {}, "--conf", "spark.sql.streaming.stateStore.encodingFormat=unsaferow", code=0)
    expect_in("encodingFormat=unsaferow is not in force: the checkpoint keeps avro", encoding.out)
    expect_in("holdfast.nonsense", check(directory, {}, "--conf", "holdfast.nonsense=1", code=1).err)
    check(directory, {}, "--conf", "nonsense", code=2)


def wrong_questions_exit_2_and_nothing_is_written(directory):
    before = sorted(path for path in CHECKPOINT.rglob("*"))
    for changed in ({"v": "nonsense("}, {"v:tuple": "a int"}):
        expect(check(directory, changed, code=2).out, "", "standard output")
    expect_in("none.ddl", holdfast("check", CHECKPOINT, "--state", f"v={directory}/none.ddl", code=2).err)
    check(directory, {}, "--policy", "sideways", code=2)
    expect_in("STDS_COMMITTED_BATCH_UNAVAILABLE", check(directory, {}, code=1, checkpoint=directory / "none").err)
    expect(sorted(path for path in CHECKPOINT.rglob("*")), before, "the checkpoint's files")


main(what_a_start_would_accept_exits_0, what_loses_values_exits_4_until_it_is_named,
     what_cannot_go_on_exits_3_with_sparks_word_and_ours, the_way_back_is_checked_by_policy,
     unsaferow_is_called_what_it_is, a_sample_is_really_read, what_comes_back_is_judged_and_read,
     key_modes_and_settings_are_judged_when_they_are_named, wrong_questions_exit_2_and_nothing_is_written)
