# SPDX-License-Identifier: Apache-2.0
"""What display() prints, and what IPython shows."""

import datetime
import importlib.util

import pytest

from fakes import FakeFrame, FakeSession
from holdfast.errors import PySparkNotImplementedError
from holdfast.notebook.display import ROWS_MAX, Table, display, displayHTML, table_of
from holdfast.sql.row import Row


def test_a_dataframe_is_a_table(capsys):
    display(FakeFrame(["name", "n"], [("a", 1), (None, 20)]))
    assert capsys.readouterr().out == "+----+--+\n|name| n|\n+----+--+\n|a   | 1|\n|null|20|\n+----+--+\n"


def test_long_frames_are_cut_and_it_is_said():
    table = table_of(FakeFrame(["n"], [(i,) for i in range(ROWS_MAX + 5)]))
    assert len(table.rows) == ROWS_MAX
    assert str(table).endswith(f"\nonly the first {ROWS_MAX} rows are shown")
    assert "only the first" not in str(table_of(FakeFrame(["n"], [(1,)] * ROWS_MAX)))


class FakeStream(FakeFrame):
    """A stream that puts out its batches as soon as it is started; notes how it was."""

    def __init__(self, batches, ends=True):
        super().__init__(["n"], [], streaming=True)
        self.batches, self.ends, self.asked = batches, ends, []
        self.writeStream = self

    def __getattr__(self, name):
        def note(*values, **named):
            self.asked.append((name, *values, *named.items()))
            return self

        return note

    def foreachBatch(self, function):
        self.function = function
        return self

    def start(self):
        for number, rows in enumerate(self.batches):
            self.function(FakeFrame(["n"], rows), number)
        return self

    def awaitTermination(self, timeout):
        return self.ends


def test_of_a_stream_the_first_seconds_are_displayed(capsys):
    stream = FakeStream([[(1,)], [(2,), (3,)]], ends=False)
    display(stream, processingTime="1 second", outputMode="update", checkpointLocation="/c", streamName="s")
    assert stream.asked == [
        ("queryName", "s"),
        ("outputMode", "update"),
        ("option", "checkpointLocation", "/c"),
        ("trigger", ("processingTime", "1 second")),
    ]
    told = capsys.readouterr()
    assert told.out == "+-+\n|n|\n+-+\n|1|\n|2|\n|3|\n+-+\n"
    assert told.err == "holdfast: what arrived in 10 seconds is displayed; the query s goes on\n"


def test_a_stream_that_ends_is_displayed_as_a_whole_and_no_more_than_shown_is_kept(capsys):
    display(FakeStream([[(i,) for i in range(60)]] * 3))
    told = capsys.readouterr()
    assert told.out.endswith(f"only the first {ROWS_MAX} rows are shown\n")
    assert told.err == ""


def test_options_are_refused_by_name():
    with pytest.raises(PySparkNotImplementedError, match=r"display\(nonsense=\.\.\.\)"):
        display(FakeStream([]), nonsense=1)
    with pytest.raises(PySparkNotImplementedError, match=r"display\(streamName=\.\.\.\).*of a streaming DataFrame"):
        display(FakeFrame(["n"], []), streamName="x")


def test_frames_of_pandas_and_lists_of_rows_are_tables():
    pandas = pytest.importorskip("pandas")
    assert table_of(pandas.DataFrame({"a": [1], "b": ["x"]})).rows == [[1, "x"]]
    long = table_of(pandas.DataFrame({"a": range(ROWS_MAX + 1)}))
    assert (len(long.rows), long.is_cut) == (ROWS_MAX, True)
    assert table_of([Row(a=1, b=2), Row(a=3, b=4)]).columns == ["a", "b"]
    assert table_of([Row(a=1), Row(b=2)]) is None
    assert table_of([1, 2]) is table_of([]) is table_of("x") is None


def test_other_things_are_printed(capsys):
    display("text", 5, [1, "a"])
    assert capsys.readouterr().out == "text\n5\n[1, 'a']\n"


def test_values_are_shown_so_that_they_can_be_told_apart():
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 600)
    values = [None, True, moment, moment.date(), b"\x01\xff", "a\nb", 1.5, [1, None]]
    shown = str(Table([str(i) for i in range(8)], [values])).split("\n")[3]
    assert shown == "|null|true|2026-01-02 03:04:05.000600|2026-01-02|[01 ff]|a\\nb|1.5|[1, None]|"


def test_html_is_escaped():
    assert Table(["<a>"], [["&"]])._repr_html_() == (
        "<table><thead><tr><th>&lt;a&gt;</th></tr></thead><tbody><tr><td>&amp;</td></tr></tbody></table>"
    )


def test_html_in_a_terminal_is_only_counted(capsys):
    displayHTML("<b>x</b>")
    assert capsys.readouterr().out == "displayHTML: 8 characters of HTML, which a terminal does not show\n"


@pytest.mark.skipif(importlib.util.find_spec("IPython") is None, reason="IPython is not installed")
def test_the_extension_brings_the_names_and_the_sql_magic(monkeypatch, tmp_path):
    from IPython.testing.globalipapp import start_ipython

    from holdfast.notebook import session

    monkeypatch.chdir(tmp_path)
    session_of_test = FakeSession()
    monkeypatch.setattr(session, "current", lambda: session_of_test)
    shell = start_ipython()
    shell.extension_manager.load_extension("holdfast")
    assert shell.user_ns["spark"] is session_of_test
    table = shell.run_cell_magic("sql", "", "SELECT 1;\nSELECT 2")
    assert table.rows == [["SELECT 2"]] and "<td>SELECT 2</td>" in table._repr_html_()
    assert shell.user_ns["_sqldf"].rows == [("SELECT 2",)]
    assert shell.run_line_magic("sql", "SELECT 3").rows == [["SELECT 3"]]
