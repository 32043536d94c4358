# SPDX-License-Identifier: Apache-2.0
"""Comparisons of assertDataFrameEqual and assertSchemaEqual, as source texts that PySpark and Holdfast both evaluate.

A case is its name and the call. In scope are the names of pyspark.testing, pyspark.sql.types, Decimal, pd.
"""

import decimal
from typing import Any, Dict

AB = "[Row(id='1', amount=1000.0), Row(id='2', amount=3000.0), Row(id='3', amount=2000.0)]"
OTHER = "[Row(id='1', amount=1001.0), Row(id='2', amount=3000.0), Row(id='3', amount=2003.0)]"
LETTERS = "[Row(n=1, s='A'), Row(n=2, s='B'), Row(n=3, s='C')]"


def rows(name: str, actual: str, expected: str, **settings: Any) -> tuple:
    more = "".join(f", {key}={value!r}" for key, value in settings.items())
    return name, f"assertDataFrameEqual({actual}, {expected}{more})"


def schemas(name: str, actual: str, expected: str, **settings: Any) -> tuple:
    more = "".join(f", {key}={value!r}" for key, value in settings.items())
    both = f"StructType.fromDDL({actual!r}), StructType.fromDDL({expected!r})"
    return f"schema: {name}", f"assertSchemaEqual({both}{more})"


