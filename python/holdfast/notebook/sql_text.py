# SPDX-License-Identifier: Apache-2.0
"""Looks at the text of a `%sql` cell: where its statements end, and which widgets it names."""

import re
from typing import Dict, List

from holdfast.sql.sql_text import text_literal

TEXTS = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`"
COMMENTS = r"--[^\n]*|/\*.*?\*/"
PARAMETER = re.compile(rf"{TEXTS}|{COMMENTS}|(?<![:\w]):([A-Za-z_]\w*)", re.S)
PIECE = re.compile(rf"{TEXTS}|{COMMENTS}|;|[^;]", re.S)


def statements(text: str) -> List[str]:
    """The statements of a text, split at `;` outside of texts and comments; what is only a comment is none."""
    pieces = [""]
    for piece in PIECE.findall(text):
        if piece == ";":
            pieces.append("")
        else:
            pieces[-1] += piece
    return [piece.strip() for piece in pieces if re.sub(COMMENTS, "", piece, flags=re.S).strip()]


def with_values(statement: str, values: Dict[str, str]) -> str:
    """The statement with the values of widgets: `${name}` is replaced wherever it stands, as a piece of the statement;
    `:name`, outside of texts and comments, by the value as a text."""
    statement = re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), statement)
    return PARAMETER.sub(lambda found: text_literal(values[found[1]]) if found[1] in values else found[0], statement)
