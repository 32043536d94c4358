# SPDX-License-Identifier: Apache-2.0
"""Processors written in C++, in queries that are described in Python.

    frame.groupBy("session_id").transformWithState(
        NativeProcessor("libsessionizer.so", "SessionizerV2"), outputStructType=None, outputMode="append", timeMode="none")
"""

import json

from holdfast import _engine
from holdfast.sql.types import StructType

__all__ = ["NativeProcessor"]


class NativeProcessor:
    """A class that a shared library exports by HOLDFAST_PROCESSOR (holdfast/plugin.h)."""

    def __init__(self, library: str, name: str) -> None:
        self.library = library
        self.name = name

    def output_schema(self) -> StructType:
        """The columns of what it puts out. Opens the library."""
        return StructType.fromJson(json.loads(_engine.native_output_schema(self.library, self.name)))
