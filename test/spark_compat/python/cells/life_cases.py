# SPDX-License-Identifier: Apache-2.0
"""The life of a processor: order of calls, copies, arguments by keyword, lazy results, and what the user's own
errors become."""

from cells.query import Query
from cells.tables import at

COLUMNS = (("k", "string"), ("v", "int"))
BATCHES = ((("a", 1), ("b", 2), ("a", 3)), (("a", 4), ("c", 5)))

HEAD = '''
import os
import pandas as pd
from pyspark.sql import Row
from pyspark.sql.streaming.stateful_processor import StatefulProcessor
from cells.describe import describe
from cells.processors import Log, values_of


class Base(StatefulProcessor):
    def __init__(self, log, argument):
        self.log = Log(log)
        self.home = os.getpid()
        self.count = 0

    def init(self, handle):
        self.handle = handle

    def handleInputRows(self, key, rows, timerValues):
        return iter([])

    def close(self):
        pass

    def out(self, name):
        return {out}


'''
OUT = {"row": "Row(name=name)", "pandas": "pd.DataFrame({'name': [name]})"}

# The bodies of `class Processor(Base)`.
CASES = {
    "order of calls": '''
def init(self, handle):
    self.count += 1
    self.handle = handle
    self.log(call="init", count=self.count, here=os.getpid() == self.home)
def handleInputRows(self, key, rows, timerValues):
    self.count += 1
    self.log(call="input", key=describe(key), count=self.count, here=os.getpid() == self.home)
    for value in values_of(rows):
        self.log(call="row", key=describe(key), value=value)
        yield self.out(f"{key[0]}{value}")
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    self.log(call="end of input", key=describe(key))
def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
    self.count += 1
    self.log(call="timer", key=describe(key), count=self.count, timers=len(list(self.handle.listTimers())))
    yield self.out(f"timer {key[0]}")
    self.log(call="end of timer", timers=len(list(self.handle.listTimers())))
def close(self):
    self.count += 1
    self.log(call="close", count=self.count)
''',
    "attributes do not last": '''
seen = []
def init(self, handle):
    self.log(call="init", attribute=getattr(self, "mine", None), of_class=len(type(self).seen))
    self.mine = "set in init"
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", key=describe(key), attribute=self.mine, of_class=len(type(self).seen))
    self.mine = key[0]
    type(self).seen.append(key[0])
    return iter([])
''',
    "arguments of handleInputRows by position": '''
def handleInputRows(self, *given, **named):
    self.log(call="input", given=len(given), named=sorted(named))
    return iter([])
''',
    "arguments of init": '''
def init(self, *given, **named):
    self.log(call="init", given=len(given), named=sorted(named))
''',
    "arguments of handleExpiredTimer": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
def handleExpiredTimer(self, *given, **named):
    self.log(call="timer", given=len(given), named=sorted(named))
    return iter([])
''',
    "other names of arguments in handleInputRows": '''
def handleInputRows(self, k, data, times):
    self.log(call="input", key=describe(k))
    return iter([])
''',
    "other names of arguments in handleExpiredTimer": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
def handleExpiredTimer(self, k, times, info):
    return iter([])
''',
    "two arguments of handleInputRows, as in an old example": '''
def handleInputRows(self, key, rows):
    return iter([])
''',
    "no handleExpiredTimer": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
''',
    "handleExpiredTimer gives None": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
    self.log(call="timer", key=describe(key))
''',
    "handleExpiredTimer gives a list": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
    return [self.out("t" + key[0])]
''',
    "timer registers a timer": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
    late = timerValues.getCurrentProcessingTimeInMs() - expiredTimerInfo.getExpiryTimeInMs()
    self.log(call="timer", key=describe(key), since=late > 5)
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs() - 1)
    return iter([])
''',
    "rows not read": '''
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", key=describe(key))
    yield self.out(key[0])
''',
    "one row read": '''
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", key=describe(key), first=describe(next(iter(values_of(rows)))))
    yield self.out(key[0])
''',
    "rows read twice": '''
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", first=len(list(rows)), second=len(list(rows)))
    return iter([])
''',
    "rows kept for the next key": '''
def handleInputRows(self, key, rows, timerValues):
    before, self.kept = getattr(self, "kept", None), rows
    self.log(call="input", key=describe(key), left=None if before is None else len(list(before)))
    return iter([])
''',
    "what rows is": '''
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", kind=type(rows).__name__, iterator=iter(rows) is rows)
    return iter([])
''',
    "state in a lazy result": '''
def init(self, handle):
    self.state = handle.getValueState("s", "v string")
def handleInputRows(self, key, rows, timerValues):
    def later():
        self.state.update((key[0],))
        yield self.out(str(self.state.get()))
    return later()
''',
    "state after the last row": '''
def init(self, handle):
    self.state = handle.getValueState("s", "v string")
def handleInputRows(self, key, rows, timerValues):
    yield self.out(key[0])
    self.state.update((key[0],))
    self.log(call="after", state=describe(self.state.get()))
''',
    "state of another key's time": '''
def init(self, handle):
    self.state = handle.getValueState("s", "v string")
def handleInputRows(self, key, rows, timerValues):
    self.state.update((key[0],))
    self.log(call="input", state=describe(self.state.get()))
    return iter([])
def close(self):
    self.state.get()
''',
    "state in close": '''
def init(self, handle):
    self.state = handle.getValueState("s", "v string")
def close(self):
    self.log(call="close", state=describe(self.state.get()))
''',
    "timers in close": '''
def close(self):
    self.handle.registerTimer(5)
''',
    "close raises": '''
def close(self):
    raise ValueError("of the user")
''',
    "init raises": '''
def init(self, handle):
    raise ValueError("of the user")
''',
    "handleInputRows raises": '''
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input")
    raise ValueError("of the user")
def close(self):
    self.log(call="close")
''',
    "handleInputRows raises with two lines": '''
def handleInputRows(self, key, rows, timerValues):
    raise ValueError("of the user\\nsecond line")
''',
    "handleInputRows raises from another": '''
def handleInputRows(self, key, rows, timerValues):
    try:
        {}["nothing"]
    except KeyError as missing:
        raise RuntimeError("of the user") from missing
''',
    "handleInputRows raises an exception of PySpark": '''
def handleInputRows(self, key, rows, timerValues):
    from pyspark.errors import PySparkRuntimeError
    raise PySparkRuntimeError("of the user")
''',
    "handleInputRows raises after a row": '''
def handleInputRows(self, key, rows, timerValues):
    yield self.out(key[0])
    raise ValueError("of the user")
''',
    "handleExpiredTimer raises": '''
def handleInputRows(self, key, rows, timerValues):
    self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs())
    return iter([])
def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
    raise ValueError("of the user")
''',
    "prints": '''
def handleInputRows(self, key, rows, timerValues):
    print("of the user")
    return iter([])
''',
    "not picklable": '''
def __init__(self, log, argument):
    super().__init__(log, argument)
    self.lock = __import__("threading").Lock()
''',
    "an open file": '''
def __init__(self, log, argument):
    super().__init__(log, argument)
    self.file = open(log, encoding="utf-8")
''',
    "a generator": '''
def __init__(self, log, argument):
    super().__init__(log, argument)
    self.one = (n for n in range(3))
''',
    "a lambda": '''
def __init__(self, log, argument):
    super().__init__(log, argument)
    self.one = lambda: "made"
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", made=self.one())
    return iter([])
''',
}

