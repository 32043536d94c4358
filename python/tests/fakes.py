# SPDX-License-Identifier: Apache-2.0
"""The program `holdfast` with a session that only notes what it is asked: `python fakes.py ARGUMENTS`.

The notebook layer is tested with it, so that its tests need neither the extension nor the SQL of DataFrames. Modules of
the alias' table that cannot be imported yet are empty here.
"""

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any, Dict, List, Optional


class FakeFrame:
    """A DataFrame as far as display() looks at it."""

    def __init__(self, columns: List[str], rows: List[tuple], streaming: bool = False) -> None:
        self.columns = columns
        self.rows = rows
        self.isStreaming = streaming

    def limit(self, count: int) -> "FakeFrame":
        return FakeFrame(self.columns, self.rows[:count])

    def collect(self) -> List[tuple]:
        return self.rows


class FakeQuery:
    """A streaming query that is active until somebody stops it."""

    name, id = "endless", "some-id"

    def __init__(self, session: "FakeSession") -> None:
        self.session = session

    def stop(self) -> None:
        self.session.streams.active.remove(self)


class FakeSession:
    """A SparkSession that answers each SQL text with a frame that holds this text and its arguments."""

    def __init__(self) -> None:
        self.sparkContext = SimpleNamespace(appName="fake")
        self.streams = SimpleNamespace(active=[])
        self.conf = SimpleNamespace(set=lambda key, value: None)

    def sql(self, text: str, args: Optional[Dict[str, Any]] = None) -> FakeFrame:
        if "no_such_table" in text:
            raise ValueError("[TABLE_OR_VIEW_NOT_FOUND] no_such_table")
        return FakeFrame(["query", "args"], [(text, str(args) if args else None)])

    def table(self, name: str) -> FakeFrame:
        return FakeFrame(["name"], [(name,)])

    def start_query(self) -> None:
        self.streams.active.append(FakeQuery(self))


def fill_missing_modules() -> None:
    """Puts an empty module where the alias' table names one that is not there."""
    from holdfast.pyspark.alias import MODULES

    for name in ["holdfast.conf", "holdfast.context", *MODULES.values()]:
        try:
            module = importlib.import_module(name)
        except ImportError:
            module = sys.modules[name] = ModuleType(name)
            module.SparkConf = module.SparkContext = type("Empty", (), {})
        if not hasattr(module, "__file__"):
            module.__file__ = "<empty>"


def main() -> None:
    fill_missing_modules()
    import holdfast.cli
    from holdfast.notebook import session

    only = FakeSession()
    session.current = lambda: only
    sys.argv[0] = "holdfast"
    sys.exit(holdfast.cli.main())


if __name__ == "__main__":
    del sys.path[0]
    main()
