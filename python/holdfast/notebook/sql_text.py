# SPDX-License-Identifier: Apache-2.0
"""Looks at the text of a `%sql` cell: where its statements end, and which widgets it names."""

import re
from typing import Dict, List

TEXTS = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`"
COMMENTS = r"--[^\n]*|/\*.*?\*/"
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
    """The statement with the values of widgets in place of `${name}`."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), statement)


def named_parameters(statement: str) -> List[str]:
    """The names that stand as `:name` outside of texts and comments."""
    outside = re.sub(rf"{TEXTS}|{COMMENTS}", "", statement, flags=re.S)
    return re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", outside)