CASES = [
    rows("the same rows", AB, AB),
    rows("another order", AB, AB + "[::-1]"),
    rows("another order that counts", AB, AB + "[::-1]", checkRowOrder=True),
    rows("two of three differ", AB, OTHER),
    rows("two of three differ, with the rows", AB, OTHER, includeDiffRows=True),
    rows("two of three differ, the first is enough", AB, OTHER, includeDiffRows=True, maxErrors=1),
    rows("two of three differ, only they are shown", AB, OTHER, showOnlyDiff=True),
    rows("wide tolerance", AB, OTHER, rtol=0.1),
    rows("no tolerance", "[Row(x=1.0)]", "[Row(x=1.0000000000000002)]", rtol=0.0, atol=0.0),
    rows("within the tolerance", "[Row(x=1.0)]", "[Row(x=1.000001)]"),
    rows("beyond the tolerance", "[Row(x=1.0)]", "[Row(x=1.0001)]"),
    rows("one row is missing", LETTERS + "[1:]", LETTERS, includeDiffRows=True),
    rows("one row is too many", LETTERS, LETTERS + "[:2]", includeDiffRows=True),
    rows("one row is missing, in order", LETTERS + "[1:]", LETTERS, includeDiffRows=True, checkRowOrder=True),
    rows("one more and one differs", "[Row(n=1), Row(n=3)]", "[Row(n=1), Row(n=2), Row(n=4)]", includeDiffRows=True),
    rows("nothing and nothing", "[]", "[]"),
    rows("nothing and a row", "[]", "[Row(a=1)]", includeDiffRows=True),
    rows("None and None", "None", "None"),
    rows("None and a list", "None", "[Row(a=1)]"),
    rows("a list and None", "[Row(a=1)]", "None"),
    rows("a list and a number", "[Row(a=1)]", "3"),
    rows("a tuple and a list", "(Row(a=1),)", "[Row(a=1)]"),
    rows("nulls", "[Row(a=None)]", "[Row(a=None)]"),
    rows("a null and a value", "[Row(a=None)]", "[Row(a=1)]"),
    rows("NaN and NaN", "[Row(a=float('nan'))]", "[Row(a=float('nan'))]"),
    rows("NaN and a number", "[Row(a=float('nan'))]", "[Row(a=1.0)]"),
    rows("infinity and infinity", "[Row(a=float('inf'))]", "[Row(a=float('inf'))]"),
    rows("infinity and a number", "[Row(a=float('inf'))]", "[Row(a=1.0)]"),
    rows("an int and a float", "[Row(a=1)]", "[Row(a=1.0)]"),
    rows("an int and a float nearby", "[Row(a=1)]", "[Row(a=1.000001)]"),
    rows("decimals nearby", "[Row(a=Decimal('1.0'))]", "[Row(a=Decimal('1.000001'))]"),
    rows("decimals apart", "[Row(a=Decimal('1.0'))]", "[Row(a=Decimal('1.1'))]"),
    rows("lists nearby", "[Row(a=[1.0, 2.0])]", "[Row(a=[1.0, 2.000001])]"),
    rows("lists of different length", "[Row(a=[1.0])]", "[Row(a=[1.0, 2.0])]"),
    rows("maps nearby", "[Row(a={'x': 1.0})]", "[Row(a={'x': 1.000001})]"),
    rows("maps with different keys", "[Row(a={'x': 1.0})]", "[Row(a={'y': 1.0})]"),
    rows("rows in rows nearby", "[Row(a=Row(b=1.0))]", "[Row(a=Row(b=1.000001))]"),
    rows("rows in rows apart", "[Row(a=Row(b=1.0))]", "[Row(a=Row(b=1.1))]"),
    rows("rows with different names", "[Row(a=1)]", "[Row(b=1)]"),
    rows("a shorter row", "[Row(a=1)]", "[Row(a=1, b=2)]"),
    rows("plain tuples", "[(1, 2.0)]", "[(1, 2.000001)]"),
    rows("the same frames of pandas", "pd.DataFrame({'a': [1, 2]})", "pd.DataFrame({'a': [1, 2]})"),
    rows("frames of pandas nearby", "pd.DataFrame({'a': [1.0, None]})", "pd.DataFrame({'a': [1.000001, None]})"),
    rows("frames of pandas apart", "pd.DataFrame({'a': [1.0]})", "pd.DataFrame({'a': [1.1]})"),
    rows("frames of pandas in another order", "pd.DataFrame({'a': [1, 2]})", "pd.DataFrame({'a': [2, 1]})"),
    rows("a missing value of pandas", "pd.DataFrame({'a': [1.0, None]})", "pd.DataFrame({'a': [1.0, 2.0]})"),
    rows("frames of pandas of different names", "pd.DataFrame({'a': [1]})", "pd.DataFrame({'b': [1]})"),
    rows("frames of pandas of different length", "pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1, 1]})"),
    rows("frames of pandas of different types", "pd.DataFrame({'a': [1]})", "pd.DataFrame({'a': [1.0]})"),
    schemas("the same schema", "a INT, b STRING", "a INT, b STRING"),
    schemas("another type", "a INT, b STRING", "a BIGINT, b STRING"),
    schemas("another name", "a INT", "b INT"),
    schemas("another name that does not count", "a INT", "b INT", ignoreColumnName=True),
    schemas("another type under a name that does not count", "a INT", "b STRING", ignoreColumnName=True),
    schemas("another order", "a INT, b STRING", "b STRING, a INT"),
    schemas("another order that does not count", "a INT, b STRING", "b STRING, a INT", ignoreColumnOrder=True),
    schemas("a column more", "a INT", "a INT, b INT"),
    schemas("NOT NULL", "a INT", "a INT NOT NULL"),
    schemas("NOT NULL that counts", "a INT", "a INT NOT NULL", ignoreNullable=False),
    schemas("decimals of another scale", "a DECIMAL(10,2)", "a DECIMAL(10,3)"),
    schemas("arrays of other elements", "a ARRAY<INT>", "a ARRAY<BIGINT>"),
    schemas("maps of other values", "a MAP<STRING, INT>", "a MAP<STRING, BIGINT>"),
    schemas("structs of other names", "a STRUCT<x: INT>", "a STRUCT<y: INT>"),
    schemas("NOT NULL in a struct", "a STRUCT<x: INT>", "a STRUCT<x: INT NOT NULL>"),
    ("schema: a text", "assertSchemaEqual('a INT', StructType.fromDDL('a INT'))"),
]


def outcome(source: str, scope: Dict[str, Any]) -> Dict[str, Any]:
    """What the call does: returns, or the error with its condition, the share of rows that differ, and those rows."""
    try:
        returned = eval(source, dict(scope, Decimal=decimal.Decimal))
    except Exception as error:
        what: Dict[str, Any] = {"error": type(error).__name__}
        if hasattr(error, "getCondition"):
            what["condition"] = error.getCondition()
            what["share"] = next((word for word in str(error).split() if word.replace(".", "").isdigit()), None)
            what["rows"] = None if getattr(error, "data", None) is None else repr(list(error.data))
        return what
    return {"returned": returned}
