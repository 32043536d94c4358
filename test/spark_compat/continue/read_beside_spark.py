# SPDX-License-Identifier: Apache-2.0
"""Reads a checkpoint with `holdfast state` again and again while real Spark writes and purges it:

    python3 continue/read_beside_spark.py --spark 4.3.0 --reads 1000 [--checkpoint-format 2]

Batch b counts one row of the key "always" and one of "k<b modulo 40>", so that each answer says which batch it shows and
what must be there. Anything but such a state, or an error to read again, ends the program with exit code 1.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import time
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from recipes.environment import enter_spark  # noqa: E402

KEYS = 40
HOLDFAST = pathlib.Path(__file__).resolve().parents[3] / "build/bin/holdfast"
RETRYABLE = ("HOLDFAST_BATCH_PURGED",)


def state_after(batch):
    counts = collections.Counter(f"k{b % KEYS}" for b in range(batch + 1))
    return {**counts, "always": batch + 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", default="4.3.0", metavar="VERSION")
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--checkpoint-format", choices=("1", "2"), default="1")
    asked = parser.parse_args()
    enter_spark(asked.spark, [__file__, *sys.argv[1:]])

    from recipes.case import CHECKPOINT_FORMAT, STATE_STORE
    from recipes.session import configured, start

    session = start()
    conf = {CHECKPOINT_FORMAT: asked.checkpoint_format, STATE_STORE + "minDeltasForSnapshot": "2",
            "spark.sql.streaming.minBatchesToRetain": "2"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, configured(session, conf):
        query = begin(session, home)
        seen, failed = read_beside(query, f"{home}/ckpt", asked.reads)
        batches = query.lastProgress["batchId"] + 1
        query.stop()
    print(f"{asked.reads} reads beside {batches} batches: {len(seen)} states seen, to be read again: {dict(failed)}")
    session.stop()


def begin(session, home):
    from pyspark.sql.streaming.stateful_processor import StatefulProcessor

    class Count(StatefulProcessor):
        def init(self, handle):
            self.counter = handle.getValueState("counter", "count bigint")

        def handleInputRows(self, key, rows, timerValues):
            count = (self.counter.get()[0] if self.counter.exists() else 0) + sum(1 for _ in rows)
            self.counter.update((count,))
            return iter(())

        def close(self):
            pass

    os.mkdir(f"{home}/input")
    for batch in range(5000):
        path = f"{home}/input/{batch:05}.json"
        rows = [{"key": "always"}, {"key": f"k{batch % KEYS}"}]
        pathlib.Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows))
        os.utime(path, (1767225600 + batch,) * 2)
    rows = session.readStream.schema("key string").option("maxFilesPerTrigger", 1).json(f"{home}/input")
    counted = rows.groupBy("key").transformWithState(Count(), "key string", "append", "None")
    return counted.writeStream.format("noop").option("checkpointLocation", f"{home}/ckpt").start()


def read_beside(query, checkpoint, reads):
    while not query.lastProgress or query.lastProgress["batchId"] < 3:
        if query.exception():
            raise query.exception()
        time.sleep(0.01)
    seen, failed = set(), collections.Counter()
    for read in range(reads):
        before = query.lastProgress["batchId"]
        shown = subprocess.run([HOLDFAST, "state", checkpoint, "--format", "json"], capture_output=True, text=True)
        if shown.returncode:
            condition = shown.stderr.partition("[")[2].partition("]")[0]
            if condition not in RETRYABLE:
                sys.exit(f"read {read}: {shown.stderr}")
            failed[condition] += 1
            continue
        rows = [json.loads(line) for line in shown.stdout.splitlines()]
        state = {row["key"]["key"]: row["value"]["count"] for row in rows}
        batch = state["always"] - 1
        if state != state_after(batch) or batch < before or len(rows) != len(state):
            sys.exit(f"read {read} beside batch {before} shows {state}")
        seen.add(batch)
    if failed.total() > reads // 2:
        sys.exit(f"{failed.total()} of {reads} reads failed: {failed}")
    return seen, failed


if __name__ == "__main__":
    main()
