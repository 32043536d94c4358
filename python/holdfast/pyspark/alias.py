# SPDX-License-Identifier: Apache-2.0
"""Makes the names of PySpark's modules mean Holdfast's.

A finder in front of sys.meta_path answers for `pyspark` and everything below it. A module of the table is made as an
Alias that looks each name up in our module, so that a class has one identity under both names. A module of PySpark that
is not in the table raises a ModuleNotFoundError that says that it is Holdfast that lacks it.
"""

import importlib
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, List, Optional, Sequence

# PySpark's module, or delta-spark's -> the module of ours that has its names.
MODULES = {
    "delta": "holdfast.delta",
    "delta.exceptions": "holdfast.delta.exceptions",
    "delta.tables": "holdfast.delta.tables",
    "pyspark": "holdfast.pyspark.toplevel",
    "pyspark.conf": "holdfast.conf",
    "pyspark.context": "holdfast.sql.context",
    "pyspark.core": "holdfast.sql.context",
    "pyspark.core.context": "holdfast.sql.context",
    "pyspark.dbutils": "holdfast.notebook.dbutils",
    "pyspark.errors": "holdfast.errors",
    "pyspark.errors.exceptions": "holdfast.errors",
    "pyspark.errors.exceptions.base": "holdfast.errors",
    "pyspark.errors.exceptions.captured": "holdfast.errors",
    "pyspark.sql": "holdfast.sql",
    "pyspark.sql.catalog": "holdfast.sql.catalog",
    "pyspark.sql.column": "holdfast.sql.column",
    "pyspark.sql.conf": "holdfast.sql.conf",
    "pyspark.sql.dataframe": "holdfast.sql.dataframe",
    "pyspark.sql.functions": "holdfast.sql.functions",
    "pyspark.sql.functions.builtin": "holdfast.sql.functions",
    "pyspark.sql.group": "holdfast.sql.group",
    "pyspark.sql.readwriter": "holdfast.sql.readwriter",
    "pyspark.sql.session": "holdfast.sql.session",
    "pyspark.sql.streaming": "holdfast.sql.streaming",
    "pyspark.sql.streaming.listener": "holdfast.sql.streaming.listener",
    "pyspark.sql.streaming.query": "holdfast.sql.streaming.query",
    "pyspark.sql.streaming.readwriter": "holdfast.sql.streaming.readwriter",
    "pyspark.sql.streaming.stateful_processor": "holdfast.sql.streaming.stateful_processor",
    "pyspark.sql.streaming.tws_tester": "holdfast.sql.streaming.tws_tester",
    "pyspark.sql.types": "holdfast.sql.types",
    "pyspark.sql.utils": "holdfast.errors",
    "pyspark.sql.window": "holdfast.sql.window",
    "pyspark.storagelevel": "holdfast.pyspark.storagelevel",
    "pyspark.testing": "holdfast.pyspark.testing",
    "pyspark.testing.utils": "holdfast.pyspark.testing",
    "pyspark.version": "holdfast.pyspark.toplevel",
}


class Alias(ModuleType):
    """A module of PySpark by name, whose names are those of a module of ours."""

    def __init__(self, name: str, target: ModuleType) -> None:
        super().__init__(name, f"PySpark's {name}, which is Holdfast's {target.__name__} in this process.")
        self.__path__: List[str] = []
        self.__file__ = target.__file__  # so that "cannot import name" tells where it was looked for
        self._target = target

    def __getattr__(self, name: str) -> Any:
        child = f"{self.__name__}.{name}"
        if child in MODULES:
            return importlib.import_module(child)
        target = self.__dict__["_target"]
        if name == "__all__":
            return getattr(target, "__all__", [public for public in dir(target) if not public.startswith("_")])
        try:
            return getattr(target, name)
        except AttributeError:
            raise AttributeError(
                f"{self.__name__} is Holdfast's {target.__name__} here, which has no {name!r}", name=name, obj=self
            ) from None

    def __dir__(self) -> List[str]:
        return dir(self.__dict__["_target"])


def _is_the_users(name: str) -> bool:
    """Whether a module of this name can be imported that is not the package delta-spark, which needs a JVM."""
    found = PathFinder.find_spec(name)
    if found is None or found.origin is None:  # a folder without __init__.py, such as one of data
        return False
    return not any(os.path.exists(os.path.join(one, "tables.py")) for one in found.submodule_search_locations or [])


class PySparkFinder(MetaPathFinder, Loader):
    """Finds and makes the modules of the table; nobody else is asked for a name that begins with pyspark."""

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        package = fullname.partition(".")[0]
        if package != "pyspark" and (package != "delta" or _is_the_users("delta")):
            return None
        if fullname not in MODULES:
            raise ModuleNotFoundError(
                f"Holdfast has no {fullname}: `import {package}` means Holdfast in this process, and of its "
                "modules it has those for SQL frames, stateful streaming, errors and tests",
                name=fullname,
            )
        return ModuleSpec(fullname, self, origin="holdfast", is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Alias(spec.name, importlib.import_module(MODULES[spec.name]))

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do: an Alias is complete when it is made."""


def install() -> None:
    """Puts the finder first; a second call changes nothing. Raises ImportError where PySpark itself is loaded."""
    if any(isinstance(finder, PySparkFinder) for finder in sys.meta_path):
        return
    loaded = sys.modules.get("pyspark")
    if loaded is not None:
        raise ImportError(
            f"PySpark itself was imported before Holdfast, from {getattr(loaded, '__file__', 'an unknown place')}: "
            "import holdfast.pyspark before the first import of pyspark, or run the script as `holdfast SCRIPT.py`",
            name="pyspark",
        )
    sys.meta_path.insert(0, PySparkFinder())
