# SPDX-License-Identifier: Apache-2.0
"""Functions of numbers."""

from typing import Optional

from holdfast.sql.column import Column, column_of
from holdfast.sql.expression import Operation, call
from holdfast.sql.functions.define import COLUMN, COLUMNS, OPTIONAL_COUNT, VALUE, function
from holdfast.sql.literal import literal, long_literal

abs = function("abs", col=COLUMN)
sign = function("sign", col=COLUMN)
signum = function("signum", named="SIGNUM", col=COLUMN)
negate = function("negate", sql="negative", col=COLUMN)
negative = function("negative", col=COLUMN)
pmod = function("pmod", dividend=COLUMN, divisor=COLUMN)
floor = function("floor", named="FLOOR", col=COLUMN, scale=OPTIONAL_COUNT)
ceil = function("ceil", named="CEIL", col=COLUMN, scale=OPTIONAL_COUNT)
ceiling = function("ceiling", col=COLUMN, scale=OPTIONAL_COUNT)
sqrt = function("sqrt", named="SQRT", col=COLUMN)
cbrt = function("cbrt", named="CBRT", col=COLUMN)
exp = function("exp", named="EXP", col=COLUMN)
expm1 = function("expm1", named="EXPM1", col=COLUMN)
ln = function("ln", col=COLUMN)
log2 = function("log2", named="LOG2", col=COLUMN)
log10 = function("log10", named="LOG10", col=COLUMN)
log1p = function("log1p", named="LOG1P", col=COLUMN)
rint = function("rint", col=COLUMN)
sin = function("sin", named="SIN", col=COLUMN)
cos = function("cos", named="COS", col=COLUMN)
tan = function("tan", named="TAN", col=COLUMN)
asin = function("asin", named="ASIN", col=COLUMN)
acos = function("acos", named="ACOS", col=COLUMN)
atan = function("atan", named="ATAN", col=COLUMN)
e = function("e", named="E")
pi = function("pi", named="PI")
degrees = function("degrees", named="DEGREES", col=COLUMN)
radians = function("radians", named="RADIANS", col=COLUMN)
bin = function("bin", col=COLUMN)
hex = function("hex", col=COLUMN)
shiftleft = function("shiftleft", col=COLUMN, numBits=VALUE)
shiftright = function("shiftright", col=COLUMN, numBits=VALUE)
shiftrightunsigned = function("shiftrightunsigned", col=COLUMN, numBits=VALUE)
hash = function("hash", cols=COLUMNS)
xxhash64 = function("xxhash64", cols=COLUMNS)
crc32 = function("crc32", col=COLUMN)


def positive(col: "Column | str") -> Column:
    """The number itself."""
    return Column(Operation((column_of(col)._node,), "positive({})", "positive({})", "(+ {})"))


def bitwise_not(col: "Column | str") -> Column:
    """Every bit turned over."""
    return Column(Operation((column_of(col)._node,), "(~{})", "~({})", "~{}"))


bitwiseNOT = bitwise_not
shiftLeft = shiftleft
shiftRight = shiftright
shiftRightUnsigned = shiftrightunsigned
toDegrees = degrees
toRadians = radians


def _rounded(name: str, col: "Column | str", scale: "Column | int | None") -> Column:
    digits = literal(0 if scale is None else scale) if not isinstance(scale, Column) else scale._node
    return Column(call(name, column_of(col)._node, digits))


def round(col: "Column | str", scale: "Column | int | None" = None) -> Column:
    """Rounded to so many digits behind the point, a half upwards."""
    return _rounded("round", col, scale)


def bround(col: "Column | str", scale: "Column | int | None" = None) -> Column:
    """Rounded to so many digits behind the point, a half to the even digit."""
    return _rounded("bround", col, scale)


def _number_or_column(value: "Column | str | float") -> Column:
    return Column(literal(value)) if isinstance(value, (int, float)) else column_of(value)


def pow(col1: "Column | str | float", col2: "Column | str | float") -> Column:
    """The first to the power of the second."""
    nodes = (_number_or_column(col1)._node, _number_or_column(col2)._node)
    return Column(call("power", *nodes, named="POWER"))


power = pow


def log(arg1: "Column | str | float", arg2: "Column | str | None" = None) -> Column:
    """The natural logarithm of the first, or the logarithm of the second to the base of the first."""
    if arg2 is None:
        return Column(call("ln", column_of(arg1, "arg1")._node))
    return Column(call("log", _number_or_column(arg1)._node, column_of(arg2, "arg2")._node, named="LOG"))


def atan2(col1: "Column | str | float", col2: "Column | str | float") -> Column:
    """The angle of the point whose height is the first and whose width is the second."""
    return Column(call("atan2", _number_or_column(col1)._node, _number_or_column(col2)._node, named="ATAN2"))


def hypot(col1: "Column | str | float", col2: "Column | str | float") -> Column:
    """The root of the sum of both squares."""
    return Column(call("hypot", _number_or_column(col1)._node, _number_or_column(col2)._node, named="HYPOT"))


def _seeded(name: str, seed: Optional[int]) -> Column:
    return Column(call(name) if seed is None else call(name, long_literal(seed)))


def rand(seed: Optional[int] = None) -> Column:
    """A number from 0 up to 1, by chance.

    Without a seed the engine draws, so that a batch of a stream that is run again has the same numbers; PySpark draws a
    seed here.
    """
    return _seeded("rand", seed)


def randn(seed: Optional[int] = None) -> Column:
    """A number of the standard normal distribution, by chance."""
    return _seeded("randn", seed)


def random(seed: Optional[int] = None) -> Column:
    """The same as rand."""
    return rand(seed)
