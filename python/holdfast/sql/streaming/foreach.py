# SPDX-License-Identifier: Apache-2.0
"""What DataStreamWriter.foreach takes, as the engine calls it: a function, or an object with open, process and close."""

from typing import Any, Callable, Optional

from holdfast._process import ending_children
from holdfast.errors import PySparkAttributeError
from holdfast.sql.row import row_class
from holdfast.sql.streaming.copies import copier
from holdfast.sql.types import StructType


class Target:
    """open(partition_id, epoch_id) -> bool, process(values), close(message or None). Each partition of a batch has,
    from open on, a copy of what the user gave."""

    def __init__(self, copy: Callable[[], Any], names: Any) -> None:
        self._row = row_class(names)
        self._copy = copy
        self._process: Callable[[Any], Any] = _nothing
        self._close: Optional[Callable[[Any], Any]] = None
        self._failure: Optional[BaseException] = None

    def open(self, partition_id: int, epoch_id: int) -> bool:
        self._failure = None
        call = self._copy()
        is_function = callable(call)
        self._process = ending_children(call if is_function else call.process)
        self._close = None if is_function else _guarded(getattr(call, "close", None))
        opened = None if is_function else _guarded(getattr(call, "open", None))
        return True if opened is None else bool(opened(partition_id, epoch_id))

    def process(self, values: tuple) -> None:
        try:
            self._process(tuple.__new__(self._row, values))
        except BaseException as failure:
            self._failure = failure
            raise

    def close(self, message: Optional[str]) -> None:
        if self._close is not None:
            self._close(self._failure)


def _nothing(row: Any) -> None:
    """Before the first partition."""


def _guarded(call: Optional[Callable[..., Any]]) -> Optional[Callable[..., Any]]:
    return None if call is None else ending_children(call)


def foreach_target(call: Any, schema: StructType) -> Target:
    if not callable(call):
        for name in ("process", "open", "close"):
            if (name == "process" or hasattr(call, name)) and not callable(getattr(call, name, None)):
                raise PySparkAttributeError(
                    errorClass="ATTRIBUTE_NOT_CALLABLE",
                    messageParameters={"attr_name": name, "obj_name": type(call).__name__},
                )
    return Target(copier(call, "target of foreach"), schema.names)
