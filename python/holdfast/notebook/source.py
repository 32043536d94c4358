# SPDX-License-Identifier: Apache-2.0
"""Reads a notebook into cells: Databricks' source format (.py, .sql) and Jupyter's (.ipynb)."""

import importlib.util
import json
import os
import re
from dataclasses import dataclass
from typing import Any, Dict, List

# In a notebook of SQL the marks are comments of SQL.
FIRST_LINE = re.compile(r"(#|--) Databricks notebook source\s*")
COMMAND = re.compile(r"(#|--) COMMAND -+\s*")
MAGIC = re.compile(r"(#|--) MAGIC( |$)")
TITLE = re.compile(r"(#|--) DBTITLE ")


class NotebookError(Exception):
    """A notebook that cannot be read, or asks for what Holdfast does not run. The message is one sentence."""


@dataclass(frozen=True)
class Cell:
    """What stands in one cell, without `# MAGIC` in front of its lines.

    `filename` and `first_line` are the place of the text for tracebacks: a .py notebook has the lines of its file, a
    cell of an .ipynb counts from 1. `number` counts every cell of the notebook from 1, those of text too.
    `bare_lines` is how many lines that are not empty stand without the mark.
    """

    number: int
    text: str
    filename: str
    first_line: int = 1
    is_code: bool = True
    bare_lines: int = 0


@dataclass(frozen=True)
class Notebook:
    """A notebook as read; `language` is that of cells that name none."""

    path: str
    cells: List[Cell]
    language: str = "python"


def is_notebook(path: str) -> bool:
    """Whether a file is to be run cell by cell: an .ipynb, .sql, or a .py that begins as Databricks exports it."""
    if path.endswith((".ipynb", ".sql")):
        return True
    with open(path, "rb") as file:
        return FIRST_LINE.fullmatch(file.readline(200).decode("utf-8-sig", "replace")) is not None


def read_notebook(path: str) -> Notebook:
    """Reads a notebook, or a script of Python or SQL as a notebook of one cell. Raises NotebookError, or OSError."""
    path = os.path.abspath(path)
    if path.endswith(".ipynb"):
        return _read_jupyter(path)
    with open(path, "rb") as file:
        text = importlib.util.decode_source(file.read())
    lines = text.split("\n")
    cells = _split_source(path, lines) if FIRST_LINE.fullmatch(lines[0]) else [Cell(1, text, path)]
    return Notebook(path, cells, "sql" if path.endswith(".sql") else "python")


def _split_source(path: str, lines: List[str]) -> List[Cell]:
    """The cells of Databricks' source format. A line keeps its number, so nothing is taken out within a cell."""
    starts = [1, *(number for number, line in enumerate(lines, 1) if COMMAND.fullmatch(line))]
    ends = [*starts[1:], len(lines) + 1]
    cells = []
    for count, (start, end) in enumerate(zip(starts, ends), 1):
        inside = lines[start : end - 1]
        bare = sum(1 for line in inside if line.strip() and not (MAGIC.match(line) or TITLE.match(line)))
        cells.append(Cell(count, "\n".join(map(_plain, inside)), path, start + 1, bare_lines=bare))
    return cells


def _plain(line: str) -> str:
    return "" if TITLE.match(line) else MAGIC.sub("", line, count=1)


def _read_jupyter(path: str) -> Notebook:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        content = json.loads(text)
        cells = [_jupyter_cell(path, number, cell) for number, cell in enumerate(content["cells"], 1)]
    except (ValueError, KeyError, TypeError) as error:
        raise NotebookError(f"{path} is no notebook of Jupyter's format 4: {error!r}") from None
    return Notebook(path, cells, _jupyter_language(content.get("metadata", {})))


def _jupyter_cell(path: str, number: int, cell: Dict[str, Any]) -> Cell:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    return Cell(number, text, f"{path}, cell {number}", is_code=cell["cell_type"] == "code")


def _jupyter_language(metadata: Dict[str, Any]) -> str:
    databricks = metadata.get("application/vnd.databricks.v1+notebook", {})
    kernel, language = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    return str(databricks.get("language") or kernel.get("language") or language.get("name") or "python").lower()
