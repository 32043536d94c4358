# SPDX-License-Identifier: Apache-2.0
"""PySpark's exceptions, by PySpark's names, with Spark's error conditions.

An exception is made in one of two ways. Python code names a condition and its parameters; the sentence then comes from
CONDITIONS. The engine hands over a whole sentence with the condition that Spark has for it.
"""

import warnings
from abc import ABC, abstractmethod
from enum import Enum
from pickle import PicklingError
from typing import Any, Callable, Dict, Iterable, List, Optional

__all__ = [
    "PySparkException",
    "AnalysisException",
    "SessionNotSameException",
    "TempTableAlreadyExistsException",
    "ParseException",
    "IllegalArgumentException",
    "ArithmeticException",
    "UnsupportedOperationException",
    "ArrayIndexOutOfBoundsException",
    "DateTimeException",
    "NumberFormatException",
    "StreamingQueryException",
    "QueryExecutionException",
    "PythonException",
    "UnknownException",
    "SparkRuntimeException",
    "SparkUpgradeException",
    "SparkNoSuchElementException",
    "PySparkTypeError",
    "PySparkValueError",
    "PySparkImportError",
    "PySparkIndexError",
    "PySparkAttributeError",
    "PySparkRuntimeError",
    "PySparkAssertionError",
    "PySparkNotImplementedError",
    "PySparkPicklingError",
    "PySparkKeyError",
    "QueryContext",
    "QueryContextType",
    "StreamingPythonRunnerInitializationException",
    "PickleException",
]

