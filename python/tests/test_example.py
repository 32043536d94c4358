# SPDX-License-Identifier: Apache-2.0
"""examples/sessionization/python runs to its end, says what its events say, and goes on wherever it was stopped."""

import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Optional, Tuple
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.sql import SparkSession  # noqa: E402
from programs import PACKAGE  # noqa: E402

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "examples/sessionization/python/sessionization_processor.py"
TABLES = ("v1_sessions", "v2_sessions")


def command(*arguments: Any) -> List[str]:
    return [sys.executable, "-m", "holdfast.cli", str(SCRIPT), *map(str, arguments)]


def environment(zone: str) -> Dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PACKAGE), "TZ": zone}


def run(*arguments: Any, zone: str = "UTC") -> str:
    """What the example printed."""
    done = subprocess.run(command(*arguments), env=environment(zone), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def instant(text: str, zone: str) -> datetime:
    """What a processor makes of it: it sees a clock of the zone, and of two equal readings gives the second back."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    seen = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(timezone.utc).astimezone(ZoneInfo(zone))
    return seen.replace(fold=1).astimezone(timezone.utc)


class Recomputed:
    """The sessions of a folder of event files, by nothing but a dict."""

    def __init__(self, directory: pathlib.Path, zone: str = "UTC") -> None:
        self.ended: Dict[str, List[Tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.open: Dict[str, Dict[str, Any]] = {}
        self.evolved: List[str] = []
        self._zone = zone
        for file in sorted((directory / "events").glob("v1-*.json")):
            self._read(file, "v1")
        self.open_after_v1 = {key: dict(session) for key, session in self.open.items()}
        for file in sorted((directory / "events").glob("v2-*.json")):
            self._read(file, "v2")

    def _read(self, file: pathlib.Path, version: str) -> None:
        for event in map(json.loads, file.read_text().splitlines()):
            key = event["session_id"]
            session = self.open.setdefault(
                key,
                {"user": event["user_id"], "count": 0, "revenue": 0.0, "since": version,
                 "start": instant(event["event_timestamp"], self._zone)},
            )  # fmt: skip
            session["count"] += 1
            session["revenue"] += event["revenue"]
            if version == "v2" and "device" not in session:
                session.update(device=event["device_type"], page=event["page_category"])
                self.evolved += [key] if session["since"] == "v1" else []
            if event["event_type"] in ("purchase", "logout"):
                more = (session["device"], session["page"], session["since"] == "v1", "v2") if version == "v2" else ()
                self.ended[f"{version}_sessions"].append((*state_of(key, session), *more))
                del self.open[key]


def state_of(key: str, session: Dict[str, Any]) -> Tuple[Any, ...]:
    return key, session["user"], session["count"], session["revenue"], session["start"]


def rows(frame: Any) -> List[Tuple[Any, ...]]:
    """Sorted, times as instants."""
    return sorted(tuple(row.values()) for row in frame.toArrow().to_pylist())


def table(directory: pathlib.Path, name: str) -> List[Tuple[Any, ...]]:
    return rows(SparkSession.builder.getOrCreate().read.format("delta").load(str(directory / name)))


def state(directory: pathlib.Path, batch: int) -> List[Tuple[Any, ...]]:
    reader = SparkSession.builder.getOrCreate().read.format("statestore").option("stateVarName", "session_state")
    return rows(reader.option("batchId", batch).load(str(directory / "checkpoint")).select("value.*"))


def files_of(directory: pathlib.Path) -> List[str]:
    """What a run that has nothing to do must leave as it is: what was promised, done and put out."""
    places = ("checkpoint/offsets", "checkpoint/commits", "events", *(f"{name}/_delta_log" for name in TABLES))
    return sorted(str(file) for place in places for file in (directory / place).iterdir())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: Any) -> Tuple[pathlib.Path, str]:
    """The folder of a run that nobody disturbed, and what it printed."""
    directory = tmp_path_factory.mktemp("example") / "streamshop"
    return directory, run(directory)


@pytest.fixture(scope="module")
def recomputed(finished: Tuple[pathlib.Path, str]) -> Recomputed:
    return Recomputed(finished[0])


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_hold_the_sessions_that_the_events_make(finished, recomputed, name):
    assert recomputed.ended[name]
    assert table(finished[0], name) == sorted(recomputed.ended[name])


def test_the_state_after_each_phase_holds_the_open_sessions(finished, recomputed):
    after_v1 = sorted(state_of(key, session) for key, session in recomputed.open_after_v1.items())
    assert [row[:5] for row in state(finished[0], batch=3)] == after_v1
    after_v2 = [(*state_of(key, one), one.get("device"), one.get("page")) for key, one in recomputed.open.items()]
    assert state(finished[0], batch=7) == sorted(after_v2, key=lambda row: row[0])


def test_it_prints_what_the_events_say(finished, recomputed):
    v1, v2 = (recomputed.ended[name] for name in TABLES)
    evolved = sum(row[7] for row in v2)
    assert 0 < evolved < len(v2)
    assert re.findall(r"^[a-zA-Z12 ]+: (\d+)$", finished[1], re.M) == [
        str(count) for count in (len(v1), len(recomputed.open_after_v1), len(v2), evolved)
    ]
    assert f"|           true|            v2|{evolved:13}|" in finished[1]


def test_each_session_that_evolves_is_told_once(finished, recomputed):
    told = re.findall(r"EVOLUTION DETECTED: (\w+) evolved", finished[1])
    assert sorted(told) == sorted(recomputed.evolved)


def test_a_second_run_adds_nothing(finished, recomputed):
    before = files_of(finished[0])
    printed = run(finished[0])
    assert files_of(finished[0]) == before
    assert printed.splitlines()[-1] == finished[1].splitlines()[-1]
    for name in TABLES:
        assert table(finished[0], name) == sorted(recomputed.ended[name])


def kill_as_soon_as(there: Callable[[], bool], *arguments: Any) -> bool:
    """Starts the example and kills it; False if it ended before."""
    with open(os.devnull, "w") as nowhere:
        process = subprocess.Popen(command(*arguments), env=environment("UTC"), stdout=nowhere, stderr=nowhere)
        while process.poll() is None:
            if there():
                process.send_signal(signal.SIGKILL)
                process.wait()
                return True
            time.sleep(0.001)
    return False


@pytest.mark.parametrize(
    "moments",
    [
        "events/v1-001.json checkpoint/offsets/0 checkpoint/commits/1 events/v2-000.json checkpoint/commits/6",
        "checkpoint/offsets/3 v2_sessions checkpoint/offsets/4 v2_sessions/_delta_log checkpoint/offsets/7",
    ],
)
def test_killed_and_started_again_it_ends_with_the_same_tables(tmp_path, finished, moments):
    for moment in moments.split():
        assert kill_as_soon_as((tmp_path / moment).exists, tmp_path)
    run(tmp_path)
    for name in TABLES:
        assert table(tmp_path, name) == table(finished[0], name)
    for batch in (3, 7):
        assert state(tmp_path, batch) == state(finished[0], batch)


# Around both changes of the clock, by texts with and without a zone; 02:30 is missing in March, 01:30 comes twice in
# November.
AROUND_THE_CHANGES = (
    *(f"2026-03-08T0{hour}:{minute}:00.250Z" for hour in (6, 7) for minute in ("05", "59")),
    *(f"2026-11-01T0{hour}:{minute}:00.500Z" for hour in (4, 5, 6, 7) for minute in ("05", "59")),
    "2026-03-08T01:59:59.999999", "2026-03-08T02:30:00", "2026-03-08T03:00:00",
    "2026-11-01T01:30:00", "2026-11-01T02:00:00",
    "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", "2026-07-01T12:00:00", "2026-01-01T12:00:00",
)  # fmt: skip


def test_in_new_york_times_are_those_of_the_events(tmp_path):
    (tmp_path / "events").mkdir()
    draw = random.Random(1)
    for version in (1, 2):
        for number in range(4):
            lines = [line(draw, version) for _ in range(80)]
            (tmp_path / f"events/v{version}-{number:03d}.json").write_text("".join(lines))
    run(tmp_path, zone="America/New_York")
    expected = Recomputed(tmp_path, "America/New_York")
    for name in TABLES:
        assert len(expected.ended[name]) > 20
        assert table(tmp_path, name) == sorted(expected.ended[name])
    assert [row[:5] for row in state(tmp_path, batch=7)] == sorted(state_of(*one) for one in expected.open.items())


def line(draw: random.Random, version: int) -> str:
    session = draw.randrange(40)
    event = {
        "session_id": f"s{session:02d}",
        "user_id": f"u{session}",
        "revenue": draw.choice((0.0, 12.5)),
        "event_type": draw.choice(("search", "search", "purchase")),
        "event_timestamp": draw.choice(AROUND_THE_CHANGES),
    }
    more = {"device_type": draw.choice(("mobile", "desktop")), "page_category": "home"} if version == 2 else {}
    return json.dumps({**event, **more}) + "\n"
