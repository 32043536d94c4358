# SPDX-License-Identifier: Apache-2.0
"""Spark's types by PySpark's names, and their JSON text.

`as_type` takes whatever a user gives for a type: an object of these classes, of PySpark's own classes where PySpark is
installed beside Holdfast, or DDL text. DDL text is read in `holdfast.sql.ddl`.
"""

import json as json_text
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union, overload

from holdfast.errors import (
    PySparkIndexError,
    PySparkKeyError,
    PySparkTypeError,
    PySparkValueError,
    not_offered,
)
from holdfast.sql.atomic_types import (  # noqa: F401 (some are here to be imported)
    AnsiIntervalType,
    AnyTimeType,
    AtomicType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
    DataType,
    DateType,
    DatetimeType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    GeographyType,
    GeometryType,
    IntegerType,
    IntegralType,
    LongType,
    NullType,
    NumericType,
    ShortType,
    SpatialType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VarcharType,
    VariantType,
    YearMonthIntervalType,
)
from holdfast.sql.row import Row, create_row
from holdfast.sql.type_words import type_of_word

# The names of PySpark's `from pyspark.sql.types import *`. The bases that PySpark has beside them can be imported too.
__all__ = [
    "DataType",
    "NullType",
    "CharType",
    "StringType",
    "VarcharType",
    "BinaryType",
    "BooleanType",
    "DateType",
    "TimeType",
    "TimestampType",
    "TimestampNTZType",
    "DecimalType",
    "DoubleType",
    "Geography",
    "Geometry",
    "FloatType",
    "ByteType",
    "IntegerType",
    "LongType",
    "DayTimeIntervalType",
    "YearMonthIntervalType",
    "CalendarIntervalType",
    "Row",
    "ShortType",
    "ArrayType",
    "MapType",
    "StructField",
    "StructType",
    "VariantType",
    "VariantVal",
    "GeographyType",
    "GeometryType",
]

DEPTH_MAX = 2**31 - 1
COLLATIONS_KEY = "__COLLATIONS"


class ArrayType(DataType):
    """A list of values of one type, which may be null unless `containsNull` is False."""

    def __init__(self, elementType: DataType, containsNull: bool = True) -> None:
        assert isinstance(elementType, DataType), f"elementType {elementType} should be an instance of {DataType}"
        self.elementType = elementType
        self.containsNull = containsNull

    def simpleString(self) -> str:
        return f"array<{self.elementType.simpleString()}>"

    def _as_nullable(self) -> "ArrayType":
        return ArrayType(self.elementType._as_nullable(), containsNull=True)

    def toNullable(self) -> "ArrayType":
        """The same type with nulls allowed everywhere."""
        return self._as_nullable()

    def __repr__(self) -> str:
        return f"ArrayType({self.elementType}, {self.containsNull})"

    def jsonValue(self) -> Dict[str, Any]:
        return {
            "type": self.typeName(),
            "elementType": self.elementType.jsonValue(),
            "containsNull": self.containsNull,
        }

    @classmethod
    def fromJson(cls, json: Dict[str, Any], fieldPath: str = "", collationsMap: Any = None) -> "ArrayType":
        path = f"{fieldPath}.element" if fieldPath else "element"
        return ArrayType(type_of_json(json["elementType"], path, collationsMap), json["containsNull"])

    def needConversion(self) -> bool:
        return self.elementType.needConversion()

    def toInternal(self, obj: Any) -> Any:
        return obj and [self.elementType.toInternal(one) for one in obj] if self.needConversion() else obj

    def fromInternal(self, obj: Any) -> Any:
        return obj and [self.elementType.fromInternal(one) for one in obj] if self.needConversion() else obj

    def _tree_lines(self, prefix: str, depth: int) -> List[str]:
        nulls = str(self.containsNull).lower()
        return _lines_of(f"{prefix}-- element: ", self.elementType, f" (containsNull = {nulls})", prefix, depth)


