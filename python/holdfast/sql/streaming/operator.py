# SPDX-License-Identifier: Apache-2.0
"""A processor and what keys it, as a query's plan has it: everything that can be refused of it is refused here."""

from typing import Any, Dict, Iterable, List, Optional, Tuple

from holdfast.errors import AnalysisException, IllegalArgumentException, PySparkTypeError
from holdfast.sql.arrow_types import to_arrow_schema
from holdfast.sql.plan import Operator, StreamPlan
from holdfast.sql.row import row_class
from holdfast.sql.types import StructType, as_type

_OUTPUT_MODES = {"append": "Append", "update": "Update", "complete": "Complete"}
_TIME_MODES = {"none": "NoTime", "processingtime": "ProcessingTime", "eventtime": "EventTime"}
_OPERATOR_NAMES = {"pandas": "transformWithStateInPandasExec", "row": "transformWithStateInPySparkExec"}
# Settings of how frames are taken, in the order of PandasOutput's arguments.
_PANDAS_OUTPUT = (
    "spark.sql.execution.pythonUDF.pandas.intToDecimalCoercionEnabled",
    "spark.sql.execution.pandas.convertToArrowArraySafely",
    "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName",
)


def make_operator(
    api: str,
    processor: Any,
    frame: Any,
    grouping: List[str],
    output: Any,
    output_mode: str,
    time_mode: str,
    initial_state: Any,
    event_time: str,
) -> Operator:
    """`api` is "pandas" or "row"."""
    from holdfast.native import NativeProcessor

    input_schema: StructType = frame.schema
    key = StructType([input_schema[name] for name in grouping])
    common: Dict[str, Any] = {
        "grouping": tuple(grouping),
        "key": key,
        "input": input_schema,
        "time_mode": _word("timeMode", time_mode, _TIME_MODES),
        "output_mode": output_mode_word(output_mode),
        "output_event_time": event_time,
    }
    if isinstance(processor, NativeProcessor):
        native_output = processor.output_schema()
        return Operator(output=native_output, library=processor.library, library_class=processor.name, **common)
    _check_processor(processor)
    output_schema = as_type(output)
    if not isinstance(output_schema, StructType):
        raise PySparkTypeError(f"outputStructType is a StructType or a DDL text, but got {output!r}.")
    initial, initial_grouping = _initial_state(initial_state)
    make_runner = _runner_maker(api, processor, frame, key, output_schema, input_schema, initial, initial_grouping)
    return Operator(
        output=output_schema,
        make_runner=make_runner,
        operator_name=_OPERATOR_NAMES[api],
        initial_state=initial,
        initial_grouping=initial_grouping,
        **common,
    )


def output_mode_word(mode: str) -> str:
    return _word("outputMode", mode, _OUTPUT_MODES)


def _word(argument: str, given: Any, words: dict) -> str:
    if not isinstance(given, str) or given.lower() not in words:
        raise IllegalArgumentException(
            f"{argument} is one of {', '.join(words)}, in any case, but got {given!r}.",
            errorClass="STREAMING_OUTPUT_MODE.INVALID" if argument == "outputMode" else None,
        )
    return words[given.lower()]


def _check_processor(processor: Any) -> None:
    if isinstance(processor, type):
        raise PySparkTypeError(
            f"statefulProcessor is an object, but got the class {processor.__name__}: write {processor.__name__}()."
        )
    for method in ("init", "handleInputRows"):
        if not callable(getattr(processor, method, None)):
            raise PySparkTypeError(f"The processor {type(processor).__name__} has no method {method}.")


def _initial_state(given: Any) -> Tuple[Optional[Any], Tuple[str, ...]]:
    from holdfast.sql.group import GroupedData

    if given is None:
        return None, ()
    if not isinstance(given, GroupedData):
        raise PySparkTypeError(
            f"initialState is what groupBy gives, but got {type(given).__name__}: write "
            "initialState=frame.groupBy(...)."
        )
    frame, names = given._with_named_columns()
    if isinstance(frame._plan, StreamPlan):
        raise AnalysisException("initialState is a batch DataFrame, but got a stream.")
    return frame._plan, tuple(names)


def _runner_maker(
    api: str,
    processor: Any,
    frame: Any,
    key: StructType,
    output: StructType,
    rows: StructType,
    initial: Any,
    initial_grouping: Tuple[str, ...],
) -> Any:
    from holdfast.sql.streaming.copies import copier

    copy = copier(processor)
    zone = frame._session.conf.get("spark.sql.session.timeZone")
    arrow_output = to_arrow_schema(output)
    keys = (places_of(key.names, rows), places_of(initial_grouping, initial.schema) if initial is not None else ())
    timer_key = row_class(key.names)
    if api == "row":
        return _row_runner_maker(copy, arrow_output, timer_key, rows, initial, keys, zone)
    rows_at_once = int(frame._session.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch"))
    conf = frame._session.conf
    bytes_at_once = int(conf.get("spark.sql.execution.arrow.maxBytesPerBatch"))
    switches = [conf.get(name).lower() == "true" for name in _PANDAS_OUTPUT]

    def make() -> Any:
        from holdfast.sql.streaming.pandas_output import PandasOutput
        from holdfast.sql.streaming.pandas_runner import PandasRunner

        output_frames = PandasOutput(arrow_output, zone, *switches)
        rows = rows_at_once if rows_at_once > 0 else 2**31 - 1
        return PandasRunner(copy(), output_frames, timer_key, zone, rows, bytes_at_once, keys)

    return make


def _row_runner_maker(
    copy: Any, arrow_output: Any, timer_key: type, rows: StructType, initial: Any, keys: Any, zone: str
) -> Any:
    from holdfast.sql.streaming.row_output import RowOutput
    from holdfast.sql.streaming.runner import RowRunner
    from holdfast.sql.time_zone import arrow_zone

    row_type = row_class(rows.names)
    initial_type = row_class(initial.schema.names) if initial is not None else row_type

    def make() -> Any:
        return RowRunner(copy(), RowOutput(arrow_output), timer_key, (row_type, initial_type), keys, arrow_zone(zone))

    return make


def places_of(names: Iterable[str], schema: StructType) -> Tuple[int, ...]:
    """Where the columns of these names are."""
    return tuple(schema.names.index(name) for name in names)
