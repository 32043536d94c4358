# SPDX-License-Identifier: Apache-2.0
"""What is asked of Spark: every operator, cast and function over every combination of types that might be offered, and what
Spark refuses."""

import itertools

from expressions.tables import EDGES

NUMBERS = "bsilfdpqwk"
ALL = "".join(EDGES)
TYPES = {letter: kind for letter, (kind, _) in EDGES.items()}
ZONES = ["Europe/Paris", "America/Los_Angeles", "+05:30"]


def case(expression, table="pairs", **more):
    return {"table": table, "expression": expression, **more}


def over(template, letters, **more):
    """One case a letter: {0} and {1} are its two columns."""
    return [case(template.format(f"{letter}1", f"{letter}2"), **more) for letter in letters]


def operators():
    made = []
    for operator in ["+", "-", "*", "/", "%", "DIV"]:
        made += over("{0} " + operator + " {1}", NUMBERS)
        made += [case(f"{a}1 {operator} {b}2", step=4) for a, b in itertools.permutations(NUMBERS, 2)]
        made += [case(f"{a}1 {operator} {literal}", step=3) for a in NUMBERS for literal in ["2", "0", "3L", "2.5", "1e1", "7S"]]
        made += [case(f"x1 {operator} {a}2", step=5) for a in "ildp"]
    for operator in ["=", "<", "<=", ">", ">=", "!=", "<=>"]:
        made += over("{0} " + operator + " {1}", ALL)
        made += [case(f"{a}1 {operator} {b}2", step=6) for a, b in itertools.permutations("bilfdpqxactz", 2)]
        made += [case(f"{a}1 {operator} {literal}", step=3) for a, literal in
                 [("i", "5"), ("l", "1"), ("d", "1.5"), ("p", "1"), ("x", "'a'"), ("i", "'7'"), ("a", "'2024-02-29'"),
                  ("c", "'2024-02-29 12:34:56.789'"), ("c", "DATE'2024-02-29'"), ("a", "TIMESTAMP'2024-02-29 00:00:00'"),
                  ("t", "true"), ("b", "300"), ("p", "1.005"), ("f", "0.1"), ("x", "12"), ("x", "NULL")]]
    made += [case(e) for e in ["i1 == i2", "i1 <> i2", "NOT i1 = i2", "! t1", "i1 = i2 = t1", "x1 || x2", "x1 || i1", "x1 || 'z' || x2",
                               "y1 || y2", "i1 || l1", "x1 || t1", "x1 || d1", "x1 || a1", "x1 || c1", "x1 || p1", "x1 || NULL"]]
    made += over("-{0}", NUMBERS) + over("+{0}", NUMBERS) + over("~{0}", "bsil")
    for operator in "&|^":
        made += over("{0} " + operator + " {1}", "bsil") + [case(f"i1 {operator} l2", step=4)]
    made += [case(e) for e in ["t1 AND t2", "t1 OR t2", "NOT t1", "t1 AND NOT t2 OR t1", "t1 AND NULL", "t1 OR NULL", "NULL AND t1",
                               "i1 <> 0 AND 10 / i1 > 1", "i1 = 0 OR 10 / i1 > 1", "10 / i1 > 1 AND t1", "10 / i1 > 1 OR t1",
                               "t1 AND 10 / i1 > 1", "t1 OR 10 / i2 > 1", "i1 + 1 / 0", "i2 + 10 DIV i1", "10 DIV i1 + i2",
                               "i1 = 10 DIV i2", "i1 <=> 10 DIV i2", "10 / i1 / i2", "i1 / (10 / i2)", "i1 % (10 DIV i2)"]]
    return made


