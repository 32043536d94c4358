# SPDX-License-Identifier: Apache-2.0
"""A processor of somebody else: built against an installed Holdfast and nothing of this tree, run by `holdfast run`,
evolved, and looked at with `holdfast state`."""
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import BUILD, expect, expect_in, main  # noqa: E402
from support.shop import SINK, SOURCE, Shop  # noqa: E402

# What is wrong in a query file, and what the sentence about it names.
QUERY_FILE_MISTAKES = (
    ({"sorce": {}}, "did you mean source?"),
    ({"source": None}, "source"),
    ({"source": {**SOURCE, "paths": "in"}}, "unknown key paths"),
    ({"source": {"format": "json"}}, "path"),
    ({"source": {**SOURCE, "schema": "user STRING, spent"}}, "PARSE_SYNTAX_ERROR"),
    ({"source": {**SOURCE, "schema": "user STRING, page STRING"}}, "spent"),
    ({"source": {**SOURCE, "schema": "user STRING, spent STRING, page STRING"}}, "spent"),
    ({"source": {**SOURCE, "options": {"maxFilesPerTriger": 1}}}, "did you mean maxFilesPerTrigger?"),
    ({"source": {**SOURCE, "schema": "user STRING, spent"}}, "source.schema: schema text, character 19"),
    ({"source": {**SOURCE, "path": "in/.."}, "sink": {**SINK, "path": "in"}}, "come back as input"),
    ({"sink": {**SINK, "options": {"delta.apendOnly": True}}}, "delta.apendOnly"),
    ({"conf": {"holdfast.state.cacheByte": 1}}, "did you mean holdfast.state.cacheBytes?"),
    ({"source": {**SOURCE, "path": "nowhere"}}, "PATH_NOT_FOUND"),
    ({"groupBy": []}, "GroupBy"),
    ({"groupBy": "user"}, "groupBy"),
    ({"groupBy": ["usr"]}, "usr"),
    ({"groupBy": ["user", "page"]}, "2 columns"),
    ({"outputMode": "appendd"}, "appendd"),
    ({"outputMode": "complete"}, "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"),
    ({"outputMode": "update"}, "DELTA_UNSUPPORTED_OUTPUT_MODE"),
    ({"timeMode": "wallClock"}, "STATEFUL_PROCESSOR_UNKNOWN_TIME_MODE"),
    ({"timeMode": "eventTime"}, "CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK"),
    ({"source": {**SOURCE, "watermark": {"eventTime": "when", "delayThreshold": "1 minute"}}}, "UNRESOLVED_COLUMN"),
    ({"source": {**SOURCE, "watermark": {"eventTime": "user", "delayThreshold": "1 minute"}}},
     "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE"),
    ({"source": {**SOURCE, "watermark": {"eventTime": "user"}}}, "delayThreshold"),
    ({"source": {**SOURCE, "watermark": {"column": "user", "delay": "1 minute"}}}, "unknown key column"),
    ({"sink": {"format": "delta"}}, "needs a path"),
    ({"sink": {**SINK, "options": {"mergeSchema": "perhaps"}}}, "mergeSchema"),
    ({"sink": {**SINK, "partitionBy": ["usr"]}}, "did you mean user?"),
    ({"sink": {**SINK, "partitionBy": "user"}}, "JSON key \"partitionBy\""),
    ({"sink": {"format": "console", "partitionBy": ["user"]}}, "only the delta sink"),
    ({"source": {"format": "rate", "schema": "value BIGINT"}}, "does not support user-specified schema"),
    ({"source": {"format": "socket", "options": {"host": "localhost"}}}, "port"),
    ({"source": {"format": "delta", "path": "nowhere"}}, "no Delta table"),
    ({"sink": {**SINK, "mode": "append"}}, "unknown key mode"),
    ({"sink": {"format": "kafka"}}, "kafka"),
    ({"checkpointLocation": None}, "checkpointLocation"),
    ({"trigger": {"availableNow": False}}, "trigger must be"),
    ({"trigger": {"availableNow": True, "once": True}}, "trigger must be"),
    ({"trigger": {"processingTime": "10 lightyears"}}, "lightyears"),
    ({"trigger": "availableNow"}, "trigger"),
    ({"conf": {"spark.sql.shuffle.partitions": "many"}}, "many"),
)


def a_processor_built_against_the_installed_headers_runs_and_evolves(directory):
    shop = Shop(directory)
    commands = (directory / "project/build/compile_commands.json").read_text()
    expect(str(BUILD.parent) in commands, False, "the plugin's build mentions the source tree")
    shop.add_clicks(("ann", 1.5, "home"), ("bob", 2, None), ("ann", 4, "cart"))
    progress = shop.run_query("TotalsV1", arguments=["--progress", "json"]).rows()
    expect([(line["batchId"], line["numInputRows"], line["name"]) for line in progress], [(0, 3, "shop")], "progress")
    expect(shop.state(), {"ann": {"clicks": 2, "spent": 5.5}, "bob": {"clicks": 1, "spent": 2.0}}, "state of V1")
    shop.add_clicks(("ann", 1, "end"))
    shop.run_query("TotalsV2")
    expect(shop.state(), {"ann": {"clicks": 3, "spent": 6.5, "last_page": "end"},
                          "bob": {"clicks": 1, "spent": 2.0, "last_page": None}}, "state of V2")
    table = shop.holdfast("sql", "--format", "json", "--table", f"totals={directory}/query/totals",
                          "SELECT * FROM totals ORDER BY user, clicks").rows()
    expect([(row["user"], row["clicks"], row["spent"]) for row in table],
           [("ann", 2, 5.5), ("ann", 3, 6.5), ("bob", 1, 2.0)], "the table")
    a_summary_is_for_a_terminal_only(shop)
    refusals(shop)
    moved(shop)
    console_and_signals(shop)


