# Databricks notebook source
# SPDX-License-Identifier: Apache-2.0
# StreamShop: sessions of an online shop whose state survives a change of schema.
#
#   holdfast sessionization_processor.py [DIRECTORY [FORMAT]]      on Holdfast
#   python sessionization_processor.py [DIRECTORY [FORMAT]]        on PySpark 4, started in this folder
#
# FORMAT is that of the tables: delta, or parquet where Spark has no Delta.
# It may be stopped at any moment: started again, it goes on.

# COMMAND ----------

import os
import sys

from pyspark.sql import SparkSession

from utils import util
from utils.processor import V1_OUTPUT_SCHEMA, V2_OUTPUT_SCHEMA, SessionizerV1, SessionizerV2

spark = SparkSession.builder.appName("StreamShop").getOrCreate()
# On Databricks name a volume that exists: util.setup_project("/Volumes/main/demos/demos_volume/streamshop")
project = util.setup_project(*sys.argv[1:])

# COMMAND ----------

# What schema evolution needs: RocksDB, Avro, and changelogs for recovery.
spark.conf.set("spark.sql.streaming.stateStore.providerClass",
               "com.databricks.sql.streaming.state.RocksDBStateStoreProvider")
spark.conf.set("spark.sql.streaming.stateStore.encodingFormat", "avro")
spark.conf.set("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true")
spark.conf.set("spark.sql.shuffle.partitions", "4")  # a small shop
util.setup_spark(spark)

# COMMAND ----------


def run(events, processor, output_schema, output):
    """Runs a version of the processor over all events that are there, on the one checkpoint."""
    query = (
        events.groupBy("session_id")
        .transformWithStateInPandas(
            statefulProcessor=processor,
            outputStructType=output_schema,
            outputMode="append",
            timeMode="none",
        )
        .writeStream.format(project["format"])
        .outputMode("append")
        .option("checkpointLocation", project["checkpoint"])
        .option("path", output)
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()


# COMMAND ----------

print("=== Phase 1: V1 establishes sessions ===")
# Once V2 has begun, the checkpoint has its state, which V1 cannot read.
if not os.path.exists(project["v2_sessions"]):
    run(util.create_demo_data(spark, project, version=1), SessionizerV1(), V1_OUTPUT_SCHEMA, project["v1_sessions"])
v1_sessions = util.sessions_of(spark, project, version=1)
print(f"sessions that ended in V1: {v1_sessions.count()}")

# COMMAND ----------

print("=== Phase 2: what the state store holds ===")
state = (
    spark.read.format("statestore")
    .option("operatorId", "0")
    .option("stateVarName", "session_state")
    .load(project["checkpoint"])
)
print(f"open sessions: {state.count()}")
(
    state.select("key.session_id", "value.user_id", "value.event_count", "value.total_revenue", "value.session_start")
    .orderBy("session_id")
    .show(5)
)

# COMMAND ----------

print("=== Phase 3: V2 goes on with them, on the same checkpoint ===")
os.makedirs(project["v2_sessions"], exist_ok=True)
run(util.create_demo_data(spark, project, version=2), SessionizerV2(), V2_OUTPUT_SCHEMA, project["v2_sessions"])
v2_sessions = util.sessions_of(spark, project, version=2)
v2_sessions.createOrReplaceTempView("v2_sessions")
print(f"sessions that ended in V2: {v2_sessions.count()}")

# COMMAND ----------

print("=== Phase 4: evolution analysis ===")
spark.sql("""
    SELECT evolved_from_v1, schema_version, COUNT(*) as session_count
    FROM v2_sessions
    GROUP BY evolved_from_v1, schema_version
    ORDER BY evolved_from_v1
""").show()
spark.sql("""
    SELECT session_id, user_id, event_count, total_revenue, device_type, page_category
    FROM v2_sessions
    WHERE evolved_from_v1 = true
    ORDER BY session_id, event_count
""").show(5)
evolved = v2_sessions.filter("evolved_from_v1").count()
print(f"sessions that began in V1 and ended in V2: {evolved}")