# Not classes that derive from StatefulProcessor as they should.
SOURCES = {
    "no StatefulProcessor": '''
class Processor:
    def __init__(self, log, argument):
        self.log = Log(log)
    def init(self, handle):
        self.log(call="init")
    def handleInputRows(self, key, rows, timerValues):
        self.log(call="input", key=describe(key))
        return iter([])
    def close(self):
        self.log(call="close")
''',
    "no handleInputRows": '''
class Processor(StatefulProcessor):
    def __init__(self, log, argument):
        pass
    def init(self, handle):
        pass
''',
    "no close": '''
class Processor(StatefulProcessor):
    def __init__(self, log, argument):
        self.log = Log(log)
    def init(self, handle):
        pass
    def handleInputRows(self, key, rows, timerValues):
        self.log(call="input", key=describe(key))
        return iter([])
''',
    "the class instead of an object": '''
def Processor(log, argument):
    return Base
''',
    "None": '''
def Processor(log, argument):
    return None
''',
}


def indented(body):
    return "\n".join("    " + line for line in body.strip().split("\n"))


def life(name, body, api):
    head = HEAD.replace("{out}", OUT[api])
    source = body if name in SOURCES else "class Processor(Base):\n" + indented(body) + "\n"
    return Query(
        name=f"{api}: {name}",
        columns=COLUMNS,
        batches=BATCHES,
        processor=head + source,
        api=api,
        rows_out=True,
        time_mode="ProcessingTime",
    )


