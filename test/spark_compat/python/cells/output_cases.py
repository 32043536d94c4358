# SPDX-License-Identifier: Apache-2.0
"""What handleInputRows may give back: shapes of frames and rows, and for every type of column what is converted to
it."""

from cells.input_cases import NEW_YORK
from cells.query import Column, Outputs
from cells.state_cases import NESTED, SCALARS, values

TWO = "a int, b string"

# Frames for the output `a int, b string`.
FRAMES = {
    "as declared": "yield pd.DataFrame({'a': [1], 'b': ['x']})",
    "other order": "yield pd.DataFrame({'b': ['x'], 'a': [1]})",
    "missing column": "yield pd.DataFrame({'a': [1]})",
    "extra column": "yield pd.DataFrame({'a': [1], 'b': ['x'], 'c': [2]})",
    "missing and extra": "yield pd.DataFrame({'a': [1], 'c': [2]})",
    "other case": "yield pd.DataFrame({'A': [1], 'B': ['x']})",
    "positions as names": "yield pd.DataFrame([[1, 'x']])",
    "positions, too few": "yield pd.DataFrame([[1]])",
    "positions, too many": "yield pd.DataFrame([[1, 'x', 2]])",
    "positions in other order": "yield pd.DataFrame([['x', 1]])",
    "mixed names": "yield pd.DataFrame([[1, 'x']], columns=['a', 1])",
    "duplicate column": "yield pd.DataFrame([[1, 'x', 'y']], columns=['a', 'b', 'b'])",
    "duplicate column, wanted number": "yield pd.DataFrame([[1, 2]], columns=['a', 'a'])",
    "column levels": "yield pd.DataFrame([[1, 'x']], columns=pd.MultiIndex.from_tuples([('a', 1), ('b', 1)]))",
    "no columns, no rows": "yield pd.DataFrame()",
    "no columns, a row": "yield pd.DataFrame(index=[0])",
    "columns without rows": "yield pd.DataFrame(columns=['a', 'b'])",
    "columns without rows, other order": "yield pd.DataFrame(columns=['b', 'a'])",
    "columns without rows, one missing": "yield pd.DataFrame(columns=['a'])",
    "typed columns without rows": (
        "yield pd.DataFrame({'a': pd.Series([], dtype='int64'), 'b': pd.Series([], " "dtype='object')})"
    ),
    "an empty frame, then rows": "yield pd.DataFrame()\nyield pd.DataFrame({'a': [1], 'b': ['x']})",
    "two frames": "yield pd.DataFrame({'a': [1], 'b': ['x']})\nyield pd.DataFrame({'a': [2], 'b': [None]})",
    "own index": "yield pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']}, index=[7, 7])",
    "named index": "yield pd.DataFrame({'b': ['x']}, index=pd.Index([1], name='a'))",
    "sorted descending": "yield pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']}).sort_values('a', ascending=False)",
    "scalar column": "yield pd.DataFrame({'a': key, 'b': 'x'}, index=[0]).assign(a=1)",
    "key tuple as a column": "yield pd.DataFrame({'a': [1], 'b': key})",
    "key tuple as a cell": "yield pd.DataFrame({'a': [1], 'b': [key]})",
    "subclass": "class Mine(pd.DataFrame):\n    pass\nyield Mine({'a': [1], 'b': ['x']})",
    "series": "yield pd.Series([1, 2])",
    "dict": "yield {'a': 1, 'b': 'x'}",
    "tuple": "yield (1, 'x')",
    "Row": "yield Row(a=1, b='x')",
    "None yielded": "yield None",
    "list of rows": "yield [(1, 'x')]",
    "return iter([])": "return iter([])",
    "return []": "return []",
    "return list of frames": "return [pd.DataFrame({'a': [1], 'b': ['x']})]",
    "return tuple of frames": "return (pd.DataFrame({'a': [1], 'b': ['x']}),)",
    "return iterator of frames": "return iter([pd.DataFrame({'a': [1], 'b': ['x']})])",
    "return map": "return map(lambda n: pd.DataFrame({'a': [n], 'b': ['x']}), range(2))",
    "return a frame": "return pd.DataFrame({'a': [1], 'b': ['x']})",
    "return None": "return None",
    "return nothing": "pass",
    "return rows": "return rows",
    "return a number": "return 1",
    "raise": "raise ValueError('of the user')",
    "raise later": "yield pd.DataFrame({'a': [1], 'b': ['x']})\nraise ValueError('of the user')",
    "raise a class of one's own": "class Mine(Exception):\n    pass\nraise Mine('of the user')",
    "raise StopIteration": "raise StopIteration",
    "raise StopIteration in a generator": "yield pd.DataFrame({'a': [1], 'b': ['x']})\nraise StopIteration",
    "raise SystemExit": "raise SystemExit(3)",
    "assert": "assert 1 == 2, 'of the user'",
    "name error": "return undefined_name",
    "key error in a frame": "return iter([next(rows)['nothing']])",
    "rows left over": "next(rows)\nreturn iter([])",
    "lazy over rows": "return (pd.DataFrame({'a': frame['v'], 'b': frame['k']}) for frame in rows)",
    "frames given": "for frame in rows:\n    yield frame.rename(columns={'v': 'a', 'k': 'b'})",
}

