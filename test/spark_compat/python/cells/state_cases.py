# SPDX-License-Identifier: Apache-2.0
"""What may be put into state, and what comes back: at once, and in the next batch."""

import re

from cells.query import Script
from cells.tables import ARROW

TYPES = [kind for kind in ARROW if kind not in ("array<double>", "array<array<int>>", "map<int,array<string>>")]

SCALARS = """
None | True | False | 0 | 1 | -1 | 127 | 128 | -129 | 2**31 - 1 | 2**31 | 2**63 - 1 | 2**63 | 2**70
1.0 | 1.5 | 0.1 | -0.0 | 1e39 | float('nan') | float('inf') | -float('inf')
np.bool_(True) | np.int8(3) | np.int16(3) | np.int32(3) | np.int64(3) | np.uint8(3) | np.uint64(2**63)
np.float16(1.5) | np.float32(1.5) | np.float32(0.1) | np.float64(1.5) | np.float64('nan') | np.str_('s')
np.bytes_(b's')
np.datetime64('2026-01-02T03:04:05.678901') | np.datetime64('2026-01-02T03:04:05.678901234')
np.datetime64('2026-01-02')
np.datetime64('NaT') | np.timedelta64(1, 's') | np.array(1) | np.array([1, 2]) | np.array([1.5]) | np.array(['s'])
pd.Timestamp('2026-01-02 03:04:05.678901') | pd.Timestamp('2026-01-02 03:04:05.678901', tz='UTC')
pd.Timestamp('2026-01-02 03:04:05.678901', tz='America/New_York') | pd.Timestamp('2026-01-02 03:04:05.678901999')
pd.NaT | pd.NA | pd.Timedelta('1s') | pd.Series([1, 2]) | pd.Series([1, 2]).iloc[0] | pd.Series([1.5, None]).iloc[1]
datetime.datetime(2026, 1, 2, 3, 4, 5, 678901) | datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc)
datetime.datetime(2026, 7, 2, 3, 4, 5, tzinfo=ZoneInfo('America/New_York')) | datetime.datetime(2026, 7, 2, 3, 4, 5)
datetime.datetime(1, 1, 1) | datetime.datetime(9999, 12, 31, 23, 59, 59, 999999) | datetime.datetime(1900, 1, 1)
datetime.datetime(2025, 11, 2, 1, 30) | datetime.datetime(2025, 11, 2, 1, 30, fold=1)
datetime.datetime(2026, 3, 8, 2, 30)
datetime.date(2026, 1, 2) | datetime.date(1, 1, 1) | datetime.time(1, 2) | datetime.timedelta(seconds=1)
Decimal('1.25') | Decimal('1.255') | Decimal('1.245') | Decimal('99999999.99') | Decimal('123456789.12')
Decimal('1E+3')
Decimal('NaN') | Decimal('1e30') | Decimal(1) | Decimal('0.0000000000000000001')
's' | '' | '3' | '1.5' | 'true' | '2026-01-02' | '2026-01-02 03:04:05' | 'é😀' | 'a\\0b' | '\\ud800'
b'x' | b'' | bytearray(b'x') | memoryview(b'x') | 1j | {1} | object() | Exception | range(3) | iter([1]) | print
""".strip()

NESTED = """
[1, 2] | [] | [None] | [1, None] | (1, 2) | () | (1,) | [1.5] | ['1'] | [True] | [2**31] | ['s', None] | [b's']
[np.int32(1)]
[np.float32(1.5)] | [float('nan')] | [np.str_('s')] | [datetime.datetime(2026, 1, 2, 3, 4, 5)]
[datetime.date(2026, 1, 2)]
[datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)] | [pd.Timestamp('2026-01-02 03:04:05')]
[pd.NaT]
[np.array([1])] | np.array([], dtype='int32') | np.array([datetime.date(2026, 1, 2)])
(1, 'b') | [1, 'b'] | ('1', 2) | (1, 'b', 2) | (None, None) | Row(a=1, b='b') | Row(b='b', a=1) | Row(a=1)
Row(a=1, b='b', c=2)
Row(1, 'b') | Row('a', 'b') | Row('a', 'b')(1, 'b') | Pair(1, 'b') | Pair(b='b', a=1) | Pair(np.int64(1), 'b')
{'a': 1, 'b': 'b'} | {'b': 'b', 'a': 1} | {'a': 1} | {'a': 1, 'b': 'b', 'c': 2} | {'A': 1, 'B': 'b'}
{'a': np.int64(1), 'b': np.str_('b')}
{'k': 1} | {'k': None} | {} | {None: 1} | {1: 1} | {'k': 'v'} | {'k': np.int64(1)} | {'k': 1.5} | {np.str_('k'): 1}
{'b': 1, 'a': 2}
[(1, 'b')] | [[1, 'b']] | [Row(a=1, b='b')] | [Row(b='b', a=1)] | [{'a': 1, 'b': 'b'}] | [{'b': 'b', 'a': 1}]
[Pair(1, 'b')] | [(1,)]
[(1, 'b', 2)] | [None, (1, 'b')] | ((1, 'b'), [1], None)
({'a': 1, 'b': 'b'}, [1], datetime.datetime(2026, 1, 2, 3, 4, 5))
{'x': {'b': 'b', 'a': 1}, 'y': [1], 't': pd.Timestamp('2026-01-02 03:04:05')} | Row(x=Row(a=1, b='b'), y=[1], t=None)
Row(y=[1], x=Row(b='b', a=1), t=None) | ((1,), [1], None) | ((1, 'b'), np.array([1]), None) | {'y': [1]}
""".strip()

