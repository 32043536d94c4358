# SPDX-License-Identifier: Apache-2.0
"""What DataStreamWriter.foreach takes, as the engine calls it: a function, or an object with open, process and close."""

from typing import Any, Callable, Optional

from holdfast._process import ending_children
from holdfast.errors import PySparkAttributeError
from holdfast.sql.row import row_class
from holdfast.sql.types import StructType


class Target:
    """open(partition_id, epoch_id) -> bool, process(values), close(message or None)."""

    def __init__(self, call: Any, names: Any) -> None:
        self._row = row_class(names)
        self._open = _guarded(getattr(call, "open", None))
        self._process = ending_children(getattr(call, "process", call))
        self._close = _guarded(getattr(call, "close", None))
        self._failure: Optional[BaseException] = None

    def open(self, partition_id: int, epoch_id: int) -> bool:
        self._failure = None
        return True if self._open is None else bool(self._open(partition_id, epoch_id))

    def process(self, values: tuple) -> None:
        try:
            self._process(tuple.__new__(self._row, values))
        except BaseException as failure:
            self._failure = failure
            raise

    def close(self, message: Optional[str]) -> None:
        if self._close is not None:
            self._close(self._failure)


def _guarded(call: Optional[Callable[..., Any]]) -> Optional[Callable[..., Any]]:
    return None if call is None else ending_children(call)


def foreach_target(call: Any, schema: StructType) -> Target:
    if not callable(call) and not callable(getattr(call, "process", None)):
        raise PySparkAttributeError(
            errorClass="ATTRIBUTE_NOT_CALLABLE",
            messageParameters={"attr_name": "process", "obj_name": type(call).__name__},
        )
    return Target(call, schema.names)
