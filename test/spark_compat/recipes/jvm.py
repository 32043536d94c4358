# SPDX-License-Identifier: Apache-2.0
"""Queries whose processor runs in the JVM. They need a Java compiler (openjdk-17-jdk-headless)."""

import os
import pathlib
import shutil
import subprocess

import pyspark
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from recipes.processor import OUTPUT

SOURCES = pathlib.Path(__file__).parent / "java"


def compile_classes(into, directory=SOURCES):
    """Compiles the Java of `directory` against the jars of this Spark; returns the directory for the class path."""
    compiler = shutil.which(os.path.join(os.environ.get("JAVA_HOME", ""), "bin/javac")) or shutil.which("javac")
    if not compiler:
        raise FileNotFoundError("this Java program needs javac, on Debian from openjdk-17-jdk-headless")
    jars = pathlib.Path(pyspark.__file__).parent / "jars"
    sources = sorted(str(path) for path in directory.rglob("*.java"))
    subprocess.run([compiler, "-cp", f"{jars}/*", "-nowarn", "-d", str(into), *sources], check=True)
    return into


def transformed(session, case, rows):
    """The output of java/ over `rows`, in the columns of Python's processor."""
    query = session.sparkContext._jvm.holdfast.recipes.JvmQuery
    made = DataFrame(query.transformed(rows._jdf, case.time_mode, case.output_mode).toDF(), session)
    return made.select(f.from_json("value", OUTPUT).alias("row")).select("row.*")
