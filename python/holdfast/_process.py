# SPDX-License-Identifier: Apache-2.0
"""Forks in user code. A forked child has one thread, which forked, and none of the engine's: it must not come back into
the engine, where it would wait for ever, or write what its parent writes."""

import os
import sys
import traceback
from typing import Any, Callable, NoReturn, Optional

pid = os.getpid()  # of this process; compared with what it was when a call of user code began


def _in_child() -> None:
    global pid
    pid = os.getpid()


os.register_at_fork(after_in_child=_in_child)


def ending_children(call: Callable[..., Any]) -> Callable[..., Any]:
    """The call, in which a child that is forked ends, by an exception or without."""
    parent = pid

    def guarded(*arguments: Any) -> Any:
        try:
            result = call(*arguments)
        except BaseException as failure:
            if pid != parent:
                leave(failure)
            raise
        if pid != parent:
            leave(None)
        return result

    return guarded


def leave(failure: Optional[BaseException]) -> NoReturn:
    """Ends a forked child as Python ends a process, but for what only a whole process can do: atexit and threads."""
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
