# SPDX-License-Identifier: Apache-2.0
"""Types of the programs and values of them, as README.md writes values."""

# What a variable may be of. A type with a space is a struct.
VALUE_TYPES = (
    "bigint", "string", "double", "boolean", "int",
    "a int, b string",
    "n bigint, s string, d double, t boolean",
    "tags array<string>, at bigint",
    "inner struct<x: int, y: string>, list array<struct<p: bigint, q: string>>",
    "counts map<string,int>, name string",
)
USER_KEY_TYPES = ("string", "string", "bigint", "int", "a int, b string", "flag boolean, name string")
KEY_POOLS = {
    "string": ["a", "b", "k0", "k1", "zz", "", "ключ", "a key that is longer than sixteen bytes", "B"],
    "bigint": [0, -1, 1, 7, 300, 64, -64, -5_000_000_000, 2**62],
    "k string, n int": [["a", 1], ["a", 2], ["b", 1], ["", 0], ["b", -1], [None, 1], ["a", None], ["long name", 70_000]],
}
TEXTS = ("", "x", "y", "abc", "Ünïcode", "word with blanks", "0123456789abcdef", "another text that is a little longer")


def types_of(ddl):
    """The fields of a struct as (name, type), or None for a scalar type."""
    if " " not in ddl:
        return None
    fields, depth, begin = [], 0, 0
    for at, char in enumerate(ddl + ","):
        depth += (char == "<") - (char == ">")
        if char == "," and depth == 0:
            name, _, kind = ddl[begin:at].strip().partition(" ")
            fields.append((name, kind))
            begin = at + 1
    return fields


def value_of(rng, ddl, null=0.0):
    """A value; fields of a struct are null now and then, `null` says how often the value itself is."""
    if rng.random() < null:
        return None
    fields = types_of(ddl) if not ddl.startswith(("array<", "map<", "struct<")) else None
    if fields is not None:
        return [value_of(rng, kind, 0.15) for _, kind in fields]
    if ddl.startswith("array<"):
        return [value_of(rng, ddl[6:-1]) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
    if ddl.startswith("map<"):
        kind = ddl[4:-1].split(",", 1)[1]
        return [[key, value_of(rng, kind)] for key in sorted(rng.sample(("a", "b", "key"), rng.choice((0, 1, 1, 2))))]
    if ddl.startswith("struct<"):
        return [value_of(rng, field.split(":", 1)[1].strip(), 0.15) for field in ddl[7:-1].split(",")]
    return {
        "int": lambda: rng.choice((0, 1, -1, 5, 63, 64, -65, 1000, 2**31 - 1, -(2**31))),
        "bigint": lambda: rng.choice((0, 1, -1, 7, 64, -64, 10**6, 2**40, -(2**50))),
        "double": lambda: rng.choice((0.0, 1.5, -2.25, 1000.125, 0.5)),
        "boolean": lambda: rng.random() < 0.5,
        "string": lambda: rng.choice(TEXTS),
    }[ddl]()