# The conditions that this package raises itself: a sentence with the parameters in braces.
CONDITIONS: Dict[str, str] = {
    "ARGUMENT_REQUIRED": "{arg_name} must be given when {condition}.",
    "ATTRIBUTE_NOT_SUPPORTED": "There is no attribute `{attr_name}`.",
    "CANNOT_ACCESS_TO_DUNDER": "A name that begins with two underscores is no field of a Column.",
    "CANNOT_APPLY_IN_FOR_COLUMN": (
        "Python's 'in' does not work on a Column: use contains() for a text and array_contains() for an array."
    ),
    "CANNOT_BE_EMPTY": "At least one {item} must be given.",
    "CANNOT_BE_NONE": "{arg_name} must not be None.",
    "CANNOT_CONVERT_COLUMN_INTO_BOOL": (
        "Cannot convert column into bool (offending column: {column}): please use '&' for 'and', '|' for 'or', "
        "'~' for 'not' when building DataFrame boolean expressions."
    ),
    "CANNOT_CONVERT_TYPE": "A {from_type} without field names cannot become a {to_type}.",
    "CANNOT_DETERMINE_TYPE": "The values given are all None for some field: give a schema.",
    "CANNOT_INFER_EMPTY_SCHEMA": "There are no rows to infer a schema from: give a schema.",
    "CANNOT_INFER_SCHEMA_FOR_TYPE": "A schema cannot be inferred from a row of the class `{data_type}`.",
    "CANNOT_INFER_TYPE_FOR_FIELD": "The type of the field `{field_name}` cannot be inferred from its value.",
    "CANNOT_MERGE_TYPE": "Values of the types `{data_type1}` and `{data_type2}` have no common type.",
    "CANNOT_PARSE_DATATYPE": "The text is no data type: {msg}.",
    "CANNOT_SET_TOGETHER": "{arg_list} exclude each other.",
    "COLLATION_INVALID_PROVIDER": "There is no collation provider {provider}, there are [{supportedProviders}].",
    "COLUMN_IN_LIST": "{func_name} takes no list that has a Column in it.",
    "FIELD_DATA_TYPE_UNACCEPTABLE": "{data_type} can not accept object {obj} in type {obj_type}.",
    "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME": (
        "{field_name}: {data_type} can not accept object {obj} in type {obj_type}."
    ),
    "FIELD_NOT_NULLABLE": "The value is None, and the field is not nullable.",
    "FIELD_NOT_NULLABLE_WITH_NAME": "{field_name}: the value is None, and the field is not nullable.",
    "FIELD_STRUCT_LENGTH_MISMATCH": "The row has {object_length} values, and its schema {field_length} fields.",
    "FIELD_STRUCT_LENGTH_MISMATCH_WITH_NAME": (
        "{field_name}: the row has {object_length} values, and its schema {field_length} fields."
    ),
    "INDEX_OUT_OF_RANGE": "{arg_name} has no element {index}.",
    "INVALID_INTERVAL_CASTING": "There is no interval from {start_field} to {end_field}.",
    "INVALID_ITEM_FOR_CONTAINER": "{arg_name} may hold only {allowed_types}, but it holds a {item_type}.",
    "INVALID_TYPENAME_CALL": "A StructField has no typeName: ask its dataType.",
    "INVALID_WHEN_USAGE": "when() stands only behind when(), and nothing stands behind otherwise().",
    "INVALID_JSON_DATA_TYPE_FOR_COLLATIONS": "Only a string has a collation, and the JSON says {jsonType}.",
    "KEY_NOT_EXISTS": "There is no key `{key}`.",
    "LENGTH_SHOULD_BE_THE_SAME": "{arg1} has {arg1_length} elements, {arg2} {arg2_length}: they must be as many.",
    "NEGATIVE_VALUE": "{arg_name} must not be negative, and it is {arg_value}.",
    "NOT_EXPECTED_TYPE": "{arg_name} must be a {expected_type}, not a {arg_type}.",
    "NOT_IMPLEMENTED": "{feature} is not implemented.",
    "NOT_ITERABLE": "A {objectName} cannot be iterated over.",
    "NOT_SAME_TYPE": "{arg_name1} and {arg_name2} must be of one type, not {arg_type1} and {arg_type2}.",
    "NO_ACTIVE_OR_DEFAULT_SESSION": "There is no SparkSession yet: make one with SparkSession.builder.getOrCreate().",
    "NO_ACTIVE_SESSION": "There is no active SparkSession: make one with SparkSession.builder.getOrCreate().",
    "ONLY_ALLOWED_FOR_SINGLE_COLUMN": "{arg_name} is only for a single column.",
    "ONLY_ALLOW_SINGLE_TRIGGER": "A query has one trigger: give exactly one argument.",
    "PACKAGE_NOT_INSTALLED": "{package_name} {minimum_version} or later is not installed.",
    "READ_ONLY": "A {object} cannot be changed.",
    "SLICE_WITH_STEP": "A slice of a Column has no step.",
    "TOO_MANY_VALUES": "{actual} values were given for {expected} {item}.",
    "UNEXPECTED_TUPLE_WITH_STRUCT": "{tuple} is no row for a StructType.",
    "UNSUPPORTED_DATA_TYPE": "The data type {data_type} is not supported.",
    "UNSUPPORTED_LITERAL": "'{literal}' cannot be a literal.",
    "UNSUPPORTED_NUMPY_ARRAY_SCALAR": "A numpy array of {dtype} cannot be a literal.",
    "UNSUPPORTED_OPERATION": "{operation} is not supported.",
    "VALUE_NOT_ALLOWED": "{arg_name} must be one of {allowed_values}.",
    "VALUE_NOT_NON_EMPTY_STR": "{arg_name} must be a text with at least one character, not '{arg_value}'.",
    "VALUE_NOT_POSITIVE": "{arg_name} must be above zero, and it is {arg_value}.",
    "VALUE_OUT_OF_BOUNDS": "{arg_name} must lie between {lower_bound} and {upper_bound}, and it is {actual}.",
    "WRONG_NUM_COLUMNS": "{func_name} takes at least {num_cols} columns.",
}

