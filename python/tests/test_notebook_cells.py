# SPDX-License-Identifier: Apache-2.0
"""How a notebook is read into cells, and how the text of a cell becomes Python."""

import ast
import json

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.notebook.magics import expanded  # noqa: E402
from holdfast.notebook.source import NotebookError, is_notebook, read_notebook  # noqa: E402
from holdfast.notebook.sql_text import statements, with_values  # noqa: E402
from holdfast.notebook.translation import CALL, cell_magic, to_python  # noqa: E402

SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # A title
# MAGIC

# COMMAND ----------

# DBTITLE 1,First
a = 1

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1
"""


def read(tmp_path, text, name="n.py"):
    path = tmp_path / name
    path.write_text(text)
    return read_notebook(str(path))


def jupyter(cells, **metadata):
    return json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells})


def code(*lines):
    return {"cell_type": "code", "source": list(lines), "outputs": [], "metadata": {}}


def test_a_source_notebook_is_split_and_keeps_the_lines_of_its_file(tmp_path):
    cells = read(tmp_path, SOURCE).cells
    assert [(cell.number, cell.first_line) for cell in cells] == [(1, 2), (2, 7), (3, 12)]
    lines = SOURCE.split("\n")
    for cell in cells:
        for i, line in enumerate(cell.text.split("\n")):
            original = lines[cell.first_line - 1 + i]
            assert line == "" or original.endswith(line), (cell.number, i)


def test_the_marks_of_databricks_are_gone_from_the_cells(tmp_path):
    texts = [cell.text.strip() for cell in read(tmp_path, SOURCE).cells]
    assert texts == ["%md\n# A title", "a = 1", "%sql\nSELECT 1"]


def test_lines_may_end_as_on_windows_and_the_file_may_begin_with_a_mark(tmp_path):
    path = tmp_path / "n.py"
    path.write_bytes(b"\xef\xbb\xbf" + SOURCE.replace("\n", "\r\n").encode())
    assert is_notebook(str(path))
    assert [cell.text.strip() for cell in read_notebook(str(path)).cells][1] == "a = 1"


def test_a_plain_script_is_one_cell(tmp_path):
    notebook = read(tmp_path, "a = 1\n# COMMAND ----------\nb = 2\n")
    assert [(cell.first_line, cell.is_code) for cell in notebook.cells] == [(1, True)]
    assert not is_notebook(notebook.path)


def test_a_notebook_of_sql_has_its_marks_behind_two_dashes(tmp_path):
    notebook = read(tmp_path, SOURCE.replace("# D", "-- D").replace("# M", "-- M").replace("# C", "-- C"), "n.sql")
    assert notebook.language == "sql"
    assert [cell.text.strip() for cell in notebook.cells] == ["%md\n# A title", "a = 1", "%sql\nSELECT 1"]
    assert [cell.text for cell in read(tmp_path, "SELECT 1;\n-- COMMAND ----------\n", "m.sql").cells] == [
        "SELECT 1;\n-- COMMAND ----------\n"
    ]


def test_an_ipynb_has_its_cells_as_lists_of_lines_or_as_one_text(tmp_path):
    cells = [{"cell_type": "markdown", "source": ["# t"]}, code("a = 1\n", "b = 2"), {**code(), "source": "c = 3"}]
    read_cells = read(tmp_path, jupyter(cells), "n.ipynb").cells
    assert [(cell.number, cell.text, cell.is_code) for cell in read_cells] == [
        (1, "# t", False), (2, "a = 1\nb = 2", True), (3, "c = 3", True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "metadata, language",
    [
        ({}, "python"),
        ({"kernelspec": {"language": "scala"}}, "scala"),
        ({"application/vnd.databricks.v1+notebook": {"language": "sql"}, "language_info": {"name": "python"}}, "sql"),
    ],
)
def test_the_language_of_an_ipynb_is_in_its_metadata(tmp_path, metadata, language):
    assert read(tmp_path, jupyter([], **metadata), "n.ipynb").language == language


@pytest.mark.parametrize("text", ["", "{", "[]", '{"worksheets": []}', '{"cells": [{}]}'])
def test_a_file_that_is_no_ipynb_is_refused_by_name(tmp_path, text):
    with pytest.raises(NotebookError, match="n.ipynb is no notebook"):
        read(tmp_path, text, "n.ipynb")


@pytest.mark.parametrize(
    "text, magic",
    [
        ("%sql\nSELECT 1", ("%", "sql", "\nSELECT 1")),
        ("\n# why\n%%sh ls\npwd", ("%%", "sh", "\n\nls\npwd")),
        ("%md-sandbox\nx", ("%", "md-sandbox", "\nx")),
        ("x = 1\n%sql", None),
        ("x % y", None),
        ("", None),
    ],
)
def test_the_magic_that_a_cell_begins_with(text, magic):
    found = cell_magic(text)
    assert (found and (found.mark, found.name, found.source)) == magic


@pytest.mark.parametrize(
    "text, python",
    [
        ("!ls -l", f"{CALL}('!', 'ls -l')"),
        ("%pip install x", f"{CALL}('pip', 'install x')"),
        ("if a:\n    !ls 'b'\nc", f"if a:\n    {CALL}('!', \"ls 'b'\")\nc"),
        ("files = !ls", f"files = {CALL}('!!', 'ls')"),
        ("!pip install a \\\n  b\nc", f"{CALL}('!', 'pip install a    b')\n\nc"),
        ("x = (a\n%b)\n!ls", f"x = (a\n%b)\n{CALL}('!', 'ls')"),
        ('x = """\n!no\n%no\n"""\n!ls', f'x = """\n!no\n%no\n"""\n{CALL}(\'!\', \'ls\')'),
        ("x = 'a # b' + \\\n  '\"\"\"'\n!ls", f"x = 'a # b' + \\\n  '\"\"\"'\n{CALL}('!', 'ls')"),
        ("# it's\n!ls", f"# it's\n{CALL}('!', 'ls')"),
        ("%time", f"{CALL}('time', '')"),
        ("a = 5 % 3;", "a = 5 % 3;"),
    ],
)
def test_magics_and_commands_become_calls_and_the_lines_stay(text, python):
    translated = to_python(text)
    assert translated == python
    ast.parse(translated)
    assert translated.count("\n") == text.count("\n")


def test_what_python_can_read_is_not_touched():
    text = "x = '''\n!ls\n'''\ny = (7\n%z)"
    assert to_python(text) is text


def test_a_mistake_stays_where_it_is():
    assert to_python("x = = 1\n!ls").split("\n")[0] == "x = = 1"
    assert to_python("x = 'a\n!ls") == f"x = 'a\n{CALL}('!', 'ls')"


def test_values_of_the_namespace_stand_in_a_command():
    names = {"a": 3, "b": "x y"}
    assert expanded("ls {a + 1} $b", names) == "ls 4 x y"
    assert expanded("awk '{print $1}' $HOME ${HOME} {nothing}", names) == "awk '{print $1}' $HOME ${HOME} {nothing}"


def test_statements_end_at_a_semicolon_outside_of_texts_and_comments():
    text = "SELECT ';' -- no; it's none\n; /* a; */ SELECT \"it's; \", `b;`;\n-- the end\n"
    assert statements(text) == ["SELECT ';' -- no; it's none", "/* a; */ SELECT \"it's; \", `b;`"]


def test_widgets_in_a_statement():
    assert with_values("SELECT * FROM ${t} WHERE x = ${other}", {"t": "a.b"}) == "SELECT * FROM a.b WHERE x = ${other}"
    values = {"a": "it's", "b": "2", "c": "3", "int": "4"}
    assert with_values("SELECT :a, x::int, ':b' -- :c\n, :d", values) == "SELECT 'it\\'s', x::int, ':b' -- :c\n, :d"
