# SPDX-License-Identifier: Apache-2.0
"""Window, which scripts import: window functions are not offered, so each of its functions is refused by name."""

from typing import Any

from holdfast.errors import not_offered

__all__ = ["Window", "WindowSpec"]


class _Refused(type):
    """A class whose PySpark functions raise when they are asked for."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_offered(f"{cls.__name__}.{name}, a window function")


class Window(metaclass=_Refused):
    """Would say what rows a window function sees."""


class WindowSpec(metaclass=_Refused):
    """What Window's functions return."""
