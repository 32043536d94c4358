# SPDX-License-Identifier: Apache-2.0
"""python3 -m files --spark VERSION: writes files and what that Spark reads from them. README.md says in which form."""

import argparse
import base64
import decimal
import gzip
import json
import pathlib
import struct
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(prog="files")
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--only", default="", help="cases whose names begin so, shown and not written")
    asked = parser.parse_args()

    from recipes.environment import enter_spark

    enter_spark(asked.spark, ["-m", "files", *sys.argv[1:]])
    from files import csv_cases, json_cases, parquet_cases, text_cases

    cases = [each for module in (text_cases, json_cases, csv_cases, parquet_cases) for each in module.cases()]
    cases = [each for each in cases if each["name"].startswith(asked.only)]
    assert len({each["name"] for each in cases}) == len(cases)
    with tempfile.TemporaryDirectory(prefix="holdfast-files-") as scratch:
        lines = record(pathlib.Path(scratch), cases)
    if asked.only:
        print("".join(lines))
        return
    out = HERE / f"reads-{asked.spark}.jsonl.gz"
    out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{out}: {len(lines)} cases, {out.stat().st_size // 1024} KB")


def record(scratch, cases):
    from recipes.session import start

    session = start(more={"spark.ui.showConsoleProgress": "false", "spark.sql.files.ignoreCorruptFiles": "false"})
    lines = []
    for number, case in enumerate(cases):
        home = scratch / str(number)
        for name, content in case["files"].items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
        answer = ask(lambda: batch(session, case, home))
        if case["stream"]:
            answer["streamed"] = ask(lambda: stream(session, case, home, scratch))
        kept = {**case, "files": {name: base64.b64encode(content).decode() for name, content in case["files"].items()}}
        lines.append(json.dumps({**kept, **answer}, separators=(",", ":")) + "\n")
    session.stop()
    return lines


def ask(read):
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        return read()
    except PySparkException as refusal:
        return {"refused": refusal.getCondition() or type(refusal).__name__, "message": str(refusal).split("\n")[0][:200]}
    except Py4JJavaError as failure:
        return java_failure(failure.java_exception)


def java_failure(thrown):
    """The first of the chain of causes that has a condition, else the last one's class."""
    while True:
        name = thrown.getClass().getName()
        if hasattr(thrown, "getCondition") and thrown.getCondition():
            return {"refused": thrown.getCondition()}
        if thrown.getCause() is None:
            return {"refused": name, "message": str(thrown.getMessage())[:200]}
        thrown = thrown.getCause()


def frame_of(reader, case, home):
    reader = reader.format(case["format"]).options(**case["options"])
    if case["schema"] is not None:
        reader = reader.schema(case["schema"])
    return reader.load(str(home / case["path"]))


def batch(session, case, home):
    frame = frame_of(session.read, case, home)
    return {"read": json.loads(frame.schema.json()), "rows": rows_of(frame)}


def stream(session, case, home, scratch):
    frame = frame_of(session.readStream, case, home)
    rows = []
    query = (frame.writeStream.foreachBatch(lambda some, _: rows.extend(rows_of(some)))
             .option("checkpointLocation", str(scratch / "checkpoints" / home.name)).trigger(availableNow=True).start())
    query.awaitTermination()
    return {"read": json.loads(frame.schema.json()), "rows": rows}


def rows_of(frame):
    from pyspark.sql import types

    columns = []
    for place, field in enumerate(frame.schema.fields):
        column = frame[f"`{field.name}`"] if frame.columns.count(field.name) == 1 else frame[place]
        # Python has no texts that are no UTF-8.
        columns.append(column.cast("binary") if isinstance(field.dataType, types.StringType) else column)
    return [[value_of(value, field.dataType) for value, field in zip(row, frame.schema.fields)]
            for row in frame.select(*columns).collect()]


def value_of(value, data_type):
    from pyspark.sql import types

    if value is None:
        return None
    if isinstance(data_type, types.StructType):
        return [value_of(one, field.dataType) for one, field in zip(value, data_type.fields)]
    if isinstance(data_type, types.ArrayType):
        return [value_of(one, data_type.elementType) for one in value]
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return {"bytes": value.hex()}
    if isinstance(data_type, (types.DoubleType, types.FloatType)):
        return struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(data_type, (types.DateType, types.TimestampType, types.TimestampNTZType)):
        return str(data_type.toInternal(value))
    return value if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.exit(main())
