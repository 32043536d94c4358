# SPDX-License-Identifier: Apache-2.0
"""`holdfast.check` and `holdfast check` of processors in Python; the text is that of the C++ program for the same schemas."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pyarrow
import pytest

engine = pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import PACKAGE, run  # noqa: E402
from streams import Counter, Stream  # noqa: E402

import holdfast  # noqa: E402
from holdfast.check_command import is_ours, main  # noqa: E402
from holdfast.errors import AnalysisException, IllegalArgumentException, PySparkValueError  # noqa: E402

PROGRAMS = (
    pathlib.Path(os.environ.get("HOLDFAST_PROGRAM", "none")),
    PACKAGE / "holdfast/bin/holdfast",
    pathlib.Path(__file__).resolve().parents[2] / "build/bin/holdfast",
)
PROGRAM = next((path for path in PROGRAMS if os.access(path, os.X_OK)), None)

# What the first version declares is Counter's: value "n INT, s STRING", list "n INT", map "k STRING" to "n INT, b BOOLEAN".
VERSIONS = """
from pyspark.sql.streaming import StatefulProcessor

class Base(StatefulProcessor):
    value, list, map = "n INT, s STRING", "n INT", "n INT, b BOOLEAN"

    def init(self, handle):
        handle.getValueState("value", self.value)
        handle.getListState("list", self.list)
        handle.getMapState("map", "k STRING", self.map)

    def handleInputRows(self, key, rows, timerValues):
        return iter(())

class Same(Base):
    pass

class Wider(Base):
    value = "n BIGINT, s STRING, more DATE"

class Narrow(Base):
    list = "n SMALLINT"

class Less(Base):
    value = "n INT"

class Throws(Base):
    def init(self, handle):
        raise ValueError("in init")

class Lock(Base):
    def __init__(self):
        import threading
        self.lock = threading.Lock()

class WithArgument(Base):
    def __init__(self, value):
        self.value = value

an_object = WithArgument("n DOUBLE, s STRING")
"""
STATES = {  # of the C++ program
    "Same": {},
    "Wider": {"value": "n BIGINT, s STRING, more DATE"},
    "Narrow": {"list": "n SMALLINT"},
    "Less": {"value": "n INT"},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A checkpoint, and versions.py beside it."""
    stream = Stream(tmp_path_factory.mktemp("check"))
    stream.write("a", "b")

    class First(Counter):
        def handleInputRows(self, key, rows, timerValues):
            self.list.put([(1,), (2,)])
            self.map.updateValue(("x",), (1, True))
            return super().handleInputRows(key, rows, timerValues)

    stream.run(First())
    (stream.folder / "versions.py").write_text(VERSIONS)
    return stream


def files(folder):
    return {path: path.stat().st_mtime_ns for path in (folder / "checkpoint").rglob("*")}


