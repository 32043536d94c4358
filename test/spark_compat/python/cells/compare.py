# SPDX-License-Identifier: Apache-2.0
"""Differences between two answers to the same query, each with a name by which it can be known."""

import dataclasses
import re

NOT_COMPARED = ("message", "head", "conditions", "text")  # wording is each engine's own


@dataclasses.dataclass(frozen=True)
class Known:
    """A difference that is meant, or not yet mended: regular expressions for file, query and place, and why."""

    file: str
    query: str
    place: str
    reason: str

    def covers(self, file, query, place):
        return all(re.search(pattern, text) for pattern, text in
                   ((self.file, file), (self.query, query), (self.place, place)))


def differences(expected, found):
    """(place, what Spark said, what was found) for every place of two answers that differs."""
    left, right = flat(expected), flat(found)
    absent = "nothing"
    return [(place, left.get(place, absent), right.get(place, absent)) for place in dict.fromkeys((*left, *right))
            if left.get(place, absent) != right.get(place, absent)]


def flat(answer):
    places = {}
    for number, one in enumerate(answer.get("seen", [])):
        add(places, label(number, one), {k: v for k, v in one.items() if k not in ("case", "batch")})
    for one in answer.get("fatal", []):
        # What state did to a task that it ended is the engine's own affair; that the call raised, and what, is not.
        add(places, f"fatal {one['case']}", one["seen"][-1][:1] if one["seen"] else [])
    for number, one in enumerate(answer.get("rows", [])):
        add(places, f"rows of batch {number}", one["rows"])
    if "failed" in answer:
        add(places, "failed", failure(answer["failed"]))
    return places


def label(number, one):
    if "case" in one:
        return f"{one['case']}" + (f" | batch {one['batch']}" if "batch" in one else "") + (" | timer" if one.get("call") == "timer" else "")
    return f"{number} {one.get('call', '')}".strip()


def add(places, place, told):
    """Spreads what is told over places of its own, down to texts and numbers."""
    if isinstance(told, dict):
        if "raised" in told and "raised" in told and "failed" not in place:
            places[place] = raised(told)
            return
        for name, part in told.items():
            if name == "failed":
                places[f"{place} | failed"] = error_names(part)
            elif name not in NOT_COMPARED:
                add(places, f"{place} | {name}", part)
    elif isinstance(told, list) and any(isinstance(part, (dict, list)) for part in told) or isinstance(told, list) and "seen" in place:
        for number, part in enumerate(told):
            add(places, f"{place} | {number}", part)
    else:
        places[place] = told


def raised(told):
    return " ".join([told["raised"], *told.get("is", []), str(told.get("condition"))])


def failure(told):
    return {"raised": told["raised"], "condition": told.get("condition"), "user's": error_names(told.get("python", []))}


def error_names(lines):
    """The class names of Python errors, of the innermost one first: `pkg.Name: text` counts as Name."""
    if isinstance(lines, dict):
        return failure(lines)
    names = [line.split(":", 1)[0].rsplit(".", 1)[-1] for line in lines]
    return [name for name in dict.fromkeys(names) if name != "PythonException"]
