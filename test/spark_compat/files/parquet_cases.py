# SPDX-License-Identifier: Apache-2.0
"""Parquet files of another writer than Spark, which are read without a schema."""

import datetime
import decimal
import io

from files.text_cases import case


def parquet(columns, **options):
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    names = list(columns)
    fields = [pyarrow.field(name, kind, nullable) for name, (kind, nullable, _) in columns.items()]
    arrays = [pyarrow.array(values, kind) for kind, _, values in columns.values()]
    table = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))
    assert table.column_names == names
    pyarrow.parquet.write_table(table, out, compression="none", **options)
    return out.getvalue()


def cases():
    import pyarrow as pa

    moment = datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)
    scalars = {
        "t": (pa.bool_(), True, [True, None]), "b": (pa.int8(), True, [1, None]), "s": (pa.int16(), True, [2, None]), "i": (pa.int32(), False, [3, 4]),
        "l": (pa.int64(), True, [5, None]), "f": (pa.float32(), True, [1.5, None]), "d": (pa.float64(), True, [2.5, None]),
        "p": (pa.decimal128(10, 2), True, [decimal.Decimal("1.25"), None]), "x": (pa.string(), True, ["a", None]), "y": (pa.binary(), True, [b"\x01a", None]),
        "a": (pa.date32(), True, [moment.date(), None]), "c": (pa.timestamp("us", tz="UTC"), True, [moment, None]), "z": (pa.timestamp("us"), True, [moment, None]),
        "m": (pa.timestamp("ms", tz="UTC"), True, [moment.replace(microsecond=0), None]),
    }
    yield case("parquet scalars", {"f.parquet": parquet(scalars)}, source_format="parquet")
    nested = {
        "xs": (pa.list_(pa.string()), True, [["a", None], None]), "st": (pa.struct([("a", pa.int32()), ("b", pa.string())]), True, [{"a": 1, "b": "x"}, None]),
        "ss": (pa.list_(pa.struct([("a", pa.int64())])), False, [[{"a": 1}], []]), "nn": (pa.list_(pa.field("element", pa.int32(), False)), True, [[1], None]),
    }
    yield case("parquet nested", {"f.parquet": parquet(nested)}, source_format="parquet")
    for name, kind, values in [("uint8", pa.uint8(), [255]), ("uint16", pa.uint16(), [65535]), ("uint32", pa.uint32(), [4294967295]), ("uint64", pa.uint64(), [2**63]),
                               ("time", pa.time64("us"), [datetime.time(1, 2, 3)]), ("nanoseconds", pa.timestamp("ns", tz="UTC"), [moment]),
                               ("fixed bytes", pa.binary(3), [b"abc"]), ("large text", pa.large_string(), ["x"]), ("dictionary", pa.dictionary(pa.int32(), pa.string()), ["x"]),
                               ("small decimal", pa.decimal128(5, 0), [decimal.Decimal(7)]), ("wide decimal", pa.decimal128(38, 18), [decimal.Decimal("1.5")])]:
        yield case(f"parquet {name}", {"f.parquet": parquet({"v": (kind, True, values)})}, source_format="parquet")
    yield case("parquet old timestamps", {"f.parquet": parquet({"v": (pa.timestamp("us", tz="UTC"), True, [moment])}, use_deprecated_int96_timestamps=True)}, source_format="parquet")
    small, other = parquet({"a": (pa.int32(), True, [1])}), parquet({"a": (pa.int32(), True, [2, 3]), "b": (pa.string(), True, ["x", "y"])})
    yield case("parquet two files", {"a.parquet": small, "b.parquet": other}, source_format="parquet")
    yield case("parquet two files turned", {"a.parquet": other, "b.parquet": small}, source_format="parquet")
    yield case("parquet no rows", {"a.parquet": parquet({"a": (pa.int32(), True, [])})}, source_format="parquet")
    yield case("parquet no file", {"_a": b""}, source_format="parquet")
    yield case("parquet empty file", {"a.parquet": b""}, source_format="parquet")
    yield case("parquet no parquet", {"a.parquet": b"nonsense and more of it"}, source_format="parquet")
    yield case("parquet one file", {"a.parquet": small, "b.parquet": other}, path="b.parquet", source_format="parquet")
    yield case("parquet schema", {"a.parquet": other}, schema="b STRING, a BIGINT, c INT", source_format="parquet")
    yield case("parquet names by case", {"a.parquet": parquet({"A": (pa.int32(), True, [1])})}, schema="a INT", source_format="parquet")
    yield case("parquet other type", {"a.parquet": small}, schema="a STRING", source_format="parquet")
