#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks: each system in a process of its own, one after the other, on the same files.

  bench/run.py sessionize [--events N] [--sessions K] [--seed S] [--only SYSTEM,...]

Prints one JSON line for each system, then the ratios, then the versions. Wall time is from process start to exit; CPU
seconds and peak memory are the kernel's (wait4). Exit 1 when the answers differ, a program fails, or RocksDB was built
with asserts; never because something was slow. The build's directory is in HOLDFAST_BUILD (./dev bench sets it).
"""
import argparse
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
    "holdfast": ["sessionize_holdfast", "run", "{events}", "{work}"],
    "limit": ["sessionize_limit", "{events}", "{work}"],
    "rocksdb_get_put": ["sessionize_rocksdb", "get_put", "{events}", "{work}"],
    "rocksdb_sorted": ["sessionize_rocksdb", "sorted", "{events}", "{work}"],
    "duckdb": ["sessionize_duckdb", "{events}"],
}


class Failed(Exception):
    """The message is all that a person needs."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    benches = parser.add_subparsers(dest="bench", required=True)
    sessionize = benches.add_parser("sessionize", help="the StreamShop sessionizer, version 1")
    sessionize.add_argument("--events", type=positive, default=10_000_000)
    sessionize.add_argument("--sessions", type=positive, default=1_000_000)
    sessionize.add_argument("--seed", type=positive, default=7)
    sessionize.add_argument("--only", type=names_of_systems, default=list(SYSTEMS), help="names, separated by commas")
    asked = parser.parse_args()
    try:
        return run_sessionize(asked)
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1


def positive(text):
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return int(text)


def names_of_systems(text):
    names = text.split(",")
    for name in names:
        if name not in SYSTEMS:
            raise argparse.ArgumentTypeError(f"there is no system '{name}'; there are: {' '.join(SYSTEMS)}")
    return names


def run_sessionize(asked):
    versions = ask("sessionize_rocksdb", "versions")  # refuses a RocksDB with asserts, which Holdfast links too
    load = os.getloadavg()[0]
    events = event_files(asked.events, asked.sessions, asked.seed)
    lines = {}
    for system in asked.only:
        lines[system], more = measure(system, events, asked.events)
        versions.update(more)
        show(lines[system])
    show({"bench": "sessionize", "ratios": ratios(lines)})
    machine = {"kernel": platform.release(), "cores": len(os.sched_getaffinity(0)), "load_before": round(load, 2)}
    show({"bench": "sessionize", "versions": {**versions, **machine}})
    return compare_answers(lines)


def show(line):
    print(json.dumps(line, separators=(",", ":")), flush=True)


def program(name):
    path = BUILD / "bin" / name
    if not path.exists():
        raise Failed(f"{path} is missing; ./dev bench builds it")
    return path


def ask(name, *arguments):
    """The JSON line of a program that is not measured."""
    ran = subprocess.run([program(name), *arguments], capture_output=True, text=True)
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


def measure(system, events, event_count):
    """Runs one system; returns its line and the versions that it named."""
    work = BUILD / "bench-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for file in sorted(events.iterdir()):  # the page cache is warm for everyone
        file.read_bytes()
    os.sync()  # nobody pays for what another one wrote
    name, *rest = SYSTEMS[system]
    command = [str(program(name)), *(word.format(events=events, work=work / "files") for word in rest)]
    wall_s, usage, printed = run_measured(system, command, work)
    said = json.loads(printed)
    if system == "holdfast":
        if said["events_read"] != event_count:
            raise Failed(f"holdfast read {said['events_read']} events of {event_count}")
        said |= ask("sessionize_holdfast", "answer", work / "files")
        said["duration_ms"] = durations(work / "files.progress")
    shutil.rmtree(work)
    line = {
        "bench": "sessionize",
        "system": system,
        "events": event_count,
        "wall_s": round(wall_s, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "events_per_s": round(event_count / wall_s),
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
    """Returns (wall seconds, the kernel's account, what the program printed)."""
    with open(work / "stdout", "wb+") as out, open(work / "stderr", "wb+") as err:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)  # it is waited for: Popen must not try again
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise Failed(f"{system} ended with {process.returncode}: {err.read().decode(errors='replace').strip()}")
        return wall_s, usage, out.read().decode()


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