class MapType(DataType):
    """Keys and their values; a value may be null unless `valueContainsNull` is False."""

    def __init__(self, keyType: DataType, valueType: DataType, valueContainsNull: bool = True) -> None:
        assert isinstance(keyType, DataType), f"keyType {keyType} should be an instance of {DataType}"
        assert isinstance(valueType, DataType), f"valueType {valueType} should be an instance of {DataType}"
        self.keyType = keyType
        self.valueType = valueType
        self.valueContainsNull = valueContainsNull

    def simpleString(self) -> str:
        return f"map<{self.keyType.simpleString()},{self.valueType.simpleString()}>"

    def _as_nullable(self) -> "MapType":
        return MapType(self.keyType._as_nullable(), self.valueType._as_nullable(), valueContainsNull=True)

    def toNullable(self) -> "MapType":
        """The same type with nulls allowed everywhere."""
        return self._as_nullable()

    def __repr__(self) -> str:
        return f"MapType({self.keyType}, {self.valueType}, {self.valueContainsNull})"

    def jsonValue(self) -> Dict[str, Any]:
        return {
            "type": self.typeName(),
            "keyType": self.keyType.jsonValue(),
            "valueType": self.valueType.jsonValue(),
            "valueContainsNull": self.valueContainsNull,
        }

    @classmethod
    def fromJson(cls, json: Dict[str, Any], fieldPath: str = "", collationsMap: Any = None) -> "MapType":
        before = f"{fieldPath}." if fieldPath else ""
        key = type_of_json(json["keyType"], before + "key", collationsMap)
        value = type_of_json(json["valueType"], before + "value", collationsMap)
        return MapType(key, value, json["valueContainsNull"])

    def needConversion(self) -> bool:
        return self.keyType.needConversion() or self.valueType.needConversion()

    def toInternal(self, obj: Any) -> Any:
        if not self.needConversion():
            return obj
        return obj and {self.keyType.toInternal(key): self.valueType.toInternal(one) for key, one in obj.items()}

    def fromInternal(self, obj: Any) -> Any:
        if not self.needConversion():
            return obj
        return obj and {self.keyType.fromInternal(key): self.valueType.fromInternal(one) for key, one in obj.items()}

    def _tree_lines(self, prefix: str, depth: int) -> List[str]:
        nulls = str(self.valueContainsNull).lower()
        return _lines_of(f"{prefix}-- key: ", self.keyType, "", prefix, depth) + _lines_of(
            f"{prefix}-- value: ", self.valueType, f" (valueContainsNull = {nulls})", prefix, depth
        )


class StructField(DataType):
    """A field of a StructType."""

    def __init__(
        self, name: str, dataType: DataType, nullable: bool = True, metadata: Optional[Dict[str, Any]] = None
    ) -> None:
        assert isinstance(dataType, DataType), f"dataType {dataType} should be an instance of {DataType}"
        assert isinstance(name, str), f"field name {name} should be a string"
        self.name = name
        self.dataType = dataType
        self.nullable = nullable
        self.metadata = metadata or {}

    def simpleString(self) -> str:
        return f"{self.name}:{self.dataType.simpleString()}"

    def __repr__(self) -> str:
        return f"StructField('{self.name}', {self.dataType}, {self.nullable})"

    def jsonValue(self) -> Dict[str, Any]:
        """Collations stand in the metadata, as a JSON type has no place for them."""
        collations = self.getCollationMetadata()
        plain = _without_collations(self.dataType) if collations else self.dataType
        return {
            "name": self.name,
            "type": plain.jsonValue(),
            "nullable": self.nullable,
            "metadata": {**self.metadata, COLLATIONS_KEY: collations} if collations else self.metadata,
        }

    @classmethod
    def fromJson(cls, json: Dict[str, Any]) -> "StructField":
        metadata = json.get("metadata") or {}
        collations = {}
        for path, value in metadata.get(COLLATIONS_KEY, {}).items():
            provider, _, name = value.partition(".")
            if provider.lower() not in StringType.providers:
                raise PySparkValueError(
                    errorClass="COLLATION_INVALID_PROVIDER",
                    messageParameters={"provider": provider, "supportedProviders": ", ".join(StringType.providers)},
                )
            collations[path] = name
        metadata = {key: value for key, value in metadata.items() if key != COLLATIONS_KEY}
        data_type = type_of_json(json["type"], json["name"], collations)
        return StructField(json["name"], data_type, json.get("nullable", True), metadata)

    def getCollationMetadata(self) -> Dict[str, str]:
        """The collations of the strings in the type, by the paths to them."""
        return dict(_collations(self.dataType, self.name))

    def needConversion(self) -> bool:
        return self.dataType.needConversion()

    def toInternal(self, obj: Any) -> Any:
        return self.dataType.toInternal(obj)

    def fromInternal(self, obj: Any) -> Any:
        return self.dataType.fromInternal(obj)

    def typeName(self) -> str:  # type: ignore[override]
        raise PySparkTypeError(errorClass="INVALID_TYPENAME_CALL", messageParameters={})

    def _tree_lines(self, prefix: str, depth: int) -> List[str]:
        name = self.name.translate(_CONTROL_CHARACTERS)
        nulls = str(self.nullable).lower()
        return _lines_of(f"{prefix}-- {name}: ", self.dataType, f" (nullable = {nulls})", prefix, depth)


