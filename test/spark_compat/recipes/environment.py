# SPDX-License-Identifier: Apache-2.0
"""Gets a program into the Python of a Spark."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
MARK = "HOLDFAST_IN_SPARK"


def enter_spark(version, arguments):
    """Returns if this is the Python of that Spark already; else starts it again with `arguments`."""
    if os.environ.get(MARK) == version:
        return
    sys.path.insert(0, str(HERE.parent.parent / "tools"))
    from dev_spark import setup_spark

    python, environment = setup_spark(version)
    places = os.pathsep.join([str(HERE), str(HERE / "continue")])  # Spark's workers import from here too
    environment = {**os.environ, **environment, "PYTHONPATH": places, "PYTHONWARNINGS": "ignore", "TZ": "UTC",
                   MARK: version}
    os.execve(python, [str(python), *arguments], environment)
