# SPDX-License-Identifier: Apache-2.0
"""Where /Volumes, /Workspace, /dbfs and dbfs:/ lie on this machine: below one folder, the root.

The program `holdfast` names the root (--root, else ./holdfast-root). In a process that has none, for example a plain
`python script.py`, such paths stay as they are. Python's own open() and os are never changed.
"""

import os
import posixpath
import re
import shlex
import sys
from dataclasses import dataclass
from typing import Optional, Union

DEFAULT_ROOT = "holdfast-root"
MAPPED = re.compile(r"/(Volumes|Workspace|dbfs)(/|$)")


@dataclass
class Root:
    """The folder that stands for Databricks' file systems; an absolute path, since the run may change its folder."""

    folder: str
    create_volumes: bool = False


_root: Optional[Root] = None


def set_root(folder: str = DEFAULT_ROOT, create_volumes: bool = False) -> None:
    """Maps Databricks' paths below `folder` from now on. The folder is made when the first such path is used."""
    global _root
    _root = Root(os.path.abspath(folder), create_volumes)


def root_folder() -> Optional[str]:
    """The folder that Databricks' paths lie below, or None where they are not mapped."""
    return _root.folder if _root else None


def is_databricks(path: str) -> bool:
    """Whether this is a path that a root maps."""
    return path.startswith("dbfs:") or MAPPED.match(posixpath.normpath(path)) is not None


def to_local(path: Union[str, "os.PathLike[str]"], for_write: bool = False) -> str:
    """The path on this machine that a path in a script means. Whatever takes a path from a user calls this function.

    `dbfs:/x` and `/dbfs/x` are one file, as are `dbfs:/Volumes/x` and `/Volumes/x`; `file:` is taken off. Every other
    path stays as it is. With `for_write` a path in a volume that does not exist is a FileNotFoundError, or makes the
    volume where --create-volumes was given.
    """
    given = os.fspath(path)
    if given.startswith("file:"):
        given = re.sub(r"^file:(//(?=/))?", "", given)
    if _root is None or not is_databricks(given):
        return given
    inside = _inside_root(given)
    if not os.path.isdir(_root.folder):
        os.makedirs(_root.folder)
        _say(f"/Volumes, /Workspace, /dbfs and dbfs:/ are below {_root.folder} (another place: --root DIR)")
    if for_write:
        _need_volume(_root, inside)
    return os.path.join(_root.folder, inside)


def with_scheme(path: str) -> str:
    """The path as Databricks lists it, with `dbfs:` in front; with `file:` where it lies outside of the root."""
    if _root is None or not is_databricks(path):
        return "file:" + os.path.abspath(to_local(path))
    return "dbfs:/" + re.sub(r"^dbfs(/|$)", "", _inside_root(path))


def _inside_root(given: str) -> str:
    """The path relative to the root. A `..` cannot lead out of it: it is resolved as at the top of a file system."""
    if given.startswith("dbfs:"):
        path = posixpath.normpath("/" + given[len("dbfs:"):].lstrip("/"))
        path = path if MAPPED.match(path) else posixpath.join("/dbfs", path.lstrip("/"))
    else:
        path = posixpath.normpath(given)
    path = re.sub(r"^/dbfs(?=/(Volumes|Workspace)(/|$))", "", path)
    return path.strip("/")


def _need_volume(root: Root, inside: str) -> None:
    parts = inside.split("/")
    if parts[0] != "Volumes":
        return
    name = "/" + "/".join(parts[:4])
    if len(parts) < 4:
        raise FileNotFoundError(f"{name} is in no volume: a path to write to is /Volumes/CATALOG/SCHEMA/VOLUME/...")
    volume = os.path.join(root.folder, *parts[:4])
    if os.path.isdir(volume):
        return
    if not root.create_volumes:
        raise FileNotFoundError(
            f"the volume {name} does not exist: make it with `mkdir -p {shlex.quote(volume)}`, "
            "or let --create-volumes make it"
        )
    os.makedirs(volume)
    _say(f"made the volume {name} at {volume}")


def _say(sentence: str) -> None:
    sys.stdout.flush()
    print(f"holdfast: {sentence}", file=sys.stderr)
