# SPDX-License-Identifier: Apache-2.0
"""Events of the StreamShop example whose timestamps lie around both changes of the clock in New York in 2026, and what
becomes of these timestamps.

    spring  2026-03-08 02:00 -05:00 becomes 03:00 -04:00: no clock shows 02:30
    autumn  2026-11-01 02:00 -04:00 becomes 01:00 -05:00: clocks show 01:30 twice

A timestamp's text names UTC, an offset, or no zone at all: then it is what clocks of the session's zone show. One that
they never show is taken as that much after the gap, one that they show twice as the first, as Spark does.
"""

import datetime
import json
import os
import pathlib
import random
import zoneinfo

CHANGES = [datetime.datetime(2026, 3, 8, 7), datetime.datetime(2026, 11, 1, 6)]  # in UTC
TYPES, WEIGHTS = ("page_view", "search", "purchase", "logout"), (12, 5, 2, 1)


def write_events(directory, files=4, clicks=250, sessions=60, seed=11):
    """The files of both versions, under the names that the example looks for, so that it makes none of its own."""
    for version in (1, 2):
        for number in range(files):
            draw = random.Random(f"{seed} {version} {number}")
            path = pathlib.Path(directory) / f"v{version}-{number:03d}.json"
            path.write_text("".join(json.dumps(click(draw, version, sessions)) + "\n" for _ in range(clicks)))
            age = 1_780_000_000 + 1000 * version + number
            os.utime(path, (age, age))


def click(draw, version, sessions):
    session, kind = draw.randrange(sessions), draw.choices(TYPES, WEIGHTS)[0]
    row = {"session_id": f"s{session:03d}", "user_id": f"u{session // 2:03d}", "event_type": kind,
           "revenue": round(draw.uniform(5, 200), 2) if kind == "purchase" else 0.0, "event_timestamp": timestamp(draw)}
    if version == 2:
        row.update(device_type=draw.choice(("mobile", "desktop", None)), page_category=draw.choice(("home", "product")))
    return row


def timestamp(draw):
    moved = datetime.timedelta(minutes=draw.randrange(-150, 150), microseconds=draw.randrange(60_000_000))
    at = draw.choice(CHANGES) + moved
    offset = draw.choice((0, -4, -5))
    clock = (at + datetime.timedelta(hours=offset)).isoformat()
    return clock + draw.choice(("", f"{offset:+03d}:00"))


def instant(text, zone):
    """The text of a timestamp as `holdfast state --format json` shows it."""
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if at.tzinfo is None:
        at = at.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_seen(text, zone):
    """Such a text after a processor in Python has had it, which is shown a clock of the zone: of two equal readings the
    second comes back.

    That is what PySpark makes of columns that are put out. Into state it puts one of both, by what it converted before.
    """
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(zoneinfo.ZoneInfo(zone))
    return instant(at.replace(fold=1).isoformat(), zone)
