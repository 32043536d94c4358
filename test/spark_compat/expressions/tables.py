# SPDX-License-Identifier: Apache-2.0
"""The rows that the expressions are asked over. A value is a text: numbers in decimal, float and double as the hexadecimal
digits of their bits, dates as days and timestamps as microseconds since 1970, binary as hexadecimal digits."""

import datetime
import itertools
import random
import struct

INF, NAN = float("inf"), float("nan")


def double(value):
    return struct.pack(">d", value).hex()


def single(value):
    return struct.pack(">f", value).hex()


def day(text):
    return str((datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days)


def micros(text):
    moment = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1)
    return str((moment.days * 86400 + moment.seconds) * 1_000_000 + moment.microseconds)


# Letter of the column: (type, nine edges). Both columns of a letter go through all pairs.
EDGES = {
    "t": ("boolean", [None, "true", "false"] * 3),
    "b": ("tinyint", [None, "0", "1", "-1", "127", "-128", "5", "-7", "3"]),
    "s": ("smallint", [None, "0", "1", "-1", "32767", "-32768", "12", "-300", "127"]),
    "i": ("int", [None, "0", "1", "-1", "2147483647", "-2147483648", "7", "-3", "100000"]),
    "l": ("bigint", [None, "0", "1", "-1", str(2**63 - 1), str(-2**63), "3000000000", "-5", "86400"]),
    "f": ("float", [None, *map(single, [0.0, -0.0, 1.5, NAN, INF, -INF, -2.75, 3e38])]),
    "d": ("double", [None, *map(double, [0.0, -0.0, 2.5, NAN, INF, -INF, -3.25, 1.7e308])]),
    "p": ("decimal(10,2)", [None, "0.00", "1.00", "-1.00", "99999999.99", "-99999999.99", "2.55", "-0.05", "1234.56"]),
    "q": ("decimal(38,18)", [None, "0.000000000000000000", "1.000000000000000000", "-0.000000000000000003",
                             "99999999999999999999.999999999999999999", "-99999999999999999999.999999999999999999",
                             "3.141592653589793238", "-2.718281828459045235", "12345678901234567890.123456789012345678"]),
    "w": ("decimal(38,0)", [None, "0", "1", "-1", "9" * 38, "-" + "9" * 38, "7", "-12", "12345678901234567890"]),
    "k": ("decimal(5,3)", [None, "0.000", "1.000", "-1.000", "99.999", "-99.999", "0.125", "-2.500", "33.333"]),
    "x": ("string", [None, "", "a", "A", "12", " 7 ", "-3.5", "Zürich 😀", "abcab"]),
    "y": ("binary", [None, "", "00", "ff", "61", "6162", "80", "0000", "616200"]),
    "a": ("date", [None, *map(day, ["1970-01-01", "1969-12-31", "2024-02-29", "0001-01-01", "9999-12-31", "1582-10-15",
                                    "2023-03-31", "1582-10-04"])]),
    "c": ("timestamp", [None, *map(micros, ["1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2024-02-29T12:34:56.789",
                                            "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "2023-03-26T01:30:00",
                                            "1582-10-14T06:00:00", "2024-02-29T00:00:00"])]),
    "z": ("timestamp_ntz", [None, *map(micros, ["1970-01-01T00:00:00", "1969-12-31T23:59:59.999999",
                                                "2024-02-29T12:34:56.789", "0001-01-01T00:00:00",
                                                "9999-12-31T23:59:59.999999", "2023-03-26T02:30:00",
                                                "1582-10-14T06:00:00", "2024-02-29T00:00:00"])]),
}

