#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The StreamShop sessionizer in Python: real PySpark and Holdfast, the same program (workload.py) over the same files.

    ./dev bench python [--events N] [--sessions K] [--processors P,...] [--cases C,...] [--systems S,...] [--rounds N]

Cases: `one` - all events in one batch; `ten` - in ten; `latency` - batches of one row, the median of their times. Each
run is a process of its own that runs a small query of the same kind first; the systems take turns, run by run. Seconds
and CPU seconds (of all processes) are from the query's start to its end; peak memory is the greatest sum of the
kernel's VmHWM over the processes of the run that are alive at one time, looked at ten times a second.

Prints one JSON line for each run, then a line of ratios for each case and processor (medians over the rounds), then the
versions. Exit 1 when an answer differs from that of a loop over the files, or a program fails; never because something
was slow. Holdfast's package is that of the build, or what the Python of --holdfast-python has where there is none.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT / "tools")]

from family import peak_kb  # noqa: E402
from run import BUILD, Failed, positive, program, show, some_of  # noqa: E402

from dev_spark import SPARK, setup_spark  # noqa: E402

CASES = ("one", "ten", "latency")
SYSTEMS = ("spark", "holdfast")
PROCESSORS = ("pandas_naive", "pandas_columns", "row")
WARM_ROWS = 2_000
SETTLED_BATCHES = 5  # of the latency case are left out: the first ones make files and load code
AS_PYSPARK = "import holdfast.pyspark, runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"


def main():
    asked = arguments()
    try:
        return bench(asked)
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=positive, default=1_000_000)
    parser.add_argument("--sessions", type=positive, default=100_000)
    parser.add_argument("--seed", type=positive, default=7)
    parser.add_argument("--rounds", type=positive, default=1)
    parser.add_argument("--latency-batches", type=positive, default=60)
    for name, known in (("processors", PROCESSORS), ("cases", CASES), ("systems", SYSTEMS)):
        parser.add_argument(f"--{name}", type=some_of(known), default=list(known), help="names, separated by commas")
    parser.add_argument("--holdfast-python", type=pathlib.Path, default=pathlib.Path(sys.executable))
    return parser.parse_args()


def bench(asked):
    commands = {system: command_of(system, asked) for system in asked.systems}
    load = os.getloadavg()[0]
    inputs = event_files(asked)
    expected = {case: answer_of(inputs / case) for case in asked.cases}
    lines = []
    for case in asked.cases:
        for processor in asked.processors:
            for turn in range(asked.rounds):
                for system in asked.systems:
                    line = {"bench": "python", "case": case, "processor": processor, "system": system, "round": turn,
                            **run_once(commands[system], processor, inputs, case)}
                    show(line)
                    if line["answer"] != expected[case]:
                        raise Failed(f"{system}, {case}, {processor}: the answer is {line['answer']}, "
                                     f"that of a loop over the files is {expected[case]}")
                    lines.append(line)
            if len(asked.systems) > 1:
                told = ratios(lines, case, processor)
                show({"bench": "python", "case": case, "processor": processor, "spark/holdfast": told})
    machine = {"kernel": platform.release(), "cores": len(os.sched_getaffinity(0)), "load_before": round(load, 2)}
    packages = {system: versions(*command) for system, command in commands.items()}
    show({"bench": "python", "versions": {**packages, **machine}})
    return 0


def command_of(system, asked):
    """(how to start workload.py, the environment) of a system; installs PySpark when it is missing."""
    environment = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "ignore", "TZ": "UTC"}
    if system == "spark":
        python, places = setup_spark(SPARK)
        return [str(python), str(HERE / "workload.py")], {**environment, **places}
    python = str(asked.holdfast_python)
    if (BUILD / "python/holdfast").is_dir():
        environment["PYTHONPATH"] = os.pathsep.join([str(HERE), str(BUILD / "python")])
    found = subprocess.run([python, "-c", "import holdfast.pyspark"], capture_output=True, text=True, env=environment)
    if found.returncode != 0:
        last = (found.stderr.strip().splitlines() or ["no message"])[-1]
        raise Failed(f"{python} cannot import holdfast.pyspark ({last}); ./dev bench builds it; or name a "
                     "Python that has it with --holdfast-python, or ask for --systems spark")
    return [python, "-c", AS_PYSPARK, str(HERE / "workload.py")], environment


