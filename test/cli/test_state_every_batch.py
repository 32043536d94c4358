# SPDX-License-Identifier: Apache-2.0
"""`holdfast state` at every batch of a demo, and the demo's tables as other readers see them, against a recomputation
from the raw event files."""
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import expect, holdfast, main  # noqa: E402
from support.streamshop_model import Sessions, files_by_batch  # noqa: E402

EVENTS, SESSIONS = 2000, 300


def instant(text):
    """Microseconds since the epoch: files and state may show an instant with more or fewer digits."""
    delta = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.datetime.fromtimestamp(
        0, datetime.timezone.utc)
    return delta // datetime.timedelta(microseconds=1)


def comparable(row):
    return {**row, "session_start": instant(row["session_start"])}


def sorted_rows(rows):
    return sorted((comparable(row) for row in rows), key=lambda row: (row["session_id"], row["session_start"]))


def state_at(checkpoint, variable, batch):
    rows = holdfast("state", checkpoint, "--var", variable, "--batch", batch, "--format", "json").rows()
    state = {row["key"]["session_id"]: row["value"] for row in rows}
    expect(len(state), len(rows), f"distinct keys of {variable} at batch {batch}")
    return state


def run_demo(directory):
    holdfast("demo", "--out", directory / "demo", "--events", EVENTS, "--sessions", SESSIONS, "--format", "json")
    return directory / "demo"


def state_at_every_batch_is_what_the_events_say(directory):
    checkpoint = run_demo(directory) / "checkpoint"
    batches = files_by_batch(checkpoint)
    expect(sorted(batches), list(range(20)), "batches: one for each of ten files of two versions")
    sessions, compared = Sessions(), 0
    for batch in sorted(batches):
        for file in batches[batch]:
            sessions.run(file)
        found = {key: comparable(value) for key, value in state_at(checkpoint, "session_state", batch).items()}
        wanted = {key: comparable(value) for key, value in sessions.state().items()}
        expect(sorted(found), sorted(wanted), f"open sessions at batch {batch}")
        for key, value in wanted.items():
            expect(found[key], value, f"session {key} at batch {batch}")
        compared += len(wanted)
        if sessions.is_v2:
            evolved = state_at(checkpoint, "evolved", batch)
            expect(set(evolved), sessions.evolved(), f"sessions marked as evolved at batch {batch}")
    return f"{len(batches)} batches, {compared} sessions"


def tables_open_in_deltalake_and_duckdb_with_the_same_rows(directory):
    import deltalake  # pinned in tools/dev_setup.py
    import pyarrow
    demo = run_demo(directory)
    sessions = Sessions()
    for _, files in sorted(files_by_batch(demo / "checkpoint").items()):
        for file in files:
            sessions.run(file)
    said = []
    for name, rows in sessions.tables.items():
        table = deltalake.DeltaTable(str(demo / "tables" / name))
        read = pyarrow.table(table.to_pyarrow_table())
        at = read.schema.get_field_index("session_start")
        text = pyarrow.array([moment.astimezone(datetime.timezone.utc).isoformat() for moment in
                              read.column("session_start").to_pylist()])
        wanted = sorted_rows(rows)
        expect(sorted_rows(read.set_column(at, "session_start", text).to_pylist()), wanted, f"{name} in deltalake")
        # DuckDB reads the files that deltalake names, so that nothing of ours reads the table's log.
        files = ", ".join("'" + file.replace("'", "''") + "'" for file in table.file_uris())
        by_duckdb = holdfast("sql", f"SELECT * FROM read_parquet([{files}])", "--format", "json").rows()
        expect(sorted_rows(by_duckdb), wanted, f"{name} in DuckDB")
        said.append(f"{name}: {len(wanted)} rows")
    return ", ".join(said)


if __name__ == "__main__":
    main(state_at_every_batch_is_what_the_events_say, tables_open_in_deltalake_and_duckdb_with_the_same_rows)
