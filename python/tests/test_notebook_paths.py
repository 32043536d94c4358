# SPDX-License-Identifier: Apache-2.0
"""Where Databricks' paths lie below --root."""

import os
import pathlib

import pytest

from holdfast import paths


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "_root", None)
    folder = tmp_path / "root"
    paths.set_root(str(folder))
    return folder


@pytest.fixture
def no_root(monkeypatch):
    monkeypatch.setattr(paths, "_root", None)


@pytest.mark.parametrize(
    "given, inside",
    [
        ("/Volumes/a/b/c/x.json", "Volumes/a/b/c/x.json"),
        ("/Volumes/a/b/c/", "Volumes/a/b/c"),
        ("dbfs:/Volumes/a/b/c", "Volumes/a/b/c"),
        ("/dbfs/Volumes/a/b/c", "Volumes/a/b/c"),
        ("/Workspace/Users/me", "Workspace/Users/me"),
        ("file:/Workspace/Users/me", "Workspace/Users/me"),
        ("file:///dbfs/x", "dbfs/x"),
        ("dbfs:/tmp/x", "dbfs/tmp/x"),
        ("dbfs:///tmp/x", "dbfs/tmp/x"),
        ("/dbfs/tmp/x", "dbfs/tmp/x"),
        ("dbfs:/", "dbfs"),
        ("dbfs:/dbfs/x", "dbfs/x"),
        ("dbfs:/../../etc/passwd", "dbfs/etc/passwd"),
        ("/Volumes/a/b/c/*/[ab].json", "Volumes/a/b/c/*/[ab].json"),
    ],
)
def test_a_path_of_databricks_lies_below_the_root(root, given, inside):
    assert paths.to_local(given) == str(root / inside)


@pytest.mark.parametrize(
    "given", ["/tmp/x", "x/y", "./Volumes/a", "/VolumesX/a", "s3://b/k", "/Volumes/../etc/passwd", "/data/Volumes/a/"]
)
def test_every_other_path_stays_as_it_is(root, given):
    assert paths.to_local(given) == given
    assert not root.exists()


def test_file_is_taken_off(root):
    assert [paths.to_local(given) for given in ("file:/tmp/x", "file:///tmp/x", "file:x")] == ["/tmp/x", "/tmp/x", "x"]


def test_a_path_object_is_a_path(root):
    assert paths.to_local(pathlib.Path("/Volumes/a/b/c")) == str(root / "Volumes/a/b/c")


def test_the_root_is_made_by_its_first_path_and_said_once(root, capsys):
    paths.to_local("/Workspace/a")
    paths.to_local("/Workspace/b")
    assert root.is_dir()
    sentence = f"holdfast: /Volumes, /Workspace, /dbfs and dbfs:/ are below {root} (another place: --root DIR)\n"
    assert capsys.readouterr().err == sentence


def test_the_root_stays_where_it_is_when_the_folder_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "_root", None)
    monkeypatch.chdir(tmp_path)
    paths.set_root()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert paths.to_local("/dbfs/x") == str(tmp_path / "holdfast-root/dbfs/x")


def test_without_a_root_no_path_is_mapped(no_root):
    assert paths.to_local("/Volumes/a/b/c") == "/Volumes/a/b/c"
    assert paths.to_local("dbfs:/x", for_write=True) == "dbfs:/x"


def test_a_write_into_a_missing_volume_names_it_and_the_way_out(root):
    with pytest.raises(FileNotFoundError) as caught:
        paths.to_local("/Volumes/main/demos/v/a/b", for_write=True)
    volume = root / "Volumes/main/demos/v"
    assert str(caught.value) == (
        f"the volume /Volumes/main/demos/v does not exist: make it with `mkdir -p {volume}`, "
        "or let --create-volumes make it"
    )
    volume.mkdir(parents=True)
    assert paths.to_local("/Volumes/main/demos/v/a/b", for_write=True) == str(volume / "a/b")


def test_a_read_from_a_missing_volume_is_left_to_the_reader(root):
    assert paths.to_local("/Volumes/main/demos/v/a") == str(root / "Volumes/main/demos/v/a")


def test_create_volumes_makes_the_volume_and_no_more(root, capsys):
    paths.set_root(str(root), create_volumes=True)
    paths.to_local("/Volumes/main/demos/v/a/b", for_write=True)
    assert os.listdir(root / "Volumes/main/demos/v") == []
    assert "made the volume /Volumes/main/demos/v at" in capsys.readouterr().err


@pytest.mark.parametrize("given", ["/Volumes", "/Volumes/main", "/Volumes/main/demos"])
def test_a_write_beside_the_volumes_is_refused(root, given):
    with pytest.raises(FileNotFoundError, match="is in no volume"):
        paths.to_local(given, for_write=True)


@pytest.mark.parametrize(
    "given, shown",
    [
        ("/Volumes/a/b/c/", "dbfs:/Volumes/a/b/c"),
        ("/dbfs/tmp/x", "dbfs:/tmp/x"),
        ("dbfs:/", "dbfs:/"),
        ("/Workspace/a", "dbfs:/Workspace/a"),
        ("/tmp/x", "file:/tmp/x"),
    ],
)
def test_a_path_as_ls_prints_it(root, given, shown):
    assert paths.with_scheme(given) == shown
    assert paths.to_local(shown) == paths.to_local(given)
