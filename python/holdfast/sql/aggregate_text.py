# SPDX-License-Identifier: Apache-2.0
"""Aggregates that a user wrote as SQL text: `expr("count(DISTINCT user) AS users")`.

Rows are aggregated elsewhere than expressions are evaluated, so a call must be seen for what it is. Only a text that is
one call and nothing else is understood; within a larger expression it is written with `functions`.
"""

import re
from typing import List, Optional

from holdfast.sql.expression import Aggregate, Alias, Node, Raw, Star

FUNCTIONS = frozenset(
    """any any_value approx_count_distinct array_agg avg bool_and bool_or collect_list collect_set corr count count_if
    covar_pop covar_samp every first kurtosis last max max_by mean median min min_by mode percentile_approx skewness
    some std stddev stddev_pop stddev_samp sum var_pop var_samp variance""".split()
)

_CALL = re.compile(r"\s*(\w+)\s*\(\s*(distinct\s)?", re.IGNORECASE)
_ALIAS = re.compile(r"\s*(?:(?:as\s+)?(?:`((?:[^`]|``)+)`|(\w+)))?\s*", re.IGNORECASE)
_SKIPPED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`""", re.DOTALL)


def aggregate_of_text(text: str) -> Optional[Node]:
    """The aggregate that the text calls, with its alias if it has one; None when it is anything else."""
    match = _CALL.match(text)
    if match is None or match.group(1).lower() not in FUNCTIONS:
        return None
    arguments: List[str] = []
    begin, at, depth = match.end(), match.end(), 0
    while at < len(text):
        if skipped := _SKIPPED.match(text, at):
            at = skipped.end()
            continue
        character = text[at]
        if depth == 0 and character in ",)":
            arguments.append(text[begin:at].strip())
            begin = at + 1
            if character == ")":
                break
        depth += (character in "([") - (character in ")]")
        at += 1
    alias = _ALIAS.fullmatch(text, begin)
    if at >= len(text) or alias is None:
        return None
    nodes: List[Node] = [Star() if argument == "*" else Raw(argument) for argument in arguments if argument]
    function = "avg" if match.group(1).lower() == "mean" else match.group(1).lower()
    made = Aggregate(function, nodes, distinct=match.group(2) is not None)
    quoted, plain = alias.groups()
    name = plain if quoted is None else quoted.replace("``", "`")
    return made if name is None else Alias(made, name)
