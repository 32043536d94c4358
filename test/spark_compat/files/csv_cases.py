# SPDX-License-Identifier: Apache-2.0
"""CSV files that are read without a schema: names by header or number, texts or inferred types."""

import gzip

from files.text_cases import case

FILES = {
    "plain": "name,n,x\na,1,1.5\nb,2,2.0\n",
    "integers": "a,b,c,d\n1,3000000000,99999999999999999999,-5\n2147483647,1,1,0\n",
    "integer and long": "a\n1\n3000000000\n",
    "integer and double": "a\n1\n1.5\n",
    "long and big": "a\n3000000000\n99999999999999999999\n",
    "big and double": "a\n99999999999999999999\n1.5\n",
    "huge": "a\n123456789012345678901234567890123456789\n1\n",
    "doubles": "a,b,c,d,e\n1.5,1e3,-0.5,.5,5.\n2,2.5,NaN,1E-5,1\n",
    "non-numbers": "a,b,c,d\nNaN,Inf,-Inf,Infinity\n1.5,2,3,4\n",
    "only non-numbers": "a,b\nNaN,Inf\nNaN,-Inf\n",
    "booleans": "a,b,c,d\ntrue,FALSE,True,t\nfalse,true,tRuE,f\n",
    "boolean and number": "a,b\ntrue,1\n1,true\n",
    "number and text": "a,b,c\n1,1.5,true\nx,y,z\n",
    "dates": "a,b,c,d,e\n2024-02-29,2024-2-9,2024-02,2024,20240229\n2023-01-01,2023-1-1,2023-01,2023,20230101\n",
    "timestamps": "a,b,c,d,e\n2024-02-29 12:34:56,2024-02-29T12:34:56Z,2024-02-29T12:34:56.789+01:00,2024-02-29 12:34,2024-02-29 12\n2023-01-01 00:00:00,2023-01-01T00:00:00Z,2023-01-01T00:00:00.1Z,2023-01-01 00:00,2023-01-01 00\n",
    "date and timestamp": "a,b\n2024-02-29,2024-02-29 12:34:56\n2024-02-29 12:34:56,2024-02-29\n",
    "date and number": "a,b\n2024-02-29,5\n5,2024-02-29\n",
    "times": "a,b\n12:34:56,12:34\n00:00:00,00:00\n",
    "bad dates": "a,b\n2023-02-29,2024-13-01\n2023-02-28,2024-12-01\n",
    "slashes": "a,b\n02/29/2024,2024/02/29\n01/01/2023,2023/01/01\n",
    "nulls": "a,b,c\n1,,x\n,2,\n3,4,y\n",
    "only nulls": "a,b\n,\n,\n",
    "quoted": 'a,b,c\n"1","x, y","say ""hi"""\n"2","z","\\"q\\""\n',
    "quoted empty": 'a,b\n"",1\n"x",\n',
    "spaces": "a, b ,c\n 1, 2 ,3 \n4,5,6\n",
    "short lines": "a,b,c\n1\n2,3\n4,5,6\n7,8,9,10\n",
    "header alone": "a,b,c\n",
    "one line": "1,x,true\n",
    "no line end": "a,b\n1,2",
    "blank lines": "\n\na,b\n\n1,2\n   \n3,4\n",
    "same names": "a,A,a,b\n1,2,3,4\n",
    "empty names": "a,,b,\n1,2,3,4\n",
    "quoted names": '"a b","c,d","e""f"\n1,2,3\n',
    "names with spaces": " a ,b c, \n1,2,3\n",
    "header again": "a,b\n1,2\na,b\n3,4\n",
    "byte order mark": "\ufeffa,b\n1,2\n",
    "semicolons": "a;b\n1;x\n2;y\n",
    "tabs": "a\tb\n1\tx\n",
    "comments": "#c\na,b\n#d\n1,2\n",
    "signs": "a,b,c\n+1,-1,+1.5\n-0,+0,-1e+3\n",
    "leading zeros": "a,b\n007,00.5\n010,0\n",
    "padded numbers": "a,b\n 1,2 \n3 , 4\n",
    "suffixes": "a,b,c\n1L,1.5f,1d\n2L,2.5F,2D\n",
    "hexadecimal": "a\n0x1F\n0x2F\n",
    "unicode": "größe,b\n１,é\n2,😀\n",
    "carriage returns": "a,b\r\n1,x\r\n2,y\r\n",
    "late text": "a\n" + "".join(f"{i}\n" for i in range(30)) + "x\n",
    "thousands": 'a,b\n"1,000","1,000.5"\n"2,000,000",1\n',
    "exponents": "a,b,c,d\n1.0e1,1e2,10e-1,1.5e1\n2.00e2,1,20e-1,1\n",
    "date late": "a,b,c\n2024-02-29,1,x\nx,2024-02-29,2024-02-29\n",
    "boolean late": "a,b\n1,true\ntrue,2024-02-29\n",
    "decimals": "a,b,c\n12345678901234567890,1.00,100000000000000000000000000000000000000\n-1,2.50,1\n",
}


