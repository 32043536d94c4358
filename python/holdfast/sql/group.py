# SPDX-License-Identifier: Apache-2.0
"""GroupedData: rows by key, for a stateful processor, or of a batch for aggregates."""

from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from holdfast.errors import AnalysisException, PySparkTypeError, not_offered, refusing
from holdfast.sql.aggregates import aggregated
from holdfast.sql.column import (
    AggregateCall,
    Column,
    column_of,
    condition,
    is_column,
    output_metadata,
    output_name,
    select_item,
    split_aggregates,
)
from holdfast.sql.sql_text import quoted_name
from holdfast.sql.types import NumericType, StructType

__all__ = ["GroupedData"]


class GroupedData:
    """What groupBy gives. `columns` are (name, column) pairs; the name is empty for an expression without alias."""

    def __init__(self, frame: Any, columns: List[Tuple[str, Column]]) -> None:
        self._frame = frame
        self._columns = columns

    __getattr__ = refusing("GroupedData", "applyInArrow")

    # ---- Stateful processors ---------------------------------------------------------------------------------------

    def transformWithStateInPandas(
        self,
        statefulProcessor: Any,
        outputStructType: Union[StructType, str],
        outputMode: str,
        timeMode: str,
        initialState: Optional["GroupedData"] = None,
        eventTimeColumnName: str = "",
    ) -> Any:
        """Hands the rows of each key to the processor as pandas DataFrames, and takes DataFrames from it."""
        return self._transform(
            "pandas", statefulProcessor, outputStructType, outputMode, timeMode, initialState, eventTimeColumnName
        )

    def transformWithState(
        self,
        statefulProcessor: Any,
        outputStructType: Union[StructType, str],
        outputMode: str,
        timeMode: str,
        initialState: Optional["GroupedData"] = None,
        eventTimeColumnName: str = "",
    ) -> Any:
        """The same with Rows."""
        return self._transform(
            "row", statefulProcessor, outputStructType, outputMode, timeMode, initialState, eventTimeColumnName
        )

    def _transform(self, api: str, processor: Any, output: Any, output_mode: str, time_mode: str, initial: Any,
                   event_time: str) -> Any:  # fmt: skip
        from holdfast.sql.streaming.operator import make_operator

        frame, names = self._with_named_columns()
        operator = make_operator(
            api, processor, frame, names, output, output_mode, time_mode, initial, event_time or ""
        )
        if frame.isStreaming:
            return frame._new(frame._plan.with_operator(operator))
        from holdfast.sql.streaming.batch_query import batch_plan

        return frame._new(batch_plan(frame, operator))

    def _with_named_columns(self) -> Tuple[Any, List[str]]:
        """The frame, with a column of its own for each key that is an expression."""
        if not self._columns:
            raise AnalysisException("A stateful processor needs a key: name columns in groupBy.")
        frame = self._frame
        names = []
        for number, (name, column) in enumerate(self._columns):
            there = name and name.lower() in (one.lower() for one in self._frame.columns)
            if there and not is_column(column, name):
                raise AnalysisException(
                    f"groupBy({column!r}) names its key {name} as a column that is there: PySpark 4.3 groups by that "
                    "column and forgets the expression. Give another alias, or change the column before with "
                    "withColumn.",
                    errorClass="AMBIGUOUS_REFERENCE",
                )
            if not there:
                name = name or _fresh_name(f"key_{number}", frame.columns)
                frame = frame.withColumn(name, column)
            names.append(frame._resolve(name))
        return frame, names

    # ---- Aggregates of a batch -------------------------------------------------------------------------------------

    def agg(self, *exprs: Union[Column, Dict[str, str]]) -> Any:
        """A row for each key, with the aggregates as columns."""
        frame = self._frame
        if frame.isStreaming:
            raise not_offered(
                "An aggregate of a stream (groupBy().agg or count)", "Write it as a StatefulProcessor."
            )
        # 1. A column for each key and each argument of an aggregate.
        items = [condition(column) for _, column in self._columns]
        keys = [name or _name_of(frame, column) for name, column in self._columns]
        calls: List[AggregateCall] = []
        results: List[Column] = []
        for given in self._columns_of(exprs):
            found, over_results = split_aggregates(given, lambda at: f"agg_{len(calls) + at}", frame.columns)
            calls.extend(found)
            results.append(over_results if found else self._key_again(given))
        places: List[List[int]] = []  # where in the items the arguments of a call are
        for call in calls:
            texts = [text for text in map(condition, call.arguments) if text != "*"]
            places.append(list(range(len(items), len(items) + len(texts))))
            items.extend(texts)
        widened = frame._plan.with_step(
            ("select", tuple(f"{text} AS item_{place}" for place, text in enumerate(items)) or ("1 AS one",))
        )
        # 2. The aggregates, by DuckDB.
        grouped = aggregated(widened, len(keys), calls, places)
        # 3. What is computed from them, under the names that Spark gives.
        named_keys = (f"key_{number} AS {quoted_name(name)}" for number, name in enumerate(keys))
        made = grouped.with_step(("select", (*named_keys, *(select_item(column) for column in results))))
        made = frame._new(made)
        for column in results:
            made = made._with_metadata(output_name(column), output_metadata(column))
        return made

    def _key_again(self, given: Column) -> Column:
        """A column without an aggregate, which must be one of the keys."""
        for number, (name, key) in enumerate(self._columns):
            if condition(key) == condition(given) or is_column(given, name):
                shown = output_name(given) or _name_of(self._frame, given)
                return column_of(quoted_name(f"key_{number}")).alias(shown)
        raise AnalysisException(
            f"The column {given!r} is no aggregate and no key of the group.", errorClass="MISSING_AGGREGATION"
        )

    def _columns_of(self, exprs: Any) -> List[Column]:
        from holdfast.sql import functions

        if len(exprs) == 1 and isinstance(exprs[0], dict):
            return [getattr(functions, function)(name) for name, function in exprs[0].items()]
        for one in exprs:
            if not isinstance(one, Column):
                raise PySparkTypeError(
                    errorClass="NOT_LIST_OF_COLUMN", messageParameters={"arg_name": "exprs"}
                )
        return list(exprs)

    def count(self) -> Any:
        from holdfast.sql.functions.aggregates import count

        return self.agg(count("*").alias("count"))

    def _each(self, function: str, cols: Tuple[str, ...]) -> Any:
        from holdfast.sql import functions

        names = list(cols) or [
            one.name
            for one in self._frame.schema.fields
            if isinstance(one.dataType, NumericType) and one.name not in [name for name, _ in self._columns]
        ]
        return self.agg(*(getattr(functions, function)(name) for name in names))

    def sum(self, *cols: str) -> Any:
        return self._each("sum", cols)

    def avg(self, *cols: str) -> Any:
        return self._each("avg", cols)

    def mean(self, *cols: str) -> Any:
        return self._each("avg", cols)

    def min(self, *cols: str) -> Any:
        return self._each("min", cols)

    def max(self, *cols: str) -> Any:
        return self._each("max", cols)

    def pivot(self, pivot_col: str, values: Any = None) -> Any:
        raise not_offered("GroupedData.pivot")

    def apply(self, udf: Any) -> Any:
        raise not_offered("GroupedData.apply")

    def applyInPandas(self, func: Any, schema: Any) -> Any:
        raise not_offered("GroupedData.applyInPandas")

    def applyInPandasWithState(self, *args: Any, **kwargs: Any) -> Any:
        raise not_offered(
            "GroupedData.applyInPandasWithState", "Use transformWithStateInPandas, its successor in Spark 4."
        )

    def cogroup(self, other: "GroupedData") -> Any:
        raise not_offered("GroupedData.cogroup")


def _name_of(frame: Any, column: Column) -> str:
    """The name that Spark gives a column of this expression."""
    return frame._plan.with_step(("select", (select_item(column_of(column)),))).schema.names[0]


def _fresh_name(name: str, taken: Sequence[str]) -> str:
    """The name, with lines under it as long as a column has it."""
    while name in taken:
        name += "_"
    return name
