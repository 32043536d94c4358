# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, and the end of a script while its query runs: the process goes, and the checkpoint is good."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import PACKAGE, TESTS, run  # noqa: E402
from streams import Counter, Stream  # noqa: E402

BEGIN = f"""
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(TESTS)!r})
from streams import Counter, Stream

class Talker(Counter):
    def handleInputRows(self, key, rows, timerValues):
        print("key", key[0], flush=True)
        time.sleep(pause)
        yield from super().handleInputRows(key, rows, timerValues)
"""

START = """
stream = Stream(pathlib.Path.cwd())
query = stream.writer(stream.frame(Talker())).trigger(processingTime="0 seconds").format("json").start(
    str(stream.folder / "out"))
"""

AWAIT = """
try:
    query.awaitTermination()
except KeyboardInterrupt:
    print("interrupted", query.isActive, query.exception(), flush=True)
    raise
"""


@pytest.fixture
def stream(tmp_path):
    made = Stream(tmp_path)
    made.write("a", "b")
    return made


class Child:
    """A script with such a query in a process of its own; each key of it takes `pause` seconds."""

    def __init__(self, stream, rest, pause=0.0):
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"pause = {pause}\n{BEGIN}{START}{rest}"],
            cwd=stream.folder,
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def says(self, line):
        assert self.process.stdout.readline() == line + "\n", self.process.communicate(timeout=30)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def ends(self, within=30.0):
        """Exit code, the rest of its output, and its errors."""
        begin = time.monotonic()
        out, err = self.process.communicate(timeout=60)
        assert time.monotonic() - begin < within
        return self.process.returncode, out, err


def commits(stream, count):
    deadline = time.monotonic() + 20
    while len(stream.commits()) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(stream.commits()) == count


def goes_on(stream):
    """The batch that was not finished is, and the next one runs."""
    stream.write("b", "c")
    stream.run(Counter())
    assert stream.counts() == {"a": 1, "b": 2, "c": 1}
    assert {row.key.k: row.value.n for row in stream.state()} == {"a": 1, "b": 2, "c": 1}


def test_ctrl_c_while_the_query_waits_for_rows(stream):
    child = Child(stream, AWAIT)
    child.says("key a")
    child.says("key b")
    commits(stream, 1)
    child.interrupt()
    code, out, err = child.ends()
    assert (code, out) == (-signal.SIGINT, "interrupted False None\n")
    assert "KeyboardInterrupt" in err and "Fatal" not in err
    assert stream.counts() == {"a": 1, "b": 1}
    goes_on(stream)


def test_ctrl_c_within_a_batch_gives_it_up_between_two_keys(stream):
    stream.write(*(f"more {number:04}" for number in range(2000)))
    child = Child(stream, AWAIT, pause=0.05)
    child.says("key a")
    child.interrupt()
    code, out, err = child.ends()
    assert code == -signal.SIGINT and out.endswith("interrupted False None\n") and out.count("key") < 2000
    assert stream.commits() == [] and stream.rows() == []
    stream.run(Counter())
    assert len(stream.counts()) == 2002


def test_ctrl_c_twice_does_not_wait_for_user_code(stream):
    child = Child(stream, AWAIT, pause=120)
    child.says("key a")
    child.interrupt()  # stops the query, which waits for the function
    time.sleep(0.5)
    assert child.process.poll() is None
    child.interrupt()  # ends the script; at its end it is waited for again
    time.sleep(0.5)
    child.interrupt()
    code, out, err = child.ends()
    assert code == 130 and "Fatal" not in err
    assert stream.commits() == [] and stream.rows() == []
    goes_on(stream)


@pytest.mark.parametrize("waits", ["query.processAllAvailable()", "query.stop()", "stream.spark.stop()"])
def test_ctrl_c_gets_through_whatever_waits_for_the_query(stream, waits):
    child = Child(stream, f"time.sleep(0.5)\n{waits}", pause=3)
    child.says("key a")
    time.sleep(1)
    child.interrupt()
    code, out, err = child.ends()
    assert code == -signal.SIGINT and "KeyboardInterrupt" in err and "Fatal" not in err
    assert stream.commits() == []
    goes_on(stream)


@pytest.mark.parametrize(
    "end, code", [("", 0), ("sys.exit(3)", 3), ("raise ValueError('the script ends')", 1), ("del query, stream", 0)]
)
def test_a_script_that_ends_while_its_query_runs(stream, end, code):
    child = Child(stream, f"time.sleep(0.3)\n{end}", pause=0.01)
    assert child.ends()[0] == code
    goes_on(stream)


def test_a_script_that_ends_within_a_batch(stream):
    stream.write(*(f"more {number:04}" for number in range(2000)))
    child = Child(stream, "", pause=0.05)
    code, out, err = child.ends()
    assert (code, err) == (0, "")
    assert stream.commits() == [] and stream.rows() == []
    stream.run(Counter())
    assert len(stream.counts()) == 2002


def test_a_script_that_is_killed_within_a_batch(stream):
    child = Child(stream, AWAIT, pause=60)
    child.says("key a")
    child.process.kill()
    assert child.ends()[0] == -signal.SIGKILL
    goes_on(stream)


def test_an_end_of_a_process_with_a_failed_query(stream):
    child = Child(stream, "query.awaitTermination()", pause="'no number'")
    code, out, err = child.ends()
    assert code == 1
    assert "TypeError: 'str' object cannot be interpreted as an integer" in err
    assert "StreamingQueryException: [STREAM_FAILED]" in err
    goes_on(stream)


@pytest.mark.parametrize("fails", [False, True])
def test_a_checkpoint_that_nobody_named_goes_with_its_query(stream, fails):
    temporary = stream.folder / "tmp"
    temporary.mkdir()
    end = "raise ValueError('no')" if fails else "yield from super().handleInputRows(key, rows, timerValues)"
    script = f"""
{BEGIN}
class Ends(Counter):
    def handleInputRows(self, key, rows, timerValues):
        {end}
stream = Stream(pathlib.Path.cwd())
frame = stream.frame(Ends())
query = frame.writeStream.format("memory").queryName("q").trigger(availableNow=True).start()
while query.isActive:
    time.sleep(0.01)
print(query.exception() is not None)
"""
    ran = run(stream.folder, ["-c", script], TMPDIR=str(temporary))
    assert ran.stdout == f"{fails}\n", ran.stderr
    assert len(list(temporary.glob("holdfast-checkpoint-*"))) == int(fails)
