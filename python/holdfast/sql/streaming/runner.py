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

from typing import Any, Callable, Iterable, List, Optional, Tuple

from holdfast.errors import PySparkTypeError
from holdfast.sql.streaming.row_output import RowOutput
from holdfast.sql.streaming.stateful_processor import ExpiredTimerInfo, StatefulProcessor, TimerValues

Key = Tuple[Any, ...]


class Runner:
    """What both APIs share. A subclass turns rows into what the user's code gets, and back."""

    def __init__(self, processor: StatefulProcessor, output: Any) -> None:
        self._processor = processor
        self._output = output
        self._handle_input_rows = processor.handleInputRows

    def init(self, handle: Any) -> None:
        self._processor.init(handle)

    def close(self) -> None:
        self._processor.close()

    def flush(self) -> Optional[Any]:
        return self._output.take()

    def rows_of(self, begin: int, end: int) -> Iterable[Any]:
        raise NotImplementedError

    def begin_rows(self, rows: Any) -> None:
        raise NotImplementedError

    def begin_initial_state(self, rows: Any) -> None:
        self.begin_rows(rows)

    def handle_rows(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> Optional[Any]:
        self._take(self._handle_input_rows(key, self.rows_of(begin, end), timer_values), "handleInputRows")
        return self._output.take_if_large()

    def handle_initial_state(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> None:
        for each in self.rows_of(begin, end):
            self._processor.handleInitialState(key, each, timer_values)

    def handle_timer(self, key: Key, timer_values: TimerValues, expiry_ms: int) -> Optional[Any]:
        result = self._processor.handleExpiredTimer(
            key=key, timerValues=timer_values, expiredTimerInfo=ExpiredTimerInfo(expiry_ms)
        )
        self._take(result, "handleExpiredTimer")
        return self._output.take_if_large()

    def _take(self, result: Any, function: str) -> None:
        try:
            items = iter(result)
        except TypeError:
            raise PySparkTypeError(
                f"{function} of {type(self._processor).__name__} must return an iterator, but returned {result!r}."
            ) from None
        self._output.add(items)


class RowRunner(Runner):
    """transformWithState: rows come as Row objects and go as such."""

    def __init__(
        self, processor: StatefulProcessor, output: RowOutput, row_class: type, initial_class: type, zone: Any
    ) -> None:
        super().__init__(processor, output)
        self._classes = (row_class, initial_class)
        self._row_class = row_class
        self._zone = zone
        self._rows: Any = None

    def begin_rows(self, rows: Any) -> None:
        self._row_class = self._classes[0]
        self._rows = rows

    def begin_initial_state(self, rows: Any) -> None:
        self._row_class = self._classes[1]
        self._rows = rows

    def rows_of(self, begin: int, end: int) -> Iterable[Any]:
        return self._rows.row_iterator(begin, end, self._row_class, self._zone)


def copier(processor: StatefulProcessor) -> Callable[[], StatefulProcessor]:
    """A function that makes fresh copies of the processor, as a Spark worker gets one for each partition and batch.

    Raises what cloudpickle raises when the processor cannot be copied, here and not in the middle of a query.
    """
    import cloudpickle

    from holdfast.errors import PySparkPicklingError

    try:
        pickled = cloudpickle.dumps(processor)
    except Exception as failure:
        raise PySparkPicklingError(
            f"The processor {type(processor).__name__} cannot be copied for the partitions of a batch, since it holds "
            f"something that pickle does not take: {failure}"
        ) from failure
    return lambda: cloudpickle.loads(pickled)


__all__: List[str] = ["Runner", "RowRunner", "copier"]
