# SPDX-License-Identifier: Apache-2.0
"""Where Holdfast is meant to differ from PySpark, or does not do as PySpark yet. Every entry has a reason."""

from cells.compare import Known

KNOWN = [
]
