# SPDX-License-Identifier: Apache-2.0
"""Clicks of the StreamShop by Databricks' generator of test data (pip install dbldatagen pyparsing jmespath), for the
example to find:

    python utils/dbldatagen_clicks.py [DIRECTORY]       on PySpark
    holdfast utils/dbldatagen_clicks.py [DIRECTORY]     on Holdfast

Values are hashes of the row's number: the files are the same wherever they are made.
"""

import sys

import dbldatagen as dg
from pyspark.sql import SparkSession

import util

TIMESTAMP = "date_format(timestamp_seconds(1767225600 + id), \"yyyy-MM-dd'T'HH:mm:ssXXX\")"


def hash_of(*columns):
    return {"baseColumn": list(columns), "baseColumnType": "hash"}


def clicks(spark, version, first, rows):
    """A DataFrame of clicks, one a second; `first` is the number of the first."""
    spec = (
        dg.DataGenerator(spark, name=f"clicks_v{version}", rows=rows, partitions=1, startingId=first)
        .withColumn("session", "int", minValue=0, maxValue=299, omit=True, **hash_of("id"))
        .withColumn("session_id", expr="concat('session_', lpad(string(session), 6, '0'))", baseColumn="session")
        .withColumn("user_id", expr="concat('user_', lpad(string(session % 200), 6, '0'))", baseColumn="session")
        .withColumn("event_type", values=util.EVENT_TYPES, weights=util.WEIGHTS, **hash_of("id", "session"))
        .withColumn("cents", "int", minValue=500, maxValue=20000, omit=True, **hash_of("id", "event_type"))
        .withColumn("revenue", "double", expr="if(event_type = 'purchase', cents / 100D, 0D)", baseColumn="cents")
        .withColumn("event_timestamp", expr=TIMESTAMP, baseColumn="id")
    )
    if version == 2:
        spec = spec.withColumn("device_type", values=util.DEVICES, **hash_of("id", "session_id"))
        spec = spec.withColumn("page_category", values=util.CATEGORIES, **hash_of("id", "user_id"))
    return spec.build()


if __name__ == "__main__":
    session, project = SparkSession.builder.getOrCreate(), util.setup_project(*sys.argv[1:])
    for schema_version in (1, 2):
        for number in range(4):
            first = 500 * (4 * schema_version + number)
            events = [row.asDict() for row in clicks(session, schema_version, first, rows=500).collect()]
            util.write_file(project, schema_version, number, events)
