# SPDX-License-Identifier: Apache-2.0
"""What the script tests share: the product's binary, running it, and a line for each test case."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HOLDFAST_BUILD") or ROOT / "build")
HOLDFAST = BUILD / "bin/holdfast"


class Ran:
    """One finished process: `code`, `out` and `err`."""

    def __init__(self, command, done):
        self.command = " ".join(str(part) for part in command)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def rows(self):
        """The JSON objects of the output, which holds nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*command, code=0, cwd=None, stdin=None, env=None, timeout=600):
    """Runs a program; an exit code that is not `code` (None: any) fails the test case."""
    command = [str(part) for part in command]
    done = subprocess.run(command, cwd=cwd, input=stdin, text=True, capture_output=True, timeout=timeout,
                          env={**os.environ, **(env or {})})
    ran = Ran(command, done)
    if code is not None and ran.code != code:
        raise AssertionError(f"{ran.command}: exit code {ran.code}, not {code}: {(ran.err + ran.out)[-600:]}")
    return ran


def holdfast(*arguments, **keywords):
    return run(HOLDFAST, *arguments, **keywords)


def expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def expect_in(part, text, what="the output"):
    if part not in text:
        raise AssertionError(f"{what} lacks {part!r}: {text[-600:]!r}")


def main(*cases):
    """Runs each case (a function of a fresh directory), prints its line, and ends the process."""
    failed = 0
    for case in cases:
        name = case.__name__
        with tempfile.TemporaryDirectory(prefix="holdfast-test-") as directory:
            try:
                said = case(pathlib.Path(directory))
                print(f"ok {name}" + (f": {said}" if said else ""), flush=True)
            except Exception as failure:  # noqa: BLE001: whatever it is, the case has failed
                failed += 1
                print(f"FAILED {name}: {type(failure).__name__}: " + str(failure).replace("\n", " "), flush=True)
    sys.exit(1 if failed else 0)
