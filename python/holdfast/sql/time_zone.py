# SPDX-License-Identifier: Apache-2.0
"""Time zones by the names that spark.sql.session.timeZone takes."""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=None)
def arrow_zone(name: str) -> Any:
    """The tzinfo that pyarrow gives a timestamp of this zone."""
    import pyarrow as pa

    return pa.scalar(0, type=pa.timestamp("us", tz=name)).as_py().tzinfo
