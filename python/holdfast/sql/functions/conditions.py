# SPDX-License-Identifier: Apache-2.0
"""Columns and literals themselves, choices between values, what is null, and the order of sorting."""

import sys
from typing import Any

from holdfast.errors import PySparkTypeError, PySparkValueError
from holdfast.sql.column import Column, column_of, named_column, operand, wrong_type
from holdfast.sql.expression import Case, Operation, Raw
from holdfast.sql.expression import call as call_node
from holdfast.sql.functions.define import COLUMN, COLUMNS, function
from holdfast.sql.literal import literal
from holdfast.sql.sql_text import quoted_name_if_needed

coalesce = function("coalesce", cols=COLUMNS)
equal_null = function("equal_null", col1=COLUMN, col2=COLUMN)
ifnull = function("ifnull", col1=COLUMN, col2=COLUMN)
isnan = function("isnan", shown="isNaN", col=COLUMN)
nanvl = function("nanvl", col1=COLUMN, col2=COLUMN)
nullif = function("nullif", col1=COLUMN, col2=COLUMN)
nvl = function("nvl", col1=COLUMN, col2=COLUMN)
nvl2 = function("nvl2", col1=COLUMN, col2=COLUMN, col3=COLUMN)
monotonically_increasing_id = function("monotonically_increasing_id")
spark_partition_id = function("spark_partition_id", named="SPARK_PARTITION_ID")
input_file_name = function("input_file_name")
typeof = function("typeof", col=COLUMN)

_OF_NUMPY = {
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    "float32": "float",
    "float64": "double",
}


def col(col: str) -> Column:
    """The column of this name; `a.b` is a field, and `*` all columns."""
    if not isinstance(col, str):
        raise wrong_type("col", "str", col)
    return named_column(col)


def column(col: str) -> Column:
    """The same as col."""
    return named_column(col)


def lit(col: Any) -> Column:
    """The value as a column; a Column is returned as it is."""
    if isinstance(col, Column):
        return col
    if isinstance(col, list):
        if any(isinstance(one, Column) for one in col):
            raise PySparkValueError(errorClass="COLUMN_IN_LIST", messageParameters={"func_name": "lit"})
        return Column(call_node("array", *(lit(one)._node for one in col)))
    made = Column(literal(col))
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(col, numpy.generic):
        return made
    kind = col.dtype.name
    if kind in _OF_NUMPY:  # PySpark keeps numpy's type, and names the column by the number
        return made.cast(_OF_NUMPY[kind]).alias(str(col))
    if kind == "bool" or col.dtype.kind == "U":
        return made
    raise PySparkTypeError(errorClass="UNSUPPORTED_NUMPY_ARRAY_SCALAR", messageParameters={"dtype": kind})


def expr(str: str) -> Column:
    """The Spark SQL expression, which may have an alias."""
    if not isinstance(str, type("")):
        raise wrong_type("str", "str", str)
    return Column(Raw(str))


def when(condition: Column, value: Any) -> Column:
    """The value where the condition is true; `.when` and `.otherwise` follow."""
    if not isinstance(condition, Column):
        raise wrong_type("condition", "Column", condition)
    return Column(Case([condition._node, operand(value)]))


def isnull(col: "Column | str") -> Column:
    """Whether the value is null."""
    return column_of(col).isNull()


def isnotnull(col: "Column | str") -> Column:
    """Whether the value is not null."""
    return Column(Operation((column_of(col)._node,), "({} IS NOT NULL)", "isnotnull({})"))


def _of_two_or_more(name: str, cols: tuple) -> Column:
    if len(cols) < 2:
        raise PySparkValueError(errorClass="WRONG_NUM_COLUMNS", messageParameters={"func_name": name, "num_cols": "2"})
    return Column(call_node(name, *(column_of(one)._node for one in cols)))


def greatest(*cols: "Column | str") -> Column:
    """The greatest of the values that are not null."""
    return _of_two_or_more("greatest", cols)


def least(*cols: "Column | str") -> Column:
    """The least of the values that are not null."""
    return _of_two_or_more("least", cols)


def asc(col: "Column | str") -> Column:
    return column_of(col).asc()


def asc_nulls_first(col: "Column | str") -> Column:
    return column_of(col).asc_nulls_first()


def asc_nulls_last(col: "Column | str") -> Column:
    return column_of(col).asc_nulls_last()


def desc(col: "Column | str") -> Column:
    return column_of(col).desc()


def desc_nulls_first(col: "Column | str") -> Column:
    return column_of(col).desc_nulls_first()


def desc_nulls_last(col: "Column | str") -> Column:
    return column_of(col).desc_nulls_last()


def call_function(funcName: str, *cols: "Column | str") -> Column:
    """The SQL function of this name."""
    return Column(call_node(quoted_name_if_needed(funcName), *(column_of(one)._node for one in cols), shown=funcName))


def broadcast(df: Any) -> Any:
    """The DataFrame itself: on one machine there is nobody to send it to."""
    return df
