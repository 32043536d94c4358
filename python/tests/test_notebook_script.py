# SPDX-License-Identifier: Apache-2.0
"""`holdfast SCRIPT.py` is `python SCRIPT.py`, but for what `import pyspark` means; and who gets which command line."""

import pytest

from holdfast.cli import Request, UsageError, request_of
from programs import holdfast, python

pytest.importorskip("holdfast._engine", reason="the extension is not built")

SCRIPTS = {
    "prints what it is": """
import sys, os
print(sys.argv, sys.path[0], __file__, __name__, __spec__, __package__, __builtins__, sorted(globals()))
print(sys.modules["__main__"].__dict__ is globals(), os.getcwd())
""",
    "imports from its folder": "import beside\nprint(beside.x)\n",
    "raises an error": """
def f(x):
    raise ValueError("no " + x)


f("way")
""",
    "raises an error from another one": """
try:
    {}["a"]
except KeyError as error:
    raise RuntimeError("outer") from error
""",
    "raises a group": "raise Exception(1) from OSError('x')\n",
    "has a mistake": "x = 1\ny = = 2\n",
    "exits with a number": "import sys\nsys.exit(3)\n",
    "exits with a text": "import sys\nprint('a')\nsys.exit('because')\n",
    "exits with nothing": "raise SystemExit\n",
    "fails an import": "import no_such_module\n",
    "fails in an imported module": "import broken\n",
    "has its own excepthook": "import sys\nsys.excepthook = lambda *a: print('mine', a[0], a[2].tb_lineno)\n1/0\n",
    "has an atexit function and a thread": """
import atexit, threading, time
atexit.register(print, "the end")
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
1/0
""",
    "is in another encoding": "# -*- coding: latin-1 -*-\nprint('h\xe4')\n",
    "pickles its own class": """
import pickle
class A: pass
print(type(pickle.loads(pickle.dumps(A()))) is A)
""",
    "is only text": "'a text'\n3\n",
}


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_script_runs_as_with_python(tmp_path, what):
    (tmp_path / "sub").mkdir()
    encoding = "latin-1" if "encoding" in what else "utf-8"
    (tmp_path / "sub/script.py").write_text(SCRIPTS[what], encoding=encoding)
    (tmp_path / "sub/beside.py").write_text("x = 5\n")
    (tmp_path / "sub/broken.py").write_text("def f():\n    1 / 0\nf()\n")
    expected = python(tmp_path, "sub/script.py", "a", "--root", "b")
    done = holdfast(tmp_path, "sub/script.py", "a", "--root", "b")
    assert (done.returncode, done.stdout, done.stderr) == (expected.returncode, expected.stdout, expected.stderr)


