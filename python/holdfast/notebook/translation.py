# SPDX-License-Identifier: Apache-2.0
"""Turns the text of a cell into Python: `!command`, `%magic` and `x = !command` become calls of one function.

Only lines that begin a statement are looked at; a `%` or `!` within brackets, a text or an expression stays. The number
of lines stays the same, so that tracebacks name the right ones.
"""

import ast
import re
from dataclasses import dataclass
from typing import List, Optional

# The function in the notebook's namespace that runs a magic: (name, rest of the line). The names `!` and `!!` are shell
# commands; the second one returns the lines that the command prints.
CALL = "_holdfast_magic_"

STATEMENT = re.compile(
    r"(?P<indent>\s*)(?:(?P<target>[A-Za-z_][\w.]*\s*=\s*)(?=!))?(?P<mark>%(?=[A-Za-z])|!!?)(?P<rest>.*)"
)
CELL = re.compile(r"\s*(?P<mark>%%?)(?P<name>[A-Za-z][\w-]*)(?:\s+(?P<rest>.*))?")
# What matters outside of texts for where a statement ends.
OUTSIDE = re.compile(r"""\\$|#.*|'''|\"\"\"|['"]|[()\[\]{}]""")


@dataclass(frozen=True)
class CellMagic:
    """The `%name` or `%%name` that a cell begins with; `source` is the cell without it, with as many lines."""

    mark: str
    name: str
    source: str


def cell_magic(text: str) -> Optional[CellMagic]:
    """The magic that a cell begins with, if it does; blank lines and comments may stand above it."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip() or line.startswith("#"):
            continue
        found = CELL.fullmatch(line)
        if not found:
            return None
        source = [*[""] * number, found["rest"] or "", *lines[number + 1 :]]
        return CellMagic(found["mark"], found["name"], "\n".join(source))
    return None


def to_python(text: str) -> str:
    """The text with every magic and shell command written as a call. What Python can read already is not touched."""
    try:
        ast.parse(text)
        return text
    except (SyntaxError, ValueError):
        pass
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        first = number
        if STATEMENT.fullmatch(lines[number]):
            while lines[number].endswith("\\") and number + 1 < len(lines):
                number += 1
            number += 1
            lines[first:number] = [_call(lines[first:number]), *[""] * (number - first - 1)]
        else:
            inside = _Inside()
            while inside.after(lines[number]) and number + 1 < len(lines):
                number += 1
            number += 1
    return "\n".join(lines)


def _call(lines: List[str]) -> str:
    joined = " ".join(line.rstrip("\\") for line in lines)
    found = STATEMENT.fullmatch(joined)
    assert found, joined
    mark, rest, target = found["mark"], found["rest"].strip(), found["target"] or ""
    if mark == "%":
        name, _, rest = rest.partition(" ")
    else:
        name = "!!" if target else mark
    return f"{found['indent']}{target}{CALL}({name!r}, {rest.strip()!r})"


class _Inside:
    """What is still open at the end of a line: brackets, a text of several lines, a backslash."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0

    def after(self, line: str) -> bool:
        """Takes the next line; whether the statement goes on behind it."""
        place, continued = 0, False
        while True:
            pattern = re.compile(rf"\\.|\\$|{self.quote}") if self.quote else OUTSIDE
            found = pattern.search(line, place)
            if not found:
                break
            lexeme, place = found.group(), found.end()
            continued = lexeme == "\\"
            if self.quote:
                self.quote = "" if lexeme == self.quote else self.quote
            elif lexeme[0] in "'\"":
                self.quote = lexeme
            elif lexeme[0] in "([{":
                self.depth += 1
            elif lexeme[0] in ")]}":
                self.depth -= 1
        if len(self.quote) == 1 and not continued:
            self.quote = ""  # a text in single quotes ends with its line
        return bool(self.quote) or self.depth > 0 or continued
