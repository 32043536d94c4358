# SPDX-License-Identifier: Apache-2.0
"""What user code sees and may return in transformWithState(InPandas), asked of PySpark
and of Holdfast by the same program.

    query.py       a query as data, and `run_query`, which runs it on whichever engine `pyspark` means
    describe.py    one text for every Python, numpy and pandas value: its exact type and its contents
    processors.py  the processors that look
    tables.py      types, their values, and Parquet files of them
    *_cases.py     the queries, a list `QUERIES` in each
    suite.py       all of them, and the form of a golden file
"""
