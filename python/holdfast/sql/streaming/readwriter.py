# SPDX-License-Identifier: Apache-2.0
"""spark.readStream and DataFrame.writeStream."""

import tempfile
import uuid
import warnings
from typing import Any, Callable, Dict, List, Optional, Union

from holdfast import _engine
from holdfast._process import ending_children
from holdfast.conf import setting_text
from holdfast.errors import (
    AnalysisException,
    IllegalArgumentException,
    PySparkTypeError,
    PySparkValueError,
    not_offered,
    refusing,
)
from holdfast.paths import to_local
from holdfast.sql.plan import StreamInput, StreamPlan, schema_of_json
from holdfast.sql.streaming.durations import milliseconds
from holdfast.sql.streaming.foreach import foreach_target
from holdfast.sql.streaming.operator import output_mode_word
from holdfast.sql.types import StructType, as_type

__all__ = ["DataStreamReader", "DataStreamWriter"]

_NO_PATH = ("rate", "rate-micro-batch", "socket")
_FORMATS = ("json", "csv", "parquet", "text", "delta", *_NO_PATH)
# All that the rate sources look at; Spark takes any other option and does nothing with it.
_RATE_OPTIONS = {
    "rate": ("rowspersecond", "rampuptime", "numpartitions"),
    "rate-micro-batch": ("rowsperbatch", "numpartitions", "starttimestamp", "advancemillisperbatch"),
}


