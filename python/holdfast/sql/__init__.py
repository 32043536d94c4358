# SPDX-License-Identifier: Apache-2.0
"""The names of pyspark.sql that a stateful stream needs."""

from holdfast.sql.catalog import Catalog
from holdfast.sql.column import Column
from holdfast.sql.dataframe import DataFrame
from holdfast.sql.group import GroupedData
from holdfast.sql.readwriter import DataFrameReader, DataFrameWriter
from holdfast.sql.row import Row
from holdfast.sql.session import SparkSession
from holdfast.sql.window import Window, WindowSpec

__all__ = [
    "Catalog",
    "Column",
    "DataFrame",
    "DataFrameReader",
    "DataFrameWriter",
    "GroupedData",
    "Row",
    "SparkSession",
    "Window",
    "WindowSpec",
]
