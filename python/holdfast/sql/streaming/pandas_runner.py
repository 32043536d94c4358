# SPDX-License-Identifier: Apache-2.0
"""transformWithStateInPandas: rows come as pandas DataFrames and go as such."""

from typing import Any, Iterable, Optional, Tuple

import pandas as pd
import pyarrow as pa

from holdfast.sql.streaming.pandas_chunks import Blocks
from holdfast.sql.streaming.pandas_output import PandasOutput
from holdfast.sql.streaming.runner import Key, Runner
from holdfast.sql.streaming.stateful_processor import StatefulProcessor, TimerValues


class PandasRunner(Runner):
    """`moments` are the places in the key that hold timestamps, which user code gets as pandas.Timestamp."""

    def __init__(
        self,
        processor: StatefulProcessor,
        output: PandasOutput,
        zone: str,
        rows_at_once: int,
        bytes_at_once: int,
        moments: Tuple[int, ...],
    ) -> None:
        super().__init__(processor, output)
        self._zone = zone
        self._rows_at_once = rows_at_once
        self._bytes_at_once = bytes_at_once
        self._moments = moments
        self._blocks: Any = None

    def begin_rows(self, rows: Any) -> None:
        table = pa.table(rows.rows()).take(pa.array(rows.positions()))
        self._blocks = Blocks(table, self._zone, self._rows_at_once, self._rows_per_chunk(table))

    def _rows_per_chunk(self, table: pa.Table) -> int:
        """A chunk ends with the row at which its rows, at their average size, reach the limit in bytes."""
        if self._bytes_at_once <= 0 or table.num_rows == 0:
            return self._rows_at_once
        by_bytes = -(-self._bytes_at_once * table.num_rows // max(table.nbytes, 1))
        return max(1, min(self._rows_at_once, by_bytes))

    def rows_of(self, begin: int, end: int) -> Iterable[pd.DataFrame]:
        return self._blocks.chunks(begin, end)

    def handle_rows(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> Optional[Any]:
        if self._moments:
            key = tuple(
                pd.Timestamp(one) if number in self._moments and one is not None else one
                for number, one in enumerate(key)
            )
        return super().handle_rows(key, begin, end, timer_values)
