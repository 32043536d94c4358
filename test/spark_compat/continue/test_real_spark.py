# SPDX-License-Identifier: Apache-2.0
"""Real Spark and Holdfast by turns on one checkpoint: the four directions of cases.py. `./dev test --spark` runs it."""

import concurrent.futures
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from cases import FOUR_DIRECTIONS  # noqa: E402
from run import played  # noqa: E402


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="holdfast-test-") as scratch, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for play, seconds in pool.map(lambda case: played(case, pathlib.Path(scratch).resolve()), FOUR_DIRECTIONS):
            failed += bool(play.wrong)
            what = play.case.name.replace(":", " ")
            print(f"FAILED {what}: {' | '.join(play.wrong[:3])}" if play.wrong else f"ok {what}: {seconds:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
