# SPDX-License-Identifier: Apache-2.0
"""Runs the cells of a notebook one after the other in one namespace."""

import __future__

import ast
import linecache
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Tuple

from holdfast.errors import not_offered
from holdfast.notebook import session
from holdfast.notebook.dbutils import DBUtils, NotebookExit, child_notebook
from holdfast.notebook.failure import report
from holdfast.notebook.magics import TEXT, Magics
from holdfast.paths import to_local
from holdfast.notebook.source import Cell, Notebook, NotebookError, read_notebook
from holdfast.notebook.translation import CALL, cell_magic, to_python

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class NotebookRun:
    """One run of a notebook and of those that it takes in with %run: their namespace, and the cell that is at work."""

    def __init__(self, dbutils: DBUtils, namespace: Dict[str, Any]) -> None:
        self.dbutils = dbutils
        self.namespace = namespace
        self._magics = Magics(self)
        self._at: List[Tuple[Notebook, Cell]] = []
        self._futures = 0  # what a cell imports from __future__ holds for the later ones
        namespace.update(session.predefined(dbutils))
        namespace[CALL] = self._magics.run_line

    @property
    def session(self) -> Any:
        """The one that is now: a cell may stop a session and make another."""
        return session.current()

    def run(self, path: str) -> None:
        """Runs every cell. An error comes out as it is, with the cells it passed in its attribute holdfast_cells."""
        notebook = read_notebook(path)
        self._check(notebook)
        for cell in notebook.cells:
            if cell.is_code:
                self._run_cell(notebook, cell)

    def run_other(self, path: str) -> None:
        """%run: the cells of another notebook, found from the one at work."""
        self.run(find_notebook(path, os.path.dirname(self._at[-1][0].path)))

    def run_python(self, text: str) -> None:
        """Runs a text that has the lines of the cell at work. Shows the value of a last expression without `;`."""
        cell = self._at[-1][1]
        if not os.path.exists(cell.filename):
            linecache.cache[cell.filename] = (len(cell.text), None, cell.text.splitlines(True), cell.filename)
        padded = "\n" * (cell.first_line - 1) + to_python(text)
        tree = compile(padded, cell.filename, "exec", ast.PyCF_ONLY_AST | self._futures, dont_inherit=True)
        is_shown = len(self._at) == 1 and not text.rstrip().endswith(";")
        last = tree.body.pop() if is_shown and tree.body and isinstance(tree.body[-1], ast.Expr) else None
        code = compile(tree, cell.filename, "exec", self._futures, dont_inherit=True)
        self._futures |= code.co_flags & FUTURES
        exec(code, self.namespace)
        if last is not None:
            expression = ast.Expression(last.value)
            sys.displayhook(eval(compile(expression, cell.filename, "eval", self._futures, True), self.namespace))

    def say(self, sentence: str) -> None:
        """Tells the user what happens otherwise than the cell at work seems to say."""
        sys.stdout.flush()
        print(f"holdfast: {place_of(*self._at[-1])}: {sentence}", file=sys.stderr)

    def finish_queries(self) -> None:
        """Waits for the queries that end by themselves; raises the failure of one that no cell asked about."""
        sys.stdout.flush()
        self.session.streams._finish()

    def stop_queries(self) -> None:
        """Stops the streaming queries that the notebook leaves running, as they would outlive it."""
        for query in list(self.session.streams.active):
            query.stop()
            name = query.name or query.id
            print(f"holdfast: stopped the query {name}, which the notebook left running", file=sys.stderr)

    def _check(self, notebook: Notebook) -> None:
        """Refuses a notebook before its first cell runs, not after an hour in front of the cell that cannot run."""
        if notebook.language not in ("python", "sql"):
            raise NotebookError(f"{notebook.path} is in {notebook.language}, and Holdfast runs Python and SQL")
        for cell in notebook.cells:
            magic = cell_magic(cell.text) if cell.is_code else None
            reason = self._magics.refusal(magic) if magic else ""
            if reason:
                raise NotebookError(f"{place_of(notebook, cell)}: {reason}")

    def _run_cell(self, notebook: Notebook, cell: Cell) -> None:
        self._at.append((notebook, cell))
        try:
            magic = cell_magic(cell.text)
            if magic and self._magics.is_cell(magic):
                if magic.name in TEXT and cell.bare_lines:
                    self.say(f"{cell.bare_lines} lines without # MAGIC stand in a cell of text: they are not run")
                self._magics.run_cell(magic)
            elif notebook.language == "sql":
                self._magics.sql(cell.text)
            else:
                self.run_python(cell.text)
        except BaseException as error:
            error.__dict__.setdefault("holdfast_cells", []).append(place_of(notebook, cell))
            raise
        finally:
            self._at.pop()


def place_of(notebook: Notebook, cell: Cell) -> str:
    return f"cell {cell.number} of {os.path.basename(notebook.path)}"


def run_main_notebook(path: str, dbutils: DBUtils, namespace: Dict[str, Any]) -> int:
    """Runs the notebook of the program, in its folder as Databricks and Jupyter do; returns the exit code."""
    path = os.path.abspath(path)
    os.chdir(os.path.dirname(path))
    run = NotebookRun(dbutils, namespace)
    try:
        run.run(path)
        run.finish_queries()
    except SystemExit:
        raise
    except NotebookExit as ended:
        print(f"Notebook exited: {ended.value}")
    except NotebookError as error:
        print(f"holdfast: {error}", file=sys.stderr)
        return 1
    except BaseException as error:
        cells = getattr(error, "holdfast_cells", [])
        return report(error, ", run by ".join(cells) + " failed" if cells else "")
    finally:
        run.stop_queries()
    return 0


def run_child(path: str, folder: str, timeout_seconds: float, arguments: Dict[str, str]) -> "str | None":
    """dbutils.notebook.run: the notebook at `path`, as seen from `folder`, with a namespace and dbutils of its own."""
    found = find_notebook(path, folder)
    values = {name: str(value) for name, value in arguments.items()}
    if os.path.dirname(found) not in sys.path:
        sys.path.insert(0, os.path.dirname(found))
    with child_notebook(found, values) as dbutils, time_limit(timeout_seconds, found):
        try:
            NotebookRun(dbutils, {"__name__": "__main__"}).run(found)
        except NotebookExit as ended:
            return ended.value
    return None


def find_notebook(path: str, folder: str) -> str:
    """The file of a notebook, which is named without its suffix as a rule. Raises FileNotFoundError."""
    full_path = os.path.join(folder, to_local(path))
    for suffix in ("", ".py", ".ipynb", ".sql"):
        if os.path.isfile(full_path + suffix):
            return os.path.abspath(full_path + suffix)
    raise FileNotFoundError(f"there is no notebook {path}: looked for {full_path}, also with .py, .ipynb, .sql")


@contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Raises TimeoutError in the main thread once the time is over; 0 is no limit."""
    if seconds <= 0:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        raise not_offered("timeout_seconds of dbutils.notebook.run outside of the main thread", "Pass 0.")

    def expired(*_: Any) -> None:
        raise TimeoutError(f"{what} took longer than the {seconds} seconds that dbutils.notebook.run gave it")

    handler, started = signal.signal(signal.SIGALRM, expired), time.monotonic()
    outer = signal.setitimer(signal.ITIMER_REAL, seconds)[0]
    try:
        yield
    finally:
        left = outer and max(outer - (time.monotonic() - started), 0.001)
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, handler)