# Rows for the output `a int, b string`.
ROWS = {
    "as declared": "yield Row(a=1, b='x')",
    "other order": "yield Row(b='x', a=1)",
    "missing field": "yield Row(a=1)",
    "extra field": "yield Row(a=1, b='x', c=2)",
    "other case": "yield Row(A=1, B='x')",
    "positional": "yield Row(1, 'x')",
    "made by a row class": "yield Row('a', 'b')(1, 'x')",
    "made by a row class, other order": "yield Row('b', 'a')('x', 1)",
    "row class with too few": "yield Row('a', 'b')(1)",
    "row class with too many": "yield Row('a', 'b')(1, 'x', 2)",
    "duplicate field": "yield Row('a', 'a', 'b')(1, 2, 'x')",
    "row class itself": "yield Row('a', 'b')",
    "no fields": "yield Row()",
    "tuple": "yield (1, 'x')",
    "list": "yield [1, 'x']",
    "dict": "yield {'a': 1, 'b': 'x'}",
    "namedtuple": "yield Pair(1, 'x')",
    "frame": "yield pd.DataFrame({'a': [1], 'b': ['x']})",
    "None yielded": "yield None",
    "string": "yield 'x'",
    "object with asDict": (
        "class Mine:\n    def asDict(self, recursive=False):\n        return {'a': 1, "
        "'b': str(recursive)}\nyield Mine()"
    ),
    "return iter([])": "return iter([])",
    "return []": "return []",
    "return list": "return [Row(a=1, b='x')]",
    "return map": "return map(lambda n: Row(a=n, b='x'), range(2))",
    "return a Row": "return Row(a=1, b='x')",
    "return None": "return None",
    "return nothing": "pass",
    "return rows": "return rows",
    "return a number": "return 1",
    "raise": "raise ValueError('of the user')",
    "raise later": "yield Row(a=1, b='x')\nraise ValueError('of the user')",
    "raise StopIteration": "raise StopIteration",
    "rows left over": "next(rows)\nreturn iter([])",
    "lazy over rows": "return (Row(a=row.v, b=row.k) for row in rows)",
    "nulls": "yield Row(a=None, b=None)",
}

# Columns: the source of a Series, or of a list that makes one.
SERIES = """
[1, 2] | [1.0, None] | [1.0, 2.0] | [1.5] | [float('nan')] | [None, None] | [True, False] | [True, None] | [2**31]
[128] | [2**63] | [-1]
['1'] | ['x'] | [''] | ['x', None] | ['x', float('nan')] | ['x', pd.NA] | ['true'] | ['1.5'] | [1, 'x'] | [1, None]
[b'x'] | [bytearray(b'x')]
np.array([1, 2], dtype='int8') | np.array([1], dtype='uint64') | np.array([1.5, 0.1], dtype='float32')
np.array([300], dtype='uint16')
[np.int64(1)] | [np.float64(1.5)] | [np.str_('x')] | [np.bool_(True)] | pd.Series([1], dtype='object')
pd.Series([1.0], dtype='object')
pd.Series([1, None], dtype='Int64') | pd.Series([True, None], dtype='boolean')
pd.Series(['x', None], dtype='string')
pd.Series([1.5, None], dtype='Float64') | pd.Series(['x', 'y', 'x'], dtype='category')
pd.Series([1, 2, 1], dtype='category')
pd.Series(['x', None], dtype='category') | pd.Series([], dtype='object') | pd.Series([], dtype='float64')
pd.Series([pd.NA], dtype='object')
[Decimal('1.25')] | [Decimal('1.255')] | [Decimal('123456789.12')] | [Decimal('NaN')] | [Decimal(1), None]
[1, Decimal('1.25')]
[datetime.date(2026, 1, 2)] | [datetime.date(2026, 1, 2), None] | ['2026-01-02'] | ['2026-01-02 03:04:05']
[datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)]
[datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)]
[datetime.datetime(2026, 1, 2), datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)]
[pd.Timestamp('2026-01-02 03:04:05.678901234')]
[pd.Timestamp('2026-01-02 03:04:05'), None] | [pd.Timestamp('2026-01-02 03:04:05', tz='America/New_York')]
[pd.Timestamp('2026-01-02'), pd.NaT]
pd.Series([pd.Timestamp('2026-01-02 03:04:05')], dtype='datetime64[s]')
pd.Series([datetime.datetime(1, 1, 1)], dtype='object')
pd.Series([pd.NaT], dtype='datetime64[ns]') | [pd.Timestamp('2025-11-02 01:30:00')]
[pd.Timestamp('2026-03-08 02:30:00')] | [pd.Timedelta('1s')]
[[1, 2]] | [[]] | [None, [1]] | [np.array([1, 2])] | [np.array([1.5])] | [np.array([1.0])] | [(1, 2)] | [['x']]
[[1, None]] | [['x', None]] | [[None]] | [['1']]
[{'k': 1}] | [{}] | [[('k', 1)]] | [{'k': None}] | [{'k': 'x'}] | [{'k': 1.5}] | [{1: 1}] | [{'a': 1, 'b': 'x'}]
[{'b': 'x', 'a': 1}] | [{'a': 1}]
[{'a': 1, 'b': 'x', 'c': 1}] | [Row(a=1, b='x')] | [Row(b='x', a=1)] | [(1, 'x')] | [Pair(1, 'x')] | [[1, 'x']]
[[{'a': 1, 'b': 'x'}]] | [[Row(a=1, b='x')]] | [[(1, 'x')]]
[object()] | [1j] | [{1}] | [range(2)] | ['\\ud800'] | ['a\\0b']
""".strip()

