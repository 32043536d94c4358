# SPDX-License-Identifier: Apache-2.0
"""What a streaming read of a Delta table by Spark gives and writes down, batch by batch:

    python3 -m recipes.delta_source --spark 4.2.1 --out golden/sources/delta-4.4.0 [CASE...]

A case is a table and what happens to it, a SQL statement at a time ("t" stands for the table), with runs of a query
between (RUN: Trigger AvailableNow, one checkpoint a case). "version N" in an option stands for that version's time. Each case leaves table/, and case.json with the options, the
times of the table's commits and each run: the newest version of the table, the batches with their offset and sorted
rows, and the condition it failed with.
"""

import argparse
import datetime
import json
import pathlib
import re
import shutil
import sys

from recipes.environment import enter_spark

WORK = pathlib.Path("/tmp/holdfast-golden/delta")
RUN = "RUN"

CREATE = "CREATE TABLE t (n BIGINT, s STRING) USING delta"
BY_SIDE = CREATE + " PARTITIONED BY (s)"


def insert(first, last, files=1, side=None):
    """Rows n with s = even or odd, in so many files."""
    text = f"'{side}'" if side else "CASE WHEN id % 2 = 0 THEN 'even' ELSE 'odd' END"
    return f"INSERT INTO t SELECT id AS n, {text} AS s FROM range({first}, {last + 1}, 1, {files})"


# name: (options, what happens)
CASES = {
    "appends": ({}, [CREATE, insert(1, 6, 2), insert(7, 9), RUN, insert(10, 15, 3), insert(16, 16), RUN, RUN]),
    "empty_at_first": ({}, [CREATE, RUN, insert(1, 2), RUN, insert(3, 4), RUN]),
    "max_files": ({"maxFilesPerTrigger": "2"}, [CREATE, insert(1, 10, 5), RUN, insert(11, 16, 3), insert(17, 18, 2), RUN]),
    "max_bytes": ({"maxBytesPerTrigger": "1b"}, [CREATE, insert(1, 4, 2), RUN, insert(5, 10, 3), RUN]),
    "both_limits": (
        {"maxFilesPerTrigger": "3", "maxBytesPerTrigger": "1200b"},
        [CREATE, insert(1, 12, 6), RUN, insert(13, 16, 4), RUN],
    ),
    "starting_version": ({"startingVersion": "2"}, [CREATE, insert(1, 2), insert(3, 6, 2), insert(7, 8), RUN, insert(9, 9), RUN]),
    "starting_version_max_files": (
        {"startingVersion": "1", "maxFilesPerTrigger": "1"},
        [CREATE, insert(1, 4, 2), insert(5, 6), RUN, insert(7, 10, 2), RUN],
    ),
    "starting_version_late": ({"startingVersion": "9"}, [CREATE, insert(1, 2), RUN]),
    "starting_timestamp": (
        {"startingTimestamp": "version 2"},
        [CREATE, insert(1, 2), insert(3, 6, 2), insert(7, 8), RUN, insert(9, 9), RUN],
    ),
    "starting_timestamp_last": ({"startingTimestamp": "version 2"}, [CREATE, insert(1, 2), insert(3, 6, 2), RUN, insert(7, 7), RUN]),
    "starting_timestamp_late": ({"startingTimestamp": "2999-01-01"}, [CREATE, insert(1, 2), RUN]),
    "no_rows_between": (
        {},
        [CREATE, insert(1, 2), RUN, "ALTER TABLE t SET TBLPROPERTIES ('k' = 'v')", RUN, insert(3, 4), RUN],
    ),
    "deleted": ({}, [BY_SIDE, insert(1, 6), RUN, "DELETE FROM t WHERE s = 'odd'", insert(7, 7), RUN]),
    "ignore_deletes": (
        {"ignoreDeletes": "true"},
        [BY_SIDE, insert(1, 6), RUN, "DELETE FROM t WHERE s = 'odd'", insert(7, 7), RUN, "DELETE FROM t WHERE n = 2", RUN],
    ),
    "changed": ({}, [CREATE, insert(1, 6), RUN, insert(7, 7), "UPDATE t SET n = n + 100 WHERE n = 2", insert(8, 8), RUN]),
    "ignore_changes": (
        {"ignoreChanges": "true"},
        [CREATE, insert(1, 6), RUN, insert(7, 7), "UPDATE t SET n = n + 100 WHERE n = 2", insert(8, 8), RUN],
    ),
    "skip_change_commits": (
        {"skipChangeCommits": "true"},
        [CREATE, insert(1, 6), RUN, insert(7, 7), "UPDATE t SET n = n + 100 WHERE n = 2", insert(8, 8), RUN,
         "DELETE FROM t WHERE n = 8", "INSERT OVERWRITE t VALUES (50, 'new')", insert(9, 9), RUN],
    ),
    "skip_in_the_middle": (
        {"skipChangeCommits": "true", "maxFilesPerTrigger": "1"},
        [CREATE, insert(1, 2), RUN, "UPDATE t SET n = n + 100", insert(8, 9, 2), "DELETE FROM t WHERE n = 8", RUN],
    ),
    "overwritten": ({}, [CREATE, insert(1, 6), RUN, "INSERT OVERWRITE t VALUES (50, 'new')", RUN]),
    "optimized": ({}, [CREATE, insert(1, 2), insert(3, 4), RUN, insert(5, 6), "OPTIMIZE t", insert(7, 7), RUN]),
    "optimized_before": ({}, [CREATE, insert(1, 2), insert(3, 4), "OPTIMIZE t", insert(5, 5), RUN]),
    "deletion_vectors": (
        {"skipChangeCommits": "true"},
        [CREATE + " TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')", insert(1, 20), "DELETE FROM t WHERE n = 3", RUN,
         insert(21, 24), "DELETE FROM t WHERE n IN (4, 22)", insert(25, 25), RUN],
    ),
    "mapped_columns": (
        {},
        [CREATE + " TBLPROPERTIES ('delta.columnMapping.mode' = 'name')", insert(1, 4), RUN, insert(5, 6), RUN],
    ),
    "partitions": (
        {},
        [BY_SIDE, insert(1, 4), insert(5, 5, side="a b/c=d%"), "INSERT INTO t VALUES (6, NULL)", RUN, insert(7, 8), RUN],
    ),
    "column_added": (
        {},
        [CREATE, insert(1, 2), RUN, insert(3, 3), "ALTER TABLE t ADD COLUMNS (more INT)", "INSERT INTO t VALUES (4, 'even', 5)",
         RUN, RUN, "INSERT INTO t VALUES (6, 'even', 7)", RUN],
    ),
    "checkpoint_in_the_log": (
        {},
        [CREATE + " TBLPROPERTIES ('delta.checkpointInterval' = '2')", insert(1, 2), insert(3, 4), insert(5, 6), RUN,
         insert(7, 8), insert(9, 10), RUN],
    ),
}


