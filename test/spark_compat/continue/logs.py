# SPDX-License-Identifier: Apache-2.0
"""The logs of a checkpoint and of a file sink, as files."""

import json
import pathlib
import urllib.parse


def numbers(directory):
    """The ids of a log's entries, in order."""
    directory = pathlib.Path(directory)
    return sorted(int(path.name) for path in directory.iterdir() if path.name.isdigit()) if directory.exists() else []


def newest(directory):
    """The last id, -1 when there is none."""
    return max(numbers(directory), default=-1)


def compacts(log):
    """The ids of a log's entries that hold all before them."""
    return sorted(int(path.name.partition(".")[0]) for path in log.glob("[0-9]*.compact"))


def recorded_conf(checkpoint, batch):
    """The settings in offsets/BATCH, in their order."""
    return json.loads((checkpoint / "offsets" / str(batch)).read_text().splitlines()[1])["conf"]


def operator_metadata(checkpoint):
    """batch -> entry, of those that are there."""
    directory = checkpoint / "state/0/_metadata/v2"
    return {batch: json.loads((directory / str(batch)).read_text().splitlines()[1]) for batch in numbers(directory)}


def sink_rows(output):
    """Every row that the log of a file sink of JSON lists."""
    rows = []
    for entry in sink_entries(output):
        path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(entry["path"]).path))
        rows += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows


def sink_entries(output):
    log = output / "_spark_metadata"
    last_compact = max(compacts(log), default=-1)
    names = [f"{last_compact}.compact"] if last_compact >= 0 else []
    names += [str(number) for number in numbers(log) if number > last_compact]
    return [json.loads(line) for name in names for line in (log / name).read_text().splitlines()[1:]]


def sink_holds(output, batch):
    """Whether the file sink or the Delta table has this batch."""
    if not (output / "_delta_log").exists():
        return (output / "_spark_metadata" / str(batch)).exists() or (output / f"_spark_metadata/{batch}.compact").exists()
    newest_commit = max((output / "_delta_log").glob("[0-9]*.json"), default=None)
    actions = [json.loads(line) for line in newest_commit.read_text().splitlines()] if newest_commit else []
    return any(action["txn"]["version"] >= batch for action in actions if "txn" in action)


def retained(checkpoint, first, conf):
    """The committed batches from `first` on that no engine may have purged."""
    committed = numbers(pathlib.Path(checkpoint) / "commits")[-int(conf["spark.sql.streaming.minBatchesToRetain"]):]
    return [batch for batch in committed if batch >= first]
