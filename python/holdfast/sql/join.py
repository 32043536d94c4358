# SPDX-License-Identifier: Apache-2.0
"""Joins of batches by the names of columns."""

from typing import List, Sequence, Tuple

from holdfast.errors import AnalysisException, not_offered
from holdfast.sql.duck import over
from holdfast.sql.plan import BatchPlan, united_type
from holdfast.sql.types import StructField, StructType

_KINDS = {"inner": "INNER", "left": "LEFT", "leftouter": "LEFT", "right": "RIGHT", "rightouter": "RIGHT",
          "full": "FULL", "fullouter": "FULL", "outer": "FULL", "leftsemi": "SEMI", "semi": "SEMI",
          "leftanti": "ANTI", "anti": "ANTI", "cross": "INNER"}  # fmt: skip


def joined(left: BatchPlan, right: BatchPlan, names: Sequence[str], how: str) -> BatchPlan:
    """The keys, then what else the left has, then what else the right has."""
    kind = _KINDS.get(how.lower().replace("_", ""))
    if kind is None:
        raise not_offered(f"DataFrame.join of the kind {how!r}", f"There are {', '.join(_KINDS)}.")
    if not names and kind != "INNER":
        raise not_offered(f"DataFrame.join of the kind {how!r} without columns", "Name the columns to join on.")
    first = _places(left.schema, names, "left")
    second = _places(right.schema, names, "right")
    texts: List[str] = []
    fields: List[StructField] = []
    for mine, other in zip(first, second):
        text, field = _key(kind, left.schema[mine], right.schema[other], (f"t0.c{mine}", f"t1.c{other}"), left.zone)
        texts.append(text)
        fields.append(field)
    sides = [("t0", left.schema, first, kind in ("RIGHT", "FULL"))]
    if kind not in ("SEMI", "ANTI"):
        sides.append(("t1", right.schema, second, kind in ("LEFT", "FULL")))
    for table, schema, keys, may_lack in sides:
        for place, one in enumerate(schema.fields):
            if place not in keys:
                texts.append(f"{table}.c{place}")
                fields.append(StructField(one.name, one.dataType, one.nullable or may_lack, one.metadata))
    equal = " AND ".join(f"t0.c{mine} = t1.c{other}" for mine, other in zip(first, second))
    selected = ", ".join(f"{text} AS r{place}" for place, text in enumerate(texts))
    return over(f"SELECT {selected} FROM t0 {kind} JOIN t1 ON {equal or 'true'}", [left, right], StructType(fields))


def _places(schema: StructType, names: Sequence[str], side: str) -> List[int]:
    places = []
    for name in names:
        found = [place for place, one in enumerate(schema.names) if one.lower() == name.lower()]
        if len(found) != 1:
            raise AnalysisException(
                f"A join by {name} needs one column of this name on each side, but the {side} side has {len(found)}: "
                f"{', '.join(schema.names)}.",
                errorClass="AMBIGUOUS_REFERENCE" if found else "UNRESOLVED_USING_COLUMN_FOR_JOIN",
            )
        places.append(found[0])
    return places


def _key(
    kind: str, mine: StructField, other: StructField, columns: Sequence[str], zone: str
) -> Tuple[str, StructField]:
    """The text and the field of a key: that of the side of which every row is there."""
    left, right = columns
    if kind == "RIGHT":
        return right, other
    if kind == "FULL":
        both = united_type(mine, other, zone) or mine.dataType
        return f"coalesce({left}, {right})", StructField(mine.name, both)  # nullable for Spark, whatever the sides are
    return left, mine