def a_summary_is_for_a_terminal_only(shop):
    expect(shop.run_query("TotalsV2").err.count("batches"), 0, "summaries in a pipe")
    reader, terminal = pty.openpty()
    done = subprocess.run([shop.holdfast_path, "run", shop.directory / "query/query.json"], stderr=terminal,
                          stdout=subprocess.PIPE, text=True)
    os.close(terminal)
    shown = os.read(reader, 65536).decode()
    os.close(reader)
    expect((done.returncode, done.stdout), (0, ""), "exit code and standard output")
    expect_in("holdfast: 0 batches, 0 rows, ", shown, "the terminal")


def moved(shop):
    """Checkpoint and table go on under other names; with an older copy of the checkpoint the table is not touched, and
    a fork with an id of its own writes into a table of its own."""
    query = shop.directory / "query"
    shutil.copytree(query / "checkpoint", query / "older")
    (query / "checkpoint").rename(query / "checkpoint-moved")
    (query / "totals").rename(query / "totals-moved")
    before = shop.count_rows("totals-moved")
    new_names = {"checkpointLocation": "checkpoint-moved", "sink": {"format": "delta", "path": "totals-moved"}}
    shop.run_query("TotalsLess", more=new_names)
    expect(shop.count_rows("totals-moved"), before, "rows after a start without new input")
    shop.add_clicks(("zoe", 7, None))
    shop.run_query("TotalsLess", more=new_names)
    expect(shop.count_rows("totals-moved"), before + 1, "rows after one more click")
    for _ in range(2):  # the refusal has left no promise behind that a second start would take for its own
        refused = shop.run_query("TotalsLess", code=1, more={**new_names, "checkpointLocation": "older"})
        expect_in("the sink holds batch", refused.err)
    expect(shop.count_rows("totals-moved"), before + 1, "rows after the older checkpoint was refused")
    (query / "older/metadata").write_text('{"id":"11111111-2222-4333-8444-555555555555"}')
    (query / "older/.metadata.crc").unlink()
    fork = {"checkpointLocation": "older", "sink": {"format": "delta", "path": "totals-fork"}}
    shop.run_query("TotalsLess", more=fork)
    expect(shop.count_rows("totals-fork"), 1, "rows of the fork")


def console_and_signals(shop):
    """The console sink writes to standard output; SIGTERM ends a query after its batch, and that is no failure."""
    query = shop.directory / "query/query.json"
    console = {"sink": {"format": "console"}, "checkpointLocation": "console", "outputMode": "update"}
    shown = shop.run_query("TotalsV1", more=console)
    expect_in("Batch: 0", shown.out)
    expect_in("| ann|", shown.out)
    shop.run_query("TotalsV1", more={**console, "trigger": {"once": True}})
    text = json.loads(query.read_text())
    text["trigger"] = {"processingTime": "10 milliseconds"}
    query.write_text(json.dumps(text))
    running = subprocess.Popen([shop.holdfast_path, "run", query, "--progress", "json"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    shop.add_clicks(("eve", 3, None))
    line = running.stdout.readline()
    expect(json.loads(line)["numInputRows"], 1, f"rows of {line}")
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=60)
    expect(running.returncode, 0, f"exit code after SIGTERM ({err})")
    expect_in("| eve|", err, "standard error, since standard output is for the progress lines")


def refusals(shop):
    """What cannot be run has an exit code of its own kind, one sentence, and leaves the checkpoint as it was."""
    shop.add_clicks(("ann", 1, "late"))
    before, state = shop.files(), shop.state()
    narrowed = shop.run_query("TotalsNarrow", code=3)
    expect_in("STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION", narrowed.err)
    lossy = shop.run_query("TotalsLess", code=4)
    expect_in("seen.clicks", lossy.err)
    expect_in("build it again", shop.run_query("Ancient", code=3).err)
    expect_in("HOLDFAST_PROCESSOR(Totals)", shop.run_query("Totals", code=1).err)
    missing = {"processor": {"library": "nowhere.so", "class": "Totals"}}
    expect_in("nowhere.so", shop.run_query("", code=1, more=missing).err)
    expect_in("groupBy", shop.run_query("TotalsV2", code=1, more={"groupBy": None}).err)
    expect_in("holdfast.nonsense", shop.run_query("TotalsV2", code=1, more={"conf": {"holdfast.nonsense": 1}}).err)
    for more, said in QUERY_FILE_MISTAKES:
        expect_in(said, shop.run_query("TotalsV2", code=1, more=more).err, f"the refusal of {more}")
    (shop.directory / "query/broken.json").write_text('{"name": ')
    expect_in("broken.json", shop.holdfast("run", shop.directory / "query/broken.json", code=1).err)
    expect(shop.files(), before, "files of the checkpoint after the refusals")
    accept = {"conf": {"holdfast.evolution.accept": "seen.clicks, seen.last_page"}}
    shop.run_query("TotalsLess", more=accept)
    expect(shop.state()["ann"], {"spent": state["ann"]["spent"] + 1}, "state after the named loss")


if __name__ == "__main__":
    main(a_processor_built_against_the_installed_headers_runs_and_evolves)