# What casts from text meet.
TEXTS = [
    None, "", " ", "0", "1", "-1", "+1", "+-1", "--1", " 12 ", "\t12\n", "1_000", "1,000", "007", "-0", "+0", "127", "128", "-128",
    "-129", "32767", "32768", "-32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "99999999999999999999",
    "1.0", "1.", ".5", "-.5", ".", "-", "+", "1.5", "1.50", "0.05", "-2.555", "2.545", "1e3", "1E3", "1e-3", "1e+3", "1e", "e1",
    "1.5e2", "1e400", "-1e400", "1e-400", "1e38", "1e39", "123456789012345678901234567890.123", "9" * 38, "9" * 39,
    "0.00000000000000000049", "NaN", "nan", "NAN", "Infinity", "-Infinity", "+Infinity", "inf", "-inf", "INF", "+inf", "infinity",
    "1d", "1f", "1D", "1.5F", "1L", "0x10", "0x1p3", "1 2", "1a", "a1", "½", "１", "٣", "\u00a012", "12\u2003", "12\u0000", "\u007f12",
    "true", "TRUE", "True", " true ", "t", "T", "y", "Y", "yes", "YES", "no", "n", "f", "F", "false", "FALSE", "on", "off", "2",
    "truee", "tru", "null", "NULL",
    "2024-02-29", "2023-02-29", "2024-2-9", "2024-02", "2024", "20240229", "2024/02/29", "02/29/2024", "2024-13-01", "2024-00-10",
    "2024-01-32", "2024-01-00", " 2024-02-29 ", "2024-02-29T", "2024-02-29 ", "2024-02-29 x", "2024-02-29x", "0000-01-01",
    "0001-01-01", "-0001-01-01", "1582-10-10", "9999-12-31", "10000-01-01", "+10000-01-01", "123456-01-01", "1234567-01-01",
    "5881580-07-11", "5881580-07-12", "-5877641-06-23", "999-01-01", "2024-02-29Z", "epoch", "now", "today",
    "2024-02-29T12:34:56", "2024-02-29 12:34:56", "2024-02-29 12:34", "2024-02-29 12", "2024-02-29 12:34:56.7",
    "2024-02-29 12:34:56.789012", "2024-02-29 12:34:56.7890129", "2024-02-29 12:34:56.", "2024-02-29 24:00:00",
    "2024-02-29 23:60:00", "2024-02-29 23:59:60", "2024-02-29 1:2:3", "2024-02-29T12:34:56Z", "2024-02-29T12:34:56+01:00",
    "2024-02-29T12:34:56-0330", "2024-02-29T12:34:56 UTC", "2024-02-29 12:34:56 Europe/Paris", "2024-02-29 12:34:56 PST",
    "2024-02-29 12:34:56+18:30", "2024-02-29 12:34:56 Nowhere/Land", "2024-02-29 12:34:56GMT+2", "2023-03-26 02:30:00",
    "2023-10-29 02:30:00", "1900-01-01 00:00:00", "0001-01-01 00:00:00", "-0001-01-01 00:00:00", "9999-12-31 23:59:59.999999",
    "294247-01-10 04:00:54.775807", "294247-01-10 04:00:54.775808", "-290308-12-21 19:59:05.224192", "2024-02-29  12:34:56",
    "2024-02-29t12:34:56", "1709210096", "Hello", "hello WORLD", "Straße", "ΑΣΟΣ", "ǅ", "İstanbul", "ı", "日本語", "😀👍🏽", "e\u0301",
    "a%b", "a_b", "a\\b", "ab\nc", "'quoted'", "\"double\"", "`back`", "x" * 40, "  lead", "trail  ", "\tt\t", "a,b,,c",
]

REALS = [
    None, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.1, 0.3, 1e-3, 9.99e-4, 1e7, 12345678.9, 1e10, 1.6, -1.6, 2.4999,
    126.99, 127.0, 127.5, 128.0, -128.0, -128.5, -129.0, 32767.9, 32768.0, -32769.0, 2147483647.0, 2147483647.5, 2147483648.0,
    -2147483648.0, -2147483648.9, -2147483649.0, 9.223372036854775e18, 9.223372036854775807e18, -9.223372036854775808e18,
    9.3e18, -9.3e18, 1e20, 1e38, 1e39, 1.7976931348623157e308, 2.2250738585072014e-308, 5e-324, 3.4e38, 1.4e-45, 1e-20, INF, -INF,
    NAN, 3.14159265358979, 2.718281828459045, 1.005, 2.675, 1234.5678, -1234.5678, 99999999.994, 99999999.995, 123456789.125, 4.0,
    1e15, 1e16, 123456789012345680.0, 0.045, 1709210096.123456, -1.000001, 253402300799.0, 1e18, 64.0, 100.0, 1e-7, 8.5, 9.5,
]

