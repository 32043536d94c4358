# SPDX-License-Identifier: Apache-2.0
"""The names of the module `pyspark` itself. `__version__` is that of the PySpark whose API Holdfast follows."""

from holdfast.conf import SparkConf
from holdfast.pyspark.storagelevel import StorageLevel
from holdfast.sql.context import SparkContext
from holdfast.sql.row import Row

__version__ = "4.3.0"
__all__ = ["Row", "SparkConf", "SparkContext", "StorageLevel"]
