# SPDX-License-Identifier: Apache-2.0
"""Many batches: snapshots, purging, compaction of the source log, and a query that failed."""

from recipes.case import CHANGELOG, CHECKPOINT_FORMAT, ENCODING, STATE_STORE, Case, Run, Variable, on

VARIABLES = (Variable("v", "value", "n int, s string"), Variable("l", "list", "n int"),
             Variable("m", "map", "n int", key_schema="k string"))
SOURCE_LOG = "spark.sql.streaming.fileSource.log."


def batches(count):
    """Each batch touches two of five keys, grows lists, and deletes what batches before have written."""
    def one(n):
        a, b = f"k{n % 5}", f"k{(n * 2 + 1) % 5}"
        made = [on(a, "update v", [n, f"s{n}"]), on(a, "append l", [n]), on(b, "set m", [[f"m{n % 3}"], [n]])]
        if n % 7 == 6:
            made.append(on(b, "clear v"))
        if n % 5 == 4:
            made += [on(a, "put l", [[-n]]), on(b, "remove m", [f"m{(n + 1) % 3}"])]
        return made

    return tuple(one(n) for n in range(count))


def long_case(name, title, count, conf, pause_s=0.4):
    """Half of the batches in each of two runs."""
    every = batches(count)
    return Case(name, title, (Run(VARIABLES, every[:count // 2]), Run(VARIABLES, every[count // 2:])), conf=conf,
                pause_s=pause_s)


def interrupted(name, title, conf):
    """One key's processor fails in the last batch: its offsets are logged, the batch is not committed."""
    last = [on(f"k{n}", "append l", [100 + n]) for n in range(6)] + [on("k1", "fail")]
    runs = (Run(VARIABLES, batches(3)), Run(VARIABLES, (last,), fails=True))
    return Case(name, title, runs, conf=conf)


PURGING = {"spark.sql.streaming.minBatchesToRetain": "3", STATE_STORE + "minDeltasForSnapshot": "3",
           SOURCE_LOG + "compactInterval": "4", SOURCE_LOG + "cleanupDelay": "1ms"}
AVRO = {ENCODING: "avro"}
UNSAFEROW = {ENCODING: "unsaferow"}
FORMAT_2 = {CHECKPOINT_FORMAT: "2"}

CASES = [
    long_case("purged_avro", "30 batches, of which the last are kept", 30, {**AVRO, **PURGING}),
    long_case("purged_unsaferow", "the same, unsaferow", 30, {**UNSAFEROW, **PURGING}),
    long_case("purged_format2", "the same in checkpoint format 2", 30, {**AVRO, **PURGING, **FORMAT_2}),
    long_case("purged_off", "the same without changelogs", 12, {**AVRO, **PURGING, CHANGELOG: "false"}),
    long_case("snapshots", "a snapshot every second version, nothing purged", 10,
              {**AVRO, STATE_STORE + "minDeltasForSnapshot": "2"}),
    long_case("snapshots_format2", "the same in checkpoint format 2", 10,
              {**AVRO, **FORMAT_2, STATE_STORE + "minDeltasForSnapshot": "2"}),
    long_case("source_compacted", "the source log is compacted every third batch", 8,
              {**AVRO, SOURCE_LOG + "compactInterval": "3"}, pause_s=0),
    interrupted("interrupted", "the last batch failed", AVRO),
    interrupted("interrupted_format2", "the same in checkpoint format 2", {**AVRO, **FORMAT_2}),
]