def predicates():
    made = []
    for letters, template in [(ALL, "{0} IS NULL"), (ALL, "{0} IS NOT NULL"), (ALL, "isnull({0})"), (ALL, "isnotnull({0})"),
                              (ALL, "{0} IN ({1}, {0})"), (ALL, "{0} BETWEEN {1} AND {1}"), (ALL, "{0} NOT IN ({1})"),
                              (ALL, "{0} IN ({1}, NULL)"), ("bsilfdpqkxac", "{0} NOT BETWEEN {1} AND {0}"),
                              (ALL, "{0} IS DISTINCT FROM {1}"), (ALL, "{0} IS NOT DISTINCT FROM {1}")]:
        made += over(template, letters)
    made += [case(e) for e in [
        "i1 IN (1, 2, 7)", "i1 IN (1, 2L)", "i1 IN (1.5, 7)", "x1 IN ('a', 'A', '')", "x1 NOT IN ('a', NULL)", "i1 IN ('7')", "d1 IN (1, 2.5)",
        "x1 IN (1)", "i1 IN (1,2,3,4,5,6,7,8,9,10,11,12,13)", "d1 IN (0,1,2.5e0,3e0,4e0,5e0,6e0,7e0,8e0,9e0,10e0,11e0)",
        "l1 BETWEEN 0 AND 100000", "p1 BETWEEN 0 AND 100.5", "a1 BETWEEN '2000-01-01' AND '2025-01-01'", "x1 BETWEEN 'A' AND 'b'",
        "t1 IS TRUE", "t1 IS NOT TRUE", "t1 IS FALSE", "t1 IS NOT FALSE", "t1 IS UNKNOWN", "t1 IS NOT UNKNOWN", "isnan(d1)", "isnan(f1)",
        "isnan(i1)", "i1 IN (10 DIV i2, 1)", "i1 IN (1, 10 DIV i2)", "i1 BETWEEN 10 DIV i2 AND 5"]]
    patterns = ["'a%'", "'%a'", "'%a%'", "'a'", "''", "'%'", "'_'", "'__'", "'a_b'", "'a\\\\_b'", "'a\\\\%b'", "'%\\\\\\\\%'", "'%😀'",
                "'Z_rich _'", "'a%b%'", "'%%'", "'_%'", "'a\\\\'", "'a\\\\b'", "'ab_c'", "'(a'", "'a.b'"]
    for pattern in patterns:
        made += [case(f"x1 LIKE {pattern}", step=3), case(f"x LIKE {pattern}", "texts")]
    made += [case("x1 LIKE x2"), case("x1 NOT LIKE 'a%'"), case("x1 LIKE 'a/_b' ESCAPE '/'"), case("x LIKE 'a/%%' ESCAPE '/'", "texts"), case("x LIKE '%l%' ESCAPE 'z'", "texts"),
             case("x1 LIKE x2 ESCAPE '/'", step=3), case("i1 LIKE '1%'", step=3),
             case("x1 ILIKE 'A%'", step=3), case("x1 RLIKE 'a.*'", step=3), case("x1 REGEXP 'a'", step=3)]
    return made


