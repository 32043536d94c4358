# SPDX-License-Identifier: Apache-2.0
"""Runs a query file with Spark or with Holdfast, to its end or until it is killed."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

from logs import sink_holds

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HOLDFAST_BUILD") or ROOT / "build")
HOLDFAST = BUILD / "bin/holdfast"
FOREIGN = "HOLDFAST_FOREIGN_CHECKPOINT"
NO_WORKER = "Python worker failed to connect back"  # a loaded machine, not the query
PLUGIN = """
#include "holdfast/plugin.h"
#include "sessionization/streamshop.h"
using streamshop::SessionizerV1;
using streamshop::SessionizerV2;
HOLDFAST_PROCESSOR(SessionizerV1)
HOLDFAST_PROCESSOR(SessionizerV2)
"""
_plugin_lock = threading.Lock()


class Failed(Exception):
    """A process that should have gone well."""


def spark(query, *options, version, api, kill_when=None):
    """Returns whether it was killed; again, when Spark had no luck with its workers."""
    command = [sys.executable, HERE / "spark_side.py", "--spark", version, "--api", api, *options, query]
    log = query.with_name("spark.log")
    for _ in range(5):
        begin = log.stat().st_size if log.exists() else 0
        code = run(command, log, kill_when)
        said = log.read_bytes()[begin:].decode(errors="replace")
        if NO_WORKER not in said:
            break
    if code not in (0, None):
        raise Failed(f"Spark, {query.name}: {said[-1500:]}")
    return code is None


def holdfast_run(query, *options, kill_when=None):
    """Returns whether it was killed."""
    log = query.with_name("holdfast.log")
    code = run([HOLDFAST, "run", *options, query], log, kill_when)
    if code not in (0, None):
        raise Failed(f"Holdfast, {query.name}: exit code {code}: {log.read_text()[-1500:]}")
    return code is None


def holdfast(*arguments):
    """(rows, None) of a command that prints JSON, or (None, why it refused)."""
    done = subprocess.run([str(part) for part in (HOLDFAST, *arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], None


def run(command, log, kill_when=None):
    """The exit code, or None when the process and all that it began were killed as soon as kill_when() was true."""
    with open(log, "ab") as out:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
    if kill_when is None:
        return process.wait()
    while process.poll() is None:
        if kill_when():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kill_session(process.pid)
            return None
    return process.returncode


def kill_session(session):
    """Spark's Python workers have a process group of their own."""
    for directory in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ProcessLookupError):
            if int((directory / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                os.kill(int(directory.name), signal.SIGKILL)


def batch_has_come_to(part, batch, checkpoint, output):
    """A function that tells whether this part of the batch is on disk; it waits idly while the batch before is not."""
    before = checkpoint / "offsets" / str(batch - 1)
    state = [checkpoint / "state/0" / str(partition) for partition in range(8)]

    def state_is_there():
        for directory in state:
            with contextlib.suppress(FileNotFoundError):
                if any(name.startswith((f"{batch + 1}.", f"{batch + 1}_")) for name in os.listdir(directory)):
                    return True
        return False

    def there():
        if not before.exists():
            time.sleep(0.001)
            return False
        if part == "state":
            return state_is_there()
        if part == "sink":
            return sink_holds(output, batch)
        return (checkpoint / "offsets" / str(batch)).exists()

    return there


def plugin(directory):
    """The processors of examples/sessionization as a library."""
    library = directory / "libstreamshop.so"
    with _plugin_lock:
        if not library.exists():
            source = directory / "streamshop.cc"
            source.write_text(PLUGIN)
            subprocess.run(["c++", "-std=c++20", "-shared", "-fPIC", f"-I{ROOT / 'include'}", f"-I{ROOT / 'examples'}",
                            source, "-o", library, f"-L{BUILD / 'lib'}", "-lholdfast"], check=True)
    return library
