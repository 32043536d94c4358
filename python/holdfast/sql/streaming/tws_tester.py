# SPDX-License-Identifier: Apache-2.0
"""TwsTester: a stateful processor in a unit test, without a query, files or threads.

    tester = TwsTester(Sessionizer(), timeMode="ProcessingTime")
    assert tester.test("s1", [Row(page="home")]) == []
    assert tester.peekValueState("session", "s1") == ("home", 1)
    assert tester.setProcessingTime(60_000) == [Row(session="s1", clicks=1)]     # its timers fire
    tester.restart()                                                             # from what was committed
    tester.evolve(SessionizerV2())                                               # on the same state

The engine's own state is behind it: values have the declared types, TTL expires, and each test() is a batch that is
committed. The names are those of PySpark's TwsTester; restart, crash, evolve, peekTimers and TTL are more than that has.
"""

import datetime
from typing import Any, Callable, Dict, List, Optional, Tuple

from holdfast import _engine
from holdfast.errors import IllegalArgumentException, PySparkAssertionError, PySparkTypeError, PySparkValueError
from holdfast.sql import types as t
from holdfast.sql.streaming.stateful_processor import ExpiredTimerInfo, TimerValues

__all__ = ["TwsTester"]

_TIME_MODES = {"none": "NoTime", "processingtime": "ProcessingTime", "eventtime": "EventTime"}


class _Variable:
    """What the processor holds for a state variable: whatever the engine has for it in the present call.

    Between calls it is that of the key that `tester.handle.setGroupingKey` names, to look at and to clear.
    """

    def __init__(self, kind: str, arguments: Tuple[Any, ...], schemas: Tuple[str, ...], handle: "_Handle") -> None:
        self._kind = kind
        self._arguments = arguments
        self._schemas = schemas
        self._handle = handle
        self._target: Any = None

    def __reduce__(self) -> Any:
        return object, ()

    def __getattr__(self, name: str) -> Any:
        if self._target is not None:
            return getattr(self._target, name)
        return getattr(_Resting(self._handle.tester, self._kind, self._arguments[0], self._handle.key), name)

    def keys(self) -> Any:  # dict() and ** would take an object without it for something else
        return self.__getattr__("keys")()


class _Resting:
    """A state variable of one key between calls."""

    def __init__(self, tester: "TwsTester", kind: str, name: str, key: Any) -> None:
        peek = {"getValueState": tester.peekValueState, "getListState": tester.peekListState,
                "getMapState": tester.peekMapState}[kind]  # fmt: skip
        self._peek: Callable[[], Any] = lambda: peek(name, key)
        self.clear = lambda: tester.deleteState(name, key)

    def exists(self) -> bool:
        return bool(self._peek())

    def get(self) -> Any:
        found = self._peek()
        return iter(found) if isinstance(found, list) else found

    def iterator(self) -> Any:
        return iter(self._peek().items())


