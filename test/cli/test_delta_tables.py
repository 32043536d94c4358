# SPDX-License-Identifier: Apache-2.0
"""Delta tables with partitionBy and mergeSchema as other readers see them, and one that is a query's source."""
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import expect, expect_in, holdfast, main  # noqa: E402
from support.shop import SINK, Shop  # noqa: E402

USERS = ("ann", "b/c d%", "\u00fc=x")
PARTITIONED = {"sink": {**SINK, "partitionBy": ["user"]}}
MERGED = {"sink": {**SINK, "partitionBy": ["user"], "options": {"mergeSchema": True}}}


def ordered(rows):
    return sorted(rows, key=lambda row: (row["user"], row["clicks"]))


def read_with_others(table):
    """The rows in deltalake, and in DuckDB over the files and partition values that deltalake names."""
    import deltalake  # pinned in tools/dev_setup.py
    import pyarrow

    opened = deltalake.DeltaTable(str(table))
    expect(opened.metadata().partition_columns, ["user"], "partition columns in deltalake")
    rows = ordered(pyarrow.table(opened.to_pyarrow_table()).to_pylist())
    by_duckdb = []
    for add in pyarrow.table(opened.get_add_actions(flatten=True)).to_pylist():
        file = (table / urllib.parse.unquote(add["path"])).as_posix().replace("'", "''")
        for row in holdfast("sql", f"SELECT * FROM read_parquet('{file}', hive_partitioning=false)",
                            "--format", "json").rows():
            by_duckdb.append({"user": add["partition.user"], **row})
    return rows, ordered(by_duckdb)


def partitions_and_new_columns_read_the_same_everywhere(directory):
    shop = Shop(directory)
    shop.add_clicks(*((user, 1.5, "home") for user in USERS), ("ann", 2, None))
    shop.run_query("TotalsV1", more=PARTITIONED)
    table = directory / "query/totals"
    wanted = [{"user": user, "clicks": 2 if user == "ann" else 1, "spent": 3.5 if user == "ann" else 1.5}
              for user in USERS]
    rows, by_duckdb = read_with_others(table)
    expect(rows, ordered(wanted), "rows in deltalake")
    expect(by_duckdb, ordered(wanted), "rows in DuckDB")

    # Version 2 emits a column more: refused, and nothing is changed, until it is to be merged.
    shop.add_clicks(("ann", 1, "cart"))
    refused = shop.run_query("TotalsOnPage", code=1, more=PARTITIONED)
    expect_in("'page'", refused.err)
    expect(len(list(table.glob("_delta_log/*.json"))), 2, "versions after a refusal")
    shop.run_query("TotalsOnPage", more=MERGED)
    rows, by_duckdb = read_with_others(table)
    wanted = [{**row, "page": None} for row in wanted]
    wanted.append({"user": "ann", "clicks": 3, "spent": 4.5, "page": "cart"})
    expect(rows, ordered(wanted), "rows with the new column in deltalake")
    expect(len(by_duckdb), len(wanted), "rows in DuckDB")
    expect([row["page"] for row in by_duckdb if row["clicks"] == 3], ["cart"], "the new column in DuckDB")
    refused = shop.run_query("TotalsOnPage", code=1, more={"sink": {**MERGED["sink"], "partitionBy": ["page"]}})
    expect_in("partitioned by user", refused.err)
    return f"{len(rows)} rows"


def a_table_that_deltalake_writes_is_a_source(directory):
    import deltalake
    import pyarrow

    shop = Shop(directory)
    clicks = directory / "query/clicks"
    schema = pyarrow.schema([("user", pyarrow.string()), ("spent", pyarrow.float64()), ("page", pyarrow.string())])

    def add(*rows):
        columns = [dict(zip(("user", "spent", "page"), row)) for row in rows]
        data = pyarrow.Table.from_pylist(columns, schema=schema)
        deltalake.write_deltalake(str(clicks), data, mode="append", partition_by=["page"])

    (directory / "query").mkdir()
    add(("ann", 1.5, "home"), ("bob", 2.0, "a b"))
    source = {"source": {"format": "delta", "path": "clicks"}}
    shop.run_query("TotalsV1", more=source)
    add(("ann", 4.0, "cart"))
    add(("bob", 1.0, None), ("ann", 0.5, "home"))
    shop.run_query("TotalsV1", more=source)
    expect({user: value["clicks"] for user, value in shop.state().items()}, {"ann": 3, "bob": 2}, "state")
    deltalake.DeltaTable(str(clicks)).delete("user = 'bob'")
    refused = shop.run_query("TotalsV1", code=None, more=source)
    expect_in("DELTA_SOURCE_", refused.err)
    add(("eve", 1.0, "home"))
    passed = {"source": {**source["source"], "options": {"skipChangeCommits": True}}}
    shop.run_query("TotalsV1", more=passed)
    expect({user: value["clicks"] for user, value in shop.state().items()}, {"ann": 3, "bob": 2, "eve": 1}, "state")
    # What deltalake rearranges is no new input.
    deltalake.DeltaTable(str(clicks)).optimize.compact()
    shop.run_query("TotalsV1", more=passed)
    expect(shop.state()["ann"]["clicks"], 3, "clicks after OPTIMIZE")


if __name__ == "__main__":
    main(partitions_and_new_columns_read_the_same_everywhere, a_table_that_deltalake_writes_is_a_source)