TIMES = re.compile("date|time|Timestamp|NaT")


def values(text):
    return [value for line in text.split("\n") for value in line.split(" | ")]


def nested(kind):
    return "<" in kind


def variable(kind):
    return "v_" + re.sub(r"\W+", "_", kind).strip("_")


def conversions(kinds, wanted):
    cases = {}
    for kind in kinds:
        name = variable(kind)
        for value in wanted(kind):
            cases[f"{kind} <- {value}"] = (
                (f"{name}.update(({value},))", f"see({name}.get())"),
                (f"see({name}.get())",),
            )
    return cases


def values_for(kind):
    """Every scalar for a scalar type and every nested value for a nested one; of the others some."""
    if nested(kind):
        return values(NESTED) + [
            "None",
            "1",
            "'s'",
            "'ab'",
            "b'xy'",
            "1.5",
            "object()",
            "pd.NaT",
            "float('nan')",
            "np.int64(1)",
            "range(3)",
            "{1}",
            "datetime.date(2026, 1, 2)",
            "iter([1])",
        ]
    return values(SCALARS) + ["[1]", "(1,)", "{'k': 1}", "Row(a=1)", "Pair(1, 2)", "[]", "()", "['s']"]


def nulls_within(kind):
    """The encoding avro refuses null elements."""
    return [
        "[None]",
        "[1, None]",
        "['s', None]",
        "{'k': None}",
        "{'k': 'v'}",
        "[None, (1, 'b')]",
        "(None, None)",
        "[1.5]",
        "(1, 'b')",
    ]


DECLARE_TYPES = tuple(f"{variable(kind)} = handle.getValueState('{variable(kind)}', 'v {kind}')" for kind in TYPES)


def types_script(title, kinds, wanted, **more):
    declared = [line for line, kind in zip(DECLARE_TYPES, TYPES) if kind in kinds]
    return Script(name=title, declare=tuple(declared), cases=conversions(kinds, wanted), **more)


TIME_TYPES = ("date", "timestamp", "timestamp_ntz", "array<timestamp>")


def time_values(kind):
    return [value for value in values_for(kind) if TIMES.search(value)]


SCALAR_TYPES = [kind for kind in TYPES if not nested(kind)]
NESTED_TYPES = [kind for kind in TYPES if nested(kind)]
NEW_YORK = {"spark.sql.session.timeZone": "America/New_York"}

# The encoding avro has no tinyint and no smallint.
UNSAFE = {"spark.sql.streaming.stateStore.encodingFormat": "unsaferow"}
SMALL = ("tinyint", "smallint")

QUERIES = [
    *(types_script(kind, (kind,), values_for, conf=UNSAFE if kind in SMALL else {}) for kind in TYPES),
    *(types_script(f"{kind} unsaferow", (kind,), nulls_within, conf=UNSAFE) for kind in NESTED_TYPES),
    *(types_script(f"{kind} America/New_York", (kind,), time_values, conf=NEW_YORK) for kind in TIME_TYPES),
    types_script(
        "pandas",
        [kind for kind in SCALAR_TYPES if kind not in SMALL],
        lambda kind: ["None", "1", "1.5", "'s'", "np.int64(3)", "True", "2**31", "Decimal('1.25')"],
        api="pandas",
    ),
]
