# SPDX-License-Identifier: Apache-2.0
"""Files of format text, and how they are read."""

import gzip

EMPTY = gzip.compress(b"", mtime=0)
LINES = b"one\n\ntwo\r\nthree\rfour\n\r\n\r\r\n five \t\nlast"

FILES = {
    "lines": LINES,
    "one_line": b"a line\n",
    "no_line_end": b"a line",
    "line_ends": b"\n\n\n",
    "carriage_returns": b"a\rb\r\rc\r",
    "mixed_ends": b"a\r\nb\n\rc\r\r\nd",
    "empty": b"",
    "invalid_utf8": b"\xff\xfea\n\xc3\n\xe2\x82\n\xed\xa0\x80b\n\xf0\x9f\x98\x80\n",
    "zero_bytes": b"a\x00b\n\x00\n",
    "byte_order_mark": b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n",
    "only_a_byte_order_mark": b"\xef\xbb\xbf",
    "byte_order_mark_and_line_end": b"\xef\xbb\xbf\nb",
    "half_a_byte_order_mark": b"\xef\xbba\n",
    "separators": b"a||b|||c\n||\r\n||d",
    "separators_at_the_end": b"a||b||",
    "spaces": b"   \n\t\n  x  \n",
    "long_line": b"0123456789" * 2000 + b"\nx\n",
}


def cases():
    for name, content in FILES.items():
        yield case(f"text {name}", {"f.txt": content})
        yield case(f"text whole {name}", {"f.txt": content}, {"wholetext": "true"})
        yield case(f"text bars {name}", {"f.txt": content}, {"lineSep": "||"})
        yield case(f"text line feeds {name}", {"f.txt": content}, {"lineSep": "\n"})
        yield case(f"text gz {name}", {"f.txt.gz": gzip.compress(content, mtime=0)})
    compressed = gzip.compress(LINES, mtime=0)
    yield case("text gz of two members", {"f.gz": compressed + gzip.compress(b"more\nand more", mtime=0)})
    yield case("text gz of members without bytes", {"f.gz": EMPTY + compressed + EMPTY})
    yield case("text gz whole", {"f.gz": compressed}, {"wholetext": "true"})
    yield case("text gz bars", {"f.gz": gzip.compress(FILES["separators"], mtime=0)}, {"lineSep": "||"})
    yield case("text gz without bytes", {"f.gz": b""})
    yield case("text gz whole of no bytes", {"f.gz": EMPTY}, {"wholetext": "true"})
    yield case("text gz cut off", {"f.gz": compressed[:-12]})
    yield case("text gz cut off in its end", {"f.gz": compressed[:-3]})
    yield case("text gz cut off in its head", {"f.gz": compressed[:5]})
    yield case("text gz and other bytes", {"f.gz": compressed + b"other bytes that are no gzip"})
    yield case("text gz and zeros", {"f.gz": compressed + bytes(20)})
    yield case("text gz that is none", {"f.gz": LINES})
    yield case("text gz with a wrong checksum", {"f.gz": compressed[:-8] + b"\1\2\3\4" + compressed[-4:]})
    for name, content in {
        "cut off": compressed[:-12],
        "cut off in its end": compressed[:-3],
        "and other bytes": compressed + b"other bytes that are no gzip",
        "with a wrong checksum": compressed[:-8] + b"\1\2\3\4" + compressed[-4:],
        "that is none": LINES,
    }.items():
        yield case(f"text gz given up, {name}", {"f.gz": content}, {"ignoreCorruptFiles": "true"})
    yield case("text gz in capitals", {"f.GZ": compressed})
    yield case("text own name", {"f.txt": LINES}, schema="line STRING")
    yield case("text not null", {"f.txt": LINES}, schema="line STRING NOT NULL")
    yield case("text two columns", {"f.txt": LINES}, schema="a STRING, b STRING")
    for data_type in ("INT", "BINARY", "ARRAY<STRING>", "VARCHAR(3)"):
        yield case(f"text of type {data_type}", {"f.txt": LINES}, schema=f"line {data_type}")
    yield case("text empty separator", {"f.txt": LINES}, {"lineSep": ""})
    yield case("text separator of a letter", {"f.txt": LINES}, {"lineSep": "e"})
    yield case("text separator beyond ASCII", {"f.txt": "aéébéc".encode()}, {"lineSep": "é"})
    yield case("text hidden files", {"_a": b"a\n", ".b": b"b\n", "c": b"c\n", "d._COPYING_": b"d\n"})
    yield case("text files by size", {"a": b"1\n", "b": b"22222\n", "c": b"333\n", "d": b"4444\n44444444\n"})
    yield case("text one file", {"a": b"1\n", "b": b"2\n"}, path="b")
    yield case("text pattern", {"a1": b"1\n", "a2": b"22\n", "b3": b"333\n"}, path="a*")
    yield case("text below", {"d/a": b"1\n", "d/e/b": b"22\n", "c": b"333\n"}, {"recursiveFileLookup": "true"})
    yield case("text directories", {"d/a": b"1\n", "c": b"333\n"})
    yield case("text no files", {"_a": b"1\n"})
    yield case("text no such path", {"a": b"1\n"}, path="nowhere")
    yield case("text no such pattern", {"a": b"1\n"}, path="z*")
    yield case("text format in capitals", {"f.txt": LINES}, source_format="TEXT")
    for source_format, content in {"json": b'{"a":1}\n{"a":2}\n{"a":"x"}', "csv": b"1\n2\nx\n"}.items():
        yield case(f"{source_format} gz", {"f.gz": gzip.compress(content, mtime=0)}, schema="a INT",
                   source_format=source_format)


def case(name, files, options=None, schema=None, path="", source_format="text", stream=True):
    return {"name": name, "format": source_format, "options": options or {}, "schema": schema, "path": path,
            "files": files, "stream": stream and not path and (source_format == "text" or schema is not None)}
