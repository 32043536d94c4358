# SPDX-License-Identifier: Apache-2.0
"""Runs the StreamShop sessionizer with real Spark over a directory of event files, on a checkpoint that may be
another's, until everything there is read; then writes what Spark's readers find in the state.

    python3 spark_side.py --spark 4.3.0 --version 1 --events DIR --checkpoint DIR --output DIR --state FILE

The file source takes files in the order of their modification times, so these must differ. Rows of one file that
is smaller than 4 MB keep their order within a key.
"""

import argparse
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", default="4.3.0", metavar="VERSION")
    parser.add_argument("--version", type=int, choices=(1, 2), required=True, help="of the sessionizer")
    parser.add_argument("--api", choices=("row", "pandas"), default="row")
    parser.add_argument("--events", help="a directory; without it no query runs, only the state is read")
    parser.add_argument("--format", choices=("json", "parquet"), default="json", help="of the event files")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--output", help="a directory")
    parser.add_argument("--sink", choices=("json", "parquet"), default="json",
                        help="json: OUTPUT/batch-NNN.json by foreachBatch, parquet: Spark's file sink")
    parser.add_argument("--state", help="a file, in the form that recipes/dump.py describes")
    parser.add_argument("--encoding", choices=("avro", "unsaferow"), default="avro")
    parser.add_argument("--checkpoint-format", choices=("1", "2"), default="1")
    parser.add_argument("--changelog", choices=("on", "off"), default="on")
    parser.add_argument("--partitions", default="2")
    parser.add_argument("--max-files", type=int, default=1, help="per batch")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a configuration of Spark")
    return parser.parse_args()


def main():
    asked = arguments()
    from recipes.environment import enter_spark

    enter_spark(asked.spark, [__file__, *sys.argv[1:]])
    from recipes.dump import sentence
    from recipes.session import configured, start

    session = start()
    try:
        with configured(session, settings(asked)):
            if asked.events:
                run_query(session, asked)
            if asked.state:
                write_state(session, asked)
    except Exception as failure:
        print(f"spark: {sentence(failure, asked.checkpoint)}", file=sys.stderr)
        return 1
    finally:
        session.stop()
    return 0


def settings(asked):
    from recipes.case import CHANGELOG, CHECKPOINT_FORMAT, ENCODING, PARTITIONS

    conf = {ENCODING: asked.encoding, CHECKPOINT_FORMAT: asked.checkpoint_format, PARTITIONS: asked.partitions,
            CHANGELOG: "true" if asked.changelog == "on" else "false"}
    conf.update(pair.split("=", 1) for pair in asked.set)
    return conf


def run_query(session, asked):
    from streamshop import CLICK, ended_sessions

    source = session.readStream.schema(CLICK[asked.version]).option("maxFilesPerTrigger", asked.max_files)
    clicks = source.format(asked.format).load(asked.events)
    writer = ended_sessions(clicks, asked.version, asked.api).writeStream.option("checkpointLocation", asked.checkpoint)
    if asked.sink == "parquet":
        writer = writer.format("parquet").option("path", asked.output)
    else:
        os.makedirs(asked.output, exist_ok=True)
        writer = writer.foreachBatch(lambda batch, number: write_batch(batch, number, asked.output))
    writer.outputMode("append").trigger(availableNow=True).start().awaitTermination()


def write_batch(batch, number, directory):
    """A batch that is run again writes the same file again."""
    from pyspark.sql import functions as f

    from recipes.dump import SHAPE

    lines = [row[0] for row in batch.select(f.to_json(f.struct("*"), SHAPE)).collect()]
    path = pathlib.Path(directory) / f"batch-{number:03d}.json"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def write_state(session, asked):
    from streamshop import VARIABLES

    from recipes.dump import read, state_reads, write_packed

    lines = [read(session, "state-metadata", {}, asked.checkpoint)]
    lines += [read(session, "statestore", options, asked.checkpoint)
              for options in state_reads(VARIABLES[asked.version], False, asked.checkpoint)]
    write_packed(pathlib.Path(asked.state), lines)


if __name__ == "__main__":
    sys.exit(main())
