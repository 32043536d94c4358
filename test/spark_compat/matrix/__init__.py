# SPDX-License-Identifier: Apache-2.0
"""What Spark says of changes of state between two starts of a query, case by case: see README.md."""
