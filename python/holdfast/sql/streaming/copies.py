# SPDX-License-Identifier: Apache-2.0
"""Copies of the user's processor, by cloudpickle as in PySpark: classes of a script or notebook are copied whole, those
of modules are imported."""

import io
from collections import ChainMap
from types import CodeType
from typing import Any, Callable, Tuple

import cloudpickle

from holdfast.errors import PySparkPicklingError
from holdfast.sql.streaming.stateful_processor import StatefulProcessor


def copier(processor: StatefulProcessor) -> Callable[[], StatefulProcessor]:
    """A function that makes fresh copies of the processor, as a Spark worker gets one for each partition and batch.

    Raises what cloudpickle raises when the processor cannot be copied, here and not in the middle of a query.
    """
    pickled = io.BytesIO()
    try:
        _Pickler(pickled).dump(processor)
    except Exception as failure:
        raise PySparkPicklingError(
            f"The processor {type(processor).__name__} cannot be copied for the partitions of a batch, since it holds "
            f"something that pickle does not take: {failure}"
        ) from failure
    content = pickled.getvalue()
    return lambda: cloudpickle.loads(content)


def _reduced(code: CodeType) -> Tuple[Any, ...]:
    make, arguments = cloudpickle.Pickler.dispatch_table[CodeType](code)[:2]
    return _code, (make, arguments, code.co_filename)


def _code(make: Any, arguments: Tuple[Any, ...], file_name: str) -> CodeType:
    return make(*arguments).replace(co_filename=file_name)


class _Pickler(cloudpickle.Pickler):
    """Keeps the names of files, which cloudpickle drops: without them a traceback has no lines."""

    dispatch_table = ChainMap({CodeType: _reduced}, cloudpickle.Pickler.dispatch_table)