MOMENTS = [
    "1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "1970-01-01T00:00:00.000001", "2024-02-29T12:34:56.789012",
    "2024-02-29T00:00:00", "2024-12-31T23:59:59.999999", "2023-12-31T23:30:00", "2023-01-01T00:00:00", "2024-12-30T05:06:07.5",
    "2021-01-03T10:00:00", "2020-12-28T00:00:01", "0001-01-01T00:00:00", "0001-12-31T23:59:59", "9999-12-31T23:59:59.999999",
    "1582-10-04T00:00:00", "1582-10-10T11:22:33", "1582-10-15T00:00:00", "1900-02-28T23:59:59", "1900-03-01T00:00:00",
    "2000-02-29T01:01:01.010101", "2023-03-26T00:59:59", "2023-03-26T01:00:00", "2023-03-26T02:30:00", "2023-10-29T00:30:00",
    "2023-10-29T01:30:00", "2024-03-10T09:59:59.9", "2024-03-10T10:00:00", "2024-11-03T08:30:00", "2024-11-03T09:30:00",
    "1883-11-18T20:00:00", "1847-12-01T00:01:15", "2038-01-19T03:14:08", "2024-08-05T15:45:30.25", "2024-08-11T23:00:00",
    "2024-01-31T12:00:00", "2023-03-31T00:00:00", "2024-07-15T08:09:10", "1677-09-21T00:12:43.145224", "0099-06-15T12:00:00",
]


def characters():
    """Those of Unicode 14 whose case Python knows, and their neighbours, which have none."""
    cased = [c for c in map(chr, range(0x80, 0x110000)) if not 0xD800 <= ord(c) <= 0xDFFF and (c.upper() != c or c.lower() != c)]
    return sorted({*cased, *(chr(ord(c) + 1) for c in cased if not 0xD7FF <= ord(c) <= 0xDFFF)})


def pairs(rng):
    columns, rows = [], []
    for letter, (kind, _) in EDGES.items():
        columns += [f"{letter}1 {kind}", f"{letter}2 {kind}"]
    for left, right in itertools.product(range(9), range(9)):
        rows.append([edges[at] for _, edges in EDGES.values() for at in (left, right)])
    for _ in range(40):
        rows.append([None if rng.random() < 0.05 else any_value(rng, letter) for letter in EDGES for _ in range(2)])
    return {"table": "pairs", "columns": ",".join(columns), "rows": rows}


def any_value(rng, letter):
    """A value as people have them."""
    if letter == "t":
        return rng.choice(["true", "false"])
    if letter in "bsil":
        return str(rng.randint(-100, 100) if letter == "b" else rng.randint(-1000, 5000))
    if letter in "fd":
        return (single if letter == "f" else double)(round(rng.uniform(-500, 5000), rng.choice([0, 1, 2, 5])))
    if letter in "pqwk":
        scale = {"p": 2, "q": 18, "w": 0, "k": 3}[letter]
        unscaled = rng.randint(-10**4, 10**rng.choice([4, 5]) - 1) if letter == "k" else rng.randint(-10**9, 10**9)
        digits = f"{abs(unscaled):0{scale + 1}d}"
        sign = "-" if unscaled < 0 else ""
        return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)
    if letter == "x":
        return rng.choice(["purchase", "view", "cart", "user_17", "10", "2.5", "2024-05-06", "naïve", "日本", "a b c", "true"])
    if letter == "y":
        return rng.randbytes(rng.randint(0, 4)).hex()
    if letter == "a":
        return str(rng.randint(-30000, 40000))
    return str(rng.randint(-2 * 10**15, 4 * 10**15))


def entries(*pairs_of):
    return {"entries": [list(pair) for pair in pairs_of]}


