# SPDX-License-Identifier: Apache-2.0
"""The SparkSession of the recipes, and settings for the time of a case."""

import contextlib
import os
import tempfile

from pyspark.sql import SparkSession

from recipes.case import CHANGELOG, ENCODING, PARTITIONS, STATE_STORE

PROVIDER = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"

# Holds unless a case says otherwise.
DEFAULTS = {
    STATE_STORE + "providerClass": PROVIDER,
    ENCODING: "avro",
    CHANGELOG: "true",
    PARTITIONS: "2",
    "spark.sql.session.timeZone": "UTC",
}

# Read once in the life of the JVM.
AT_START = {
    STATE_STORE + "maintenanceInterval": "200ms",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "1500m",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.sql.warehouse.dir": os.path.join(tempfile.gettempdir(), "holdfast-spark-warehouse"),
}


def start(class_path=None, more=()):
    """`more` are settings that are read once in the life of the JVM."""
    builder = SparkSession.builder.master("local[2]").appName("holdfast recipes")
    for key, value in {**AT_START, **DEFAULTS, **dict(more)}.items():
        builder = builder.config(key, value)
    if class_path:
        builder = builder.config("spark.driver.extraClassPath", str(class_path))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    assert not session.streams.active  # asked for the readers' sake: those before 4.3 want what this starts
    return session


@contextlib.contextmanager
def configured(session, conf):
    """Sets `conf` for the time of the body."""
    before = {key: session.conf.get(key, None) for key in conf}
    for key, value in conf.items():
        session.conf.set(key, value)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                session.conf.unset(key)
            else:
                session.conf.set(key, value)
