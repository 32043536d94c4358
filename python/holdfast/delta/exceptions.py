# SPDX-License-Identifier: Apache-2.0
"""The names of delta.exceptions that a merge raises."""

from holdfast.errors import PySparkException

__all__ = ["ConcurrentAppendException", "DeltaConcurrentModificationException"]


class DeltaConcurrentModificationException(PySparkException):
    """Another writer was at the table at the same time."""


class ConcurrentAppendException(DeltaConcurrentModificationException):
    """Another writer added to the table what this one would have had to read."""