SERIES_TYPES = (
    "boolean",
    "tinyint",
    "int",
    "bigint",
    "float",
    "double",
    "decimal(10,2)",
    "decimal(38,18)",
    "string",
    "binary",
    "date",
    "timestamp",
    "timestamp_ntz",
    "array<int>",
    "array<string>",
    "array<timestamp>",
    "map<string,int>",
    "struct<a:int,b:string>",
    "array<struct<a:int,b:string>>",
)


def column(kind, wanted=lambda source: True, title="", **more):
    cases = {source: source for source in values(SERIES) if wanted(source)}
    return Column(name=f"pandas {kind}{title}", kind=kind, cases=cases, **more)


def field(kind, wanted=lambda value: True, title="", **more):
    """The same values that are put into state, as a field of an output Row."""
    mine = SCALARS if "<" not in kind else NESTED + "\nNone | 1 | 's' | b'xy' | 1.5 | {1} | range(3)"
    cases = {value: value for value in values(mine) if wanted(value)}
    return Column(name=f"row {kind}{title}", kind=kind, cases=cases, api="row", **more)


def about_time(source):
    return "date" in source or "Time" in source or "NaT" in source


TIME_TYPES = ("date", "timestamp", "timestamp_ntz", "array<timestamp>")
UNSAFELY = {"spark.sql.execution.pandas.convertToArrowArraySafely": "false"}
BY_POSITION = {"spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName": "false"}

# What a query says of columns that cannot be converted; the recorder takes it from the conversion alone elsewhere.
FAILING = {
    "int": ("['x']", "[1.5]", "[2**31]", "[b'x']", "[object()]", "[[1, 2]]"),
    "string": ("[b'x']", "[[1, 2]]", "[object()]", "['\\ud800']"),
    "timestamp": (
        "['x']",
        "[1, 2]",
        "[object()]",
        "[[1, 2]]",
        "pd.Series([datetime.datetime(1, 1, 1)], dtype='object')",
    ),
    "decimal(10,2)": ("['x']", "[Decimal('123456789.12')]", "[1.5]", "[1, 2]"),
    "struct<a:int,b:string>": ("[1, 2]", "[(1, 'x')]", "[{'a': 1}]", "['x']"),
}


def failing(kind, sources):
    cases = {source: f"yield pd.DataFrame({{'c': {source}}})" for source in sources}
    return Outputs(name=f"pandas {kind} in a query", output=f"c {kind}", cases=cases)


def failing_field(kind, sources):
    return Outputs(
        name=f"row {kind} in a query", output=f"c {kind}", api="row", cases={s: f"yield Row(c={s})" for s in sources}
    )


QUERIES = [
    Outputs(name="pandas frames", output=TWO, cases=FRAMES),
    Outputs(name="row rows", output=TWO, cases=ROWS, api="row"),
    *(column(kind) for kind in SERIES_TYPES),
    *(column(kind, about_time, " America/New_York", conf=NEW_YORK) for kind in TIME_TYPES),
    *(
        column(kind, title=" convertToArrowArraySafely false", conf=UNSAFELY)
        for kind in ("int", "float", "decimal(10,2)", "timestamp")
    ),
    *(field(kind) for kind in SERIES_TYPES),
    *(field(kind, about_time, " America/New_York", conf=NEW_YORK) for kind in TIME_TYPES),
    *(failing(kind, sources) for kind, sources in FAILING.items()),
    *(failing_field(kind, ("'x'", "1.5", "2**31", "[1]", "object()")) for kind in ("int", "timestamp")),
    Outputs(
        name="pandas frames by position",
        output=TWO,
        conf=BY_POSITION,
        cases={
            name: body for name, body in FRAMES.items() if "column" in name or "order" in name or "positions" in name
        },
    ),
    Outputs(
        name="pandas not null",
        output="a int not null, b string",
        cases={
            "null": "yield pd.DataFrame({'a': [None], 'b': ['x']})",
            "nan": "yield pd.DataFrame({'a': [1.0, float('nan')], 'b': ['x', 'y']})",
            "present": "yield pd.DataFrame({'a': [1], 'b': ['x']})",
        },
    ),
    Outputs(
        name="row not null",
        output="a int not null, b string",
        api="row",
        cases={"null": "yield Row(a=None, b='x')", "missing": "yield Row(b='x')", "present": "yield Row(a=1, b='x')"},
    ),
]
