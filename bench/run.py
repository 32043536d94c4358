#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks: each system in a process of its own, one after the other, on the same files.

  bench/run.py sessionize [--events N] [--sessions K] [--seed S] [--only SYSTEM,...] [--cache-mb N]
  bench/run.py evolved    reading a million values that version 1 wrote, and as many that version 2 wrote
  bench/run.py small      batches of one row: two partitions, with Delta, with 200 partitions
  bench/run.py reopen     a million keys with nine changelogs pending, to the commit of one batch
  bench/run.py state      real Spark's state of a million keys, read by its own reader and by `holdfast state`; `holdfast check` on it
  bench/run.py collections [--rows N] [--systems holdfast,spark,loops] [--jobs list,map,timers,ttl]
                          lists, maps, timers and TTL as whole queries, also by real Spark, and what is left of it all in a loop
  bench/run.py idle       batches beside ten million timers that are not due, and beside none
  bench/run.py latency    from push to sink under the real-time trigger, at 10,000 rows a second
  bench/run.py micro      codec, grouping, cells, changelog and store by themselves (Google Benchmark's table)

sessionize prints one JSON line for each system, then the ratios, then the versions; the others a line each. Wall time is from process start to exit; CPU
seconds and peak memory are the kernel's (wait4). Exit 1 when the answers differ, a program fails, or RocksDB was built
with asserts; never because something was slow. The build's directory is in HOLDFAST_BUILD (./dev bench sets it).
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("HOLDFAST_BUILD", ROOT / "build-bench"))
EVENTS_PER_FILE = 100_000

# What each system is started with, after the name of its program.
SYSTEMS = {
    "holdfast": ["sessionize_holdfast", "run", "{events}", "{work}", "{cache_bytes}"],
    "limit": ["sessionize_limit", "{events}", "{work}"],
    "rocksdb_get_put": ["sessionize_rocksdb", "get_put", "{events}", "{work}"],
    "rocksdb_sorted": ["sessionize_rocksdb", "sorted", "{events}", "{work}"],
    "duckdb": ["sessionize_duckdb", "{events}"],
}


JOBS = ("list", "map", "timers", "ttl")
# After so long what the job "ttl" has written expires: no batch that writes may be later than that.
TTL_MS = {"holdfast": 15_000, "spark": 120_000}
WARM_ROWS = 20_000

# The value of session_state in spark_state/holdfast/bench/Sessions.java.
SPARK_SESSION = ("session_id STRING, user_id STRING, session_start BIGINT, session_end BIGINT, event_count INT, "
                 "revenue DOUBLE")


