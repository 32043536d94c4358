# SPDX-License-Identifier: Apache-2.0
"""The present. What is asked has the same value whenever it is asked."""

from expressions.cases import ZONES, case

NAMES = ["current_timestamp", "current_timestamp()", "Current_Timestamp", "CURRENT_DATE", "current_date()", "now()", "Now()", "curdate()", "localtimestamp()"]
MISTAKES = ["now", "curdate", "localtimestamp", "now(1)", "current_timestamp(3)", "current_date(1)", "localtimestamp(1)", "to_unix_timestamp()", "current_date.year", "current_timestamp + 1",
            "`current_date` IS NULL", "current_timestamp[0]", "current_timestamps()"]


def cases():
    made = [case(f"{name} IS NULL", "texts", step=40) for name in [*NAMES, "unix_timestamp()"]]
    made += [case(f"{name} > TIMESTAMP'2024-01-01 00:00:00'", "texts", step=40) for name in NAMES]
    made += [case(f"isnull({name} - 0)", "texts", step=40) for name in ["unix_timestamp()", "current_date()"]]
    made += [case(f"isnull(to_date({name}))", "texts", step=40) for name in NAMES]
    same = ["current_timestamp = current_timestamp()", "current_date = current_date()", "curdate() = current_date", "unix_timestamp() = unix_seconds(current_timestamp())",
            "to_date(current_timestamp()) = current_date()", "to_date(localtimestamp()) = current_date()", "CAST(localtimestamp() AS TIMESTAMP) = current_timestamp()",
            "unix_timestamp(current_timestamp) = unix_timestamp()", "datediff(current_date, date_sub(current_date(), 3))", "date_format(current_timestamp(), 'yyyy') = CAST(year(current_date) AS STRING)",
            "coalesce(x1, current_date) IS NOT NULL", "nullif(current_date, current_date())", "if(current_date > DATE'2024-01-01', x1, 'b')", "struct(current_timestamp).current_timestamp IS NULL",
            "size(array(current_timestamp(), c1))", "named_struct('t', now()).t IS NULL", "date_trunc('DAY', current_timestamp()) <= current_timestamp", "current_timestamp() IN (current_timestamp())",
            "current_date BETWEEN DATE'2024-01-01' AND DATE'9999-01-01'", "CASE WHEN current_date < DATE'2024-01-01' THEN 1 / 0 ELSE 2 END"]
    made += [case(expression, step=200, zone=zone) for expression in same for zone in ZONES[:2]]
    return made + [case(mistake, "texts", step=40) for mistake in MISTAKES]