# SQLSTATE of the conditions that have one: PySpark's own, and the engine's most frequent ones as Spark states them.
SQL_STATES: Dict[str, str] = {
    "ATTRIBUTE_NOT_SUPPORTED": "0A000",
    "CANNOT_INFER_EMPTY_SCHEMA": "42K09",
    "CANNOT_INFER_SCHEMA_FOR_TYPE": "42K09",
    "CANNOT_INFER_TYPE_FOR_FIELD": "42K09",
    "CANNOT_MERGE_TYPE": "42K09",
    "NOT_EXPECTED_TYPE": "42K09",
    "NOT_IMPLEMENTED": "0A000",
    "NOT_ITERABLE": "42K09",
    "NOT_SAME_TYPE": "42K09",
    "NO_ACTIVE_OR_DEFAULT_SESSION": "08003",
    "NO_ACTIVE_SESSION": "08003",
    "CAST_INVALID_INPUT": "22018",
    "DATATYPE_MISMATCH": "42K09",
    "DIVIDE_BY_ZERO": "22012",
    "PARSE_SYNTAX_ERROR": "42601",
    "TABLE_OR_VIEW_NOT_FOUND": "42P01",
    "UNRESOLVED_COLUMN": "42703",
    "UNRESOLVED_ROUTINE": "42883",
    "UNSUPPORTED_DATATYPE": "0A000",
}


def sentence_of(condition: str, parameters: Dict[str, str]) -> str:
    """The sentence for a condition; condition and parameters as they are where CONDITIONS does not know it."""
    template = CONDITIONS.get(condition)
    if template is None:
        return ", ".join(f"{name}: {value}" for name, value in parameters.items()) or "No more is known."
    return template.format(**parameters)


def _rebuilt(cls: type, args: tuple, state: Dict[str, Any]) -> "PySparkException":
    """Makes a pickled exception again without calling its constructor, whose arguments may have been keywords."""
    made = cls.__new__(cls, *args)
    made.__dict__.update(state)
    return made


class PySparkException(Exception):
    """The base of every error that PySpark's API names."""

    def __init__(
        self,
        message: Optional[str] = None,
        errorClass: Optional[str] = None,
        messageParameters: Optional[Dict[str, str]] = None,
        contexts: Optional[List["QueryContext"]] = None,
    ) -> None:
        if message is None:
            message = sentence_of(errorClass or "", messageParameters or {})
        self._message = message
        self._errorClass = errorClass
        self._messageParameters = messageParameters
        self._contexts = list(contexts or [])

    def getCondition(self) -> Optional[str]:
        """Spark's name for what went wrong, or None."""
        return self._errorClass

    def getErrorClass(self) -> Optional[str]:
        """The same as getCondition, by its old name."""
        warnings.warn("getErrorClass is deprecated since 4.0.0: use getCondition.", FutureWarning)
        return self.getCondition()

    def getMessageParameters(self) -> Optional[Dict[str, str]]:
        return self._messageParameters

    def getSqlState(self) -> Optional[str]:
        """The SQLSTATE of the condition, or None where it has none; a sub-condition has that of its main condition."""
        return SQL_STATES.get(self._errorClass.split(".")[0]) if self._errorClass else None

    def getMessage(self) -> str:
        return f"[{self.getCondition()}] {self._message}"

    def getBreakingChangeInfo(self) -> Optional[Dict[str, Any]]:
        """None: no condition of this package tells of a breaking change."""
        return None

    def getQueryContext(self) -> List["QueryContext"]:
        return self._contexts

    def __str__(self) -> str:
        return self._message if self.getCondition() is None else self.getMessage()

    def __reduce__(self) -> tuple:
        return _rebuilt, (type(self), self.args, dict(self.__dict__))


class AnalysisException(PySparkException):
    """A query does not make sense: a column, type or table that is not there, or may not be used so."""


class SessionNotSameException(PySparkException):
    """Two things of different SparkSessions met."""


class TempTableAlreadyExistsException(AnalysisException):
    """There is a temporary view of this name."""


class ParseException(AnalysisException):
    """A SQL or DDL text has a mistake."""


class IllegalArgumentException(PySparkException):
    """An argument or option has a value that it may not have."""


class ArithmeticException(PySparkException):
    """An overflow or a division by zero in a row."""


class UnsupportedOperationException(PySparkException):
    """Spark does not offer this operation."""


class ArrayIndexOutOfBoundsException(PySparkException):
    """An array has no such element."""


class DateTimeException(PySparkException):
    """A text or number is no date or time."""