class Failed(Exception):
    """The message is all that a person needs."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    benches = parser.add_subparsers(dest="bench", required=True)
    sessionize = benches.add_parser("sessionize", help="the StreamShop sessionizer, version 1")
    sessionize.add_argument("--events", type=positive, default=10_000_000)
    sessionize.add_argument("--sessions", type=positive, default=1_000_000)
    sessionize.add_argument("--seed", type=positive, default=7)
    sessionize.add_argument("--only", type=some_of(SYSTEMS), default=list(SYSTEMS), help="names, separated by commas")
    sessionize.add_argument("--cache-mb", type=positive, default=512, help="memory for state of Holdfast")
    sessionize.set_defaults(run=run_sessionize)
    for name, run, about in (("evolved", run_evolved, "values of an earlier version"),
                             ("small", run_small, "batches of one row"),
                             ("reopen", run_reopen, "a restart with changelogs pending"),
                             ("state", run_state, "reading what Spark wrote, against Spark's reader")):
        bench = benches.add_parser(name, help=about)
        bench.add_argument("--keys", type=positive, default=1_000_000)
        bench.set_defaults(run=run)
    collections = benches.add_parser("collections", help="lists, maps, timers and TTL, against Spark")
    collections.add_argument("--rows", type=positive, default=1_000_000)
    collections.add_argument("--jobs", type=some_of(JOBS), default=JOBS, help="names, separated by commas")
    collections.add_argument("--systems", type=some_of(("holdfast", "spark", "loops")), default=("holdfast", "spark", "loops"))
    collections.set_defaults(run=run_collections)
    idle = benches.add_parser("idle", help="timers that are not due")
    idle.add_argument("--timers", type=positive, default=10_000_000)
    idle.add_argument("--keys-per-batch", type=positive, default=10_000)
    idle.add_argument("--batches", type=positive, default=400)
    idle.set_defaults(run=run_idle)
    latency = benches.add_parser("latency", help="from push to sink under the real-time trigger")
    latency.add_argument("--rows-per-second", type=positive, default=10_000)
    latency.add_argument("--seconds", type=positive, default=10)
    latency.set_defaults(run=run_latency)
    benches.add_parser("micro", help="the parts of a batch").set_defaults(
        run=lambda asked: subprocess.run([program("micro")]).returncode)
    asked = parser.parse_args()
    try:
        return asked.run(asked)
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1


def positive(text):
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return int(text)


def some_of(known):
    def names(text):
        for name in text.split(","):
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no '{name}'; there are: {' '.join(known)}")
        return text.split(",")

    return names


def run_sessionize(asked):
    versions = ask("sessionize_rocksdb", "versions")  # refuses a RocksDB with asserts, which Holdfast links too
    load = os.getloadavg()[0]
    events = event_files(asked.events, asked.sessions, asked.seed)
    lines = {}
    for system in asked.only:
        lines[system], more = measure(system, events, asked)
        versions.update(more)
        show(lines[system])
    show({"bench": "sessionize", "ratios": ratios(lines)})
    machine = {"kernel": platform.release(), "cores": len(os.sched_getaffinity(0)), "load_before": round(load, 2)}
    show({"bench": "sessionize", "versions": {**versions, **machine}})
    return compare_answers(lines)


def state_rows(*words):
    """Runs one verb of state_rows; returns (what it said, wall seconds)."""
    begin = time.monotonic()
    said = ask("state_rows", *map(str, words))
    return said, time.monotonic() - begin


def fresh_work():
    work = BUILD / "bench-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


def run_evolved(asked):
    """Both checkpoints hold the same sessions; copies of them are read in turn, each in a cold process."""
    work = fresh_work()
    spent_ms = {"v1": [], "v2": []}
    for version in ("v1", "v2"):
        state_rows("prepare", version[1], asked.keys, 0, work / version)
    for _ in range(7):
        for version, spent in spent_ms.items():
            shutil.rmtree(work / "copy", ignore_errors=True)
            shutil.copytree(work / version, work / "copy")
            os.sync()
            said, _ = state_rows("read", asked.keys, work / "copy")
            if said["events_seen"] != asked.keys:
                raise Failed(f"{said['events_seen']} values of {version} were decoded, not {asked.keys}")
            spent.append(said["progress"]["durationMs"]["holdfastProcess"])
    median = {version: sorted(spent)[len(spent) // 2] for version, spent in spent_ms.items()}
    show({"bench": "evolved", "keys": asked.keys, "read_v1_ms": median["v1"], "read_v2_ms": median["v2"],
          "v1/v2": round(median["v1"] / median["v2"], 3), "runs_ms": spent_ms})
    return 0


def run_small(asked):
    del asked
    work = fresh_work()
    for partitions, sink, batches in ((2, "memory", 1000), (2, "delta", 500), (200, "memory", 100)):
        said, _ = state_rows("one_row", partitions, sink, batches, work / f"{sink}-{partitions}")
        show({"bench": "small", "partitions": partitions, "sink": sink, **said,
              "median/bare_commit": round(said["median_ms"] / said["bare_commit_ms"], 2)})
    return 0


def run_latency(asked):
    """One run whose only commit is its end, and one that commits every second."""
    work = fresh_work()
    for batch_ms in (3_600_000, 1000):
        done = subprocess.run([program("low_latency"), str(asked.rows_per_second), str(asked.seconds), str(batch_ms),
                               str(work / f"latency-{batch_ms}")], capture_output=True, text=True)
        if done.returncode:
            raise Failed(done.stderr.strip())
        show({"bench": "latency", **json.loads(done.stdout)})
    return 0


def run_reopen(asked):
    """wall_s is from the start of the process to its exit, committed_ms from main() to the end of the batch."""
    work = fresh_work()
    state_rows("prepare", 1, asked.keys, 9, work / "kept")
    partition = work / "kept/checkpoint/state/0/0"
    snapshot = max(int(file.stem) for file in partition.glob("*.zip"))
    pending = sum(1 for file in partition.glob("*.changelog") if int(file.stem) > snapshot)
    runs = []
    for _ in range(5):
        shutil.rmtree(work / "copy", ignore_errors=True)
        shutil.copytree(work / "kept", work / "copy")
        os.sync()
        said, wall_s = state_rows("touch", work / "copy")
        runs.append((said["committed_ms"], round(wall_s, 3)))
    runs.sort()
    committed_ms, wall_s = runs[len(runs) // 2]
    show({"bench": "reopen", "keys": asked.keys, "changelogs_pending": pending, "committed_ms": committed_ms, "wall_s": wall_s,
          "runs": runs})
    return 0


def run_state(asked):
    """The whole of the state as JSON lines in files, three times by turns. Spark comes from PyPI, see spark_state.py."""
    made = spark_checkpoint(asked.keys)
    work = fresh_work()
    checkpoint = made / "checkpoint"
    readers = {"spark": [sys.executable, ROOT / "bench/spark_state.py", "read", checkpoint, work / "spark"],
               "holdfast": [program("holdfast"), "state", checkpoint, "--var", "session_state", "--format", "json"]}
    walls, peaks = {name: [] for name in readers}, []
    for _ in range(3):
        for name, command in readers.items():
            if name == "spark":
                shutil.rmtree(work / "spark", ignore_errors=True)
            os.sync()
            wall_s, usage = run_measured(name, list(map(str, command)), work)
            walls[name].append(round(wall_s, 3))
            if name == "holdfast":
                peaks.append(round(usage.ru_maxrss / 1024))
    (work / "stdout").rename(work / "holdfast.json")
    schema = work / "session_state.ddl"
    schema.write_text(SPARK_SESSION + ", page_views INT")
    checks = [run_measured("check", [str(program("holdfast")), "check", str(checkpoint), "--state",
                                     f"session_state={schema}"], work)[0] for _ in range(5)]
    compare_rows(asked.keys, sorted((work / "spark").glob("*.json")), [work / "holdfast.json"])
    median = {name: sorted(spent)[1] for name, spent in walls.items()}
    show({"bench": "state", "keys": asked.keys, "spark_s": median["spark"], "holdfast_s": median["holdfast"],
          "spark/holdfast": round(median["spark"] / median["holdfast"], 1), "peak_mb": max(peaks),
          "check_ms": round(1000 * sorted(checks)[2]), "runs_s": walls})
    return 0


def run_collections(asked):
    """seconds: from the start of the first batch to the end of the last, as the query's progress has them; without the
    wait until values expire."""
    answers, seconds = {}, {}
    for job in asked.jobs:
        for system in asked.systems:
            if system == "loops":
                said = ask("collections_loops", job, item_files(asked.rows))
                show({"bench": "collections", "job": job, "rows": asked.rows, **said})
                continue
            work = item_work(asked.rows, job)
            if system == "spark":
                progress, usage = spark_job(job, work, asked.rows)
            else:
                progress, usage = holdfast_job(job, work)
            spent_ms = [batch["durationMs"]["triggerExecution"] for batch in progress]
            seconds[job, system] = span_s(progress, job)
            answers[job, system] = ask("collections_holdfast", "answer", job, work)
            show({"bench": "collections", "job": job, "rows": asked.rows, "system": system,
                  "seconds": round(seconds[job, system], 3), "batches_ms": spent_ms,
                  "cpu_s": round(usage.ru_utime + usage.ru_stime, 2), "peak_mb": round(usage.ru_maxrss / 1024),
                  "answer": answers[job, system]})
    for job in asked.jobs:
        if (job, "spark") in seconds and (job, "holdfast") in seconds:
            show({"bench": "collections", "job": job, "rows": asked.rows,
                  "spark/holdfast": round(seconds[job, "spark"] / seconds[job, "holdfast"], 2)})
            if answers[job, "spark"] != answers[job, "holdfast"]:
                raise Failed(f"{job}: Spark's answer is {answers[job, 'spark']}, ours {answers[job, 'holdfast']}")
    return 0


def item_files(rows):
    made = BUILD / "bench-data" / f"items-{rows}"
    if not made.is_dir():
        hidden = made.with_name(made.name + ".making")
        shutil.rmtree(hidden, ignore_errors=True)
        ask("collections_holdfast", "make", rows, hidden)
        # Spark's source goes by these times alone.
        for number, file in enumerate(sorted(hidden.iterdir())):
            os.utime(file, (1_767_225_600 + number,) * 2)
        hidden.rename(made)
    return made


def item_work(rows, job, name="work"):
    """A directory with the input of a job, as links."""
    made = item_files(rows)
    work = BUILD / "bench-work" / name
    shutil.rmtree(work, ignore_errors=True)
    (work / "input").mkdir(parents=True)
    for file in made.iterdir():
        file.read_bytes()
        os.link(file, work / ("" if file.name == "tail.parquet" and job != "timers" else "input") / file.name)
    os.sync()
    return work


def holdfast_job(job, work):
    command = [str(program("collections_holdfast")), "run", job, str(work), str(TTL_MS["holdfast"])]
    _, usage = run_measured(f"holdfast {job}", command, work)
    progress = json.loads((work / "stdout").read_text())
    if job == "ttl":
        time.sleep(TTL_MS["holdfast"] / 1000 + 1)
        os.link(work / "tail.parquet", work / "input/tail.parquet")
        _, usage = run_measured(f"holdfast {job}", command, work)
        progress += json.loads((work / "stdout").read_text())
    return progress, usage


def spark_job(job, work, rows):
    warm = item_work(min(rows, WARM_ROWS), job, "warm")
    command = [sys.executable, str(ROOT / "bench/spark_collections.py"), job, str(work), str(warm)]
    if job == "ttl":
        command.append(str(TTL_MS["spark"] * max(1, rows // 1_000_000)))
    _, usage = run_measured(f"spark {job}", command, work)
    return json.loads((work / "stdout").read_text().splitlines()[-1]), usage


def span_s(progress, job):
    def span(batches):
        begin = [datetime.datetime.fromisoformat(batch["timestamp"].replace("Z", "+00:00")) for batch in batches]
        return (begin[-1] - begin[0]).total_seconds() + batches[-1]["durationMs"]["triggerExecution"] / 1000

    # The last batch of "ttl" is the one that waited.
    return span(progress[:-1]) + span(progress[-1:]) if job == "ttl" else span(progress)


def run_idle(asked):
    said = ask("idle_timers", asked.timers, asked.keys_per_batch, asked.batches, fresh_work())
    show({"bench": "idle", "timers": asked.timers, "keys_per_batch": asked.keys_per_batch, **said,
          "timers/none": round(said["timers_ms"] / said["none_ms"], 4)})
    return 0


def compare_rows(keys, *readers):
    rows = [sorted(line for file in files for line in file.read_text().splitlines()) for files in readers]
    if rows[0] != rows[1] or len(rows[0]) != keys:
        raise Failed(f"{keys} rows were written; {len(rows[0])} and {len(rows[1])} are read, or not the same ones")


def spark_checkpoint(keys):
    """What spark_state.py writes; made once for each count, in its place: Spark's readers follow absolute paths."""
    made = BUILD / "bench-data" / f"spark-state-{keys}"
    if not (made / "complete").exists():
        print(f"real Spark writes a checkpoint of {keys} keys", file=sys.stderr)
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        run_measured("spark", [sys.executable, str(ROOT / "bench/spark_state.py"), "write", str(keys), str(made)], made)
        (made / "complete").touch()
    return made


