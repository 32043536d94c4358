# SPDX-License-Identifier: Apache-2.0
"""Version 1 of the StreamShop sessionizer in three ways of writing it, with PySpark's names only.

Each counts the events of a session and adds up their revenue until a purchase or a logout ends it; the next event of
that key begins another session. One row is put out for each session that ended. All three give the same rows.
"""

from typing import Iterator

import pandas as pd
from pyspark.sql import Row
from pyspark.sql.streaming import StatefulProcessor, StatefulProcessorHandle
from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType, TimestampType

ENDS = ("purchase", "logout")

STATE = StructType([
    StructField("session_id", StringType(), True),
    StructField("user_id", StringType(), True),
    StructField("event_count", IntegerType(), True),
    StructField("total_revenue", DoubleType(), True),
    StructField("session_start", TimestampType(), True),
])

ENDED_SESSION = StructType([*STATE.fields, StructField("schema_version", StringType(), True)])


class NaivePandasSessions(StatefulProcessor):
    """As examples are written: iterrows, and a look into the state and a change of it for every event."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        self.session = handle.getValueState("session_state", STATE)

    def handleInputRows(self, key, rows, timerValues) -> Iterator[pd.DataFrame]:
        for chunk in rows:
            ended = []
            for _, event in chunk.iterrows():
                revenue = float(event["revenue"])
                now = self.session.get()
                if now is None:
                    now = (key[0], str(event["user_id"]), 1, revenue, pd.Timestamp(event["event_timestamp"]))
                else:
                    now = (now[0], now[1], now[2] + 1, now[3] + revenue, now[4])
                if event["event_type"] in ENDS:
                    ended.append((*now, "v1"))
                    self.session.clear()
                else:
                    self.session.update(now)
            yield pd.DataFrame(ended, columns=ENDED_SESSION.names)

    def close(self) -> None:
        pass


class ColumnPandasSessions(StatefulProcessor):
    """With arrays: one look into the state and one change of it for each key, and sums over slices of columns."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        self.session = handle.getValueState("session_state", STATE)

    def handleInputRows(self, key, rows, timerValues) -> Iterator[pd.DataFrame]:
        before = now = self.session.get()
        ended = []
        for chunk in rows:
            types = chunk["event_type"].to_numpy()
            revenues = chunk["revenue"].to_numpy()
            begin = 0
            for end in [*((types == ENDS[0]) | (types == ENDS[1])).nonzero()[0].tolist(), len(types) - 1]:
                if begin > end:
                    continue
                revenue = float(revenues[begin:end + 1].sum())
                if now is None:
                    start = pd.Timestamp(chunk["event_timestamp"].iat[begin])
                    now = (key[0], chunk["user_id"].iat[begin], end + 1 - begin, revenue, start)
                else:
                    now = (now[0], now[1], now[2] + end + 1 - begin, now[3] + revenue, now[4])
                if types[end] in ENDS:
                    ended.append((*now, "v1"))
                    now = None
                begin = end + 1
        if now is not None:
            self.session.update(now)
        elif before is not None:
            self.session.clear()
        if ended:
            yield pd.DataFrame(ended, columns=ENDED_SESSION.names)

    def close(self) -> None:
        pass


class RowSessions(StatefulProcessor):
    """The Row API: one look into the state and one change of it for each key."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        self.session = handle.getValueState("session_state", STATE)

    def handleInputRows(self, key, rows, timerValues) -> Iterator[Row]:
        before = now = self.session.get()
        for event in rows:
            if now is None:
                now = (key[0], event.user_id, 1, event.revenue, event.event_timestamp)
            else:
                now = (now[0], now[1], now[2] + 1, now[3] + event.revenue, now[4])
            if event.event_type in ENDS:
                yield Row(session_id=now[0], user_id=now[1], event_count=now[2], total_revenue=now[3],
                          session_start=now[4], schema_version="v1")
                now = None
        if now is not None:
            self.session.update(now)
        elif before is not None:
            self.session.clear()

    def close(self) -> None:
        pass


PROCESSORS = {"pandas_naive": NaivePandasSessions, "pandas_columns": ColumnPandasSessions, "row": RowSessions}
