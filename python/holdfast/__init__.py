# SPDX-License-Identifier: Apache-2.0
"""Holdfast: stateful stream processing whose state survives a change of schema, of engine and of machine.

`holdfast.sql` has the names of `pyspark.sql`. `import holdfast.pyspark` makes `import pyspark` mean Holdfast.
"""

# pyarrow comes first: it brings the Arrow library that the engine is linked with.
import pyarrow as _pyarrow  # noqa: F401

from holdfast.conf import SparkConf
from holdfast.context import SparkContext

__version__ = "0.1.0"
__all__ = ["SparkConf", "SparkContext"]
