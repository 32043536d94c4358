# SPDX-License-Identifier: Apache-2.0
"""Runs a case: writes its input files and starts its query once for each run."""

import json
import os
import time

from pyspark.errors import StreamingQueryException
from pyspark.sql.types import StructType

from recipes.processor import OUTPUT, ScriptedPandasProcessor, ScriptedProcessor
from recipes.session import configured

EPOCH_OF_FILES = 1767225600  # 2026-01-01; file n is n times 10 s younger, the source orders by it
NO_DATA_BATCHES = "spark.sql.streaming.noDataMicroBatches.enabled"


def run_case(session, case, home):
    """Leaves in `home`: ckpt/, input/, output.json and progress.json."""
    os.makedirs(f"{home}/input")
    outputs, progress = [], []
    files = 0
    conf = dict(case.conf)
    if case.time_mode == "ProcessingTime":
        conf[NO_DATA_BATCHES] = "false"  # such a query asks for another batch for ever
    for run in case.runs:
        with configured(session, {**conf, **run.conf}):
            for batch in run.batches:
                write_input(case, batch, files, home)
                files += 1
            query = start_query(session, case, run, home, outputs)
            end(query, run)
            progress += [json.loads(p.json) if hasattr(p, "json") else p for p in query.recentProgress]
    write_lines(f"{home}/output.json", outputs)
    write_lines(f"{home}/progress.json", [shortened(p) for p in progress])


def end(query, run):
    try:
        query.awaitTermination()
    except StreamingQueryException:
        if not run.fails:
            raise
    else:
        if run.fails:
            raise AssertionError("the query was meant to fail and did not")


def write_input(case, batch, number, home):
    names = [field.name for field in StructType.fromDDL(case.keys).fields]
    rows = []
    for seq, event in enumerate(batch):
        row = dict(zip(names, event.key, strict=True), seq=seq, at=event.at, op=event.op)
        row["arg"] = None if event.arg is None else json.dumps(event.arg, ensure_ascii=False)
        rows.append(row)
    write_input_file(home, number, rows)


def write_input_file(home, number, rows):
    path = f"{home}/input/{number:03d}.json"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_lines(path, rows)
    os.utime(path, (EPOCH_OF_FILES + 10 * number,) * 2)


def start_query(session, case, run, home, outputs):
    source = session.readStream.schema(f"{case.keys}, seq int, at timestamp, op string, arg string")
    rows = source.option("maxFilesPerTrigger", 1).json(f"{home}/input")
    if case.time_mode == "EventTime":
        rows = rows.withWatermark("at", "10 seconds")
    if case.api == "jvm":
        from recipes.jvm import transformed

        result = transformed(session, case, rows)
    else:
        result = python_transformed(case, run, rows)

    def keep(batch, number):
        found = [json.loads(line) for line in batch.toJSON().collect()]
        outputs.append({"batch": number, "rows": sorted(found, key=lambda r: (r["key"], r["seq"]))})
        time.sleep(case.pause_s)

    writer = result.writeStream.foreachBatch(keep).option("checkpointLocation", f"{home}/ckpt")
    return writer.outputMode(case.output_mode).trigger(availableNow=True).start()


def python_transformed(case, run, rows):
    schemas = {v.name: (StructType.fromDDL(v.schema), v.key_schema and StructType.fromDDL(v.key_schema))
               for v in run.variables if v.kind != "delete"}
    names = [field.name for field in StructType.fromDDL(case.keys).fields]
    grouped = rows.groupBy(*names)
    how = {"outputStructType": StructType.fromDDL(OUTPUT), "outputMode": case.output_mode,
           "timeMode": case.time_mode}
    if case.api == "pandas":
        return grouped.transformWithStateInPandas(ScriptedPandasProcessor(run.variables, schemas), **how)
    return grouped.transformWithState(ScriptedProcessor(run.variables, schemas), **how)


def shortened(progress):
    """What of a progress report does not depend on the machine."""
    operators = []
    for operator in progress["stateOperators"]:
        kept = {k: v for k, v in operator.items() if not k.endswith("TimeMs") and k not in ("memoryUsedBytes",)}
        kept["customMetrics"] = {k: v for k, v in operator["customMetrics"].items()
                                 if k.startswith("num") or k.startswith("rocksdbNum")}
        operators.append(kept)
    return {"batchId": progress["batchId"], "timestamp": progress["timestamp"],
            "numInputRows": progress["numInputRows"], "eventTime": progress.get("eventTime", {}),
            "stateOperators": operators}


def write_lines(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
