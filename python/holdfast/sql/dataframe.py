# SPDX-License-Identifier: Apache-2.0
"""DataFrame: rows that are there, or rows that keep coming, and what can be done to both.

What only rows that are there can be asked for (collect, sorting, joins) is in `batch_frame`; a DataFrame has all of it,
and says so by name where it is a stream.
"""

from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from holdfast.errors import AnalysisException, PySparkAttributeError, PySparkTypeError, PySparkValueError, not_offered
from holdfast.sql.batch_frame import BatchFrame
from holdfast.sql.column import (
    Column,
    column_of,
    condition,
    field_column,
    has_aggregate,
    output_metadata,
    output_name,
    select_item,
)
from holdfast.sql.ddl import type_to_sql
from holdfast.sql.sql_text import name_parts, quoted_name
from holdfast.sql.types import StructField, StructType

__all__ = ["DataFrame"]

# What pyspark.sql.DataFrame has beside what stands here; told from a misspelt column by this list.
_LACKING = frozenset(
    """approxQuantile asTable checkpoint colRegex corr cov createGlobalTempView createOrReplaceGlobalTempView
    crosstab cube describe exceptAll executionInfo exists explain foreach foreachPartition freqItems groupingSets
    hint inputFiles intersect intersectAll isLocal lateralJoin localCheckpoint mapInArrow mapInPandas melt mergeInto
    metadataColumn nearestByJoin observe pandas_api plot rdd registerTempTable repartitionById repartitionByRange
    replace rollup sameSemantics sampleBy scalar semanticHash sortWithinPartitions stat storageLevel subtract
    summary to toJSON transpose unpivot withMetadata writeTo zip zipWithIndex""".split()
)


