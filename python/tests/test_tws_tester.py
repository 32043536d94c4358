# SPDX-License-Identifier: Apache-2.0
"""TwsTester: a processor in a unit test, with rows, clocks, restarts, crashes and new versions."""

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from holdfast.errors import IllegalArgumentException, PySparkTypeError, PySparkValueError  # noqa: E402
from holdfast.sql import Row  # noqa: E402
from holdfast.sql.streaming import StatefulProcessor, TwsTester  # noqa: E402


class Counter(StatefulProcessor):
    """Counts the rows of a key, and says so a minute after the last."""

    SCHEMA = "n INT"

    def init(self, handle):
        self.handle = handle
        self.count = handle.getValueState("count", self.SCHEMA)
        self.pages = handle.getListState("pages", "page STRING")
        self.seen = handle.getMapState("seen", "page STRING", "n INT")
        self.recent = handle.getValueState("recent", "n INT", ttlDurationMs=1_000)

    def handleInputRows(self, key, rows, timerValues):
        for row in rows:
            n = (self.count.get() or (0,))[0] + 1
            self.count.update((n, *self.more()))
            self.pages.appendValue((row.page,))
            self.seen.updateValue((row.page,), (((self.seen.getValue((row.page,)) or (0,))[0]) + 1,))
            self.recent.update((n,))
        for timer in list(self.handle.listTimers()):
            self.handle.deleteTimer(timer)
        self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs() + 60_000)
        return iter(())

    def more(self):
        return ()

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        yield Row(key=key[0], n=self.count.get()[0], at=expiredTimerInfo.getExpiryTimeInMs())

    def handleInitialState(self, key, initialState, timerValues):
        self.count.update((initialState.n,))


class CounterV2(Counter):
    SCHEMA = "n INT, note STRING"

    def more(self):
        return ("new",)


class CounterV3(Counter):
    SCHEMA = "n STRING"


def pages(*names):
    return [Row(page=name) for name in names]


def counting(**options):
    made = TwsTester(Counter(), timeMode="ProcessingTime", **options)
    made.setProcessingTime(1)
    return made


def test_rows_and_the_state_they_leave():
    made = counting()
    assert made.test("a", pages("x", "y", "x")) == []
    assert made.peekValueState("count", "a") == (3,)
    assert made.peekListState("pages", "a") == [("x",), ("y",), ("x",)]
    assert made.peekMapState("seen", "a") == {("x",): (2,), ("y",): (1,)}
    assert made.peekValueState("count", "b") is None
    with pytest.raises(PySparkTypeError, match="All keys of a tester have the same type"):
        made.peekValueState("count", 1)


def test_timers_fire_when_the_clock_says_so():
    made = counting()
    made.test("a", pages("x"))
    assert made.peekTimers("a") == [60_001]
    assert made.setProcessingTime(60_000) == []
    assert made.setProcessingTime(60_001) == [Row(key="a", n=1, at=60_001)]
    assert made.peekTimers("a") == []
    with pytest.raises(IllegalArgumentException, match="must move forward"):
        made.setProcessingTime(5)
    with pytest.raises(PySparkValueError):
        made.setWatermark(1)


def test_a_value_past_its_time_to_live_is_gone():
    made = counting()
    made.test("a", pages("x"))
    assert made.peekValueState("recent", "a") == (1,)
    made.setProcessingTime(1_002)
    assert made.peekValueState("recent", "a") is None and made.peekValueState("count", "a") == (1,)


def test_state_can_be_set_and_deleted():
    made = counting()
    made.updateValueState("count", "a", (7,))
    made.updateListState("pages", "a", [("p",)])
    made.updateMapState("seen", "a", {("p",): (2,)})
    assert made.peekListState("pages", "a") == [("p",)] and made.peekMapState("seen", "a") == {("p",): (2,)}
    made.test("a", pages("x"))
    assert made.peekValueState("count", "a") == (8,)
    made.deleteState("count", "a")
    assert made.peekValueState("count", "a") is None


def test_an_initial_state():
    made = TwsTester(Counter(), initialStateRow=[("a", Row(n=40))], timeMode="ProcessingTime")
    made.setProcessingTime(1)
    made.test("a", pages("x", "y"))
    assert made.peekValueState("count", "a") == (42,)


def test_a_restart_keeps_what_was_committed_and_a_crash_loses_its_batch():
    made = counting()
    made.test("a", pages("x"))
    made.restart()
    assert made.peekValueState("count", "a") == (1,)
    made.crash("a", pages("y", "z"))
    assert made.peekValueState("count", "a") == (1,) and made.peekListState("pages", "a") == [("x",)]
    made.test("a", pages("y"))
    assert made.peekValueState("count", "a") == (2,)


def test_a_new_version_goes_on_with_the_state_or_is_refused():
    made = counting()
    made.test("a", pages("x"))
    made.evolve(CounterV2())
    assert made.peekValueState("count", "a") == (1, None)
    made.test("a", pages("y"))
    assert made.peekValueState("count", "a") == (2, "new")
    with pytest.raises(Exception, match="count"):
        made.evolve(CounterV3())
    made.test("a", pages("z"))
    assert made.peekValueState("count", "a") == (3, "new")


class OfPandas(StatefulProcessor):
    def init(self, handle):
        self.sum = handle.getValueState("sum", "n BIGINT")

    def handleInputRows(self, key, rows, timerValues):
        for chunk in rows:
            self.sum.update(((self.sum.get() or (0,))[0] + int(chunk["n"].sum()),))
        yield pd.DataFrame({"key": [key[0]], "sum": [self.sum.get()[0]]})


def test_a_processor_of_pandas_with_event_time():
    made = TwsTester(OfPandas(), timeMode="EventTime", eventTimeExtractor=lambda row: row["at"])
    out = made.testInPandas("a", pd.DataFrame({"n": [1, 2], "at": [10, 20]}))
    assert out.to_dict("records") == [{"key": "a", "sum": 3}]
    made.setWatermark(15)
    out = made.testInPandas("a", pd.DataFrame({"n": [5, 7], "at": [15, 16]}))  # the first is late
    assert out.to_dict("records") == [{"key": "a", "sum": 10}]
    with pytest.raises(PySparkValueError):
        TwsTester(OfPandas(), timeMode="EventTime")
