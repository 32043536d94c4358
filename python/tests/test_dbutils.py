# SPDX-License-Identifier: Apache-2.0
"""dbutils: fs, widgets, notebook context, secrets."""

import getpass
import json
import threading

import pytest

from holdfast import paths
from holdfast.errors import IllegalArgumentException, PySparkNotImplementedError
from holdfast.notebook import dbutils as module
from holdfast.notebook.dbutils import DBUtils, NotebookExit, child_notebook, set_main
from holdfast.notebook.fs import is_own
from holdfast.notebook.widgets import Widgets


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "_root", None)
    paths.set_root(str(tmp_path / "root"), create_volumes=True)
    return tmp_path / "root"


@pytest.fixture
def dbutils(root, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_main", None)
    return set_main(str(tmp_path / "folder/notebook.py"))


@pytest.fixture
def fs(dbutils):
    return dbutils.fs


def test_dbutils_is_one_object_however_it_is_asked_for(dbutils):
    assert DBUtils("spark") is DBUtils() is dbutils


def test_without_a_notebook_dbutils_is_there_too(monkeypatch):
    monkeypatch.setattr(module, "_main", None)
    assert DBUtils() is DBUtils(None)


def test_what_dbutils_lacks_is_refused_by_name(dbutils):
    with pytest.raises(PySparkNotImplementedError, match="dbutils.jobs is not offered"):
        dbutils.jobs.taskValues
    with pytest.raises(PySparkNotImplementedError, match="dbutils.fs.mount is not offered"):
        dbutils.fs.mount("a", "b")
    with pytest.raises(AttributeError, match="dbutils has no 'nonsense'"):
        dbutils.nonsense


def test_put_head_and_ls(fs, root, capsys):
    assert fs.put("/Volumes/a/b/c/d/x.txt", "hällo") is True
    assert capsys.readouterr().out == "Wrote 6 bytes.\n"
    assert fs.head("dbfs:/Volumes/a/b/c/d/x.txt") == "hällo"
    assert fs.head("/Volumes/a/b/c/d/x.txt", 1) == "h"
    fs.mkdirs("/Volumes/a/b/c/e")
    found = fs.ls("/Volumes/a/b/c/")
    assert [(one.path, one.name, one.size, one.isDir(), one.isFile()) for one in found] == [
        ("dbfs:/Volumes/a/b/c/d/", "d/", 0, True, False),
        ("dbfs:/Volumes/a/b/c/e/", "e/", 0, True, False),
    ]
    (file,) = fs.ls(found[0].path)
    assert (file.path, file.size) == ("dbfs:/Volumes/a/b/c/d/x.txt", 6)
    assert file.modificationTime > 1_500_000_000_000
    assert fs.ls(file.path) == [file]


@pytest.mark.parametrize("call", ["ls", "head", "cp", "mv"])
def test_what_is_not_there_is_named_as_scripts_look_for_it(fs, call):
    arguments = ["/Volumes/a/b/c/no", "/Volumes/a/b/c/other"][: 2 if call in ("cp", "mv") else 1]
    with pytest.raises(FileNotFoundError, match=r"java\.io\.FileNotFoundException.*/Volumes/a/b/c/no$"):
        getattr(fs, call)(*arguments)


def test_put_overwrites_only_when_told(fs):
    fs.put("dbfs:/x", "1")
    with pytest.raises(FileExistsError, match="dbfs:/x is there already"):
        fs.put("dbfs:/x", "2")
    fs.put("dbfs:/x", "2", True)
    assert fs.head("/dbfs/x") == "2"


def test_rm_of_nothing_is_false_and_makes_nothing(fs, root):
    assert fs.rm("/Volumes/a/b/c/d", True) is False
    assert not (root / "Volumes").exists()


def test_rm_takes_a_full_folder_only_with_recurse(fs, root):
    fs.put("dbfs:/d/e/x", "1")
    with pytest.raises(OSError, match="give recurse=True"):
        fs.rm("dbfs:/d")
    assert fs.rm("dbfs:/d", recurse=True) is True
    assert not (root / "dbfs/d").exists()


def test_rm_of_a_link_leaves_what_it_points_to(fs, root):
    fs.put("dbfs:/d/x", "1")
    (root / "dbfs/l").symlink_to(root / "dbfs/d")
    assert fs.rm("dbfs:/l", True) is True
    assert fs.head("dbfs:/d/x") == "1"


def test_what_is_not_the_run_s_own_is_not_removed(fs, tmp_path, monkeypatch):
    monkeypatch.setattr("holdfast.notebook.fs.is_own", lambda local: False)
    (tmp_path / "other").mkdir()
    for call in (lambda: fs.rm(str(tmp_path / "other"), True), lambda: fs.mv(str(tmp_path / "other"), "dbfs:/x", True)):
        with pytest.raises(PermissionError, match=f"removes nothing outside of --root.* and {tmp_path}/other is"):
            call()
    assert (tmp_path / "other").is_dir()


def test_the_run_s_own_is_what_lies_in_its_folders(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (root / "dbfs").mkdir(parents=True)
    (root / "dbfs/home").symlink_to("/usr")
    assert all(map(is_own, [str(root / "dbfs/x"), "x/y", "/tmp/x"]))
    others = ["/", "/usr/lib", str(root / "dbfs/home/lib"), "/tmp", "/tmp/../usr", "../../../../usr"]
    assert not any(map(is_own, others))
    monkeypatch.chdir("/")
    assert not any(map(is_own, ["/usr", "usr", "/"]))


def test_cp_and_mv_of_files_and_folders(fs):
    fs.put("dbfs:/a/x", "1")
    fs.cp("dbfs:/a/x", "dbfs:/b/y")
    fs.cp("dbfs:/a/x", "dbfs:/b/")
    assert [one.name for one in fs.ls("dbfs:/b")] == ["x", "y"]
    with pytest.raises(OSError, match="is a folder"):
        fs.cp("dbfs:/a", "dbfs:/c")
    fs.cp("dbfs:/a", "dbfs:/c", True)
    fs.mv("dbfs:/c", "dbfs:/d", True)
    fs.mv("dbfs:/d/x", "dbfs:/e")
    assert fs.head("dbfs:/e") == "1"
    assert [one.name for one in fs.ls("dbfs:/")] == ["a/", "b/", "d/", "e"]


def test_other_file_systems_are_refused_by_name(fs):
    with pytest.raises(PySparkNotImplementedError, match="dbutils.fs on s3://bucket/key"):
        fs.ls("s3://bucket/key")


def test_a_widget_has_its_default_or_what_was_given():
    widgets = Widgets({"b": "given"})
    widgets.text("a", "1", "label")
    widgets.dropdown("b", "x", ["x", "y"])
    widgets.combobox("c", "z", ["x"])
    widgets.multiselect(name="d", defaultValue="x", choices=["x", "y"])
    assert widgets.getAll() == {"a": "1", "b": "given", "c": "z", "d": "x"}
    assert widgets.get("b") == widgets.getArgument("b") == "given"


def test_a_widget_that_nobody_made_is_named():
    widgets = Widgets({"given": "1"})
    assert widgets.get("given") == "1"
    assert widgets.getArgument("other", "default") == "default"
    with pytest.raises(ValueError, match="No input widget named other is defined"):
        widgets.get("other")


def test_a_removed_widget_is_gone():
    widgets = Widgets({})
    widgets.text("a", "1")
    widgets.text("b", "1")
    widgets.remove("a")
    assert widgets.getAll() == {"b": "1"}
    widgets.removeAll()
    assert widgets.getAll() == {}
    with pytest.raises(ValueError, match="No input widget named a"):
        widgets.remove("a")


def test_a_default_must_be_a_text_and_a_choice():
    with pytest.raises(TypeError, match="default value of the widget 'a' must be a text, not 1"):
        Widgets({}).text("a", 1)
    with pytest.raises(ValueError, match="'z' of the widget 'a' is none of its choices"):
        Widgets({}).dropdown("a", "z", ["x"])


def test_values_that_nobody_asked_for_are_known():
    widgets = Widgets({"a": "1", "tpyo": "2", "c": "3"})
    widgets.text("a", "")
    widgets.get("c")
    assert widgets.never_asked() == ["tpyo"]


def test_the_context_by_both_ways(dbutils, tmp_path):
    context = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
    assert context.userName().get() == getpass.getuser()
    assert context.notebookPath().get() == str(tmp_path / "folder/notebook")
    assert dbutils.notebook.getContext().tags().get("user").get() == getpass.getuser()
    assert json.loads(context.toJson())["extraContext"]["notebook_path"] == str(tmp_path / "folder/notebook")


def test_a_notebook_below_workspace_has_the_path_of_databricks(root, monkeypatch):
    monkeypatch.setattr(module, "_main", None)
    made = set_main(str(root / "Workspace/Users/me/n.py"))
    assert made.notebook.getContext().notebookPath().get() == "/Users/me/n"


def test_what_is_only_known_on_databricks_is_an_empty_option(dbutils):
    context = dbutils.notebook.getContext()
    assert not context.clusterId().isDefined()
    assert context.tags().get("jobId").getOrElse("none") == "none"
    with pytest.raises(LookupError, match="there is no apiToken outside of Databricks"):
        context.apiToken().get()
    with pytest.raises(PySparkNotImplementedError, match="There is no JVM"):
        dbutils.notebook.entry_point.getJavaThing()


def test_a_secret_is_an_environment_variable(dbutils, monkeypatch):
    monkeypatch.setenv("HOLDFAST_SECRET_MY_SCOPE_API_KEY", "s3cret")
    assert dbutils.secrets.get("my-scope", "api.key") == "s3cret"
    assert dbutils.secrets.get(scope="my-scope", key="api.key") == "s3cret"
    assert dbutils.secrets.getBytes("my-scope", "api.key") == b"s3cret"
    with pytest.raises(IllegalArgumentException, match="set HOLDFAST_SECRET_MY_SCOPE_OTHER"):
        dbutils.secrets.get("my-scope", "other")


def test_exit_passes_every_except_exception(dbutils):
    with pytest.raises(NotebookExit):
        try:
            dbutils.notebook.exit(7)
        except Exception:
            pytest.fail("taken by the notebook")


def test_a_child_has_dbutils_of_its_own_in_its_thread(dbutils):
    seen = []
    with child_notebook("/child.py", {"a": "1"}) as child:
        assert DBUtils() is child is not dbutils
        other = threading.Thread(target=lambda: seen.append(DBUtils()))
        other.start()
        other.join()
    assert DBUtils() is dbutils and seen == [dbutils]


def test_restart_is_said_to_be_needless(dbutils, capsys):
    dbutils.library.restartPython()
    assert "restartPython is not needed" in capsys.readouterr().err
