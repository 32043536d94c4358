# SPDX-License-Identifier: Apache-2.0
"""`import pyspark` means Holdfast once holdfast.pyspark is imported. Each test is a Python process of its own."""

import importlib
import subprocess
import sys

import pytest

from holdfast.pyspark.alias import MODULES
from programs import PACKAGE

pytest.importorskip("holdfast._engine", reason="the extension is not built")


def python(code, *folders):
    """Runs the code in a process that finds Holdfast, and `folders` before it; returns the finished process."""
    path = [*map(str, folders), str(PACKAGE)]
    start = f"import sys; sys.path[:0] = {path!r}\n"
    return subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, timeout=60)


ALIASED = "import holdfast.pyspark\n"


def passes(code, *folders):
    done = python(code, *folders)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def real_pyspark(tmp_path):
    """A folder with a package pyspark that is not ours."""
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark/__init__.py").write_text("__version__ = 'real'\n")
    return tmp_path


def test_a_class_is_the_same_object_under_both_names():
    passes(
        ALIASED + "import holdfast.sql.types, holdfast.errors\n"
        "from pyspark.sql.types import StructType, Row\n"
        "import pyspark.errors.exceptions.base as base\n"
        "from pyspark.sql.utils import AnalysisException\n"
        "assert StructType is holdfast.sql.types.StructType and Row is holdfast.sql.types.Row\n"
        "assert AnalysisException is base.AnalysisException is holdfast.errors.AnalysisException\n"
    )


def test_a_star_import_brings_the_public_names():
    passes(ALIASED + "from pyspark.sql.types import *\nStructType, StringType\nassert 'Enum' not in dir()\n")


def test_a_module_below_pyspark_is_an_attribute_without_its_own_import():
    passes(ALIASED + "import pyspark\nassert pyspark.sql.types.LongType().simpleString() == 'bigint'\n")


def test_an_import_as_and_an_import_from_the_parent_agree():
    passes(
        ALIASED + "import pyspark.sql.types as first\nfrom pyspark.sql import types as second\n"
        "from importlib import import_module\nassert first is second is import_module('pyspark.sql.types')\n"
    )


def test_the_version_is_that_of_the_pyspark_that_is_mirrored():
    passes(ALIASED + "import pyspark\nfrom pyspark.version import __version__ as v\nassert pyspark.__version__ == v\n")


@pytest.mark.parametrize("name", ["pyspark.ml", "pyspark.pandas", "pyspark.sql.connect", "pyspark.sql.connect.session"])
def test_a_module_that_is_lacking_is_an_import_error_that_names_it_and_holdfast(name):
    code = f"try:\n    import {name}\nexcept ImportError as error:\n    print(error, '|', error.name)\n"
    told = passes(ALIASED + code)
    missing = name if name.count(".") < 3 else "pyspark.sql.connect"
    assert told.startswith(f"Holdfast has no {missing}: ") and told.endswith(f"| {missing}\n")


def test_a_name_that_is_lacking_is_an_import_error_that_shows_where_it_was_looked_for():
    done = python(ALIASED + "from pyspark.sql.types import NoSuchType")
    assert "ImportError: cannot import name 'NoSuchType' from 'pyspark.sql.types'" in done.stderr
    assert "holdfast/sql/types.py" in done.stderr


def test_an_attribute_that_is_lacking_is_an_attribute_error_that_names_holdfast():
    done = python(ALIASED + "import pyspark.sql.types as T; T.NoSuchType")
    assert "pyspark.sql.types is Holdfast's holdfast.sql.types here, which has no 'NoSuchType'" in done.stderr


def test_an_installed_pyspark_is_passed_over(real_pyspark):
    passes(ALIASED + "import pyspark\nassert pyspark.__version__ != 'real'\n", real_pyspark)


def test_a_pyspark_that_is_loaded_already_is_an_error_that_says_so(real_pyspark):
    done = python("import pyspark\nimport holdfast.pyspark", real_pyspark)
    assert f"PySpark itself was imported before Holdfast, from {real_pyspark}/pyspark/__init__.py" in done.stderr


def test_without_the_alias_pyspark_is_not_touched(real_pyspark):
    passes("import holdfast.errors, pyspark\nassert pyspark.__version__ == 'real'\n", real_pyspark)


def test_a_second_install_changes_nothing():
    passes(
        ALIASED + "import pyspark.sql.types as first\nfrom holdfast.pyspark.alias import install\ninstall()\n"
        "import sys\nassert sys.modules['pyspark.sql.types'] is first and sum("
        "type(finder).__name__ == 'PySparkFinder' for finder in sys.meta_path) == 1\n"
    )


def test_classes_are_pickled_by_the_name_that_needs_no_alias():
    passes(
        ALIASED + "import pickle\nfrom pyspark.sql.types import LongType\n"
        "assert b'pyspark' not in pickle.dumps(LongType())\n"
    )


@pytest.mark.parametrize("target", sorted(set(MODULES.values())))
def test_every_module_of_the_table_is_there(target):
    importlib.import_module(target)
