# SPDX-License-Identifier: Apache-2.0
"""The processors of queries.py for Spark. ../query_processors.h has the same for Holdfast."""

import datetime

from pyspark.sql import Row
from pyspark.sql.streaming.stateful_processor import StatefulProcessor

TEN_YEARS_MS = 3650 * 86_400_000
SHORT_MS = 1500
IDLE_MS = 30_000
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def ms(time):
    """Of a timestamp, which is in UTC whether it says so or not."""
    return (time.replace(tzinfo=datetime.timezone.utc) - EPOCH) // datetime.timedelta(milliseconds=1)


def in_order(rows):
    return sorted(rows, key=lambda row: row["event_timestamp"])


class IdleSessions(StatefulProcessor):
    """Of golden/c1_eventtime: what a session did, until it has done nothing for a while."""

    def init(self, handle):
        self.handle = handle
        self.events = handle.getListState("events", "etype string, rev double")
        self.pages = handle.getMapState("pages", "page string", "n long, last timestamp")
        self.last_timer = handle.getValueState("last_timer", "t long")

    def handleInputRows(self, key, rows, timerValues):
        latest = 0
        for row in in_order(rows):
            kind, at = row["event_type"], row["event_timestamp"]
            self.events.appendValue((kind, row["revenue"]))
            before = self.pages.getValue((kind,)) if self.pages.containsKey((kind,)) else (0,)
            self.pages.updateValue((kind,), (before[0] + 1, at))
            if kind == "logout":
                self.pages.removeKey((kind,))
            latest = max(latest, ms(at))
        if self.last_timer.exists():
            self.handle.deleteTimer(self.last_timer.get()[0])
        self.handle.registerTimer(latest + IDLE_MS)
        self.last_timer.update((latest + IDLE_MS,))
        yield Row(session_id=key[0], kind="in", n=len(list(self.events.get())), wm=timerValues.getCurrentWatermarkInMs())

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        n = len(list(self.events.get()))
        for state in (self.events, self.pages, self.last_timer):
            state.clear()
        yield Row(session_id=key[0], kind="timer", n=n, wm=expiredTimerInfo.getExpiryTimeInMs())

    def close(self):
        pass


class ExpiringCounts(StatefulProcessor):
    """Of golden/c2_proctime_ttl: the same counts in each kind of variable, with a long, a short and no TTL."""

    def init(self, handle):
        self.handle = handle
        self.value = handle.getValueState("v_ttl", "n int, s string", TEN_YEARS_MS)
        self.list = handle.getListState("l_ttl", "etype string", TEN_YEARS_MS)
        self.map = handle.getMapState("m_ttl", "k string", "n int", TEN_YEARS_MS)
        self.short = handle.getValueState("v_short", "n int", SHORT_MS)
        self.plain = handle.getValueState("plain", "n int")

    def handleInputRows(self, key, rows, timerValues):
        rows = in_order(rows)
        for row in rows:
            kind = (row["event_type"],)
            self.list.appendValue(kind)
            before = self.map.getValue(kind) or (0,)
            self.map.updateValue(kind, (before[0] + 1,))
        n = len(rows)
        value, short = self.value.get() or (0,), self.short.get()
        self.value.update((value[0] + n, key[0].upper()))
        self.plain.update((n,))
        self.short.update(((short[0] if short else 0) + n,))
        now = timerValues.getCurrentProcessingTimeInMs()
        self.handle.registerTimer(now + TEN_YEARS_MS)
        yield Row(session_id=key[0], kind="in+short" if short else "in", n=n, wm=now)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        yield Row(session_id=key[0], kind="timer", n=0, wm=expiredTimerInfo.getExpiryTimeInMs())

    def close(self):
        pass


class Balances(StatefulProcessor):
    """Accounts that begin with what is given, each row as a deposit with a date by which it wants to be reviewed."""

    def __init__(self, ttl_ms):
        self.ttl_ms = ttl_ms

    def init(self, handle):
        self.handle = handle
        self.balance = handle.getValueState("balance", "amount long, given boolean")
        self.deposits = handle.getListState("deposits", "amount long", self.ttl_ms)
        self.by_kind = handle.getMapState("by_kind", "kind string", "amount long, times int")

    def handleInitialState(self, key, initialState, timerValues):
        self._add(initialState["kind"], initialState["amount"], True)
        self.handle.registerTimer(initialState["review"])

    def handleInputRows(self, key, rows, timerValues):
        for row in sorted(rows, key=lambda row: row["seq"]):
            self._add(row["kind"], row["amount"], False)
            self.handle.registerTimer(row["review"])
        yield self._told(key, "rows", -1)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        self.by_kind.removeKey(("gift",))
        yield self._told(key, "review", expiredTimerInfo.getExpiryTimeInMs())

    def close(self):
        pass

    def _add(self, kind, amount, given):
        before = self.balance.get() or (0, False)
        self.balance.update((before[0] + amount, before[1] or given))
        self.deposits.appendValue((amount,))
        total, times = self.by_kind.getValue((kind,)) or (0, 0)
        self.by_kind.updateValue((kind,), (total + amount, times + 1))

    def _told(self, key, why, at):
        amount, given = self.balance.get()
        deposits = ",".join(str(deposit) for (deposit,) in self.deposits.get())
        kinds = sorted(f"{kind[0]}:{of[0]}/{of[1]}" for kind, of in self.by_kind.iterator())
        return Row(account=key[0], why=why, at=at, amount=amount, given=given, deposits=deposits, kinds=" ".join(kinds))
