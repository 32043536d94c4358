# SPDX-License-Identifier: Apache-2.0
"""One process of real Spark, or of Holdfast with --holdfast, on folders of the StreamShop example:

    python3 example_side.py [--holdfast] JOBS.json

JOBS.json has the settings ("conf"), the format of the tables ("format") and "jobs", which are done one after the other,
each in its "directory". A job has "phases", and then runs the cells of sessionization_processor.py that make phases
ready and those of the phases named. Or it has "findings", and then writes what this engine reads in the directory into that
file: rows of both tables, state after phase 1 and after phase 3.

The example is not edited: its cells are run as a notebook's are, which Databricks' marks tell apart. Its folder becomes
the current one, since Spark's workers import the processors from there.
"""

import datetime
import json
import os
import pathlib
import sys

EXAMPLE = pathlib.Path(__file__).resolve().parents[3] / "examples/sessionization/python"
SCRIPT = EXAMPLE / "sessionization_processor.py"
VARIABLES = {1: ("session_state",), 3: ("session_state", "evolved")}  # after each phase


def main():
    if "--holdfast" in sys.argv:
        import holdfast.pyspark  # noqa: F401
    asked = json.loads(pathlib.Path(sys.argv[-1]).read_text())
    os.chdir(EXAMPLE)
    sys.path.insert(0, str(EXAMPLE))
    session = session_with(asked["conf"])
    for job in asked["jobs"]:
        if "findings" in job:
            found = findings(session, job["directory"], asked["format"])
            pathlib.Path(job["findings"]).write_text(json.dumps(found))
            continue
        run_phases(job["directory"], asked["format"], job["phases"])
    session.stop()


def session_with(conf):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for key, value in conf.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    _ = session.streams.active  # the readers of 4.2 need what only this starts
    return session


def run_phases(directory, table_format, phases):
    """The cells before the first phase, then those of the phases."""
    sys.argv = [str(SCRIPT), directory, table_format]
    names = {"__name__": "__main__"}
    for cell in SCRIPT.read_text(encoding="utf-8").split("# COMMAND ----------\n"):
        phase = cell.partition('print("=== Phase ')[2][:1]
        if not phase or int(phase) in phases:
            exec(compile(cell, str(SCRIPT), "exec"), names)


def findings(session, directory, table_format):
    """name -> rows, in the form of `holdfast state --format json`."""
    from utils import util

    project = util.setup_project(directory, table_format)
    found = {f"v{version}_sessions": rows_of(util.sessions_of(session, project, version)) for version in (1, 2)}
    for phase, batch in last_batches(directory).items():
        for variable in VARIABLES[phase]:
            reader = session.read.format("statestore").option("stateVarName", variable).option("batchId", batch)
            found[f"{variable} after phase {phase}"] = rows_of(reader.load(project["checkpoint"]))
    return found


def last_batches(directory):
    """Phase -> the batch that it ended with, since each file is a batch."""
    files = [name[:2] for name in os.listdir(f"{directory}/events")]
    return {1: files.count("v1") - 1, 3: files.count("v1") + files.count("v2") - 1}


def rows_of(frame):
    """Through Arrow, which has instants and not what the clocks of a zone show then."""
    return [plain(row) for row in frame.toArrow().to_pylist()]


def plain(value):
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


if __name__ == "__main__":
    main()
