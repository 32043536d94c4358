# SPDX-License-Identifier: Apache-2.0
"""The one processor of all Python cases: it does what its input rows say.

A row's `op` is an operation and the name of a variable, its `arg` JSON:

    update V value      clear V       get V
    append V element    appendAll V [element...]   put V [element...]
    set V [key, value]  remove V key
    register ms         delete ms     (event time)
    registerIn ms       deleteIn ms   (after the batch's processing time)
    fail

`get` and expired timers emit a row; an expired timer clears every variable of its key that has no TTL.
"""

import json
import time

import pandas as pd
from pyspark.sql import Row
from pyspark.sql.streaming.stateful_processor import StatefulProcessor

from recipes.values import from_json, to_text

OUTPUT = "key string, seq int, event string, text string"


class ScriptedProcessor(StatefulProcessor):
    """The Row API."""

    def __init__(self, variables, schemas):
        self.variables = variables
        self.schemas = schemas  # name -> (schema, schema of map keys), parsed

    def init(self, handle):
        self.handle = handle
        self.states = {}
        for variable in self.variables:
            if variable.kind == "delete":
                handle.deleteIfExists(variable.name)
                continue
            schema, key_schema = self.schemas[variable.name]
            ttl = variable.ttl_ms or None
            if variable.kind == "value":
                state = handle.getValueState(variable.name, schema, ttl)
            elif variable.kind == "list":
                state = handle.getListState(variable.name, schema, ttl)
            else:
                state = handle.getMapState(variable.name, key_schema, schema, ttl)
            self.states[variable.name] = state

    def handleInputRows(self, key, rows, timerValues):
        # A batch is one file, but nothing promises the order of its rows.
        for row in sorted(rows, key=lambda row: row.seq):
            arg = None if row.arg is None else json.loads(row.arg)
            for text in self._do(row.op, arg, timerValues):
                yield Row(key=to_text(key), seq=row.seq, event=row.op, text=text)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        for variable in self.variables:
            if not variable.ttl_ms and variable.kind != "delete":
                self.states[variable.name].clear()
        yield Row(key=to_text(key), seq=-1, event="timer", text=str(expiredTimerInfo.getExpiryTimeInMs()))

    def close(self):
        pass

    def _do(self, op, arg, timer_values):
        verb, _, name = op.partition(" ")
        if verb == "fail":
            time.sleep(3)  # by then the other partitions have written their files
            raise RuntimeError("this batch was asked to fail")
        if not name:
            self._timer(verb, arg, timer_values)
            return
        state = self.states[name]
        schema, key_schema = self.schemas[name]
        if verb == "get":
            yield to_text(self._get(name))
        elif verb == "clear":
            state.clear()
        elif verb == "update":
            state.update(from_json(schema, arg))
        elif verb == "append":
            state.appendValue(from_json(schema, arg))
        elif verb == "appendAll":
            state.appendList([from_json(schema, part) for part in arg])
        elif verb == "put":
            state.put([from_json(schema, part) for part in arg])
        elif verb == "set":
            state.updateValue(from_json(key_schema, arg[0]), from_json(schema, arg[1]))
        elif verb == "remove":
            state.removeKey(from_json(key_schema, arg))
        else:
            raise ValueError(f"no operation '{op}'")

    def _timer(self, verb, ms, timer_values):
        if verb in ("registerIn", "deleteIn"):
            ms += timer_values.getCurrentProcessingTimeInMs()
        if verb.startswith("register"):
            self.handle.registerTimer(ms)
        elif verb.startswith("delete"):
            self.handle.deleteTimer(ms)
        else:
            raise ValueError(f"no operation '{verb}'")

    def _get(self, name):
        state = self.states[name]
        kind = next(variable.kind for variable in self.variables if variable.name == name)
        if kind == "map":
            return [[k, v] for k, v in state.iterator()]
        return list(state.get()) if kind == "list" else state.get()


class ScriptedPandasProcessor(ScriptedProcessor):
    """The same with the pandas API."""

    def handleInputRows(self, key, rows, timerValues):
        every = [row for frame in rows for row in frame.astype(object).where(frame.notna(), None).itertuples()]
        yield _frame(super().handleInputRows(key, every, timerValues))

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        yield _frame(super().handleExpiredTimer(key, timerValues, expiredTimerInfo))


def _frame(rows):
    columns = ["key", "seq", "event", "text"]
    return pd.DataFrame([tuple(row[name] for name in columns) for row in rows], columns=columns)
