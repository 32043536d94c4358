# SPDX-License-Identifier: Apache-2.0
"""What `key` is in handleInputRows, handleExpiredTimer and handleInitialState, and how many calls null and NaN
cause."""

from cells.input_cases import LOOKS, NEW_YORK
from cells.query import Query
from cells.tables import VALUES

KINDS = (
    "boolean",
    "tinyint",
    "smallint",
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
    "struct<a:int,b:string>",
    "array<struct<a:int,b:string>>",
)
NAN = float("nan")
# The encoding avro has no tinyint and no smallint.
UNSAFE = {"spark.sql.streaming.stateStore.encodingFormat": "unsaferow"}


def keys_of(kind):
    """Every value twice, so that calls can be told from rows."""
    special = (NAN, 0.0, -0.0) if kind in ("float", "double") else ()
    return (*VALUES[kind], *special) * 2


def conf_of(*kinds):
    return UNSAFE if {"tinyint", "smallint"} & set(kinds) else {}


def one_column(kind, api, title, with_null, initial, conf=None):
    keys = keys_of(kind) + ((None, None) if with_null else ())
    rows = tuple((key, seq) for seq, key in enumerate(keys))
    first = (VALUES[kind][0], 100), (VALUES[kind][1], 101), *(((None, 102),) if with_null else ())
    return Query(
        name=f"{api} {kind}{title}",
        columns=(("k", kind), ("seq", "int")),
        batches=(rows,),
        processor=LOOKS,
        api=api,
        time_mode="ProcessingTime",
        initial=first if initial else (),
        conf={**conf_of(kind), **(conf or {})},
    )


COMPOSITE = ("string", "int", "double", "timestamp", "date", "boolean")


def composite(api, title, initial, conf=None, nulls=True):
    columns = tuple((f"k{i}", kind) for i, kind in enumerate(COMPOSITE))
    rows = [tuple(VALUES[kind][n] for kind in COMPOSITE) for n in range(3)]
    if nulls:
        rows += [
            tuple(None if i == hole else VALUES[kind][0] for i, kind in enumerate(COMPOSITE))
            for hole in range(len(COMPOSITE))
        ]
        rows += [(None,) * len(COMPOSITE)]
    batch = tuple((*row, seq) for seq, row in enumerate(rows + rows))
    return Query(
        name=f"{api} composite{title}",
        columns=(*columns, ("seq", "int")),
        batches=(batch,),
        processor=LOOKS,
        api=api,
        keys=tuple(name for name, _ in columns),
        time_mode="ProcessingTime",
        conf=conf or {},
        initial=((*rows[0], 100), (*rows[-1], 101)) if initial else (),
    )


def of(api):
    made = []
    for kind in KINDS:
        made.append(one_column(kind, api, "", False, False))
        made.append(one_column(kind, api, " with null", True, False))
        made.append(one_column(kind, api, " initial state", False, True))
    for kind in ("timestamp", "timestamp_ntz", "date"):
        made.append(one_column(kind, api, " America/New_York", False, True, NEW_YORK))
    for kind in ("int", "string", "double", "timestamp"):
        made.append(one_column(kind, api, " initial state with null", True, True))
    made.append(composite(api, "", False, nulls=False))
    made.append(composite(api, " with null", False))
    made.append(composite(api, " initial state", True))
    made.append(composite(api, " America/New_York", True, NEW_YORK, nulls=False))
    return made


QUERIES = [*of("pandas"), *of("row")]
