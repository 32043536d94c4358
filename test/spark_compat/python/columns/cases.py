# SPDX-License-Identifier: Apache-2.0
"""Column expressions as Python source, to be evaluated with PySpark's functions and with Holdfast's.

`ROWS` by `SCHEMA` is the table that they read. The expressions are in `operator_cases.py` and `function_cases.py`: one
that has another value each time stands in VOLATILE, one over many rows in AGGREGATES.
"""

import datetime
from decimal import Decimal

from columns.function_cases import AGGREGATES, FUNCTIONS, VOLATILE  # noqa: F401
from columns.operator_cases import LITERALS, OPERATORS, ORDERS  # noqa: F401

SCHEMA = (
    "a int, l bigint, s smallint, c double, f float, j decimal(10,2), d boolean, t string, u string, k binary, "
    "h date, i timestamp, n timestamp_ntz, e array<int>, m map<string,int>, g struct<x:int,`y z`:string>, "
    "`my col` string, `a.b` int, `date` date, `select` int"
)

_TIME = datetime.datetime
ROWS = [
    (
        1,
        2,
        3,
        1.5,
        0.25,
        Decimal("12.50"),
        True,
        "x",
        "Hello, World",
        b"abc",
        datetime.date(2020, 2, 29),
        _TIME(2020, 2, 29, 12, 34, 56, 789000),
        _TIME(2021, 3, 4, 5, 6, 7),
        [1, 2, None],
        {"k": 1, "z": None},
        (1, "q"),
        "w w",
        7,
        datetime.date(2021, 1, 1),
        9,
    ),
    (
        -7,
        9007199254740993,
        -1,
        float("nan"),
        float("inf"),
        Decimal("-0.05"),
        False,
        'it\'s \\ "q" 100%_x\n',
        "",
        b"",
        datetime.date(1600, 1, 1),
        _TIME(1969, 12, 31, 23, 59, 59, 999999),
        _TIME(1900, 1, 1),
        [],
        {},
        (None, None),
        "",
        -1,
        datetime.date(9999, 12, 31),
        0,
    ),
    (
        2,
        -2,
        300,
        -0.0,
        -1.5,
        Decimal("99999999.99"),
        True,
        "Grüße, 世界 😀",
        "a,b;c",
        b"\x00\xff",
        datetime.date(2021, 3, 14),
        _TIME(2021, 3, 14, 10, 0),
        _TIME(2021, 11, 7, 1, 30),
        [5],
        {"k": 7},
        (3, "Z"),
        "`",
        3,
        datetime.date(1970, 1, 1),
        3,
    ),
    (None,) * 20,
]


# A process in UTC, while the session's zone is another: datetimes without a zone that come in, are literals, come out.
IN_UTC = """session.createDataFrame([(datetime.datetime(2020,2,29,12),)],"i timestamp").select(
    col("i").cast("string").alias("came"), lit(datetime.datetime(2020,2,29,12)).cast("string").alias("literal"), "i"
).collect()"""


def lines(text):
    """The expressions of one of the texts above."""
    return [line for line in text.strip().splitlines() if line]
