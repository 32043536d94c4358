# SPDX-License-Identifier: Apache-2.0
"""Forks in user code. A forked child has one thread, which forked, and none of the engine's: it must not come back into
the engine, where it would wait for ever, or write what its parent writes."""

import os
import sys
import traceback
from typing import Any, NoReturn, Optional

_pid = os.getpid()


def _in_child() -> None:
    global _pid
    _pid = os.getpid()


os.register_at_fork(after_in_child=_in_child)


class SameProcess:
    """`with SameProcess():` runs user code that the engine calls. A child that is forked in it and gets to its end, by an
    exception or without, exits there. May be entered any number of times, on any thread."""

    __slots__ = ("_begun_in",)

    def __init__(self) -> None:
        self._begun_in = _pid

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, failure: Optional[BaseException], frames: Any) -> None:
        if _pid != self._begun_in:
            _leave(failure)


def _leave(failure: Optional[BaseException]) -> NoReturn:
    """As Python ends a process, but for what only a whole process can do: atexit and threads."""
    code = 1
    try:
        if isinstance(failure, SystemExit) and (failure.code is None or isinstance(failure.code, int)):
            code = failure.code or 0
        elif isinstance(failure, SystemExit):
            print(failure.code, file=sys.stderr)
        elif failure is not None:
            traceback.print_exception(type(failure), failure, failure.__traceback__)
        else:
            print(
                "holdfast: a child that was forked in a function of a query came to the end of that function, and ends "
                "there: let it call os._exit",
                file=sys.stderr,
            )
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
