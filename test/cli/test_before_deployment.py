# SPDX-License-Identifier: Apache-2.0
"""What is asked of a compiled processor before it is deployed: `holdfast check --processor` and `holdfast run --rehearse`."""
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


def check(shop, processor, *arguments, code=0, checkpoint="checkpoint"):
    before = tree(shop.directory / "query")
    ran = shop.holdfast("check", shop.directory / "query" / checkpoint, "--processor",
                        f"{shop.directory}/project/build/libshop.so:{processor}", *arguments, code=code)
    expect(tree(shop.directory / "query"), before, "files after the check")
    return ran


def a_compiled_processor_is_checked_and_rehearsed(directory):
    shop = Shop(directory)
    it_is_rehearsed(shop, directory)
    it_is_checked(shop, directory)


def it_is_checked(shop, directory):
    """The state has values of V1 and of V2."""
    shop.add_clicks(("old", 1, None))
    first = {"checkpointLocation": "of_v1", "sink": {"format": "delta", "path": "of_v1_totals"}}
    shop.run_query("TotalsV1", more=first)
    same = check(shop, "TotalsV1", "--sample", "all", checkpoint="of_v1")
    expect_in("sample      seen: 4 entries, which are all read, 0 of them failed", same.out)
    more = check(shop, "TotalsV2", "--format", "json", "--sample", "2", checkpoint="of_v1")
    sample, = [row for row in more.rows() if row["verdict"] == "SAMPLE"]
    expect((sample["entries"], sample["is_all"], sample["failed"]), (2, False, 0), "the sample")
    for example in sample["examples"]:
        expect(example["after"], {**example["before"], "last_page": None}, "a value of V1 as V2 reads it")
    expect([(row["path"], row["verdict"]) for row in more.rows() if row.get("path")],
           [("seen.clicks", "WIDENED"), ("seen.last_page", "NULL_FILLED")], "changes")
    expect_in("seen.clicks changes from INT to SMALLINT", check(shop, "TotalsNarrow", code=3, checkpoint="of_v1").err)
    lossy = check(shop, "TotalsLess", "--sample", "all", code=4, checkpoint="of_v1")
    expect_in("seen.clicks", lossy.err)
    expect_in("entries, which are all read, 0 of them failed", lossy.out)
    check(shop, "TotalsLess", "--accept", "seen.clicks", checkpoint="of_v1")
    check(shop, "TotalsLess", "--conf", "holdfast.evolution.accept=seen.clicks", checkpoint="of_v1")
    expect_in("build it again", check(shop, "Ancient", code=3).err)
    expect_in("HOLDFAST_PROCESSOR(Nobody)", check(shop, "Nobody", code=2).err)
    shop.holdfast("check", directory / "query/checkpoint", "--processor", "nowhere", code=2)
    shop.holdfast("check", directory / "query/checkpoint", code=2)
    values_that_no_schema_shows(shop)


def values_that_no_schema_shows(shop):
    """A member that is never empty, in a schema that always had it: only the values tell that it was null."""
    begun = {"checkpointLocation": "of_v2", "sink": {"format": "delta", "path": "of_v2_totals"}}
    shop.run_query("TotalsV2", more=begun)
    check(shop, "TotalsStrict", checkpoint="of_v2")
    ran = check(shop, "TotalsStrict", "--sample", "all", code=3, checkpoint="of_v2")
    expect_in("cannot be read by the new version", ran.err)
    expect_in('cannot be read: key {"user":"old"}', ran.out)
    expect_in("last_page", ran.err)


def it_is_rehearsed(shop, directory):
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
    for wrong in (("--rows", "3"), ("--rehearse", "--continue-foreign"), ("--rehearse", "--progress", "json")):
        shop.holdfast("run", shop.directory / "query/query.json", *wrong, code=2)
    accept = {"conf": {"holdfast.evolution.accept": "seen.clicks, seen.last_page"}}
    lossy = rehearse(shop, "TotalsLess", "--format", "json", more=accept)
    expect([change["after"] for change in records(lossy, "change") if change["key"]["user"] == "ann"], [{"spent": 2.5}],
           "state after the named loss")


main(a_compiled_processor_is_checked_and_rehearsed)
