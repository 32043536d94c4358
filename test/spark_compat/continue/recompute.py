# SPDX-License-Identifier: Apache-2.0
"""The StreamShop sessions recomputed in plain Python from the event files: what every engine must say."""

import json
import pathlib


def events_of(path):
    """The rows of one event file, timestamps as text like 2026-01-01T00:00:00.000000Z."""
    path = pathlib.Path(path)
    if path.suffix == ".json":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    import pyarrow.parquet as parquet

    rows = parquet.read_table(path).to_pylist()
    for row in rows:
        row["event_timestamp"] = row["event_timestamp"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return rows


class Sessions:
    """Fed with files in the order in which the query reads them, each with the version that reads it."""

    def __init__(self):
        self.open = {}  # session id -> session; one of version 1 lacks device_type and page_category
        self.evolved = set()  # ids of open sessions that began in version 1 and have seen version 2
        self.ended = []  # rows as the query emits them

    def feed(self, path, version):
        for click in events_of(path):
            (self._click_v1 if version == 1 else self._click_v2)(click)

    def state(self, version):
        """session id -> session_state's value in the schema of `version`."""
        new = {"device_type": None, "page_category": None} if version == 2 else {}
        return {key: {**new, **session} for key, session in self.open.items()}

    def _begin(self, click, **more):
        session = {"session_id": click["session_id"], "user_id": click.get("user_id") or "", "event_count": 0,
                   "total_revenue": 0.0, "session_start": click["event_timestamp"], **more}
        self.open[click["session_id"]] = session
        return session

    def _count(self, session, click, **more):
        session["event_count"] += 1
        session["total_revenue"] += click.get("revenue") or 0.0
        if click.get("event_type") in ("purchase", "logout"):
            self.ended.append({**session, **more})
            del self.open[session["session_id"]]
            return True
        return False

    def _click_v1(self, click):
        session = self.open.get(click["session_id"]) or self._begin(click)
        self._count(session, click)

    def _click_v2(self, click):
        key = click["session_id"]
        new = {name: click.get(name) or "unknown" for name in ("device_type", "page_category")}
        session = self.open.get(key)
        if session is None:
            session = self._begin(click, **new)
        elif session.get("device_type") is None or session.get("page_category") is None:
            session.update(new)
            self.evolved.add(key)
        if self._count(session, click, evolved_from_v1=key in self.evolved, schema_version="v2"):
            self.evolved.discard(key)
