# SPDX-License-Identifier: Apache-2.0
"""A query as data, and how it is run. Everything Spark-like comes from `pyspark`, which may mean Holdfast."""

import dataclasses
import json
import os
import re
import tempfile

from cells.describe import describe, head
from cells.tables import write_parquet

PROVIDER = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
CONF = {
    "spark.sql.streaming.stateStore.providerClass": PROVIDER,
    "spark.sql.streaming.stateStore.encodingFormat": "avro",
    "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
}
NO_DATA_BATCHES = (
    "spark.sql.streaming.noDataMicroBatches.enabled"  # a query of processing time asks for ever for another
)
CRASH = "the worker's process ends"  # what a case of a Column does to PySpark's worker, and would do to any process
EPOCH_OF_FILES = 1767225600


@dataclasses.dataclass(frozen=True)
class Query:
    """`processor` is Python source that defines `Processor(log, argument)`; `log` is the file where it writes what it
    saw, an observation a line. Rows are tuples of Python values in the order of `columns`."""

    name: str
    columns: tuple  # of (name, type as DDL)
    batches: tuple  # of rows
    processor: str
    keys: tuple = ("k",)
    api: str = "pandas"
    argument: object = None
    output: str = "name string"
    conf: dict = dataclasses.field(default_factory=dict)
    time_mode: str = "None"
    output_mode: str = "Append"
    initial: tuple = ()  # rows of the initial state, in the same columns
    rows_out: bool = False  # whether the rows that come out are observed
    each_by_name: tuple = ()  # names by which rows are read one after the other where not all can be read
    event_time: str = ""  # column of the watermark
    sink: str = "foreachBatch"  # or a format; then no rows are observed
    whole: bool = False  # keep the whole text of a failure


@dataclasses.dataclass(frozen=True)
class Script:
    """Cases for processors.Script: {name: (lines of batch 0, lines of batch 1, ...)}."""

    name: str
    declare: tuple
    cases: dict
    api: str = "row"
    conf: dict = dataclasses.field(default_factory=dict)
    time_mode: str = "None"

    def query(self, names, batches):
        """The query that runs the first `batches` batches of the cases `names`."""
        steps = {name: self.cases[name][:batches] for name in names}
        rows = tuple(
            tuple((name, number) for name in names if len(steps[name]) > number)
            for number in range(max(map(len, steps.values())))
        )
        return Query(
            name=self.name,
            columns=(("k", "string"), ("batch", "int")),
            batches=rows,
            api=self.api,
            conf=self.conf,
            time_mode=self.time_mode,
            processor="from cells.processors import Script as Processor",
            argument={"declare": list(self.declare), "cases": steps},
        )


@dataclasses.dataclass(frozen=True)
class Outputs:
    """Cases for processors.Yields: {name: body of handleInputRows}. Each is a batch; one that fails ends its query, and
    another query goes on with those after it."""

    name: str
    output: str
    cases: dict
    api: str = "pandas"
    conf: dict = dataclasses.field(default_factory=dict)

    def query(self, names):
        return Query(
            name=self.name,
            columns=(("k", "string"), ("v", "int")),
            batches=tuple(((name, 1),) for name in names),
            api=self.api,
            conf=self.conf,
            output=self.output,
            rows_out=True,
            argument=self.cases,
            processor="from cells.processors import Yields as Processor",
        )


@dataclasses.dataclass(frozen=True)
class Column:
    """Cases for processors.Cells: {name: source of what the output column `c` is made of}. All are one batch; what
    makes it fail is taken out of it."""

    name: str
    kind: str
    cases: dict
    api: str = "pandas"
    conf: dict = dataclasses.field(default_factory=dict)

    def query(self, names):
        return Query(
            name=self.name,
            columns=(("k", "string"), ("v", "int")),
            batches=(tuple((name, 1) for name in names),),
            api=self.api,
            conf=self.conf,
            output=f"name string, c {self.kind}",
            rows_out=True,
            each_by_name=tuple(names),
            argument={"api": self.api, "cases": self.cases},
            processor="from cells.processors import Cells as Processor",
        )


def run(spark, asked, home, known=None):
    """Runs what is asked in `home`, a directory. `known` are the cases of a Column that are known to fail, and how."""
    if isinstance(asked, Column):
        return run_column(spark, asked, home, known or {})
    how = {Query: run_query, Script: run_script, Outputs: run_outputs}
    return how[type(asked)](spark, asked, home)


