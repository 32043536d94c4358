# SPDX-License-Identifier: Apache-2.0
"""Times where the zone of the process is not UTC: Python and JVM live in America/New_York, whatever zone the session
has."""

from cells.state_cases import NEW_YORK, TIME_TYPES, time_values, types_script
from cells.input_cases import by_api
from cells.keys_cases import one_column

ZONE = "America/New_York"  # of the process; suite.py has it set before anything starts

QUERIES = [
    *(
        types_script(f"{kind} session {zone}", (kind,), time_values, conf=conf)
        for kind in TIME_TYPES
        for zone, conf in (("UTC", {}), (ZONE, NEW_YORK))
    ),
    *by_api("pandas", ("UTC",), ("10000",)),
    *by_api("row", ("UTC",), ("10000",)),
    *(
        one_column(kind, api, f" session {zone}", False, True, {"spark.sql.session.timeZone": zone})
        for api in ("pandas", "row")
        for kind in ("timestamp", "timestamp_ntz", "date")
        for zone in ("UTC", ZONE)
    ),
]