class StructType(DataType):
    """The fields of a row, in order."""

    def __init__(self, fields: Optional[List[StructField]] = None) -> None:
        self.fields = fields or []
        self.names = [field.name for field in self.fields]
        assert all(isinstance(field, StructField) for field in self.fields), "fields should be a list of StructField"

    def add(
        self,
        field: Union[str, StructField],
        data_type: Union[str, DataType, None] = None,
        nullable: bool = True,
        metadata: Optional[Dict[str, Any]] = None,
    ) -> "StructType":
        """Adds a field to this schema and returns it. A type may be a text as in JSON: "integer", "decimal(10,2)"."""
        if not isinstance(field, StructField):
            if data_type is None:
                raise PySparkValueError(
                    errorClass="ARGUMENT_REQUIRED",
                    messageParameters={"arg_name": "data_type", "condition": "passing name of struct_field to create"},
                )
            known = type_of_json(data_type) if isinstance(data_type, str) else data_type
            field = StructField(field, known, nullable, metadata)
        self.fields.append(field)
        self.names.append(field.name)
        return self

    def __iter__(self) -> Iterator[StructField]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    @overload
    def __getitem__(self, key: Union[str, int]) -> StructField: ...
    @overload
    def __getitem__(self, key: slice) -> "StructType": ...
    def __getitem__(self, key: Union[str, int, slice]) -> Union[StructField, "StructType"]:
        if isinstance(key, str):
            for field in self.fields:
                if field.name == key:
                    return field
            raise PySparkKeyError(errorClass="KEY_NOT_EXISTS", messageParameters={"key": key})
        if isinstance(key, int):
            try:
                return self.fields[key]
            except IndexError:
                raise PySparkIndexError(
                    errorClass="INDEX_OUT_OF_RANGE", messageParameters={"arg_name": "StructType", "index": str(key)}
                ) from None
        if isinstance(key, slice):
            return StructType(self.fields[key])
        raise PySparkTypeError(
            errorClass="NOT_EXPECTED_TYPE",
            messageParameters={
                "expected_type": "int, slice or str",
                "arg_name": "key",
                "arg_type": type(key).__name__,
            },
        )

    def simpleString(self) -> str:
        return "struct<%s>" % ",".join(field.simpleString() for field in self.fields)

    def _as_nullable(self) -> "StructType":
        return StructType(
            [StructField(one.name, one.dataType._as_nullable(), True, one.metadata) for one in self.fields]
        )

    def toNullable(self) -> "StructType":
        """The same schema with nulls allowed everywhere."""
        return self._as_nullable()

    def _repr_html_(self) -> str:
        from holdfast.sql.stream_html import schema_html

        return schema_html(self)

    def __repr__(self) -> str:
        return "StructType([%s])" % ", ".join(str(field) for field in self.fields)

    def jsonValue(self) -> Dict[str, Any]:
        return {"type": self.typeName(), "fields": [field.jsonValue() for field in self.fields]}

    @classmethod
    def fromJson(cls, json: Dict[str, Any]) -> "StructType":
        return StructType([StructField.fromJson(field) for field in json["fields"]])

    def fieldNames(self) -> List[str]:
        return list(self.names)

    def toDDL(self) -> str:
        """The schema as text that `fromDDL` reads."""
        from holdfast.sql.ddl import fields_to_ddl

        return fields_to_ddl(self)

    def needConversion(self) -> bool:
        return True

    def toInternal(self, obj: Any) -> Optional[Tuple[Any, ...]]:
        if obj is None:
            return None
        if isinstance(obj, (tuple, list)):
            if any(field.needConversion() for field in self.fields):
                return tuple(field.toInternal(value) for field, value in zip(self.fields, obj))
            return tuple(obj)
        values = obj if isinstance(obj, dict) else getattr(obj, "__dict__", None)
        if values is None:
            raise PySparkValueError(errorClass="UNEXPECTED_TUPLE_WITH_STRUCT", messageParameters={"tuple": str(obj)})
        return tuple(field.toInternal(values.get(field.name)) for field in self.fields)

    def fromInternal(self, obj: Any) -> Optional[Row]:
        if obj is None or isinstance(obj, Row):
            return obj
        if any(field.needConversion() for field in self.fields):
            obj = [field.fromInternal(value) for field, value in zip(self.fields, obj)]
        return create_row(self.names, obj)

    def treeString(self, maxDepth: int = DEPTH_MAX) -> str:
        """The text that printSchema prints; levels below `maxDepth` are left out."""
        lines = ["root"] + self._tree_lines(" |", maxDepth if maxDepth > 0 else DEPTH_MAX)
        return "\n".join(lines) + "\n"

    def _tree_lines(self, prefix: str, depth: int) -> List[str]:
        return [line for field in self.fields for line in field._tree_lines(prefix, depth)]


