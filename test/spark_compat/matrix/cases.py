# SPDX-License-Identifier: Apache-2.0
"""The cases of the matrix. Plain data: no Spark in this file.

A case is the versions of a processor that start one after the other on the same checkpoint. Each version but the first
says what it changes, in words that matrix_test.cc judges by: "int -> long" for a type ("absent" where there is no such
field), else the words of a change of structure.
"""

import itertools

TYPES = {
    "boolean": "BOOLEAN", "byte": "TINYINT", "short": "SMALLINT", "int": "INT", "long": "BIGINT", "float": "FLOAT",
    "double": "DOUBLE", "decimal(9,2)": "DECIMAL(9,2)", "decimal(10,2)": "DECIMAL(10,2)",
    "decimal(20,2)": "DECIMAL(20,2)", "string": "STRING", "binary": "BINARY", "date": "DATE", "timestamp": "TIMESTAMP",
    "timestamp_ntz": "TIMESTAMP_NTZ", "array<int>": "ARRAY<INT>", "map<string,int>": "MAP<STRING, INT>",
    "struct<a:int>": "STRUCT<a: INT>",
}
# Only against each other: where Avro needs as many bytes for both.
DECIMALS = {name: name.upper() for name in ("decimal(9,2)", "decimal(8,2)", "decimal(9,3)", "decimal(10,2)",
                                            "decimal(11,2)", "decimal(11,3)", "decimal(18,2)", "decimal(19,2)")}
NUMBERS = ("byte", "short", "int", "long", "float", "double", "date", "timestamp")
KINDS = ("value", "list", "map")
ENCODINGS = ("avro", "unsaferow")
PLACES = {
    "field": "f {}", "in struct": "o STRUCT<f: {}>", "array element": "o ARRAY<{}>", "map value": "o MAP<STRING, {}>",
}


def variable(schema, kind="value", name="s", key=None, ttl=False):
    made = {"name": name, "kind": kind, "schema": schema}
    if key:
        made["key"] = key
    if ttl:
        made["ttl"] = True
    return made


def version(*variables, change=None, **more):
    made = {"variables": list(variables), **more}
    if change:
        made["change"] = change
    return made


def case(name, *versions, encoding="avro", api="jvm", **more):
    made = {"case": name, "encoding": encoding, "versions": list(versions), **more}
    if api != "jvm":
        made["api"] = api
    return made


def timed(ttl):
    """What a version with TTL needs besides."""
    return {"time_mode": "ProcessingTime"} if ttl else {}


def type_changes():
    pairs = dict.fromkeys([*itertools.product(TYPES.items(), repeat=2), *itertools.permutations(DECIMALS.items(), 2)])
    for encoding, kind, (place, around), pair in itertools.product(ENCODINGS, KINDS, PLACES.items(), pairs):
        (old, old_ddl), (new, new_ddl) = pair
        change = f"{old} -> {new}" if old != new else "nothing"
        yield case(f"{old} -> {new}, {place} of {kind}", version(variable("k INT, " + around.format(old_ddl), kind)),
                   version(variable("k INT, " + around.format(new_ddl), kind), change=change), encoding=encoding)


