# SPDX-License-Identifier: Apache-2.0
"""Runs Databricks notebooks, .ipynb files and scripts unchanged: dbutils, display, magics, and the paths of Databricks.

Nothing is imported from here eagerly: the core needs only `paths`.
"""
