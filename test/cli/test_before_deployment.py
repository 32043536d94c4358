# SPDX-License-Identifier: Apache-2.0
"""What is asked of a compiled processor before it is deployed: `holdfast run --rehearse`."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.script import expect, expect_in, main  # noqa: E402
from support.shop import Shop  # noqa: E402


def tree(directory):
    """Everything there is, hidden or not, with its bytes and the time of its last change."""
    return {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
            for path in directory.rglob("*") if path.name != "query.json" and path.parent != directory}


def rehearse(shop, processor, *arguments, code=0, more=None):
    """A rehearsal; checkpoint, table and input are as they were, also when it fails."""
    before = tree(shop.directory / "query")
    ran = shop.run_query(processor, code=code, arguments=["--rehearse", *arguments], more=more)
    expect(tree(shop.directory / "query"), before, "files after the rehearsal")
    return ran


def records(ran, kind):
    return [record for record in ran.rows() if record["record"] == kind]


def a_compiled_processor_is_rehearsed(directory):
    shop = Shop(directory)
    shop.add_clicks(("ann", 1.5, "home"), ("bob", 2, None))
    first = rehearse(shop, "TotalsV1", "--format", "json")
    expect(records(first, "batch"), [{"record": "batch", "batch_id": 0, "is_rerun": False, "input_rows": 2}], "batch")
    expect((directory / "query/checkpoint").exists(), False, "a checkpoint of the rehearsal")
    shop.run_query("TotalsV1")
    expect_in("there is nothing new to process", rehearse(shop, "TotalsV2").out)
    shop.add_clicks(("ann", 1, "end"), ("eve", 3, None))
    ran = rehearse(shop, "TotalsV2", "--format", "json")
    variable, = records(ran, "variable")
    expect({**variable, "record": ""},
           {"record": "", "variable": "seen", "kind": "ValueState", "schema_id_before": 0, "schema_id_after": 1, "added": 1,
            "removed": 0, "changed": 1}, "the variable")
    changes = {change["key"]["user"]: change for change in records(ran, "change")}
    expect((changes["ann"]["change"], changes["ann"]["before"], changes["ann"]["after"]),
           ("changed", {"clicks": 1, "spent": 1.5}, {"clicks": 2, "spent": 2.5, "last_page": "end"}), "ann")
    expect((changes["eve"]["change"], changes["eve"]["before"]), ("added", None), "eve")
    expect_in("WIDENED", "".join(note["note"] for note in records(ran, "note")), "the notes")
    output = [record["row"] for record in records(ran, "output")]
    table = rehearse(shop, "TotalsV2", "--rows", "1").out
    for part in ("batch 1: 2 input rows; rehearsed, nothing was written",
                 "state seen (ValueState): schema id 0 -> 1; 1 added, 0 removed, 1 changed", "2 rows, 1 shown", "output"):
        expect_in(part, table)
    refusals(shop)
    shop.run_query("TotalsV2")
    written = shop.holdfast("sql", "--format", "json", "--table", f"totals={directory}/query/totals",
                            "SELECT * FROM totals ORDER BY user, clicks").rows()
    expect(sorted(output, key=str), [row for row in written if (row["user"], row["clicks"]) in (("ann", 2), ("eve", 1))],
           "the rows of the real batch")
    expect(shop.state()["ann"], changes["ann"]["after"], "the state of the real batch")


def refusals(shop):
    """In the words and with the exit code of the real run."""
    expect_in("seen.clicks", rehearse(shop, "TotalsLess", code=4).err)
    expect_in("HOLDFAST_BENT_STATE_EVOLUTION", rehearse(shop, "TotalsNarrow", code=3).err)
    expect_in("update", rehearse(shop, "TotalsV2", code=1, more={"outputMode": "update"}).err.lower())
    shop.holdfast("run", shop.directory / "query/query.json", "--rows", "3", code=2)
    accept = {"conf": {"holdfast.evolution.accept": "seen.clicks, seen.last_page"}}
    lossy = rehearse(shop, "TotalsLess", "--format", "json", more=accept)
    expect([change["after"] for change in records(lossy, "change") if change["key"]["user"] == "ann"], [{"spent": 2.5}],
           "state after the named loss")


main(a_compiled_processor_is_rehearsed)
