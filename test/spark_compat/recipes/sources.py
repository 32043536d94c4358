# SPDX-License-Identifier: Apache-2.0
"""What Spark's sources without files give and write down:

    python3 -m recipes.sources --spark 4.3.0 --out golden/sources/spark-4.3.0 [CASE...]

Each case has ckpt/, the checkpoint of a query without state; case.json with format, options, schema and the source's
part of the last progress; and output.json, a batch a line with its rows as [microseconds since the epoch, value].
"""

import argparse
import json
import pathlib
import shutil
import sys
import time

from recipes.environment import enter_spark

WORK = pathlib.Path("/tmp/holdfast-golden/sources")
INTERVAL = "2300 milliseconds"  # more than a second and no whole number of them

# name: format, options, batches (None: Trigger AvailableNow)
CASES = {
    "rate": ("rate", {"rowsPerSecond": "7", "numPartitions": "2"}, 4),
    "rate_ramp_up": ("rate", {"rowsPerSecond": "10", "rampUpTime": "4s", "numPartitions": "1"}, 4),
    "rate_available_now": ("rate", {}, None),
    "rate_micro_batch": (
        "rate-micro-batch",
        {
            "rowsPerBatch": "5",
            "startTimestamp": "1700000000123",
            "advanceMillisPerBatch": "250",
            "numPartitions": "2",
        },
        3,
    ),
    "rate_micro_batch_available_now": ("rate-micro-batch", {"rowsPerBatch": "3", "numPartitions": "1"}, None),
}


def run(session, name):
    source_format, options, batches = CASES[name]
    home = WORK / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    output = []

    def take(frame, batch):
        rows = frame.selectExpr("unix_micros(timestamp) AS us", "value").collect()
        output.append({"batch": batch, "rows": [[row.us, row.value] for row in rows]})

    frame = session.readStream.format(source_format).options(**options).load()
    writer = frame.writeStream.foreachBatch(take).option("checkpointLocation", str(home / "ckpt"))
    if batches is None:
        query = writer.trigger(availableNow=True).start()
        query.awaitTermination()
    else:
        query = writer.trigger(processingTime=INTERVAL).start()
        while len(query.recentProgress) < batches:
            time.sleep(0.02)
        query.stop()
    case = {
        "format": source_format,
        "options": options,
        "schema": json.loads(frame.schema.json()),
        "source": json.loads(query.lastProgress.json)["sources"][0],
    }
    for volatile in ("inputRowsPerSecond", "processedRowsPerSecond"):
        case["source"].pop(volatile, None)
    (home / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    (home / "output.json").write_text("".join(json.dumps(batch) + "\n" for batch in output))


def keep(name, out):
    """Without what a stop in mid-batch leaves behind."""
    shutil.rmtree(out / name, ignore_errors=True)
    shutil.copytree(WORK / name, out / name, ignore=shutil.ignore_patterns("*.tmp", "*.tmp.crc"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spark", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    enter_spark(arguments.spark, ["-m", "recipes.sources", *sys.argv[1:]])
    from recipes.session import start

    session = start()
    for name in arguments.cases or CASES:
        run(session, name)
        keep(name, arguments.out)
    session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
