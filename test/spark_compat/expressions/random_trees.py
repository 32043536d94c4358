# SPDX-License-Identifier: Apache-2.0
"""Random expressions over the table of pairs: what operators and functions make of one another."""

import random

COLUMNS = {"boolean": "t", "int": "bsi", "long": "l", "double": "fd", "decimal": "pk", "string": "x", "date": "a", "timestamp": "c"}
LITERALS = {
    "boolean": ["true", "false", "NULL"], "int": ["0", "1", "-3", "7", "100"], "long": ["0L", "12L", "3000000000"],
    "double": ["0e0", "1.5e0", "-2.25D"], "decimal": ["0.5", "1.25", "-10.0", "3"], "string": ["'a'", "''", "'12'", "'Zürich'", "\"view\""],
    "date": ["DATE'2024-02-29'", "DATE'1969-12-31'"], "timestamp": ["TIMESTAMP'2024-02-29 12:34:56.789'", "TIMESTAMP'1970-01-01 00:00:00'"],
}
ARITHMETIC = ["{0} + {0}", "{0} - {0}", "{0} * {0}", "{0} % {0}", "-{0}", "abs({0})", "greatest({0}, {0})", "least({0}, {0}, {0})",
              "pmod({0}, {0})"]
ANY = ["if(boolean, {0}, {0})", "coalesce({0}, {0})", "CASE WHEN boolean THEN {0} WHEN boolean THEN {0} ELSE {0} END", "nullif({0}, {0})",
       "nvl({0}, {0})"]
MADE = {
    "boolean": ["boolean AND boolean", "boolean OR boolean", "NOT boolean", "int = int", "long < long", "double >= double", "decimal <> decimal",
                "string = string", "date <= date", "timestamp > timestamp", "int IS NULL", "string IS NOT NULL", "int IN (int, int, int)",
                "string IN ('a', '12', string)", "double BETWEEN double AND double", "int <=> int", "string LIKE 'a%'", "startswith(string, string)",
                "contains(string, 'a')", "int > double", "decimal < int", "long = decimal", "date < timestamp"],
    "int": ["length(string)", "year(date)", "month(timestamp)", "dayofweek(date)", "datediff(date, date)", "CAST(boolean AS INT)", "CAST(long AS INT)",
            "CAST(double AS INT)", "CAST(string AS INT)", "instr(string, 'a')", "hour(timestamp)", "sign(int) :: INT"],
    "long": ["int DIV int", "long DIV int", "CAST(int AS BIGINT)", "floor(double)", "ceil(double)", "unix_seconds(timestamp)", "long + int",
             "CAST(decimal AS BIGINT)", "unix_millis(timestamp)"],
    "double": ["int / int", "double / double", "double * int", "CAST(decimal AS DOUBLE)", "CAST(int AS DOUBLE)", "sqrt(double)", "round(double, 2)",
               "CAST(string AS DOUBLE)", "double + long"],
    "decimal": ["decimal / decimal", "decimal * int", "decimal + int", "round(decimal, 1)", "CAST(int AS DECIMAL(12,2))", "CAST(double AS DECIMAL(20,4))"],
    "string": ["concat(string, string)", "string || string", "trim(string)", "substring(string, int, int)", "CAST(int AS STRING)", "CAST(date AS STRING)",
               "CAST(timestamp AS STRING)", "CAST(decimal AS STRING)", "replace(string, 'a', 'b')", "left(string, int)", "string || int", "concat(int, string)",
               "CAST(boolean AS STRING)"],
    "date": ["CAST(timestamp AS DATE)", "date_add(date, int)", "to_date(timestamp)", "last_day(date)"],
    "timestamp": ["date_trunc('HOUR', timestamp)", "date_trunc('MONTH', timestamp)", "CAST(date AS TIMESTAMP)", "timestamp_seconds(int)"],
}


def tree(rng, kind, depth):
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.75:
            return rng.choice(COLUMNS[kind]) + rng.choice("12")
        return rng.choice(LITERALS[kind])
    forms = MADE[kind] + ([form.replace("{0}", kind) for form in ARITHMETIC] if kind in ("int", "long", "double", "decimal") else [])
    forms += [form.replace("{0}", kind) for form in ANY] if rng.random() < 0.5 else []
    words = rng.choice(forms).replace("(", "( ").replace(",", " ,").replace(")", " )").split(" ")
    parts = [f"({tree(rng, word, depth - 1)})" if word in COLUMNS else f"-({tree(rng, word[1:], depth - 1)})" if word[1:] in COLUMNS and word[0] == "-"
             else word for word in words]
    return " ".join(parts)


def trees(seed, count):
    rng = random.Random(f"trees {seed}")
    kinds = sorted(COLUMNS)
    return [{"table": "pairs", "expression": tree(rng, rng.choice(kinds), rng.choice([2, 2, 3, 4])), "step": 2} for _ in range(count)]
