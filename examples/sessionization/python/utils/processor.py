# SPDX-License-Identifier: Apache-2.0
"""SessionizerV1 and SessionizerV2: clicks become sessions; version 2 goes on with those that version 1 left open."""

from typing import Iterator

import pandas as pd
from pyspark.sql.streaming import StatefulProcessor, StatefulProcessorHandle
from pyspark.sql.types import (
    BooleanType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

TERMINAL_EVENTS = {"purchase", "logout"}

V1_OUTPUT_SCHEMA = StructType([
    StructField("session_id", StringType(), True),
    StructField("user_id", StringType(), True),
    StructField("event_count", IntegerType(), True),
    StructField("total_revenue", DoubleType(), True),
    StructField("session_start", TimestampType(), True),
])

V2_OUTPUT_SCHEMA = StructType([
    StructField("session_id", StringType(), True),
    StructField("user_id", StringType(), True),
    StructField("event_count", LongType(), True),
    StructField("total_revenue", DoubleType(), True),
    StructField("session_start", TimestampType(), True),
    StructField("device_type", StringType(), True),
    StructField("page_category", StringType(), True),
    StructField("evolved_from_v1", BooleanType(), True),
    StructField("schema_version", StringType(), True),
])


class SessionizerV1(StatefulProcessor):
    """Counts the events of a session and adds up its revenue, until a purchase or a logout ends it."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        state_schema = StructType([
            StructField("session_id", StringType(), True),
            StructField("user_id", StringType(), True),
            StructField("event_count", IntegerType(), True),      # version 2 widens it to a long
            StructField("total_revenue", DoubleType(), True),
            StructField("session_start", TimestampType(), True),
        ])
        self.session_state = handle.getValueState("session_state", state_schema)
        self.terminal_events = TERMINAL_EVENTS

    def handleInputRows(self, key, rows: Iterator[pd.DataFrame], timer_values) -> Iterator[pd.DataFrame]:
        session_id = key[0]
        for batch in rows:
            ended = []
            for _, event in batch.iterrows():
                current = self.session_state.get()
                if current is None:
                    current = (session_id, str(event["user_id"]), 0, 0.0, event["event_timestamp"])
                state = (*current[:2], current[2] + 1, current[3] + float(event["revenue"]), current[4])
                if event["event_type"] in self.terminal_events:
                    ended.append(state)
                    self.session_state.clear()
                else:
                    self.session_state.update(state)
            yield pd.DataFrame(ended, columns=V1_OUTPUT_SCHEMA.names)

    def close(self) -> None:
        pass


class SessionizerV2(StatefulProcessor):
    """The same with two more fields and a wider counter, on the state that version 1 wrote."""

    def init(self, handle: StatefulProcessorHandle) -> None:
        state_schema = StructType([
            StructField("session_id", StringType(), True),
            StructField("user_id", StringType(), True),
            StructField("event_count", LongType(), True),         # was an int
            StructField("total_revenue", DoubleType(), True),
            StructField("session_start", TimestampType(), True),
            StructField("device_type", StringType(), True),       # new
            StructField("page_category", StringType(), True),     # new
        ])
        # The same name as in version 1: its sessions are read with the new schema.
        self.session_state = handle.getValueState("session_state", state_schema)
        # A session may end in a later batch than the one in which it evolved, so that is remembered, too.
        self.evolved = handle.getValueState("evolved", StructType([StructField("value", BooleanType(), True)]))
        self.terminal_events = TERMINAL_EVENTS

    def handleInputRows(self, key, rows: Iterator[pd.DataFrame], timer_values) -> Iterator[pd.DataFrame]:
        session_id = key[0]
        for batch in rows:
            ended = []
            for _, event in batch.iterrows():
                state = self._state_after(session_id, event)
                if event["event_type"] in self.terminal_events:
                    ended.append((*state, self.evolved.exists(), "v2"))
                    self.session_state.clear()
                    self.evolved.clear()
                else:
                    self.session_state.update(state)
            yield pd.DataFrame(ended, columns=V2_OUTPUT_SCHEMA.names)

    def _state_after(self, session_id, event):
        """The session's state once this event has happened."""
        device_type = _text_or_unknown(event, "device_type")
        page_category = _text_or_unknown(event, "page_category")
        current = self.session_state.get()
        if current is None:
            current = (session_id, str(event["user_id"]), 0, 0.0, event["event_timestamp"], device_type, page_category)
        elif current[5] is None or current[6] is None:
            # Only version 1 leaves these fields empty: the session began there.
            print(f"[V2] EVOLUTION DETECTED: {session_id} evolved from V1!")
            self.evolved.update((True,))
            current = (*current[:5], device_type, page_category)
        return (*current[:2], current[2] + 1, current[3] + float(event["revenue"]), *current[4:])

    def close(self) -> None:
        pass


def _text_or_unknown(event, field):
    value = event.get(field)
    return "unknown" if pd.isna(value) else str(value)
