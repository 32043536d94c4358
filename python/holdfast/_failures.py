# SPDX-License-Identifier: Apache-2.0
"""Failures on their way between the engine and Python: which exception a failure of the engine is, and what text an
exception of the user's code is to the engine."""

import traceback
from types import TracebackType
from typing import Optional, Type

from holdfast import errors

# Conditions of expressions and plans, by how they begin; Spark finds these while it analyses a query.
_ANALYSIS = (
    "UNRESOLVED_", "AMBIGUOUS_", "DATATYPE_MISMATCH", "HOLDFAST_UNPROVEN_EXPRESSION", "COLUMN_ALREADY_EXISTS",
    "WRONG_NUM_ARGS", "NUM_COLUMNS_MISMATCH", "INCOMPATIBLE_COLUMN_TYPE", "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE",
    "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK", "TABLE_OR_VIEW_NOT_FOUND", "PATH_NOT_FOUND",
    "STREAMING_OUTPUT_MODE", "DELTA_TABLE_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA", "PATH_ALREADY_EXISTS", "STDS_",
)  # fmt: skip
_ARITHMETIC = ("DIVIDE_BY_ZERO", "ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "REMAINDER_BY_ZERO")
_DATETIME = ("CANNOT_PARSE_TIMESTAMP", "DATETIME_")
_NUMBER = ("CAST_INVALID_INPUT", "CAST_OVERFLOW")


def exception_class(kind: str, condition: str) -> Type[errors.PySparkException]:
    """The class that PySpark raises for such a failure; `kind` is the engine's word for it."""
    if condition.startswith("PARSE_"):
        return errors.ParseException
    if condition.startswith(_ANALYSIS):
        return errors.AnalysisException
    if condition.startswith(_ARITHMETIC):
        return errors.ArithmeticException
    if condition.startswith(_DATETIME):
        return errors.DateTimeException
    if condition.startswith(_NUMBER):
        return errors.NumberFormatException
    if kind == "invalid":
        return errors.IllegalArgumentException
    return errors.PySparkRuntimeError


def from_engine(kind: str, condition: str, message: str) -> errors.PySparkException:
    """The exception for a failure of the engine."""
    return exception_class(kind, condition)(message, errorClass=condition or None, messageParameters={})


def from_state(kind: str, condition: str, message: str) -> errors.PySparkException:
    """The exception for a call on state or timers that failed. As PySpark's it has the condition in its text alone."""
    return errors.PySparkRuntimeError(message)


def note_call(failure: BaseException, call: str) -> None:
    """Says of an exception which call of the user's code it came out of: what the engine, and so the message of the
    StreamingQueryException, has about it begins with that."""
    noted = failure.__dict__  # not setattr: a frozen dataclass would refuse
    noted["_engine_call"] = call
    status = noted.get("_engine_status")
    if status is not None:
        noted["_engine_status"] = (*status[:2], user_traceback(failure))


def is_of_user_code(failure: BaseException) -> bool:
    """Whether it came out of a call of the user's code."""
    return "_engine_call" in failure.__dict__


def user_traceback(exception: BaseException) -> str:
    """What the user's code threw, with its own lines, and the call that it came out of."""
    frames = own_frames(exception)
    text = "".join(traceback.format_exception(type(exception), exception, frames)).rstrip()
    call = exception.__dict__.get("_engine_call")
    told = f"{call}:\n{text}" if call else text
    return told.encode("utf-8", "backslashreplace").decode("utf-8")  # the engine has UTF-8, and no lone surrogates


def own_frames(exception: BaseException) -> Optional[TracebackType]:
    """The traceback without the lines of this package in front of the user's, which say nothing; None when it has no
    others."""
    frames = exception.__traceback__
    while frames is not None and frames.tb_frame.f_globals.get("__name__", "").startswith("holdfast."):
        frames = frames.tb_next
    return frames
