# SPDX-License-Identifier: Apache-2.0
"""dbutils of Databricks notebooks, as far as a run on one machine has it: fs, widgets, notebook, secrets, library."""

import os
import re
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Dict, Iterator, Optional

from holdfast.errors import IllegalArgumentException, not_offered
from holdfast.notebook.context import Context, EntryPoint
from holdfast.notebook.fs import FileSystem
from holdfast.notebook.widgets import Widgets

__all__ = ["DBUtils"]

LACKING = ("credentials", "data", "jobs", "meta", "preview", "api")


class NotebookExit(BaseException):
    """dbutils.notebook.exit(value): ends the notebook and no error. No `except Exception` of a notebook takes it."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class NotebookFunctions:
    """dbutils.notebook."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._context = Context(path)
        self.entry_point = EntryPoint(self._context)

    def run(self, path: str, timeout_seconds: int = 0, arguments: Optional[Dict[str, str]] = None) -> Optional[str]:
        """Runs another notebook in a namespace of its own, in this process and session; returns what it exits with.

        A notebook that takes longer than timeout_seconds ends with a TimeoutError; 0 means no limit.
        """
        from holdfast.notebook.runner import run_child

        return run_child(path, os.path.dirname(self._path), timeout_seconds, arguments or {})

    def exit(self, value: Any = "") -> None:
        """Ends the notebook; whoever ran it gets the value as a text."""
        raise NotebookExit(str(value))

    def getContext(self) -> Context:
        return self._context


class Secrets:
    """dbutils.secrets: the secret `key` of a scope is the environment variable HOLDFAST_SECRET_<SCOPE>_<KEY>."""

    def get(self, scope: str, key: str) -> str:
        name = "HOLDFAST_SECRET_" + "_".join(re.sub(r"\W", "_", part).upper() for part in (scope, key))
        if name not in os.environ:
            raise IllegalArgumentException(
                f"Secret does not exist with scope: {scope} and key: {key}. "
                f"Here secrets are environment variables: set {name}"
            )
        return os.environ[name]

    def getBytes(self, scope: str, key: str) -> bytes:
        return self.get(scope, key).encode()

    def __getattr__(self, name: str) -> Any:
        if name in ("list", "listScopes"):
            raise not_offered(f"dbutils.secrets.{name}")
        raise AttributeError(f"dbutils.secrets has no {name!r}")


class Library:
    """dbutils.library."""

    def restartPython(self) -> None:
        """Nothing has to be restarted here: what was installed can be imported. The variables stay."""
        sys.stdout.flush()
        print("holdfast: restartPython is not needed here, the variables stay", file=sys.stderr)


class DBUtils:
    """The dbutils of the notebook that runs. `DBUtils(spark)` returns that object and makes none of its own."""

    fs: FileSystem
    widgets: Widgets
    notebook: NotebookFunctions
    secrets: Secrets
    library: Library

    def __new__(cls, spark: Any = None) -> "DBUtils":
        return _child.get() or _main or set_main("")

    @classmethod
    def of_notebook(cls, path: str, values: Dict[str, str]) -> "DBUtils":
        """The dbutils of one run of a notebook; `values` are those of its widgets."""
        made = object.__new__(cls)
        made.fs = FileSystem()
        made.widgets = Widgets(values)
        made.notebook = NotebookFunctions(path)
        made.secrets = Secrets()
        made.library = Library()
        return made

    def __getattr__(self, name: str) -> Any:
        if name in LACKING:
            raise not_offered(f"dbutils.{name}")
        raise AttributeError(f"dbutils has no {name!r}")


_main: Optional[DBUtils] = None
_child: "ContextVar[Optional[DBUtils]]" = ContextVar("dbutils of a child notebook", default=None)


def set_main(path: str, values: Optional[Dict[str, str]] = None) -> DBUtils:
    """Makes the dbutils of this process's script or notebook."""
    global _main
    _main = DBUtils.of_notebook(path, values or {})
    return _main


@contextmanager
def child_notebook(path: str, values: Dict[str, str]) -> Iterator[DBUtils]:
    """While it lasts, DBUtils() of this thread is that of a child notebook."""
    token = _child.set(DBUtils.of_notebook(path, values))
    try:
        yield DBUtils()
    finally:
        _child.reset(token)
