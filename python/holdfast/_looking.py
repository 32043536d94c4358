# SPDX-License-Identifier: Apache-2.0
"""A program that is imported only to be looked at, by `holdfast check`: it must not start queries or write tables."""

from contextlib import contextmanager
from typing import Iterator

from holdfast.errors import PySparkRuntimeError

_looks = False


class OnlyLooking(PySparkRuntimeError):
    """The program wants to do what it would do when it is run."""


@contextmanager
def looking() -> Iterator[None]:
    """Until its end queries and writes are refused."""
    global _looks
    _looks = True
    try:
        yield
    finally:
        _looks = False


def refuse_if_looking(what: str) -> None:
    if _looks:
        raise OnlyLooking(
            f"{what} is called while the module is imported to be checked, where nothing may be started or written: put "
            'what the program does under `if __name__ == "__main__":`.'
        )
