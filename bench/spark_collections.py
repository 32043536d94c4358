# SPDX-License-Identifier: Apache-2.0
"""The bench "collections" in real Spark, by its JVM API; runs in the Python of that Spark.

    spark_collections.py JOB WORK WARM [TTL_MS]

Runs JOB over a few rows in WARM/input first, so that the JVM is warm, then over WORK/input; prints as JSON the progress
of the second. With TTL_MS it waits until all has expired, links WORK/tail.parquet into the input, and goes on.
"""

import json
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test/spark_compat"))

from recipes.environment import enter_spark  # noqa: E402

import spark_state  # noqa: E402


def run(spark, job, work, ttl_ms):
    from pyspark.sql import DataFrame

    rows = (spark.readStream.schema("id BIGINT, key BIGINT, field INT, amount BIGINT, at TIMESTAMP")
            .option("maxFilesPerTrigger", 1).parquet(str(work / "input")))
    # With processing time Spark would run batches without rows for ever.
    spark.conf.set("spark.sql.streaming.noDataMicroBatches.enabled", str(job == "timers").lower())
    made = DataFrame(spark.sparkContext._jvm.holdfast.bench.Collections.of(rows._jdf, job, ttl_ms), spark)
    query = (made.writeStream.format("parquet").option("checkpointLocation", str(work / "checkpoint"))
             .trigger(availableNow=True).start(str(work / "table")))
    query.awaitTermination()
    return [json.loads(progress.json) for progress in query.recentProgress]


def main(job, work, warm, ttl_ms=None):
    from recipes.jvm import compile_classes

    work, warm = pathlib.Path(work), pathlib.Path(warm)
    with tempfile.TemporaryDirectory() as classes:
        # Of its maintenance the default: it uploads snapshots aside.
        spark = spark_state.session(compile_classes(classes, ROOT / "bench/spark_state"), maintenance="60s")
        run(spark, job, warm, 3_600_000)
        progress = run(spark, job, work, int(ttl_ms or 0))
        if ttl_ms:
            time.sleep(int(ttl_ms) / 1000 + 1)
            os.link(work / "tail.parquet", work / "input/tail.parquet")
            progress += run(spark, job, work, int(ttl_ms))
        spark.stop()
    print(json.dumps(progress))


if __name__ == "__main__":
    enter_spark(spark_state.SPARK, [__file__, *sys.argv[1:]])
    main(*sys.argv[1:])