def conditionals():
    made = []
    for template in ["coalesce({0}, {1})", "if(t1, {0}, {1})", "nullif({0}, {1})", "ifnull({0}, {1})", "nvl({0}, {1})",
                     "nvl2({0}, {1}, {0})", "CASE WHEN t1 THEN {0} WHEN t2 THEN {1} END", "CASE WHEN t1 THEN {0} ELSE {1} END",
                     "greatest({0}, {1})", "least({0}, {1})"]:
        made += over(template, ALL)
        made += [case(template.format(f"{a}1", f"{b}2"), step=6) for a, b in itertools.permutations("bilfdpkxact", 2)]
    made += [case(e) for e in [
        "coalesce(i1, i2, 0)", "coalesce(i1)", "coalesce(i1, 10 DIV i2)", "coalesce(NULL, i1)", "coalesce(x1, 'none')", "if(i1 > 0, 'pos', 'neg')",
        "if(i1 = 0, 0, 10 DIV i1)", "if(NULL, 1, 2)", "CASE i1 WHEN 0 THEN 'zero' WHEN 1 THEN 'one' ELSE 'many' END",
        "CASE i1 WHEN i2 THEN 1 END", "CASE WHEN i1 = 0 THEN 0 ELSE 10 DIV i1 END", "CASE WHEN 10 DIV i1 > 1 THEN 1 WHEN t1 THEN 2 END",
        "CASE x1 WHEN 'a' THEN 1L WHEN 'A' THEN 2.5 ELSE NULL END", "nullif(i1, 0)", "nullif(x1, '')", "10 / nullif(i1, 0)",
        "greatest(i1, i2, 5)", "least(d1, d2, f1)", "greatest(i1, 10 DIV i2)", "least(i2, 10 DIV i1)", "nanvl(d2, 10 DIV i1)", "nanvl(d1, d1 / d2)", "coalesce(p1, 0)", "coalesce(p1, q1)", "coalesce(i1, 1.5)",
        "if(t1, 1, 1.5)", "if(t1, p1, k1)", "ifnull(x1, 0)", "nvl(i1, 0L)", "nullif(10 DIV i1, 10 DIV i2)", "CASE WHEN t1 THEN NULL END",
        "CASE WHEN t1 THEN 1 ELSE 'x' END", "nvl2(i1, 'set', 'unset')", "nanvl(d1, d2)", "nanvl(f1, f2)", "nanvl(d1, 0)",
        "equal_null(i1, i2)", "zeroifnull(i1)", "nullifzero(i1)"]]
    return made


