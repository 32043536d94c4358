# SPDX-License-Identifier: Apache-2.0
"""The program `holdfast` of the Python package: runs scripts and notebooks, and hands all else to the C++ program."""

import os
import sys
from dataclasses import dataclass, field
from typing import Dict, List, NoReturn, Optional

from holdfast import paths

HELP = """\
Python scripts and notebooks:
  holdfast [run] [OPTIONS] SCRIPT.py [ARGUMENTS...]
      runs a PySpark script unchanged: `import pyspark` means Holdfast, all else is as with `python SCRIPT.py`
  holdfast [run] [OPTIONS] NOTEBOOK.ipynb | NOTEBOOK.py | NOTEBOOK.sql
      runs the cells of a notebook in its folder; a .py that begins with "# Databricks notebook source" is one

  --root DIR            what /Volumes, /Workspace, /dbfs and dbfs:/ are below (default: holdfast-root)
  --create-volumes      makes a volume that is written to and does not exist, instead of an error
  --widget NAME=VALUE   the value of a widget of dbutils; may be given several times
  --conf KEY=VALUE      a setting of the session, as a cluster would have it; may be given several times

  holdfast check CHECKPOINT --processor MODULE:CLASS | FILE.py:CLASS [OPTIONS]
      whether a new version of a processor in Python may go on with a checkpoint
"""

SUFFIXES = (".py", ".ipynb", ".sql")


@dataclass
class Request:
    """A command line that is ours: it names a script or notebook."""

    path: str = ""
    arguments: List[str] = field(default_factory=list)
    root: Optional[str] = None
    create_volumes: bool = False
    widgets: Dict[str, str] = field(default_factory=dict)
    conf: Dict[str, str] = field(default_factory=dict)


class UsageError(Exception):
    """A command line that cannot be followed; the message is one sentence."""


def main() -> int:
    """Runs what the command line says; returns the exit code, or becomes the C++ program."""
    words = sys.argv[1:]
    if words[:1] == ["check"]:
        from holdfast import check_command

        if check_command.is_ours(words[1:]):
            return check_command.main(words[1:])
    try:
        request = request_of(words)
    except UsageError as error:
        print(f"holdfast: {error}", file=sys.stderr)
        return 2
    if request is None:
        hand_over(words)
    from holdfast.notebook.script import run_file

    paths.set_root(request.root or paths.DEFAULT_ROOT, request.create_volumes)
    return run_file(request.path, request.arguments, request.widgets, request.conf)


def request_of(words: List[str]) -> Optional[Request]:
    """The request for a script or notebook; None where the command line is for the C++ program."""
    request = Request()
    rest = list(words[1:] if words[:1] == ["run"] else words)
    while rest:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        if word == "--create-volumes":
            request.create_volumes = True
        elif option in ("--root", "--widget", "--conf"):
            if not equals and not rest:
                raise UsageError(f"{option} needs a value")
            value = value if equals else rest.pop(0)
            if option == "--root":
                request.root = value
            else:
                _add_pair(option, value, request.widgets if option == "--widget" else request.conf)
        elif not word.startswith("-") and word.endswith(SUFFIXES):
            request.path, request.arguments = word, rest
            return request
        else:
            break
    if request != Request():
        raise UsageError("--root, --create-volumes, --widget, --conf are for a script or notebook: name it behind them")
    return None


def _add_pair(option: str, text: str, pairs: Dict[str, str]) -> None:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{option} takes NAME=VALUE, not {text}")
    pairs[name] = value


def hand_over(words: List[str]) -> NoReturn:
    """Becomes the C++ program, which lies in the package, or where HOLDFAST_PROGRAM says."""
    program = os.environ.get("HOLDFAST_PROGRAM") or os.path.join(os.path.dirname(__file__), "bin", "holdfast")
    if words in ([], ["-h"], ["--help"], ["run", "-h"], ["run", "--help"]):
        print(HELP, flush=True)
    if not os.access(program, os.X_OK):
        sys.exit(f"holdfast: there is no program {program}: name a built one in HOLDFAST_PROGRAM")
    os.execv(program, [program, *words])


if __name__ == "__main__":
    sys.exit(main())
