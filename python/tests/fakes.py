# SPDX-License-Identifier: Apache-2.0
"""The program `holdfast` with a session that only notes what it is asked: `python fakes.py ARGUMENTS`.

The notebook layer is tested with it: what it asks of a session, and not what a session answers.
"""

import sys
from types import SimpleNamespace
from typing import Dict, List


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
    """A SparkSession that answers each SQL text with a frame that holds this text."""

    def __init__(self) -> None:
        self.sparkContext = SimpleNamespace(appName="fake")
        self.streams = SimpleNamespace(active=[], _finish=lambda: None)
        settings: Dict[str, str] = {}
        self.conf = SimpleNamespace(set=settings.__setitem__, get=settings.get)

    def sql(self, text: str) -> FakeFrame:
        return FakeFrame(["query"], [(text,)])

    def table(self, name: str) -> FakeFrame:
        return FakeFrame(["name"], [(name,)])

    def start_query(self) -> None:
        self.streams.active.append(FakeQuery(self))


def main() -> None:
    import holdfast.cli
    from holdfast.notebook import session

    only = FakeSession()
    session.current = lambda: only
    sys.argv[0] = "holdfast"
    sys.exit(holdfast.cli.main())


if __name__ == "__main__":
    del sys.path[0]
    main()
