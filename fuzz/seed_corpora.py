#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz/corpus from checkpoints that Spark wrote (test/spark_compat/golden). Findings of
the fuzzers lie beside them under names of their own (found-...) and are left alone."""
import gzip
import hashlib
import json
import pathlib
import re
import struct
import sys
import zipfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz/corpus"
BYTES_MAX = 6000  # a fuzzer is quick with small inputs; what is longer is of the same kind


def put(target, content, variant=None):
    content = (b"" if variant is None else bytes([variant])) + content
    directory = CORPUS / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ("seed-" + hashlib.sha256(content).hexdigest()[:12])).write_bytes(content)


def piece(content):
    assert len(content) < 255
    return bytes([len(content)]) + content


def logs(checkpoint):
    for variant, pattern in enumerate(["offsets/[0-9]*", "commits/[0-9]*", "metadata", "state/*/_metadata/v2/[0-9]*",
                                       "sources/0/[0-9]*"]):
        for path in sorted(checkpoint.glob(pattern))[:4]:
            put("checkpoint_logs", path.read_bytes(), variant)
    for path in sorted(checkpoint.glob("state/*/_stateSchema/default/*"))[:3]:
        put("state_schema", path.read_bytes())
    for path in [*sorted(checkpoint.glob("offsets/[0-9]*"))[:1], *sorted(checkpoint.glob("metadata"))]:
        content = path.read_bytes()[:2000]
        sums = b"crc\0" + struct.pack(">i", 512) + b"".join(
            struct.pack(">I", zlib.crc32(content[at:at + 512])) for at in range(0, len(content), 512))
        put("hadoop_checksum", piece(sums) + content)
        put("hadoop_checksum", piece(sums[:-1]) + content)


def source_logs(checkpoint):
    entries = sorted(checkpoint.glob("sources/0/[0-9]*"), key=lambda path: int(path.name.split(".")[0]))
    texts = [path.read_bytes() for path in entries if len(path.read_bytes()) < 255]
    if len(texts) < 3:
        return
    files = b"".join(piece(str(i).encode()) + piece(text) for i, text in enumerate(texts[:2]))
    put("compact_logs", files, 0)
    all_lines = b"v1\n" + b"\n".join(text.split(b"\n", 1)[1] for text in texts[:3])
    put("compact_logs", files + piece(b"2.compact") + b"\xff" + all_lines, 0)
    put("compact_logs", piece(b"5.compact") + b"\xff" + texts[0], 0)
    sink = (b'{"path":"file:///out/part-0","size":695,"isDir":false,"modificationTime":1767225600000,'
            b'"blockReplication":1,"blockSize":33554432,"action":"add"}')
    put("compact_logs", piece(b"0") + piece(b"v1\n" + sink) + piece(b"1") + piece(b"v1"), 1)
    put("compact_logs", piece(b"2.compact") + b"\xff" + b"v1\n" + sink + b"\n" + sink.replace(b"part-0", b"part-1"), 1)


def state(checkpoint):
    for path in sorted(checkpoint.glob("state/0/*/*.changelog"))[:12]:
        if path.stat().st_size <= BYTES_MAX:
            put("changelog", path.read_bytes(), 0)
    for path in sorted(checkpoint.glob("state/0/[01]/*.zip"))[:4]:
        with zipfile.ZipFile(path) as archive:
            put("snapshot", archive.read("metadata"), 0)
        if path.stat().st_size <= BYTES_MAX:
            put("snapshot", path.read_bytes(), 1)


def avro():
    """Rows as Avro, made by hand: every field is a union of null and its type."""
    def text(value):
        raw = value.encode()
        return bytes([2, 2 * len(raw)]) + raw
    session = text("s1") + text("u1") + b"\x02\x0e" + b"\x02" + struct.pack("<d", 12.5) + b"\x02\x80\x80\x01"
    put("avro", session, 0)
    put("avro", b"\x00" * 5, 0)
    put("avro", text("key"), 1)
    put("avro", b"\x02\x01", 2)
    put("avro", b"\x02\x0e\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\0\0\x80\x3f\x02" + struct.pack("<d", -0.0)
        + b"\x02\x0e\x02\x0e", 3)
    put("avro", b"\x02" + b"\0" * 15 + b"\x07" + b"\x02" + b"\0\0\0\x09" + b"\x02\x05", 4)
    put("avro", b"\x02\x04\x02\x04\0\x02\x03\x04\x02a\x00\x00", 5)
    put("avro", b"\x02\x02\x02a\x0e\0\x02\x02\x02k\x02\x02\x02\x02\x02v\0", 6)
    put("avro", b"\x02\x02\x04\x02" + text("b") + text("c") + text("z"), 7)
    put("avro", b"\x02", 8)
    put("range_key", bytes.fromhex("0202010210") + b"\0" * 8, 0)
    put("range_key", bytes.fromhex("020201021080000000000000ff"), 0)
    put("range_key", bytes.fromhex("02020102080000000702020102103ff0000000000000"), 1)
    put("range_key", bytes.fromhex("02020202080000000002020002107fffffffffffffff"), 1)


def unsafe_row():
    """Rows and range keys that Spark encoded. The variants are the schemas of unsafe_row_fuzz.cc."""
    schemas = re.findall(r'^    "(.*)",$', (ROOT / "fuzz/unsafe_row_fuzz.cc").read_text(), re.MULTILINE)
    variants = {ddl: at if at > 1 else at + len(schemas) for at, ddl in enumerate(schemas)}
    for line in (ROOT / "test/spark_compat/unsafe_row/vectors.jsonl").read_text().splitlines():
        made = json.loads(line)
        content = bytes.fromhex(made["hex"])
        if "range" in made.get("key", {}):
            size = int.from_bytes(content[:4], "little")
            put("unsafe_row", content[5:4 + size], 0 if size == 33 else 1)
        elif "key" not in made and made["ddl"] in variants:
            put("unsafe_row", content, variants[made["ddl"]])


def texts():
    click = (b'{"session_id":"s1","n":1,"l":2,"t":3,"f":1.5,"d":2.5,"dec":12.3456,"b":true,"bin":"YWJj","day":"2026-01-01",'
             b'"ts":"2026-01-01T00:00:00.5Z","ntz":"2026-01-01T00:00:00","a":[1,2],"m":{"k":1.0},"s":{"x":1,"y":["z"]}}\n')
    for mode in range(3):
        put("json_lines", bytes([mode, 0]) + click * 2)
        put("json_lines", bytes([mode, 1]) + b'[{"n":1},{"n":"x"}]\r\n{"s":{"x":[}\n\n{"d":"NaN","f":1e400}\r{"n":1')
        put("csv", bytes([mode, 0]) + b's1,1,2,1.5,2.5,12.3456,true,YWJj,2026-01-01,2026-01-01T00:00:00Z,2026-01-01T00:00:00\n' * 2)
        put("csv", bytes([mode | 12, 1]) + b'session_id,n\n"a ""quoted""\nname",7\n"open,1\n\xff,,\r\n')
    put("json_lines", b"\0\0\xef\xbb\xbf" + '{"session_id":"é😀\\u00e9\\ud83d\\ude00\\ud800"}'.encode())
    put("csv", bytes([16, 2]) + b"#comment\ns1,x,-1,NaN,-Inf,1e3\n\\,\",\"\"\n")
    for ddl in ["id STRING NOT NULL,n INT", "a DECIMAL(10,2) COMMENT 'it''s',b ARRAY<STRUCT<x: INT NOT NULL>>",
                "`a b` MAP<STRING,BIGINT>, c TIMESTAMP_NTZ", "a VOID, b BINARY, `c``d` DATE"]:
        put("schema_text", ddl.encode())
    put("schema_text", b'{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":"integer",'
        b'"containsNull":false},"nullable":true,"metadata":{"k":[1,{"x":null}]}},{"name":"m","type":{"type":"map",'
        b'"keyType":"string","valueType":"decimal(38,18)","valueContainsNull":true},"nullable":false,"metadata":{}}]}')
    for pattern, text in [(b"yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", b"2026-01-01T00:00:00.123+01:00"),
                          (b"Europe/Paris", b"2026-03-29T02:30:00.5"), (b"{a,b{c,d}}*.[jp]son", b"bc.json"),
                          (b"dd/MM/yyyy", b"1/2/2026"), (b"+01:30", b"-12345.678e-3"), (b"[^a-c]?\\*", b"file:///a%20b"),
                          (b"PST", b"9223372036854775807"), (b"", b"YWJjZA==")]:
        put("scalar_text", piece(pattern) + text)
    query = (b'{"name":"q","source":{"format":"json","path":"events","schema":"session_id STRING","options":'
             b'{"maxFilesPerTrigger":"1"}},"groupBy":["session_id"],"processor":{"library":"lib.so","class":"P"},'
             b'"outputMode":"append","timeMode":"none","sink":{"format":"delta","path":"out"},'
             b'"checkpointLocation":"c","trigger":TRIGGER,"conf":{"spark.sql.shuffle.partitions":4}}')
    for trigger in [b'{"availableNow":true}', b'{"once":true}', b'{"processingTime":"10 seconds"}']:
        put("query_file", query.replace(b"TRIGGER", trigger), 0)
    for words in [b"10 seconds", b"1 minute 500 milliseconds", b"0", b"2 hours", b"append", b"eventTime"]:
        put("query_file", words, 1)


def source_offsets():
    """The offsets of Delta tables are as Delta's DeltaSourceOffset writes them, the log entry as a sink of Spark's."""
    offset = b'{"sourceVersion":1,"reservoirId":"0f9a","reservoirVersion":%d,"index":%d,"isStartingVersion":%s}'
    for version, index, starting in ((0, 3, b"true"), (7, -1, b"false"), (7, 12, b"false")):
        put("source_offsets", offset % (version, index, starting), 0)
    put("source_offsets", (offset % (8, -100, b"false")).replace(b'"sourceVersion":1', b'"sourceVersion":3'), 0)
    golden = ROOT / "test/spark_compat/golden/sources/spark-4.3.0/rate_micro_batch/ckpt/offsets"
    for path in sorted(golden.glob("[0-9]*")):
        put("source_offsets", path.read_bytes().splitlines()[-1], 1)
    add = (b'{"add":{"path":"s=a/part-0.parquet","partitionValues":{"s":"a"},"size":695,"modificationTime":1767225600000,'
           b'"dataChange":true}}')
    remove = b'{"remove":{"path":"part-1.parquet","deletionTimestamp":1767225600000,"dataChange":true}}'
    metadata = (b'{"metaData":{"id":"0f9a","format":{"provider":"parquet","options":{}},"schemaString":'
                b'"{\\"type\\":\\"struct\\",\\"fields\\":[]}","partitionColumns":["s"],"configuration":{}}}')
    info = b'{"commitInfo":{"timestamp":1767225600000,"operation":"STREAMING UPDATE","inCommitTimestamp":1}}'
    put("source_offsets", info + b"\n" + add + b"\n" + remove, 2)
    put("source_offsets", metadata + b"\n" + add + b"\n", 2)


def nested_rows():
    """Rows within rows as the pages of docs/formats show them. The variants are those of nested_rows_fuzz.cc."""
    def unsafe(*columns):
        words, behind = b"", b""
        for column in columns:
            if isinstance(column, int):
                words += struct.pack("<q", column)
            else:
                words += struct.pack("<ii", len(column), 8 + 8 * len(columns) + len(behind))
                behind += column + b"\0" * (-len(column) % 8)
        return b"\0" * 8 + words + behind
    record = b"\x02\x04s1\x02\x0e"
    inner = unsafe(7)
    for kind, avro, row in [(0, b"\x02" + record, unsafe(inner)), (1, b"\x02" + record + b"\x02\x02\x02k", unsafe(inner, inner)),
                            (2, b"\x02\x80\x80\x01", unsafe(8192)), (3, b"\x02" + record + b"\x02\x0e", unsafe(inner, 7))]:
        put("nested_rows", avro, 2 * kind)
        put("nested_rows", row, 2 * kind + 1)
    for encoding, head in enumerate([b"\0\1\0", b"\0"]):
        element = struct.pack("<i", len(head + inner)) + head + inner
        put("nested_rows", b"\0" + element * 3, 8 + encoding)
        put("nested_rows", b"\1" + element + b"," + element, 8 + encoding)
        put("nested_rows", b"\1\0" + head + inner, 10 + encoding)
        put("nested_rows", b"\1\0" + struct.pack("<i", 3) + b"\0ab" + head + inner, 10 + encoding)


def expressions():
    recorded = ROOT / "test/spark_compat/expressions/spark-4.3.0.jsonl.gz"
    with gzip.open(recorded, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line).get("expression") for line in lines]
    for number, text in enumerate(text for text in texts if text):
        if number % 60 == 0 or "CASE" in text and number % 9 == 0:
            put("expression", text.encode(), number % 2)


def main():
    for old in CORPUS.glob("*/seed-*"):
        old.unlink()
    for checkpoint in sorted((ROOT / "test/spark_compat/golden").glob("*/ckpt")):
        logs(checkpoint)
        source_logs(checkpoint)
        state(checkpoint)
    avro()
    unsafe_row()
    texts()
    source_offsets()
    nested_rows()
    expressions()
    for directory in sorted(CORPUS.iterdir()):
        files = list(directory.iterdir())
        print(f"{directory.name}: {len(files)} inputs, {sum(f.stat().st_size for f in files)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
