# SPDX-License-Identifier: Apache-2.0
"""python3 -m files.writes --spark VERSION: has that Spark write rows and records what lies in the directory then."""

import argparse
import base64
import datetime
import decimal
import gzip
import json
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def main():
    parser = argparse.ArgumentParser(prog="files.writes")
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--only", default="", help="cases whose names begin so, shown and not written")
    asked = parser.parse_args()

    from recipes.environment import enter_spark

    enter_spark(asked.spark, ["-m", "files.writes", *sys.argv[1:]])
    from files import write_cases
    from recipes.session import start

    session = start(more={"spark.ui.showConsoleProgress": "false"})
    lines = []
    with tempfile.TemporaryDirectory(prefix="holdfast-writes-") as scratch:
        for number, case in enumerate(write_cases.cases()):
            if case["name"].startswith(asked.only):
                answer = answer_of(session, case, pathlib.Path(scratch) / str(number))
                lines.append(json.dumps({**case, **answer}, separators=(",", ":")) + "\n")
    session.stop()
    if asked.only:
        print("".join(lines))
        return
    out = HERE / f"writes-{asked.spark}.jsonl.gz"
    out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{out}: {len(lines)} cases, {out.stat().st_size // 1024} KB")


def answer_of(session, case, home):
    from files.__main__ import ask

    if case["before"] == "empty":
        home.mkdir()
    for kind, schema, rows, partition_by in case["before"] if isinstance(case["before"], list) else []:
        writer = frame(session, schema, rows).write.format(kind).mode("append")
        (writer.partitionBy(*partition_by) if partition_by else writer).save(str(home))
    return ask(lambda: write(session, case, home))


def write(session, case, home):
    writer = frame(session, case["schema"], case["rows"]).write.format(case["format"]).options(**case["options"])
    if case["mode"] is not None:
        writer = writer.mode(case["mode"])
    if case["partition_by"]:
        writer = writer.partitionBy(*case["partition_by"])
    writer.save(str(home))
    files = []
    for path in sorted(home.rglob("*")):
        if path.is_file():
            text = case["format"] != "parquet" or not path.read_bytes()
            files.append([UUID.sub("UUID", str(path.relative_to(home))), base64.b64encode(path.read_bytes()).decode() if text and not path.name.endswith(".crc") else None])
    return {"files": sorted(files, key=lambda one: (one[0], one[1] or ""))}


def frame(session, schema, rows):
    from pyspark.sql import types

    parsed = types.StructType.fromDDL(schema) if schema else types.StructType([])
    made = [[value_of(value, field.dataType) for value, field in zip(row, parsed.fields)] for row in rows]
    return session.createDataFrame(session.sparkContext.parallelize(made, 1), parsed)


def value_of(text, data_type):
    from pyspark.sql import types

    if text is None:
        return None
    if isinstance(data_type, types.StructType):
        return [value_of(one, field.dataType) for one, field in zip(text, data_type.fields)]
    if isinstance(data_type, types.ArrayType):
        return [value_of(one, data_type.elementType) for one in text]
    if isinstance(data_type, types.MapType):
        return {value_of(key, data_type.keyType): value_of(value, data_type.valueType) for key, value in text}
    if isinstance(data_type, types.BooleanType):
        return text == "true"
    if isinstance(data_type, (types.DoubleType, types.FloatType)):
        return float(text)
    if isinstance(data_type, types.DecimalType):
        return decimal.Decimal(text)
    if isinstance(data_type, types.BinaryType):
        return bytearray.fromhex(text)
    if isinstance(data_type, types.DateType):
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=int(text))
    if isinstance(data_type, types.TimestampType):
        return datetime.datetime.fromtimestamp(0, datetime.timezone.utc) + datetime.timedelta(microseconds=int(text))
    if isinstance(data_type, types.TimestampNTZType):
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=int(text))
    return text if isinstance(data_type, types.StringType) else int(text)


if __name__ == "__main__":
    sys.exit(main())
