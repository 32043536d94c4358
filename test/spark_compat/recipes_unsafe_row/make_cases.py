#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the rows that Vectors.java has Spark encode, one JSON object a line: written by hand for each rule of the
format, then made at random (same output every time).

Data are exact: whole numbers, dates and timestamps as numbers, float and double as the hex of their bits, a decimal as
the text of its unscaled number, binary as hex, arrays and structs as lists, maps as lists of pairs."""
import json
import random
import struct

SCALARS = ["BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "STRING", "BINARY", "DATE", "TIMESTAMP",
           "TIMESTAMP_NTZ", "VOID"]
WIDTHS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64, "DATE": 32, "TIMESTAMP": 64, "TIMESTAMP_NTZ": 64}
TEXTS = ["", "a", "k0", "1234567", "12345678", "123456789", "h\u00e9llo \U0001f600", "\0", "x" * 40, "\u00df" * 8]


def f32(value):
    return struct.pack(">f", value).hex()


def f64(value):
    return struct.pack(">d", value).hex()


def by_hand():
    nan, infinity = float("nan"), float("inf")
    yield "a BOOLEAN,b BOOLEAN,c BOOLEAN", [True, False, None]
    yield "a TINYINT,b SMALLINT,c INT,d BIGINT", [-1, -1, -1, -1]
    yield "a TINYINT,b SMALLINT,c INT,d BIGINT", [-128, -32768, -2**31, -2**63]
    yield "a TINYINT,b SMALLINT,c INT,d BIGINT", [127, 32767, 2**31 - 1, 2**63 - 1]
    yield "a TINYINT,b SMALLINT,c INT,d BIGINT", [None] * 4
    yield "a TINYINT NOT NULL,b STRING NOT NULL,c INT NOT NULL", [5, "x", -7]
    for value in [0.0, -0.0, 1.5, -1.5, nan, infinity, -infinity]:
        yield "a FLOAT,b DOUBLE,c ARRAY<FLOAT>,d ARRAY<DOUBLE>", [f32(value), f64(value), [f32(value)], [f64(value)]]
    for bits in ["ffc00001", "7fc12345"]:  # NaNs with a payload
        yield "a FLOAT,b DOUBLE,c ARRAY<FLOAT>,d ARRAY<DOUBLE>", [bits, bits + "00000001", [bits], [bits + "00000001"]]
    for text in TEXTS:
        yield "a STRING,b BINARY", [text, text.encode().hex()]
    yield "a STRING,b BINARY,c STRING", [None, None, "z"]
    yield "a DATE,b TIMESTAMP,c TIMESTAMP_NTZ", [20454, 1767225600123456, -1]
    yield "a VOID", [None]
    yield "__empty__ VOID", [None]
    yield "a INT,v VOID,b INT", [1, None, 2]
    for unscaled in ["0", "1", "-1", "999999999999999999", "-999999999999999999", None]:
        yield "a DECIMAL(18,0),b DECIMAL(18,6),c ARRAY<DECIMAL(18,2)>", [unscaled, unscaled, [unscaled, None]]
    yield "a DECIMAL(1,0),b DECIMAL(10,2)", ["9", "-125"]
    for unscaled in ["0", "1", "-1", "127", "128", "-128", "-129", "255", str(2**63), str(-2**63), str(2**64),
                     "9" * 38, "-" + "9" * 38, None]:
        yield "a DECIMAL(38,10),b STRING,c ARRAY<DECIMAL(38,0)>", [unscaled, "behind", [unscaled, "7", None, unscaled]]
    yield "a DECIMAL(19,0),b DECIMAL(20,20)", ["-" + "9" * 19, None]
    yield "n STRUCT<x:INT,y:STRING>", [[1, None]]
    yield "n STRUCT<x:INT,y:STRING>", [None]
    yield "n STRUCT<d:DECIMAL(30,2),s:STRING>,m INT", [[None, "s"], None]
    yield "n STRUCT<>,t STRING", [[], "t"]
    yield "n STRUCT<>", [None]
    yield "n STRUCT<m:STRUCT<x:ARRAY<STRUCT<d:DATE>>>>", [[[[[-1], None, [None]]]]]
    for kind in SCALARS:
        for count in [0, 1, 3, 8, 9]:
            dice = random.Random(count)
            yield f"a ARRAY<{kind}>", [[datum(dice, kind, 4) for _ in range(count)]]
    yield "a ARRAY<INT>", [None]
    yield "a ARRAY<BOOLEAN>", [[i % 3 == 0 if i % 5 else None for i in range(65)]]
    yield "a ARRAY<INT>", [[i if i % 7 else None for i in range(130)]]
    yield "a ARRAY<SMALLINT>", [list(range(64))]
    yield "a ARRAY<ARRAY<STRING>>", [[["a"], None, [], [None, "", "long enough for two words"]]]
    yield "a ARRAY<MAP<STRING,INT>>", [[[["k", 1]], None, []]]
    yield "m MAP<STRING,INT>", [[["k", 1], ["longer than eight", None]]]
    yield "m MAP<STRING,INT>", [[]]
    yield "m MAP<STRING,INT>,n MAP<STRING,INT>", [None, [["", 0]]]
    yield "m MAP<INT,STRING>", [[[2, "b"], [1, None]]]
    yield "m MAP<STRUCT<a:INT,b:STRING>,ARRAY<BIGINT>>", [[[[1, "x"], [1, 2]], [[None, None], None]]]
    yield "m MAP<DECIMAL(38,0),DECIMAL(38,0)>", [[["1", None], ["-1", "12"]]]
    yield "m MAP<DOUBLE,BOOLEAN>", [[[f64(nan), True], [f64(0.0), None]]]
    yield "m MAP<STRING,MAP<STRING,DOUBLE>>", [[["k", [["j", f64(2.0)]]], ["l", None], ["m", []]]]
    yield "m MAP<DATE,VOID>", [[[1, None]]]
    for count in [63, 64, 65, 130]:
        yield ",".join(f"c{i} INT" for i in range(count)), [i if i % 9 else None for i in range(count)]
    yield "n STRUCT<" + ",".join(f"c{i}:STRING" for i in range(66)) + ">", [[f"v{i}" if i % 4 else None for i in range(66)]]
    session = "session_id STRING,user_id STRING,event_count INT,total_revenue DOUBLE,session_start TIMESTAMP"
    yield session, ["s0013", "u0004", 7, f64(12.5), 1767225600123000]
    yield f"value STRUCT<{session.replace(' ', ':')}>,ttlExpirationMs BIGINT", [
        ["s0013", "u0004", 7, f64(12.5), 1767225600123000], 1767225643835]
    yield "key STRUCT<session_id:STRING>,userKey STRUCT<k:STRING>", [["s0013"], ["user key"]]


def a_type(dice, depth):
    kind = dice.randrange(20 if depth else 16)
    if kind < len(SCALARS):
        return SCALARS[kind]
    if kind < 16:
        precision = dice.choice([1, 9, 18, 19, 28, 38])
        return f"DECIMAL({precision},{dice.randint(0, precision)})"
    if kind < 18:
        return f"ARRAY<{a_type(dice, depth - 1)}>"
    if kind == 18:
        return f"MAP<{a_key(dice)},{a_type(dice, depth - 1)}>"
    return "STRUCT<" + ",".join(f"f{i}:{a_type(dice, depth - 1)}" for i in range(dice.randint(0, 4))) + ">"


def a_key(dice):
    return dice.choice(["STRING", "INT", "BIGINT", "DATE", "DECIMAL(25,3)", "STRUCT<a:STRING,b:SMALLINT>", "ARRAY<TINYINT>"])


def parts(text):
    """Splits at the commas that stand outside of brackets."""
    out, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            out.append(text[start:at])
            start = at + 1
    return out + [text[start:]] if text else []


def datum(dice, kind, null_one_in=5):
    if kind == "VOID" or (null_one_in and dice.randrange(null_one_in) == 0):
        return None
    if kind == "BOOLEAN":
        return dice.random() < 0.5
    if kind in WIDTHS:
        return dice.getrandbits(WIDTHS[kind]) - 2 ** (WIDTHS[kind] - 1) >> dice.randrange(WIDTHS[kind])
    if kind == "FLOAT":
        return f32(dice.randint(-1000, 1000) / 8)
    if kind == "DOUBLE":
        return f64(dice.uniform(-1e9, 1e9))
    if kind == "STRING":
        return dice.choice(TEXTS)
    if kind == "BINARY":
        return dice.randbytes(dice.randrange(20)).hex()
    inside = kind[kind.index("<") + 1:-1] if "<" in kind else ""
    if kind.startswith("DECIMAL"):
        digits = dice.randint(0, int(kind[8:kind.index(",")]))
        return str(dice.choice([-1, 1]) * dice.randrange(10 ** digits))
    if kind.startswith("ARRAY"):
        return [datum(dice, inside) for _ in range(dice.randrange(5))]
    if kind.startswith("MAP"):
        key, value = parts(inside)
        keys = {json.dumps(made): made for made in (datum(dice, key, 0) for _ in range(dice.randrange(4)))}
        return [[made, datum(dice, value)] for made in keys.values()]
    return [datum(dice, field.split(":", 1)[1]) for field in parts(inside)]


def at_random():
    dice = random.Random(20261123)
    for _ in range(120):
        kinds = [a_type(dice, 3) for _ in range(dice.randint(1, 6))]
        for _ in range(2):
            yield ",".join(f"c{i} {kind}" for i, kind in enumerate(kinds)), [datum(dice, kind) for kind in kinds]


def keys():
    """(DDL, row, column counts of the prefix or ordinals of the ordering) for Spark's encoders of whole state keys."""
    yield "session_id STRING", ["s0013"], {}
    yield "a STRING,b BIGINT", [None, -1], {}
    yield "key STRUCT<id:STRING>,userKey STRUCT<k:STRING>", [["k0"], ["b"]], {"prefix": 1}
    yield "key STRUCT<id:STRING>,expiryTimestampMs BIGINT NOT NULL", [["k0"], 1767225643835], {"prefix": 1}
    yield "a STRING,b INT,c STRING", ["a", None, "c"], {"prefix": 2}
    for number in [1767225643835, 0, -1, -931, 2**63 - 1, -2**63, None]:
        yield "expirationMs BIGINT,elementKey STRUCT<id:STRING>", [number, ["k0"]], {"range": [0]}
    for number in [-1.5, -0.0, 0.0, 2.25, float("nan"), float("-inf"), None]:
        bits = [None, None] if number is None else [f32(number), f64(number)]
        yield "a FLOAT,b DOUBLE,c STRING", bits + ["rest"], {"range": [0, 1]}
    for numbers in [[True, 1, -2, 3], [False, -128, 32767, -2**31], [None] * 4]:
        yield "a BOOLEAN,b TINYINT,c SMALLINT,d INT,e STRING", numbers + ["rest"], {"range": [0, 1, 2, 3]}
    yield "k STRING,t BIGINT", ["k", 5], {"range": [1]}
    yield "t BIGINT", [7], {"range": [0]}


def main():
    for ddl, row in [*by_hand(), *at_random()]:
        print(json.dumps({"ddl": ddl, "row": row}))
    for ddl, row, spec in keys():
        print(json.dumps({"ddl": ddl, "row": row, "key": spec}))


if __name__ == "__main__":
    main()
