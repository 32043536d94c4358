# SPDX-License-Identifier: Apache-2.0
"""Runs `holdfast ARGUMENTS` with the session of fakes.py, in a folder of its own."""

import json
import os
import pathlib
import subprocess
import sys
from typing import List, Optional

import holdfast as holdfast_package

TESTS = pathlib.Path(__file__).resolve().parent
PACKAGE = pathlib.Path(holdfast_package.__file__).parent.parent  # with the extension, which is not in the source tree


def holdfast(folder: pathlib.Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return run(folder, [str(TESTS / "fakes.py"), *arguments], **environment)


def python(folder: pathlib.Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run(folder, list(arguments))


def run(folder: pathlib.Path, arguments: List[str], **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGE), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def source_notebook(*cells: str) -> str:
    """A notebook in Databricks' source format; a cell that begins with % is written with # MAGIC as Databricks does."""
    texts = ["\n".join("# MAGIC " + line for line in cell.split("\n")) if cell[0] == "%" else cell for cell in cells]
    return "# Databricks notebook source\n" + "\n\n# COMMAND ----------\n\n".join(texts) + "\n"


def jupyter_notebook(*cells: str, language: Optional[str] = None) -> str:
    metadata = {"kernelspec": {"language": language}} if language else {}
    content = [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": content})