INITIAL = '''
def handleInitialState(self, key, initialState, timerValues):
    self.log(call="initial", key=describe(key), values=describe(list(values_of([initialState]))))
def handleInputRows(self, key, rows, timerValues):
    self.log(call="input", key=describe(key), values=describe(list(values_of(rows))))
    return iter([])
def close(self):
    self.log(call="close")
'''
INITIAL_ARGUMENTS = '''
def handleInitialState(self, *given, **named):
    self.log(call="initial", given=len(given), named=sorted(named))
'''


def initial(api, body, title, records="10000"):
    made = life(f"initial state{title}", body, api)
    rows = (("a", 10), ("a", 11), ("b", 12), ("z", 13))
    return Query(**{**vars(made), "initial": rows, "conf": {"spark.sql.execution.arrow.maxRecordsPerBatch": records}})


# How the arguments of the call itself are checked: (name, changes of the query).
CALLS = {
    "output mode in lower case": {"output_mode": "append"},
    "output mode Complete": {"output_mode": "Complete"},
    "output mode Update": {"output_mode": "Update"},
    "output mode unknown": {"output_mode": "Never"},
    "time mode in lower case": {"time_mode": "none"},
    "time mode unknown": {"time_mode": "Sometimes"},
    "time mode EventTime without a watermark": {"time_mode": "EventTime"},
    "output schema wrong": {"output": "name nothing"},
    "output schema as a type": {"output": "string"},
}


def call(name, changes):
    return Query(**{**vars(life(f"call, {name}", CASES["rows not read"], "row")), "time_mode": "None", **changes})


EVENT_TIME = '''
def handleInputRows(self, key, rows, timerValues):
    values = list(values_of(rows))
    self.log(call="input", key=describe(key), values=values, watermark=describe(timerValues.getCurrentWatermarkInMs()))
    for value in values:
        self.handle.registerTimer(1767323040000 + value * 1000)
    self.handle.registerTimer(timerValues.getCurrentWatermarkInMs())
    yield self.out(key[0])
def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
    self.log(call="timer", key=describe(key), at=describe(expiredTimerInfo.getExpiryTimeInMs()),
             watermark=describe(timerValues.getCurrentWatermarkInMs()), left=describe(list(self.handle.listTimers())))
    yield self.out("timer")
'''


def event_time(api):
    """2026-01-02 03:04:00 and some seconds; the watermark has no delay."""

    def row(key, seconds):
        return key, seconds, at(2026, 1, 2, 3, 4, seconds)

    batches = ((row("a", 10), row("b", 20)), (row("a", 30), row("c", 5)), (row("a", 40), row("b", 50)))
    return Query(
        **{
            **vars(life("event time", EVENT_TIME, api)),
            "columns": (*COLUMNS, ("t", "timestamp")),
            "batches": batches,
            "time_mode": "EventTime",
            "event_time": "t",
        }
    )


# How the user's own error looks through each sink.
SINKS = ("foreachBatch", "json", "noop", "memory", "console")


def through(sink):
    return Query(
        **{
            **vars(life(f"raised through {sink}", CASES["handleInputRows raises"], "row")),
            "sink": sink,
            "whole": True,
            "rows_out": False,
        }
    )


QUERIES = [
    *(life(name, body, api) for api in ("row", "pandas") for name, body in CASES.items()),
    *(life(name, body, "row") for name, body in SOURCES.items()),
    *(initial(api, INITIAL, "") for api in ("row", "pandas")),
    *(initial(api, INITIAL, " 2", "2") for api in ("row", "pandas")),
    *(initial(api, INITIAL_ARGUMENTS, ", arguments") for api in ("row", "pandas")),
    *map(through, SINKS),
    event_time("row"),
    event_time("pandas"),
    *(call(name, changes) for name, changes in CALLS.items()),
]