# (change, schema before, schema after)
SHAPES = (
    ("add", "a INT, b STRING", "a INT, b STRING, z STRING"),
    ("add", "a INT, b STRING", "a INT, z STRING, b STRING"),
    ("add", "a INT, b STRING", "z STRING, a INT, b STRING"),
    ("add", "a INT", "a INT, y ARRAY<INT>, z STRUCT<p: INT, q: MAP<STRING, INT>>"),
    ("add", "n STRUCT<x: INT>", "n STRUCT<x: INT, y: STRING>"),
    ("add", "n STRUCT<x: INT>", "n STRUCT<y: STRING, x: INT>"),
    ("add", "n ARRAY<STRUCT<x: INT>>", "n ARRAY<STRUCT<x: INT, y: INT>>"),
    ("add", "n MAP<STRING, STRUCT<x: INT>>", "n MAP<STRING, STRUCT<x: INT, y: INT>>"),
    ("remove", "a INT, b STRING, c DOUBLE", "a INT, b STRING"),
    ("remove", "a INT, b STRING, c DOUBLE", "a INT, c DOUBLE"),
    ("remove", "a INT, b STRING, c DOUBLE", "c DOUBLE"),
    ("remove", "n STRUCT<x: INT, y: INT>", "n STRUCT<x: INT>"),
    ("remove", "n ARRAY<STRUCT<x: INT, y: INT>>", "n ARRAY<STRUCT<y: INT>>"),
    ("remove", "n MAP<STRING, STRUCT<x: INT, y: INT>>", "n MAP<STRING, STRUCT<x: INT>>"),
    ("rename", "a INT, b STRING", "a INT, b2 STRING"),
    ("rename", "a INT, b STRING", "a INT, B STRING"),
    ("rename", "A INT, b STRING", "a INT, b STRING"),
    ("rename", "n STRUCT<x: INT>", "n STRUCT<xx: INT>"),
    ("rename", "n ARRAY<STRUCT<x: INT>>", "n ARRAY<STRUCT<X: INT>>"),
    ("remove", "a INT, b STRING", "a INT, c BIGINT"),
    ("rename", "a INT, b STRING, c STRING", "a INT, d STRING"),
    ("reorder", "a INT, b STRING, c DOUBLE", "c DOUBLE, a INT, b STRING"),
    ("reorder", "a STRING, b STRING", "b STRING, a STRING"),
    ("reorder", "n STRUCT<x: INT, y: STRING>", "n STRUCT<y: STRING, x: INT>"),
    ("reorder", "n STRUCT<x: INT, y: INT>", "n STRUCT<y: INT, x: INT>"),
    ("reorder", "n ARRAY<STRUCT<x: INT, y: INT>>", "n ARRAY<STRUCT<y: INT, x: INT>>"),
    ("array<int> -> array<array>", "n ARRAY<INT>", "n ARRAY<ARRAY<INT>>"),
    ("int -> long", "n ARRAY<ARRAY<INT>>", "n ARRAY<ARRAY<BIGINT>>"),
    ("int -> long", "a INT, b STRING, n STRUCT<x: INT>", "n STRUCT<x: BIGINT, y: INT>, q ARRAY<STRING>, b STRING, a BIGINT"),
    ("remove", "a INT, b STRING, n STRUCT<x: INT>", "n STRUCT<x: BIGINT, y: INT>, a BIGINT"),
    ("int -> string", "a INT, b STRING", "a STRING, c STRING"),
    ("int -> date", "a INT, b STRING", "a DATE"),
    ("nothing", "a INT, n STRUCT<x: INT>", "a INT, n STRUCT<x: INT>"),
)
NULLABILITY = (
    ("not null", "a INT", "a INT, z INT NOT NULL"),
    ("not null", "a INT", "a INT NOT NULL"),
    ("nullable", "a INT NOT NULL", "a INT"),
    ("not null", "a INT NOT NULL", "a INT NOT NULL"),
    ("not null within", "n STRUCT<x: INT>", "n STRUCT<x: INT NOT NULL>"),
    ("nullable within", "n STRUCT<x: INT NOT NULL>", "n STRUCT<x: INT>"),
    ("add", "n STRUCT<x: INT NOT NULL>", "n STRUCT<x: INT NOT NULL, y: INT NOT NULL>"),
)


def shape_changes():
    for api, encoding, kind, ttl in itertools.product(("jvm", "python"), ENCODINGS, KINDS, (False, True)):
        for number, (change, before, after) in enumerate((*SHAPES, *NULLABILITY)):
            yield case(f"shape {number}: {change}, {kind}{' with TTL' if ttl else ''}",
                       version(variable(before, kind, ttl=ttl), **timed(ttl)),
                       version(variable(after, kind, ttl=ttl), change=change, **timed(ttl)), encoding=encoding, api=api)


KEY_SHAPES = (
    ("nothing", "k STRING", "k STRING"),
    ("key", "k STRING", "k STRING, m INT"),
    ("key", "k STRING, m INT", "k STRING"),
    ("key", "k STRING, m INT", "m INT, k STRING"),
    ("key names", "k STRING", "kk STRING"),
    ("key names", "k STRING", "K STRING"),
    ("key names", "k STRING, m STRING", "k STRING, n STRING"),
    ("key order", "k STRING, m STRING", "m STRING, k STRING"),
    ("key order", "n STRUCT<x: INT, y: INT>", "n STRUCT<y: INT, x: INT>"),
    ("key", "n STRUCT<x: INT>", "n STRUCT<x: INT, y: INT>"),
    ("key", "n STRUCT<x: INT, y: INT>", "n STRUCT<x: INT>"),
    ("key names", "n STRUCT<x: INT>", "n STRUCT<z: INT>"),
    ("key", "k STRING NOT NULL", "k STRING"),
    ("key nullability", "k STRING", "k STRING NOT NULL"),
    ("key", "n STRUCT<x: INT NOT NULL>", "n STRUCT<x: INT>"),
    ("key nullability", "n STRUCT<x: INT>", "n STRUCT<x: INT NOT NULL>"),
)