def test_a_link_to_a_script_has_the_folder_of_the_script(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/script.py").write_text("import beside\nprint(beside.x, __file__)\n")
    (tmp_path / "real/beside.py").write_text("x = 5\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "real/script.py")
    assert holdfast(tmp_path, "link.py").stdout == python(tmp_path, "link.py").stdout


def test_pyspark_is_holdfast_in_a_script(tmp_path):
    (tmp_path / "s.py").write_text("from pyspark.sql.types import StructType\nprint(StructType.__module__)\n")
    assert holdfast(tmp_path, "s.py").stdout == "holdfast.sql.types\n"
    assert holdfast(tmp_path, "run", "s.py").stdout == "holdfast.sql.types\n"


def test_a_module_that_is_lacking_ends_a_script_with_a_sentence(tmp_path):
    (tmp_path / "s.py").write_text("import os\nfrom pyspark.ml import Pipeline\n")
    done = holdfast(tmp_path, "s.py")
    lines = done.stderr.splitlines()
    assert lines[:2] == ["Traceback (most recent call last):", f'  File "{tmp_path}/s.py", line 2, in <module>']
    assert [line for line in lines if line.startswith("ModuleNotFoundError: Holdfast has no pyspark.ml: ")]
    assert "alias.py" not in done.stderr
    assert done.returncode == 1


def test_an_open_of_a_databricks_path_says_what_root_is_for(tmp_path):
    (tmp_path / "s.py").write_text("open('/Volumes/no/such/volume/x')\n")
    done = holdfast(tmp_path, "--root", "r", "s.py")
    assert "FileNotFoundError: [Errno 2] No such file or directory: '/Volumes/no/such/volume/x'\n" in done.stderr
    assert f"/Volumes/no/such/volume/x lies below --root ({tmp_path}/r), but Python's own open() and" in done.stderr


def test_an_interrupt_is_shown_and_has_the_exit_code_of_one(tmp_path):
    (tmp_path / "s.py").write_text("raise KeyboardInterrupt\n")
    done = holdfast(tmp_path, "s.py")
    assert done.returncode == 130
    assert done.stderr.endswith("KeyboardInterrupt\n")


def test_a_script_may_exit_through_dbutils(tmp_path):
    lines = "from pyspark.dbutils import DBUtils\nDBUtils().notebook.exit('early')\nprint('no')\n"
    (tmp_path / "s.py").write_text(lines)
    done = holdfast(tmp_path, "s.py")
    assert (done.returncode, done.stdout) == (0, "Notebook exited: early\n")


def test_a_script_asks_dbutils_for_widgets(tmp_path):
    (tmp_path / "s.py").write_text("from pyspark.dbutils import DBUtils\nprint(DBUtils().widgets.get('a'))\n")
    done = holdfast(tmp_path, "--widget", "a=x=y", "--widget=tpyo=1", "s.py")
    assert done.stdout == "x=y\n"
    assert "nobody asked for the widget tpyo" in done.stderr


def test_a_script_that_is_not_there_is_named(tmp_path):
    done = holdfast(tmp_path, "no.py")
    assert (done.returncode, done.stderr) == (2, "holdfast: cannot read no.py: No such file or directory\n")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["demo", "--out", "x.py"],
        ["run", "query.json"],
        ["run", "--rehearse", "query.json"],
        ["sql", "SELECT 1"],
        ["state", "a.py"],
        ["--version"],
        ["run"],
    ],
)
def test_a_command_of_the_program_is_not_ours(words):
    assert request_of(words) is None


def test_our_options_stand_in_front_of_the_script():
    ours = ["--root", "r", "--create-volumes", "--widget=a=1", "--widget", "b=", "--conf", "k=v=w"]
    expected = Request("n.ipynb", ["--root", "x", "y.py"], "r", True, {"a": "1", "b": ""}, {"k": "v=w"})
    assert request_of(["run", *ours, "n.ipynb", "--root", "x", "y.py"]) == expected


@pytest.mark.parametrize(
    "words, message",
    [
        (["--root"], "--root needs a value"),
        (["--widget", "a", "s.py"], "--widget takes NAME=VALUE"),
        (["--conf", "a", "s.py"], "--conf takes NAME=VALUE, not a"),
        (["--root", "r"], "are for a script or notebook"),
        (["--create-volumes", "state", "x"], "are for a script or notebook"),
    ],
)
def test_a_command_line_that_cannot_be_followed_is_explained(words, message):
    with pytest.raises(UsageError, match=message):
        request_of(words)


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program"
    path.write_text('#!/bin/sh\necho "program: $@"\nexit 3\n')
    path.chmod(0o755)
    return str(path)


def test_what_is_not_ours_becomes_the_program(tmp_path, program):
    done = holdfast(tmp_path, "state", "check point", "--help", HOLDFAST_PROGRAM=program)
    assert (done.returncode, done.stdout) == (3, "program: state check point --help\n")


def test_help_explains_our_part_and_then_the_program_s(tmp_path, program):
    for words in (["--help"], ["run", "--help"], []):
        done = holdfast(tmp_path, *words, HOLDFAST_PROGRAM=program)
        assert "--create-volumes" in done.stdout
        assert done.stdout.endswith(f"program: {' '.join(words)}\n")


def test_a_program_that_is_not_there_is_named(tmp_path):
    done = holdfast(tmp_path, "state", "x", HOLDFAST_PROGRAM=str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr == f"holdfast: there is no program {tmp_path}/none: name a built one in HOLDFAST_PROGRAM\n"
