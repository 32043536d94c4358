# SPDX-License-Identifier: Apache-2.0
"""User code that uses what it was given at another time, on another thread or in another process than it was given for."""

import gc
import os
import threading
import time

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pd = pytest.importorskip("pandas")

from streams import Counter, RowCounter, Stream  # noqa: E402

from holdfast.errors import PySparkRuntimeError, StreamingQueryException  # noqa: E402

LATE = "used while no function of their processor runs"
kept = []  # what processors keep; their classes are imported, not copied, so they share it with the tests


@pytest.fixture
def stream(tmp_path):
    kept.clear()
    made = Stream(tmp_path)
    made.write("a", "b", "c", "b")
    yield made
    kept.clear()


class Keeper(Counter):
    def init(self, handle):
        super().init(handle)
        self.structs = handle.getValueState("structs", "p struct<x: INT, y: STRING>")
        kept.append(self)

    def handleInputRows(self, key, rows, timerValues):
        self.key, self.rows, self.times = key, rows, timerValues
        self.first = next(rows)
        self.list.put([(1,), (2,)])
        self.map.updateValue(("x",), (1, True))
        self.elements = self.list.get()
        self.entries = self.map.iterator()
        return [pd.DataFrame({"k": [key[0]], "n": [self.count(len(self.first))]})]


def uses(keeper):
    """Every call on state."""
    return [
        keeper.value.get,
        keeper.value.exists,
        keeper.value.clear,
        lambda: keeper.value.update((1, "x")),
        keeper.list.get,
        keeper.list.exists,
        keeper.list.clear,
        lambda: keeper.list.put([(1,)]),
        lambda: keeper.list.appendValue((1,)),
        lambda: keeper.list.appendList([(1,)]),
        keeper.map.exists,
        keeper.map.clear,
        keeper.map.keys,
        keeper.map.values,
        keeper.map.iterator,
        lambda: keeper.map.getValue(("x",)),
        lambda: keeper.map.containsKey(("x",)),
        lambda: keeper.map.updateValue(("x",), (1, True)),
        lambda: keeper.map.removeKey(("x",)),
        lambda: keeper.handle.registerTimer(1),
        lambda: keeper.handle.deleteTimer(1),
        lambda: keeper.handle.listTimers(),
        lambda: keeper.handle.deleteIfExists("value"),
        lambda: keeper.handle.getValueState("value", "n INT, s STRING"),
        lambda: keeper.handle.getListState("list", "n INT"),
        lambda: keeper.handle.getMapState("map", "k STRING", "n INT, b BOOLEAN"),
    ]


def all_refused(keeper):
    for use in uses(keeper):
        with pytest.raises(PySparkRuntimeError, match=LATE):
            use()


def in_thread(call):
    """Runs a call on a thread of its own; raises what it raises."""
    failure = []

    def run():
        try:
            call()
        except BaseException as raised:
            failure.append(raised)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def test_state_that_is_kept_is_refused_after_the_query(stream):
    stream.run(Keeper())
    assert len(kept) == 2  # the one that declared, and that of the batch
    for keeper in kept:
        all_refused(keeper)
        in_thread(lambda keeper=keeper: all_refused(keeper))
    gc.collect()
    all_refused(kept[1])


def test_what_was_handed_out_is_good_for_ever(stream):
    stream.run(Keeper())
    gc.collect()
    keeper = kept[1]
    assert keeper.key == ("c",) and list(keeper.first["k"]) == ["c"] and list(keeper.rows) == []
    assert list(keeper.elements) == [(1,), (2,)] and list(keeper.entries) == [(("x",), (1, True))]
    assert keeper.times.getCurrentProcessingTimeInMs() == -1
    keeper.first["more"] = 1
    assert list(keeper.first["more"]) == [1]


class RowKeeper(RowCounter):
    def handleInputRows(self, key, rows, timerValues):
        kept.append(rows)
        return iter(())


def test_rows_that_are_kept_are_good_for_ever(stream):
    stream.run(RowKeeper())
    gc.collect()
    told = []
    for rows in kept:
        in_thread(lambda rows=rows: told.append([tuple(row) for row in rows]))
    assert told == [[("a",)], [("b",), ("b",)], [("c",)]]
    assert [list(rows) for rows in kept] == [[], [], []]


class Meddler(Keeper):
    """Uses in each batch the state of the batch before."""

    def handleInputRows(self, key, rows, timerValues):
        for keeper in kept[:-1]:
            all_refused(keeper)
        return super().handleInputRows(key, rows, timerValues)


def test_state_of_another_copy_is_refused(stream):
    stream.run(Meddler())
    stream.write("a", "b")
    stream.run(Meddler())
    assert len(kept) == 4
    assert stream.counts() == {"a": 2, "b": 3, "c": 1}


class LateGenerator(Counter):
    """Keeps a generator that uses state when it goes on."""

    def handleInputRows(self, key, rows, timerValues):
        def more():
            yield 1
            self.value.update((1, "late"))

        generator = more()
        next(generator)
        kept.append(generator)
        return super().handleInputRows(key, rows, timerValues)


def test_a_generator_that_goes_on_later(stream):
    stream.run(LateGenerator())
    for generator in kept:
        with pytest.raises(PySparkRuntimeError, match=LATE):
            next(generator)


# ---- Threads -------------------------------------------------------------------------------------------------------------


