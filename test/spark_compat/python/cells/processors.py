# SPDX-License-Identifier: Apache-2.0
"""Processors that write down what they see."""

import collections
import datetime
import decimal
import json
import warnings
import zoneinfo

import numpy as np
import pandas as pd
from pyspark.sql import Row
from pyspark.sql.streaming.stateful_processor import StatefulProcessor

from cells.describe import describe, error, without_addresses

Pair = collections.namedtuple("Pair", "a b")

# What the sources of cases may name.
MODULES = {
    "np": np,
    "pd": pd,
    "Row": Row,
    "datetime": datetime,
    "Decimal": decimal.Decimal,
    "ZoneInfo": zoneinfo.ZoneInfo,
    "Pair": Pair,
}


class Log:
    """Appends observations to a file; a query's driver and workers write to the same."""

    def __init__(self, path):
        self.path = path

    def __call__(self, **told):
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps(told, ensure_ascii=False) + "\n")


def values_of(rows):
    """The column v of rows or frames."""
    for given in rows:
        if isinstance(given, pd.DataFrame):
            yield from (int(value) for value in given["v"])
        else:
            yield given.v


def frame_facts(frame):
    """What decides how a frame behaves: columns, dtypes, cells, index."""
    columns = {}
    for position, name in enumerate(frame.columns):
        series = frame.iloc[:, position]
        columns[str(name)] = f"{series.dtype}: {describe(list(series))}"
    return {"index": repr(frame.index), "columns": columns}


def frame_manners(frame):
    """What follows from them in user code, for one frame of a query."""
    first = frame.iloc[0]
    told = {
        "class": f"{type(frame).__module__}.{type(frame).__qualname__}",
        "columns": repr(frame.columns),
        "iloc[0]": f"{first.dtype}, name {describe(first.name)}",
        "iterrows": describe(list(next(frame.iterrows())[1])),
        "iloc[0, i]": [describe(frame.iloc[0, i]) for i in range(frame.shape[1])],
        "flags": repr(frame.flags),
        "attrs": repr(frame.attrs),
    }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame["added"] = 1
        frame.loc[frame.index[0], frame.columns[1]] = None
        frame.sort_values(frame.columns[1], inplace=True)
    told["writing"] = sorted({w.category.__name__ for w in caught})
    return told


class Looks(StatefulProcessor):
    """Writes down every key and every row or frame. `argument`: "manners" also of the first frame."""

    def __init__(self, log, argument):
        self.log = Log(log)
        self.manners = argument == "manners"

    def init(self, handle):
        self.handle = handle

    def handleInputRows(self, key, rows, timerValues):
        for number, given in enumerate(rows):
            self.look("input", key, given, number)
        if timerValues.getCurrentProcessingTimeInMs() > 0:
            self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs() - 1)
        return iter([])

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        self.log(call="timer", key=describe(key))
        return iter([])

    def handleInitialState(self, key, initialState, timerValues):
        self.look("initial", key, initialState, 0)

    def look(self, call, key, given, number):
        if isinstance(given, pd.DataFrame):
            self.log(call=call, key=describe(key), number=number, **frame_facts(given))
            if self.manners:
                self.manners = False
                self.log(call="manners", **frame_manners(given))
        else:
            self.log(call=call, key=describe(key), number=number, row=describe(given))

    def close(self):
        pass


class Script(StatefulProcessor):
    """Runs lines of Python that are the cases. `argument` is {"declare": line, "cases": {name: [lines of batch 0,
    ...]}}; the key of a row is a case's name. Lines have the names of MODULES, `handle`, `key`, `timers` and
    `see`, which writes down its argument; what a line raises is written down, else that it is done, and the next
    one runs. After each case `alive` says whether state still answers.
    """

    def __init__(self, log, argument):
        self.log = Log(log)
        self.declare = argument["declare"]
        self.cases = argument["cases"]

    def init(self, handle):
        self.handle = handle
        self.names = dict(MODULES, handle=handle)
        self.probe = handle.getValueState("probe", "v int")
        exec("\n".join(self.declare), self.names)

    def handleInputRows(self, key, rows, timerValues):
        for given in rows:
            batch = int(given["batch"].iloc[0]) if isinstance(given, pd.DataFrame) else given.batch
            steps = self.cases[key[0]]
            if batch < len(steps):
                self.run(key, batch, steps[batch], timerValues)
        return iter([])

    def run(self, key, batch, lines, timerValues):
        seen = []
        names = dict(
            self.names, key=key, timers=timerValues, see=lambda value: seen.append(without_addresses(describe(value)))
        )
        for line in lines:
            before = len(seen)
            try:
                exec(line, names)
            except Exception as failure:
                seen.append(error(failure))
            if len(seen) == before:
                seen.append("done")
        alive = True
        try:
            self.probe.exists()
        except Exception:
            alive = False
        self.log(case=key[0], batch=batch, seen=seen, **({} if alive else {"alive": False}))

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        at = expiredTimerInfo.getExpiryTimeInMs()
        now = timerValues.getCurrentProcessingTimeInMs()
        self.log(case=key[0], call="timer", key=describe(key), at="now" if at == now else describe(at))
        return iter([])

    def close(self):
        pass


class Init(StatefulProcessor):
    """Runs the line `argument` in init, which happens in the driver and then in each worker."""

    def __init__(self, log, argument):
        self.log = Log(log)
        self.line = argument

    def init(self, handle):
        seen = []
        try:
            exec(self.line, {"handle": handle, "see": lambda value: seen.append(without_addresses(describe(value)))})
        except Exception as failure:
            self.log(call="init", seen=seen, **error(failure))
            raise
        self.log(call="init", seen=seen)

    def handleInputRows(self, key, rows, timerValues):
        self.log(call="input", key=describe(key))
        return iter([])

    def close(self):
        self.log(call="close")


class Cells(StatefulProcessor):
    """Gives back one column `c` for each key, made of what its case says: a Series or list for the pandas API, the
    value of a field for the Row API."""

    def __init__(self, log, argument):
        self.log = Log(log)
        self.rows = argument["api"] == "row"
        self.cases = argument["cases"]

    def init(self, handle):
        pass

    def handleInputRows(self, key, rows, timerValues):
        self.log(case=key[0])
        made = eval(self.cases[key[0]], dict(MODULES))
        if self.rows:
            return iter([Row(name=key[0], c=made)])
        frame = pd.DataFrame({"c": made})
        frame["name"] = key[0]
        return iter([frame])

    def close(self):
        pass


class Yields(StatefulProcessor):
    """handleInputRows is what a case says. `argument` is {name: its body}; the key is a case's name."""

    def __init__(self, log, argument):
        self.bodies = argument

    def init(self, handle):
        self.handle = handle

    def handleInputRows(self, key, rows, timerValues):
        names = dict(MODULES)
        lines = self.bodies[key[0]].strip().split("\n")
        exec("def body(self, key, rows):\n" + "\n".join("    " + line for line in lines), names)
        return names["body"](self, key, rows)

    def close(self):
        pass
