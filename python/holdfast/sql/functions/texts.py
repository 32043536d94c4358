# SPDX-License-Identifier: Apache-2.0
"""Functions of texts and bytes."""

from holdfast.errors import PySparkValueError
from holdfast.sql.column import Column, column_of
from holdfast.sql.expression import Operation, call
from holdfast.sql.functions.define import (
    COLUMN,
    COLUMNS,
    COUNT,
    OPTIONAL_COLUMN,
    OPTIONAL_VALUE,
    VALUE,
    function,
)
from holdfast.sql.literal import literal

SHA2_BITS = (0, 224, 256, 384, 512)

ascii = function("ascii", col=COLUMN)
base64 = function("base64", col=COLUMN)
bit_length = function("bit_length", col=COLUMN)
btrim = function("btrim", str=COLUMN, trim=OPTIONAL_COLUMN)
char_length = function("char_length", str=COLUMN)
character_length = function("character_length", str=COLUMN)
concat = function("concat", cols=COLUMNS)
concat_ws = function("concat_ws", sep=VALUE, cols=COLUMNS)
contains = function("contains", left=COLUMN, right=COLUMN)
decode = function("decode", col=COLUMN, charset=VALUE)
encode = function("encode", col=COLUMN, charset=VALUE)
endswith = function("endswith", str=COLUMN, suffix=COLUMN)
format_string = function("format_string", format=VALUE, cols=COLUMNS)
get_json_object = function("get_json_object", col=COLUMN, path=VALUE)
initcap = function("initcap", col=COLUMN)
instr = function("instr", str=COLUMN, substr=VALUE, start=OPTIONAL_VALUE, occurrence=OPTIONAL_VALUE)
lcase = function("lcase", str=COLUMN)
left = function("left", str=COLUMN, len=COLUMN)
length = function("length", col=COLUMN)
lower = function("lower", col=COLUMN)
lpad = function("lpad", col=COLUMN, len=VALUE, pad=VALUE)
md5 = function("md5", col=COLUMN)
octet_length = function("octet_length", col=COLUMN)
regexp = function("regexp", named="REGEXP", str=COLUMN, regexp=COLUMN)
regexp_extract = function("regexp_extract", str=COLUMN, pattern=VALUE, idx=VALUE)
regexp_replace = function("regexp_replace", string=COLUMN, pattern=VALUE, replacement=VALUE, position=OPTIONAL_VALUE)
repeat = function("repeat", col=COLUMN, n=COUNT)
replace = function("replace", src=COLUMN, search=COLUMN, replace=OPTIONAL_COLUMN)
reverse = function("reverse", col=COLUMN)
right = function("right", str=COLUMN, len=COLUMN)
rlike = function("rlike", named="RLIKE", str=COLUMN, regexp=COLUMN)
rpad = function("rpad", col=COLUMN, len=VALUE, pad=VALUE)
sha = function("sha", col=COLUMN)
sha1 = function("sha1", col=COLUMN)
split_part = function("split_part", src=COLUMN, delimiter=COLUMN, partNum=COLUMN)
startswith = function("startswith", str=COLUMN, prefix=COLUMN)
substr = function("substr", str=COLUMN, pos=COLUMN, len=OPTIONAL_COLUMN)
substring = function("substring", str=COLUMN, pos=COUNT, len=COUNT)
substring_index = function("substring_index", str=COLUMN, delim=VALUE, count=VALUE)
translate = function("translate", srcCol=COLUMN, matching=VALUE, replace=VALUE)
ucase = function("ucase", str=COLUMN)
unbase64 = function("unbase64", col=COLUMN)
unhex = function("unhex", col=COLUMN)
upper = function("upper", col=COLUMN)


def locate(substr: str, str: "Column | str", pos: int = 1) -> Column:
    """Where the text begins in another one, looked for from `pos` on; 0 where it is not."""
    nodes = (literal(substr), column_of(str, "str")._node, literal(pos))
    # Spark fills in the position 1 itself, in the name too.
    sql_form = "locate({0}, {1})" if pos == 1 else "locate({}, {}, {})"
    return Column(Operation(nodes, sql_form, "locate({}, {}, {})", "locate({}, {}, {})"))


def position(substr: "Column | str", str: "Column | str", start: "Column | str | None" = None) -> Column:
    """The same, of columns."""
    columns = [substr, str] if start is None else [substr, str, start]
    return Column(call("position", *(column_of(one)._node for one in columns)))


def _trimmed(name: str, col: "Column | str", trim: "Column | str | None") -> Column:
    node = column_of(col)._node
    # SQL has what is to be taken away first.
    return Column(call(name, node) if trim is None else call(name, column_of(trim, "trim")._node, node))


def trim(col: "Column | str", trim: "Column | str | None" = None) -> Column:
    """The text without blanks, or without these characters, at both ends."""
    return _trimmed("trim", col, trim)


def ltrim(col: "Column | str", trim: "Column | str | None" = None) -> Column:
    """The same at the beginning."""
    return _trimmed("ltrim", col, trim)


def rtrim(col: "Column | str", trim: "Column | str | None" = None) -> Column:
    """The same at the end."""
    return _trimmed("rtrim", col, trim)


def sha2(col: "Column | str", numBits: int) -> Column:
    """The SHA-2 hash of so many bits, as hexadecimal digits."""
    if numBits not in SHA2_BITS:
        raise PySparkValueError(
            errorClass="VALUE_NOT_ALLOWED",
            messageParameters={"arg_name": "numBits", "allowed_values": f"{list(SHA2_BITS)}"},
        )
    return Column(call("sha2", column_of(col)._node, literal(numBits)))


def split(str: "Column | str", pattern: "Column | str", limit: "Column | str | int" = -1) -> Column:
    """The parts of a text between what matches a regular expression; at most `limit` of them if above zero."""
    parts = literal(pattern) if not isinstance(pattern, Column) else pattern._node
    many = literal(limit) if isinstance(limit, int) else column_of(limit, "limit")._node
    return Column(call("split", column_of(str, "str")._node, parts, many))


def uuid(seed: "Column | int | None" = None) -> Column:
    """A random UUID for each row."""
    arguments = [] if seed is None else [literal(seed) if isinstance(seed, int) else seed._node]
    return Column(call("uuid", *arguments))
