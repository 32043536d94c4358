# SPDX-License-Identifier: Apache-2.0
"""Holdfast: stateful stream processing whose state survives a change of schema, of engine and of machine.

`holdfast.sql` has the names of `pyspark.sql`. `import holdfast.pyspark` makes `import pyspark` mean Holdfast; in
Jupyter `%load_ext holdfast` does so, and brings `spark`, `display` and `%sql`.
"""

from typing import TYPE_CHECKING, Any

# These come before the engine. pyarrow brings the Arrow library that the engine is linked with; its libparquet exports an
# OpenSSL of its own, which the system's libcrypto must not be bound to: so hashlib loads that one first, by itself.
import hashlib as _hashlib  # noqa: F401

import pyarrow as _pyarrow  # noqa: F401

from holdfast.conf import SparkConf

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from holdfast.evolution import check as check
    from holdfast.sql.context import SparkContext as SparkContext

__version__ = "0.1.0"
__all__ = ["SparkConf", "SparkContext", "check"]


def __getattr__(name: str) -> Any:
    """What brings the engine comes when it is asked for."""
    if name == "check":
        from holdfast.evolution import check

        return check
    if name == "SparkContext":
        from holdfast.sql.context import SparkContext

        return SparkContext
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """What `%load_ext holdfast` calls."""
    from holdfast.notebook.ipython import load

    load(ipython)
