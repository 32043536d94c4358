# SPDX-License-Identifier: Apache-2.0
"""expected.json: what Spark's own `statestore` and `state-metadata` readers find in a checkpoint.

One JSON object a line, each one read: {"format", "options", "schema", "rows"}, or {"format",
"options", "error"} where Spark refuses. A row has the shape of to_json(struct(*)) with nulls kept and
timestamps in UTC with microseconds, but a map is an array of {"key", "value"}, since to_json writes
keys that are structs as their bytes in hexadecimal; the array is sorted by the JSON of its keys.
The other rows are as the reader returns them.
"""

import gzip
import json
import os

from pyspark.sql import functions as f

SHAPE = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", "ignoreNullFields": "false",
         "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS"}
PLAIN_MAX = 64 * 1024  # bytes


def dump(session, case, checkpoint):
    """The lines of expected.json."""
    yield read(session, "state-metadata", {}, checkpoint)
    for options in state_reads(kinds_of(case), case.time_mode != "None", checkpoint):
        yield read(session, "statestore", options, checkpoint)


def dump_snapshots(session, case, checkpoint):
    """The lines of expected_snapshots.json."""
    for options in snapshot_reads(kinds_of(case), case.time_mode != "None", checkpoint):
        yield read(session, "statestore", options, checkpoint)


def kinds_of(case):
    return {v.name: v.kind for run in case.runs for v in run.variables if v.kind != "delete"}


def state_reads(kinds, timers, checkpoint):
    """The options of every read of variables, given as name -> kind."""
    batches = sorted(int(name) for name in os.listdir(f"{checkpoint}/commits") if name.isdigit())
    for name, kind in kinds.items():
        yield {"stateVarName": name}
        yield from ({"stateVarName": name, "batchId": str(batch)} for batch in batches)
        yield {"stateVarName": name, "readChangeFeed": "true", "changeStartBatchId": str(batches[0])}
        yield {"stateVarName": name, "readChangeFeed": "true", "changeStartBatchId": str(batches[-1])}
        if kind != "value":
            yield {"stateVarName": name, "flattenCollectionTypes": "false"}
    if timers:
        yield {"readRegisteredTimers": "true"}
        yield from ({"readRegisteredTimers": "true", "batchId": str(batch)} for batch in batches)


def snapshot_reads(kinds, timers, checkpoint):
    """The options of reads that start from one snapshot, for expected_snapshots.json; also some that Spark refuses."""
    batches = sorted(int(name) for name in os.listdir(f"{checkpoint}/commits") if name.isdigit())
    partitions = sorted(int(name) for name in os.listdir(f"{checkpoint}/state/0") if name.isdigit())
    whats = [{"stateVarName": name} for name in kinds]
    whats += [{"stateVarName": name, "flattenCollectionTypes": "false"} for name, kind in kinds.items() if kind != "value"]
    whats += [{"readRegisteredTimers": "true"}] if timers else []
    for partition in partitions:
        held = snapshot_batches(f"{checkpoint}/state/0/{partition}")
        spans = {(held[0], None), (held[0], batches[-1] - 1), (held[-1], None), (held[-1], held[-1])}
        if partition == partitions[0]:
            # No snapshot, not committed yet, behind the batch asked for, of no such partition.
            spans |= {(batch, None) for batch in batches if batch not in held}
            spans |= {(batches[0] - 1, None), (batches[-1] + 1, None)}
        for what in whats:
            for first, last in sorted(spans, key=str):
                yield starting(what, first, partition, last)
            spans = {(held[0], None), (held[-1], None)}  # the others once, with the first variable
    yield starting(whats[0], held[0], len(partitions), None)
    yield {**whats[0], "snapshotPartitionId": "0"}


def starting(what, first, partition, last):
    options = {**what, "snapshotStartBatchId": str(first), "snapshotPartitionId": str(partition)}
    return options if last is None else {**options, "batchId": str(last)}


def snapshot_batches(directory):
    """The batches whose state a partition has a snapshot of."""
    names = [name.split(".")[0] for name in os.listdir(directory) if name.endswith(".zip")]
    return sorted({int(name.split("_")[0]) - 1 for name in names})


def read(session, source, options, checkpoint):
    """One line."""
    told = {"format": source, "options": options}
    try:
        frame = session.read.format(source).options(**options).load(checkpoint)
        told["schema"] = frame.schema.simpleString()
        if "map_value" in frame.columns:
            frame = frame.withColumn("map_value", f.array_sort(f.map_entries("map_value"), by_key))
        rows = [row[0] for row in frame.select(f.to_json(f.struct("*"), SHAPE)).collect()]
    except Exception as failure:  # whatever Spark says is the answer
        told.pop("schema", None)
        return compact({**told, "error": sentence(failure, checkpoint)})
    # Spark's own text: a number that went through Python would not be the same.
    return f'{compact(told)[:-1]},"rows":[{",".join(rows)}]}}'


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def by_key(a, b):
    return f.when(f.to_json(a["key"], SHAPE) < f.to_json(b["key"], SHAPE), -1).otherwise(1)


def sentence(failure, checkpoint):
    """The error's first line; of a Java exception that has no condition, the innermost cause's."""
    lines = str(failure).splitlines()
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    if not causes:
        causes = [line.removeprefix(": ") for line in lines if line.startswith(": ")] or lines[:1]
    return causes[-1].replace(checkpoint, "CHECKPOINT")[:400]


def write_packed(path, lines):
    """Writes the lines to `path`, or to `path`.gz if they are many."""
    text = "".join(line + "\n" for line in lines)
    if len(text) <= PLAIN_MAX:
        path.write_text(text, encoding="utf-8")
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode(), mtime=0))
