# SPDX-License-Identifier: Apache-2.0
"""transformWithStateInPandas: rows come as pandas DataFrames and go as such."""

from typing import Any, Iterator, Optional, Tuple

import pandas as pd
import pyarrow as pa

from holdfast.sql.streaming.pandas_chunks import Blocks
from holdfast.sql.streaming.pandas_output import PandasOutput
from holdfast.sql.streaming.runner import Key, Runner
from holdfast.sql.streaming.stateful_processor import StatefulProcessor, TimerValues


class PandasRunner(Runner):
    """`keys`: the places of the grouping columns in the rows, and in those of the initial state."""

    def __init__(
        self,
        processor: StatefulProcessor,
        output: PandasOutput,
        timer_key: type,
        zone: str,
        rows_at_once: int,
        bytes_at_once: int,
        keys: Tuple[Tuple[int, ...], Tuple[int, ...]],
    ) -> None:
        super().__init__(processor, output, timer_key)
        self._zone = zone
        self._rows_at_once = rows_at_once
        self._bytes_at_once = bytes_at_once
        self._keys = keys
        self._blocks: Any = None

    def begin_rows(self, rows: Any) -> None:
        self._begin(rows, self._keys[0])

    def begin_initial_state(self, rows: Any) -> None:
        self._begin(rows, self._keys[1])

    def _begin(self, rows: Any, keys: Tuple[int, ...]) -> None:
        table = pa.table(rows.rows()).take(pa.array(rows.positions()))
        self._blocks = Blocks(table, keys, self._zone, self._rows_at_once, self._rows_per_chunk(table))

    def _rows_per_chunk(self, table: pa.Table) -> int:
        """A chunk ends with the row at which its rows, at their average size, reach the limit in bytes."""
        if self._bytes_at_once <= 0 or table.num_rows == 0:
            return self._rows_at_once
        by_bytes = -(-self._bytes_at_once * table.num_rows // max(table.nbytes, 1))
        return max(1, min(self._rows_at_once, by_bytes))

    def rows_of(self, begin: int, end: int) -> Iterator[pd.DataFrame]:
        return self._blocks.chunks(begin, end)

    def handle_rows(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> Optional[Any]:
        return super().handle_rows(self._blocks.key(begin), begin, end, timer_values)

    def handle_initial_state(self, key: Key, begin: int, end: int, timer_values: TimerValues) -> None:
        super().handle_initial_state(self._blocks.key(begin), begin, end, timer_values)
