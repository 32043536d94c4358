# SPDX-License-Identifier: Apache-2.0
"""What PySpark 4.3.0 answered to the cases in `test/spark_compat/python/columns`, for the tests that replay them."""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test" / "spark_compat" / "python"
sys.path.insert(0, str(FOLDER))

from columns import cases, observe  # noqa: E402, F401

GOLDEN = json.loads((FOLDER / "golden" / "columns.json").read_text(encoding="utf-8"))

# The groups of expressions over one row.
OF_ROWS = ("operators", "literals", "functions")


def expressions(*groups):
    """The recorded cases of these groups."""
    return [case for group in groups for case in GOLDEN[group]]


def source_of(case):
    """How pytest calls a case."""
    return case["source"] if isinstance(case, dict) else case[0]
