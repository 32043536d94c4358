# SPDX-License-Identifier: Apache-2.0
"""Functions that take a pattern: split, and dates and times in a form of one's own."""

from expressions.cases import ZONES, case

SEPARATORS = ["','", "''", "'a'", "' '", "'|'", "'\\\\|'", "'[|]'", "'.'", "'\\\\.'", "'[.]'", "'ab'", "'[a]'", "'[,;]'", "'\\\\s+'", "'\\\\s'", "']'", "'}'", "'{'",
              "'['", "'-'", "'😀'", "'||'", "'\\\\|\\\\|'", "'a|b'", "'a+'", "'^a'", "'c$'", "'(a)'", "'a?'", "'\\\\d'", "'\\\\\\\\'", "'[^a]'", "'\\\\Qa\\\\E'", "'X'", "'(?i)x'", "'\\n'",
              "'\\\\n'", "'\\\\t'", "'#'", "'\"'", "'/'", "':'", "'='", "'&'", "'::'", "', '", "'\\\\,'", "'\\\\-'", "'\\\\ '", "'[ ]'", "'[[]'", "'[]]'", "'[\\\\|]'", "'[a-c]'", "'\\\\'", "'a\\\\'",
              "'[&]'", "'[-]'", "'é'", "'\\\\é'", "'[😀]'", "r'\\|'", "r'\\.'", "r'[.]'", "r','"]
LIMITS = ["-1", "0", "1", "2", "3", "100", "-5", "NULL", "i", "'2'", "2L", "1.5"]

FORMATS = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd", "yyyy/MM/dd", "dd.MM.yyyy", "MM/dd/yyyy", "yyyyMMdd", "yyyyMMddHHmmss", "HH:mm", "HH:mm:ss.SSS", "hh:mm a", "h:mm a",
           "h:mm:ss a", "yyyy-MM-dd''T''HH:mm:ss", "yyyy-MM-dd''T''HH:mm:ssXXX", "yyyy-MM-dd''T''HH:mm:ss.SSSXXX", "yyyy-MM-dd''T''HH:mm:ss.SSS''Z''",
           "yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyy-MM-dd HH", "yyyy-MM-dd HH:00", "EEE, dd MMM yyyy", "dd MMMM yyyy", "MMM d, yyyy", "M/d/yy", "d/M/y", "yyyy-MM", "yyyy", "MM-dd",
           "yyyy-MM-dd HH:mm:ss[.SSS]", "[yyyy-MM-dd]", "yyyy-MM-dd[ HH:mm]", "yyyy-mm-dd", "HHmm"]
LETTERS = ["y", "yy", "yyy", "yyyyy", "yyyyyy", "yyyyyyy", "M", "MM", "MMM", "MMMM", "MMMMM", "L", "LL", "LLL", "LLLL", "d", "dd", "ddd", "E", "EE", "EEE", "EEEE", "EEEEE", "H", "HH", "HHH", "h", "hh", "k", "kk",
           "K", "KK", "m", "mm", "s", "ss", "sss", "S", "SS", "SSS", "SSSS", "SSSSS", "SSSSSS", "SSSSSSSSS", "SSSSSSSSSS", "a", "aa", "X", "XX", "XXX", "XXXX", "XXXXX", "x", "xx", "xxx", "xxxxx", "Z", "ZZ",
           "ZZZ", "ZZZZ", "ZZZZZ", "VV", "V", "z", "zzzz", "O", "D", "DD", "DDD", "Q", "QQ", "QQQ", "QQQQ", "q", "G", "GGGG", "u", "uuuu", "w", "Y", "YYYY", "e", "c", "F", "B", "n", "N", "A", "p", "T", "''text''", "''''", "",
           "yyyy 'o", "yyyy {", "yyyy #", "yyyy ]", "[yyyy", "yyyy, MM", "yyyy年MM月dd日", "y-M-d H:m:s"]

DATED = ["2024-02-29", "2024-02-29 12:34:56", "2024-2-9", "2024-2-9 1:2:3", "29.02.2024", "02/29/2024", "2/9/2024", "2/9/24", "20240229", "20240229123456", "12:34", "12:34:56.789", "0:30", "24:00", "23:60",
         "2024-02-29T12:34:56", "2024-02-29T12:34:56Z", "2024-02-29T12:34:56+01:00", "2024-02-29T12:34:56.789Z", "2024-02-29T12:34:56.789+01:00", "2024-02-29T12:34:56.7Z",
         "Thu, 29 Feb 2024", "Fri, 29 Feb 2024", "29 February 2024", "29 february 2024", "Feb 29, 2024", "feb 9, 2024", "12:34 PM", "12:00 AM", "12:00 am", "00:30 AM", "13:00 PM", "01:05 pm", "1:05 pm", "1:05:06 PM",
         "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "2024-01-00", "", " ", " 2024-02-29", "2024-02-29 ", "2024-02-29x", "x", None, "99", "24", "2024", "02-29", "2024-02",
         "10000-01-01", "+10000-01-01", "-0001-01-01", "0000-01-01", "0001-01-01", "9999-12-31 23:59:59", "2024-02-29 12:34:56.7", "2024-02-29 12:34:56.789", "2024-02-29 12:34:56.789012",
         "2024-02-29 12:34:56.7890123", "2024-02-29 12:34", "2024-02-29 12", "2024-02-29 12:00", "2023-03-26 02:30:00", "2023-10-29 02:30:00", "1582-10-10", "1900-01-01", "1234", "+01:00", "Z", "2024-060", "PM"]


