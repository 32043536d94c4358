# SPDX-License-Identifier: Apache-2.0
"""Apache Spark for the tests that compare with it: each version is a virtual environment of its own
in <cache>/spark-<version>, with a Java beside it. test/spark_compat uses what this brings.

    python3 tools/dev_spark.py VERSION      prints the Python of that Spark
"""

import os
import re
import shutil
import subprocess
import sys

from dev_run import CACHE, Failed, exclusively, fail_softly, run, say
from dev_setup import PYARROW, debian_packages

# PySpark declares none of these, but its transformWithState imports them. One set fits every version
# from 4.0 on: protobuf accepts generated code that is one major version older, and no newer one.
BESIDES = (f"pyarrow=={PYARROW}", "pandas==2.3.3", "protobuf==6.33.6")
JAVA_MIN = 17
SPARK = "4.3.0"  # that takes turns with Holdfast in tests
DBLDATAGEN = ("dbldatagen==0.4.0.post1", "pyparsing==3.3.3", "jmespath==1.1.0")


def setup_spark(version):
    """Installs PySpark `version` and Java if they are missing; returns (python, environment)."""
    java = setup_java()
    home = CACHE / f"spark-{version}"
    python = home / "bin/python"
    if not (home / "complete").exists():
        with exclusively(f"spark-{version}"):
            if not (home / "complete").exists():
                say(f"installing PySpark {version} into {home} (450 MB)")
                run(f"spark-{version}-venv", [sys.executable, "-m", "venv", "--clear", home])
                install = [python, "-m", "pip", "install", "--quiet", f"pyspark=={version}", *BESIDES]
                run(f"spark-{version}-pip", install)
                (home / "complete").touch()
    return python, {"JAVA_HOME": java, "PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python)}


def setup_dbldatagen():
    """Databricks' generator of test data in a folder for any Python's path; it names nothing of what it imports."""
    home = CACHE / DBLDATAGEN[0].replace("==", "-")
    with exclusively(home.name):
        if not (home / "complete").exists():
            install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", home, *DBLDATAGEN]
            run(f"{home.name}-pip", install)
            (home / "complete").touch()
    return home


def setup_java():
    """The home of a Java that Spark 4 accepts, from Debian if there is none."""
    home = usable_java()
    if not home:
        debian_packages("spark")
        home = usable_java()
    if not home:
        raise Failed(f"Spark needs Java {JAVA_MIN} or newer on PATH or in JAVA_HOME")
    return home


def usable_java():
    named = os.environ.get("JAVA_HOME")
    for candidate in (named and os.path.join(named, "bin/java"), shutil.which("java")):
        if not candidate or not os.path.exists(candidate):
            continue
        told = subprocess.run([candidate, "-version"], capture_output=True, text=True).stderr
        version = re.search(r'version "(\d+)', told)
        if version and int(version.group(1)) >= JAVA_MIN:
            return os.path.dirname(os.path.dirname(os.path.realpath(candidate)))
    return None


def main():
    if len(sys.argv) != 2:
        raise Failed("usage: dev_spark.py VERSION, for example 4.3.0")
    print(setup_spark(sys.argv[1])[0])
    return 0


if __name__ == "__main__":
    sys.exit(fail_softly(main))