def condition_of(failure):
    """Spark's name for what went wrong; the engine wraps it into one of its own."""
    names = [name for name in re.findall(r"\[([A-Z][A-Z0-9_.]+)\]", str(failure)) if name != "STREAM_FAILED"]
    return names[0] if names else str(failure)[:300]


class Case:
    def __init__(self, session, name):
        self.session = session
        self.options, self.steps = CASES[name]
        self.home = WORK / name
        self.table = self.home / "table"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.runs = []

    def play(self):
        for step in self.steps:
            if step == RUN:
                self.runs.append(self.run())
            else:
                self.sql(step)

    def sql(self, statement):
        """The table goes by its path: nothing of it is in a catalog."""
        self.session.sql(re.sub(r"(TABLE|INTO|FROM|OVERWRITE|UPDATE|OPTIMIZE) t\b", rf"\1 delta.`{self.table}`", statement, count=1))

    def log(self):
        return sorted(self.table.glob("_delta_log/*.json"))

    def time_of(self, version):
        seconds = self.log()[version].stat().st_mtime_ns // 1000000 / 1000
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")

    def run(self):
        batches = []

        def take(frame, batch):
            rows = sorted(json.dumps(list(row)) for row in frame.collect())
            batches.append({"batch": batch, "rows": [json.loads(row) for row in rows]})

        run = {"version": int(self.log()[-1].stem), "batches": batches}
        for key, value in self.options.items():
            if value.startswith("version "):
                self.options = {**self.options, key: self.time_of(int(value.split()[1]))}
        checkpoint = self.home / "ckpt"
        try:
            frame = self.session.readStream.format("delta").options(**self.options).load(str(self.table))
            query = frame.writeStream.foreachBatch(take).option("checkpointLocation", str(checkpoint))
            query = query.trigger(availableNow=True).start()
            query.awaitTermination()
        except Exception as failure:  # noqa: BLE001: whatever Spark says is the answer
            run["failure"] = condition_of(failure)
        for batch in batches:
            batch["offset"] = (checkpoint / "offsets" / str(batch["batch"])).read_text().splitlines()[2]
        return run

    def keep(self, out):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.table, out / "table", ignore=shutil.ignore_patterns(".*.crc", "*.crc", "_staged_commits"))
        times = {int(entry.stem): entry.stat().st_mtime_ns // 1000000 for entry in self.log()}
        case = json.dumps({"options": self.options, "commit_times_ms": times})
        runs = ",\n".join(json.dumps(run) for run in self.runs)
        (out / "case.json").write_text(f'{case[:-1]}, "runs": [\n{runs}\n]}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spark", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    enter_spark(arguments.spark, ["-m", "recipes.delta_source", *sys.argv[1:]])
    from recipes.session import start
    from spark_side import DELTA

    session = start(more={**DELTA, "spark.databricks.delta.snapshotPartitions": "1"})
    for name in arguments.cases or CASES:
        case = Case(session, name)
        case.play()
        case.keep(arguments.out / name)
        print(name, [(run["version"], len(run["batches"]), run.get("failure")) for run in case.runs], flush=True)
    session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
