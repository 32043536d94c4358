# SPDX-License-Identifier: Apache-2.0
"""Durations as triggers take them: "10 seconds", "1 minute 30 seconds"."""

import re
from typing import Any

from holdfast.errors import IllegalArgumentException, PySparkValueError

_MS = {"microsecond": 0.001, "millisecond": 1, "ms": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000,
       "day": 86_400_000, "week": 604_800_000}  # fmt: skip
_PART = re.compile(r"\s*(\d+)\s*([a-z]+)", re.IGNORECASE)


def milliseconds(text: Any, argument: str) -> int:
    """How long it is."""
    if not isinstance(text, str) or not text.strip():
        raise PySparkValueError(
            errorClass="VALUE_NOT_NON_EMPTY_STR", messageParameters={"arg_name": argument, "arg_value": str(text)}
        )
    rest, total = text.strip(), 0.0
    if rest.lower().startswith("interval "):
        rest = rest[9:]
    while rest.strip():
        part = _PART.match(rest)
        unit = part.group(2).lower() if part else ""
        unit = unit[:-1] if unit.endswith("s") and unit != "ms" else unit
        if part is None or unit not in _MS:
            raise IllegalArgumentException(
                f"{argument} is a duration such as '10 seconds', but got {text!r}.",
                errorClass="CANNOT_PARSE_INTERVAL",
            )
        total += int(part.group(1)) * _MS[unit]
        rest = rest[part.end() :]
    return int(total)