class NumberFormatException(IllegalArgumentException):
    """A text is no number."""


class StreamingQueryException(PySparkException):
    """What ended a StreamingQuery."""


class StreamingPythonRunnerInitializationException(PySparkException):
    """A Python runner of a streaming query did not start."""


class QueryExecutionException(PySparkException):
    """A query failed while it ran."""


class PythonException(PySparkException):
    """The user's Python code raised an error within a query."""

    def __str__(self) -> str:
        parameters = self.getMessageParameters() or {}
        if "msg" not in parameters or "traceback" not in parameters:
            return super().__str__()
        return f"{parameters['msg']}:\n{parameters['traceback'].strip()}"


class SparkRuntimeException(PySparkException):
    """An error in a row, with a condition of its own."""


class SparkUpgradeException(PySparkException):
    """A version of Spark behaves differently from an earlier one here."""


class SparkNoSuchElementException(PySparkException):
    """A key or setting that is not there."""


class UnknownException(PySparkException):
    """None of the others."""


class PySparkValueError(PySparkException, ValueError):
    """A ValueError with a condition."""


class PySparkTypeError(PySparkException, TypeError):
    """A TypeError with a condition."""


class PySparkIndexError(PySparkException, IndexError):
    """An IndexError with a condition."""


class PySparkAttributeError(PySparkException, AttributeError):
    """An AttributeError with a condition."""


class PySparkRuntimeError(PySparkException, RuntimeError):
    """A RuntimeError with a condition."""


class PySparkAssertionError(PySparkException, AssertionError):
    """An AssertionError with a condition; `data` are the rows that differ."""

    def __init__(
        self,
        message: Optional[str] = None,
        errorClass: Optional[str] = None,
        messageParameters: Optional[Dict[str, str]] = None,
        data: Optional[Iterable[Any]] = None,
    ) -> None:
        super().__init__(message, errorClass, messageParameters)
        self.data = data


class PySparkNotImplementedError(PySparkException, NotImplementedError):
    """What PySpark has and Holdfast lacks, or nobody has."""


class PySparkPicklingError(PySparkException, PicklingError):
    """A PicklingError with a condition."""


class PySparkKeyError(PySparkException, KeyError):
    """A KeyError with a condition."""


class PySparkImportError(PySparkException, ImportError):
    """An ImportError with a condition."""


class PickleException(PySparkException):
    """Pickling failed on the other side."""


class QueryContextType(Enum):
    """Where a QueryContext points to."""

    SQL = 0
    DataFrame = 1


class QueryContext(ABC):
    """The place in a query that an error is about."""

    @abstractmethod
    def contextType(self) -> QueryContextType:
        """Whether this is a place in a SQL text or in a program."""

    @abstractmethod
    def objectType(self) -> str:
        """Empty for the query itself, else the kind of what the place lies in: VIEW."""

    @abstractmethod
    def objectName(self) -> str:
        """The name of that view; empty for the query itself."""

    @abstractmethod
    def startIndex(self) -> int:
        """The first character, counted from 0."""

    @abstractmethod
    def stopIndex(self) -> int:
        """The last character."""

    @abstractmethod
    def fragment(self) -> str:
        """The text from the first to the last character."""

    @abstractmethod
    def callSite(self) -> str:
        """The line of the program."""

    @abstractmethod
    def summary(self) -> str:
        """All of it in words."""


def not_offered(feature: str, instead: str = "") -> PySparkNotImplementedError:
    """The error for what PySpark has and Holdfast lacks; `instead` is a sentence on what to do."""
    message = f"{feature} is not offered by Holdfast." + (f" {instead}" if instead else "")
    return PySparkNotImplementedError(message, errorClass="NOT_IMPLEMENTED", messageParameters={"feature": feature})


def refusing(owner: str, names: str) -> Callable[[Any, str], Any]:
    """A __getattr__ for a class that lacks these names of PySpark's, separated by blanks: each is refused by name."""
    lacking = frozenset(names.split())

    def __getattr__(self: Any, name: str) -> Any:
        if name in lacking:
            raise not_offered(f"{owner}.{name}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    return __getattr__
