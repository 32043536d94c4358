# SPDX-License-Identifier: Apache-2.0
"""Notebooks run from beginning to end: names, magics, other notebooks, errors."""

import pytest

from programs import holdfast, jupyter_notebook, source_notebook

pytest.importorskip("holdfast._engine", reason="the extension is not built")


@pytest.fixture
def run(tmp_path):
    """Runs a notebook of these cells; files beside it are given by name."""

    def run_cells(*cells, options=(), files=None, suffix=".py", language=None, **environment):
        folder = tmp_path / "folder"
        folder.mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_text(text)
        jupyter = suffix == ".ipynb"
        text = jupyter_notebook(*cells, language=language) if jupyter else source_notebook(*cells)
        (folder / f"main{suffix}").write_text(text)
        return holdfast(tmp_path, *options, f"folder/main{suffix}", **environment)

    return run_cells


def passes(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


BOTH = pytest.mark.parametrize("suffix", [".py", ".ipynb"])


@BOTH
def test_the_names_of_databricks_are_there(run, suffix):
    names = "spark, sc, display, displayHTML, dbutils, sql, table, getArgument"
    told = passes(run(f"{names};", "print(sc.appName, __name__)", suffix=suffix))
    assert told == "fake __main__\n"


@BOTH
def test_the_last_expression_of_a_cell_is_shown(run, suffix):
    assert passes(run("x = 1\nx + 1", "x;", "None", "print(x)", "# only a comment", suffix=suffix)) == "2\n1\n"


def test_the_folder_of_the_notebook_is_current_and_on_the_path(run):
    files = {"utils/util.py": "def f():\n    return 'from utils'\n", "data.txt": "data"}
    told = passes(run("from utils import util\nprint(util.f(), open('data.txt').read())", files=files))
    assert told == "from utils data\n"


def test_pyspark_is_holdfast_also_in_the_modules_of_the_notebook(run):
    files = {"utils/types.py": "from pyspark.sql.types import StructType\n"}
    told = passes(run("from utils.types import StructType\nStructType.__module__", files=files))
    assert told == "'holdfast.sql.types'\n"


@BOTH
def test_text_cells_are_skipped(run, suffix):
    assert passes(run("%md\n# x = (", "%md-sandbox <b>", "print(1)", suffix=suffix)) == "1\n"


@BOTH
def test_sql_cells_run_every_statement_and_display_the_last(run, suffix):
    told = passes(run("%sql\nUSE x;\n-- why\nSELECT ';'", "_sqldf.columns", suffix=suffix))
    assert "|-- why\\nSELECT ';'|" in told
    assert "USE" not in told
    assert told.endswith("['query']\n")


def test_sql_finds_the_values_of_widgets(run):
    cells = ["dbutils.widgets.text('t', 'a.b')", "%sql SELECT * FROM ${t} WHERE x = :t"]
    told = passes(run(*cells, options=["--widget=t=c"]))
    assert "|SELECT * FROM c WHERE x = 'c'|" in told


def test_the_cells_of_a_sql_notebook_are_sql(run):
    told = passes(run("SELECT 1", "%python\nprint(2)", suffix=".ipynb", language="sql"))
    assert "|SELECT 1|" in told and told.endswith("2\n")


def test_a_script_of_sql_runs(run, tmp_path):
    (tmp_path / "s.sql").write_text("USE x;\nSELECT 1;\n")
    assert "|SELECT 1|" in passes(holdfast(tmp_path, "s.sql"))


def test_a_dataframe_displays_itself(run):
    assert passes(run("from pyspark.sql import DataFrame\nprint(DataFrame.display is display)")) == "True\n"


@BOTH
def test_shell_commands_run_and_find_python_s_values(run, suffix):
    python = "x = 'a b'\nfor i in range(2):\n    !echo $x {i + 1}\nlines = !printf 'u\\nv'\nlines"
    told = passes(run(python, "%sh\necho 1\necho 2", suffix=suffix))
    assert told == "a b 1\na b 2\n['u', 'v']\n1\n2\n"


def test_a_shell_that_fails_is_said_and_is_an_error_only_with_e(run):
    done = run("!exit 3", "%sh\nfalse", "%sh -e\nfalse\necho no", "print('not here')")
    assert "cell 1 of main.py: `exit 3` ended with exit status 3" in done.stderr
    assert "cell 2 of main.py: the shell ended with exit status 1" in done.stderr
    assert "RuntimeError: the shell ended with exit status 1" in done.stderr
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("line", ["!pip install pytest", "%pip install pytest>=1 -q", "%sh pip install -U 'pytest'"])
def test_pip_installs_nothing_that_is_there(run, line):
    done = run(line)
    assert passes(done) == ""
    assert "is skipped: pytest " in done.stderr and "is installed" in done.stderr


def test_pyspark_is_never_installed(run):
    done = run("!pip install pyspark==4.0.0")
    assert "pip install pyspark==4.0.0 is skipped: pyspark is Holdfast here" in done.stderr


def test_other_words_of_pip_go_to_pip_through_the_shell(run):
    assert passes(run("%pip --version | cut -d' ' -f1")) == "pip\n"


def test_pip_runs_for_what_is_not_there(run):
    done = run("%pip install --no-index pytest no-such-distribution-here", "print('not here')")
    assert "pip install pytest is skipped" in done.stderr
    assert "No matching distribution found for no-such-distribution-here" in done.stderr
    assert "RuntimeError: pip install --no-index pytest no-such" in done.stderr
    assert (done.returncode, "not here" in done.stdout) == (1, False)


def test_run_takes_another_notebook_into_the_same_namespace(run):
    files = {
        "sub/child.py": source_notebook("x = y + 1\ndbutils.widgets.get('w')", "%run ./grandchild"),
        "sub/grandchild.ipynb": jupyter_notebook("z = x + 1"),
        "plain.py": "p = z + 1\n",
    }
    cells = ["y = 1", '%run ./sub/child $w="a b"', "%run ./plain", "print(x, z, p, dbutils.widgets.get('w'))"]
    told = passes(run(*cells, files=files))
    assert told == "2 3 4 a b\n"


def test_run_of_what_is_not_there_names_it(run):
    done = run("%run ./no")
    assert "FileNotFoundError: there is no notebook ./no: looked for" in done.stderr
    assert done.returncode == 1


def test_fs_magics_are_dbutils_fs(run):
    told = passes(run("%fs put dbfs:/a/x.txt text", "%fs ls dbfs:/a", "%fs rm -r dbfs:/a", "%fs ls dbfs:/"))
    assert "|dbfs:/a/x.txt|x.txt|   4|" in told
    assert told.endswith("True\n[]\n")


def test_a_volume_is_made_when_the_command_line_says_so(run, tmp_path):
    cell = "dbutils.fs.mkdirs('/Volumes/main/demos/v/x')"
    done = run(cell)
    assert f"/Volumes/main/demos/v does not exist: make it with `mkdir -p {tmp_path}/holdfast-root/Vol" in done.stderr
    assert passes(run(cell, options=["--create-volumes"])) == "True\n"
    assert (tmp_path / "holdfast-root/Volumes/main/demos/v/x").is_dir()
    assert passes(run(cell, options=["--create-volumes", "--root", "r"])) == "True\n"
    assert (tmp_path / "r/Volumes/main/demos/v/x").is_dir()


@pytest.mark.parametrize("magic, name", [("%scala", "%scala"), ("%r", "%r"), ("%%perl", "%perl")])
def test_another_language_is_refused_before_anything_runs(run, magic, name):
    done = run("print('not here')", "%md x", f"{magic}\nval x = 1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"holdfast: cell 3 of main.py: {name} is another language, and Holdfast runs Python and SQL\n"


def test_a_notebook_in_another_language_is_refused(run):
    done = run("val x = 1", suffix=".ipynb", language="scala")
    assert done.returncode == 1
    assert "main.ipynb is in scala, and Holdfast runs Python and SQL" in done.stderr


def test_a_magic_that_nobody_knows_is_refused_by_name(run):
    assert "cell 1 of main.py: Holdfast has no magic %%latex" in run("%%latex\nx").stderr
    assert "the magic %timeit is not offered by Holdfast" in run("x = 1\n%timeit x").stderr


def test_magics_without_meaning_are_said_and_skipped(run):
    cell = "%matplotlib inline\n%load_ext autoreload\nprint(1)"
    done = run(cell, "%restart_python", "dbutils.library.restartPython()")
    assert passes(done) == "1\n"
    assert "cell 1 of main.py: %matplotlib has no meaning in a run and is skipped\n" in done.stderr
    assert "cell 2 of main.py: %restart_python" in done.stderr and "restartPython is not needed" in done.stderr


def test_time_runs_the_cell(run):
    told = passes(run("%%time\nx = 5", "%time y = x + 1", "print(y)"))
    assert told.count("Wall time: ") == 2 and told.endswith("\n6\n")


def test_an_error_in_a_source_notebook_names_its_cell_and_has_the_lines_of_the_file(run, tmp_path):
    done = run("%md\nx", "def f():\n    1 / 0", "!echo before\nx = 1\nf()", "print('not here')")
    path = tmp_path / "folder/main.py"
    lines = path.read_text().split("\n")
    assert done.returncode == 1
    assert done.stdout == "before\n"
    where = [line for line in done.stderr.splitlines() if line.startswith("  File")]
    assert where == [
        f'  File "{path}", line {lines.index("f()") + 1}, in <module>',
        f'  File "{path}", line {lines.index("    1 / 0") + 1}, in f',
    ]
    assert "    1 / 0\n" in done.stderr
    assert done.stderr.endswith("ZeroDivisionError: division by zero\nholdfast: cell 3 of main.py failed\n")


def test_an_error_in_an_ipynb_names_its_cell_and_has_the_lines_of_the_cell(run, tmp_path):
    done = run("x = 1", "\ndef f():\n    1 / 0\nf()", suffix=".ipynb")
    place = f"{tmp_path}/folder/main.ipynb, cell 2"
    where = [line for line in done.stderr.splitlines() if line.startswith("  File")]
    assert where == [f'  File "{place}", line 4, in <module>', f'  File "{place}", line 3, in f']
    assert "    1 / 0\n" in done.stderr
    assert done.stderr.endswith("holdfast: cell 2 of main.ipynb failed\n")


def test_a_mistake_in_a_cell_has_its_line(run, tmp_path):
    done = run("x = 1", "!ls\ny = = 2")
    lines = (tmp_path / "folder/main.py").read_text().split("\n")
    assert f'  File "{tmp_path}/folder/main.py", line {lines.index("y = = 2") + 1}\n    y = = 2\n' in done.stderr
    assert "SyntaxError: invalid syntax\nholdfast: cell 2 of main.py failed\n" in done.stderr


def test_an_error_in_a_notebook_that_was_run_names_both_cells(run):
    done = run("x = 1", "%run ./child", files={"child.py": source_notebook("%md x", "1 / 0")})
    assert "holdfast: cell 2 of child.py, run by cell 2 of main.py failed\n" in done.stderr
    assert done.stderr.count("  File") == 2


def test_an_error_that_a_cell_takes_is_not_named_later(run):
    cell = "try:\n    dbutils.notebook.run('./child')\nexcept ZeroDivisionError:\n    print('taken')"
    done = run(cell, "raise ValueError('later')", files={"child.py": source_notebook("1 / 0")})
    assert done.stdout == "taken\n"
    assert done.stderr.endswith("ValueError: later\nholdfast: cell 2 of main.py failed\n")


def test_a_child_notebook_has_its_own_names_and_returns_what_it_exits_with(run):
    files = {"child.py": source_notebook("dbutils.notebook.exit(dbutils.widgets.get('a') + str('x' in globals()))")}
    told = passes(run("x = 1\nprint(repr(dbutils.notebook.run('child', 10, {'a': 5})))", files=files))
    assert told == "'5False'\n"


def test_a_child_notebook_that_does_not_exit_returns_none(run):
    told = passes(run("print(dbutils.notebook.run('./child', 0))", files={"child.py": source_notebook("x = 1")}))
    assert told == "None\n"


def test_a_child_notebook_has_its_time_and_no_more(run):
    files = {"child.py": source_notebook("import time\ntime.sleep(30)")}
    done = run("dbutils.notebook.run('./child', 0.2)", files=files)
    assert "TimeoutError: " in done.stderr and "child.py took longer than the 0.2 seconds" in done.stderr
    cell = "import time\ndbutils.notebook.run('./child', 0.1)\ntime.sleep(0.3)"
    assert passes(run(cell, files={"child.py": "x = 1\n"})) == ""


def test_exit_ends_the_notebook_without_an_error(run):
    done = run("dbutils.notebook.exit('done')", "print('not here')")
    assert (done.returncode, done.stdout) == (0, "Notebook exited: done\n")


def test_sys_exit_ends_the_notebook_with_its_code(run):
    assert run("import sys\nsys.exit(4)", "print('not here')").returncode == 4


@pytest.mark.parametrize("end", ["1 + 1;", "1 / 0"])
def test_queries_that_are_left_running_are_stopped_and_named(run, end):
    done = run("spark.start_query()", end)
    assert done.stderr.endswith("holdfast: stopped the query endless, which the notebook left running\n")


def test_a_future_holds_for_later_cells(run):
    told = passes(run("from __future__ import annotations", "def f(x: no_such_name): pass\nprint(f.__annotations__)"))
    assert told == "{'x': 'no_such_name'}\n"


def test_classes_of_a_notebook_can_be_pickled(run):
    assert passes(run("import pickle\nclass A: pass", "type(pickle.loads(pickle.dumps(A()))) is A")) == "True\n"


def test_widgets_come_from_the_command_line(run):
    make, ask = "dbutils.widgets.dropdown('env', 'dev', ['dev', 'prod'])", "dbutils.widgets.get('env')"
    cell = f"{make}\nprint({ask}, getArgument('env'))"
    assert passes(run(cell, options=["--widget", "env=prod"])) == "prod prod\n"
    assert passes(run(cell)) == "dev dev\n"


def test_settings_come_from_the_command_line_and_tables_lie_below_the_root(run, tmp_path):
    cell = "print(spark.conf.get('a.b'), spark.conf.get('spark.sql.warehouse.dir'))"
    assert passes(run(cell, options=["--conf", "a.b=1=2"])) == f"1=2 {tmp_path}/holdfast-root/spark-warehouse\n"
    assert passes(run(cell, options=["--conf", "spark.sql.warehouse.dir=w"])) == "None w\n"


def test_a_notebook_that_cannot_be_read_is_named(run, tmp_path):
    (tmp_path / "n.ipynb").write_text("{}")
    done = holdfast(tmp_path, "n.ipynb")
    assert (done.returncode, "is no notebook of Jupyter's format 4" in done.stderr) == (1, True)
