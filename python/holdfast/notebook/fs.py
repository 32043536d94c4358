# SPDX-License-Identifier: Apache-2.0
"""dbutils.fs: files by Databricks' paths, which paths.to_local maps to this machine."""

import os
import posixpath
import re
import shutil
import tempfile
from typing import Any, List, NamedTuple

from holdfast.errors import not_offered
from holdfast.paths import root_folder, to_local, with_scheme

__all__ = ["FileInfo", "FileSystem"]

LACKING = ("mount", "mounts", "refreshMounts", "unmount", "updateMount", "cacheFiles", "cacheTable", "uncacheFiles")


class FileInfo(NamedTuple):
    """One file or folder that ls found; the name of a folder ends with a slash. The time is in milliseconds."""

    path: str
    name: str
    size: int
    modificationTime: int

    def isDir(self) -> bool:
        return self.name.endswith("/")

    def isFile(self) -> bool:
        return not self.isDir()


class FileSystem:
    """The functions of dbutils.fs. In a failure stands the name of the Java exception that scripts look for."""

    def ls(self, dir: str) -> List[FileInfo]:
        """What is in a folder, by name; of a file, the file itself."""
        local = _local(dir)
        shown = with_scheme(dir)
        if os.path.isfile(local):
            return [_file_info(local, shown)]
        if not os.path.isdir(local):
            raise _not_found(dir)
        names = sorted(os.listdir(local))
        return [_file_info(os.path.join(local, name), posixpath.join(shown, name)) for name in names]

    def mkdirs(self, dir: str) -> bool:
        """Makes a folder and those above it."""
        os.makedirs(_local(dir, for_write=True), exist_ok=True)
        return True

    def rm(self, dir: str, recurse: bool = False) -> bool:
        """Removes a file or an empty folder, with `recurse` what is in it too. False where there is nothing."""
        local = _local(dir)
        if not os.path.lexists(local):
            return False
        _must_be_own(dir, local)
        if os.path.isdir(local) and not os.path.islink(local):
            if os.listdir(local) and not recurse:
                raise OSError(f"dbutils.fs.rm: {dir} is a folder with something in it: give recurse=True to remove it")
            shutil.rmtree(local)
        else:
            os.remove(local)
        return True

    def cp(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Copies a file, or with `recurse` a folder. A target that is a folder, or ends with a slash, takes it in."""
        source, target = _ends(from_, to)
        if os.path.isdir(source):
            if not recurse:
                raise OSError(f"dbutils.fs.cp: {from_} is a folder: give recurse=True to copy it")
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        return True

    def mv(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Moves a file, or with `recurse` a folder."""
        source, target = _ends(from_, to)
        _must_be_own(from_, source)
        if os.path.isdir(source) and not recurse:
            raise OSError(f"dbutils.fs.mv: {from_} is a folder: give recurse=True to move it")
        shutil.move(source, target)
        return True

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Writes a text as a file in UTF-8, and the folders above it."""
        local = _local(file, for_write=True)
        if os.path.exists(local) and not overwrite:
            raise FileExistsError(f"java.io.FileAlreadyExistsException: {file} is there already: give overwrite=True")
        os.makedirs(os.path.dirname(local) or ".", exist_ok=True)
        written = contents.encode()
        with open(local, "wb") as opened:
            opened.write(written)
        print(f"Wrote {len(written)} bytes.")
        return True

    def head(self, file: str, maxBytes: int = 65536) -> str:
        """The first bytes of a file as text."""
        local = _local(file)
        if not os.path.isfile(local):
            raise _not_found(file)
        with open(local, "rb") as opened:
            return opened.read(maxBytes).decode("utf-8", "ignore")

    def __getattr__(self, name: str) -> Any:
        if name in LACKING:
            raise not_offered(f"dbutils.fs.{name}")
        raise AttributeError(f"dbutils.fs has no {name!r}")


def _local(path: str, for_write: bool = False) -> str:
    local = to_local(path, for_write)
    if re.match(r"[a-z][a-z0-9+.-]+:", local):
        raise not_offered(f"dbutils.fs on {path}", "It works on /Volumes, /Workspace, dbfs:/ and local files.")
    return local


def _file_info(local: str, shown: str) -> FileInfo:
    found = os.stat(local)
    folder = os.path.isdir(local)
    name = posixpath.basename(shown)
    end = "/" if folder else ""
    return FileInfo(shown + end, name + end, 0 if folder else found.st_size, int(found.st_mtime * 1000))


def _ends(from_: str, to: str) -> "tuple[str, str]":
    """Where to copy from, and to what path exactly. Makes the folder of the target."""
    source, target = _local(from_), _local(to, for_write=True)
    if not os.path.exists(source):
        raise _not_found(from_)
    if os.path.isfile(source) and (to.endswith("/") or os.path.isdir(target)):
        target = os.path.join(target, os.path.basename(source))
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    return source, target


def _not_found(path: str) -> FileNotFoundError:
    return FileNotFoundError(f"java.io.FileNotFoundException: No such file or directory: {path}")


def is_own(local: str) -> bool:
    """Whether a path lies in the root, the current folder or that of temporary files.

    On Databricks `/mnt/x` is no folder of the machine, here it is: so a script removes only what is surely its own.
    """
    own = [root_folder(), os.getcwd(), tempfile.gettempdir(), "/tmp"]
    return any(os.path.realpath(local).startswith(os.path.realpath(folder) + "/") for folder in own if folder)


def _must_be_own(given: str, local: str) -> None:
    if not is_own(local):
        raise PermissionError(
            "dbutils.fs removes nothing outside of --root, the current folder and the folder of temporary files, "
            f"and {given} is {os.path.realpath(local)} on this machine: remove it yourself"
        )
