# SPDX-License-Identifier: Apache-2.0
"""Differences between two answers to the same query, each with a name by which it can be known."""

import dataclasses
import re

NOT_COMPARED = ("message", "head", "conditions", "text")  # wording is each engine's own


@dataclasses.dataclass(frozen=True)
class Known:
    """A difference that is meant, or not yet mended, and why. The rest are regular expressions: of the golden file,
    the query, the place within its answer, of what Spark said there and of what Holdfast says."""

    reason: str
    file: str = ""
    query: str = ""
    place: str = ""
    spark: str = ""
    holdfast: str = ""

    def covers(self, file, query, difference):
        patterns = self.file, self.query, self.place, self.spark, self.holdfast
        return all(re.search(pattern, str(text)) for pattern, text in zip(patterns, (file, query, *difference)))


def differences(expected, found):
    """(place, what Spark said, what was found) for every place of two answers that differs. Of a case of a Script
    only the first one: the others follow from it."""
    left, right = flat(expected, found), flat(found, expected)
    absent, told, cases = "nothing", [], set()
    for place in dict.fromkeys((*left, *right)):
        theirs, ours = left.get(place, absent), right.get(place, absent)
        case = place.split(" | batch ")[0] if " | batch " in place else None
        if theirs != ours and case not in cases:
            told.append((place, theirs, ours))
            cases |= {case} - {None}
    return told


def flat(answer, other):
    """Place to what is told there. A case that is fatal in one of the two answers is one place in both."""
    places = {}
    fatal = {one["case"] for one in (*answer.get("fatal", []), *other.get("fatal", []))}
    for number, one in enumerate(answer.get("seen", [])):
        if one.get("case") in fatal:
            if one.get("batch") == 0:
                places[f"fatal {one['case']}"] = "lives: " + in_one(one["seen"])
            continue
        if "case" in one and "seen" in one:
            places[label(number, one)] = in_one(one["seen"]) + ("" if one.get("alive", True) else "; state is dead")
            continue
        add(places, label(number, one), {k: v for k, v in one.items() if k not in ("case", "batch")})
    for one in answer.get("fatal", []):
        first = next((s for seen in one["seen"] for s in seen if isinstance(s, dict)), None)
        places[f"fatal {one['case']}"] = raised(first) if first else "the query fails"
    for number, one in enumerate(answer.get("rows", [])):
        add(places, f"rows of batch {number}", one["rows"])
    if "failed" in answer:
        add(places, "failed", failure(answer["failed"]))
    return places


def in_one(seen):
    return "; ".join(raised(part) if isinstance(part, dict) else part for part in seen)


def label(number, one):
    if "case" in one:
        return (
            f"{one['case']}"
            + (f" | batch {one['batch']}" if "batch" in one else "")
            + (" | timer" if one.get("call") == "timer" else "")
        )
    return f"{number} {one.get('call', '')}".strip()


def add(places, place, told):
    """Spreads what is told over places of its own, down to texts and numbers."""
    if isinstance(told, dict):
        if "raised" in told and "failed" not in place:
            places[place] = raised(told)
            return
        for name, part in told.items():
            if name == "failed":
                names = error_names(part)  # in the order of their traceback, or of their causes
                places[f"{place} | failed"] = sorted(names) if isinstance(names, list) else names
            elif name not in NOT_COMPARED:
                add(places, f"{place} | {name}", part)
    elif isinstance(told, list) and any(isinstance(part, (dict, list)) for part in told):
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
