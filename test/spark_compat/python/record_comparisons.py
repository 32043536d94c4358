# SPDX-License-Identifier: Apache-2.0
"""Records what real PySpark says to comparison_cases.py, into golden/comparisons.json.

Run it with a Python that has PySpark 4.3.0 and pandas; Java is needed because PySpark parses DDL there.
"""

import json
import pathlib

import pandas
import pyspark.sql.types
import pyspark.testing
from pyspark.sql import SparkSession

from comparison_cases import CASES, outcome


def main() -> None:
    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    scope = {**vars(pyspark.sql.types), **vars(pyspark.testing), "pd": pandas}
    answers = {name: outcome(source, scope) for name, source in CASES}
    session.stop()
    golden = pathlib.Path(__file__).parent / "golden/comparisons.json"
    lines = [f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items()]
    golden.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
