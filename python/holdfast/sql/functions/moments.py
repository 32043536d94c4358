# SPDX-License-Identifier: Apache-2.0
"""Functions of dates and times."""

from typing import Optional

from holdfast.sql.column import Column, column_of, wrong_type
from holdfast.sql.expression import Operation, call
from holdfast.sql.functions.define import COLUMN, COUNT, OPTIONAL_VALUE, OPTIONAL_COLUMN, VALUE, function
from holdfast.sql.literal import literal

PATTERN = "yyyy-MM-dd HH:mm:ss"

add_months = function("add_months", start=COLUMN, months=COUNT)
curdate = function("curdate")
current_date = function("current_date")
current_timestamp = function("current_timestamp")
date_add = function("date_add", start=COLUMN, days=COUNT)
date_diff = function("date_diff", end=COLUMN, start=COLUMN)
date_format = function("date_format", date=COLUMN, format=VALUE)
date_from_unix_date = function("date_from_unix_date", days=COLUMN)
date_sub = function("date_sub", start=COLUMN, days=COUNT)
date_trunc = function("date_trunc", format=VALUE, timestamp=COLUMN)
dateadd = function("dateadd", named="date_add", start=COLUMN, days=COUNT)
datediff = function("datediff", end=COLUMN, start=COLUMN)
day = function("day", col=COLUMN)
dayname = function("dayname", col=COLUMN)
dayofmonth = function("dayofmonth", col=COLUMN)
dayofweek = function("dayofweek", col=COLUMN)
dayofyear = function("dayofyear", col=COLUMN)
from_utc_timestamp = function("from_utc_timestamp", timestamp=COLUMN, tz=VALUE)
hour = function("hour", col=COLUMN)
last_day = function("last_day", date=COLUMN)
localtimestamp = function("localtimestamp")
make_date = function("make_date", year=COLUMN, month=COLUMN, day=COLUMN)
minute = function("minute", col=COLUMN)
month = function("month", col=COLUMN)
monthname = function("monthname", col=COLUMN)
next_day = function("next_day", date=COLUMN, dayOfWeek=VALUE)
now = function("now")
quarter = function("quarter", col=COLUMN)
second = function("second", col=COLUMN)
timestamp_micros = function("timestamp_micros", col=COLUMN)
timestamp_millis = function("timestamp_millis", col=COLUMN)
timestamp_seconds = function("timestamp_seconds", col=COLUMN)
to_date = function("to_date", col=COLUMN, format=OPTIONAL_VALUE)
to_timestamp = function("to_timestamp", col=COLUMN, format=OPTIONAL_VALUE)
to_timestamp_ltz = function("to_timestamp_ltz", timestamp=COLUMN, format=OPTIONAL_COLUMN)
to_timestamp_ntz = function("to_timestamp_ntz", timestamp=COLUMN, format=OPTIONAL_COLUMN)
to_unix_timestamp = function("to_unix_timestamp", timestamp=COLUMN, format=OPTIONAL_COLUMN)
to_utc_timestamp = function("to_utc_timestamp", timestamp=COLUMN, tz=VALUE)
trunc = function("trunc", date=COLUMN, format=VALUE)
unix_date = function("unix_date", col=COLUMN)
unix_micros = function("unix_micros", col=COLUMN)
unix_millis = function("unix_millis", col=COLUMN)
unix_seconds = function("unix_seconds", col=COLUMN)
weekday = function("weekday", col=COLUMN)
weekofyear = function("weekofyear", col=COLUMN)
year = function("year", col=COLUMN)


def from_unixtime(timestamp: "Column | str", format: str = PATTERN) -> Column:
    """Seconds since 1970 as a text, in the session's time zone."""
    return _with_pattern("from_unixtime", timestamp, format)


def unix_timestamp(timestamp: "Column | str | None" = None, format: str = PATTERN) -> Column:
    """Seconds since 1970 of a timestamp, of a text by its pattern, or of now."""
    if timestamp is None:
        return Column(call("unix_timestamp", call("current_timestamp")))
    return _with_pattern("unix_timestamp", timestamp, format)


def _with_pattern(name: str, timestamp: "Column | str", pattern: str) -> Column:
    """Spark fills in the usual pattern itself, in the name too."""
    nodes = (column_of(timestamp, "timestamp")._node, literal(pattern))
    full = f"{name}({{}}, {{}})"
    return Column(Operation(nodes, f"{name}({{0}})" if pattern == PATTERN else full, full, full))


def months_between(date1: "Column | str", date2: "Column | str", roundOff: bool = True) -> Column:
    """The months from the second to the first."""
    dates = (column_of(date1, "date1")._node, column_of(date2, "date2")._node)
    return Column(call("months_between", *dates, literal(roundOff)))


def window(
    timeColumn: "Column | str",
    windowDuration: str,
    slideDuration: Optional[str] = None,
    startTime: Optional[str] = None,
) -> Column:
    """The window of time that a moment falls into: a struct of start and end."""
    texts = [windowDuration]
    if slideDuration or startTime:
        texts.append(slideDuration or windowDuration)
    if startTime:
        texts.append(startTime)
    for text in texts:
        if type(text) is not str or not text:
            raise wrong_type("windowDuration", "str", text)
    node = call("window", column_of(timeColumn, "timeColumn")._node, *(literal(text) for text in texts))
    return Column(node)


def session_window(timeColumn: "Column | str", gapDuration: "Column | str") -> Column:
    """The session that a moment falls into, which ends when nothing comes for so long."""
    if not isinstance(gapDuration, (str, Column)):
        raise wrong_type("gapDuration", "Column or str", gapDuration)
    gap = literal(gapDuration) if isinstance(gapDuration, str) else gapDuration._node
    return Column(call("session_window", column_of(timeColumn, "timeColumn")._node, gap))
