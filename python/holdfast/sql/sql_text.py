# SPDX-License-Identifier: Apache-2.0
"""Names and texts as they are written within a SQL text, and read back."""

import re
from typing import List

from holdfast.errors import AnalysisException

_PLAIN_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
_NAME_PART = re.compile(r"(?:`((?:[^`]|``)+)`|([^.`]+))(?=\.|$)", re.DOTALL)
_NAMED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def quoted_name(name: str) -> str:
    """The name in backticks."""
    return "`%s`" % name.replace("`", "``")


def quoted_name_if_needed(name: str) -> str:
    """The name, in backticks where it is not made of letters, digits and underscores."""
    return name if _PLAIN_NAME.fullmatch(name) else quoted_name(name)


def text_literal(text: str) -> str:
    """A SQL literal that Spark's parser reads as exactly `text`."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'%s'" % escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t").replace("\0", "\\u0000")


def unescaped_text(literal: str) -> str:
    """The text that a literal in quotes stands for."""
    quote = literal[0]
    inner = literal[1:-1]

    def read(match: "re.Match[str]") -> str:
        if match.group() == quote * 2:
            return quote
        four, eight, octal, other = match.group(1, 2, 3, 4)
        if four or eight:
            return chr(int(four or eight, 16))
        return chr(int(octal, 8)) if octal else _NAMED.get(other, other)

    return re.sub(f"{_ESCAPE.pattern}|{quote}{quote}", read, inner, flags=re.DOTALL)


def name_parts(name: str) -> List[str]:
    """The parts of a column's name: `a.b` has two, and a part in backticks may hold points."""
    parts = []
    at = 0
    while True:
        match = _NAME_PART.match(name, at)
        if match is None:
            raise AnalysisException(
                f"The name {name!r} of a column has, at character {at + 1}, no name or a backtick without its pair.",
                errorClass="INVALID_ATTRIBUTE_NAME_SYNTAX",
                messageParameters={"name": name},
            )
        quoted, plain = match.groups()
        parts.append(plain if quoted is None else quoted.replace("``", "`"))
        at = match.end()
        if at == len(name):
            return parts
        at += 1
