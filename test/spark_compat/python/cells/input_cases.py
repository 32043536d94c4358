# SPDX-License-Identifier: Apache-2.0
"""What the rows given to handleInputRows are made of: every type, with nulls in every place that may matter."""

import datetime

from cells.query import Query
from cells.tables import UTC, VALUES

LOOKS = "from cells.processors import Looks as Processor"
COLUMNS = (
    ("k", "string"),
    ("seq", "int"),
    *((f"c{i:02d}_{kind.split('(')[0].split('<')[0]}", kind) for i, kind in enumerate(VALUES)),
)
NAN = {"float": float("nan"), "double": float("nan")}


def rows(key, pattern):
    """One row for each mark of `pattern`: 0, 1, 2 is that value of each type, "-" null, "n" NaN where there is one."""
    made = []
    for seq, mark in enumerate(pattern):
        cells = []
        for kind, values in VALUES.items():
            cells.append(None if mark == "-" else NAN.get(kind, values[0]) if mark == "n" else values[int(mark)])
        made.append((key, seq, *cells))
    return tuple(made)


BATCHES = (
    rows("all present", "012") + rows("one row", "0"),
    rows("all present beside nulls", "012")
    + rows("some null", "0-12-")
    + rows("all null", "---")
    + rows("one null row", "-")
    + rows("one row beside nulls", "1")
    + rows("first null", "-01"),
    rows("nan", "0n") + rows("nan only", "n"),
    rows("nan and null", "0n-") + rows("null and nan only", "-n"),
)

ZONES = ("UTC", "America/New_York")
NEW_YORK = {"spark.sql.session.timeZone": "America/New_York"}


def by_api(api, zones, records):
    return [
        Query(
            name=f"{api} {zone} {size}",
            columns=COLUMNS,
            batches=BATCHES,
            processor=LOOKS,
            api=api,
            argument="manners" if (api, zone, size) == ("pandas", "UTC", "10000") else None,
            conf={"spark.sql.session.timeZone": zone, "spark.sql.execution.arrow.maxRecordsPerBatch": size},
        )
        for zone in zones
        for size in records
    ]


CUTS = tuple(
    (key, seq, None if seq == null_at else seq)
    for key, count, null_at in (("a", 2, 9), ("b", 7, 5), ("c", 1, 9), ("d", 10, 9), ("e", 4, 9))
    for seq in range(count)
)


def cuts(size):
    """Where the rows of a key are cut into frames, and which frames a null reaches."""
    return Query(
        name=f"pandas cuts {size}",
        columns=(("k", "string"), ("seq", "int"), ("v", "int")),
        batches=(CUTS,),
        processor=LOOKS,
        conf={"spark.sql.execution.arrow.maxRecordsPerBatch": size},
    )


# Names that Python, pandas or Row may trip over.
ODD_NAMES = ("k", "a b", "class", "_private", "1x", "count", "index", "ä", "__x", "K2", "self")


def odd_names(api):
    columns = tuple((name, "string" if name == "k" else "int") for name in ODD_NAMES)
    row = ("a", *range(1, len(ODD_NAMES)))
    return [
        Query(
            name=f"{api} odd names",
            columns=columns,
            batches=((row, row),),
            processor=LOOKS,
            api=api,
            argument="manners",
        ),
        Query(
            name=f"{api} odd names as key",
            columns=columns,
            batches=((row, row),),
            processor=LOOKS,
            api=api,
            keys=("a b", "class", "k"),
        ),
    ]


def wide(api):
    columns = (("k", "string"), *((f"c{i}", "int") for i in range(300)))
    return Query(name=f"{api} 301 columns", columns=columns, batches=((("a", *range(300)),),), processor=LOOKS, api=api)


def far(api, kind, value):
    """Timestamps that nanoseconds cannot hold."""
    batch = (("a", value), ("b", datetime.datetime(2026, 1, 1, tzinfo=UTC if kind == "timestamp" else None)))
    return Query(
        name=f"{api} {kind} {value.year}",
        columns=(("k", "string"), ("t", kind)),
        batches=(batch,),
        processor=LOOKS,
        api=api,
    )


FAR = [
    far(api, kind, datetime.datetime(year, 6, 1, tzinfo=UTC if kind == "timestamp" else None))
    for api in ("pandas", "row")
    for kind in ("timestamp", "timestamp_ntz")
    for year in (1, 1500, 1677, 2300, 9998)
]

QUERIES = [
    *by_api("pandas", ZONES, ("10000", "3")),
    *map(cuts, ("0", "1", "2", "3", "4", "5", "7")),
    *by_api("row", ZONES, ("10000",)),
    *odd_names("pandas"),
    *odd_names("row"),
    wide("pandas"),
    wide("row"),
    *FAR,
]
