# SPDX-License-Identifier: Apache-2.0
"""All cases, in the order in which they are written."""

import dataclasses

from recipes.cases import base, history, jvm, schemas

ALL = [*base.CASES, *schemas.CASES, *history.CASES, *jvm.CASES]

NEWEST = "4.3.0"
# Of older versions only what may differ in them.
OLDER = {"base_avro", "base_unsaferow", "event_time_avro", "event_time_unsaferow", "expiring_avro", "changelog_off_avro",
         "changelog_mixed_unsaferow", "format2_avro", "row_checksum_avro", "row_checksum_unsaferow", "pandas", "types_avro",
         "evolution", "interrupted", "purged_avro", "jvm_avro"}


def cases_for(version, names):
    """The cases of these names, or those that are written for the version, as far as it can do them."""
    numbers = tuple(int(part) for part in version.split("."))
    names = set(names) or ({case.name for case in ALL} if version == NEWEST else OLDER)
    wanted = [case for case in ALL if case.name in names and numbers >= case.since]
    if numbers < (4, 1):  # Python had the pandas API only
        return [case if case.api == "jvm" else dataclasses.replace(case, api="pandas") for case in wanted
                if case.name != "pandas"]
    return wanted
