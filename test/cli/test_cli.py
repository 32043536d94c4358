# SPDX-License-Identifier: Apache-2.0
"""The contract of the command line (docs/operating.md): help, exit codes, what goes to which stream, the formats, and
that a command that is refused writes nothing."""
import csv
import io
import json
import os
import pathlib
import pty
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import HOLDFAST, expect, expect_in, holdfast, main  # noqa: E402

COMMANDS = (["demo"], ["generate"], ["generate", "streamshop"], ["run"], ["state"], ["state-metadata"], ["check"], ["sql"])
EVENTS, SESSIONS = 400, 50


def run_demo(directory, *more, **keywords):
    arguments = ["--out", directory / "demo", "--events", EVENTS, "--sessions", SESSIONS]
    return holdfast("demo", *arguments, *more, **keywords)


def help_and_version_are_for_standard_output(directory):
    for command in ([], *COMMANDS):
        shown = holdfast(*command, "--help")
        expect_in("Usage: holdfast " + " ".join(command), shown.out)
        expect(shown.err, "", f"standard error of {command} --help")
        # Every option says what it is for.
        bare = re.findall(r"^  (--?\S+(?: [A-Z]+\S*)?) *\n(?! {10})", shown.out, re.M)
        expect(bare, [], f"options without a word in {command} --help")
    version = holdfast("--version")
    expect(bool(re.fullmatch(r"holdfast \d+\.\d+\.\d+\n", version.out)), True, f"--version: {version.out!r}")


def wrong_command_lines_exit_2_and_write_nothing(directory):
    out = directory / "out"
    wrong = [
        [], ["nonsense"], ["--nonsense"],
        ["demo", "--out", out, "--bogus"], ["demo", "--out", out, "--format", "csv"], ["demo", "--out", out, "extra"],
        ["demo", "--out", out, "--events", "many"], ["demo", "--out", out, "--events", "-1"],
        ["demo", "--out", out, "--sessions", "0"], ["demo", "--out", out, "--phase", "v3"],
        ["demo", "--out", out, "--progress", "xml"],
        ["generate"], ["generate", "shop"], ["generate", "streamshop"],
        ["generate", "streamshop", "--out", out, "--version", "3"],
        ["generate", "streamshop", "--out", out, "--files", "0"],
        ["generate", "streamshop", "--out", out, "--format", "avro"],
        ["run"], ["run", "a.json", "b.json"], ["run", "a.json", "--progress", "no"],
        ["state"], ["state", out, "--format", "xml"], ["state", out, "--batch", "last"],
        ["state-metadata"], ["state-metadata", out, "--format", "yaml"],
        ["sql", "SELECT 1", "--table", "nameless"], ["sql", "SELECT 1", "--state", "=x"], ["sql", " ; "],
    ]
    for arguments in wrong:
        refused = holdfast(*arguments, code=2, cwd=directory, stdin="")
        expect(refused.out, "", f"standard output of {refused.command}")
        expect(bool(re.fullmatch(r"holdfast: [^\n]+\n", refused.err)), True,
               f"standard error of {refused.command}, one sentence: {refused.err!r}")
    expect(list(directory.iterdir()), [], "what wrong command lines wrote")
    expect_in("there is no command nonsense; the commands are demo", holdfast("nonsense", code=2).err)
    expect_in("see holdfast generate streamshop --help",
              holdfast("generate", "streamshop", "--out", "x", "--bogus", code=2).err)


def a_key_that_a_query_file_has_twice_is_refused_by_name(directory):
    (directory / "query.json").write_text('{"source": {"format": "json", "options": {"mode": "x", "mode": "y"}}}')
    refused = holdfast("run", directory / "query.json", code=1)
    expect_in('query.json: JSON key "source.options.mode" is there twice', refused.err)


def failures_exit_1_with_one_sentence(directory):
    for arguments, said in (
            (["state", directory / "none"], "STDS_COMMITTED_BATCH_UNAVAILABLE"),
            (["state-metadata", directory / "none"], "is it a checkpoint?"),
            (["run", directory / "none.json"], "none.json"),
            (["sql", "SELECT * FROM nowhere"], "nowhere"),
            (["sql", "SELECT 1", "--table", f"t={directory}/none.parquet"], "none.parquet"),
            (["sql", "SELECT 1", "--state", f"t={directory}/none#x@first"], "not a batch id")):
        failed = holdfast(*arguments, code=1)
        expect(failed.out, "", f"standard output of {failed.command}")
        expect_in(said, failed.err, failed.command)
        expect(failed.err.startswith("holdfast: "), True, failed.err)
    expect(list(directory.iterdir()), [], "what failing commands wrote")


