# SPDX-License-Identifier: Apache-2.0
"""What can be asked of rows that are there: to be collected, shown, sorted, joined, written."""

from typing import Any, Iterator, List, Optional, Sequence, Union

import pyarrow as pa

from holdfast import _engine
from holdfast.errors import AnalysisException, PySparkTypeError, not_offered
from holdfast.sql import duck
from holdfast.sql.column import Column, column_of, condition, sort_key
from holdfast.sql.fill_and_drop import MissingValues, filled, without_nulls
from holdfast.sql.join import joined
from holdfast.sql.plan import BatchPlan
from holdfast.sql.to_python import rows_of, to_pandas


class BatchFrame:
    """A base of DataFrame."""

    def __init__(self, plan: Any, session: Any) -> None:
        self._plan = plan
        self._session = session
        self._alias = ""

    def _new(self, plan: Any) -> Any:
        return type(self)(plan, self._session)

    def _batch(self, function: str) -> BatchPlan:
        if self._plan.is_streaming:
            raise AnalysisException(
                f"Queries with streaming sources must be executed with writeStream.start(): {function} asks for rows "
                "of a stream.",
                errorClass="STREAMING_SOURCE_WITHOUT_WRITE_STREAM" if function != "sort" else None,
            )
        return self._plan

    # ---- Rows to the program -----------------------------------------------------------------------------------------

    def toArrow(self) -> pa.Table:
        return self._batch("toArrow").table()

    def toPandas(self) -> Any:
        plan = self._batch("toPandas")
        return to_pandas(plan.table(), plan.schema, self._session._zone)

    def collect(self) -> List[Any]:
        plan = self._batch("collect")
        return rows_of(plan.table(), plan.schema, None)

    def take(self, num: int) -> List[Any]:
        return self.limit(num).collect()

    def tail(self, num: int) -> List[Any]:
        return self.collect()[-num:] if num > 0 else []

    def head(self, n: Optional[int] = None) -> Any:
        """The first row, or None; with n a list of so many."""
        if n is None:
            rows = self.take(1)
            return rows[0] if rows else None
        return self.take(n)

    def first(self) -> Any:
        return self.head()

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Iterator[Any]:
        return iter(self.collect())

    def count(self) -> int:
        return len(_engine.rows(self._batch("count").rows()))

    def isEmpty(self) -> bool:
        return self.count() == 0

    def show(self, n: int = 20, truncate: Union[bool, int] = True, vertical: bool = False) -> None:
        """Prints the first rows as a table."""
        print(self._table_text(n, truncate, vertical))

    def _table_text(self, n: int, truncate: Union[bool, int], vertical: bool = False) -> str:
        from holdfast.sql.table_text import table_text

        if not isinstance(n, int) or isinstance(n, bool):
            raise PySparkTypeError(
                errorClass="NOT_INT", messageParameters={"arg_name": "n", "arg_type": type(n).__name__}
            )
        length = 20 if truncate is True else 0 if truncate is False else int(truncate)
        plan = self._batch("show")
        table = pa.table(plan.rows())
        return table_text(
            table.slice(0, max(n, 0)), plan.schema, self._session._zone, length, vertical, table.num_rows > n
        )

    # ---- Rows to rows ------------------------------------------------------------------------------------------------

    def limit(self, num: int) -> Any:
        return self._with_rows(f"SELECT * FROM t0 LIMIT {int(num)}", self._batch("limit"))

    def offset(self, num: int) -> Any:
        return self._with_rows(f"SELECT * FROM t0 OFFSET {int(num)}", self._batch("offset"))

    def distinct(self) -> Any:
        return self._with_rows("SELECT DISTINCT * FROM t0", self._batch("distinct"))

    def _with_rows(self, sql: str, plan: BatchPlan) -> Any:
        """Some of the rows of this frame, or in another order: the columns are what they were."""
        return self._new(duck.over(sql, [plan], self._plan.schema))

    def dropDuplicates(self, subset: Optional[List[str]] = None) -> Any:
        """Without the rows that equal an earlier one in these columns."""
        plan = self._batch("dropDuplicates")
        if subset is None:
            return self.distinct()
        names = [self._resolve(name) for name in subset]  # type: ignore[attr-defined]
        columns = ", ".join(f"c{plan.schema.names.index(name)}" for name in names)
        return self._with_rows(f"SELECT DISTINCT ON ({columns}) * FROM t0", plan)

    drop_duplicates = dropDuplicates

    def sort(self, *cols: Any, ascending: Any = None) -> Any:
        """By these columns; `ascending` is one bool for all, or a list with one for each."""
        self._batch("sort")
        given = cols[0] if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else cols
        keys = [sort_key(column_of(one)) for one in given]
        if ascending is not None:
            ups = ascending if isinstance(ascending, (list, tuple)) else [ascending] * len(keys)
            keys = [sort_key(key.column.asc() if up else key.column.desc()) for key, up in zip(keys, ups)]
        widened = self._plan.with_step(
            ("select", ("*", *(f"{condition(key.column)} AS sort_{place}" for place, key in enumerate(keys))))
        )
        own = len(self._plan.schema)
        order = ", ".join(
            duck.order_text(f"c{own + place}", one.dataType, key.descending, key.nulls_first)
            for place, (key, one) in enumerate(zip(keys, widened.schema.fields[own:]))
        )
        kept = ", ".join(f"c{place}" for place in range(own))
        return self._with_rows(f"SELECT {kept} FROM t0 ORDER BY {order}", widened)

    orderBy = sort

    def join(self, other: Any, on: Any = None, how: str = "inner") -> Any:
        """The rows of both that have the same values in the columns `on`: a name or a list of names. Without them each
        row goes with each."""
        names = [on] if isinstance(on, str) else on
        if names is not None and (isinstance(names, Column) or not all(isinstance(name, str) for name in names)):
            raise not_offered("DataFrame.join on an expression", "Join on the names of columns that both have.")
        return self._new(joined(self._batch("join"), other._batch("join"), names or [], how))

    def crossJoin(self, other: Any) -> Any:
        return self._new(joined(self._batch("crossJoin"), other._batch("crossJoin"), [], "cross"))

    def agg(self, *exprs: Any) -> Any:
        return self.groupBy().agg(*exprs)  # type: ignore[attr-defined]

    def fillna(self, value: Any, subset: Any = None) -> Any:
        return filled(self, value, subset)

    def dropna(self, how: str = "any", thresh: Optional[int] = None, subset: Any = None) -> Any:
        return without_nulls(self, how, thresh, subset)

    @property
    def na(self) -> Any:
        return MissingValues(self)

    def sample(self, *args: Any, **kwargs: Any) -> Any:
        raise not_offered("DataFrame.sample")

    def randomSplit(self, weights: Sequence[float], seed: Optional[int] = None) -> Any:
        raise not_offered("DataFrame.randomSplit")

    def cache(self) -> Any:
        """The same rows: nothing is kept."""
        return self

    def persist(self, storageLevel: Any = None) -> Any:
        """The same rows: nothing is kept."""
        return self

    def unpersist(self, blocking: bool = False) -> Any:
        return self

    @property
    def write(self) -> Any:
        from holdfast.sql.readwriter import DataFrameWriter

        self._batch("write")
        return DataFrameWriter(self)

    def _repr_html_(self) -> str:
        """In Jupyter: the first rows, or what there is to say of a stream."""
        if self._plan.is_streaming:
            from holdfast.sql.stream_html import stream_html

            return stream_html(self._plan)
        from holdfast.sql.table_text import table_html

        plan = self.limit(20)._plan
        return table_html(plan.table(), plan.schema, self._session._zone)
