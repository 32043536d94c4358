# SPDX-License-Identifier: Apache-2.0
"""User code that is wrong: the query ends with the user's own exception, the key and the rows of it, nothing of the batch
is committed, and a mended processor on the same checkpoint gets the same rows. The interpreter lives."""

import dataclasses
import threading
import traceback

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from streams import Counter, RowCounter, Stream  # noqa: E402

from holdfast.errors import PySparkPicklingError, PySparkRuntimeError, StreamingQueryException  # noqa: E402
from holdfast.sql import Row  # noqa: E402

ENGINE = "PySparkRuntimeError"  # what a call on state raises


@pytest.fixture
def stream(tmp_path):
    """The batch 0 is done; two keys of the next one are `a`, whose processing goes well, and `b` with two rows."""
    made = Stream(tmp_path)
    made.write("a", "b", "z")
    made.run(Counter())
    made.write("b", "a", "b", "c")
    return made


def fails(stream, processor, mended=Counter, **description):
    """The StreamingQueryException that the processor's batch ends with, after the checks that hold for all of them."""
    query = stream.start(processor, **description)
    with pytest.raises(StreamingQueryException) as raised:
        query.awaitTermination()
    assert not query.isActive
    assert str(query.exception()) == str(raised.value)
    assert stream.commits() == ["0"]
    assert stream.counts() == {"a": 1, "b": 1, "z": 1}
    stream.run(mended(), **description)
    assert stream.commits() == ["0", "1"]
    assert stream.counts() == {"a": 2, "b": 3, "c": 1, "z": 1}
    assert {row.key.k: row.value.n for row in stream.state()} == {"a": 2, "b": 3, "c": 1, "z": 1}
    return raised.value


def lines_of(failure):
    """The file and function names of the user's own exception."""
    return [(frame.filename, frame.name) for frame in traceback.extract_tb(failure.__cause__.__traceback__)]


def at_b(text, base=Counter):
    """A processor that does with key b, after its rows were counted, what the text says."""
    scope = {"pd": pd, "Row": Row, "base": base}
    body = "\n".join("            " + line for line in text.split("\n"))
    source = f"""
class Bad(base):
    def handleInputRows(self, key, rows, timerValues):
        yield from base.handleInputRows(self, key, rows, timerValues)
        if key[0] == "b":
{body}
"""
    exec(source, scope)
    return scope["Bad"]()


def one_of(text):
    """The like, which puts out one frame or row for b."""
    return at_b(f"yield {text}")


# What is done with b: the class of the exception, and what its text says.
STATE = {
    "a value that is too short": ("self.value.update((1,))", ENGINE, "has 2 fields (n INT,s STRING), but got 1 values: (1,)"),
    "a value that is too long": ("self.value.update((1, 'x', 2))", ENGINE, "but got 3 values: (1, 'x', 2)"),
    "a value that is no tuple": ("self.value.update(5)", ENGINE, "but got 5 of type int"),
    "no value": ("self.value.update(None)", ENGINE, "but got None of type NoneType"),
    "a field of another type": ("self.value.update(('one', 'x'))", ENGINE, "n takes int, but got 'one' of type str"),
    "a field that is too large": ("self.value.update((2**31, 'x'))", ENGINE, "n is int, which 2147483648 does not fit into"),
    "an object": ("self.value.update((1, object()))", ENGINE, "s takes string, but got <object object at"),
    "a text that is no text": ("self.value.update((1, '\\ud800'))", ENGINE, "s is a text that is no UTF-8"),
    "an element that is too long": ("self.list.appendValue((1, 2))", ENGINE, "Error appending value"),
    "an element of another type": ("self.list.put([(1,), ('two',)])", ENGINE, "n takes int, but got 'two' of type str"),
    "an element that is no tuple": ("self.list.appendList([(1,), 2])", ENGINE, "but got 2 of type int"),
    "a list that is none": ("self.list.put(7)", "TypeError", "'int' object is not iterable"),
    "an empty list": ("self.list.put([])", ENGINE, "EMPTY_LIST_VALUE"),
    "a map key that is too long": ("self.map.updateValue(('x', 'y'), (1, True))", ENGINE, "a key of state variable map has 1 fields"),
    "a map key of another type": ("self.map.getValue(([1],))", ENGINE, "k takes string, but got [1] of type list"),
    "a map value that is too short": ("self.map.updateValue(('x',), (1,))", ENGINE, "the value of state variable map has 2 fields"),
    "a map value of another type": ("self.map.updateValue(('x',), (1, 1))", ENGINE, "b takes boolean, but got 1 of type int"),
    "a timer without a time mode": ("self.handle.registerTimer(1)", ENGINE, "Error registering timer"),
    "a variable outside of init": ("self.handle.getValueState('other', 'n INT')", ENGINE, "Error initializing value state"),
    "a schema that is none": ("self.handle.getValueState('other', 'n NONSENSE')", ENGINE, "NONSENSE"),
    "an iterable that raises": (
        "self.list.put((1 / n,) for n in (0,))", "ZeroDivisionError", "division by zero"),
    "an object whose repr raises": (
        "self.value.update((type('T', (), {'__repr__': lambda self: 1 / 0})(), 'x'))", "ZeroDivisionError", "division by zero"),
}  # fmt: skip


