# SPDX-License-Identifier: Apache-2.0
"""What `import delta` means beside PySpark's alias: names of the package delta-spark."""

from typing import Any

from holdfast.delta.tables import DeltaTable

__all__ = ["DeltaTable", "configure_spark_with_delta_pip"]


def configure_spark_with_delta_pip(spark_session_builder: Any, extra_packages: Any = None) -> Any:
    """The builder as it is: Delta tables need no packages here."""
    return spark_session_builder
