# SPDX-License-Identifier: Apache-2.0
"""Kills the real binary's demo (kill -9) at random moments and starts it again with the same folder. Each demo must end
with its proof; a folder that was finished is replaced by a new one until enough kills have struck.

usage: test_kill_demo.py [KILLS] [SEED]; HOLDFAST_BINARY names the binary, default build/bin/holdfast
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("HOLDFAST_BINARY", str(ROOT / "build/bin/holdfast"))
EVENTS, SESSIONS = "4000", "500"


def command(folder, seed, form):
    return [BINARY, "demo", "--out", str(folder), "--events", EVENTS, "--sessions", SESSIONS, "--seed", str(seed), "--format", form]


def main():
    kills_wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    base = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-kill-"))
    begun = time.monotonic()
    whole = subprocess.run(command(base / "whole", 0, "json"), capture_output=True, text=True)
    seconds = time.monotonic() - begun
    if whole.returncode != 0:
        print("FAILED kill_demo: the undisturbed demo failed: " + (whole.stderr or whole.stdout[-500:]).replace("\n", " "))
        return 1
    kills, demos, starts = 0, 0, 0
    while kills < kills_wanted:
        demos += 1
        folder, form = base / f"demo-{demos}", dice.choice(["json", "parquet"])
        while True:
            starts += 1
            process = subprocess.Popen(command(folder, demos, form), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                out, err = process.communicate(timeout=dice.uniform(0.0, seconds * 0.6))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
                if kills < kills_wanted:
                    continue
                finished = subprocess.run(command(folder, demos, form), capture_output=True, text=True)
                out, err, process = finished.stdout, finished.stderr, finished
            if process.returncode != 0 or "\nPROVEN" not in out:
                print(f"FAILED kill_demo: demo {demos} after {kills} kills ended with {process.returncode}: "
                      + (err + out[-800:]).replace("\n", " ") + f" (kept in {folder})")
                return 1
            break
        shutil.rmtree(folder)
    shutil.rmtree(base)
    print(f"ok kill_demo: {kills} kills, {starts} starts, {demos} demos, each with its proof")
    return 0


if __name__ == "__main__":
    sys.exit(main())