def show(line):
    print(json.dumps(line, separators=(",", ":")), flush=True)


def program(name):
    path = BUILD / "bin" / name
    if not path.exists():
        raise Failed(f"{path} is missing; ./dev bench builds it")
    return path


def ask(name, *arguments):
    """The JSON line of a program that is not measured."""
    ran = subprocess.run([program(name), *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise Failed(f"{name} {' '.join(map(str, arguments))}: {ran.stderr.strip()}")
    return json.loads(ran.stdout)


def event_files(events, sessions, seed):
    """The directory of the generated files; made once for each choice of settings."""
    made = BUILD / "bench-data" / f"streamshop-v1-{events}-{sessions}-{seed}"
    if made.is_dir():
        return made
    files = -(-events // EVENTS_PER_FILE)
    print(f"generating {events} events in {files} Parquet files", file=sys.stderr)
    hidden = made.with_name(made.name + ".making")
    shutil.rmtree(hidden, ignore_errors=True)
    numbers = ["--events", events, "--sessions", sessions, "--files", files, "--seed", seed]
    command = [program("holdfast"), "generate", "streamshop", "--version", 1, "--format", "parquet", *numbers]
    command = [*map(str, command), "--out", hidden]
    ran = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise Failed(f"generating events: {ran.stderr.strip()}")
    # A source takes files by time, then by name. One time for all of them makes the order that of the names everywhere.
    now = time.time()
    for file in hidden.iterdir():
        os.utime(file, (now, now))
    hidden.rename(made)
    return made


def measure(system, events, asked):
    """Runs one system; returns its line and the versions that it named."""
    work = fresh_work()
    for file in sorted(events.iterdir()):  # the page cache is warm for everyone
        file.read_bytes()
    os.sync()  # nobody pays for what another one wrote
    name, *rest = SYSTEMS[system]
    command = [str(program(name)), *(word.format(events=events, work=work / "files", cache_bytes=asked.cache_mb << 20) for word in rest)]
    wall_s, usage = run_measured(system, command, work)
    said = json.loads((work / "stdout").read_text())
    if system == "holdfast":
        if said["events_read"] != asked.events:
            raise Failed(f"holdfast read {said['events_read']} events of {asked.events}")
        said |= ask("sessionize_holdfast", "answer", work / "files")
        said["duration_ms"] = durations(work / "files.progress")
    shutil.rmtree(work)
    line = {
        "bench": "sessionize",
        "system": system,
        "events": asked.events,
        "wall_s": round(wall_s, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "events_per_s": round(asked.events / wall_s),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "answer": said.pop("answer"),
    }
    versions = {key: said.pop(key) for key in ("duckdb",) if key in said}
    said.pop("events_read", None)
    return {**line, **said}, versions


def durations(path):
    """The batches' durationMs by name, summed."""
    sums = {}
    for line in path.read_text().splitlines():
        for name, spent_ms in json.loads(line)["durationMs"].items():
            sums[name] = sums.get(name, 0) + spent_ms
    return sums


def run_measured(system, command, work):
    """Returns (wall seconds, the kernel's account); what the program printed is in `work`/stdout."""
    with open(work / "stdout", "wb+") as out, open(work / "stderr", "wb+") as err:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)  # it is waited for: Popen must not try again
        err.seek(0)
        if process.returncode != 0:
            raise Failed(f"{system} ended with {process.returncode}: {err.read().decode(errors='replace').strip()[-3000:]}")
        return wall_s, usage


def ratios(lines):
    """Holdfast's events/s over those of each other system."""
    if "holdfast" not in lines:
        return {}
    rates = {name: line["events_per_s"] for name, line in lines.items()}
    own = rates.pop("holdfast")
    return {f"holdfast/{name}": round(own / rate, 3) for name, rate in rates.items()}


def compare_answers(lines):
    answers = {name: json.dumps(line["answer"], sort_keys=True) for name, line in lines.items()}
    if len(set(answers.values())) == 1:
        return 0
    print("bench: the answers differ:", file=sys.stderr)
    for name, answer in answers.items():
        print(f"  {name:16} {answer}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