@pytest.mark.parametrize("case", STATE)
def test_what_state_does_not_take(stream, case):
    text, thrown, told = STATE[case]
    failure = fails(stream, at_b(text))
    assert type(failure.__cause__).__name__ == thrown
    assert told in str(failure.__cause__)
    for part in (told, 'key {"k":"b"}: handleInputRows of Bad failed, with 2 rows of this key:', "batch 1: "):
        assert part in str(failure)


FRAMES = {
    "a column is missing": ("pd.DataFrame({'k': ['b']})", "KeyError", "without the column n; it has k, and the output is k, n"),
    "a column is of another dtype": (
        "pd.DataFrame({'k': ['b'], 'n': ['one']})", "PySparkTypeError", "with ['one'] was put out for the key ('b',)"),
    "a column does not fit": (
        "pd.DataFrame({'k': ['b'], 'n': [2**40]})", "PySparkTypeError", "with [1099511627776] was put out for the key ('b',)"),
    "a column has fractions": ("pd.DataFrame({'k': ['b'], 'n': [1.5]})", "PySparkTypeError", "for the key ('b',)"),
    "a column has objects": ("pd.DataFrame({'k': [object()], 'n': [1]})", "PySparkTypeError", "for the key ('b',)"),
    "no DataFrame": ("{'k': 'b', 'n': 1}", "PySparkValueError", "must put out pandas DataFrames, but put out {'k': 'b', 'n': 1} of type dict"),
    "a Series": ("pd.Series([1])", "PySparkValueError", "must put out pandas DataFrames"),
    "nothing": ("None", "PySparkValueError", "must put out pandas DataFrames, but put out None of type NoneType"),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMES)
def test_what_is_no_output_of_pandas(stream, case):
    text, thrown, told = FRAMES[case]
    failure = fails(stream, at_b(f"yield {text}"))
    assert type(failure.__cause__).__name__ == thrown
    assert told in str(failure.__cause__)
    assert told in str(failure)
    assert "batch 1: " in str(failure)


