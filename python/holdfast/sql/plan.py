# SPDX-License-Identifier: Apache-2.0
"""What a DataFrame stands for: a plan of where rows come from and what is done to them.

A StreamPlan is the description of a query, part by part. A BatchPlan can be asked for its rows now. Both are never
changed; a step makes a new plan.
"""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import pyarrow as pa

from holdfast import _engine
from holdfast.errors import AnalysisException, not_offered
from holdfast.sql.arrow_types import to_arrow_schema
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


def united_types(first: StructType, second: StructType, zone: str) -> Sequence[Optional[DataType]]:
    """For each column of a union the type that both are cast to; None where they have one type."""
    if len(first) != len(second):
        raise AnalysisException(
            f"A union is of DataFrames with equally many columns, but the first has {len(first)} "
            f"({', '.join(first.names)}) and the second {len(second)} ({', '.join(second.names)}).",
            errorClass="NUM_COLUMNS_MISMATCH",
        )
    return [united_type(*pair, zone) for pair in zip(first.fields, second.fields)]


def conformed(rows: Any, schema: StructType) -> pa.Table:
    """The rows with exactly the names, types and nullability of the schema, column by column."""
    table = pa.table(rows)
    wanted = to_arrow_schema(schema)
    if table.schema.equals(wanted):
        return table
    columns = []
    for column, one in zip(table.columns, wanted):
        if not column.type.equals(one.type):
            empty = column.null_count == len(column)
            column = pa.nulls(len(column), one.type) if empty else column.cast(one.type)
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=wanted)


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
        made = schema_of_json(steps_over(self.schema, [step], self.zone).schema_json)
        schema = with_notes(made, self.schema, step)
        placed = PlacedStep(step, 0, len(self.inputs))
        return replace(self, schema=schema, steps=(*self.steps[:-1], (*self.steps[-1], placed)))

    def with_operator(self, operator: Operator) -> "StreamPlan":
        return replace(
            self, schema=operator.output, operators=(*self.operators, operator), steps=(*self.steps, ())
        )

    def union(self, other: "StreamPlan") -> "StreamPlan":
        if self.operators or other.operators:
            raise not_offered("DataFrame.union behind a stateful operator", "Unite the streams in front of it.")
        types = united_types(self.schema, other.schema, self.zone)
        first, second = with_types(self, types), with_types(other, types)
        moved = tuple(replace(one, first_input=one.first_input + len(self.inputs)) for one in second.steps[0])
        return replace(first, inputs=self.inputs + other.inputs, steps=((*first.steps[0], *moved),))

    def with_schema(self, schema: StructType) -> "StreamPlan":
        """The same rows, of whose columns more is known."""
        return replace(self, schema=schema)


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

    def with_schema(self, schema: StructType) -> "BatchPlan":
        """The same rows, of whose columns more is known than the steps and DuckDB keep."""
        return Lazily(lambda: conformed(self.rows(), schema), self.zone, lambda: schema)

    def with_nulls(self, fields: Sequence[StructField]) -> "BatchPlan":
        """With a column of nulls for each field. The engine casts to no nested types, so they get theirs here."""
        texts = (f"CAST(NULL AS INT) AS {quoted_name(one.name)}" for one in fields)
        made = [StructField(one.name, one.dataType, True, one.metadata) for one in fields]
        return self.with_step(("select", ("*", *texts))).with_schema(StructType([*self.schema.fields, *made]))

    def union(self, other: "BatchPlan") -> "BatchPlan":
        """The rows of this plan, then those of the other, whose columns go to these by place."""
        types = united_types(self.schema, other.schema, self.zone)
        first, second = with_types(self, types), with_types(other, types)
        fields = [
            StructField(one.name, one.dataType, one.nullable or two.nullable, one.metadata)
            for one, two in zip(first.schema.fields, second.schema.fields)
        ]
        schema = StructType(fields)

        def read() -> pa.Table:
            return pa.concat_tables([conformed(first.rows(), schema), conformed(second.rows(), schema)])

        return Lazily(read, self.zone, lambda: schema)


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
    """Stateless steps on other rows. `before` is the schema in front of the last of them."""

    def __init__(self, child: BatchPlan, steps: Tuple[Step, ...], before: Optional[StructType] = None) -> None:
        self._child = child
        self._steps = steps
        self.zone = child.zone
        self._compiled = steps_over(child.schema, steps, self.zone)
        made = schema_of_json(self._compiled.schema_json)
        self._schema = with_notes(made, child.schema if before is None else before, steps[-1])

    @property
    def schema(self) -> StructType:
        return self._schema

    def rows(self) -> Any:
        return self._compiled.apply(self._child.rows())

    def with_step(self, step: Step) -> "Stepped":
        return Stepped(self._child, (*self._steps, step), self._schema)


_PLAIN = re.compile(r"(?:`((?:[^`]|``)+)`|(\w+))(?:\s+AS\s+\S.*)?", re.IGNORECASE | re.DOTALL)


def with_notes(made: StructType, before: StructType, step: Step) -> StructType:
    """The schema behind a step with the metadata of columns that it only passes on, which the engine drops."""
    notes = {one.name.lower(): one.metadata for one in before.fields if one.metadata}
    if not notes:
        return made
    kind, texts = step
    if kind == "select":
        sources: List[str] = []
        for text in texts:
            found = _PLAIN.fullmatch(text.strip())
            plain = (found.group(2) or found.group(1).replace("``", "`")) if found else ""
            sources.extend(before.names if text.strip() == "*" else [plain])
    else:
        sources = ["" if kind == "withColumn" and name.lower() == texts[0].lower() else name for name in made.names]
    fields = [
        StructField(one.name, one.dataType, one.nullable, one.metadata or notes.get(source.lower()))
        for one, source in zip(made.fields, sources)
    ]
    return StructType(fields)


def with_types(plan: Any, types: Sequence[Optional[DataType]]) -> Any:
    """The columns cast to these types; None leaves one as it is."""
    if not any(types):
        return plan
    names = [quoted_name(name) for name in plan.schema.names]
    texts = (f"CAST({name} AS {type_to_sql(one)}) AS {name}" if one else name for name, one in zip(names, types))
    return plan.with_step(("select", tuple(texts)))
