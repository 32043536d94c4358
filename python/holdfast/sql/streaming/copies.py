# SPDX-License-Identifier: Apache-2.0
"""Copies of the user's processor, by cloudpickle as in PySpark: classes of a script or notebook are copied whole, those
of modules are imported.

cloudpickle knows which class a copied one came from, by a table that it keeps in the process, and would write what was
copied into that one: each copy would change the program's own class. Here each copy has classes of its own, as in
another process. Exceptions alone stay those of the program, which wants to tell them apart.
"""

import io
import pickle
from collections import ChainMap
from types import CodeType
from typing import Any, Callable, List, Optional, Tuple

import cloudpickle
from cloudpickle import cloudpickle as inner

from holdfast.errors import PySparkPicklingError


def copier(original: Any, what: str = "processor") -> Callable[[], Any]:
    """A function that makes fresh copies of the processor, as a Spark worker gets one for each partition and batch.

    Raises what cloudpickle raises when it cannot be copied, here and not in the middle of a query.
    """
    pickled = io.BytesIO()
    pickler = _Pickler(pickled)
    try:
        pickler.dump(original)
    except Exception as failure:
        name = getattr(original, "__name__", type(original).__name__)
        raise PySparkPicklingError(
            f"The {what} {name} cannot be copied for the partitions of a batch, since it holds "
            f"something that pickle does not take: {failure}"
        ) from failure
    content, shared = pickled.getvalue(), pickler.shared
    return lambda: _Unpickler(content, shared).load()


def _reduced(code: CodeType) -> Tuple[Any, ...]:
    make, arguments = cloudpickle.Pickler.dispatch_table[CodeType](code)[:2]
    return _code, (make, arguments, code.co_filename)


def _code(make: Any, arguments: Tuple[Any, ...], file_name: str) -> CodeType:
    return make(*arguments).replace(co_filename=file_name)


class _Pickler(cloudpickle.Pickler):
    """Keeps the names of files, which cloudpickle drops: without them a traceback has no lines."""

    dispatch_table = ChainMap({CodeType: _reduced}, cloudpickle.Pickler.dispatch_table)

    def __init__(self, target: io.BytesIO) -> None:
        super().__init__(target)
        self.shared: List[type] = []  # what copies have in common with the program

    def persistent_id(self, one: Any) -> Optional[int]:
        if not isinstance(one, type) or not issubclass(one, BaseException):
            return None
        self.shared.append(one)
        return len(self.shared) - 1

    def reducer_override(self, one: Any) -> Any:
        reduced = super().reducer_override(one)
        if not isinstance(one, type) or not isinstance(reduced, tuple):
            return reduced
        # Without the number that the class has in the table, what is unpickled is not looked up there.
        number = inner._DYNAMIC_CLASS_TRACKER_BY_CLASS.get(one)
        arguments = tuple(None if number is not None and given == number else given for given in reduced[1])
        return (reduced[0], arguments, *reduced[2:])


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, shared: List[type]) -> None:
        super().__init__(io.BytesIO(content))
        self._shared = shared

    def persistent_load(self, number: int) -> type:
        return self._shared[number]
