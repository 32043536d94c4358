# SPDX-License-Identifier: Apache-2.0
"""A real full disk: the demo runs in a small file system of its own (tmpfs), which is filled under its hands once it has
committed a batch. It must stop with an error that says so and names a file there; when there is room again it goes on
and ends with its proof.

usage: test_disk_full.py; HOLDFAST_BINARY names the binary, default build/bin/holdfast
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HOLDFAST_BUILD", ROOT / "build"))
BINARY = os.environ.get("HOLDFAST_BINARY", str(BUILD / "bin/holdfast"))
PATIENCE_S = 120


def command(folder):
    return [BINARY, "demo", "--out", str(folder), "--events", "60000", "--sessions", "6000", "--seed", "3"]


def fill(path):
    """Takes all the room that is left."""
    with open(path, "wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                pass


def scenario(mounted):
    folder = mounted / "demo"
    process = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + PATIENCE_S
    while not (folder / "checkpoint/commits/0").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            return "the demo committed no batch: " + process.communicate()[1]
        time.sleep(0.001)
    fill(mounted / "filler")
    _, err = process.communicate(timeout=PATIENCE_S)
    if process.returncode == 0:
        return "the demo ended well on a full disk; it was too fast"
    if "no space left" not in err.lower() and "disk full" not in err:
        return f"exit code {process.returncode}, but the error does not speak of a full disk: {err[-600:]}"
    if f"{folder}/" not in err:
        return f"the error names no file: {err[-600:]}"
    (mounted / "filler").unlink()
    again = subprocess.run(command(folder), capture_output=True, text=True, timeout=PATIENCE_S)
    if again.returncode != 0 or "\nPROVEN" not in again.stdout:
        return f"with room again it ended with {again.returncode}: {again.stderr + again.stdout[-600:]}"
    return None


def main():
    mounted = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-full-"))
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(mounted)], capture_output=True, text=True)
    if mount.returncode != 0:
        mounted.rmdir()
        print("no file system can be mounted here: " + mount.stderr.strip())
        return 77
    try:
        why = scenario(mounted)
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=False)
        shutil.rmtree(mounted, ignore_errors=True)
    print("ok disk_full" if why is None else "FAILED disk_full: " + why.replace("\n", " "))
    return 0 if why is None else 1


if __name__ == "__main__":
    sys.exit(main())
