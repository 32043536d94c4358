# SPDX-License-Identifier: Apache-2.0
"""The demo with a million events in Parquet files and five seeds: each run ends with its proof, and deltalake and
DuckDB read the same rows from its tables."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import expect, expect_in, holdfast, main  # noqa: E402

SEEDS = (21, 22, 23, 24, 25)
COLUMNS = ("session_id", "user_id", "event_count", "total_revenue")


def sorted_rows(rows):
    return sorted(tuple(row[column] for column in COLUMNS) for row in rows)


def compare_readers(table_path):
    import deltalake  # pinned in tools/dev_setup.py
    import pyarrow
    table = deltalake.DeltaTable(str(table_path))
    in_deltalake = sorted_rows(pyarrow.table(table.to_pyarrow_table()).to_pylist())
    # DuckDB reads the files that deltalake names, so that nothing of ours reads the table's log.
    files = ", ".join("'" + file.replace("'", "''") + "'" for file in table.file_uris())
    by_duckdb = holdfast("sql", f"SELECT * FROM read_parquet([{files}])", "--format", "json").rows()
    expect(sorted_rows(by_duckdb), in_deltalake, f"{table_path} in DuckDB and in deltalake")
    return len(in_deltalake)


def five_seeds_end_with_their_proof(directory):
    rows = 0
    for seed in SEEDS:
        out = directory / f"seed-{seed}"
        said = holdfast("demo", "--out", out, "--events", 1_000_000, "--sessions", 100_000, "--seed", seed, "--format",
                        "parquet").out
        expect_in("PROVEN", said, f"the demo with seed {seed}")
        for name in ("v1_sessions", "v2_sessions"):
            rows += compare_readers(out / "tables" / name)
    return f"{len(SEEDS)} seeds, {rows} rows in their tables"


if __name__ == "__main__":
    main(five_seeds_end_with_their_proof)
