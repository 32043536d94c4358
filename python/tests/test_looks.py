# SPDX-License-Identifier: Apache-2.0
"""What notebooks and terminals show: HTML of frames, streams, schemas and queries, and a line while a query is waited for."""

import os
import pty
import subprocess
import sys
import time

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from programs import PACKAGE, TESTS  # noqa: E402
from streams import Counter, Stream  # noqa: E402

from holdfast.sql import SparkSession  # noqa: E402
from holdfast.sql.streaming.progress_line import CLEAR, ProgressLine  # noqa: E402


@pytest.fixture
def stream(tmp_path):
    made = Stream(tmp_path)
    made.write("a", "b", "a")
    return made


def test_a_frame_shows_its_first_rows():
    frame = SparkSession.builder.getOrCreate().range(1000).selectExpr("id", "'<b>&' AS text")
    shown = frame._repr_html_()
    assert "<th>id</th><th>text</th>" in shown and "<td>19</td><td>&lt;b&gt;&amp;</td>" in shown and "<td>20</td>" not in shown


def test_a_stream_shows_its_way_and_its_columns(stream):
    frame = stream.frame(Counter()).filter("n < 3")
    shown = frame._repr_html_()
    for part in (
        f"<th>source</th><td>json {stream.folder}/in</td>",
        "<th>processor</th><td>by k, time mode NoTime</td>",
        "<th>filter</th><td>n &lt; 3</td>",
        "<tr><td>k</td><td>string</td><td>yes</td></tr><tr><td>n</td><td>int</td><td>yes</td></tr>",
    ):
        assert part in shown


def test_a_schema_shows_its_columns():
    frame = SparkSession.builder.getOrCreate().range(1).selectExpr("id", "array(id) AS `a<b`")
    shown = frame.schema._repr_html_()
    assert "<td>id</td><td>bigint</td><td>no</td>" in shown and "<td>a&lt;b</td><td>array&lt;bigint&gt;</td>" in shown


def test_a_query_shows_how_it_is(stream):
    query = stream.start(Counter())
    query.awaitTermination()
    shown = query._repr_html_()
    assert f"<th>id</th><td>{query.id}</td>" in shown and "<th>state</th><td>stopped</td>" in shown
    assert "<th>batchId</th><td>0</td>" in shown and "<th>numInputRows</th><td>3</td>" in shown
    assert "<th>stateRows</th><td>2</td>" in shown


def test_a_query_that_failed_shows_why(stream):
    class Bad(Counter):
        def handleInputRows(self, key, rows, timerValues):
            raise ValueError("<because>")

    query = stream.start(Bad())
    with pytest.raises(Exception, match="because"):
        query.awaitTermination()
    shown = query._repr_html_()
    assert "<th>state</th><td>failed</td>" in shown and "&lt;because&gt;" in shown and "<because>" not in shown


# ---- The line on a terminal ----------------------------------------------------------------------------------------------

SCRIPT = f"""
import pathlib, sys, time
sys.path.insert(0, {str(TESTS)!r})
from streams import Counter, Stream

class Slow(Counter):
    def handleInputRows(self, key, rows, timerValues):
        time.sleep(0.4)
        yield from super().handleInputRows(key, rows, timerValues)

stream = Stream(pathlib.Path.cwd())
for setting in sys.argv[1:]:
    stream.spark.conf.set(*setting.split("="))
query = stream.writer(stream.frame(Slow())).queryName("sums").format("json").start(str(stream.folder / "out"))
query.awaitTermination()
print("done", query.awaitTermination(5))
"""


def shown(stream, *settings):
    """What the script writes to a terminal that is its stderr."""
    theirs, ours = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *settings],
        cwd=stream.folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE), "COLUMNS": "60"},
        stdout=subprocess.PIPE,
        stderr=ours,
        text=True,
    )
    os.close(ours)
    told = b""
    while True:
        try:
            part = os.read(theirs, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        told += part
    os.close(theirs)
    out, _ = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, "done True\n"), told.decode()
    return told.decode()


def test_a_terminal_shows_how_far_the_query_is(stream):
    stream.write("c", "d", "e")
    told = shown(stream)
    assert told.startswith(f"{CLEAR}sums: the first batch, 0:0")
    assert told.endswith(CLEAR) and told.count("\n") == 0
    assert max(len(line) for line in told.replace(CLEAR, "\r").split("\r")) < 60


def test_the_line_can_be_switched_off(stream):
    assert shown(stream, "holdfast.progress.enabled=false") == ""


def test_a_pipe_shows_nothing(stream):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=stream.folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done True\n", "")


def test_the_line_of_a_batch(stream, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    query = stream.start(Counter())
    query.awaitTermination()
    line = ProgressLine(None)
    line.draw(query._query.recent_progress()[-1])
    rate = query.lastProgress["processedRowsPerSecond"]
    line.clear()
    line.clear()
    text = f"query: batch 0, 3 rows, {rate:,.0f} rows/s, 2 rows of state, 0:00"
    assert capsys.readouterr().err == f"{CLEAR}{text}\r{CLEAR}"


def test_awaiting_with_a_timeout_ends_in_time(stream, monkeypatch, capsys):
    class Slow(Counter):
        def handleInputRows(self, key, rows, timerValues):
            time.sleep(0.7)
            yield from super().handleInputRows(key, rows, timerValues)

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    query = stream.start(Slow())
    begin = time.monotonic()
    assert query.awaitTermination(0.8) is False
    assert time.monotonic() - begin < 1.3
    assert query.awaitTermination(30) is True
    assert "query: " in capsys.readouterr().err
