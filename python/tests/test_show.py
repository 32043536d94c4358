# SPDX-License-Identifier: Apache-2.0
"""show() prints what Spark 4.3.0 prints, to the last line end."""

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast.sql import SparkSession  # noqa: E402

# Of spark.range(3): (arguments of show, what Spark prints)
SHOWN = {
    "all": ((3,), {}, "+---+\n| id|\n+---+\n|  0|\n|  1|\n|  2|\n+---+\n\n"),
    "the first": ((1,), {}, "+---+\n| id|\n+---+\n|  0|\n+---+\nonly showing top 1 row\n"),
    "the first two": ((2,), {}, "+---+\n| id|\n+---+\n|  0|\n|  1|\n+---+\nonly showing top 2 rows\n"),
    "none": ((0,), {}, "+---+\n| id|\n+---+\n+---+\nonly showing top 0 rows\n"),
    "the first, vertical": ((1,), {"vertical": True}, "-RECORD 0--\n id  | 0   \nonly showing top 1 row\n"),
    "all, vertical": (
        (3,),
        {"vertical": True},
        "-RECORD 0--\n id  | 0   \n-RECORD 1--\n id  | 1   \n-RECORD 2--\n id  | 2   \n\n",
    ),
    "none, vertical": ((0,), {"vertical": True}, "(0 rows)\n"),
}


@pytest.mark.parametrize("case", SHOWN)
def test_show_prints_what_spark_prints(case, capsys):
    words, options, expected = SHOWN[case]
    SparkSession.builder.getOrCreate().range(3).show(*words, **options)
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("vertical, expected", [(True, "(0 rows)\n"), (False, "+---+\n| id|\n+---+\n+---+\n\n")])
def test_show_of_no_rows(vertical, expected, capsys):
    SparkSession.builder.getOrCreate().range(0).show(vertical=vertical)
    assert capsys.readouterr().out == expected