def casts():
    targets = ["BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(38,18)", "DECIMAL(38,0)",
               "DECIMAL(5,3)", "STRING", "BINARY", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ"]
    made = []
    for target in targets:
        made += [case(f"CAST({letter}1 AS {target})") for letter in ALL]
        made += [case(f"CAST(x AS {target})", "texts"), case(f"CAST(d AS {target})", "reals"), case(f"CAST(f AS {target})", "reals")]
        made += [case(f"CAST({c} AS {target})", "moments") for c in "cza"]
        made += [case(f"CAST(NULL AS {target})", step=40)]
    for zone in ZONES:
        made += [case("CAST(x AS TIMESTAMP)", "texts", zone=zone)]
        for cast in ["c AS STRING", "c AS DATE", "c AS BIGINT", "c AS TIMESTAMP_NTZ", "z AS TIMESTAMP", "z AS STRING", "a AS TIMESTAMP",
                     "a AS TIMESTAMP_NTZ", "c AS DOUBLE"]:
            made += [case(f"CAST({cast})", "moments", zone=zone)]
    made += [case(e, step=3) for e in ["i1::string", "x1::int", "i1::bigint::double", "(i1 + 1)::string", "CAST(i1 AS STRING) || 'x'",
                                       "CAST('12' AS INT)", "int(x1)", "string(i1)", "double(i1)", "bigint(i1)", "boolean(x1)",
                                       "date('2024-01-01')", "timestamp('2024-01-01')", "float(i1)", "tinyint(i1)", "smallint(i1)", "binary(x1)",
                                       "decimal(i1)", "CAST(i1 AS integer)", "CAST(i1 AS long)", "CAST(i1 AS dec(9,1))", "try_cast(x1 AS INT)",
                                       "CAST(i1 AS array<int>)", "-5::string", "CAST(i1 AS decimal)"]]
    return made


def mathematics():
    made = []
    for function in ["abs", "sign", "signum", "negative", "positive", "floor", "ceil", "ceiling", "round", "bround", "sqrt", "degrees"]:
        made += over(function + "({0})", NUMBERS + "x")
        made += [case(f"{function}(d)", "reals"), case(f"{function}(f)", "reals")]
    for digits in ["0", "1", "2", "-1", "-2", "5", "20", "-20", "NULL"]:
        made += over("round({0}, " + digits + ")", NUMBERS, step=2)
        made += [case(f"round(d, {digits})", "reals"), case(f"round(f, {digits})", "reals"), case(f"bround(d, {digits})", "reals")]
    made += over("pmod({0}, {1})", NUMBERS) + over("mod({0}, {1})", NUMBERS)
    made += [case(e) for e in ["pmod(i1, 3)", "mod(l1, 7)", "pmod(d1, 2.5)", "floor(d1, 1)", "ceil(p1, 1)", "round(i1, i2)", "pi()", "e()",
                               "hex(l1)", "hex(x1)", "bin(l1)", "unhex('61')", "width_bucket(d1, 0, 10, 5)", "factorial(i1)", "cbrt(d1)",
                               "rint(d1)", "bit_count(i1)", "shiftleft(i1, 2)", "i1 << 2", "greatest(d1, d2)", "hypot(d1, d2)",
                               "try_add(i1, i2)", "try_divide(i1, i2)", "div(i1, i2)"]]
    for function in ["exp", "ln", "log10", "log2", "log1p", "expm1", "sin", "cos", "tan", "rint", "cbrt", "log"]:
        made += [case(f"{function}(d)", "reals")]
    made += [case("log(2, d)", "reals"), case("power(d, 2)", "reals"), case("pow(d, 0.5)", "reals")]
    return made


def texts():
    one = ["length", "char_length", "character_length", "len", "octet_length", "bit_length", "upper", "ucase", "lower", "lcase", "trim", "ltrim",
           "rtrim", "btrim", "reverse", "ascii", "initcap", "md5", "sha1", "sha", "crc32", "soundex", "base64", "hex", "hash", "xxhash64"]
    made = [case(f"{f}(x)", "texts") for f in one]
    made += [case(f"{f}(x)", "letters") for f in ["upper", "lower", "length", "reverse", "initcap"]]
    made += [case(f"{f}(y1)") for f in ["length", "octet_length", "md5", "sha1", "crc32", "hex", "base64", "reverse", "hash", "bit_length"]]
    made += [case(f"{f}({a}1)", step=4) for f in ["length", "upper", "trim", "hash", "concat"] for a in "tbildpacz"]
    made += [case("sha2(x, 256)", "texts"), case("sha2(x, 512)", "texts"), case("sha2(x, 0)", "texts"), case("sha2(x, 224)", "texts")]
    for position, length in itertools.product(["0", "1", "2", "3", "-1", "-2", "-100", "100", "2147483647", "-2147483648"],
                                              ["0", "1", "2", "-1", "100", "2147483647"]):
        made.append(case(f"substring(x, {position}, {length})", "texts", step=5))
    for f in ["substring(x, 2)", "substring(x, -3)", "substr(x, 2, 3)", "substring(x FROM 2 FOR 3)", "substring(x FROM 2)", "left(x, 3)", "left(x, 0)",
              "left(x, -1)", "right(x, 3)", "right(x, 0)", "right(x, -2)", "replace(x, 'a', 'bb')", "replace(x, 'a')", "replace(x, '', 'b')",
              "replace(x, ' ', '')", "startswith(x, 'a')", "startswith(x, '')", "endswith(x, 'b')", "contains(x, 'a')", "contains(x, '')",
              "instr(x, 'a')", "instr(x, '')", "locate('a', x)", "locate('a', x, 2)", "locate('', x, 2)", "locate('a', x, 0)", "position('a' IN x)",
              "position('a', x)", "lpad(x, 5, 'ab')", "lpad(x, 3)", "rpad(x, 5, 'ab')", "rpad(x, 3)", "lpad(x, 5, '')", "lpad(x, -1, 'a')", "repeat(x, 2)",
              "repeat(x, 0)", "repeat(x, -1)", "translate(x, 'abc', 'xy')", "translate(x, 'a😀', 'b')", "split(x, ',')", "split_part(x, ',', 2)",
              "split_part(x, ',', -1)", "split_part(x, '', 1)", "split_part(x, ',', 0)", "substring_index(x, ',', 1)", "substring_index(x, ',', -1)",
              "regexp_replace(x, 'a', 'b')", "regexp_extract(x, '(a)', 1)", "concat_ws('-', x, 'b', x)", "concat_ws(',', x)", "concat_ws(',')",
              "trim(BOTH 'a' FROM x)", "trim(LEADING FROM x)", "trim('a' FROM x)", "btrim(x, 'ab')", "ltrim('a', x)", "rtrim('b', x)",
              "trim(TRAILING 'c' FROM x)", "concat(x, 'b')", "concat(x)", "concat('a', NULL)", "levenshtein(x, 'abc')", "overlay(x PLACING 'a' FROM 2)",
              "find_in_set('a', x)", "space(3)", "chr(65)", "char(65)", "elt(1, x, x)", "format_number(1.5, 1)", "printf('%d', 1)",
              "x LIKE '%a%' OR length(x) > 3", "upper(trim(x))", "parse_url(x, 'HOST')", "encode(x, 'utf-8')", "decode(encode(x, 'utf-8'), 'utf-8')",
              "luhn_check(x)", "url_encode(x)", "startswith(x, NULL)"]:
        made.append(case(f, "texts"))
    made += [case(e) for e in ["concat(x1, x2)", "concat(x1, i1, x2)", "concat(y1, y2)", "concat(x1, 10 DIV i1)", "concat(x2, 10 DIV i1)", "concat(10 DIV i1, x2)", "concat_ws(',', x2, 10 DIV i1)", "x2 || 10 DIV i1", "left(x2, 10 DIV i1)", "replace(x2, x1, 10 DIV i1)", "concat()", "substring(x1, i1, i2)",
                               "left(x1, i1)", "right(x1, i1)", "replace(x1, x2, 'z')", "replace('abcab', x1, x2)", "startswith(x1, x2)", "endswith(x1, x2)",
                               "contains(x1, x2)", "contains(y1, y2)", "startswith(y1, y2)", "endswith(y1, y2)", "instr(x1, x2)", "locate(x2, x1)",
                               "concat_ws(x1, x2, 'a')", "repeat(x1, b1)", "lpad(x1, s1 % 20, x2)", "rpad(x1, s1 % 20, x2)", "substring(y1, 2)",
                               "substring(x1, l1)", "substring(i1, 1, 2)", "length(x1 || x2)", "upper(x1) = upper(x2)", "left(y1, 1)",
                               "concat(x1, c1)", "concat(x1, d1)", "concat(i1, l1)", "concat(t1, x1)", "trim(x1)", "substring('hello', i1)",
                               "translate(x1, x2, 'q')", "split_part(x1, x2, 1)"]]
    return made


def moments():
    fields = ["year", "month", "day", "dayofmonth", "dayofweek", "weekday", "dayofyear", "weekofyear", "quarter", "hour", "minute", "second",
              "last_day", "dayname", "monthname", "to_date", "date", "to_timestamp", "timestamp", "unix_date", "unix_seconds", "unix_millis",
              "unix_micros", "unix_timestamp", "to_unix_timestamp"]
    made = [case(f"{f}({c})", "moments") for f in fields for c in "cza"]
    made += [case(f"{f}(c)", "moments", zone=zone) for f in fields for zone in ZONES]
    made += [case(f"{f}(x)", "texts") for f in fields]
    made += [case(f"{f}(i1)", step=4) for f in fields]
    units = ["YEAR", "yyyy", "yy", "QUARTER", "MONTH", "mm", "mon", "WEEK", "DAY", "dd", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "nope"]
    made += [case(f"date_trunc('{u}', {c})", "moments") for u in units for c in "cza"]
    made += [case(f"trunc({c}, '{u}')", "moments") for u in units for c in "ac"]
    made += [case(f"date_trunc('{u}', c)", "moments", zone=zone) for u in units for zone in ZONES]
    for part in ["YEAR", "MONTH", "DAY", "HOUR", "DOW", "DOY", "SECOND", "EPOCH"]:
        made += [case(f"EXTRACT({part} FROM c)", "moments"), case(f"date_part('{part}', c)", "moments")]
    for f in ["date_add", "date_sub", "add_months", "dateadd"]:
        made += [case(f"{f}(a1, {n})") for n in ["i1", "s1", "b1", "1", "'1'", "l1", "d1", "1.5", "x1"]]
        made += [case(f"{f}({c}, {n})", "moments") for c in "cza" for n in [1, -1, 30, 366, 13]]
    made += [case(e) for e in ["datediff(a1, a2)", "date_diff(a1, a2)", "datediff(c1, c2)", "datediff(a1, c2)", "datediff(a1, '2024-01-01')",
                               "a1 + 1", "a1 - 1", "1 + a1", "a1 - a2", "c1 - c2", "a1 + i1", "a1 - s1", "months_between(c1, c2)",
                               "next_day(a1, 'MON')", "make_date(i1, b1, b2)", "make_date(2024, 2, b1)", "make_date(s1, 2, 29)",
                               "timestamp_seconds(l1)", "timestamp_seconds(i1)", "timestamp_seconds(d1)", "timestamp_seconds(p1)",
                               "timestamp_millis(l1)", "timestamp_millis(s1)", "timestamp_millis(b1)", "timestamp_micros(s1)", "timestamp_micros(b1)", "timestamp_millis(i1)", "timestamp_micros(l1)", "timestamp_micros(i1)",
                               "date_from_unix_date(i1)", "from_unixtime(l1)", "to_date(x1)", "to_timestamp('2024-01-01 10:00:00')",
                               "DATE'2024-02-29'", "TIMESTAMP'2024-02-29 12:34:56.5'", "DATE '2024-02'", "TIMESTAMP '2024-02-29 12:00:00+02:00'",
                               "DATE'nope'", "TIMESTAMP'nope'", "TIMESTAMP_NTZ'2024-02-29 12:34:56'", "a1 = DATE'2024-02-29'",
                               "c1 >= TIMESTAMP'1970-01-01 00:00:00'", "date_format(c1, 'yyyy')", "to_date(x1, 'yyyy-MM-dd')",
                               "to_timestamp(x1, 'yyyy')", "unix_timestamp(x1, 'yyyy')", "window(c1, '1 hour')", "c1 + INTERVAL 5 MINUTES",
                               "c1 + INTERVAL '1' DAY", 
                               "make_timestamp(2024, 2, 29, 12, 34, 56.5)", "date_trunc(x1, c1)", "c1 + 1", "unix_millis(c1) DIV 1000",
                               "cast(unix_micros(c1) / 1e6 AS BIGINT)", "timestampdiff(DAY, c1, c2)", "to_utc_timestamp(c1, 'PST')"]]
    made += [case(f"{f}(z)", "moments", zone="Europe/Paris") for f in ["hour", "to_date", "year", "unix_seconds"]]
    return made


def literals():
    made = ["1", "-1", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
            "-9223372036854775808", "99999999999999999999999999999999999999", "999999999999999999999999999999999999999", "1L", "1S", "1Y", "127Y",
            "128Y", "-128Y", "32768S", "9223372036854775808L", "1.5", "1.50", ".5", "1.", "0.05", "00.10", "1e3", "1.5E-3", "1D", "1.5D", "1.5F", "1F",
            "1BD", "1.50BD", "1e2BD", "1.5e400", "1e400D", "'a'", '"a"', "'it''s'", "'a' 'b'", "'a\\'b'", "'\\n\\t\\r\\b\\0\\Z'", "'\\%\\_'", "'\\u0041'",
            "'\\101'", "'\\q'", "'\\U0001F600'", "r'a\\nb'", "R\"x\\y\"", "\"say \"\"hi\"\"\"", "''", "TRUE", "false", "NULL", "X'1F'", "- 1", "-  -1",
            "+1", "- -1", "1 -1", "1-1", "1 + 2 * 3", "(1 + 2) * 3", "10 - 2 - 3", "2 * 3 % 4", "100 / 10 / 2", "7 DIV 2 * 2", "1 + 2 || 'a'", "NOT true",
            "NOT true = false", "NOT NOT true", "1 = 1 AND 2 > 1 OR false", "1 < 2 = true", "1 IS NULL", "1 + NULL", "1 = 1 IS NULL", "'a' = \"a\"",
            "5 & 6 | 1", "5 ^ 1", "~5", "-2147483648 - 1", "2147483647 + 1", "1/*comment*/+1", "1 -- comment", "1 /* a /* nested */ b */ + 1",
            "1e3L", "1_000", "0x1F", "3.0 * 1.10", "1.0 / 3", "1 / 3.0", "10 % 3.5", "-1.5", "-.5", "1.5L", "CAST(1 AS INT)", "case when true then 1 end",
            "IF(true, 1, 2)", "Upper('a')", "1 AS one", "1 one", "1 AS `a b`", "'x' AS X", "1L + 1", "1S + 1Y", "1.1 + 1.22", "1.1D + 1", "1F + 1"]
    columns = ["i1", "I1", "`i1`", "`I1` + 1", "pairs.i1", "i1 AS total", "i1 total", "i1 + i2 AS `the sum`", "-i1", "- i1", "+i1", "i1+i2*l1", "(i1+i2)*l1", "i1-i2-l1",
               "i1 = i2 AND l1 = l2", "NOT i1 = i2", "i1 IS NULL OR i2 IS NULL", "(i1)", "((i1 + 1))", "x1 = 'a' AND d1 > 0", "CAST(x1 AS DOUBLE) * i1",
               "upper(X1)", "COALESCE(x1, X2)", "i1 IN (1,2)", "x1 LIKE 'a%' AND x2 NOT LIKE '%b'"]
    return [case(e, step=40) for e in made] + [case(e, step=12) for e in columns]


def refusals():
    """What Spark does not analyze; Holdfast may not take it either."""
    made = ["nope", "nope + 1", "nope(i1)", "i1 +", "i1 i2 i3", "(i1", "i1)", "", "1 2", "SELECT 1", "i1 = ", "CASE WHEN t1 THEN", "CASE END", "CAST(i1 AS)",
            "CAST(i1 AS nope)", "CAST(i1 INT)", "'open", "`open", "i1 @ i2", "i1 ? 1", "i1 $ 2", "i1.nope", "x1.y", "i1 AND t1", "t1 + 1", "t1 AND x1", "NOT i1", "-x1",
            "-t1", "a1 + a2", "a1 * 2", "c1 / 2", "y1 + 1", "y1 = i1", "t1 = i1", "t1 = a1", "a1 = i1", "c1 = l1", "i1 IN ()", "i1 IN (a1)", "i1 BETWEEN 1", "i1 LIKE",
            "upper()", "upper(x1, x2)", "substring(x1)", "length(i1, 1)", "coalesce()", "if(i1, 1, 2)", "if(t1, 1)", "if(t1, i1, a1)", "coalesce(i1, a1)",
            "CASE WHEN i1 THEN 1 END", "greatest(i1)", "greatest(i1, a1)", "year(t1)", "date_trunc('DAY')", "date_add(a1)", "date_add(i1, 1)", "abs(x1 = 'a')",
            "abs(t1)", "round(x1, 'a')", "sqrt(t1)", "concat(i1, y1, a1) + 1", "CAST(a1 AS INT)", "CAST(t1 AS DATE)", "CAST(y1 AS INT)", "CAST(i1 AS DATE)",
            "CAST(d1 AS DATE)", "CAST(t1 AS TIMESTAMP)", "sum(i1)", "count(*)", "row_number() OVER (ORDER BY i1)", "explode(array(1))", "i1 IS NOT", "a.b.c.d", "* + 1",
            "decimal(50, 2)", "CAST(i1 AS DECIMAL(39,0))", "CAST(i1 AS DECIMAL(5,6))", "1Z", "1..2", "i1 = = i2", "i1 ! i2", "NULL(", "f(x => 1)", "t1 t2 t3",
            "i1 NOT", "NOT", "AND t1", "t1 OR", "i1::", "i1::nope", "DISTINCT i1", "upper(DISTINCT x1)", "x1[0]", "i1 AS", "i1 AS 'a'", "(1, 2)", "i1; i2"]
    return [case(e, step=40) for e in made]


def names():
    made = [case(e, "structs") for e in [
        "r.a", "R.A", "r.a + 1", "r.b.c", "r.B.c || 'x'", "r IS NULL", "r.b IS NULL", "r.b IS NOT NULL", "r.nope", "r.a.b", "nope.a", "`the column`",
        "`the column` + 1", "`THE column` AS x", "the column", "`a.b`", "`a.b` * 2", "a.b", "r.`a`", "`r`.`b`.`c`", "`r.a`", "CAST(r.a AS STRING)",
        "CAST(`the column` AS STRING)", "coalesce(r.a, `the column`)", "r.a = `the column` AND r.b.c IS NOT NULL", "upper(r.b.c)", "10 DIV r.a"]]
    return made + [case(e, "twice") for e in ["a", "A", "b", "a + b", "`a`", "B + 1"]]


def hashes():
    made = over("hash({0}, {1})", ALL) + over("crc32({0})", "xy") + over("hash({0})", ALL)
    return made + [case(e) for e in ["hash(i1, x1, d1)", "hash()", "pmod(hash(x1), 100)", "hash(NULL)", "hash(x1, NULL)", "hash(1)", "hash('a', 2L)"]]


def sure():
    """Columns without nulls: which results may be null all the same."""
    made = []
    for template in ["{0} + {0}", "{0} / {0}", "{0} % {0}", "{0} DIV {0}", "-{0}", "{0} = {0}", "{0} <=> {0}", "{0} IN ({0})", "coalesce({0}, NULL)",
                     "if({0} = {0}, {0}, {0})", "nullif({0}, {0})", "greatest({0}, {0})", "abs({0})", "round({0}, 1)", "floor({0})", "sqrt({0})", "length({0})",
                     "concat({0}, 'a')", "trim({0})", "upper({0})", "lower({0})", "substring({0}, 1, 2)", "left({0}, 1)", "replace({0}, 'a', 'b')", "{0} LIKE 'a%'",
                     "split_part({0}, ',', 1)", "year({0})", "hour({0})", "date_trunc('DAY', {0})", "trunc({0}, 'MM')", "date_add({0}, 1)", "add_months({0}, 1)",
                     "datediff({0}, {0})", "last_day({0})", "unix_seconds({0})", "unix_timestamp({0})", "timestamp_seconds({0})", "timestamp_millis({0})", "to_date({0})", "to_timestamp({0})",
                     "make_date(i, i, i)", "isnan({0})", "nanvl({0}, {0})", "{0} BETWEEN {0} AND {0}", "CASE WHEN t THEN {0} END", "CASE WHEN t THEN {0} ELSE {0} END",
                     "pmod({0}, {0})", "bround({0}, 1)", "sign({0})", "concat_ws(',', {0})", "instr({0}, 'a')", "locate('a', {0})", "reverse({0})", "ascii({0})",
                     "startswith({0}, {0})", "dayname({0})", "nvl2({0}, {0}, {0})", "md5({0})", "sha2({0}, 256)", "crc32({0})", "hash({0})", "xxhash64({0})",
                     "date_from_unix_date({0})", "unix_date({0})", "{0} & {0}", "NOT t AND t", "t OR t"]:
        made += [case(template.format(letter), "sure") for letter in "tbsilfdpxyacz"]
    for target in ["BOOLEAN", "TINYINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(38,18)", "STRING", "BINARY", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ"]:
        made += [case(f"CAST({letter} AS {target})", "sure") for letter in "tbsilfdpxyacz"]
    return made


def cases():
    return [*sure(), *names(), *hashes(), *operators(), *predicates(), *conditionals(), *casts(), *mathematics(), *texts(), *moments(), *literals(), *refusals()]