def cases():
    for name, text in FILES.items():
        content = {"f.csv": text.encode()}
        for options in ({}, {"header": "true"}, {"header": "true", "inferSchema": "true"}, {"inferSchema": "true"}):
            said = " ".join(options)
            yield case(f"csv {said} {name}".replace("  ", " "), content, options, source_format="csv")
    more = [("semicolons", {"sep": ";"}), ("tabs", {"sep": "\t"}), ("tabs", {"delimiter": "\\t"}), ("comments", {"comment": "#"}), ("nulls", {"nullValue": "1"}), ("plain", {"nullValue": "a"}),
            ("dates", {"preferDate": "false"}), ("slashes", {"dateFormat": "MM/dd/yyyy"}), ("slashes", {"timestampFormat": "yyyy/MM/dd"}), ("slashes", {"dateFormat": "MM/dd/yyyy", "timestampFormat": "yyyy/MM/dd"}),
            ("timestamps", {"timestampFormat": "yyyy-MM-dd HH:mm:ss"}), ("date and timestamp", {"timestampFormat": "yyyy-MM-dd HH:mm:ss"}), ("date and timestamp", {"dateFormat": "yyyy-MM-dd"}),
            ("date and timestamp", {"preferDate": "false"}), ("spaces", {"ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"}), ("padded numbers", {"ignoreLeadingWhiteSpace": "true"}),
            ("quoted", {"escape": '"'}), ("quoted empty", {"emptyValue": "EMPTY"}), ("non-numbers", {"nanValue": "1.5"}), ("non-numbers", {"positiveInf": "Infinity"}), ("short lines", {"mode": "DROPMALFORMED"}),
            ("short lines", {"mode": "FAILFAST"}), ("quoted", {"quote": "'"}), ("plain", {"samplingRatio": "1.0"}), ("booleans", {"mode": "FAILFAST"}), ("late text", {"mode": "FAILFAST"})]
    for name, options in more:
        said = " ".join(f"{key}={value}" for key, value in options.items())
        yield case(f"csv {said} {name}", {"f.csv": FILES[name].encode()}, {"header": "true", "inferSchema": "true", **options}, source_format="csv")
    one, two = "a,b\n1,x\n", "a,b\n2.5,y\n3,z\n"
    both = {"header": "true", "inferSchema": "true"}
    yield case("csv two files", {"a.csv": one.encode(), "b.csv": two.encode()}, both, source_format="csv")
    yield case("csv two headers", {"a.csv": one.encode(), "b.csv": b"c,d\n2,zz\n3,yy\n"}, both, source_format="csv")
    yield case("csv two widths", {"a.csv": one.encode(), "b.csv": b"a,b,c\n2,y,true\n"}, both, source_format="csv")
    yield case("csv gz without a schema", {"a.csv.gz": gzip.compress(two.encode(), mtime=0)}, both, source_format="csv")
    yield case("csv cut off", {"a.csv": b"a,b\n1,2\n3"}, both, source_format="csv")
    yield case("csv empty file", {"a.csv": b""}, both, source_format="csv")
    yield case("csv empty and other file", {"a.csv": b"", "b.csv": one.encode()}, both, source_format="csv")
    yield case("csv no file", {"_a": b""}, both, source_format="csv")
    yield case("csv blank file", {"a.csv": b"\n\n"}, both, source_format="csv")
    yield case("csv schema and header", {"a.csv": two.encode()}, {"header": "true"}, schema="a DOUBLE, b STRING", source_format="csv")
    yield case("csv schema of other names", {"a.csv": two.encode()}, {"header": "true"}, schema="x DOUBLE, y STRING", source_format="csv")
    yield case("csv one file", {"a.csv": one.encode(), "b.csv": two.encode()}, both, path="a.csv", source_format="csv")
    yield case("csv multi line", {"a.csv": b'a,b\n1,"x\ny"\n2,z\n'}, {**both, "multiLine": "true"}, source_format="csv")
