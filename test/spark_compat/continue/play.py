# SPDX-License-Identifier: Apache-2.0
"""Plays a case: the turns on one checkpoint, and after each the comparisons."""

import contextlib
import copy
import hashlib
import json
import os
import shutil
import subprocess

import compare
from case import NEWEST_SPARK
from engines import FOREIGN, ROOT, Failed, batch_has_come_to, holdfast, holdfast_run, plugin, spark
from events import write_file
from logs import newest, recorded_conf, retained, sink_rows
from questions import arguments, questions
from recompute import Sessions
from retention import superfluous, too_many

# Both engines add their rows to one directory, of Spark's file sink with its log, or a Delta table.
JSON_OPTIONS = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", "ignoreNullFields": "false"}
SINKS = {"json": {"format": "json", "path": "output", "options": JSON_OPTIONS},
         "delta": {"format": "delta", "path": "output", "options": {}}}
MISSES_MAX = 8


class Play:
    """One checkpoint and who has had a turn on it. `wrong` has what differed."""

    def __init__(self, case, home):
        self.case, self.home = case, home
        self.place = home  # where the checkpoint and the events are now
        self.output = home / "output"
        self.conf = case.settings.conf()
        self.sessions, self.files, self.wrong = Sessions(), 0, []
        self.history = {}  # batch, which is the number of its file -> (sessions, ids of evolved ones) after it
        self.last = None  # the engine of the last turn
        self.looked = 0  # the batches before this one have been read by both readers
        self.snapshots = {}  # path -> the engine in whose turn it appeared
        self.taken_over = set()  # engines that began with the other's snapshot

    @property
    def checkpoint(self):
        return self.place / "checkpoint"

    @property
    def events(self):
        return self.place / "events"

    def all_turns(self):
        for number, turn in enumerate(self.case.turns):
            before = len(self.wrong)
            self.note_snapshots_to_begin_with(turn.engine)
            (self.killed_turn if turn.killed_at else self.whole_turn)(turn)
            self.look_at_files(turn)
            self.last = "s" if turn.undone else turn.engine
            self.wrong[before:] = [f"turn {number}, {turn}: {said}" for said in self.wrong[before:]]
        if self.looked <= newest(self.checkpoint / "commits"):
            self.by_spark(self.case.turns[-1].version, run=False)
        turns = self.case.turns
        followers = {turn.engine for before, turn in zip(turns, turns[1:])
                     if before.engine != turn.engine and not before.killed_at and not before.undone}
        self.wrong += [f"{engine} never began with a snapshot of the other's" for engine in followers - self.taken_over]

    def whole_turn(self, turn):
        self.write_files(turn.version, self.case.files)
        with self.away() if turn.away else self.undone() if turn.undone else contextlib.nullcontext():
            if turn.engine == "h":
                self.by_holdfast(turn.version)
            else:
                self.by_spark(turn.version)
        self.wrong += compare.differences("rows", self.sessions.ended, self.rows())

    def rows(self):
        if self.case.sink == "delta":
            rows, error = holdfast("sql", "--format", "json", "--table", f"t={self.output}", "SELECT * FROM t")
            self.wrong += [error] if error else []
            return rows or []
        return [row for output in self.home.glob("output*") for row in sink_rows(output)]

    @contextlib.contextmanager
    def away(self):
        """Checkpoint and events go to another place and come back; whoever looks for them here meanwhile finds nothing."""
        self.place = self.home / "away"
        self.place.mkdir()
        for name in ("checkpoint", "events"):
            (self.home / name).rename(self.place / name)
        yield
        for name in ("checkpoint", "events"):
            (self.place / name).rename(self.home / name)
        shutil.rmtree(self.place)
        self.place = self.home
        for log in (self.checkpoint / "offsets", self.checkpoint / "sources/0", self.checkpoint / "state/0/_metadata/v2"):
            self.wrong += [f"{path} names the other place" for path in log.iterdir() if b"/away/" in path.read_bytes()]

    @contextlib.contextmanager
    def undone(self):
        """What is done meanwhile goes to another sink, which goes as well: its files are read again afterwards."""
        before = copy.deepcopy(self.sessions)
        batches = len(self.history)
        self.output = self.home / "output-undone"
        yield
        self.wrong += compare.differences("rows", self.sessions.ended, self.rows())
        shutil.rmtree(self.output)
        self.output = self.home / "output"
        page = (ROOT / "docs/operating.md").read_text()
        script = page.partition("<!-- script back-to-foreign-batch -->\n```sh\n")[2].partition("```")[0]
        subprocess.run(["sh", "-c", script], check=True, env={**os.environ, "CHECKPOINT": str(self.checkpoint)})
        if newest(self.checkpoint / "commits") != batches - 1:
            self.wrong.append(f"the steps back leave batch {newest(self.checkpoint / 'commits')}, not {batches - 1}")
        self.sessions = before
        self.history = {batch: self.history[batch] for batch in range(batches)}
        self.looked = min(self.looked, batches)
        self.snapshots = {path: engine for path, engine in self.snapshots.items() if path.exists()}

    def killed_turn(self, turn):
        """Killed in the second batch of a start."""
        self.write_files(turn.version, self.case.files)
        for _ in range(MISSES_MAX):
            batch = newest(self.checkpoint / "commits") + 2
            self.write_files(turn.version, batch + 1 - self.files)
            come = batch_has_come_to(turn.killed_at, batch, self.checkpoint, self.output)
            if turn.engine == "h":
                self.by_holdfast(turn.version, kill_when=come)
            else:
                spark(self.query(turn.version), version=self.case.spark, api=self.case.api, kill_when=come)
                self.feed(turn.version)
            if newest(self.checkpoint / "commits") == batch - 1:
                return
        self.wrong.append(f"{MISSES_MAX} times the batch was done before the kill")

    def write_files(self, version, count):
        for _ in range(count):
            write_file(self.events, self.files, version, self.case.events)
            self.files += 1

    def feed(self, version):
        """Recomputes what has been committed since."""
        for batch in range(len(self.history), newest(self.checkpoint / "commits") + 1):
            self.sessions.feed(self.events / f"part-{batch:05d}.{self.case.events}", version)
            self.history[batch] = (dict(self.sessions.state(version)), set(self.sessions.evolved))

    def query(self, version):
        query = {"source": {"format": self.case.events, "path": "events", "options": {"maxFilesPerTrigger": "1"}},
                 "groupBy": ["session_id"],
                 "processor": {"library": str(plugin(self.home.parent)), "class": f"SessionizerV{version}"},
                 "sink": dict(SINKS[self.case.sink]), "checkpointLocation": "checkpoint", "trigger": {"availableNow": True},
                 "conf": dict(self.conf)}
        query["sink"]["path"] = self.output.name
        if self.place != self.home:
            query["source"]["options"]["sourceUri"] = f"file://{self.home / 'events'}"
            query["sink"]["path"] = str(self.home / "output-away")  # the log of a file sink names places as well
        file = self.place / f"query-{version}.json"
        file.write_text(json.dumps(query, indent=1))
        return file

    def by_holdfast(self, version, kill_when=None):
        query, foreign = self.query(version), self.last == "s"
        if foreign:
            self.expect_refusal(query)
        holdfast_run(query, *(["--continue-foreign"] if foreign else []), kill_when=kill_when)
        self.last = "h"
        self.feed(version)

    def expect_refusal(self, query):
        before = tree(self.checkpoint)
        try:
            holdfast_run(query)
            self.wrong.append("Holdfast went on without being told to")
        except Failed as refused:
            if FOREIGN not in str(refused):
                self.wrong.append(f"refused, but not as {FOREIGN}: {refused}")
        if tree(self.checkpoint) != before:
            self.wrong.append("the refusal changed the checkpoint")

    def by_spark(self, version, run=True):
        """One process of Spark: it looks at what it has not seen yet, runs the query, and looks at that."""
        seen, committed = self.looked, newest(self.checkpoint / "commits") + 1
        before, after = self.home / "before.jsonl", self.home / "after.jsonl"
        options, looks = [], []
        if seen < committed:
            options += ["--look-before", seen, before]
            looks.append((self.ask(seen), before))
        options += ["--look-after", committed, after] if run else ["--no-run"]
        spark(self.query(version), *options, version=self.case.spark, api=self.case.api)
        self.feed(version)
        if run:
            looks.append((self.ask(committed), after))
        for ours, answers in looks:
            sparks = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
            for (source, asked, answer), spark_says in zip(ours, sparks, strict=True):
                self.wrong += compare.compare_answer(source, asked, answer, (spark_says.get("rows"), spark_says.get("error")),
                                                     self.history, self.case.settings.partitions)
        self.looked = newest(self.checkpoint / "commits") + 1

    def ask(self, first):
        """(source, options, answer) of every read that Spark does from this batch on."""
        asked = questions(retained(self.checkpoint, first, self.conf))
        return [(source, options, holdfast(*arguments(source, options, self.checkpoint))) for source, options in asked]

    def note_snapshots_to_begin_with(self, engine):
        """An engine begins with the newest snapshot; when that is the other's, it has taken it over."""
        for directory in self.partitions():
            snapshots = snapshots_of(directory)
            if snapshots and self.snapshots[snapshots[-1]] != engine:
                self.taken_over.add(engine)

    def look_at_files(self, turn):
        for directory in self.partitions():
            for path in snapshots_of(directory):
                self.snapshots.setdefault(path, turn.engine)
        recorded = recorded_conf(self.checkpoint, newest(self.checkpoint / "offsets"))
        if ("holdfast.version" in recorded) != (turn.engine == "h" and not turn.undone):
            self.wrong.append(f"the newest offset records {recorded}")
        self.wrong += compare.conf_changes(self.checkpoint, self.case.spark != NEWEST_SPARK)
        self.wrong += compare.operator_changes(self.checkpoint)
        # What dies, or is taken back, leaves files until retention comes to them.
        if not any(turn.killed_at or turn.undone for turn in self.case.turns):
            found = superfluous(self.checkpoint, self.output, self.case.settings.retained)
            self.wrong += too_many(found, self.case.settings, self.case.files)

    def partitions(self):
        return [self.checkpoint / "state/0" / str(partition) for partition in range(self.case.settings.partitions)]


def snapshots_of(directory):
    """In the order of their versions."""
    return sorted(directory.glob("[0-9]*.zip"), key=lambda path: int(path.stem.partition("_")[0]))


def tree(directory):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in directory.rglob("*") if path.is_file()}
