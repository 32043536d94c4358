# SPDX-License-Identifier: Apache-2.0
"""Columns, evaluated by the engine: names, types, nullability and values are those that PySpark 4.3.0 gave."""

import datetime

import pytest

from columns_golden import GOLDEN, OF_ROWS, cases, expressions, observe, select, source_of
from holdfast.sql import column as columns
from holdfast.sql.types import ArrayType, DecimalType, MapType, StructType

pytest.importorskip("holdfast._engine", reason="the extension holdfast._engine is not built")
pyarrow = pytest.importorskip("pyarrow")

NAMES = observe.scope("holdfast")
NOT_OFFERED = "HOLDFAST_UNPROVEN_EXPRESSION"

ARROW = {
    "void": pyarrow.null(),
    "boolean": pyarrow.bool_(),
    "byte": pyarrow.int8(),
    "short": pyarrow.int16(),
    "integer": pyarrow.int32(),
    "long": pyarrow.int64(),
    "float": pyarrow.float32(),
    "double": pyarrow.float64(),
    "string": pyarrow.string(),
    "binary": pyarrow.binary(),
    "date": pyarrow.date32(),
    "timestamp": pyarrow.timestamp("us", "UTC"),
    "timestamp_ntz": pyarrow.timestamp("us"),
}


def arrow_type(spark_type):
    """The Arrow type of a type of ours."""
    if isinstance(spark_type, DecimalType):
        return pyarrow.decimal128(spark_type.precision, spark_type.scale)
    if isinstance(spark_type, ArrayType):
        return pyarrow.list_(arrow_type(spark_type.elementType))
    if isinstance(spark_type, MapType):
        return pyarrow.map_(arrow_type(spark_type.keyType), arrow_type(spark_type.valueType))
    if isinstance(spark_type, StructType):
        return pyarrow.struct([(field.name, arrow_type(field.dataType)) for field in spark_type])
    return ARROW[spark_type.typeName()]


def json_type(arrow):
    """The JSON text's type of an Arrow type; nullability within it is left out, as Arrow's readers leave it out."""
    if pyarrow.types.is_decimal(arrow):
        return f"decimal({arrow.precision},{arrow.scale})"
    if pyarrow.types.is_timestamp(arrow):
        return "timestamp" if arrow.tz else "timestamp_ntz"
    if pyarrow.types.is_map(arrow):
        return ["map", json_type(arrow.key_type), json_type(arrow.item_type)]
    if pyarrow.types.is_list(arrow) or pyarrow.types.is_large_list(arrow):
        return ["array", json_type(arrow.value_type)]
    if pyarrow.types.is_struct(arrow):
        return ["struct", *([field.name, json_type(field.type)] for field in arrow)]
    if pyarrow.types.is_large_string(arrow):
        return "string"
    return next(name for name, known in ARROW.items() if known == arrow)


def outline(recorded):
    """The recorded type in the form of json_type."""
    if not isinstance(recorded, dict):
        return recorded
    if recorded["type"] == "array":
        return ["array", outline(recorded["elementType"])]
    if recorded["type"] == "map":
        return ["map", outline(recorded["keyType"]), outline(recorded["valueType"])]
    return ["struct", *([field["name"], outline(field["type"])] for field in recorded["fields"])]


def python_value(value, recorded):
    """A value as Arrow gives it, as PySpark gives it."""
    if value is None:
        return None
    if isinstance(recorded, dict) and recorded["type"] == "array":
        return [python_value(one, recorded["elementType"]) for one in value]
    if isinstance(recorded, dict) and recorded["type"] == "map":
        return {key: python_value(one, recorded["valueType"]) for key, one in value}
    if isinstance(recorded, dict):
        return tuple(python_value(value[field["name"]], field["type"]) for field in recorded["fields"])
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(datetime.timezone.utc)
    return value


@pytest.fixture(scope="module")
def table():
    schema = NAMES["DataType"].fromDDL(cases.SCHEMA)
    columns_of_rows = list(zip(*cases.ROWS))

    def arrow_value(value, spark_type):
        if isinstance(spark_type, MapType) and value is not None:
            return list(value.items())
        if isinstance(spark_type, StructType) and value is not None:
            return dict(zip(spark_type.names, value))
        return value

    arrays = [
        pyarrow.array([arrow_value(value, field.dataType) for value in values], arrow_type(field.dataType))
        for field, values in zip(schema, columns_of_rows)
    ]
    return pyarrow.Table.from_arrays(arrays, names=schema.names)


@pytest.mark.parametrize("case", expressions(*OF_ROWS), ids=source_of)
def test_the_engine_gives_what_pyspark_gave(case, table):
    text = columns.select_item(eval(case["source"], dict(NAMES)))
    try:
        made = select(table, [text], GOLDEN["zone"])
    except Exception as error:
        if NOT_OFFERED in str(error):
            pytest.skip("not offered by the engine")
        assert case.get("error") and case["error"] in str(error)
        return
    assert "error" not in case, f"Spark's {case.get('error')} did not come"
    assert made.schema.names == [field["name"] for field in case["fields"]]
    assert [json_type(kind) for kind in made.schema.types] == [outline(field["type"]) for field in case["fields"]]
    assert [field.nullable for field in made.schema] == [field["nullable"] for field in case["fields"]]
    arrays = [made.column(i).to_pylist() for i in range(made.num_columns)]
    rows = [
        observe.plain(tuple(python_value(value, field["type"]) for value, field in zip(row, case["fields"])))
        for row in zip(*arrays)
    ]
    assert rows == case["rows"]
