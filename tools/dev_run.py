# SPDX-License-Identifier: Apache-2.0
"""What every verb of ./dev shares: the places, running quietly, and the time that stages took.

A step prints one short line when it has something to do and nothing when it has not. The output of
the commands goes to build/log/<step>.log; its end is shown when a command fails.
"""

import contextlib
import fcntl
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("HOLDFAST_CACHE") or "~/.cache/holdfast").expanduser().absolute()
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
LOGS = ROOT / "build/log"
JOBS = os.cpu_count() or 2

_stages = []


class Failed(Exception):
    """Ends ./dev with exit code 1 and this sentence."""


def say(text):
    print(text, flush=True)


@contextlib.contextmanager
def stage(name):
    """Adds the time of its body to the table that `print_stages` shows."""
    begin = time.monotonic()
    try:
        yield
    finally:
        _stages.append((name, time.monotonic() - begin))


def print_stages():
    """One line, without the stages that took no time: 'time: setup 1 s, build 12 s, tests 8 s'."""
    parts = [f"{name} {taken:.0f} s" for name, taken in _stages if taken >= 0.5]
    if parts:
        say("time: " + ", ".join(parts))


def run(step, command, cwd=ROOT, env=None, shown=False):
    """Runs `command`; its output goes to the log of `step`, or to the screen if `shown`."""
    environment = {**os.environ, **(env or {})}
    command = [str(part) for part in command]
    if shown:
        if subprocess.run(command, cwd=cwd, env=environment).returncode != 0:
            raise Failed(f"{step} failed: {' '.join(command)}")
        return
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{step}.log"
    with open(log, "wb") as out:
        out.write((" ".join(command) + "\n").encode())
        out.flush()
        done = subprocess.run(command, cwd=cwd, env=environment, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()
        say("\n".join(lines[-60:]))
        raise Failed(f"{step} failed; everything it said is in {log.relative_to(ROOT)}")


def output(command, cwd=ROOT):
    """The standard output of a command, or None when it is not there or fails."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


@contextlib.contextmanager
def exclusively(name):
    """Two ./dev at once do not build the same thing into the same place."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f".lock-{name}", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another ./dev that is busy with {name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fail_softly(body):
    """Runs the program; a Failed becomes its sentence and exit code 1."""
    try:
        return body()
    except Failed as failure:
        print(f"dev: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
