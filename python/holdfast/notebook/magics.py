# SPDX-License-Identifier: Apache-2.0
"""What the magics of a notebook do: those of Databricks, and the few of Jupyter that such notebooks use."""

import re
import shlex
import sys
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

from holdfast.errors import not_offered
from holdfast.notebook.display import display
from holdfast.notebook.shell import pip, shell, shell_lines
from holdfast.notebook.sql_text import statements, with_values
from holdfast.notebook.translation import CellMagic
from holdfast.notebook.widgets import Widgets

if TYPE_CHECKING:
    from holdfast.notebook.runner import NotebookRun
    from holdfast.sql import DataFrame, SparkSession

# They set up an interactive notebook and mean nothing in a run.
WITHOUT_MEANING = ("autoreload", "config", "load_ext", "matplotlib", "reload_ext", "restart_python")
TEXT = ("md", "md-sandbox", "markdown", "html")
OTHER_LANGUAGES = ("scala", "r", "R", "java", "javascript", "js", "ruby", "perl")
FS_FLAGS = ("-r", "--recurse", "--overwrite")


class Magics:
    """The magics of one run; they act on its namespace and on its notebook that is at work."""

    def __init__(self, run: "NotebookRun") -> None:
        self._run = run
        # Magics of a line in which {expression} and $name stand for values.
        self._lines: Dict[str, Callable[[str], Any]] = {
            "!": self._shell,
            "!!": shell_lines,
            "fs": self._fs,
            "pip": self._pip,
            "run": self._run_notebook,
            "sh": self._shell,
            "system": self._shell,
        }
        # Magics of a line or a cell, whose text is a program.
        self._programs: Dict[str, Callable[[str], Any]] = {"sql": self.sql, "time": self._time}
        self._cells: Dict[str, Callable[[str], Any]] = {
            "bash": lambda source: self._script(source, must_succeed=True),
            "python": run.run_python,
            "sh": self._script,
            "sql": self.sql,
        }

    def is_cell(self, magic: CellMagic) -> bool:
        """Whether the magic takes its whole cell; `%pip` and the like take only their line."""
        return magic.mark == "%%" or magic.name in self._cells or magic.name in TEXT + OTHER_LANGUAGES

    def refusal(self, magic: CellMagic) -> str:
        """Why such a cell cannot run, or nothing."""
        if magic.name in OTHER_LANGUAGES:
            return f"%{magic.name} is another language, and Holdfast runs Python and SQL"
        if not self.is_cell(magic) or magic.name in (*TEXT, *self._cells, *self._programs):
            return ""
        return f"Holdfast has no magic {magic.mark}{magic.name}"

    def run_cell(self, magic: CellMagic) -> None:
        """Runs a cell that its magic takes, once refusal() has nothing against it."""
        if magic.name not in TEXT:
            (self._cells.get(magic.name) or self._programs[magic.name])(magic.source)

    def run_line(self, name: str, rest: str) -> Any:
        """Runs a magic within a cell, called from there; what it returns is the value of its line."""
        if name in WITHOUT_MEANING:
            self._run.say(f"%{name} has no meaning in a run and is skipped")
            return None
        if name in self._programs:
            return self._programs[name](rest)
        if name not in self._lines:
            raise not_offered(f"the magic %{name}")
        caller = sys._getframe(1)
        return self._lines[name](expanded(rest, {**caller.f_globals, **caller.f_locals}))

    def sql(self, text: str) -> None:
        """Runs the statements and displays what the last one gives, which later cells find as _sqldf."""
        frame = run_sql(self._run.session, self._run.dbutils.widgets, text)
        if frame is not None:
            self._run.namespace["_sqldf"] = frame
            display(frame)

    def _shell(self, command: str) -> None:
        status = shell(command)
        if status != 0:
            self._run.say(f"`{command}` ended with exit status {status}")

    def _script(self, source: str, must_succeed: bool = False) -> None:
        """A cell of shell lines. As on Databricks a failing command is an error only under `%sh -e`."""
        strict = re.match(r"\s*-e\b", source)
        status = shell("set -e\n" + source[strict.end() :] if strict else source)
        if status != 0 and (must_succeed or strict):
            raise RuntimeError(f"the shell ended with exit status {status}")
        if status != 0:
            self._run.say(f"the shell ended with exit status {status}")

    def _pip(self, line: str) -> None:
        status = pip(line)
        if status != 0:
            raise RuntimeError(f"pip {line} ended with exit status {status}")

    def _run_notebook(self, line: str) -> None:
        """`%run ./other $name="value"`: the cells of the other notebook, in this namespace."""
        words = shlex.split(line)
        given = [re.fullmatch(r"\$?(\w+)=(.*)", word, re.S) for word in words[1:]]
        if not words or not all(given):
            raise ValueError(f'%run takes the path of a notebook and $name="value" behind it, not {line!r}')
        self._run.dbutils.widgets.give({one[1]: one[2] for one in given if one})
        self._run.run_other(words[0])

    def _fs(self, line: str) -> None:
        """`%fs ls PATH` is dbutils.fs.ls(PATH); a flag stands for the True behind the other arguments."""
        function, *words = shlex.split(line) or [""]
        arguments: List[Any] = [word for word in words if word not in FS_FLAGS]
        if len(arguments) < len(words):
            arguments.append(True)
        display(getattr(self._run.dbutils.fs, function)(*arguments))

    def _time(self, source: str) -> None:
        started = time.perf_counter()
        try:
            self._run.run_python(source)
        finally:
            print(f"Wall time: {time.perf_counter() - started:.3f} s")


def run_sql(spark: "SparkSession", widgets: Widgets, text: str) -> "Optional[DataFrame]":
    """Runs the statements of a text; returns the frame of the last one, or None where there is none.

    `${name}` and `:name` stand for the value of the widget of this name, where there is one.
    """
    frame = None
    for statement in statements(text):
        frame = spark.sql(with_values(statement, widgets.getAll()))
    return frame


def expanded(text: str, names: Dict[str, Any]) -> str:
    """The text with `{expression}` and `$name` replaced by their values; what has no value is left to the shell."""

    def value_of(found: "re.Match[str]") -> str:
        if found["name"] is not None:
            return str(names.get(found["name"], found[0]))
        try:
            return str(eval(found["expression"], dict(names)))
        except Exception:  # whatever is wrong with it: it is no expression of this namespace
            return found[0]

    return re.sub(r"(?<![$\\])(?:\$(?P<name>[A-Za-z_]\w*)|\{(?P<expression>[^{}]+)\})", value_of, text)