class _Handle:
    """The handle that the processor gets once, and keeps. What it declares is declared anew in every batch."""

    def __init__(self, tester: "TwsTester") -> None:
        self.tester = tester
        self.key: Any = None
        self.variables: Dict[str, _Variable] = {}
        self._deleted: List[str] = []
        self._target: Any = None

    def _declare(self, kind: str, name: str, schemas: Tuple[Any, ...], ttl: Optional[int]) -> _Variable:
        structs = tuple(_struct(schema) for schema in schemas)
        texts = tuple(struct.json() for struct in structs)
        return self.variables.setdefault(name, _Variable(kind, (name, *structs, ttl), texts, self))

    def getValueState(self, stateName: str, schema: Any, ttlDurationMs: Optional[int] = None) -> Any:
        return self._declare("getValueState", stateName, (schema,), ttlDurationMs)

    def getListState(self, stateName: str, schema: Any, ttlDurationMs: Optional[int] = None) -> Any:
        return self._declare("getListState", stateName, (schema,), ttlDurationMs)

    def getMapState(
        self, stateName: str, userKeySchema: Any, valueSchema: Any, ttlDurationMs: Optional[int] = None
    ) -> Any:
        return self._declare("getMapState", stateName, (userKeySchema, valueSchema), ttlDurationMs)

    def deleteIfExists(self, stateName: str) -> None:
        self.variables.pop(stateName, None)
        self._deleted.append(stateName)

    def __reduce__(self) -> Any:
        """A copy of the processor, for a query, gets a handle of its own."""
        return object, ()

    def setGroupingKey(self, key: Any) -> None:
        """Whose state the variables are between calls."""
        self.key = key

    def registerTimer(self, expiryTimestampMs: int) -> None:
        self._check_timers()
        watermark = self.tester._watermark_ms
        if self.tester._time_mode == "eventtime" and expiryTimestampMs <= watermark:
            raise IllegalArgumentException(
                f"Cannot register timer with expiry {expiryTimestampMs} ms which is not later than the current "
                f"watermark {watermark} ms."
            )
        self._target.registerTimer(expiryTimestampMs)

    def deleteTimer(self, expiryTimestampMs: int) -> None:
        self._check_timers()
        self._target.deleteTimer(expiryTimestampMs)

    def listTimers(self) -> Any:
        self._check_timers()
        return self._target.listTimers()

    def _check_timers(self) -> None:
        if self.tester._time_mode == "none":
            raise PySparkValueError(
                errorClass="UNSUPPORTED_OPERATION", messageParameters={"operation": "Timers with TimeMode.None"}
            )

    def bind(self, target: Any) -> None:
        """What init declared is declared again, of the handle of this batch; None: the batch is over."""
        self._target = target
        if target is None:
            for variable in self.variables.values():
                variable._target = None
            return
        for name in self._deleted:
            target.deleteIfExists(name)
        for variable in self.variables.values():
            variable._target = getattr(target, variable._kind)(*variable._arguments)


def _struct(schema: Any) -> t.StructType:
    """The fields of a value; a type alone is one field."""
    kind = t.as_type(schema)
    return kind if isinstance(kind, t.StructType) else t.StructType([t.StructField("value", kind)])


class _Runner:
    """As holdfast.sql.streaming.runner.Runner; rows and output stay in Python."""

    def __init__(self, tester: "TwsTester") -> None:
        self._tester = tester
        self._rows: Any = None

    def init(self, handle: Any) -> None:
        self._tester._handle.bind(handle)

    def begin_rows(self, rows: Any) -> None:
        self._rows = rows

    begin_initial_state = begin_rows

    def _input(self) -> List[Any]:
        return self._tester._input

    def handle_rows(self, key: Tuple[Any, ...], begin: int, end: int, timer_values: TimerValues) -> None:
        tester = self._tester
        result = tester.processor.handleInputRows(tester._keys[key], iter(self._input()), timer_values)
        tester._output.extend(result)

    def handle_initial_state(self, key: Tuple[Any, ...], begin: int, end: int, timer_values: TimerValues) -> None:
        for state in self._input():
            self._tester.processor.handleInitialState(self._tester._keys[key], state, timer_values)

    def handle_timer(self, key: Tuple[Any, ...], timer_values: TimerValues, expiry_ms: int) -> None:
        result = self._tester.processor.handleExpiredTimer(
            key=self._tester._keys[key], timerValues=timer_values, expiredTimerInfo=ExpiredTimerInfo(expiry_ms)
        )
        self._tester._output.extend(result)

    def flush(self) -> None:
        return None

    def close(self) -> None:
        self._tester._handle.bind(None)