class DataFrame(BatchFrame):
    """Rows with named columns. Nothing is done before somebody asks for rows, or starts a query."""

    def __getattr__(self, name: str) -> Column:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.columns:
            return field_column(name)
        if name in _LACKING:
            raise not_offered(f"DataFrame.{name}")
        raise PySparkAttributeError(errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": name})

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, str):
            if item not in self.columns and "." not in item and "`" not in item and item != "*":
                self._resolve(item)
            return column_of(item)
        if isinstance(item, Column):
            return self.filter(item)
        if isinstance(item, (list, tuple)):
            return self.select(*item)
        if isinstance(item, int):
            return field_column(self.columns[item])
        raise PySparkTypeError(
            errorClass="NOT_EXPECTED_TYPE",
            messageParameters={
                "expected_type": "Column, float, integer, list, str or tuple",
                "arg_name": "item",
                "arg_type": type(item).__name__,
            },
        )

    def _resolve(self, name: str) -> str:
        """The column of this name as it is spelt; case does not count."""
        found = [one for one in self.columns if one.lower() == name.lower()]
        if not found:
            raise AnalysisException(
                f"The column {name} is not among the columns there, which are {', '.join(self.columns)}.",
                errorClass="UNRESOLVED_COLUMN.WITH_SUGGESTION",
            )
        return found[0]

    # ---- Stateless steps, of streams and batches -------------------------------------------------------------------

    def _with_step(self, kind: str, *texts: str) -> "DataFrame":
        return self._new(self._plan.with_step((kind, texts)))

    def select(self, *cols: Any) -> "DataFrame":
        """The rows with these columns instead of theirs."""
        columns = [column_of(one) for one in _flat(cols)]
        if any(has_aggregate(one) for one in columns):
            return self.groupBy().agg(*columns)
        made = self.selectExpr([select_item(one) for one in columns])
        for column in columns:
            made = made._with_metadata(output_name(column), output_metadata(column))
        return made

    def _with_metadata(self, name: Optional[str], metadata: Optional[dict]) -> "DataFrame":
        """With what alias(metadata=...) notes of a column."""
        if name is None or metadata is None or self.schema[name].metadata == metadata:
            return self
        fields = [
            StructField(one.name, one.dataType, one.nullable, metadata if one.name == name else one.metadata)
            for one in self.schema.fields
        ]
        return self._new(self._plan.with_schema(StructType(fields)))

    def selectExpr(self, *expr: Union[str, List[str]]) -> "DataFrame":
        """The same by SQL texts."""
        texts: List[str] = []
        for text in _flat(expr):
            texts.extend(self._fields_of_star(text) or [text])
        return self._with_step("select", *texts)

    def _fields_of_star(self, text: str) -> List[str]:
        """`a.*` as a column for each field of the struct `a`; empty for any other text."""
        if not text.strip().endswith(".*"):
            return []
        parts = name_parts(text.strip()[:-2])
        kind = self.schema[self._resolve(parts[0])].dataType
        for part in parts[1:]:
            kind = kind[part].dataType if isinstance(kind, StructType) else kind
        if not isinstance(kind, StructType):
            raise AnalysisException(
                f"{text} asks for the fields of a struct, but {'.'.join(parts)} is {kind.simpleString()}.",
                errorClass="INVALID_EXTRACT_BASE_FIELD_TYPE",
            )
        prefix = ".".join(quoted_name(part) for part in parts)
        return [f"{prefix}.{quoted_name(name)} AS {quoted_name(name)}" for name in kind.names]

    def withColumn(self, colName: str, col: Column) -> "DataFrame":
        if not isinstance(col, Column):
            raise PySparkTypeError(
                errorClass="NOT_COLUMN", messageParameters={"arg_name": "col", "arg_type": type(col).__name__}
            )
        made = self._with_step("withColumn", colName, condition(col))
        return made._with_metadata(colName, output_metadata(col))

    def withColumns(self, *colsMap: Dict[str, Column]) -> "DataFrame":
        """Several at a time; each sees the columns as they were before."""
        given = colsMap[0]
        texts = [quoted_name(name) for name in self.columns]
        for name, column in given.items():
            item = f"{condition(column)} AS {quoted_name(name)}"
            places = [place for place, one in enumerate(self.columns) if one.lower() == name.lower()]
            for place in places:
                texts[place] = item
            if not places:
                texts.append(item)
        made = self._with_step("select", *texts)
        for name, column in given.items():
            made = made._with_metadata(name, output_metadata(column))
        return made

    def filter(self, condition_: Union[str, Column]) -> "DataFrame":
        """The rows for which the condition is true, neither false nor null."""
        if isinstance(condition_, str):
            return self._with_step("filter", condition_)
        if isinstance(condition_, Column):
            return self._with_step("filter", condition(condition_))
        raise PySparkTypeError(
            errorClass="NOT_COLUMN_OR_STR",
            messageParameters={"arg_name": "condition", "arg_type": type(condition_).__name__},
        )

    where = filter

    def drop(self, *cols: Union[str, Column]) -> "DataFrame":
        """Without these columns; one that is not there is none to drop."""
        gone = set()
        for one in cols:
            name = one if isinstance(one, str) else condition(one).strip("`")
            gone.add(name.lower())
        kept = [quoted_name(name) for name in self.columns if name.lower() not in gone]
        return self._with_step("select", *kept) if len(kept) < len(self.columns) else self

    def withColumnRenamed(self, existing: str, new: str) -> "DataFrame":
        return self.withColumnsRenamed({existing: new})

    def withColumnsRenamed(self, colsMap: Dict[str, str]) -> "DataFrame":
        """By other names; one that is not there is none to rename."""
        names = {old.lower(): new for old, new in colsMap.items()}
        if not any(name.lower() in names for name in self.columns):
            return self
        return self._with_step(
            "select",
            *(
                f"{quoted_name(name)} AS {quoted_name(names[name.lower()])}" if name.lower() in names
                else quoted_name(name)
                for name in self.columns
            ),
        )  # fmt: skip

    def toDF(self, *cols: str) -> "DataFrame":
        """By these names, one for each column."""
        if len(cols) != len(self.columns):
            raise PySparkValueError(f"toDF got {len(cols)} names for {len(self.columns)} columns.")
        if not self.isStreaming:  # by place, as two columns may have one name
            fields = [
                StructField(name, one.dataType, one.nullable, one.metadata)
                for name, one in zip(cols, self.schema.fields)
            ]
            return self._new(self._plan.with_schema(StructType(fields)))
        return self._with_step(
            "select", *(f"{quoted_name(old)} AS {quoted_name(new)}" for old, new in zip(self.columns, cols))
        )

    def alias(self, alias: str) -> "DataFrame":
        """The same rows. The name is for the conditions of a merge; columns with this prefix are not offered."""
        named = self._new(self._plan)
        named._alias = alias
        return named

    def withWatermark(self, eventTime: str, delayThreshold: str) -> "DataFrame":
        """How far behind the latest event time a row may come."""
        return self._with_step("watermark", eventTime, delayThreshold)

    def dropDuplicatesWithinWatermark(self, subset: Optional[List[str]] = None) -> "DataFrame":
        """A stream without the rows that equal, in these columns, one that came before within the watermark's delay."""
        from holdfast.sql.streaming.deduplication import first_within_watermark

        return first_within_watermark(self, subset)

    def union(self, other: "DataFrame") -> "DataFrame":
        """The rows of both; columns go together by place."""
        if self.isStreaming != other.isStreaming:
            raise not_offered("DataFrame.union of a stream and a batch")
        return self._new(self._plan.union(other._plan))

    unionAll = union

    def unionByName(self, other: "DataFrame", allowMissingColumns: bool = False) -> "DataFrame":
        """The rows of both; columns go together by name."""
        mine, theirs = self, other
        if allowMissingColumns:
            mine, theirs = _filled_up(self, other), _filled_up(other, self)
        same_order = theirs.select(*[field_column(theirs._resolve(name)) for name in mine.columns])
        return mine.union(same_order if len(theirs.columns) == len(mine.columns) else theirs)

    def transform(self, func: Any, *args: Any, **kwargs: Any) -> "DataFrame":
        result = func(self, *args, **kwargs)
        assert isinstance(result, DataFrame), "Func returned an instance of type [%s], should have been DataFrame." % (
            type(result)
        )
        return result

    def repartition(self, *args: Any) -> "DataFrame":
        """The same rows: how they are cut into partitions is told by spark.sql.shuffle.partitions alone."""
        return self

    coalesce = repartition

    def groupBy(self, *cols: Any) -> Any:
        """The rows of each key for themselves: for a stateful processor, or of a batch for aggregates."""
        from holdfast.sql.group import GroupedData

        columns = [self._grouping_column(one) for one in _flat(cols)]
        return GroupedData(self, columns)

    groupby = groupBy

    def _grouping_column(self, given: Any) -> Tuple[str, Column]:
        if isinstance(given, int) and not isinstance(given, bool):
            given = self.columns[given - 1]
        column = column_of(given)
        name = output_name(column)
        if name is None:
            text = condition(column)
            plain = text[1:-1].replace("``", "`") if text.startswith("`") and text.count("`") == 2 else text
            name = self._resolve(plain) if plain.lower() in (one.lower() for one in self.columns) else ""
        return name, column

    # ---- What it is ------------------------------------------------------------------------------------------------

    @property
    def schema(self) -> StructType:
        return self._plan.schema

    @property
    def columns(self) -> List[str]:
        return self._plan.schema.names

    @property
    def dtypes(self) -> List[Tuple[str, str]]:
        return [(one.name, one.dataType.simpleString()) for one in self.schema.fields]

    @property
    def isStreaming(self) -> bool:
        return self._plan.is_streaming

    @property
    def sparkSession(self) -> Any:
        return self._session

    def printSchema(self, level: Optional[int] = None) -> None:
        print(self.schema.treeString(level) if level is not None else self.schema.treeString())

    def createOrReplaceTempView(self, name: str) -> None:
        self._session._views[name.lower()] = self

    def createTempView(self, name: str) -> None:
        if name.lower() in self._session._views:
            from holdfast.errors import TempTableAlreadyExistsException

            raise TempTableAlreadyExistsException(
                f"There is a temporary view {name} already; createOrReplaceTempView replaces it.",
                errorClass="TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
            )
        self.createOrReplaceTempView(name)

    @property
    def writeStream(self) -> Any:
        from holdfast.sql.streaming.readwriter import DataStreamWriter

        if not self.isStreaming:
            raise AnalysisException(
                "writeStream is for streaming DataFrames; this one is a batch: use write.",
                errorClass="WRITE_STREAM_NOT_ALLOWED",
            )
        return DataStreamWriter(self)

    def __repr__(self) -> str:
        return "DataFrame[%s]" % ", ".join(f"{name}: {kind}" for name, kind in self.dtypes)

    def __dir__(self) -> Sequence[str]:
        return sorted(set(super().__dir__()) | set(self.columns))


def _flat(given: Sequence[Any]) -> Sequence[Any]:
    return given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given


def _filled_up(frame: DataFrame, like: DataFrame) -> DataFrame:
    """With a column of nulls for each that the other has and this one lacks."""
    there = {name.lower() for name in frame.columns}
    lacking = [one for one in like.schema.fields if one.name.lower() not in there]
    if not frame.isStreaming:
        return frame._new(frame._plan.with_nulls(lacking)) if lacking else frame
    nulls = (f"CAST(NULL AS {type_to_sql(one.dataType)}) AS {quoted_name(one.name)}" for one in lacking)
    return frame.selectExpr("*", *nulls)
