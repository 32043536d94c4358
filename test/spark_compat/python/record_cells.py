# SPDX-License-Identifier: Apache-2.0
"""python3 record_cells.py --spark 4.3.0 [--only WORD]... [FILE...]: writes golden/cells_FILE.json, what real PySpark
answers."""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


def main():
    from cells.suite import FILES, PROCESS_ZONE

    parser = argparse.ArgumentParser(prog="record_cells.py")
    parser.add_argument("--spark", default="4.3.0", metavar="VERSION")
    parser.add_argument(
        "--only",
        action="append",
        metavar="WORD",
        help="only queries whose name contains one of these, and new ones; the others stay as recorded",
    )
    parser.add_argument(
        "--missing", dest="only", action="store_const", const=[], help="only queries that are not recorded yet"
    )
    parser.add_argument(
        "--pandas",
        type=pathlib.Path,
        metavar="DIR",
        help="another pandas, installed there with pip --target; "
        "writes cells_FILE_pandasMAJOR.json of the queries whose frames may depend on it",
    )
    parser.add_argument("files", nargs="*", help=f"of {', '.join(FILES)}; default: all")
    asked = parser.parse_args()
    for name in asked.files:
        if name not in FILES:
            parser.error(f"no file {name}; there are {', '.join(FILES)}")
    enter(asked.spark, asked.pandas)
    files = asked.files or FILES
    zones = {PROCESS_ZONE.get(name, "UTC") for name in files}
    if len(zones) > 1:
        parser.error("these files need processes of different zones, ask for each alone: " + ", ".join(PROCESS_ZONE))
    session = start_session(*zones)
    for name in files:
        record(session, name, asked.only, asked.pandas)
    session.stop()


def enter(version, pandas):
    """Starts this program again in the Python of that Spark, whose workers find `cells` too."""
    from recipes import environment

    environment.enter_spark(version, [str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])
    first = [str(pandas.resolve())] if pandas else []
    os.environ["PYTHONPATH"] = os.pathsep.join([*first, str(HERE), str(HERE.parent)])
    sys.path[:0] = first


def start_session(zone):
    from recipes.session import AT_START, start

    os.environ["TZ"] = zone  # Spark's workers inherit it
    time.tzset()
    options = AT_START["spark.driver.extraJavaOptions"].replace("-Duser.timezone=UTC", f"-Duser.timezone={zone}")
    more = {
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": options,
        "spark.python.authenticate.socketTimeout": "300s",  # a loaded machine is slow to start a worker
    }
    return start(more=more)


def record(session, name, only, other_pandas):
    from cells.suite import keep, of_pandas, queries, recorded

    asked = [query for query in queries(name) if not other_pandas or of_pandas(query)]
    before = (recorded(name, versions(session)["pandas"]) or {}) if only is not None else {}
    answers = {query.name: before[query.name] for query in asked if query.name in before}
    for query in asked:
        if query.name in before and not any(word in query.name for word in only):
            continue
        answers[query.name] = asked_again(session, query)
        failed = answers[query.name].get("failed", {})
        print(
            f"{name}: {query.name}: {len(answers[query.name]['seen'])} observations, "
            f"{len(answers[query.name].get('fatal', []))} fatal {failed.get('python', '')}",
            file=sys.stderr,
        )
        keep(name, versions(session), {each.name: answers[each.name] for each in asked if each.name in answers})


def asked_again(session, query):
    """On a loaded machine a worker of Spark may come too late, which says nothing about the query."""
    from cells.query import run

    for _ in range(5):
        with tempfile.TemporaryDirectory(prefix="cells-") as home:
            answer = run(session, query, home, known_failures(query))
        if "failed to connect back" not in json.dumps(answer):
            return answer
    raise RuntimeError(f"{query.name}: this machine is too slow for Spark's workers")


def known_failures(query):
    """Asks the conversion of PySpark's worker itself, so that not every failure costs a query."""
    from cells.query import Column
    from cells.worker_conversion import failures

    return failures(query) if isinstance(query, Column) else None


def versions(session):
    import numpy
    import pandas
    import pyarrow

    return {
        "spark": session.version,
        "python": sys.version.split()[0],
        "pandas": pandas.__version__,
        "numpy": numpy.__version__,
        "pyarrow": pyarrow.__version__,
    }


if __name__ == "__main__":
    sys.exit(main())
