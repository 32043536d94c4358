# SPDX-License-Identifier: Apache-2.0
"""rand() and uuid(). What is asked has the same value whatever is drawn."""

from expressions.cases import case

NUMBERS = ["rand()", "Rand()", "random()", "rand(1)", "rand(1L)", "rand(-3)", "random(7)", "rand(1 + 1)"]
UUIDS = ["uuid()", "UUID()", "uuid(1)", "uuid(5L)"]
MISTAKES = ["rand", "uuid", "rand(1, 2)", "uuid(1, 2)", "rand('1')", "uuid('1')", "rand(1.5)", "rand(1S)", "rand(1Y)", "rand(NULL) IS NULL", "rand(i1)", "uuid(i1)", "rand(1e0)", "rand(DATE'2024-01-01')",
            "randn() IS NULL", "randn(1) IS NULL", "uniform(0, 1) IS NULL", "randstr(3) IS NULL", "monotonically_increasing_id() IS NULL", "spark_partition_id() IS NULL", "rand() AND TRUE", "uuid(NULL) IS NULL",
            "rand(1 / 0) IS NULL", "rand(CAST('x' AS INT)) IS NULL", "rand(true)"]
MADE = ["rand() >= 0 AND rand() < 1", "CAST(rand() AS INT)", "floor(rand())", "floor(rand() * 1)", "round(rand() * 0, 2)", "rand() * 0", "if(rand() < 2, x1, 'b')", "coalesce(rand(), 2) < 1",
        "CASE WHEN rand() < 0 THEN 1 / 0 ELSE 2 END", "rand() BETWEEN 0 AND 1", "nullif(rand(), 2) IS NULL", "rand() IN (2, 3)", "date_add(a1, CAST(rand() * 0 AS INT))", "array(rand())[0] < 1", "struct(rand()).col1 IS NULL",
        "struct(rand() AS r).r < 1", "rand() = rand()", "rand(5) = rand(5)", "rand(5) = rand(6)", "rand() + i1 IS NULL", "greatest(rand(), 1)", "least(rand(), 0)", "rand() < 0.5 OR TRUE", "isnan(rand())", "nanvl(rand(), 1) < 1",
        "i1 + rand() * 0", "length(uuid())", "substring(uuid(), 15, 1)", "uuid() = uuid()", "uuid(1) = uuid(1)", "uuid(1) = uuid(2)", "translate(uuid(), '0123456789abcdef', '') ", "substring(uuid(), 20, 1) IN ('8', '9', 'a', 'b')",
        "upper(uuid()) = uuid()", "uuid() || x1 IS NULL", "size(array(uuid(), uuid()))", "concat_ws('-', uuid()) LIKE '________-____-4___-____-____________'", "xxhash64(uuid()) IS NULL", "hash(rand()) IS NULL",
        "CAST(rand() AS STRING) IS NULL", "timestamp_seconds(CAST(rand() * 0 AS BIGINT))", "10 DIV (CAST(rand() AS INT) + i1)", "rand() > 2 AND 1 / i1 > 0", "sign(rand() + 1)", "pmod(CAST(rand() * 100 AS INT), 1)"]


def cases():
    made = [case(f"{name} {test}", step=4) for name in [*NUMBERS, *UUIDS] for test in ["IS NULL", "IS NOT NULL"]]
    return made + [case(expression, step=4) for expression in [*MADE, *MISTAKES]]