def command(shop, version, *arguments, code=0):
    """Runs it in this process: most of the time of another one is Python's start."""
    before, folder, path = files(shop.folder), os.getcwd(), list(sys.path)
    out, err = io.StringIO(), io.StringIO()
    os.chdir(shop.folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            ended = main(["checkpoint", "--processor", version, *arguments])
    except SystemExit as wrong_words:
        ended = wrong_words.code
    finally:
        os.chdir(folder)
        sys.path[:] = path
    assert ended == code, err.getvalue()
    assert files(shop.folder) == before
    return SimpleNamespace(stdout=out.getvalue(), stderr=err.getvalue())


def test_the_program_hands_over_to_it(shop):
    words = ["check", "checkpoint", "--processor=versions:Narrow"]
    done = run(shop.folder, ["-m", "holdfast.cli", *words])
    told = command(shop, "versions:Narrow", code=3)
    assert (done.returncode, done.stdout, done.stderr) == (3, told.stdout, told.stderr)


def program(shop, changed, *arguments):
    """The C++ program's answer to the same schemas."""
    states = {"value": "n INT, s STRING", "list": "n INT", "map": "n INT, b BOOLEAN", **changed}
    words = []
    for name, schema in states.items():
        (shop.folder / f"{name}.ddl").write_text(schema)
        words += ["--state", f"{name}={name}.ddl"]
    return subprocess.run(
        [PROGRAM, "check", "checkpoint", *words, *arguments], cwd=shop.folder, capture_output=True, text=True
    )


@pytest.mark.skipif(PROGRAM is None, reason="the C++ program is not built")
@pytest.mark.parametrize("arguments", [(), ("--format", "json"), ("--policy", "full"), ("--accept", "value.s"),
                                       ("--sample", "all"), ("--sample", "1", "--format", "json")], ids=" ".join)  # fmt: skip
@pytest.mark.parametrize("version, code", [("Same", 0), ("Wider", 0), ("Narrow", 3), ("Less", 4)])
def test_the_command_says_what_the_program_says(shop, version, code, arguments):
    theirs = program(shop, STATES[version], *arguments)
    ours = command(shop, f"versions:{version}", *arguments, code=theirs.returncode)
    assert (ours.stdout, ours.stderr) == (theirs.stdout, theirs.stderr)
    if not arguments:
        assert theirs.returncode == code


def test_what_the_command_says_of_a_version_that_loses_something(shop):
    told = command(shop, "versions.py:Less", "--sample", "all", code=4)
    assert "LOSSY       value.s  REFUSED: HOLDFAST_LOSSY_STATE_EVOLUTION\n" in told.stdout
    assert "sample      value: 2 entries, which are all read, 0 of them failed\n" in told.stdout
    assert told.stderr.startswith("holdfast: [HOLDFAST_LOSSY_STATE_EVOLUTION] ")
    command(shop, "versions.py:Less", "--accept", "value.s")
    command(shop, "versions.py:Less", "--conf", "holdfast.evolution.accept=value.s")


def test_an_object_of_a_module(shop):
    rows = [json.loads(line) for line in command(shop, "versions:an_object", "--format", "json").stdout.splitlines()]
    assert ("value.n", "INT", "DOUBLE", "WIDENED") in [tuple(row[name] for name in ("path", "before", "after", "verdict")) for row in rows]


def test_the_key(shop):
    for name, schema, code in (("same", "k STRING", 0), ("other", "k STRING, l INT", 3), ("bad", "k STRING,", 2), ("empty", " ", 2),
                               ("type", "STRING", 2)):  # fmt: skip
        (shop.folder / f"{name}.key").write_text(schema)
        command(shop, "versions:Same", "--key", f"{name}.key", code=code)
    assert "cannot be read: No such file" in command(shop, "versions:Same", "--key", "nowhere", code=2).stderr


MISTAKES = {
    "versions:Nobody": "versions has no Nobody",
    "nowhere:Same": "there is no module of that name",
    "nowhere.py:Same": "there is no such file",
    "versions:WithArgument": "WithArgument cannot be made without arguments",
}


@pytest.mark.parametrize("named", MISTAKES)
def test_mistakes_of_the_command_line(shop, named):
    done = command(shop, named, code=2)
    assert done.stdout == "" and done.stderr.startswith("holdfast: --processor ") and MISTAKES[named] in done.stderr


@pytest.mark.parametrize("words", [("--sample", "none"), ("--sample", "0"), ("--conf", "x"), ("--policy", "sideways"),
                                   ("--format", "csv"), ("--operator", "x"), ("--time-mode", "x")], ids=" ".join)  # fmt: skip
def test_mistakes_of_the_other_arguments(shop, words):
    assert words[1] in command(shop, "versions:Same", *words, code=2).stderr


def test_modes_and_operators_that_do_not_fit(shop):
    command(shop, "versions:Same", "--time-mode", "None", "--output-mode", "APPEND")
    assert "timeMode" in command(shop, "versions:Same", "--time-mode", "ProcessingTime", code=3).stderr
    command(shop, "versions:Same", "--operator", "0")
    command(shop, "versions:Same", "--operator", "7", code=1)


def test_an_exception_of_init(shop):
    done = command(shop, "versions:Throws", code=1)
    assert "init of Throws failed:\nTraceback (most recent call last):\n" in done.stderr and "ValueError: in init" in done.stderr
    assert f'File "{shop.folder}/versions.py"' in done.stderr and "holdfast/evolution.py" not in done.stderr


def test_a_checkpoint_that_is_none(shop, tmp_path):
    done = run(shop.folder, ["-m", "holdfast.cli", "check", str(tmp_path), "--processor", "versions:Same"])
    assert done.returncode == 1 and str(tmp_path) in done.stderr


def test_which_processors_are_of_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("library").touch()
    for named, is_python in (("a:B", True), ("a.b:C", True), ("a.py:B", True), ("d/a.py:B", True), ("lib.so:B", False),
                             ("./lib.so:B", False), ("library:B", False), ("d/library:B", False), ("B", False)):  # fmt: skip
        assert is_ours(["c", "--processor", named]) is is_python, named
        assert is_ours([f"--processor={named}", "c"]) is is_python, named
    assert not is_ours(["c", "--state", "a=b"]) and not is_ours(["c", "--processor"])


# ---- From Python -----------------------------------------------------------------------------------------------------------


class Wider(Counter):
    def init(self, handle):
        handle.getValueState("value", "n BIGINT, s STRING, more DATE")
        handle.getListState("list", "n INT")
        handle.getMapState("map", "k STRING", "n INT, b BOOLEAN")


class Less(Wider):
    def init(self, handle):
        handle.getValueState("value", "n INT")


def test_check_in_a_program(shop):
    found = holdfast.check(str(shop.folder / "checkpoint"), Wider(), sample=0)
    assert found.is_accepted and found.refusal is None
    assert {change["path"]: change["verdict"] for change in found.changes if change["verdict"] != "SAFE"} == {
        "value.n": "WIDENED", "value.more": "NULL_FILLED"}  # fmt: skip
    value = next(sample for sample in found.samples if sample["variable"] == "value")
    assert (value["entries"], value["failed"], value["is_all"], value["failures"]) == (2, 0, True, [])
    examples = pyarrow.table(value["examples"]).to_pylist()
    assert [(one["before"]["n"], one["after"]["n"], one["after"]["more"]) for one in examples] == [(1, 1, None)] * 2
    assert "WIDENED     value.n\n" in str(found)


def test_a_refusal_in_a_program(shop):
    found = holdfast.check(str(shop.folder / "checkpoint"), Less())
    assert not found.is_accepted and found.refusal[:2] == ("incompatible", "HOLDFAST_LOSSY_STATE_EVOLUTION")
    assert holdfast.check(str(shop.folder / "checkpoint"), Less(), accept=["value.s", "list", "map"]).is_accepted


def test_a_start_says_what_check_says(shop):
    found = holdfast.check(str(shop.folder / "checkpoint"), Less())
    query = shop.start(Less())
    assert found.refusal[2] in str(query.exception())
    assert shop.commits() == ["0"]


def test_wrong_arguments_of_check(shop, tmp_path):
    with pytest.raises(PySparkValueError, match="policy is one of"):
        holdfast.check("checkpoint", Wider(), policy="sideways")
    with pytest.raises(PySparkValueError, match="sample is a number of entries"):
        holdfast.check("checkpoint", Wider(), sample=-1)
    with pytest.raises(PySparkValueError, match="time_mode is one of"):
        holdfast.check("checkpoint", Wider(), time_mode="never")
    with pytest.raises((IllegalArgumentException, AnalysisException), match="checkpoint"):
        holdfast.check(str(tmp_path / "no checkpoint"), Wider())

    class Throws(Wider):
        def init(self, handle):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        holdfast.check(str(shop.folder / "checkpoint"), Throws())


def test_importing_holdfast_brings_no_engine():
    text = textwrap.dedent("""
        import sys, holdfast
        assert "holdfast._engine" not in sys.modules and "pandas" not in sys.modules
        assert callable(holdfast.check)
        assert "pandas" not in sys.modules
        try:
            holdfast.nothing
        except AttributeError as error:
            print(error)
    """)
    done = subprocess.run([sys.executable, "-c", text], env={**os.environ, "PYTHONPATH": str(PACKAGE)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "module 'holdfast' has no attribute 'nothing'\n"), done.stderr


@pytest.mark.parametrize(
    "does",
    [
        'spark.range(1).write.parquet("out")',
        'spark.readStream.schema("k STRING").json("in").groupBy("k").transformWithState(P(), "k STRING", "append", "none")'
        '.writeStream.format("json").option("checkpointLocation", "c").start("out")',
    ],
)
def test_a_module_that_does_something_when_it_is_imported_is_refused(tmp_path, does):
    (tmp_path / "job.py").write_text(f"""
from pyspark.sql import SparkSession
from pyspark.sql.streaming import StatefulProcessor

class P(StatefulProcessor):
    def init(self, handle): ...
    def handleInputRows(self, key, rows, timerValues): yield from ()
    def close(self): ...

spark = SparkSession.builder.getOrCreate()
{does}
""")
    (tmp_path / "in").mkdir()
    ran = run(tmp_path, ["-m", "holdfast.cli", "check", "c", "--processor", "job.py:P"])
    assert ran.returncode == 2 and "is called while the module is imported to be checked" in ran.stderr
    assert "__main__" in ran.stderr and not (tmp_path / "out").exists() and not (tmp_path / "c").exists()
