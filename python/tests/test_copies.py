# SPDX-License-Identifier: Apache-2.0
"""Copies of what the user's program hands to a query: they are apart from the program, and from each other."""

import linecache
import traceback

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from streams import Counter, Stream  # noqa: E402

from holdfast.errors import PySparkAttributeError, PySparkPicklingError, StreamingQueryException  # noqa: E402
from holdfast.sql.streaming.copies import copier  # noqa: E402

PROGRAM = """
import enum
from typing import Generic, TypeVar

FACTOR = 2
T = TypeVar("T")

class MyError(Exception):
    pass

class Colour(enum.Enum):
    RED = 1

class Base(Generic[T]):
    LIMIT = 1
    seen = []

class Processor(Base[int]):
    colour = Colour.RED

    def times(self, n):
        return n * FACTOR

    def parent(self):
        return super()

    def fail(self):
        raise MyError("mine")
"""


def program():
    """The names of a script that was run, which cannot be imported."""
    names = {"__name__": "__main__"}
    linecache.cache["<program>"] = (len(PROGRAM), None, PROGRAM.splitlines(True), "<program>")
    exec(compile(PROGRAM, "<program>", "exec"), names)
    return names


def test_a_copy_leaves_the_classes_of_the_program_alone():
    names = program()
    copy = copier(names["Processor"]())
    names["Base"].LIMIT = 5
    copy()
    copy()
    assert names["Base"].LIMIT == 5
    assert names["Processor"].times.__globals__ is names
    names["FACTOR"] = 3
    assert names["Processor"]().times(1) == 3 and copy().times(1) == 2


def test_copies_have_classes_of_their_own():
    copy = copier(program()["Processor"]())
    first, second = copy(), copy()
    first.seen.append(1)
    type(first).LIMIT = 7
    assert second.seen == [] and second.LIMIT == 1
    assert type(first) is not type(second) and type(first.colour) is not type(second.colour)
    assert first.colour is type(first.colour).RED and first.parent().LIMIT == 1 and first.times(2) == 4


def test_exceptions_are_those_of_the_program():
    names = program()
    with pytest.raises(names["MyError"]) as raised:
        copier(names["Processor"]())().fail()
    assert 'raise MyError("mine")' in traceback.format_exception(raised.value)[-2]


def test_a_copy_of_a_module_class_is_of_that_class():
    assert type(copier(Counter())()) is Counter


def test_what_cannot_be_copied_is_named():
    with pytest.raises(PySparkPicklingError, match="processor <genexpr> cannot be copied"):
        copier(one for one in ())


# ---- foreach ---------------------------------------------------------------------------------------------------------

calls = []


def note(*what):
    calls.append(what)


class Writer:
    """Counts its rows, which a copy does from the beginning."""

    def __init__(self):
        self.rows = 0

    def open(self, partition, epoch):
        self.epoch = epoch
        return True

    def process(self, row):
        self.rows += 1

    def close(self, error):
        note(self.epoch, self.rows, error)


def test_each_batch_has_its_own_copy_of_a_writer(tmp_path):
    calls.clear()
    stream = Stream(tmp_path)
    writer = Writer()
    started = stream.writer(stream.frame(Counter())).foreach(writer)
    for keys in ("ab", "c"):
        stream.write(*keys)
        started.start().awaitTermination()
    assert calls == [(0, 2, None), (1, 1, None)] and writer.rows == 0


def test_a_function_with_what_it_encloses_is_copied(tmp_path):
    calls.clear()
    stream = Stream(tmp_path)
    stream.write("a", "b")
    got = []

    def take(row):
        got.append(row.k)
        note(list(got))

    stream.writer(stream.frame(Counter())).foreach(take).start().awaitTermination()
    assert calls == [(["a"],), (["a", "b"],)] and got == []


def test_a_writer_without_process_is_refused(tmp_path):
    writer = Stream(tmp_path).frame(Counter()).writeStream
    with pytest.raises(PySparkAttributeError, match="process"):
        writer.foreach(object())
    with pytest.raises(PySparkPicklingError, match="target of foreach"):
        writer.foreach(lambda row, held=(one for one in ()): next(held))


def test_an_exception_of_a_query_is_that_of_the_program(tmp_path):
    names = {"__name__": "__main__", "Counter": Counter}
    exec("class MyError(Exception): pass\n\nclass Bad(Counter):\n    def handleInputRows(self, *given):\n"
         "        raise MyError('mine')\n", names)  # fmt: skip
    stream = Stream(tmp_path)
    stream.write("a")
    with pytest.raises(StreamingQueryException) as raised:
        stream.run(names["Bad"]())
    assert isinstance(raised.value.__cause__, names["MyError"])
