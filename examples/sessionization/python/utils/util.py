# SPDX-License-Identifier: Apache-2.0
"""The project's places, and synthetic clicks of the StreamShop."""

import json
import os
import random
from datetime import datetime, timedelta

from pyspark.sql.types import DoubleType, StringType, StructField, StructType, TimestampType

EVENT_SCHEMAS = {
    1: StructType([
        StructField("session_id", StringType(), True),
        StructField("user_id", StringType(), True),
        StructField("event_type", StringType(), True),
        StructField("revenue", DoubleType(), True),
        StructField("event_timestamp", TimestampType(), True),
    ]),
}
EVENT_SCHEMAS[2] = StructType([
    *EVENT_SCHEMAS[1].fields,
    StructField("device_type", StringType(), True),
    StructField("page_category", StringType(), True),
])

EVENT_TYPES = ["page_view", "search", "add_to_cart", "purchase", "logout"]
WEIGHTS = [9, 5, 3, 2, 1]
DEVICES = ["mobile", "desktop", "tablet"]
CATEGORIES = ["home", "product", "checkout", "profile"]


def setup_project(directory="streamshop", table_format="delta"):
    """The places of the example below one directory, and the format of its tables."""
    places = {name: os.path.join(directory, name) for name in ("events", "checkpoint", "v1_sessions", "v2_sessions")}
    return {**places, "format": table_format}


def setup_spark(spark):
    """What is not the same everywhere: Apache Spark has the state store's provider under another name than Databricks.
    Holdfast knows both."""
    if type(spark).__module__.startswith("pyspark.") and "DATABRICKS_RUNTIME_VERSION" not in os.environ:
        spark.conf.set("spark.sql.streaming.stateStore.providerClass",
                       "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")


def sessions_of(spark, project, version):
    """The table that a version wrote."""
    table, kind = project[f"v{version}_sessions"], project["format"]
    # Spark reads the folder of a file sink only if the sink had batch 0, which is V1's: hence the files by their names.
    return spark.read.format(kind).load(table if kind == "delta" else f"{table}/*.{kind}")


def create_demo_data(spark, project, version, files=4, clicks=500, sessions=300, seed=7):
    """A stream of clicks of one schema version, a file a batch. Synthetic ones are made where no file is yet."""
    for number in range(files):
        if not os.path.exists(event_file(project, version, number)):
            draw = random.Random(f"{seed} {version} {number}")
            begin = datetime(2026, 1, 1 + version, number)
            events = [click(draw, version, begin + timedelta(seconds=second), sessions) for second in range(clicks)]
            write_file(project, version, number, events)
    reader = spark.readStream.schema(EVENT_SCHEMAS[version]).option("pathGlobFilter", f"v{version}-*.json")
    return reader.option("maxFilesPerTrigger", 1).json(project["events"])


def event_file(project, version, number):
    return os.path.join(project["events"], f"v{version}-{number:03d}.json")


def write_file(project, version, number, events):
    """JSON lines; the file is complete, or not there."""
    path = event_file(project, version, number)
    os.makedirs(project["events"], exist_ok=True)
    with open(path + ".writing", "w") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)
    age = 1_767_225_600 + 1000 * version + number  # the source takes files in the order of these times
    os.utime(path + ".writing", (age, age))
    os.rename(path + ".writing", path)


def click(draw, version, at, sessions):
    """One event of a random session; a session's user is always the same."""
    session = draw.randrange(sessions)
    event_type = draw.choices(EVENT_TYPES, WEIGHTS)[0]
    event = {
        "session_id": f"session_{session:06d}",
        "user_id": f"user_{session % 200:06d}",
        "event_type": event_type,
        "revenue": round(draw.uniform(5, 200), 2) if event_type == "purchase" else 0.0,
        "event_timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    if version == 2:
        event["device_type"] = draw.choice(DEVICES)
        event["page_category"] = draw.choice(CATEGORIES)
    return event
