# SPDX-License-Identifier: Apache-2.0
"""What user code puts out, as Arrow columns: values that Arrow itself does not survive are refused, and what is changed
afterwards is put out as it was."""

import subprocess
import sys

import pytest

pd = pytest.importorskip("pandas")

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from holdfast.errors import PySparkTypeError  # noqa: E402
from holdfast.sql import Row  # noqa: E402
from holdfast.sql.streaming.pandas_output import PandasOutput  # noqa: E402
from holdfast.sql.streaming.row_output import RowOutput  # noqa: E402

MAP = pa.map_(pa.string(), pa.int32())
NESTED = {
    "map": (MAP, lambda value: value),
    "array": (pa.list_(MAP), lambda value: [value]),
    "struct": (pa.struct([("a", pa.int32()), ("m", MAP)]), lambda value: {"a": 1, "m": value}),
    "struct by position": (pa.struct([("a", pa.int32()), ("m", MAP)]), lambda value: (1, value)),
    "struct by pairs": (pa.struct([("a", pa.int32()), ("m", MAP)]), lambda value: [("a", 1), ("m", value)]),
    "map of maps": (pa.map_(pa.string(), MAP), lambda value: {"k": value}),
}
HARMFUL = {
    "list": [None],
    "after an entry": [("k", 1), None],
    "tuple": (None, None),
    "values of a dict": {"k": None}.values(),
    "objects of numpy": np.array([None], dtype=object),
    "not a number": [float("nan")],
}


def endless(made):
    """A value that contains itself."""
    made.append(made)
    return made


def of_rows(kind, *values):
    output = RowOutput(pa.schema([("c", kind)]))
    output.add((Row(c=value) for value in values), ("key",))
    return output.take()["c"].to_pylist()


def of_frames(kind, *values, zone="UTC", **how):
    output = PandasOutput(pa.schema([("c", kind)]), zone, **how)
    output.add((pd.DataFrame({"c": pd.Series([value])}) for value in values), ("key",))
    return output.take()["c"].to_pylist()


def refuse_all():
    """The answers to every harmful value, for a process of its own."""
    for take in (of_rows, of_frames):
        for where, (kind, put) in NESTED.items():
            for name, value in HARMFUL.items():
                told(f"{take.__name__}: {name} in {where}", take, kind, put(value))
        for kind in (pa.int32(), pa.list_(pa.int32()), MAP):
            told(f"{take.__name__}: endless, {kind}", take, kind, endless([]))


def told(name, take, *arguments):
    print(name, flush=True)
    try:
        take(*arguments)
    except (PySparkTypeError, RecursionError):
        return
    print("  is taken")


def test_no_value_ends_the_process():
    asked = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    lines = asked.stdout.splitlines()
    assert asked.returncode == 0, f"ended at {lines[-1:]}: {asked.stderr[-500:]}"
    assert len(lines) == 78 and "  is taken" not in lines


def test_maps_as_user_code_may_write_them():
    assert of_rows(MAP, {"k": 1}, [("k", 1)], (("k", None),), {}, None) == [
        [("k", 1)], [("k", 1)], [("k", None)], [], None,
    ]  # fmt: skip
    assert of_rows(MAP, [{"key": "k", "value": 1}]) == [[("k", 1)]]
    assert of_frames(MAP, {"k": 1}, {"k": None}, {}, None) == [[("k", 1)], [("k", None)], [], None]
    kind, _ = NESTED["struct"]
    for value in ({"a": 1, "m": {"k": 1}}, (1, {"k": 1}), [("a", 1), ("m", {"k": 1})]):
        assert of_rows(kind, value) == [{"a": 1, "m": [("k", 1)]}]


def test_what_was_refused_is_named():
    with pytest.raises(PySparkTypeError, match=r"column c.*\[None\].*key \('key',\)"):
        of_rows(MAP, [None])
    with pytest.raises(PySparkTypeError, match=r"column c.*'x'.*key \('key',\).*a map is a dict"):
        of_frames(MAP, "x")


def test_moments_within_arrays_are_of_the_session_zone():
    kind = pa.list_(pa.timestamp("us", "UTC"))
    (found,) = of_frames(kind, [pd.Timestamp("2026-07-01 00:00"), None], zone="America/New_York")
    assert found == [pd.Timestamp("2026-07-01 04:00", tz="UTC"), None]


def test_a_frame_may_be_changed_and_put_out_again():
    def frames():
        elements = [0]
        frame = pd.DataFrame({"n": [0], "s": ["0"], "a": [elements]})
        for number in range(3):
            frame.loc[0, "n"] = elements[0] = number
            frame.loc[0, "s"] = str(number)
            yield frame

    output = PandasOutput(pa.schema([("n", pa.int64()), ("s", pa.string()), ("a", pa.list_(pa.int64()))]), "UTC")
    output.add(frames())
    assert [tuple(row.values()) for row in output.take().to_pylist()] == [(n, str(n), [n]) for n in range(3)]


def test_a_value_of_a_row_may_be_changed_afterwards():
    output = RowOutput(pa.schema([("b", pa.binary()), ("a", pa.list_(pa.int64()))]))
    values, array = bytearray(b"0"), np.array([0])
    for number in range(2):
        values[0], array[0] = ord("0") + number, number
        output.add(iter([Row(b=values, a=array)]), ("key", number))
    assert output.take().to_pylist() == [{"b": b"0", "a": [0]}, {"b": b"1", "a": [1]}]


def test_values_that_do_not_fit_are_cut_where_that_is_asked_for():
    with pytest.raises(PySparkTypeError, match="1.5"):
        of_frames(pa.int32(), 1.5)
    assert of_frames(pa.int32(), 1.5, safe=False) == [1]


def test_columns_by_position_where_that_is_asked_for():
    output = PandasOutput(pa.schema([("a", pa.int64()), ("b", pa.int64())]), "UTC", by_name=False)
    output.add(iter([pd.DataFrame({"b": [1], "a": [2], "more": [3]})]))
    assert output.take().to_pylist() == [{"a": 1, "b": 2}]


if __name__ == "__main__":
    refuse_all()
