# SPDX-License-Identifier: Apache-2.0
"""Spark's types as Arrow's, as PySpark maps them: timestamps are microseconds in UTC."""

import pyarrow as pa

from holdfast.errors import PySparkTypeError
from holdfast.sql import types as t

_SIMPLE = {
    t.NullType: pa.null(),
    t.BooleanType: pa.bool_(),
    t.ByteType: pa.int8(),
    t.ShortType: pa.int16(),
    t.IntegerType: pa.int32(),
    t.LongType: pa.int64(),
    t.FloatType: pa.float32(),
    t.DoubleType: pa.float64(),
    t.StringType: pa.string(),
    t.BinaryType: pa.binary(),
    t.DateType: pa.date32(),
    t.TimestampType: pa.timestamp("us", tz="UTC"),
    t.TimestampNTZType: pa.timestamp("us"),
}


def to_arrow_type(kind: t.DataType) -> pa.DataType:
    simple = _SIMPLE.get(type(kind))
    if simple is not None:
        return simple
    if isinstance(kind, t.DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    if isinstance(kind, t.ArrayType):
        return pa.list_(pa.field("element", to_arrow_type(kind.elementType), nullable=kind.containsNull))
    if isinstance(kind, t.MapType):
        return pa.map_(
            pa.field("key", to_arrow_type(kind.keyType), nullable=False),
            pa.field("value", to_arrow_type(kind.valueType), nullable=kind.valueContainsNull),
        )
    if isinstance(kind, t.StructType):
        return pa.struct([to_arrow_field(one) for one in kind.fields])
    raise PySparkTypeError(
        errorClass="UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION", messageParameters={"data_type": str(kind)}
    )


def to_arrow_field(one: t.StructField) -> pa.Field:
    return pa.field(one.name, to_arrow_type(one.dataType), nullable=one.nullable)


def to_arrow_schema(schema: t.StructType) -> pa.Schema:
    return pa.schema([to_arrow_field(one) for one in schema.fields])