ROWS = {
    "a value of another type": ("Row(k='b', n='one')", "PySparkTypeError", "'one' of type str was put out for it, for the key ('b',)"),
    "a value that does not fit": ("Row(k='b', n=2**40)", "PySparkTypeError", "1099511627776 of type int was put out for it, for the key ('b',)"),
    "a tuple": ("('b', 1)", "PySparkTypeError", "must put out Rows with field names, such as Row(k=...), but put out ('b', 1)"),
    "a dict": ("{'k': 'b'}", "PySparkTypeError", "must put out Rows with field names"),
    "a Row without names": ("Row('b', 1)", "PySparkTypeError", "must put out Rows with field names"),
    "nothing": ("None", "PySparkTypeError", "must put out Rows with field names"),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_what_is_no_output_of_rows(stream, case):
    text, thrown, told = ROWS[case]
    failure = fails(stream, at_b(f"yield {text}", RowCounter), mended=RowCounter)
    assert type(failure.__cause__).__name__ == thrown
    assert told in str(failure.__cause__)
    assert told in str(failure)


def test_more_columns_than_the_output_has_are_left_out_as_in_pyspark(stream):
    class More(Counter):
        def handleInputRows(self, key, rows, timerValues):
            for frame in super().handleInputRows(key, rows, timerValues):
                yield frame.assign(more=1)[["more", "n", "k"]]

    stream.run(More())
    assert stream.counts() == {"a": 2, "b": 3, "c": 1, "z": 1}


def test_of_columns_of_one_name_the_first_is_taken(stream):
    class Twice(Counter):
        def handleInputRows(self, key, rows, timerValues):
            for frame in super().handleInputRows(key, rows, timerValues):
                yield pd.concat([frame, frame + frame], axis=1)

    stream.run(Twice())
    assert stream.counts() == {"a": 2, "b": 3, "c": 1, "z": 1}


@pytest.mark.parametrize("base", [Counter, RowCounter])
def test_what_is_no_iterator(stream, base):
    class Bad(base):
        def handleInputRows(self, key, rows, timerValues):
            return None if key[0] == "b" else super().handleInputRows(key, rows, timerValues)

    failure = fails(stream, Bad(), mended=base)
    assert "handleInputRows of Bad must return an iterator, but returned None" in str(failure.__cause__)
    assert 'key {"k":"b"}: handleInputRows of Bad failed, with 2 rows of this key:' in str(failure)


@pytest.mark.parametrize("base", [Counter, RowCounter])
def test_a_list_is_as_good_as_an_iterator(stream, base):
    class Good(base):
        def handleInputRows(self, key, rows, timerValues):
            return list(super().handleInputRows(key, rows, timerValues))

    stream.run(Good())
    assert stream.counts() == {"a": 2, "b": 3, "c": 1, "z": 1}


# ---- Exceptions, by where they are thrown ----------------------------------------------------------------------------


class Mine(Exception):
    pass


class Thrower(Counter):
    """Throws in one function: of key b, or where there is no key."""

    where = ""

    def throw(self, function, key="b"):
        if function == self.where and key == "b":
            raise Mine(f"in {function}")

    def init(self, handle):
        super().init(handle)
        self.throw("init")

    def handleInputRows(self, key, rows, timerValues):
        self.throw("handleInputRows, before its rows", key[0])
        for frame in super().handleInputRows(key, rows, timerValues):
            self.throw("handleInputRows, before its output", key[0])
            yield frame
            self.throw("handleInputRows, after its output", key[0])

    def close(self):
        self.throw("close")


PLACES = {
    "handleInputRows, before its rows": ("handleInputRows", 'batch 1: partition 0: key {"k":"b"}: ', ", with 2 rows of this key"),
    "handleInputRows, before its output": ("handleInputRows", 'batch 1: partition 0: key {"k":"b"}: ', ", with 2 rows of this key"),
    "handleInputRows, after its output": ("handleInputRows", 'batch 1: partition 0: key {"k":"b"}: ', ", with 2 rows of this key"),
    "init": ("init", "", ""),
    "close": ("close", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("where", PLACES)
def test_an_exception_of_user_code_arrives_as_it_was_thrown(stream, where):
    function, key, rows = PLACES[where]
    bad = Thrower()
    bad.where = where
    failure = fails(stream, bad)
    assert type(failure.__cause__) is Mine
    assert f"{key}{function} of Thrower failed{rows}:\nTraceback (most recent call last):\n" in str(failure)
    assert f"Mine: in {where}" in str(failure)
    assert lines_of(failure) == [(__file__, function), (__file__, "throw")]
    assert "holdfast/sql/streaming" not in str(failure)


class InBatch(Thrower):
    """Throws in a batch only, not while the query finds out what is declared."""

    def throw(self, function, key="b"):
        if "worked" in self.__dict__:
            super().throw(function, key)

    def handleInputRows(self, key, rows, timerValues):
        self.worked = True
        return super().handleInputRows(key, rows, timerValues)


def test_an_exception_of_close_after_the_last_key(stream):
    bad = InBatch()
    bad.where = "close"
    failure = fails(stream, bad)
    assert "batch 1: partition 0: close of InBatch failed:\nTraceback" in str(failure)
    assert lines_of(failure)[-1] == (__file__, "throw")


class Timers(Counter):
    """A timer of each key, due at once."""

    def handleInputRows(self, key, rows, timerValues):
        yield from super().handleInputRows(key, rows, timerValues)
        self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs() - 1)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        return iter(())


def test_an_exception_of_handleExpiredTimer(tmp_path):
    class Bad(Timers):
        def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
            if key[0] == "b":
                self.value.update((1,))
            yield pd.DataFrame({"k": [key[0]], "n": [100]})

    stream = Stream(tmp_path)
    stream.write("a", "b", "c")
    query = stream.start(Bad(), time_mode="ProcessingTime")
    with pytest.raises(StreamingQueryException, match="has 2 fields") as raised:
        query.awaitTermination()
    assert 'key {"k":"b"}, timer 1' in str(raised.value)
    assert "handleExpiredTimer of Bad failed:\nTraceback" in str(raised.value)
    assert lines_of(raised.value) == [(__file__, "handleExpiredTimer")]
    assert stream.rows() == [] and stream.commits() == []
    stream.run(Timers(), time_mode="ProcessingTime")
    assert stream.counts() == {"a": 1, "b": 1, "c": 1}


def test_an_exception_of_handleInitialState(tmp_path):
    class Begins(Counter):
        def handleInitialState(self, key, initialState, timerValues):
            self.value.update((int(initialState["n"].iloc[0]), "begun"))

    class Bad(Begins):
        def handleInitialState(self, key, initialState, timerValues):
            super().handleInitialState(key, initialState, timerValues)
            if key[0] == "b":
                raise Mine("in handleInitialState")

    stream = Stream(tmp_path)
    stream.write("a", "c")
    initial = stream.spark.createDataFrame([("a", 10), ("b", 20)], "k STRING, n INT")
    query = stream.start(Bad(), initial=initial.groupBy("k"))
    with pytest.raises(StreamingQueryException) as raised:
        query.awaitTermination()
    assert 'key {"k":"b"}: handleInitialState of Bad failed, with 1 row of this key:\nTraceback' in str(raised.value)
    assert type(raised.value.__cause__) is Mine
    assert stream.rows() == [] and stream.commits() == []
    stream.run(Begins(), initial=initial.groupBy("k"))
    assert {row.key.k: row.value.n for row in stream.state()} == {"a": 11, "b": 20, "c": 1}


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    """Nothing can be noted at such an exception in the usual way."""

    n: int


class WithoutText(Exception):
    def __str__(self):
        raise ValueError("no text")


THROWN = {type(make()).__name__: make for make in (lambda: Frozen(1), WithoutText, KeyboardInterrupt, lambda: SystemExit(7),
                                                   GeneratorExit, lambda: StopIteration("early"), MemoryError)}  # fmt: skip


@pytest.mark.parametrize("name", THROWN)
@pytest.mark.parametrize("where", ["handleInputRows", "init"])
def test_exceptions_that_are_handled_elsewhere_in_python(stream, name, where):
    if where == "init" and name == "KeyboardInterrupt":
        pytest.skip("while a query starts it is the user's Ctrl-C, and raised as such")

    class Bad(Counter):
        def init(self, handle):
            super().init(handle)
            if where == "init":
                raise THROWN[name]()

        def handleInputRows(self, key, rows, timerValues):
            if key[0] == "b":
                raise THROWN[name]()
            return super().handleInputRows(key, rows, timerValues)

    failure = fails(stream, Bad())
    assert type(failure.__cause__).__name__ == name
    assert f"{where} of Bad failed" in str(failure)


def test_deep_recursion(stream):
    failure = fails(stream, at_b("def deeper():\n    deeper()\ndeeper()"))
    assert type(failure.__cause__) is RecursionError
    assert 'key {"k":"b"}: handleInputRows of Bad failed, with 2 rows of this key:' in str(failure)


def test_a_value_that_contains_itself(stream):
    failure = fails(stream, at_b("value = [1]\nvalue.append(value)\nself.value.update(value)"))
    assert "s takes string, but got [1, [...]] of type list" in str(failure)


def test_an_exception_that_user_code_catches_ends_nothing(stream):
    class Careful(Counter):
        def handleInputRows(self, key, rows, timerValues):
            with pytest.raises(PySparkRuntimeError):
                self.value.update((1,))
            with pytest.raises(PySparkRuntimeError):
                self.list.appendValue(("x",))
            yield from super().handleInputRows(key, rows, timerValues)

    stream.run(Careful())
    assert stream.counts() == {"a": 2, "b": 3, "c": 1, "z": 1}


def test_a_chunk_may_be_written_into(stream):
    class Writer(Counter):
        def handleInputRows(self, key, rows, timerValues):
            frames = list(rows)
            for frame in frames:
                assert set(frame["k"]) == {key[0]}
                frame["k"] = "?"
                frame.loc[:, "more"] = 1
                frame.drop(frame.index, inplace=True)
            yield pd.DataFrame({"k": [key[0]], "n": [self.count({"b": 2}.get(key[0], 1))]})

    stream.run(Writer())
    assert stream.counts() == {"a": 2, "b": 3, "c": 1, "z": 1}


def test_a_processor_that_cannot_be_copied(stream):
    class Unpicklable(Counter):
        def __init__(self):
            self.lock = threading.Lock()

    with pytest.raises(PySparkPicklingError, match="The processor Unpicklable cannot be copied for the partitions.*lock"):
        stream.start(Unpicklable())
    assert stream.commits() == ["0"]


def test_a_processor_whose_copy_raises(stream):
    class Bad(Counter):
        def __setstate__(self, state):
            raise Mine("in the copy")

        def __getstate__(self):
            return {"n": 1}

    failure = fails(stream, Bad())
    assert type(failure.__cause__) is Mine