def event_files(asked):
    """The directory of the input: one/, ten/, latency/ and warm/; made once for each choice of numbers."""
    made = BUILD / "bench-data" / f"python-{asked.events}-{asked.sessions}-{asked.seed}-{asked.latency_batches}"
    if made.is_dir():
        return made
    print(f"generating {asked.events} events", file=sys.stderr)
    hidden = made.with_name(made.name + ".making")
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir(parents=True)
    numbers = ["--events", asked.events, "--sessions", asked.sessions, "--files", 10, "--seed", asked.seed]
    command = [program("holdfast"), "generate", "streamshop", "--version", 1, "--format", "parquet", *numbers, "--out",
               hidden / "ten"]
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if ran.returncode != 0:
        raise Failed(f"generating events: {ran.stderr.strip()}")
    # One file for the one batch: the order of rows from several files in a batch is nobody's promise.
    events = pa.concat_tables([pq.read_table(file) for file in sorted((hidden / "ten").iterdir())])
    for name, tables in (("one", [events]), ("warm", [events.slice(0, WARM_ROWS)]),
                         ("latency", [events.slice(row, 1) for row in range(asked.latency_batches)])):
        (hidden / name).mkdir()
        for number, table in enumerate(tables):
            pq.write_table(table, hidden / name / f"{number:05}.parquet")
    for directory in hidden.iterdir():
        for number, file in enumerate(sorted(directory.iterdir())):
            os.utime(file, (1_767_225_600 + number,) * 2)  # sources take files by time
    hidden.rename(made)
    return made


def answer_of(directory):
    """What a loop over the rows of the files, in their order, puts out."""
    open_sessions, rows, counted, revenue = {}, 0, 0, 0.0
    for file in sorted(directory.iterdir()):
        table = pq.read_table(file, columns=["session_id", "event_type", "revenue"])
        for key, kind, amount in zip(*(table.column(name).to_pylist() for name in table.column_names)):
            count, total = open_sessions.get(key, (0, 0.0))
            open_sessions[key] = (count + 1, total + amount)
            if kind in ("purchase", "logout"):
                count, total = open_sessions.pop(key)
                rows, counted, revenue = rows + 1, counted + count, revenue + total
    return {"rows": rows, "sum_event_count": counted, "revenue": round(revenue, 2)}


def run_once(command, processor, inputs, case):
    words, environment = command
    work = BUILD / "bench-work" / "python"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for file in (inputs / case).iterdir():  # the page cache is warm for everyone
        file.read_bytes()
    os.sync()  # nobody pays for what another one wrote
    said, peak_mb = watch([*words, processor, str(inputs / case), str(inputs / "warm"), str(work)], environment, work)
    shutil.rmtree(work)
    times = said.pop("batches_ms")
    if case == "latency":
        settled = times[SETTLED_BATCHES:] or times
        return {"batches": len(times), "median_ms": statistics.median(settled), "first_ms": times[0],
                "worst_ms": max(settled), "cpu_s": said["cpu_s"], "peak_mb": peak_mb, "answer": said["answer"]}
    return {"events": said["events"], "batches": len(times), "seconds": said["seconds"],
            "rows_per_s": round(said["events"] / said["seconds"]), "batches_ms": times, "cpu_s": said["cpu_s"],
            "peak_mb": peak_mb, "answer": said["answer"]}


def watch(command, environment, work):
    """Runs a program to its end; returns (the JSON of its last line, peak memory in MB)."""
    peak = 0
    with open(work / "stdout", "wb+") as out, open(work / "stderr", "wb+") as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, cwd=work)
        while process.poll() is None:
            peak = max(peak, peak_kb(process.pid))
            time.sleep(0.1)
    if process.returncode != 0:
        told = (work / "stderr").read_text(errors="replace").strip()[-3000:]
        raise Failed(f"{' '.join(command[:2])} ... ended with {process.returncode}: {told}")
    lines = [line for line in (work / "stdout").read_text().splitlines() if line.startswith("{")]
    return json.loads(lines[-1]), round(peak / 1024)


def ratios(lines, case, processor):
    """How many times Holdfast's time, CPU and memory Spark took."""
    measure = "median_ms" if case == "latency" else "seconds"

    def median(system, name):
        values = [line[name] for line in lines
                  if (line["case"], line["processor"], line["system"]) == (case, processor, system)]
        return statistics.median(values) if values else None

    told = {}
    for name, label in ((measure, "time"), ("cpu_s", "cpu"), ("peak_mb", "memory")):
        spark, own = median("spark", name), median("holdfast", name)
        if spark and own:
            told[label] = round(spark / own, 2)
    return told


def versions(words, environment):
    """Of the interpreter and the packages that a system runs with."""
    ask = ("import importlib.metadata as m, json, platform; "
           "found = {d.name.lower(): d.version for d in m.distributions()}; "
           "print(json.dumps({'python': platform.python_version(), "
           "**{n: found[n] for n in ('pyspark', 'holdfast', 'pandas', 'pyarrow', 'numpy') if n in found}}))")
    return json.loads(subprocess.run([words[0], "-c", ask], env=environment, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
