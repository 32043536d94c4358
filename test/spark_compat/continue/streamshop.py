# SPDX-License-Identifier: Apache-2.0
"""The processors of examples/sessionization for Spark: the same state, the same rows."""

from pyspark.sql import Row
from pyspark.sql.streaming.stateful_processor import StatefulProcessor
from pyspark.sql.types import StructType

CLICK = {1: "session_id string, user_id string, event_type string, revenue double, event_timestamp timestamp"}
CLICK[2] = CLICK[1] + ", device_type string, page_category string"

SESSION = {1: "session_id string, user_id string, event_count int, total_revenue double, session_start timestamp",
           2: "session_id string, user_id string, event_count bigint, total_revenue double, session_start timestamp, "
              "device_type string, page_category string"}
ENDED = {1: SESSION[1], 2: SESSION[2] + ", evolved_from_v1 boolean, schema_version string"}

# name -> kind, for the readers of state
VARIABLES = {1: {"session_state": "value"}, 2: {"session_state": "value", "evolved": "value"}}


def is_terminal(event_type):
    return event_type in ("purchase", "logout")


class SessionizerV1(StatefulProcessor):
    def __init__(self):
        self.session_schema = StructType.fromDDL(SESSION[1])

    def init(self, handle):
        self.session_state = handle.getValueState("session_state", self.session_schema)

    def handleInputRows(self, key, rows, timerValues):
        session = self.session_state.get()
        for click in rows:
            if session is None:
                session = (key[0], click.user_id or "", 0, 0.0, click.event_timestamp)
            id_, user, count, revenue, start = session
            session = (id_, user, count + 1, revenue + (click.revenue or 0.0), start)
            if is_terminal(click.event_type):
                yield Row(**dict(zip(self.session_schema.names, session)))
                session = None
        if session is None:
            self.session_state.clear()
        else:
            self.session_state.update(session)

    def close(self):
        pass


class SessionizerV2(StatefulProcessor):
    def __init__(self):
        self.session_schema = StructType.fromDDL(SESSION[2])
        self.evolved_schema = StructType.fromDDL("value boolean")
        self.ended_names = StructType.fromDDL(ENDED[2]).names

    def init(self, handle):
        self.session_state = handle.getValueState("session_state", self.session_schema)
        self.evolved = handle.getValueState("evolved", self.evolved_schema)

    def handleInputRows(self, key, rows, timerValues):
        session = self.session_state.get()
        for click in rows:
            device, category = click.device_type or "unknown", click.page_category or "unknown"
            if session is None:
                session = (key[0], click.user_id or "", 0, 0.0, click.event_timestamp, device, category)
            elif session[5] is None or session[6] is None:
                session = (*session[:5], device, category)
                self.evolved.update((True,))
            session = (*session[:2], session[2] + 1, session[3] + (click.revenue or 0.0), *session[4:])
            if is_terminal(click.event_type):
                yield self._ended(session)
                session = None
        if session is None:
            self.session_state.clear()
        else:
            self.session_state.update(session)

    def close(self):
        pass

    def _ended(self, session):
        evolved = self.evolved.exists()
        if evolved:
            self.evolved.clear()
        return Row(**dict(zip(self.ended_names, (*session, evolved, "v2"))))


def in_pandas(processor, names):
    """The same processor for the pandas API; `names` are the columns of its output."""
    import pandas as pd

    class InPandas(StatefulProcessor):
        def init(self, handle):
            processor.init(handle)

        def handleInputRows(self, key, rows, timerValues):
            clicks = (click for frame in rows
                      for click in frame.astype(object).where(frame.notna(), None).itertuples(index=False))
            ended = [tuple(row[name] for name in names) for row in processor.handleInputRows(key, clicks, timerValues)]
            if ended:
                yield pd.DataFrame(ended, columns=names)

        def close(self):
            pass

    return InPandas()


def ended_sessions(clicks, version, api):
    """The output of the version's processor over a streaming DataFrame of clicks."""
    processor = {1: SessionizerV1, 2: SessionizerV2}[version]()
    output = StructType.fromDDL(ENDED[version])
    grouped = clicks.groupBy("session_id")
    how = {"outputStructType": output, "outputMode": "Append", "timeMode": "None"}
    if api == "pandas":
        return grouped.transformWithStateInPandas(in_pandas(processor, output.names), **how)
    return grouped.transformWithState(processor, **how)
