# SPDX-License-Identifier: Apache-2.0
"""What spark.write leaves in a directory."""

SCALARS = ("t boolean,b tinyint,s smallint,i int,l bigint,f float,d double,p decimal(10,2),x string,y binary,a date,c timestamp,"
           "z timestamp_ntz")
VALUES = [["true", "1", "2", "3", "4", "1.5", "2.5", "1.25", "text", "6162", "19782", "1709210096789012", "1709210096789012"],
          [None] * 13,
          ["false", "-1", "-2", "-3", "-4", "-0.0", "1e300", "-0.05", "", "", "0", "0", "0"]]
ROWS = ("a int,x string,d double", [["1", "one", "1.5"], ["2", None, None], [None, "", "0.1"], ["3", 'q"u,o\\te\nd', "1e20"]])
NESTED = ("i int,r struct<a:int,b:array<string>>,m map<string,int>", [["1", ["2", ["x", None]], [["k", "5"]]], ["2", None, None], ["3", [None, []], []]])
TEXT = ("line string", [["a"], [None], [""], ["b c"], ["é\n"]])
NONE = ("a int,x string", [])
KEYED = ("a int,k string,n int", [["1", "x", "1"], ["2", "y/z", "1"], ["3", None, "2"], ["4", "", None], ["5", "x", "1"], ["6", "a=b c%é", "3"]])


def cases():
    for name, rows in {"scalars": (SCALARS, VALUES), "rows": ROWS, "nested": NESTED, "no rows": NONE}.items():
        for kind in ["json", "csv", "parquet"]:
            if (name, kind) != ("nested", "csv"):
                yield case(f"{kind} {name}", kind, rows)
    yield case("csv nested", "csv", NESTED)
    yield case("text lines", "text", TEXT)
    yield case("text no rows", "text", ("line string", []))
    yield case("text two columns", "text", ROWS)
    yield case("text two texts", "text", ("a string,b string", []))
    yield case("text of a number", "text", ("n int", [["1"]]))
    for options in [{"header": "true"}, {"sep": ";", "header": "true"}, {"quoteAll": "true"}, {"nullValue": "NULL"}, {"emptyValue": "EMPTY"}, {"quote": "'"}, {"escape": '"'}]:
        yield case("csv " + " ".join(f"{key}={value}" for key, value in options.items()), "csv", ROWS, options)
    yield case("csv header no rows", "csv", NONE, {"header": "true"})
    yield case("csv header scalars", "csv", (SCALARS, VALUES), {"header": "true", "timestampFormat": "yyyy-MM-dd HH:mm:ss", "dateFormat": "dd.MM.yyyy"})
    yield case("json kept nulls", "json", ROWS, {"ignoreNullFields": "false"})
    yield case("json time format", "json", (SCALARS, VALUES), {"timestampFormat": "yyyy-MM-dd HH:mm:ss", "dateFormat": "dd.MM.yyyy", "timeZone": "America/New_York"})
    yield case("text bars", "text", TEXT, {"lineSep": "|"})
    for compression in ["none", "gzip", "zstd", "snappy", "uncompressed", "lz4", "lz4_raw"]:
        yield case(f"parquet {compression}", "parquet", ROWS, {"compression": compression})
    for mode in ["append", "overwrite", "error", "errorifexists", "ignore", "default"]:
        yield case(f"json {mode} on nothing", "json", ROWS, mode=mode)
        yield case(f"json {mode} on files", "json", ROWS, mode=mode, before=[("json", NONE, None), ("json", ("a int", [["9"]]), None)])
        yield case(f"json {mode} on an empty directory", "json", ROWS, mode=mode, before="empty")
    yield case("json overwrite partitions", "json", ROWS, mode="overwrite", before=[("json", KEYED, ["k"])])
    for kind in ["json", "csv", "parquet"]:
        yield case(f"{kind} by one column", kind, KEYED, partition_by=["k"])
        yield case(f"{kind} by two columns", kind, KEYED, partition_by=["n", "k"])
    odd = [["1", "".join(map(chr, range(1, 128)))], ["2", "\u00e9\u4e2d\U0001f600"], ["3", " . "], ["4", ".."], ["5", "~"]]
    yield case("json by odd names", "json", ("a int,k string", odd), partition_by=["k"])
    yield case("json by a column of odd name", "json", ("a int,`k=/ %` string", [["1", "x"]]), partition_by=["k=/ %"])
    yield case("json by every column", "json", KEYED, partition_by=["a", "k", "n"])
    yield case("json by an unknown column", "json", KEYED, partition_by=["nope"])
    yield case("json by a column in capitals", "json", KEYED, partition_by=["K"])
    yield case("json by one column twice", "json", KEYED, partition_by=["k", "k"])
    yield case("json by no rows", "json", ("a int,k string", []), partition_by=["k"])
    yield case("text by a column", "text", ("line string,k int", [["a", "1"], ["b", "2"]]), partition_by=["k"])
    for column in ["t", "b", "l", "d", "p", "a", "c", "z", "y"]:
        yield case(f"json by {column}", "json", (SCALARS, VALUES), partition_by=[column])
    yield case("json names by case", "json", ("a int,A int", [["1", "2"]]))
    yield case("parquet names by case", "parquet", ("a int,A int", [["1", "2"]]))
    yield case("json no columns", "json", ("", []))
    yield case("parquet empty struct", "parquet", ("a int,s struct<>", [["1", []]]))


def case(name, kind, rows, options=None, mode=None, before=None, partition_by=None):
    return {"name": name, "format": kind, "schema": rows[0], "rows": rows[1], "options": options or {}, "mode": mode, "partition_by": partition_by or [],
            "before": [[b[0], b[1][0], b[1][1], b[2] or []] for b in before] if isinstance(before, list) else before}
