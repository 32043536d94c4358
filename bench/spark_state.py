# SPDX-License-Identifier: Apache-2.0
"""What real Spark does for the bench "state"; runs in the Python of that Spark. Its session is that of other benches too.

    spark_state.py write KEYS DIRECTORY     a checkpoint with an open session for each key, in DIRECTORY/checkpoint
    spark_state.py read CHECKPOINT OUT      all of its state by Spark's own reader, as JSON lines in the directory OUT
"""

import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test/spark_compat"))

from recipes.environment import enter_spark  # noqa: E402

SPARK = "4.3.0"
STORE = "spark.sql.streaming.stateStore."
FILES = 12  # and as many batches
SETTINGS = {
    STORE + "providerClass": "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
    STORE + "encodingFormat": "avro",
    STORE + "rocksdb.changelogCheckpointing.enabled": "true",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.jsonGenerator.ignoreNullFields": "false",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "4g",
}


def session(class_path=None, maintenance="1s"):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("holdfast bench")
    for key, value in {**SETTINGS, STORE + "maintenanceInterval": maintenance}.items():
        builder = builder.config(key, value)
    if class_path:
        builder = builder.config("spark.driver.extraClassPath", str(class_path))
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def write(keys, directory):
    """Every key has an event; each file after the first touches again a tenth of the keys of the file before."""
    from pyspark.sql import DataFrame

    from recipes.jvm import compile_classes

    directory = pathlib.Path(directory)
    with tempfile.TemporaryDirectory() as classes:
        spark = session(compile_classes(classes, ROOT / "bench/spark_state"))
        step = -(-keys // FILES)
        for file in range(FILES):
            first = max(0, file * step - step // 10)
            spark.range(first, min(keys, (file + 1) * step), 1, 1).selectExpr(
                "printf('session-%012d', id) AS session_id", "concat('user-', id % 1000) AS user_id",
                f"1767225600000 + {file} * 60000 + id % 60000 AS at", "cast(id % 977 AS double) / 8 AS amount",
            ).write.mode("append").parquet(str(directory / "events"))
        events = spark.read.parquet(str(directory / "events"))
        rows = (spark.readStream.schema(events.schema).option("maxFilesPerTrigger", 1)
                .parquet(str(directory / "events")))
        made = DataFrame(spark.sparkContext._jvm.holdfast.bench.Sessions.of(rows._jdf).toDF(), spark)
        (made.writeStream.format("noop").option("checkpointLocation", str(directory / "checkpoint"))
         .trigger(availableNow=True).start().awaitTermination())
        spark.stop()


def read(checkpoint, out):
    spark = session()
    state = spark.read.format("statestore").option("path", checkpoint).option("stateVarName", "session_state").load()
    state.write.json(out)
    spark.stop()


if __name__ == "__main__":
    enter_spark(SPARK, [__file__, *sys.argv[1:]])
    verb, *rest = sys.argv[1:]
    write(int(rest[0]), rest[1]) if verb == "write" else read(*rest)