# Lists, maps and structs: absent, empty, with nulls within.
NESTED = [
    [None, None, None, None, None, None, None, None, "0", "1", "2", "3", None, None],
    [[], [], [], entries(), entries(), [], [], [[], [None]], "0", "0", "0", "0", "", "false"],
    [["a"], ["1"], [double(1.5)], entries(("a", "1")), entries(("1", "one")), [["1", "x"]], [["1", "2"], []],
     [["7"], ["c"]], "0", "0", "0", "0", "a", "true"],
    [["a", None, "c", ""], ["3", None, "1", "2"], [double(NAN), None, double(-0.0), double(2.5)],
     entries(("b", None), ("a", "5")), entries(("0", None), ("-1", "minus"), ("2", "two")), [None, ["2", None], [None, "y"]],
     [None, ["5", None]], [[None, "8"], None], "1", "2", "-1", "3", "b", "true"],
    [["x", "a", "a"], ["1", "2", "3", "4", "5"], [double(INF), double(0.0), double(3.0)], entries(("", "0"), ("c", "-7")),
     entries(("3", "three")), [["5", "e"], ["6", "f"]], [["1"], ["2", "3"], ["4", "5", "6"]], [None, ["d"]], "2", "-1", "1", "5", "c",
     None],
    [["A", "😀"], ["2147483647", "-2147483648"], [double(1e300)], entries(("A", "9")), entries(("5", "")), [["9", ""]], [["9"]],
     [["1", "2", "3"], ["z"]], "-1", "3000000000", "7", "-2", "A", "false"],
]
NESTED_COLUMNS = ("xs array<string>,ns array<int>,ds array<double>,m map<string,int>,k map<int,string>,"
                  "ss array<struct<a:int,b:string>>,aa array<array<int>>,r struct<xs:array<int>,q:struct<c:string>>,"
                  "i int,l bigint,b tinyint,s smallint,x string,t boolean")


def tables(seed):
    rng = random.Random(f"rows {seed}")
    moments = [None, *MOMENTS]
    return [
        pairs(rng),
        {"table": "texts", "columns": "x string", "rows": [[text] for text in TEXTS]},
        {"table": "reals", "columns": "d double,f float",
         "rows": [[None, None] if v is None else [double(v), single(v if abs(v) < 3.4e38 or v != v or v in (INF, -INF) else 0)]
                  for v in REALS]},
        {"table": "sure", "columns": ",".join(f"{letter} {EDGES[letter][0]} NOT NULL" for letter in "tbsilfdpxyacz"),
         "rows": [[edges[1 + at] for edges in (EDGES[letter][1] for letter in "tbsilfdpxyacz")] for at in (1, 3)]},
        {"table": "structs", "columns": "r struct<a:int,B:struct<c:string>>,`the column` int,`a.b` int",
         "rows": [[["1", ["x"]], "1", "2"], [["2", None], None, "3"], [None, "4", None], [[None, [None]], "5", "6"]]},
        {"table": "twice", "columns": "A int,a int,b int", "rows": [["1", "2", "3"]]},
        # Every character that has an upper or lower case, and words around a capital sigma.
        {"table": "letters", "columns": "x string",
         "rows": [["".join(letters[at:at + 40])] for letters in (characters(),) for at in range(0, len(letters), 40)]
                 + [[word] for word in ["ΑΣ", "Σ", "ΣΑ", "Α\u0301Σ", "ΑΣ\u0301", "ΑΣ.", "Α.Σ Β", "1Σ", "ΑΣ\u0301Β", "ΑΣΣ", "ΑΣ'Α"]]},
        {"table": "nested", "columns": NESTED_COLUMNS, "rows": NESTED},
        {"table": "sure_nested",
         "columns": "xs array<string> NOT NULL,r struct<a:int NOT NULL,b:string> NOT NULL,m map<string,int> NOT NULL,i int NOT NULL,"
                    "x string NOT NULL,s struct<a:int NOT NULL>",
         "rows": [[["a", "b", None], ["1", None], entries(("a", "1")), "0", "a", ["4"]],
                  [["c"], ["2", "y"], entries(), "0", "c", None]]},
        # Each of those behind a space, which begins a word.
        {"table": "spaced", "columns": "x string",
         "rows": [[" ".join(letters[at:at + 40])] for letters in (characters(),) for at in range(0, len(letters), 40)]},
        {"table": "moments", "columns": "c timestamp,z timestamp_ntz,a date",
         "rows": [[None, None, None] if m is None else [micros(m), micros(m), day(m[:10])] for m in moments]},
    ]
