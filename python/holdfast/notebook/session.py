# SPDX-License-Identifier: Apache-2.0
"""The SparkSession of a notebook: the only place of this folder that looks for one."""

from typing import TYPE_CHECKING, Any, Dict

from holdfast.notebook.dbutils import DBUtils
from holdfast.notebook.display import display, displayHTML

if TYPE_CHECKING:
    from holdfast.sql import SparkSession


def current() -> "SparkSession":
    """The session that SparkSession.builder.getOrCreate() gives."""
    from holdfast.sql import SparkSession

    return SparkSession.builder.getOrCreate()


def predefined(dbutils: DBUtils) -> Dict[str, Any]:
    """The names that a notebook of Databricks finds without an import. DataFrames get their display() there, too."""
    from holdfast.sql import DataFrame

    setattr(DataFrame, "display", display)
    spark = current()
    return {
        "spark": spark,
        "sc": spark.sparkContext,
        "sql": spark.sql,
        "table": spark.table,
        "dbutils": dbutils,
        "getArgument": dbutils.widgets.getArgument,
        "display": display,
        "displayHTML": displayHTML,
    }