def tables():
    parts = [None, "", "a", "a,b,,c", ",a,", ",", ",,", "a|b|c", "a||b|", "|a", "a.b.c", "a;b,c", "aabbaab", " a b  c ", "a\tb\nc", "X1X2x3X", "a]b}c{d[e", "a-b--c", "😀,😀;😀a", "aéb", "a\\b\\c", "/path/to/x", "k1=v1&k2=v2",
             "::1::", "a, b, c", "2024-05-06", "a#b\"c"]
    rows = [[text, str(at % 5 - 1)] for at, text in enumerate(parts)]
    return [{"table": "parts", "columns": "x string,i int", "rows": rows},
            {"table": "dated", "columns": "x string", "rows": [[text] for text in DATED]}]


def splits():
    made = [case(f"split(x, {separator})", "parts") for separator in SEPARATORS]
    made += [case(f"split(x, {separator}, {limit})", "parts") for separator in ["','", "''", "'\\\\|'", "'aa'"] for limit in LIMITS]
    made += [case(f"split(x, {separator})", "texts") for separator in ["','", "''", "' '"]]
    made += [case(e, "parts") for e in ["split(x, x)", "split(x, NULL)", "split(x)", "split()", "split(i, '1')", "split(NULL, ',')", "split(x, i)", "Split(x, ',')", "split(x, ',')[0]", "split(x, ',')[1]",
                                        "split(x, ',')[i]", "size(split(x, ','))", "element_at(split(x, ','), -1)", "split(x, ',') IS NULL", "split('a,b', ',')", "split(x, ',' || ',')", "split(upper(x), 'A')",
                                        "split(x, ',', 2)[1]", "split(x, ',')[size(split(x, ',')) - 1]", "coalesce(split(x, ','), array('none'))", "split(x, ',', 1 + 1)"]]
    return made + [case("split(x1, ',')"), case("split(l1, '0')", step=4), case("split(c1, '-')", step=4), case("split(x1, x2)", step=4)]


def written(pattern):
    return "'" + pattern.replace("''", "\\'").replace("'o", "\\'o") + "'"


def formats():
    made = []
    for pattern in map(written, [*FORMATS, *LETTERS]):
        made += [case(f"date_format(c, {pattern})", "moments"), case(f"date_format(c, {pattern})", "moments", zone="America/Los_Angeles")]
        made += [case(f"from_unixtime(l1, {pattern})", step=3)]
    for pattern in map(written, FORMATS[:6]):
        made += [case(f"date_format({column}, {pattern})", "moments", zone=zone) for column in "caz" for zone in ZONES]
    made += [case(e, "moments") for e in ["date_format(c, NULL)", "date_format(NULL, 'yyyy')", "date_format(c)", "date_format('2024-02-29', 'yyyy')", "date_format(a, 'D')", "date_format(c, 'yyyy' || '-MM')",
                                          "date_format(c, date_format(c, 'yyyy'))", "Date_Format(c, 'yyyy')", "date_format(c, 'yyyy') = '2024'", "date_format(c, \"yyyy-MM-dd'T'HH:mm:ss\")"]]
    made += [case(f"from_unixtime({argument})", step=2) for argument in ["l1", "i1", "s1", "b1", "d1", "f1", "p1", "w1", "x1", "t1", "a1", "c1"]]
    made += [case("from_unixtime(l1)", step=2, zone=zone) for zone in ZONES]
    made += [case(e, step=9) for e in ["from_unixtime(0)", "from_unixtime()", "from_unixtime(l1, x1)", "from_unixtime(l1, NULL)", "from_unixtime(NULL)", "from_unixtime(1709210096)", "from_unixtime('1709210096')",
                                       "from_unixtime(l1, 1)", "from_unixtime(unix_timestamp(c1))", "from_unixtime(i1 + 1, 'yyyy')", "from_unixtime(l1 / 1000)", "date_format(x1, 'yyyy')", "date_format(i1, 'yyyy')",
                                       "date_format(t1, 'yyyy')"]]
    return made


def readings():
    made = []
    for pattern in map(written, [*FORMATS, *LETTERS]):
        made += [case(f"{f}(x, {pattern})", "dated") for f in ["to_timestamp", "to_date", "unix_timestamp"]]
    for pattern in map(written, FORMATS[:2] + FORMATS[12:15]):
        made += [case(f"to_timestamp(x, {pattern})", "dated", zone=zone) for zone in ZONES]
        made += [case(f"to_unix_timestamp(x, {pattern})", "dated", zone=zone) for zone in ZONES]
    made += [case(f"{f}(x, 'yyyy-MM-dd HH:mm:ss')", "texts") for f in ["to_timestamp", "to_date", "unix_timestamp"]]
    made += [case(f"{f}({argument}, 'yyyy-MM-dd')", step=5) for f in ["to_timestamp", "to_date", "unix_timestamp", "to_unix_timestamp"] for argument in ["a1", "c1", "z1", "i1", "t1", "NULL"]]
    made += [case(e, "dated") for e in ["unix_timestamp(x)", "to_unix_timestamp(x)", "to_timestamp(x, NULL)", "to_timestamp(x, x)", "to_date(x, NULL)", "to_timestamp('2024-02-29', 'yyyy-MM-dd')", "to_date('29.02.2024', 'dd.MM.yyyy')",
                                        "to_timestamp(NULL, 'yyyy')", "try_to_timestamp(x, 'yyyy-MM-dd')", "to_timestamp_ltz(x, 'yyyy-MM-dd')", "to_timestamp_ntz(x, 'yyyy-MM-dd')", "to_timestamp(x, 'yyyy' || '-MM-dd')",
                                        "unix_timestamp(x, NULL)", "To_Timestamp(x, 'yyyy-MM-dd')", "to_timestamp(x, 'yyyy-MM-dd', 1)", "year(to_date(x, 'yyyy-MM-dd'))"]]
    return made


def cases():
    return [*splits(), *formats(), *readings()]