def key_changes():
    types = [(f"a {old}", f"a {new}", "nothing" if old == new else "key")
             for old, new in itertools.product(TYPES.values(), repeat=2)]
    shapes = [*types, *((before, after, change) for change, before, after in KEY_SHAPES)]
    for encoding, (before, after, change) in itertools.product(ENCODINGS, shapes):
        yield case(f"grouping key {before} to {after}", version(variable("v INT"), key=before),
                   version(variable("v INT"), key=after, change=change), encoding=encoding)
        yield case(f"user's key {before} to {after}", version(variable("v INT", "map", key=before)),
                   version(variable("v INT", "map", key=after), change=change), encoding=encoding)
    for kind, ttl, (change, before, after) in itertools.product(KINDS, (False, True), KEY_SHAPES):
        yield case(f"grouping key {before} to {after} of {kind}{' with TTL' if ttl else ''}",
                   version(variable("v INT", kind, ttl=ttl), key=before, **timed(ttl)),
                   version(variable("v INT", kind, ttl=ttl), key=after, change=change, **timed(ttl)))
    for mode, (change, before, after) in itertools.product(("ProcessingTime", "EventTime"), KEY_SHAPES):
        yield case(f"grouping key {before} to {after}, timers of {mode}",
                   version(key=before, time_mode=mode), version(key=after, time_mode=mode, change=change))


def field_history(name, types, kind="value"):
    """A field that has these types one after the other, "absent" among them; each change is told from the last type."""
    versions = []
    for number, given in enumerate(types):
        field = "" if given == "absent" else f", f {TYPES[given]}"
        change = f"{types[number - 1]} -> {given}" if number else None
        versions.append(version(variable("k INT" + field, kind), change=change))
    return case(name, *versions, types=list(types))


def histories():
    for kind, (first, second) in itertools.product(KINDS, itertools.product(TYPES, repeat=2)):
        yield field_history(f"{first} removed, back as {second}, {kind}", (first, "absent", second), kind)
    for first, second in itertools.permutations(TYPES, 2):
        yield field_history(f"{first} to {second} and back", (first, second, first))
        yield field_history(f"{first} to {second}, removed, back", (first, second, "absent", first))
    for first, second, third in itertools.product(NUMBERS, repeat=3):
        if first != second and second != third and third != first:
            yield field_history(f"{first} to {second} to {third}", (first, second, third))
    for first, second in itertools.permutations(TYPES, 2):
        yield case(f"variable of {first} left out, back with {second}",
                   version(variable("q INT"), variable(f"f {TYPES[first]}", name="w")),
                   version(variable("q INT"), change="leave out"),
                   version(variable("q INT"), variable(f"f {TYPES[second]}", name="w"), change=f"{first} -> {second}"))
    steps = [f"a INT{''.join(f', z{n} INT' for n in range(count))}" for count in range(18)]
    for kind in KINDS:
        for conf in ({}, {"valueStateSchemaEvolutionThreshold": 2}, {"valueStateSchemaEvolutionThreshold": 5}):
            yield case(f"{kind} gets 17 fields one by one, {conf or 'default threshold'}", version(variable(steps[0], kind)),
                       *(version(variable(step, kind), change="add") for step in steps[1:]), conf=conf)
        yield case(f"{kind} gets a field and stays", version(variable(steps[0], kind)),
                   version(variable(steps[1], kind), change="add"), version(variable(steps[1], kind), change="nothing"),
                   version(variable(steps[1], kind), change="nothing"))
        yield case(f"{kind} goes back and forth", version(variable(steps[0], kind)),
                   version(variable(steps[1], kind), change="add"), version(variable(steps[0], kind), change="remove"),
                   version(variable(steps[1], kind), change="add"))