class TwsTester:
    """One thread at a time."""

    def __init__(
        self,
        processor: Any,
        initialStateRow: Optional[List[Tuple[Any, Any]]] = None,
        initialStatePandas: Optional[List[Tuple[Any, Any]]] = None,
        timeMode: str = "None",
        outputMode: str = "Append",
        eventTimeExtractor: Optional[Callable[[Any], int]] = None,
        conf: Optional[Dict[str, str]] = None,
    ) -> None:
        self.processor = processor
        self._time_mode = timeMode.lower()
        assert self._time_mode in _TIME_MODES, f"timeMode is one of {', '.join(_TIME_MODES)}, in any case."
        if self._time_mode == "eventtime" and eventTimeExtractor is None:
            raise PySparkValueError(
                errorClass="ARGUMENT_REQUIRED",
                messageParameters={"arg_name": "eventTimeExtractor", "condition": "timeMode is EventTime"},
            )
        self._event_time_of = eventTimeExtractor
        self._conf = dict(conf or {})
        self._using_pandas = initialStatePandas is not None
        self._processing_time_ms = 0
        self._watermark_ms = 0
        self._input: List[Any] = []
        self._output: List[Any] = []
        self._engine: Any = None
        self._key_json = ""
        self._keys: Dict[Tuple[Any, ...], Tuple[Any]] = {}  # the engine's key -> what the processor gets
        self._handle = _Handle(self)
        processor.init(self._handle)
        assert initialStateRow is None or initialStatePandas is None, "Cannot specify both Row and Pandas initial states."
        for key, state in initialStateRow or initialStatePandas or []:
            self._run_initial_state(key, state)

    @property
    def handle(self) -> _Handle:
        """The handle that the processor got."""
        return self._handle

    # ---- Batches -----------------------------------------------------------------------------------------------------

    def test(self, key: Any, input: List[Any]) -> List[Any]:
        """A batch with rows of one key, for a processor of Rows; returns what it put out."""
        self._using_pandas = False
        return self._run(key, self._in_time(input))

    def testInPandas(self, key: Any, input: Any) -> Any:
        """The same for a processor of pandas DataFrames: one chunk in, all that comes out as one DataFrame."""
        self._using_pandas = True
        event_time_of = self._event_time_of
        if self._time_mode == "eventtime" and event_time_of is not None:
            in_time = input.apply(lambda row: event_time_of(row) > self._watermark_ms, axis=1)
            input = input[in_time].reset_index(drop=True)
        return self._joined(self._run(key, [input]))

    def setProcessingTime(self, currentTimeMs: int) -> Any:
        """Moves the clock on, and runs a batch without rows: timers that are due fire, values past their TTL go."""
        self._moves("Processing time", "processingtime", self._processing_time_ms, currentTimeMs)
        self._processing_time_ms = currentTimeMs
        return self._tick()

    def setWatermark(self, currentWatermarkMs: int) -> Any:
        """Moves the watermark on, and runs a batch without rows."""
        self._moves("Watermark", "eventtime", self._watermark_ms, currentWatermarkMs)
        self._watermark_ms = currentWatermarkMs
        return self._tick()

    # ---- State -------------------------------------------------------------------------------------------------------

    def peekValueState(self, stateName: str, key: Any) -> Optional[Tuple[Any, ...]]:
        variable = self._variable(stateName, "getValueState")
        return self._on(key).peek_value(stateName, _tuple(key), *variable._schemas)

    def peekListState(self, stateName: str, key: Any) -> List[Tuple[Any, ...]]:
        variable = self._variable(stateName, "getListState")
        return self._on(key).peek_list(stateName, _tuple(key), *variable._schemas)

    def peekMapState(self, stateName: str, key: Any) -> Dict[Tuple[Any, ...], Tuple[Any, ...]]:
        variable = self._variable(stateName, "getMapState")
        return self._on(key).peek_map(stateName, _tuple(key), *variable._schemas)

    def peekTimers(self, key: Any) -> List[int]:
        """The key's timers, ascending."""
        return self._on(key).timers(_tuple(key))

    def updateValueState(self, stateName: str, key: Any, value: Tuple[Any, ...]) -> None:
        variable = self._variable(stateName, "getValueState")
        self._on(key).update_value(stateName, _tuple(key), *variable._schemas, value)

    def updateListState(self, stateName: str, key: Any, value: List[Tuple[Any, ...]]) -> None:
        variable = self._variable(stateName, "getListState")
        self._on(key).update_list(stateName, _tuple(key), *variable._schemas, value)

    def updateMapState(self, stateName: str, key: Any, value: Dict[Any, Any]) -> None:
        variable = self._variable(stateName, "getMapState")
        self._on(key).update_map(stateName, _tuple(key), *variable._schemas, dict(value))

    def deleteState(self, stateName: str, key: Any) -> None:
        """Of whatever kind it is."""
        if stateName not in self._handle.variables:
            raise PySparkAssertionError(errorClass="STATE_NOT_EXISTS", messageParameters={})
        self._on(key).delete_state(stateName, _tuple(key))

    # ---- More than PySpark's tester does -----------------------------------------------------------------------------

    def restart(self) -> None:
        """Closes the state and opens it anew from what the checkpoint would hold."""
        if self._engine is not None:
            self._engine.restart()

    def crash(self, key: Any, input: Any) -> None:
        """Runs a batch with these rows up to its commit, loses it, and restarts."""
        rows = [input] if self._using_pandas else list(input)
        self._begin(key, rows)
        self._engine.crash()
        self._end()

    def evolve(self, processor: Any) -> None:
        """Another version of the processor goes on with the state, or is refused as the start of a query would."""
        handle = _Handle(self)
        processor.init(handle)
        before = (self.processor, self._handle)
        self.processor, self._handle = processor, handle
        if self._engine is not None:
            try:
                self._engine.evolve(lambda: _Runner(self))
            except Exception:
                self.processor, self._handle = before
                raise

    # ---- Inside ------------------------------------------------------------------------------------------------------

    def _variable(self, name: str, kind: str) -> _Variable:
        variable = self._handle.variables.get(name)
        assert variable is not None and variable._kind == kind, f"State {name} has not been initialized."
        return variable

    def _on(self, key: Any) -> Any:
        """The engine; the first key says what the type of keys is."""
        self._keys[_tuple(key)] = (key,)
        key_json = _key_schema(_tuple(key)).json()
        if self._engine is None:
            self._engine = _engine.Tester(
                lambda: _Runner(self), key_json, _TIME_MODES[self._time_mode], self._conf
            )
            self._key_json = key_json
        elif key_json != self._key_json and None not in _tuple(key):
            raise PySparkTypeError(
                f"All keys of a tester have the same type, but {key!r} has another one than the first."
            )
        return self._engine

    def _begin(self, key: Any, rows: List[Any]) -> None:
        engine = self._on(key)
        engine.set_times(self._processing_time_ms, self._watermark_ms)
        self._input, self._output = rows, []
        engine.add(_tuple(key), 0)

    def _end(self) -> List[Any]:
        output, self._input, self._output = self._output, [], []
        return output

    def _run(self, key: Any, rows: List[Any]) -> List[Any]:
        self._begin(key, rows)
        self._engine.run()
        return self._end()

    def _run_initial_state(self, key: Any, state: Any) -> None:
        self._on(key).set_times(self._processing_time_ms, self._watermark_ms)
        self._input = [state]
        self._engine.add_initial_state(_tuple(key), 0)
        self._engine.run()
        self._end()

    def _tick(self) -> Any:
        output: List[Any] = []
        if self._engine is not None:
            self._engine.set_times(self._processing_time_ms, self._watermark_ms)
            self._engine.run()
            output = self._end()
        return self._joined(output) if self._using_pandas else output

    def _in_time(self, rows: List[Any]) -> List[Any]:
        if self._time_mode != "eventtime" or self._event_time_of is None:
            return list(rows)
        return [row for row in rows if self._event_time_of(row) > self._watermark_ms]

    def _moves(self, what: str, mode: str, present: int, next_ms: int) -> None:
        if self._time_mode != mode:
            function = "setProcessingTime" if mode == "processingtime" else "setWatermark"
            named = "ProcessingTime" if mode == "processingtime" else "EventTime"
            raise PySparkValueError(
                errorClass="UNSUPPORTED_OPERATION",
                messageParameters={"operation": f"{function} with TimeMode other than {named}"},
            )
        if next_ms <= present:
            raise IllegalArgumentException(
                f"{what} must move forward. Current: {present} ms, provided: {next_ms} ms."
            )

    @staticmethod
    def _joined(frames: List[Any]) -> Any:
        import pandas as pd

        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _tuple(key: Any) -> Tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


_KEY_TYPES = {str: t.StringType, bool: t.BooleanType, int: t.LongType, float: t.DoubleType, bytes: t.BinaryType,
              datetime.datetime: t.TimestampType, datetime.date: t.DateType}  # fmt: skip


def _key_schema(key: Tuple[Any, ...]) -> t.StructType:
    fields = []
    for number, one in enumerate(key):
        one = one.item() if hasattr(one, "item") else one
        kind = t.StringType if one is None else _KEY_TYPES.get(type(one))
        if kind is None:
            raise PySparkTypeError(f"A key of type {type(one).__name__} cannot be tested: {one!r}.")
        fields.append(t.StructField(f"key_{number}", kind()))
    return t.StructType(fields)