class _OnlyAName:
    """A class of values that Holdfast lacks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise not_offered(f"A {type(self).__name__} value")


class VariantVal(_OnlyAName):
    """A value of a VariantType."""


class Geography(_OnlyAName):
    """A value of a GeographyType."""


class Geometry(_OnlyAName):
    """A value of a GeometryType."""


_CONTROL_CHARACTERS = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b", "\v": "\\v", "\a": "\\a"}
)


def _lines_of(label: str, data_type: DataType, suffix: str, prefix: str, depth: int) -> List[str]:
    if depth <= 0:
        return []
    return [f"{label}{data_type._tree_name()}{suffix}"] + data_type._tree_lines(f"{prefix}    |", depth - 1)


def _collations(data_type: DataType, path: str) -> Iterator[Tuple[str, str]]:
    if isinstance(data_type, ArrayType):
        yield from _collations(data_type.elementType, path + ".element")
    elif isinstance(data_type, MapType):
        yield from _collations(data_type.keyType, path + ".key")
        yield from _collations(data_type.valueType, path + ".value")
    elif isinstance(data_type, StringType) and not data_type.isUTF8BinaryCollation():
        yield path, f"{StringType.collationProvider(data_type.collation)}.{data_type.collation}"


def _without_collations(data_type: DataType) -> DataType:
    if isinstance(data_type, ArrayType):
        return ArrayType(_without_collations(data_type.elementType), data_type.containsNull)
    if isinstance(data_type, MapType):
        key, value = _without_collations(data_type.keyType), _without_collations(data_type.valueType)
        return MapType(key, value, data_type.valueContainsNull)
    return StringType() if isinstance(data_type, StringType) else data_type


_OF_PARTS: Dict[str, Any] = {"array": ArrayType, "map": MapType}


def type_of_json(value: Any, path: str = "", collations: Optional[Dict[str, str]] = None) -> DataType:
    """The type of a `jsonValue()`; `collations` are those of the field that the type is a part of, by path."""
    if isinstance(value, dict):
        kind = value["type"]
        if kind == "struct":
            return StructType.fromJson(value)
        if kind in _OF_PARTS:
            return _OF_PARTS[kind].fromJson(value, path, collations)
        raise PySparkValueError(errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": str(kind)})
    text = str(value)
    if collations and path in collations:
        if text != "string":
            raise PySparkTypeError(
                errorClass="INVALID_JSON_DATA_TYPE_FOR_COLLATIONS", messageParameters={"jsonType": text}
            )
        return StringType(collations[path])
    made = type_of_word(text)
    if made is None:
        raise PySparkValueError(errorClass="CANNOT_PARSE_DATATYPE", messageParameters={"msg": text})
    return made


def as_type(given: Any, name: str = "dataType") -> DataType:
    """The type that a user gives: one of these classes, one of PySpark's own, or DDL text. `name` is the argument's."""
    if isinstance(given, DataType):
        return given
    if isinstance(given, str):
        return DataType.fromDDL(given)
    if type(given).__module__.split(".")[0] == "pyspark" and hasattr(given, "json") and not isinstance(given, type):
        return type_of_json(json_text.loads(given.json()))
    raise PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={"expected_type": "DataType or str", "arg_name": name, "arg_type": type(given).__name__},
    )
