# SPDX-License-Identifier: Apache-2.0
"""The project's folders, and synthetic clicks of the StreamShop."""

import json
import os
import random
from datetime import datetime, timedelta

from pyspark.sql.types import DoubleType, StringType, StructField, StructType, TimestampType

V1_EVENT_SCHEMA = StructType([
    StructField("session_id", StringType(), True),
    StructField("user_id", StringType(), True),
    StructField("event_type", StringType(), True),
    StructField("revenue", DoubleType(), True),
    StructField("event_timestamp", TimestampType(), True),
])

V2_EVENT_SCHEMA = StructType([
    *V1_EVENT_SCHEMA.fields,
    StructField("device_type", StringType(), True),
    StructField("page_category", StringType(), True),
])

EVENT_TYPES = ["page_view", "search", "add_to_cart", "purchase", "logout"]
WEIGHTS = [9, 5, 3, 2, 1]
DEVICES = ["mobile", "desktop", "tablet"]
CATEGORIES = ["home", "product", "checkout", "profile"]


def setup_project(directory):
    """The folders of the example below one directory, by what they are for."""
    return {name: os.path.join(directory, name) for name in ("events", "checkpoint", "v1_sessions", "v2_sessions")}


def click(generator, version, number, sessions, begin):
    """One event of a random session; a session's user is always the same."""
    session = generator.randrange(sessions)
    event_type = generator.choices(EVENT_TYPES, WEIGHTS)[0]
    event = {
        "session_id": f"session_{session:06d}",
        "user_id": f"user_{session % max(sessions * 7 // 10, 1):06d}",
        "event_type": event_type,
        "revenue": round(generator.uniform(5, 200), 2) if event_type == "purchase" else 0.0,
        "event_timestamp": (begin + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    if version == 2:
        event["device_type"] = generator.choice(DEVICES)
        event["page_category"] = generator.choice(CATEGORIES)
    return event


def write_events(directory, version, events, sessions, files, seed, begin):
    """JSON lines in so many files; the same arguments give the same files."""
    os.makedirs(directory, exist_ok=True)
    generator = random.Random(seed * 10 + version)
    per_file = -(-events // files)
    for number in range(files):
        path = os.path.join(directory, f"events-{number:03d}.json")
        if os.path.exists(path):
            continue
        with open(path + ".writing", "w") as file:
            for event in range(number * per_file, min((number + 1) * per_file, events)):
                file.write(json.dumps(click(generator, version, event, sessions, begin)) + "\n")
        os.rename(path + ".writing", path)
        os.utime(path, (1_750_000_000 + number, 1_750_000_000 + number))  # the file source goes by this time


def create_demo_data(spark, project, version, events=2000, sessions=300, files=4, seed=7, begin=None):
    """A stream of synthetic clicks of one schema version, a file a batch."""
    begin = begin or datetime(2026, 1, 1) + timedelta(days=version)
    directory = os.path.join(project["events"], f"v{version}")
    write_events(directory, version, events, sessions, files, seed, begin)
    schema = V1_EVENT_SCHEMA if version == 1 else V2_EVENT_SCHEMA
    return spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).json(directory)
