# SPDX-License-Identifier: Apache-2.0
"""Runner: a copy of the user's processor through one partition of a batch, as the engine calls it.

    init(handle)
    begin_rows(input)                              all rows of the keys that follow
    handle_rows(key, begin, end, timer_values)     one key: rows begin to end - 1 of them
    handle_timer(key, timer_values, expiry_ms)
    flush()                                        the output so far as Arrow columns, or None
    close()

and begin_initial_state, handle_initial_state before the input of the first batch. handle_rows and handle_timer may hand
over output, too, so that what a partition puts out need not lie in memory as a whole.
"""

from typing import Any, Iterator, Optional, Tuple

from holdfast import _process
from holdfast._failures import note_call
from holdfast.errors import PySparkTypeError
from holdfast.sql.streaming.row_output import RowOutput
from holdfast.sql.streaming.stateful_processor import ExpiredTimerInfo, StatefulProcessor, TimerValues

Key = Tuple[Any, ...]


class Runner:
    """What both APIs share. A subclass turns rows into what the user's code gets, and back."""

    def __init__(self, processor: StatefulProcessor, output: Any, timer_key: type) -> None:
        """`timer_key`: the class of the Row that a timer's key is, unlike the plain tuple that goes with rows."""
        self._processor = processor
        self._output = output
        self._timer_key = timer_key
        self._handle_input_rows = processor.handleInputRows
        self._pid = _process.pid

    def init(self, handle: Any) -> None:
        try:
            self._processor.init(handle)
            self._end_child()
        except BaseException as failure:
            self._failed(failure, "init")
            raise

    def close(self) -> None:
        try:
            self._processor.close()
            self._end_child()
        except BaseException as failure:
            self._failed(failure, "close")
            raise

    def flush(self) -> Optional[Any]:
        return self._output.take()

    def rows_of(self, begin: int, end: int) -> Iterator[Any]:
        raise NotImplementedError

    def begin_rows(self, rows: Any) -> None:
        raise NotImplementedError

    def begin_initial_state(self, rows: Any) -> None:
        self.begin_rows(rows)

    def handle_rows(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> Optional[Any]:
        try:
            result = self._handle_input_rows(key, self.rows_of(begin, end), timer_values)
            self._take(key, result, "handleInputRows")
        except BaseException as failure:
            self._failed(failure, "handleInputRows", end - begin)
            raise
        return self._output.take_if_large()

    def handle_initial_state(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> None:
        try:
            for each in self.rows_of(begin, end):
                self._processor.handleInitialState(key, each, timer_values)
            self._end_child()
        except BaseException as failure:
            self._failed(failure, "handleInitialState", end - begin)
            raise

    def handle_timer(self, key: Key, timer_values: TimerValues, expiry_ms: int) -> Optional[Any]:
        try:
            result = self._processor.handleExpiredTimer(
                key=tuple.__new__(self._timer_key, key),
                timerValues=timer_values,
                expiredTimerInfo=ExpiredTimerInfo(expiry_ms),
            )
            self._take(key, result, "handleExpiredTimer")
        except BaseException as failure:
            self._failed(failure, "handleExpiredTimer")
            raise
        return self._output.take_if_large()

    def _take(self, key: Key, result: Any, function: str) -> None:
        try:
            items = iter(result)
        except TypeError:
            raise PySparkTypeError(
                f"{function} of {type(self._processor).__name__} must return an iterator, but returned {result!r}."
            ) from None
        self._output.add(items, key)
        self._end_child()

    def _end_child(self) -> None:
        """Ends the process where it was forked in the call that has just come to its end."""
        if _process.pid != self._pid:
            _process.leave(None)

    def _failed(self, failure: BaseException, function: str, rows: Optional[int] = None) -> None:
        """Notes at the exception which call of which processor it came out of."""
        if _process.pid != self._pid:
            _process.leave(failure)
        of_rows = "" if rows is None else f", with {rows} row{'' if rows == 1 else 's'} of this key"
        note_call(failure, f"{function} of {type(self._processor).__name__} failed{of_rows}")


class RowRunner(Runner):
    """transformWithState: rows come as Row objects and go as such. `classes` and `keys` are the class of Rows and the places
    of the grouping columns, of the input and of the initial state."""

    def __init__(
        self,
        processor: StatefulProcessor,
        output: RowOutput,
        timer_key: type,
        classes: Tuple[type, type],
        keys: Tuple[Tuple[int, ...], Tuple[int, ...]],
        zone: Any,
    ) -> None:
        super().__init__(processor, output, timer_key)
        self._classes = classes
        self._key_places = keys
        self._present = 0
        self._zone = zone
        self._rows: Any = None

    def begin_rows(self, rows: Any) -> None:
        self._present = 0
        self._rows = rows

    def begin_initial_state(self, rows: Any) -> None:
        self._present = 1
        self._rows = rows

    def rows_of(self, begin: int, end: int) -> Iterator[Any]:
        return self._rows.row_iterator(begin, end, self._classes[self._present], self._zone)

    def _key(self, row: int) -> Key:
        return self._rows.key(row, self._key_places[self._present], self._zone)

    def handle_rows(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> Optional[Any]:
        return super().handle_rows(self._key(begin), begin, end, timer_values)

    def handle_initial_state(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> None:
        super().handle_initial_state(self._key(begin), begin, end, timer_values)
