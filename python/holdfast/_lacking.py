# SPDX-License-Identifier: Apache-2.0
"""Names of PySpark's classes that are lacking here: they say so, unlike misspelt ones."""

from typing import Any, ClassVar, FrozenSet

from holdfast.errors import not_offered


class Lacking:
    """A base of classes; `_LACKING` are the names that PySpark's class has beside those of this one."""

    _LACKING: ClassVar[FrozenSet[str]] = frozenset()

    def __getattr__(self, name: str) -> Any:
        if name in self._LACKING:
            raise not_offered(f"{type(self).__name__}.{name}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
