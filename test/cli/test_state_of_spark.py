# SPDX-License-Identifier: Apache-2.0
"""`holdfast state` and `holdfast sql` on checkpoints that real Spark wrote: every kind of look into them, against what
Spark's own readers say (expected.json). Nothing is written into a checkpoint that is looked at."""
import gzip
import hashlib
import json
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from support.script import expect, expect_in, holdfast, main  # noqa: E402

GOLDEN = ROOT / "spark_compat/golden/spark-4.3.0"


def expected(case, options):
    file = GOLDEN / case / ("expected_snapshots.json" if "snapshotStartBatchId" in options else "expected.json")
    text = file.read_text() if file.exists() else gzip.decompress(pathlib.Path(f"{file}.gz").read_bytes()).decode()
    reads = [json.loads(line) for line in text.splitlines()]
    return next(read["rows"] for read in reads if read["options"] == options)


def lines(shown):
    return sorted(json.dumps(json.loads(line)) for line in shown.out.splitlines())


def same(shown, case, options):
    expect(lines(shown), sorted(json.dumps(row) for row in expected(case, options)), f"{options} of {case}")


def digest(directory):
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(directory.rglob("*")) if path.is_file()}


def every_look_shows_what_spark_shows_and_writes_nothing(directory):
    for case in ("base_avro", "base_unsaferow", "format2_avro"):
        checkpoint = directory / case
        shutil.copytree(GOLDEN / case / "ckpt", checkpoint)
        before = digest(checkpoint)
        state = ["state", checkpoint, "--format", "json"]
        same(holdfast(*state, "--var", "v"), case, {"stateVarName": "v"})
        same(holdfast(*state, "--var", "l", "--batch", 1), case, {"stateVarName": "l", "batchId": "1"})
        same(holdfast(*state, "--var", "l", "--flatten=false"), case,
             {"stateVarName": "l", "flattenCollectionTypes": "false"})
        same(holdfast(*state, "--var", "mt"), case, {"stateVarName": "mt"})
        same(holdfast(*state, "--timers"), case, {"readRegisteredTimers": "true"})
        changes = {"stateVarName": "m", "readChangeFeed": "true", "changeStartBatchId": "0"}
        same(holdfast(*state, "--var", "m", "--changes", "0.."), case, changes)
        same(holdfast("state-metadata", checkpoint, "--format", "json"), case, {})
        sql = f"SELECT * FROM read_statestore('{checkpoint}', stateVarName => 'vt', batchId => 2)"
        same(holdfast("sql", sql, "--format", "json"), case, {"stateVarName": "vt", "batchId": "2"})
        start = {"stateVarName": "lt", "snapshotStartBatchId": "0", "snapshotPartitionId": "1"}
        same(holdfast(*state, "--var", "lt", "--snapshot-batch", 0, "--partition", 1), case, start)
        sql = (f"SELECT * FROM read_statestore('{checkpoint}', stateVarName => 'lt', snapshotStartBatchId => 0, "
               "snapshotPartitionId => 1)")
        same(holdfast("sql", sql, "--format", "json"), case, start)
        same(holdfast(*state, "--var", "lt", "--snapshot-batch", 0), case, {"stateVarName": "lt"})
        expect(digest(checkpoint), before, f"the files of {case} after it was looked at")


def looks_that_make_no_sense_are_refused(directory):
    checkpoint = GOLDEN / "base_avro/ckpt"
    for arguments, word in (
            (["--timers", "--var", "v"], "stateVarName"), (["--var", "v", "--changes", "first"], "FROM..TO"),
            (["--var", "v", "--changes", "9..3"], "batch"), (["--var", "vv"], "did you mean v"),
            (["--var", "v", "--changes", "0..", "--batch", "1"], "batchId"),
            (["--var", "v", "--partition", "1"], "--snapshot-batch"),
            (["--var", "v", "--snapshot-batch", "0", "--partition", "2"], "partitions 0 to 1"),
            (["--var", "v", "--snapshot-batch", "2", "--batch", "1"], "behind the batch to read, 1"),
            (["--var", "v", "--snapshot-batch", "-1"], "negative"),
            (["--var", "v", "--snapshot-batch", "0", "--changes", "0.."], "readChangeFeed")):
        refused = holdfast("state", checkpoint, *arguments, code=2, cwd=directory)
        expect_in(word, refused.err)
    for options, word in (("stateVar => 'v'", "did you mean stateVarName"),
                          ("stateVarName => 'v', snapshotPartitionId => 0", "needs snapshotStartBatchId")):
        refused = holdfast("sql", f"SELECT * FROM read_statestore('{checkpoint}', {options})", code=1)
        expect_in(word, refused.err)
    refused = holdfast("state", checkpoint, "--var", "v", "--snapshot-batch", 1, code=1)
    expect_in("has no snapshot of version 2; it has those of 1", refused.err)


if __name__ == "__main__":
    main(every_look_shows_what_spark_shows_and_writes_nothing, looks_that_make_no_sense_are_refused)