class Threaded(Counter):
    """Has its state used by four threads, and waits for them."""

    def init(self, handle):
        super().init(handle)
        self.structs = handle.getValueState("structs", "p struct<x: INT, y: array<struct<z: STRING>>>")

    def handleInputRows(self, key, rows, timerValues):
        failures = []

        def work(number):
            try:
                for turn in range(200):
                    self.structs.update(((turn, [(f"{number} {turn}" * 5,)] * 3),))
                    assert len(self.structs.get()[0].y) == 3
                    self.map.updateValue((f"{number}",), (turn, True))
                    assert len(list(self.map.iterator())) >= 1
                    self.list.appendValue((turn,))
                    if turn % 50 == 0:
                        assert len(list(self.list.get())) >= 1
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(list(self.list.get())) == 800
        return super().handleInputRows(key, rows, timerValues)


def test_threads_may_use_state_while_the_call_runs(stream):
    stream.run(Threaded())
    assert stream.counts() == {"a": 1, "b": 2, "c": 1}
    assert {row.key.k: len([1 for one in stream.state("map") if one.key == row.key]) for row in stream.state()} == {
        "a": 4, "b": 4, "c": 4}  # fmt: skip


class Slow:
    """A list element whose making takes longer than the query."""

    def __iter__(self):
        released.wait(10)
        return iter((1,))


released = threading.Event()


class Runaway(Counter):
    """Leaves threads behind that go on using the state: one in the middle of a call, one again and again."""

    def handleInputRows(self, key, rows, timerValues):
        def again():
            while not released.is_set():
                try:
                    self.value.get()
                    self.value.update((1, "again"))
                except PySparkRuntimeError as refused:
                    kept.append(str(refused))
                    time.sleep(0.001)

        def once():
            try:
                self.list.appendList([Slow()])
            except PySparkRuntimeError as refused:
                kept.append(str(refused))

        if key[0] == "a":
            self.threads = [threading.Thread(target=again), threading.Thread(target=once)]
            for thread in self.threads:
                thread.start()
            threads.extend(self.threads)
        return super().handleInputRows(key, rows, timerValues)


threads = []


def test_threads_that_outlive_their_call_are_refused(stream):
    released.clear()
    threads.clear()
    query = stream.start(Runaway())
    query.awaitTermination()
    del query
    gc.collect()
    time.sleep(0.05)
    released.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    # Within close() a function runs, but there is no key.
    assert kept and all(LATE in refused or "while no key was being processed" in refused for refused in kept)
    assert stream.counts() == {"a": 1, "b": 2, "c": 1}


# ---- Processes -------------------------------------------------------------------------------------------------------------


class Forker(Counter):
    """Forks for b; the child does what `ending` says."""

    ending = "os._exit(0)"

    def handleInputRows(self, key, rows, timerValues):
        if key[0] == "b":
            child = os.fork()
            if child == 0:
                exec(self.ending)
            else:
                deadline = time.monotonic() + 10
                while (done := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
                    time.sleep(0.01)
                kept.append(os.waitstatus_to_exitcode(done[1]) if done[0] else "is still there")
        yield from super().handleInputRows(key, rows, timerValues)


ENDINGS = {
    "os._exit(0)": 0,
    "os._exit(3)": 3,
    "raise SystemExit(4)": 4,
    "raise SystemExit": 0,
    "raise ValueError('in the child')": 1,
    "pass": 1,  # it goes on as if it were the parent
    "self.value.update((5, 'child')); self.value.get()": 1,
}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # Python 3.12 warns of forks beside threads, and rightly
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_forked_child_never_comes_back_into_the_engine(stream, ending):
    forker = Forker()
    forker.ending = ending
    stream.run(forker)
    assert kept == [ENDINGS[ending]]
    assert stream.counts() == {"a": 1, "b": 2, "c": 1}
    assert {row.key.k: row.value.n for row in stream.state()} == {"a": 1, "b": 2, "c": 1}
    stream.write("b")
    stream.run(Counter())
    assert stream.counts() == {"a": 1, "b": 3, "c": 1}


class Subprocess(Counter):
    def handleInputRows(self, key, rows, timerValues):
        import subprocess
        import sys

        kept.append(subprocess.run([sys.executable, "-c", "print(7)"], capture_output=True, text=True).stdout)
        return super().handleInputRows(key, rows, timerValues)


def test_user_code_may_start_programs(stream):
    stream.run(Subprocess())
    assert kept == ["7\n"] * 3


def test_a_failed_query_keeps_what_its_exception_holds_and_no_more(stream):
    class Bad(Keeper):
        def handleInputRows(self, key, rows, timerValues):
            kept.append(self)
            raise ValueError("with its frames")

    query = stream.start(Bad())
    with pytest.raises(StreamingQueryException, match="with its frames"):
        query.awaitTermination()
    frames = query.exception().__cause__.__traceback__
    del query
    gc.collect()
    keeper = frames.tb_frame.f_locals["self"]
    all_refused(keeper)
    assert list(frames.tb_frame.f_locals["rows"])[0]["k"][0] == "a"


def forks(*arguments):
    child = os.fork()
    if child != 0:
        kept.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("sink", ["foreachBatch", "foreach"])
def test_a_fork_in_a_sink(stream, sink):
    writer = stream.writer(stream.frame(Counter()))
    getattr(writer, sink)(forks).start().awaitTermination()
    assert kept == [1] * (1 if sink == "foreachBatch" else 3)
    assert stream.commits() == ["0"]
