# SPDX-License-Identifier: Apache-2.0
"""Small StreamShop event files, made from a seed."""

import datetime
import json
import os
import pathlib
import random

BEGIN = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
TYPES, WEIGHTS = ("page_view", "search", "add_to_cart", "purchase", "logout"), (60, 20, 10, 6, 4)


def write_file(directory, number, version, form="json", events=60, sessions=40):
    """Writes file `number` of a directory; its modification time grows with the number. Returns its path."""
    draw = random.Random(f"{number} {version}")
    rows = [event(draw, number, n, version, sessions) for n in range(events)]
    path = pathlib.Path(directory) / f"part-{number:05d}.{form}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "json":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        write_parquet(path, rows)
    os.utime(path, (BEGIN.timestamp() + 60 * number,) * 2)
    return path


def event(draw, number, n, version, sessions):
    session = draw.randrange(sessions)
    kind = draw.choices(TYPES, WEIGHTS)[0]
    at = BEGIN + datetime.timedelta(minutes=number, milliseconds=900 * n, microseconds=draw.randrange(900_000))
    row = {"session_id": f"s{session:04d}", "user_id": f"u{session // 3:04d}" if session % 7 else None,
           "event_type": kind, "revenue": round(draw.gammavariate(2, 40), 2) if kind == "purchase" else None,
           "event_timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if version == 2:
        row["device_type"] = draw.choice(("web", "ios", "android", None))
        row["page_category"] = draw.choice(("home", "electronics", "Möbel"))
    return row


def write_parquet(path, rows):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    for row in rows:
        row["event_timestamp"] = datetime.datetime.fromisoformat(row["event_timestamp"].replace("Z", "+00:00"))
    fields = [arrow.field(name, arrow.string()) for name in rows[0]]
    types = {"revenue": arrow.float64(), "event_timestamp": arrow.timestamp("us", "UTC")}
    schema = arrow.schema([arrow.field(f.name, types.get(f.name, f.type)) for f in fields])
    parquet.write_table(arrow.Table.from_pylist(rows, schema), path)