def variable_changes():
    schemas = ("a INT", "a STRING", "a INT, b INT")
    for encoding, old, new, before_ttl, after_ttl, (before, after) in itertools.product(
            ENCODINGS, KINDS, KINDS, (False, True), (False, True), itertools.product(schemas, repeat=2)):
        if old == new and before_ttl == after_ttl:
            continue
        mode = {"time_mode": "ProcessingTime"}
        change = "kind" if old != new else "TTL on" if after_ttl else "TTL off"
        yield case(f"{old} {before}{' TTL' * before_ttl} to {new} {after}{' TTL' * after_ttl}",
                   version(variable(before, old, ttl=before_ttl), **mode),
                   version(variable(after, new, ttl=after_ttl), change=change, **mode), encoding=encoding)
    for encoding, api, kind, ttl in itertools.product(ENCODINGS, ("jvm", "python"), KINDS, (False, True)):
        first, second = variable("a INT", ttl=ttl), variable("q INT", kind, name="w", ttl=ttl)
        more = timed(ttl)
        other = {"encoding": encoding, "api": api}
        name = f"{kind}{' with TTL' if ttl else ''}"
        yield case(f"new {name}", version(first, **more), version(first, second, change="new variable", **more), **other)
        yield case(f"left out {name}", version(first, second, **more), version(first, change="leave out", **more), **other)
        yield case(f"deleted {name}", version(first, second, **more),
                   version(first, variable("", "delete", name="w"), change="delete", **more), **other)
        yield case(f"renamed {name}", version(first, second, **more),
                   version(first, {**second, "name": "x"}, change="rename variable", **more), **other)
        yield case(f"order {name}", version(first, second, **more), version(second, first, change="nothing", **more), **other)
        yield case(f"left out {name}, back", version(first, second, **more), version(first, change="leave out", **more),
                   version(first, second, change="nothing", **more), **other)
        for back in KINDS:
            if back != kind:
                yield case(f"left out {name}, back as {back}", version(first, second, **more),
                           version(first, change="leave out", **more),
                           version(first, {**second, "kind": back}, change="removed kind", **more), **other)
        yield case(f"more schema files than allowed, {name}", version(first, **more),
                   *(version(first, *({**second, "name": f"w{n}"} for n in range(count)), change="new variable", **more)
                     for count in range(1, 5)), conf={"maxNumStateSchemaFiles": 3}, **other)


def mode_changes():
    modes = ("NoTime", "ProcessingTime", "EventTime")
    for api, (before, after), outputs in itertools.product(
            ("jvm", "python"), itertools.product(modes, repeat=2), itertools.product(("Append", "Update"), repeat=2)):
        for schema, change in (("a INT", "nothing"), ("a STRING", "int -> string")):
            told = change if before == after and outputs[0] == outputs[1] else "mode"
            yield case(f"{before} {outputs[0]} to {after} {outputs[1]}, {change}",
                       version(variable("a INT"), time_mode=before, output_mode=outputs[0]),
                       version(variable(schema), time_mode=after, output_mode=outputs[1], change=told), api=api)


def all_cases():
    return [*type_changes(), *shape_changes(), *key_changes(), *histories(), *variable_changes(), *mode_changes()]


def sample(cases):
    """About forty cases of every kind that a streaming query answers too.

    None has byte or short in Avro: Spark's check accepts them, and then no query can read them.
    """
    wanted = [
        *(f"{pair}, {place} of {kind}" for pair, place, kind in (
            ("int -> long", "field", "value"), ("int -> string", "field", "list"), ("int -> date", "in struct", "map"),
            ("date -> timestamp", "array element", "value"), ("long -> int", "map value", "value"),
            ("string -> binary", "field", "map"), ("decimal(9,2) -> decimal(10,2)", "field", "value"),
            ("decimal(9,2) -> decimal(9,3)", "in struct", "list"), ("boolean -> int", "array element", "list"),
            ("array<int> -> map<string,int>", "field", "value"), ("int -> double", "map value", "map"),
            ("int -> int", "field", "list"))),
        *(f"shape {number}: {change}, {kind}" for number, change, kind in (
            (1, "add", "value"), (9, "remove", "list"), (14, "rename", "map"), (15, "rename", "value"),
            (21, "reorder", "value"), (27, "int -> long", "value"), (33, "not null", "value"), (37, "not null within", "value"))),
        *(f"grouping key {before} to {after}" for before, after in (
            ("k STRING", "kk STRING"), ("k STRING", "k STRING, m INT"), ("a INT", "a BIGINT"),
            ("k STRING, m STRING", "m STRING, k STRING"))),
        "user's key a INT to a BIGINT", "user's key k STRING to kk STRING",
        "int removed, back as string, value", "int removed, back as int, list", "int to long and back",
        "int to long to double", "variable of int left out, back with string",
        "value gets 17 fields one by one, {'valueStateSchemaEvolutionThreshold': 2}", "value goes back and forth",
        "value a INT to list a INT", "value a INT to map a INT", "value a INT to value a INT TTL",
        "list a INT TTL to list a INT", "new list", "left out map", "deleted value", "left out value, back as list",
        "more schema files than allowed, value", "NoTime Append to ProcessingTime Append, nothing",
        "ProcessingTime Append to ProcessingTime Update, nothing",
    ]
    asked = [number for number, each in enumerate(cases)
             if each["case"] in wanted and "api" not in each and (each["encoding"] == "avro" or "shape" in each["case"])]
    unknown = set(wanted) - {cases[number]["case"] for number in asked}
    if unknown:
        raise ValueError(f"no such cases: {sorted(unknown)}")
    return asked
