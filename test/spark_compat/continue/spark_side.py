# SPDX-License-Identifier: Apache-2.0
"""One process of real Spark, on a query file as `holdfast run` takes it: runs the query until everything there is read,
and writes what Spark's readers find in its state, before or after that.

    python3 spark_side.py [--spark VERSION] [--look-before FIRST FILE] [--no-run] [--look-after FIRST FILE] QUERY.json

A look reads the batches from FIRST on that are retained and writes a line for each read, as recipes/dump.py describes. The
file source takes files in the order of their modification times, so these must differ.
"""

import argparse
import json
import pathlib
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# For the sink delta; fetched from Maven Central by Spark 4.2.
DELTA = {"spark.jars.packages": "io.delta:delta-spark_4.2_2.13:4.4.0",
         "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
         "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", default="4.3.0", metavar="VERSION")
    parser.add_argument("--api", choices=("row", "pandas"), default="row")
    parser.add_argument("--no-run", action="store_true")
    for name in ("--look-before", "--look-after"):
        parser.add_argument(name, nargs=2, metavar=("FIRST", "FILE"))
    parser.add_argument("query", type=pathlib.Path)
    return parser.parse_args()


def main():
    asked = arguments()
    from recipes.environment import enter_spark

    enter_spark(asked.spark, [__file__, *sys.argv[1:]])
    from recipes.session import configured, start

    query = json.loads(asked.query.read_text())
    for place in (query["source"], query["sink"]):
        place["path"] = str(asked.query.parent / place["path"])
    query["checkpointLocation"] = str(asked.query.parent / query["checkpointLocation"])
    session = start(more=DELTA if query["sink"]["format"] == "delta" else {})
    try:
        with configured(session, query["conf"]):
            look(session, query, asked.look_before)
            if not asked.no_run:
                run_query(session, query, asked.api)
            look(session, query, asked.look_after)
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        session.stop()
    return 0


def run_query(session, query, api):
    from streamshop import CLICK, ended_sessions

    version = int(query["processor"]["class"][-1])
    source, sink = query["source"], query["sink"]
    stream = session.readStream.schema(CLICK[version]).options(**source["options"])
    clicks = stream.format(source["format"]).load(source["path"])
    writer = ended_sessions(clicks, version, api).writeStream.format(sink["format"]).options(**sink["options"])
    writer = writer.option("path", sink["path"]).option("checkpointLocation", query["checkpointLocation"])
    writer.outputMode("append").trigger(availableNow=True).start().awaitTermination()


def look(session, query, where):
    if not where:
        return
    from logs import retained
    from questions import questions
    from recipes.dump import read

    _ = session.streams.active  # the readers of 4.2 need what only this starts
    first, checkpoint = int(where[0]), query["checkpointLocation"]
    batches = retained(checkpoint, first, query["conf"])
    lines = [read(session, source, options, checkpoint) for source, options in questions(batches)]
    pathlib.Path(where[1]).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
