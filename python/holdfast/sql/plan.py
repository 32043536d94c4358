# SPDX-License-Identifier: Apache-2.0
"""What a DataFrame stands for: a plan of where rows come from and what is done to them.

A StreamPlan is the description of a query, part by part. A BatchPlan can be asked for its rows now. Both are never
changed; a step makes a new plan.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import pyarrow as pa

from holdfast import _engine
from holdfast.errors import not_offered
from holdfast.sql.ddl import type_to_sql
from holdfast.sql.sql_text import quoted_name
from holdfast.sql.types import DataType, StructField, StructType

# From the settings of a query that is started to a function that makes a Runner for each partition.
RunnerMaker = Callable[[Any], Callable[[], Any]]
Step = Tuple[str, Tuple[str, ...]]  # (kind, texts): select, filter, withColumn, watermark


def steps_over(schema: StructType, steps: Sequence[Step], zone: str) -> Any:
    """The compiled steps; raises what is wrong with them."""
    return _engine.Steps(schema.json(), [(kind, list(texts)) for kind, texts in steps], zone)


def schema_of_json(text: str) -> StructType:
    return StructType.fromJson(json.loads(text))


def united_type(first: StructField, second: StructField, zone: str) -> Optional[DataType]:
    """The type that two columns of different types have in a union, which is that of coalesce; None for equal types."""
    if first.dataType == second.dataType:
        return None
    both = StructType([StructField("first", first.dataType), StructField("second", second.dataType)])
    steps = steps_over(both, [("select", ("coalesce(first, second) AS both",))], zone)
    return schema_of_json(steps.schema_json)[0].dataType


@dataclass(frozen=True)
class StreamInput:
    """A source."""

    format: str
    path: str
    options: Dict[str, str]
    schema_json: str  # empty where the source has columns of its own


@dataclass(frozen=True)
class PlacedStep:
    """A step and, in front of the first processor, the inputs that it is for."""

    step: Step
    first_input: int = 0
    inputs: int = 1


@dataclass(frozen=True)
class Operator:
    """A processor: one of Python with its RunnerMaker, or a native one."""

    grouping: Tuple[str, ...]
    key: StructType
    input: StructType
    output: StructType
    time_mode: str
    runner_maker: Optional[RunnerMaker] = None
    operator_name: str = ""
    output_mode: str = "Append"
    output_event_time: str = ""
    initial_state: Optional["BatchPlan"] = None
    initial_grouping: Tuple[str, ...] = ()
    library: str = ""
    library_class: str = ""


@dataclass(frozen=True)
class StreamPlan:
    """Rows that keep coming."""

    schema: StructType
    zone: str
    inputs: Tuple[StreamInput, ...]
    # In front of the first operator, then behind each.
    steps: Tuple[Tuple[PlacedStep, ...], ...] = ((),)
    operators: Tuple[Operator, ...] = field(default=())

    is_streaming = True

    def with_step(self, step: Step) -> "StreamPlan":
        schema = schema_of_json(steps_over(self.schema, [step], self.zone).schema_json)
        placed = PlacedStep(step, 0, len(self.inputs))
        return replace(self, schema=schema, steps=(*self.steps[:-1], (*self.steps[-1], placed)))

    def with_operator(self, operator: Operator) -> "StreamPlan":
        return replace(
            self, schema=operator.output, operators=(*self.operators, operator), steps=(*self.steps, ())
        )

    def union(self, other: "StreamPlan") -> "StreamPlan":
        if self.operators or other.operators:
            raise not_offered("DataFrame.union behind a stateful operator", "Unite the streams in front of it.")
        if len(self.schema) != len(other.schema):
            from holdfast.errors import AnalysisException

            raise AnalysisException(
                f"A union is of DataFrames with equally many columns, but the first has {len(self.schema)} "
                f"({', '.join(self.schema.names)}) and the second {len(other.schema)} "
                f"({', '.join(other.schema.names)}).",
                errorClass="NUM_COLUMNS_MISMATCH",
            )
        types = [united_type(*pair, self.zone) for pair in zip(self.schema.fields, other.schema.fields)]
        first, second = self._with_types(types), other._with_types(types)
        moved = tuple(replace(one, first_input=one.first_input + len(self.inputs)) for one in second.steps[0])
        return replace(first, inputs=self.inputs + other.inputs, steps=((*first.steps[0], *moved),))

    def _with_types(self, types: Sequence[Optional[DataType]]) -> "StreamPlan":
        """The columns cast to these types; None leaves one as it is."""
        if not any(types):
            return self
        names = [quoted_name(name) for name in self.schema.names]
        texts = (f"CAST({name} AS {type_to_sql(one)}) AS {name}" if one else name for name, one in zip(names, types))
        return self.with_step(("select", tuple(texts)))


class BatchPlan:
    """Rows that are there."""

    is_streaming = False
    zone: str

    @property
    def schema(self) -> StructType:
        raise NotImplementedError

    def rows(self) -> Any:
        """All rows, as anything with __arrow_c_stream__."""
        raise NotImplementedError

    def table(self) -> pa.Table:
        return pa.table(self.rows())

    def with_step(self, step: Step) -> "BatchPlan":
        return Stepped(self, (step,))


class LocalRows(BatchPlan):
    """Rows in memory."""

    def __init__(self, rows: Any, zone: str, schema: Optional[StructType] = None) -> None:
        self._rows = rows if isinstance(rows, _engine.Rows) else _engine.rows(rows)
        self._schema = schema or schema_of_json(self._rows.schema_json)
        self.zone = zone

    @property
    def schema(self) -> StructType:
        return self._schema

    def rows(self) -> Any:
        return self._rows


class Lazily(BatchPlan):
    """Rows that `read` fetches anew whenever they are asked for. `schema` is the read's own where it is not given."""

    def __init__(self, read: Callable[[], Any], zone: str, schema: Optional[Callable[[], StructType]] = None) -> None:
        self._read = read
        self._schema_of = schema
        self._schema: Optional[StructType] = None
        self.zone = zone

    @property
    def schema(self) -> StructType:
        if self._schema is None:
            if self._schema_of is not None:
                self._schema = self._schema_of()
            else:
                self._schema = schema_of_json(_engine.rows(self._read()).schema_json)
        return self._schema

    def rows(self) -> Any:
        return self._read()


class Stepped(BatchPlan):
    """Stateless steps on other rows."""

    def __init__(self, child: BatchPlan, steps: Tuple[Step, ...]) -> None:
        self._child = child
        self._steps = steps
        self.zone = child.zone
        self._compiled = steps_over(child.schema, steps, self.zone)
        self._schema = schema_of_json(self._compiled.schema_json)

    @property
    def schema(self) -> StructType:
        return self._schema

    def rows(self) -> Any:
        return self._compiled.apply(self._child.rows())

    def with_step(self, step: Step) -> "Stepped":
        return Stepped(self._child, (*self._steps, step))


def relations(*plans: BatchPlan) -> List[Any]:
    """The rows of plans, fetched once each."""
    fetched: Dict[int, Any] = {}
    for plan in plans:
        if id(plan) not in fetched:
            fetched[id(plan)] = plan.rows()
    return [fetched[id(plan)] for plan in plans]
