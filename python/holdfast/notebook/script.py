# SPDX-License-Identifier: Apache-2.0
"""Runs a script as `python SCRIPT ARGUMENTS` does, with `import pyspark` meaning Holdfast."""

import builtins
import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Dict, List

from holdfast.notebook import session
from holdfast.notebook.dbutils import NotebookExit, set_main
from holdfast.notebook.failure import report
from holdfast.paths import root_folder
from holdfast.notebook.runner import run_main_notebook
from holdfast.notebook.source import is_notebook


def run_file(path: str, arguments: List[str], widgets: Dict[str, str], conf: Dict[str, str]) -> int:
    """Runs a script or notebook as __main__; returns the exit code. A SystemExit goes on to the caller.

    `conf` are settings of the session from its beginning. Tables of a notebook lie below the root, wherever it is run.
    """
    try:
        notebook = is_notebook(path)
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"holdfast: cannot read {path}: {error.strerror}", file=sys.stderr)
        return 2
    import holdfast.pyspark  # noqa: F401  from here on pyspark is Holdfast

    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    if notebook:
        conf = {"spark.sql.warehouse.dir": os.path.join(root_folder() or "", "spark-warehouse"), **conf}
    for key, value in conf.items():
        session.current().conf.set(key, value)
    main = new_main()
    dbutils = set_main(os.path.abspath(path), widgets)
    try:
        if notebook:
            return run_main_notebook(path, dbutils, vars(main))
        return run_script(path, source, main)
    finally:
        for name in dbutils.widgets.never_asked():
            print(f"holdfast: nobody asked for the widget {name} that was given a value", file=sys.stderr)


def new_main() -> ModuleType:
    """An empty module __main__ in place of the one that started the program."""
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __annotations__={})
    sys.modules["__main__"] = main
    return main


def run_script(path: str, source: bytes, main: ModuleType) -> int:
    """Runs the source in the module, as python does."""
    full_path = os.path.abspath(path)
    loader = SourceFileLoader("__main__", full_path)
    vars(main).update(__file__=full_path, __loader__=loader, __cached__=None)
    try:
        exec(compile(source, full_path, "exec", dont_inherit=True), vars(main))
    except SystemExit:
        raise
    except NotebookExit as ended:
        print(f"Notebook exited: {ended.value}")
    except BaseException as error:
        return report(error)
    return 0
