# SPDX-License-Identifier: Apache-2.0
"""Shows an error of a script or notebook as Python does, without the frames of the runner, and adds what helps."""

import os
import sys
import traceback
from types import TracebackType
from typing import List, Optional, Set

from holdfast.paths import is_databricks, root_folder

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = tuple(os.path.join(PACKAGE, part) for part in ("notebook" + os.sep, "pyspark" + os.sep, "cli.py"))


def report(error: BaseException, place: str = "") -> int:
    """Prints the error as Python does, then `place` and hints; returns the exit code that Python would give.

    `place` is where in a notebook it arose. The lines of its cells are known to the module traceback and not to
    Python's own way of printing, which for scripts is the better one.
    """
    sys.stdout.flush()
    hide_runner(error)
    if place and sys.excepthook is sys.__excepthook__:
        traceback.print_exception(type(error), error, error.__traceback__)
    else:
        sys.excepthook(type(error), error, error.__traceback__)
    for sentence in filter(None, [place, *hints(error)]):
        print(f"holdfast: {sentence}", file=sys.stderr)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def hide_runner(error: Optional[BaseException], seen: Optional[Set[int]] = None) -> None:
    """Takes the runner's frames out of the tracebacks of an error and of those that it comes from."""
    seen = set() if seen is None else seen
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    error.__traceback__ = _without_ours(error.__traceback__)
    for other in (error.__cause__, error.__context__, *getattr(error, "exceptions", ())):
        hide_runner(other, seen)


def _without_ours(first: Optional[TracebackType]) -> Optional[TracebackType]:
    kept: List[TracebackType] = []
    while first is not None:
        file = first.tb_frame.f_code.co_filename
        if not file.startswith(OURS) and not file.startswith("<frozen importlib"):
            kept.append(first)
        first = first.tb_next
    rebuilt: Optional[TracebackType] = None
    for one in reversed(kept):
        rebuilt = TracebackType(rebuilt, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return rebuilt


def hints(error: BaseException) -> List[str]:
    """What a user of Databricks or PySpark does not expect here, said where an error comes from it."""
    found = []
    path = getattr(error, "filename", None) if isinstance(error, OSError) else None
    if isinstance(path, (str, bytes)) and is_databricks(os.fsdecode(path)):
        found.append(
            f"for Spark and dbutils {os.fsdecode(path)} lies below --root ({root_folder()}), but Python's own open() "
            "and os do not know that: pass them holdfast.paths.to_local(path)"
        )
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "pyspark":
        found.append("pyspark is Holdfast in this process, which has the part of PySpark that its documentation lists")
    return found
