# SPDX-License-Identifier: Apache-2.0
"""Writes checkpoints with real Apache Spark, and beside each what Spark itself reads from it.

    cd test/spark_compat && python3 -m recipes --spark 4.3.0 --out golden/spark-4.3.0 [CASE...]

A case (case.py) declares state variables and says, batch by batch, what is done to them; processor.py
is the one processor that does it; query.py runs it; dump.py asks Spark's own readers.
"""
