# SPDX-License-Identifier: Apache-2.0
"""Asks PySpark's own conversion of output, as its worker calls it, which cases of a Column it refuses. For the
recorder. A process of its own does it, since pyarrow ends its process at some values."""

import json
import subprocess
import sys

from pyspark.sql import Row
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from cells.describe import head
from cells.processors import MODULES
from cells.query import CRASH


def failures(column):
    """{case: lines of its error}; CRASH where pyarrow ends the process."""
    declared = StructType(
        [StructField("name", _parse_datatype_string("string")), StructField("c", _parse_datatype_string(column.kind))]
    )
    found, left = {}, dict(column.cases)
    while left:
        question = {"declared": declared.jsonValue(), "api": column.api, "conf": column.conf, "cases": left}
        asked = subprocess.run(
            [sys.executable, "-m", "cells.worker_conversion"],
            input=json.dumps(question),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for line in asked.stdout.splitlines():
            name, errors = json.loads(line)
            if errors:
                found[name] = errors
            del left[name]
        if left and asked.returncode == 0:
            raise RuntimeError(f"{column.name}: no answer for {next(iter(left))}")
        if left:
            name = next(iter(left))
            found[name] = [CRASH]
            del left[name]
    return found


def main():
    question = json.load(sys.stdin)
    declared = StructType.fromJson(question["declared"])
    convert = of_row if question["api"] == "row" else of_frame
    for name, source in question["cases"].items():
        errors = []
        try:
            convert(name, eval(source, dict(MODULES)), declared, question["conf"])
        except Exception as failure:
            while failure is not None:
                errors.append(told(failure))
                failure = failure.__cause__
        print(json.dumps([name, errors]), flush=True)


def told(failure):
    kind = type(failure)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return head(f"{name}: {failure}", lines=1)


def of_frame(name, made, declared, conf):
    import pandas as pd
    from pyspark.sql.conversion import PandasToArrowConversion

    frame = pd.DataFrame({"c": made})
    frame["name"] = name
    PandasToArrowConversion.convert(
        [frame],
        StructType([StructField("_0", declared)]),
        timezone=conf.get("spark.sql.session.timeZone", "UTC"),
        safecheck=conf.get("spark.sql.execution.pandas.convertToArrowArraySafely", "true") == "true",
        arrow_cast=True,
        assign_cols_by_name=True,
        int_to_decimal_coercion_enabled=False,
    )


def of_row(name, made, declared, conf):
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_type

    schema = pa.schema(list(to_arrow_type(declared, timezone="UTC", prefers_large_types=False)))
    pa.RecordBatch.from_pylist([Row(name=name, c=made).asDict(True)], schema=schema)


if __name__ == "__main__":
    main()
