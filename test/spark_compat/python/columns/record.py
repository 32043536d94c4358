# SPDX-License-Identifier: Apache-2.0
"""Records what PySpark 4.3.0 makes of the cases: `golden/columns.json` beside this folder.

    PYTHONPATH=build/python SPARK_PYTHON test/spark_compat/python/columns/record.py

where SPARK_PYTHON is the Python of a virtual environment with pyspark 4.3.0 and numpy. It takes two minutes.

For each expression it also has Spark evaluate the SQL text that Holdfast's Column gives for the same source, and stops
when name, type, nullability or a value differ: so the golden file's texts are proven by Spark itself.
"""

import inspect
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# The zone of the session, whose words appear in the names of timestamps, and of the process, in which PySpark takes
# a datetime without a zone to be.
ZONE = "America/New_York"
os.environ["TZ"] = ZONE
time.tzset()

from columns import cases, observe, python_cases  # noqa: E402
from holdfast.sql import column as ours  # noqa: E402
from pyspark.sql import SparkSession, functions  # noqa: E402


def session():
    made = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.session.timeZone", ZONE)
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("OFF")
    return made


def condition_of(error):
    return getattr(error, "getCondition", lambda: None)() or type(error).__name__


def outcome(frame, volatile):
    """The schema of a frame and its values, or the condition of its error.

    Metadata of a field are no part of a SQL text; those that a user gave are a case of their own in the test.
    """
    found = {"fields": [{**field.jsonValue(), "metadata": {}} for field in frame.schema.fields]}
    if not volatile:
        try:
            found["rows"] = [observe.plain(tuple(row)) for row in frame.collect()]
        except Exception as error:
            found["error"] = condition_of(error)
    return found


def recorded(source, mine, theirs, run, volatile=False):
    """One case: what PySpark makes of it, and that Spark makes the same of Holdfast's text."""
    made = eval(source, dict(theirs))
    found = {"source": source, "repr": observe.without_addresses(repr(made))}
    text = ours.select_item(eval(source, dict(mine)))
    try:
        found.update(outcome(run(made), volatile))
    except Exception as error:
        found["refused"] = condition_of(error)
    try:
        by_text = outcome(run(functions.expr(text)), volatile)
    except Exception as error:
        by_text = {"refused": condition_of(error)}
    if not volatile:
        found["text"] = text
    keys = ("refused", "fields", "rows", "error")
    if [found.get(key) for key in keys] != [by_text.get(key) for key in keys]:
        found["differs"] = {"text": text, **by_text}
    return found


def signatures():
    made = {}
    for name in dir(functions):
        value = getattr(functions, name)
        if inspect.isfunction(value) and value.__module__.startswith("pyspark.sql.functions"):
            made[name] = [
                [one.name, None if one.default is one.empty else repr(one.default)]
                for one in inspect.signature(value).parameters.values()
            ]
    return {name: made[name] for name in made if not name.startswith("_")}


def conditions():
    from pyspark.errors.error_classes import ERROR_CLASSES_MAP

    return {
        name: {
            "parameters": sorted(set(observe.re.findall("<([a-zA-Z0-9_-]+)>", " ".join(known["message"])))),
            "sqlState": known.get("sqlState"),
        }
        for name, known in ERROR_CLASSES_MAP.items()
    }


def main():
    spark = session()
    frame = spark.createDataFrame(cases.ROWS, cases.SCHEMA).coalesce(1).cache()
    mine, theirs = observe.scope("holdfast"), observe.scope("pyspark")
    pure = observe.python_scope("pyspark")
    golden = {"pyspark": "4.3.0", "zone": ZONE, "schema": cases.SCHEMA}
    golden["names"] = {"all": sorted(functions.__all__), "signatures": signatures()}
    golden["conditions"] = conditions()
    golden["ddl"] = [
        [text, observe.evaluated("DataType.fromDDL(text)", {**pure, "text": text})] for text in python_cases.DDL
    ]
    for group in ("TYPES", "ROWS", "MISUSE"):
        golden[group.lower()] = [
            [source, observe.evaluated(source, pure if group != "MISUSE" else theirs)]
            for source in getattr(python_cases, group)
        ]
    for group in ("OPERATORS", "LITERALS", "FUNCTIONS", "VOLATILE"):
        golden[group.lower()] = [
            recorded(source, mine, theirs, frame.select, volatile=group == "VOLATILE")
            for source in cases.lines(getattr(cases, group))
        ]
    golden["aggregates"] = [recorded(source, mine, theirs, frame.agg) for source in cases.lines(cases.AGGREGATES)]
    golden["orders"] = [[source, repr(eval(source, dict(theirs)))] for source in cases.lines(cases.ORDERS)]
    os.environ["TZ"] = "UTC"
    time.tzset()
    golden["in_utc"] = observe.evaluated(cases.IN_UTC, {**theirs, "session": spark})
    differ = [
        case
        for group in ("operators", "literals", "functions", "volatile", "aggregates")
        for case in golden[group]
        if "differs" in case
    ]
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "golden" / "columns.json"
    with path.open("w", encoding="utf-8") as out:
        out.write("{\n")
        out.write(",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in golden.items()))
        out.write("\n}\n")
    for case in differ:
        print("DIFFERS", json.dumps(case, ensure_ascii=False))
    spark.stop()
    return 1 if differ else 0


def _lines(value):
    """One case a line, so that a change of the file can be read."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
