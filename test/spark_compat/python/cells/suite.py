# SPDX-License-Identifier: Apache-2.0
"""All queries by golden file, and the form of such a file."""

import importlib
import json

FILES = ("input", "keys", "state", "handle", "output", "life", "zone")
# The zone of the process in which a file is recorded; UTC for the others.
PROCESS_ZONE = {"zone": "America/New_York"}


PANDAS = 2  # major version of most recordings


def golden_name(name, pandas):
    """The file of a recording that was made with that version of pandas."""
    major = int(pandas.split(".")[0])
    return f"cells_{name}.json" if major == PANDAS else f"cells_{name}_pandas{major}.json"


def of_pandas(query):
    """Whether what is seen may depend on the version of pandas."""
    from cells.query import (
        Column,
        Query,
    )  # which needs pyarrow; the recorder reads this file before it is in Spark's Python

    return query.api == "pandas" and isinstance(query, (Query, Column))


def queries(name):
    return importlib.import_module(f"cells.{name}_cases").QUERIES


def write(path, versions, answers):
    """One observation a line."""
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"versions": ' + json.dumps(versions) + ',\n "queries": {')
        for number, (name, answer) in enumerate(answers.items()):
            out.write((",\n" if number else "\n") + json.dumps(name, ensure_ascii=False) + ": {")
            parts = []
            for part, told in answer.items():
                if isinstance(told, list):
                    lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in told)
                    parts.append(f'\n "{part}": [\n  {lines}]')
                else:
                    parts.append(f'\n "{part}": {json.dumps(told, ensure_ascii=False)}')
            out.write(",".join(parts) + "}")
        out.write("}}\n")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