def run_column(spark, column, home, known):
    cells, failures = column_cells(spark, column, [name for name in column.cases if name not in known], home)
    failures.update(known)
    seen = [
        {"case": name, "failed": failures[name]} if name in failures else {"case": name, "cells": cells.get(name, [])}
        for name in column.cases
    ]
    return {"seen": seen}


def column_cells(spark, column, names, home):
    """The cells of every case, and how a case failed. A batch that fails is halved until it is one case."""
    if not names:
        return {}, {}
    answer = attempt(spark, column.query(names), home)
    if "failed" in answer and len(names) == 1:
        return {}, {names[0]: answer["failed"].get("python") or answer["failed"]}
    if "failed" in answer:
        first, second = (column_cells(spark, column, half, home) for half in (names[::2], names[1::2]))
        return {**first[0], **second[0]}, {**first[1], **second[1]}
    cells, unread = {}, {}
    for batch in answer["rows"]:
        unread.update(batch.get("unread", {}))
        for row in batch["rows"]:
            name = next(name for name in names if row.startswith(f"Row(name={name!r}, c="))
            cells.setdefault(name, []).append(row[len(f"Row(name={name!r}, c=") : -1])
    return cells, unread


def run_failing(spark, column, home, recorded, every):
    """Answers of some of the cases that are recorded to fail, each asked alone; of the rest what is recorded."""
    failing = [one for one in recorded["seen"] if "failed" in one]
    answer = run_column(spark, column, home, {one["case"]: one["failed"] for one in failing})
    places = {one["case"]: place for place, one in enumerate(answer["seen"])}
    for one in failing[::every]:
        if one["failed"] != [CRASH]:
            alone = dataclasses.replace(column, cases={one["case"]: column.cases[one["case"]]})
            answer["seen"][places[one["case"]]] = run_column(spark, alone, home, {})["seen"][0]
    return answer


def run_outputs(spark, outputs, home):
    seen, left = [], list(outputs.cases)
    while left:
        answer = attempt(spark, outputs.query(left), home)
        done = [one["rows"] for one in answer["rows"]]
        seen += [{"case": name, "rows": rows} for name, rows in zip(left, done)]
        left = left[len(done) :]
        if "failed" in answer:
            if not left:
                return {"seen": seen, "failed": answer["failed"]}
            failure = answer["failed"]
            seen.append({"case": left[0], "failed": failure.get("python") or failure})
            left = left[1:]
    return {"seen": seen}


def run_script(spark, script, home):
    """A case after which state no longer answers, or whose query fails for another reason, ends the others with it:
    such a case is told apart, with how its query failed, and the others are run without it."""
    fatal = []
    left = sound(spark, script, sorted(script.cases), 1, home, fatal)
    answer = attempt(spark, script.query(left, None), home) if left else {"seen": []}
    if "failed" in answer and answer["seen"]:
        left = sound(spark, script, left, None, home, fatal)
        answer = attempt(spark, script.query(left, None), home) if left else {"seen": []}
    return {**answer, "fatal": fatal} if fatal else answer


def sound(spark, script, names, batches, home, fatal):
    """Those of the cases that do not end their query within so many batches; the others are added to `fatal`."""
    if not names:
        return []
    answer = attempt(spark, script.query(names, batches), home)
    if "failed" not in answer or not answer["seen"]:  # a query that never came to its cases is no fault of one
        return names
    last = fatal_case(answer) or (names[0] if len(names) == 1 else None)
    if last is None:
        middle = len(names) // 2
        return [
            name
            for half in (names[:middle], names[middle:])
            for name in sound(spark, script, half, batches, home, fatal)
        ]
    fatal.append(told_of_fatal(answer, last))
    at = names.index(last)
    before = names[:at] if batches == 1 else sound(spark, script, names[:at], batches, home, fatal)
    return before + sound(spark, script, names[at + 1 :], batches, home, fatal)


def attempt(spark, query, home):
    with tempfile.TemporaryDirectory(dir=home) as place:
        return run_query(spark, query, place)


def fatal_case(answer):
    return next((one["case"] for one in answer["seen"] if one.get("alive") is False), None)


def told_of_fatal(answer, case):
    seen = [one["seen"] for one in answer["seen"] if one["case"] == case and "seen" in one]
    return {"case": case, "seen": seen, "failed": answer.get("failed", {}).get("python", [])}


def run_query(spark, query, home):
    """What the query's processor saw: {"seen": [...]}, with "rows" that came out and "failed" if it did."""
    log = os.path.join(home, "log")
    open(log, "w", encoding="utf-8").close()
    answer, rows = {}, []
    before = configure(spark, {**CONF, **query.conf})
    try:
        run_stream(spark, query, home, log, rows)
    except Exception as failure:  # whatever it is, it is an observation
        answer["failed"] = outcome(failure)
        if query.whole:
            answer["failed"]["text"] = head(str(failure), lines=100, length=6000).split("\n")
    finally:
        configure(spark, before)
    with open(log, encoding="utf-8") as written:
        answer["seen"] = [json.loads(line) for line in written]
    if query.rows_out:
        answer["rows"] = rows
    return answer


