# SPDX-License-Identifier: Apache-2.0
"""One measured query, with PySpark's API only: the same program for real PySpark and for Holdfast.

    workload.py PROCESSOR EVENTS WARM WORK [FILES_PER_BATCH]

Runs PROCESSOR (see processors.py) over the few rows in the directory WARM, so that whatever has to be loaded or
compiled is, then over the files in EVENTS, FILES_PER_BATCH of them a batch, by their times. Checkpoints go to WORK.
Prints one JSON line about the second query.

The sink keeps nothing but three sums: foreachBatch that takes two number columns once, so nothing is written.
"""

import json
import os
import sys
import time

import pyarrow.compute as pc
from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StringType, StructField, StructType, TimestampType

from family import cpu_seconds
from processors import ENDED_SESSION, PROCESSORS

EVENT = StructType([
    StructField("session_id", StringType(), True),
    StructField("user_id", StringType(), True),
    StructField("event_type", StringType(), True),
    StructField("revenue", DoubleType(), True),
    StructField("event_timestamp", TimestampType(), True),
])

STORE = "spark.sql.streaming.stateStore."
SETTINGS = {
    STORE + "providerClass": "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
    STORE + "encodingFormat": "avro",
    STORE + "rocksdb.changelogCheckpointing.enabled": "true",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "2g",
}


def start_session():
    builder = SparkSession.builder.master("local[2]").appName("holdfast bench python")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


class Sums:
    """What came out so far."""

    def __init__(self):
        self.rows, self.events, self.revenue = 0, 0, 0.0

    def add(self, batch, batch_id):
        del batch_id
        ended = batch.select("event_count", "total_revenue").toArrow()
        self.rows += ended.num_rows
        self.events += pc.sum(ended.column("event_count")).as_py() or 0
        self.revenue += pc.sum(ended.column("total_revenue")).as_py() or 0.0


def sessions_of(events, processor):
    """The streaming frame of ended sessions."""
    by_session = events.groupBy("session_id")
    make = by_session.transformWithState if processor == "row" else by_session.transformWithStateInPandas
    return make(statefulProcessor=PROCESSORS[processor](), outputStructType=ENDED_SESSION, outputMode="Append",
                timeMode="None")


def run_query(session, processor, directory, checkpoint, files_per_batch):
    """Runs to the end of the files; returns ((seconds, CPU seconds) from start to end, progress of batches, sums)."""
    events = session.readStream.schema(EVENT).option("maxFilesPerTrigger", files_per_batch).parquet(directory)
    sums = Sums()
    writer = (sessions_of(events, processor).writeStream.foreachBatch(sums.add).outputMode("append")
              .option("checkpointLocation", checkpoint).trigger(availableNow=True))
    begin, cpu_begin = time.monotonic(), cpu_seconds(os.getpid())
    query = writer.start()
    query.awaitTermination()
    spent = time.monotonic() - begin, cpu_seconds(os.getpid()) - cpu_begin
    return spent, [json.loads(progress.json) for progress in query.recentProgress], sums


def main(processor, events, warm, work, files_per_batch="1"):
    session = start_session()
    run_query(session, processor, warm, f"{work}/warm", 1)
    (seconds, cpu), progress, sums = run_query(session, processor, events, f"{work}/measured", int(files_per_batch))
    batches = [batch for batch in progress if batch["numInputRows"] > 0]
    print(json.dumps({
        "seconds": round(seconds, 3),
        "cpu_s": round(cpu, 2),
        "events": sum(batch["numInputRows"] for batch in batches),
        "batches_ms": [batch["durationMs"]["triggerExecution"] for batch in batches],
        "answer": {"rows": sums.rows, "sum_event_count": sums.events, "revenue": round(sums.revenue, 2)},
    }), flush=True)
    session.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
