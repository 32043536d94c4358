# SPDX-License-Identifier: Apache-2.0
"""All queries by golden file, and the form of such a file."""

import importlib
import json
import pathlib

FILES = ("input", "keys", "state", "handle", "output", "life", "zone")
# The zone of the process in which a file is recorded; UTC for the others.
PROCESS_ZONE = {"zone": "America/New_York"}


PANDAS = 2  # major version of most recordings
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"


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


def recorded(name, pandas):
    """The answers that were recorded with that version of pandas, or None."""
    path = GOLDEN / golden_name(name, pandas)
    if not path.exists():
        return None
    told = read(path)
    if path.name == f"cells_{name}.json":
        return told["queries"]
    most = read(GOLDEN / f"cells_{name}.json")["queries"]
    answers = {query: most[query] for query in told.get("same", ())}
    for query, answer in told["queries"].items():
        cases = {one.get("case"): one for one in most[query]["seen"]}
        seen = [cases[one["case"]] if list(one) == ["case"] else one for one in answer["seen"]]
        answers[query] = {**answer, "seen": seen}
    return answers


def keep(name, versions, answers):
    """Writes the golden file. Of another pandas only what differs is written out, by more than the words of errors."""
    path = GOLDEN / golden_name(name, versions["pandas"])
    if path.name == f"cells_{name}.json":
        write(path, versions, answers, ())
        return
    most = recorded(name, str(PANDAS))
    same = [query for query, answer in answers.items() if alike(most[query], answer)]
    write(path, versions, {query: brief(most[query], answers[query]) for query in answers if query not in same}, same)


def alike(one, other):
    from cells.compare import differences

    return not differences(one, other)


def brief(most, answer):
    """The same answer, with only the name of a case that is as in `most`."""
    cases = {one["case"]: one for one in most["seen"] if "case" in one and "batch" not in one}
    seen = [
        {"case": one["case"]}
        if one.get("case") in cases and alike({"seen": [cases[one["case"]]]}, {"seen": [one]})
        else one
        for one in answer["seen"]
    ]
    return {**answer, "seen": seen}


def write(path, versions, answers, same):
    """One observation a line."""
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"versions": ' + json.dumps(versions))
        if same:
            out.write(',\n "same": ' + json.dumps(same, ensure_ascii=False))
        out.write(',\n "queries": {')
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
