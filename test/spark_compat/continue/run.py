# SPDX-License-Identifier: Apache-2.0
"""The StreamShop sessionizer on one checkpoint by turns with real Spark and with Holdfast, in every way of cases.py.

    python3 run.py [--keep DIR] [--jobs N] [NAME...]

NAME is a part of a case's name; without one all are played. Needs ./dev build, a compiler, and two cores for two jobs.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from cases import ALL  # noqa: E402
from play import Play  # noqa: E402


def played(case, directory):
    """(the play, how long it took); an exception is one more thing that is wrong."""
    home = directory / case.name.replace(":", "_").replace("!", "_")
    home.mkdir(parents=True)
    play, begin = Play(case, home), time.monotonic()
    try:
        play.all_turns()
    except Exception as failure:  # noqa: BLE001: whatever it is, the case has failed
        play.wrong.append(f"{type(failure).__name__}: {failure}")
    return play, time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=pathlib.Path, help="where the files stay; a new directory")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args()
    cases = [case for case in ALL if not asked.names or any(name in case.name for name in asked.names)]
    if not cases:
        raise SystemExit(f"no case has {' or '.join(asked.names)} in its name")
    failed = 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        directory = (asked.keep or pathlib.Path(scratch)).resolve()
        plays = pool.map(lambda case: played(case, directory), cases)
        print(f"{'case':34} batches  rows  s", flush=True)
        for play, seconds in plays:
            failed += bool(play.wrong)
            print(f"{play.case.name:34} {len(play.history):7} {len(play.sessions.ended):5} {seconds:4.0f}  "
                  f"{'FAILED' if play.wrong else 'ok'}", flush=True)
            print("".join(f"    {said[:600]}\n" for said in play.wrong[:20]), end="", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