class DataStreamReader:
    """Makes streams of files, Delta tables, rates and sockets."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._format = "parquet"
        self._options: Dict[str, str] = {}
        self._schema: Optional[StructType] = None

    __getattr__ = refusing("spark.readStream", "changes name orc xml")

    def format(self, source: str) -> "DataStreamReader":
        self._format = source
        return self

    def schema(self, schema: Union[StructType, str]) -> "DataStreamReader":
        given = as_type(schema)
        if not isinstance(given, StructType):
            raise PySparkTypeError(
                errorClass="NOT_STR_OR_STRUCT",
                messageParameters={"arg_name": "schema", "arg_type": type(schema).__name__},
            )
        self._schema = given
        return self

    def option(self, key: str, value: Any) -> "DataStreamReader":
        self._options[key] = setting_text(value)
        return self

    def options(self, **options: Any) -> "DataStreamReader":
        for key, value in options.items():
            self.option(key, value)
        return self

    def load(self, path: Optional[str] = None, format: Optional[str] = None, schema: Any = None,
             **options: Any) -> Any:  # fmt: skip
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        given = dict(self._options)  # a reader may load again
        name = {"ratestreamprovider": "rate"}.get(self._format.lower(), self._format.lower())
        if name == "cloudfiles":
            name = given.pop("cloudFiles.format", "json").lower()
        if name not in _FORMATS:
            raise not_offered(
                f"spark.readStream.format({self._format!r})", f"There are {', '.join(_FORMATS)}."
            )
        where = "" if name in _NO_PATH else self._where(path, name, given)
        self._leave_out_what_rate_lacks(name, given)
        schema_json = "" if self._schema is None else self._schema.json()
        source = StreamInput(name, where, given, schema_json)
        # Settings of state are checked when a query starts: a source has none.
        settings = self._session.conf.for_engine().items()
        conf = {key: value for key, value in settings if not key.startswith("spark.sql.streaming.stateStore.")}
        columns = schema_of_json(_engine.schema_of_input(name, where, given, schema_json, conf))
        return self._session._frame(StreamPlan(columns, self._session._zone, (source,)))

    @staticmethod
    def _leave_out_what_rate_lacks(name: str, options: Dict[str, str]) -> None:
        known = _RATE_OPTIONS.get(name)
        for key in list(options):
            if known is not None and key.lower() not in known:
                warnings.warn(f"The {name} source has no option {key}: it changes nothing.", UserWarning, stacklevel=3)
                del options[key]

    @staticmethod
    def _where(path: Optional[str], name: str, options: Dict[str, str]) -> str:
        if path is not None and not isinstance(path, str):
            raise PySparkValueError(
                errorClass="CANNOT_BE_EMPTY", messageParameters={"item": "path"}
            )
        from_options = options.pop("path", None)
        given = path if path is not None else from_options
        if given is None or not given.strip():
            raise IllegalArgumentException(f"A stream of {name} needs a path: load(path).")
        return to_local(given)

    def json(self, path: str, schema: Any = None, **options: Any) -> Any:
        return self.load(path, "json", schema, **options)

    def csv(self, path: str, schema: Any = None, **options: Any) -> Any:
        return self.load(path, "csv", schema, **options)

    def parquet(self, path: str, **options: Any) -> Any:
        return self.load(path, "parquet", **options)

    def text(self, path: str, **options: Any) -> Any:
        return self.load(path, "text", **options)

    def table(self, tableName: str) -> Any:
        """The stream of a Delta table of the warehouse."""
        return self.load(self._session.catalog._existing_location(tableName), "delta")


class DataStreamWriter:
    """Says where the rows of a stream go, and starts the query."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._session = frame._session
        self._format: Optional[str] = None
        self._options: Dict[str, str] = {}
        self._name = ""
        self._output_mode: Optional[str] = None
        self._temporary: Optional[str] = None  # a checkpoint that goes with the query
        self._trigger = ("processingTime", 0)
        self._partition_by: List[str] = []
        self._foreach_batch: Optional[Callable[..., Any]] = None
        self._foreach: Any = None

    __getattr__ = refusing("DataFrame.writeStream", "clusterBy")

    def outputMode(self, outputMode: str) -> "DataStreamWriter":
        if not outputMode or not isinstance(outputMode, str) or not outputMode.strip():
            raise PySparkValueError(
                errorClass="VALUE_NOT_NON_EMPTY_STR",
                messageParameters={"arg_name": "outputMode", "arg_value": str(outputMode)},
            )
        self._output_mode = output_mode_word(outputMode)
        return self

    def format(self, source: str) -> "DataStreamWriter":
        self._format = source
        return self

    def option(self, key: str, value: Any) -> "DataStreamWriter":
        self._options[key] = setting_text(value)
        return self

    def options(self, **options: Any) -> "DataStreamWriter":
        for key, value in options.items():
            self.option(key, value)
        return self

    def partitionBy(self, *cols: Any) -> "DataStreamWriter":
        self._partition_by = list(cols[0] if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else cols)
        return self

    def queryName(self, queryName: str) -> "DataStreamWriter":
        if not queryName or not isinstance(queryName, str) or not queryName.strip():
            raise PySparkValueError(
                errorClass="VALUE_NOT_NON_EMPTY_STR",
                messageParameters={"arg_name": "queryName", "arg_value": str(queryName)},
            )
        self._name = queryName
        return self

    def trigger(
        self,
        *,
        processingTime: Optional[str] = None,
        once: Optional[bool] = None,
        continuous: Optional[str] = None,
        availableNow: Optional[bool] = None,
        realTime: Any = None,
    ) -> "DataStreamWriter":
        """When batches run. Exactly one of these."""
        given = [one for one in (processingTime, once, continuous, availableNow, realTime) if one is not None]
        if len(given) != 1:
            raise PySparkValueError(errorClass="ONLY_ALLOW_SINGLE_TRIGGER", messageParameters={})
        if continuous is not None:
            raise not_offered("trigger(continuous=...)", "Use realTime or processingTime.")
        if processingTime is not None:
            self._trigger = ("processingTime", milliseconds(processingTime, "processingTime"))
        elif realTime is not None:
            self._trigger = ("realTime", milliseconds(realTime, "realTime"))
        else:
            name = "once" if once is not None else "availableNow"
            if (once if once is not None else availableNow) is not True:
                raise PySparkValueError(
                    errorClass="VALUE_NOT_TRUE", messageParameters={"arg_name": name, "arg_value": str(given[0])}
                )
            self._trigger = (name, 0)
        return self

    def foreachBatch(self, func: Callable[[Any, int], None]) -> "DataStreamWriter":
        """Hands the rows of each batch to a function, as a DataFrame."""
        self._foreach_batch = func
        return self

    def foreach(self, f: Any) -> "DataStreamWriter":
        """Hands each row to a function, or to an object with process and, where wanted, open and close."""
        self._foreach = foreach_target(f, self._frame.schema)
        return self

    def toTable(self, tableName: str, format: Optional[str] = None, outputMode: Optional[str] = None,
                partitionBy: Any = None, queryName: Optional[str] = None, **options: Any) -> Any:  # fmt: skip
        """Starts the query into a Delta table of the warehouse."""
        location = self._session.catalog._location(tableName)
        return self.start(location, format or self._format or "delta", outputMode, partitionBy, queryName, **options)

    def start(self, path: Optional[str] = None, format: Optional[str] = None, outputMode: Optional[str] = None,
              partitionBy: Any = None, queryName: Optional[str] = None, **options: Any) -> Any:  # fmt: skip
        """Starts the query."""
        self.options(**options)
        if outputMode is not None:
            self.outputMode(outputMode)
        if partitionBy is not None:
            self.partitionBy(*([partitionBy] if isinstance(partitionBy, str) else partitionBy))
        if format is not None:
            self.format(format)
        if queryName is not None:
            self.queryName(queryName)
        return self._session.streams._start(self, path)

    # ---- For StreamingQueryManager -----------------------------------------------------------------------------------

    def _describe(self, builder: Any, path: Optional[str]) -> None:
        plan = self._frame._plan
        if not plan.operators:
            raise not_offered(
                "A streaming query without transformWithState", "Group the stream and hand it to a StatefulProcessor."
            )
        for source in plan.inputs:
            builder.add_input(source.format, source.path, source.options, source.schema_json)
        for number, steps in enumerate(plan.steps):
            if number > 0:
                add_operator(builder, plan.operators[number - 1], self._session.conf)
            for placed in steps:
                builder.add_step(placed.step[0], list(placed.step[1]), placed.first_input, placed.inputs)
        options = dict(self._options)
        checkpoint = self._checkpoint(options)
        self._describe_sink(builder, path, options)
        conf = self._session.conf.for_engine()
        operator_name = plan.operators[-1].operator_name
        if operator_name:
            conf.setdefault("holdfast.dialect.operatorName", operator_name)
        builder.set_query(self._name, checkpoint, self._output_mode or "Append", *self._trigger, conf)

    def _checkpoint(self, options: Dict[str, str]) -> str:
        for key in list(options):
            if key.lower() == "checkpointlocation":
                return to_local(options.pop(key), for_write=True)
        root = self._session.conf.get("spark.sql.streaming.checkpointLocation", None)
        if root is not None:
            return to_local(f"{root}/{self._name or uuid.uuid4()}", for_write=True)
        name = (self._format or "").lower()
        if self._foreach_batch is None and self._foreach is None and name not in ("console", "memory", "noop"):
            raise AnalysisException(
                "checkpointLocation must be specified either through option('checkpointLocation', ...) or "
                "spark.conf.set('spark.sql.streaming.checkpointLocation', ...)."
            )
        if self._foreach_batch is not None or self._foreach is not None:
            warnings.warn(
                "The query has no checkpointLocation: it keeps its state only for as long as it runs, and begins anew "
                "when it is started again.",
                stacklevel=6,
            )
        self._temporary = tempfile.mkdtemp(prefix="holdfast-checkpoint-")
        return self._temporary

    def _describe_sink(self, builder: Any, path: Optional[str], options: Dict[str, str]) -> None:
        if self._foreach_batch is not None:
            call, session = ending_children(self._foreach_batch), self._session._for_batches()
            builder.set_foreach_batch(lambda rows, batch_id: call(session._frame(_local(rows, session)), batch_id))
            return
        if self._foreach is not None:
            builder.set_foreach(self._foreach, self._frame.schema.json())
            return
        name = (self._format or "parquet").lower()
        if name == "noop":
            builder.set_foreach_batch(lambda rows, batch_id: None)
            return
        where = path if path is not None else options.pop("path", None)
        if name in ("console", "memory"):
            where = None
        builder.set_sink(name, "" if where is None else to_local(where, for_write=True), options, self._partition_by)


def _local(rows: Any, session: Any) -> Any:
    from holdfast.sql.plan import LocalRows

    return LocalRows(rows, session._zone)


def add_operator(builder: Any, operator: Any, conf: Any) -> None:
    """`conf`: the settings of the session in which the query is started."""
    if operator.runner_maker is None:
        builder.add_native_operator(
            list(operator.grouping), operator.library, operator.library_class, operator.time_mode,
            operator.output_mode,
        )
        return
    builder.add_operator(
        list(operator.grouping),
        operator.runner_maker(conf),
        operator.key.json(),
        operator.input.json(),
        operator.output.json(),
        operator.time_mode,
        operator.output_mode,
        operator.output_event_time,
        None if operator.initial_state is None else operator.initial_state.rows(),
        list(operator.initial_grouping),
    )