def configure(spark, conf):
    """Sets `conf`; returns what was set before. None stands for nothing."""
    before = {key: spark.conf.get(key, None) for key in conf}
    for key, value in conf.items():
        if value is None:
            spark.conf.unset(key)
        else:
            spark.conf.set(key, value)
    return before


def run_stream(spark, query, home, log, rows):
    namespace = {"__name__": "cells_case"}  # of no module: whoever pickles its classes must take them along
    exec(compile(query.processor, f"<{query.name}>", "exec"), namespace)
    processor = namespace["Processor"](log, query.argument)
    schema = ", ".join(f"`{name}` {kind}" for name, kind in query.columns)
    source = os.path.join(home, "input")
    os.makedirs(source)
    for number, batch in enumerate(query.batches):
        path = os.path.join(source, f"{number:03d}.parquet")
        write_parquet(path, query.columns, batch)
        os.utime(path, (EPOCH_OF_FILES + 10 * number,) * 2)
    frame = spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).parquet(source)
    if query.event_time:
        frame = frame.withWatermark(query.event_time, "0 seconds")
    how = {"outputStructType": query.output, "outputMode": query.output_mode, "timeMode": query.time_mode}
    if query.initial:
        path = os.path.join(home, "initial.parquet")
        write_parquet(path, query.columns, query.initial)
        how["initialState"] = spark.read.schema(schema).parquet(path).groupBy(*quoted(query.keys))
    grouped = frame.groupBy(*quoted(query.keys))
    transform = grouped.transformWithStateInPandas if query.api == "pandas" else grouped.transformWithState
    result = transform(processor, **how)

    def keep(batch, number):
        try:
            told = {"rows": batch.collect()}
        except Exception:
            if not query.each_by_name:
                raise
            told = read_by_name(batch, query.each_by_name)
        rows.append({"batch": number, **told, "rows": [describe(row) for row in told["rows"]]})

    writer = result.writeStream.outputMode(query.output_mode)
    if query.sink == "foreachBatch":
        writer = writer.foreachBatch(keep)
    else:
        writer = writer.format(query.sink).option("path", os.path.join(home, "output")).queryName("cells")
    writer = writer.option("checkpointLocation", os.path.join(home, "checkpoint"))
    conf = {NO_DATA_BATCHES: "false"} if query.time_mode == "ProcessingTime" else {}
    before = configure(spark, conf)
    try:
        stream = writer.trigger(availableNow=True).start()
        stream.awaitTermination()
    finally:
        configure(spark, before)


def read_by_name(batch, names):
    """A value that Python has not, such as a year 10000, fails the reading of all rows."""
    rows, unread = [], {}
    batch = batch.persist()
    for name in names:
        try:
            rows += batch.where(batch["name"] == name).collect()
        except Exception as failure:
            unread[name] = [head(f"{type(failure).__name__}: {failure}", lines=1)]
    batch.unpersist()
    return {"rows": rows, "unread": unread}


def quoted(names):
    return [f"`{name}`" for name in names]


def outcome(failure):
    """How a failed query looks to its user: class, condition, and the Python error that the text ends in."""
    text = str(failure)
    told = {"raised": type(failure).__name__}
    if hasattr(failure, "getCondition"):
        told["condition"] = failure.getCondition()
    conditions = re.findall(r"\[([A-Z][A-Z0-9_.]+)\]", text)
    told["conditions"] = list(dict.fromkeys(conditions))
    told["python"] = python_errors(text)
    told["head"] = head(text, lines=1, length=500)
    return told


def python_errors(text):
    """Lines `module.Class: message` of the tracebacks in the text, innermost first, each once."""
    found = re.findall(
        r"^(?:pyspark\.|pyarrow\.|pandas\.|holdfast\.)?[\w.]*(?:Error|Exception|Interrupt|Exit|Invalid)\b.*$",
        text,
        re.M,
    )
    found = found or re.findall(
        r"failed(?:, with [^:]*)?: ([\w.]+(?:Error|Exception|Exit)\b.*)", text
    )  # within a sentence
    lines = [head(line, lines=1) for line in found if not re.match(r"(org|java|py4j|scala)\.", line)]
    return list(dict.fromkeys(lines))
