# SPDX-License-Identifier: Apache-2.0
"""assertDataFrameEqual and assertSchemaEqual say what PySpark said (test/spark_compat/python/record_comparisons.py)."""

import json
import pathlib
import sys

import pytest

pandas = pytest.importorskip("pandas")
pytest.importorskip("holdfast._engine", reason="the extension is not built")

import holdfast.pyspark.testing  # noqa: E402
import holdfast.sql.types  # noqa: E402

RECIPES = pathlib.Path(__file__).resolve().parents[2] / "test/spark_compat/python"
sys.path.insert(0, str(RECIPES))

from comparison_cases import CASES, outcome  # noqa: E402

GOLDEN = json.loads((RECIPES / "golden/comparisons.json").read_text())
SCOPE = {**vars(holdfast.sql.types), **vars(holdfast.pyspark.testing), "pd": pandas}


@pytest.mark.parametrize("name, source", CASES, ids=[name for name, _ in CASES])
def test_a_comparison_ends_as_with_pyspark(name, source):
    assert outcome(source, SCOPE) == GOLDEN[name], source