def generate_is_reproducible_and_says_nothing_in_a_pipe(directory):
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        made = holdfast("generate", "streamshop", "--version", 2, "--events", 25, "--sessions", 4, "--files", 3,
                        "--format", "json", "--seed", seed, "--out", directory / folder)
        expect((made.out, made.err), ("", ""), "what generate said")
    files = {folder: [path.read_bytes() for path in sorted((directory / folder).iterdir())] for folder in "abc"}
    expect([path.name for path in sorted((directory / "a").iterdir())],
           ["v2-00000.json", "v2-00001.json", "v2-00002.json"], "files")
    expect(files["a"], files["b"], "the files of one seed")
    expect(files["a"] == files["c"], False, "two seeds give the same files")
    rows = [json.loads(line) for file in files["a"] for line in file.splitlines()]
    expect(len(rows), 25, "events")
    expect(set(rows[0]) <= {"session_id", "user_id", "event_type", "revenue", "event_timestamp", "device_type",
                            "page_category"}, True, f"columns of {rows[0]}")


def progress_json_is_streaming_query_progress_and_nothing_else(directory):
    shown = run_demo(directory, "--progress", "json")
    expect_in("PROVEN", shown.err, "standard error, where the text for people goes")
    lines = shown.rows()
    expect([line["batchId"] for line in lines], list(range(20)), "batches")
    expect(sum(line["numInputRows"] for line in lines), 2 * EVENTS, "rows")
    expect(len({line["id"] for line in lines}), 1, "ids of the query")
    expect(len({line["runId"] for line in lines}), 2, "runs: V1 and V2")
    for line in lines:
        # Spark's names, in Spark's order.
        wanted = ["id", "runId", "name", "timestamp", "batchId", "batchDuration", "numInputRows",
                  "inputRowsPerSecond", "processedRowsPerSecond", "durationMs", "eventTime", "stateOperators",
                  "sources", "sink", "observedMetrics"]
        found = list(line)
        expect([name for name in wanted if name in found], found, "fields of a progress line")
        expect({"inputRowsPerSecond", "processedRowsPerSecond"} >= set(wanted) - set(found), True, f"lacks of {found}")
        expect(line["durationMs"].keys() >= {"addBatch", "triggerExecution", "walCommit", "commitOffsets"}, True,
               f"durations {line['durationMs']}")
        state = line["stateOperators"][0]
        expect((state["operatorName"], state["numShufflePartitions"]), ("transformWithStateInPySparkExec", 4), "state")
        source = line["sources"][0]
        expect(source["description"], f"FileStreamSource[file:{directory}/demo/events]", "source")
        expect(source["endOffset"], {"logOffset": line["batchId"]}, "end offset")
        expect(line["sink"]["description"].startswith(f"DeltaSink[file:{directory}/demo/tables/v"), True, "sink")
    open_sessions = len(holdfast("state", directory / "demo/checkpoint", "--var", "session_state",
                                 "--format", "json").rows())
    evolved = len(holdfast("state", directory / "demo/checkpoint", "--var", "evolved", "--format", "json").rows())
    expect(lines[-1]["stateOperators"][0]["numRowsTotal"], open_sessions + evolved, "numRowsTotal")


