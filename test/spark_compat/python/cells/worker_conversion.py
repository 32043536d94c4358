# SPDX-License-Identifier: Apache-2.0
"""Asks PySpark's own conversion of output, as its worker calls it, which cases of a Column it refuses. For the
recorder."""

from pyspark.sql import Row
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from cells.describe import head
from cells.processors import MODULES


def failures(column):
    declared = StructType(
        [StructField("name", _parse_datatype_string("string")), StructField("c", _parse_datatype_string(column.kind))]
    )
    convert = of_row if column.api == "row" else of_frame
    found = {}
    for name, source in column.cases.items():
        try:
            made = eval(source, dict(MODULES))
        except Exception:
            continue
        try:
            convert(name, made, declared, column.conf)
        except Exception as failure:
            found[name] = [told(failure)]
            while failure.__cause__ is not None:
                failure = failure.__cause__
                found[name].append(told(failure))
    return found


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
        safecheck=conf.get("spark.sql.execution.pandas.convertToArrowArraySafely") == "true",
        arrow_cast=True,
        assign_cols_by_name=True,
        int_to_decimal_coercion_enabled=False,
    )


def of_row(name, made, declared, conf):
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_type

    schema = pa.schema(list(to_arrow_type(declared, timezone="UTC", prefers_large_types=False)))
    pa.RecordBatch.from_pylist([Row(name=name, c=made).asDict(True)], schema=schema)
