# SPDX-License-Identifier: Apache-2.0
"""Runs Spark's own Python test cases against the Python package, which the alias puts in PySpark's place.

    spark_suites.py SPARK_VENV [-k PART_OF_A_NAME...] [MODULE...]

The tests are taken out of the archive that the pyspark package brings (python/lib/pyspark.zip); nothing of them is kept. Without a
MODULE: those of transformWithState, with pandas and with Rows, and of TwsTester. Prints each test that fails and the counts.

The tests stand on a few inner parts of PySpark: what they need of those stands here.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import tempfile
import types
import unittest
import zipfile

SUITES = [
    "pyspark.sql.tests.pandas.streaming.test_tws_tester",
    "pyspark.sql.tests.pandas.streaming.test_pandas_transform_with_state",
    "pyspark.sql.tests.pandas.streaming.test_pandas_transform_with_state_state_variable",
    "pyspark.sql.tests.pandas.streaming.test_transform_with_state",
    "pyspark.sql.tests.pandas.streaming.test_transform_with_state_state_variable",
    "pyspark.sql.tests.pandas.streaming.test_pandas_transform_with_state_checkpoint_v2",
    "pyspark.sql.tests.pandas.streaming.test_pandas_transform_with_state_state_variable_checkpoint_v2",
    "pyspark.sql.tests.pandas.streaming.test_transform_with_state_checkpoint_v2",
    "pyspark.sql.tests.pandas.streaming.test_transform_with_state_state_variable_checkpoint_v2",
]


class FromArchive(importlib.abc.MetaPathFinder):
    """Finds pyspark.sql.tests in the unpacked archive, and everything else where it is."""

    def __init__(self, root):
        self.root = root

    def find_spec(self, name, path=None, target=None):
        if not name.startswith("pyspark.sql.tests"):
            return None
        place = os.path.join(self.root, *name.split("."))
        if os.path.isdir(place):
            spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [place]
            return spec
        return importlib.util.spec_from_file_location(name, place + ".py")


def unpack(spark_venv, root):
    archive = next(pathlib.Path(spark_venv).glob("lib/python*/site-packages/pyspark/python/lib/pyspark.zip"))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(root, [name for name in packed.namelist() if name.startswith("pyspark/sql/tests/pandas/")])


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    if members.pop("is_package", False):
        module.__path__ = []
    sys.modules[name] = module


def stand_ins():
    from pyspark import SparkConf
    from pyspark.sql import SparkSession
    from pyspark.testing import assertDataFrameEqual

    class ReusedSQLTestCase(unittest.TestCase):
        @classmethod
        def conf(cls):
            return SparkConf()

        @classmethod
        def setUpClass(cls):
            cls.spark = SparkSession.builder.config(conf=cls.conf()).getOrCreate()
            cls.spark.conf.set("spark.sql.shuffle.partitions", "5")

        @classmethod
        def tearDownClass(cls):
            cls.spark.stop()

        def sql_conf(self, pairs):
            return SetFor(self.spark, pairs)

    assertDataFrameEqual  # the tests import it by this name
    wanted = {"have_pandas": True, "have_pyarrow": True, "have_numpy": True, "pandas_requirement_message": None,
              "pyarrow_requirement_message": None, "numpy_requirement_message": None}
    stand_in("pyspark.testing.utils", **wanted)
    stand_in("pyspark.testing.sqlutils", ReusedSQLTestCase=ReusedSQLTestCase, **wanted)


class SetFor:
    """Settings for a `with` block."""

    def __init__(self, spark, pairs):
        self.spark, self.pairs = spark, pairs

    def __enter__(self):
        self.before = {key: self.spark.conf.get(key, None) for key in self.pairs}
        for key, value in self.pairs.items():
            self.spark.conf.set(key, value)

    def __exit__(self, *failure):
        for key, value in self.before.items():
            if value is None:
                self.spark.conf.unset(key)
            else:
                self.spark.conf.set(key, value)


def main(words):
    spark_venv, rest = words[0], words[1:]
    loader = unittest.TestLoader()
    if "-k" in rest:
        loader.testNamePatterns = [f"*{part}*" for part in rest[rest.index("-k") + 1:] if "." not in part]
        rest = [word for word in rest if "." in word]
    with tempfile.TemporaryDirectory() as root:
        unpack(spark_venv, root)
        import holdfast.pyspark  # noqa: F401

        stand_ins()
        sys.meta_path.insert(0, FromArchive(root))
        suite = unittest.TestSuite(loader.loadTestsFromName(name) for name in rest or SUITES)
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad - len(result.skipped)} passed, {bad} failed, {len(result.skipped)} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