def state_shows_rows_in_three_formats(directory):
    run_demo(directory)
    checkpoint = directory / "demo/checkpoint"
    rows = holdfast("state", checkpoint, "--var", "session_state", "--format", "json").rows()
    expect(list(rows[0]), ["key", "value", "partition_id"], "columns, as Spark's statestore source has them")
    expect(list(rows[0]["value"]), ["session_id", "user_id", "event_count", "total_revenue", "session_start",
                                    "device_type", "page_category"], "fields of the value")
    stamp = rows[0]["value"]["session_start"]
    expect(bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", stamp)), True, f"timestamp {stamp}")
    text = holdfast("state", checkpoint, "--var", "session_state", "--format", "csv").out
    read = list(csv.DictReader(io.StringIO(text)))
    found = [{"key": json.loads(row["key"]), "value": json.loads(row["value"]),
              "partition_id": int(row["partition_id"])} for row in read]
    expect(found, rows, "csv, whose cells hold what is nested as JSON")
    table = holdfast("state", checkpoint, "--var", "session_state", "--rows", 3).out
    expect_in(f"{len(rows)} rows, 3 shown", table)
    expect_in("only showing top 3 rows", table)
    earlier = holdfast("state", checkpoint, "--batch", 0, "--format", "json").rows()
    expect("device_type" in earlier[0]["value"], False, "batch 0 has the schema of V1, and its only variable")


def state_names_what_there_is(directory):
    run_demo(directory)
    checkpoint = directory / "demo/checkpoint"
    which = holdfast("state", checkpoint, code=2)
    expect_in("evolved, session_state", which.err)
    misspelt = holdfast("state", checkpoint, "--var", "sesion_state", code=2)
    expect_in("did you mean session_state?", misspelt.err)
    late = holdfast("state", checkpoint, "--var", "evolved", "--batch", 99, code=1)
    expect_in("batches 0 to 19", late.err)
    expect_in("operator 7", holdfast("state", checkpoint, "--operator", 7, code=1).err)
    for refused in (which, misspelt, late):
        expect(refused.out, "", refused.command)


def state_metadata_has_sparks_columns(directory):
    run_demo(directory)
    rows = holdfast("state-metadata", directory / "demo/checkpoint", "--format", "json").rows()
    expect(len(rows), 1, "operators")
    expect(list(rows[0]), ["operatorId", "operatorName", "stateStoreName", "numPartitions", "minBatchId",
                           "maxBatchId", "operatorProperties"], "columns")
    expect((rows[0]["minBatchId"], rows[0]["maxBatchId"]), (0, 19), "batches")
    properties = json.loads(rows[0]["operatorProperties"])
    expect([variable["stateName"] for variable in properties["stateVariables"]], ["session_state", "evolved"], "names")
    text = holdfast("state-metadata", directory / "demo/checkpoint", "--format", "csv").out
    expect(text.splitlines()[0].split(",")[:2], ["operatorId", "operatorName"], "header")


def sql_reads_tables_files_and_state(directory):
    run_demo(directory)
    demo = directory / "demo"
    checkpoint = demo / "checkpoint"
    answer = holdfast(
        "sql", "--table", f"ended={demo}/tables/v2_sessions", "--table", f"raw={demo}/events/v1-*.json",
        "--state", f"open={checkpoint}#session_state", "--state", f"before={checkpoint}#session_state@9",
        "SELECT (SELECT count(*) FROM ended WHERE schema_version = 'v2') AS ended, (SELECT count(*) FROM raw) AS raw, "
        "(SELECT count(*) FROM open) AS open, (SELECT sum(value.event_count) FROM before)::BIGINT AS before",
        "--format", "json").rows()[0]
    expect(answer["raw"], EVENTS, "raw events")
    state = holdfast("state", checkpoint, "--var", "session_state", "--format", "json").rows()
    expect(answer["open"], len(state), "open sessions")
    before = holdfast("state", checkpoint, "--var", "session_state", "--batch", 9, "--format", "json").rows()
    expect(answer["before"], sum(row["value"]["event_count"] for row in before), "events in sessions open at batch 9")
    expect(answer["ended"] > 0, True, "ended sessions")
    piped = holdfast("sql", "--format", "csv", stdin="SELECT 'a,b' AS x, [1, NULL] AS y")
    expect(piped.out, 'x,y\n"a,b","[1,null]"\n', "csv")
    expect_in("42", holdfast("sql", "SELECT 41 + 1 AS answer").out, "a table for people")
    expect_in("transformWithStateInPySparkExec", holdfast("state-metadata", checkpoint).out, "a table for people")
    for path in ("nope", demo / "events"):
        refused = holdfast("sql", "--table", f"t={path}", "SELECT * FROM t", code=None)
        expect((refused.code != 0, str(path) in refused.err, refused.out), (True, True, ""), f"--table t={path}")


def long_work_shows_a_bar_on_a_terminal_only(directory):
    reader, terminal = pty.openpty()
    command = [HOLDFAST, "generate", "streamshop", "--events", "20", "--files", "2", "--out", directory / "out"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    shown = os.read(reader, 65536).decode()
    os.close(reader)
    expect((done.returncode, done.stdout), (0, ""), "exit code and standard output")
    expect_in("generating [###############...............] 1/2 files", shown, "the terminal")
    expect(shown.endswith("\r\x1b[K"), True, "the bar is wiped at the end")


def a_folder_that_is_not_this_demos_is_left_alone(directory):
    (directory / "demo").mkdir()
    (directory / "demo/mine.txt").write_text("mine")
    expect_in("choose another --out", run_demo(directory, code=1).err)
    expect([path.name for path in (directory / "demo").iterdir()], ["mine.txt"], "files")
    (directory / "demo/mine.txt").unlink()
    (directory / "demo/.demo.settings.writing").touch()  # of a start that was killed
    run_demo(directory, "--phase", "v1")
    expect_in("seed=7", run_demo(directory, "--seed", 8, code=1).err)


def a_full_disk_behind_standard_output_is_a_failure(directory):
    if not pathlib.Path("/dev/full").exists():
        return "no /dev/full here"
    with open("/dev/full", "w") as full:
        done = subprocess.run([HOLDFAST, "sql", "SELECT 1", "--format", "json"], stdout=full,
                              stderr=subprocess.PIPE, text=True)
    expect(done.returncode, 1, "exit code")
    expect_in("standard output could not be written", done.stderr)
    return None


if __name__ == "__main__":
    main(help_and_version_are_for_standard_output, wrong_command_lines_exit_2_and_write_nothing,
         a_key_that_a_query_file_has_twice_is_refused_by_name, failures_exit_1_with_one_sentence, generate_is_reproducible_and_says_nothing_in_a_pipe,
         progress_json_is_streaming_query_progress_and_nothing_else, state_shows_rows_in_three_formats,
         state_names_what_there_is, state_metadata_has_sparks_columns, sql_reads_tables_files_and_state,
         long_work_shows_a_bar_on_a_terminal_only,
         a_folder_that_is_not_this_demos_is_left_alone, a_full_disk_behind_standard_output_is_a_failure)
