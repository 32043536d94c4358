# SPDX-License-Identifier: Apache-2.0
"""Types of keys and values, and schemas that change."""

from recipes.case import CHANGELOG, ENCODING, STATE_STORE, Case, Run, Variable, on

AVRO = {ENCODING: "avro"}
UNSAFEROW = {ENCODING: "unsaferow"}
LONG_TTL = 10 * 365 * 24 * 3600 * 1000

# ---- Keys ---------------------------------------------------------------------------------------

KEYS = ("s string, i int, d date, p decimal(10,2), q decimal(25,3), t timestamp, b boolean, l bigint, f double, "
        "x binary")
KEY_VALUES = (
    ("site", 1, "2026-01-01", 1.25, 1.125, "2026-01-01T00:00:00.000001Z", True, 2**40, 1.5, "AQID"),
    ("", 0, "1970-01-01", 0, 0, "1970-01-01T00:00:00Z", False, 0, 0.0, ""),
    (None,) * 10,
    ("Zürich 東京 𝄞", -(2**31), "1900-02-28", -99999999.99, -123456789012345678, "1899-12-31T23:59:59.999999Z", True,
     -(2**63), -1e-300, "/w=="),
    ("e\u0301|\u0000|'\"\\", 2**31 - 1, "9999-12-31", 99999999.99, 123456789012345678, "9999-12-31T23:59:59.999999Z",
     None, 2**63 - 1, "Infinity", "AAAAAAAAAAAA"),
    ("nan", None, None, None, None, None, None, None, "NaN", None),
)


def key_case(encoding, conf):
    variables = (Variable("v", "value", "n int"), Variable("l", "list", "s string"),
                 Variable("m", "map", "n int", key_schema="a string, b int"))
    first = [event for n, key in enumerate(KEY_VALUES) for event in (
        on(key, "update v", [n]), on(key, "appendAll l", [[f"a{n}"], ["b"]]), on(key, "set m", [["x", n], [n]]),
        on(key, "set m", [["", None], [None]]))]
    second = [on(key, "get v") for key in KEY_VALUES] + [on(KEY_VALUES[2], "append l", ["null key"]),
                                                         on(KEY_VALUES[3], "clear v")]
    return Case(f"keys_{encoding}", f"a grouping key of ten columns, {encoding}", (Run(variables, (first, second)),),
                keys=KEYS, conf={**conf, "spark.sql.shuffle.partitions": "5"})


def small_key_case():
    """Types that Avro state has not."""
    variables = (Variable("v", "value", "y tinyint, h smallint"),)
    keys = ((1, -2), (-128, 32767), (127, None), (None, -32768))
    batch = [on(key, "update v", list(key)) for key in keys]
    return Case("keys_small_integers", "tinyint and smallint, unsaferow", (Run(variables, (batch,)),),
                keys="y tinyint, h smallint", conf=UNSAFEROW)


def struct_key_case(encoding, conf):
    variables = (Variable("v", "value", "n int"),)
    keys = (({"a": 1, "b": "x"}, "k"), ({"a": None, "b": None}, "k"), (None, "k"), ({"a": -1, "b": "é"}, None))
    batches = ([on(key, "update v", [n]) for n, key in enumerate(keys)], [on(key, "get v") for key in keys])
    return Case(f"keys_struct_{encoding}", f"a struct within the grouping key, {encoding}", (Run(variables, batches),),
                keys="n struct<a:int,b:string>, s string", conf=conf)


def double_key_case():
    """Does 0.0 find the state of -0.0?"""
    variables = (Variable("v", "value", "n int"),)
    batches = ([on(0.0, "update v", [1]), on("NaN", "update v", [2])], [on(-0.0, "get v"), on("NaN", "get v")],
               [on(-0.0, "update v", [3]), on(0.0, "get v"), on(1.5, "update v", [4])])
    return Case("keys_signed_zero", "0.0 and -0.0 as keys", (Run(variables, batches),), keys="f double", conf=AVRO)


# ---- Values -------------------------------------------------------------------------------------

SCALARS = ("b boolean, i int, l bigint, f float, d double, s string, x binary, dt date, ts timestamp, "
           "ntz timestamp_ntz, p9 decimal(9,2), p18 decimal(18,0), p19 decimal(19,4), p38 decimal(38,10)")
NESTED = ("st struct<a:int,b:struct<c:string,d:array<int>>>, ai array<int>, sa array<string>, "
          "ast array<struct<a:int,b:string>>, aa array<array<bigint>>, m map<string,int>, "
          "mst map<string,struct<a:int,p:decimal(20,2)>>, ma map<string,array<double>>, am array<map<string,date>>")
SCALAR_VALUES = (
    [True, 1, 2, 1.5, 2.25, "text", "00ff10", "2026-01-01", "2026-01-01T12:34:56.789012+00:00",
     "2026-01-01T12:34:56.789012", "1234567.89", "123456789012345678", "123456789012345.6789",
     "1234567890123456789012345678.0123456789"],
    [False, -(2**31), -(2**63), "-Infinity", "NaN", "", "", "1582-10-15", "1969-12-31T23:59:59.999999+00:00",
     "1900-01-01T00:00:00.000001", "-0.01", "-999999999999999999", "-999999999999999.9999",
     "-9999999999999999999999999999.9999999999"],
    [None, 2**31 - 1, 2**63 - 1, "NaN", "-0.0", "Grüße 東京 𝄞 \u0000 end", "ff" * 40, "1969-12-31",
     "1582-10-15T00:00:00+00:00", "9999-12-31T23:59:59.999999", "0.00", "0", "0.0001", "0.0000000001"],
    [None] * 14,
)
NESTED_VALUES = (
    [[1, ["c", [1, 2, 3]]], [1, -1], ["a", "", "é"], [[1, "x"], [None, None]], [[1, 2], []], [["k", 1], ["", -1]],
     [["k", [1, "1.25"]]], [["k", [0.5, "NaN"]], ["e", []]], [[["d", "1950-06-30"]], []]],
    [[None, None], [], [], [], [], [], [], [], []],
    [[-5, [None, []]], [2**31 - 1], ["only"], [None, [7, "é"]], [[-(2**63)]], [["z", 0]], [["n", None]],
     [["inf", ["Infinity"]]], [[["a", "2000-02-29"], ["b", "0001-01-01"]]]],
    [None] * 9,
)


def type_case(encoding, conf, more_schema="", more_values=((), (), (), ())):
    schema = f"{SCALARS}, {NESTED}{more_schema}"
    map_key = "s string, i int, dt date, ts timestamp, p19 decimal(19,4), st struct<a:int>"
    variables = (Variable("v", "value", schema), Variable("l", "list", schema),
                 Variable("m", "map", schema, key_schema=map_key))
    rows = [s + n + list(m) for s, n, m in zip(SCALAR_VALUES, NESTED_VALUES, more_values)]
    map_keys = (["", 0, "1970-01-01", "1970-01-01T00:00:00+00:00", "0.0000", [0]],
                ["ß", -1, "1969-12-31", "1969-12-31T23:59:59.999999+00:00", "-1.5000", [None]],
                ["long " * 9, 2**31 - 1, "9999-12-31", "9999-12-31T23:59:59.999999+00:00", "1.0001", None],
                [None] * 6)
    first = [event for n, row in enumerate(rows) for event in (
        on(f"k{n}", "update v", row), on("all", "append l", row), on("all", "set m", [map_keys[n], row]))]
    second = [on("all", "get l"), on("all", "get m"), on("k2", "get v"), on("all", "remove m", map_keys[1]),
              on("k0", "update v", rows[2]), on("all", "append l", rows[1])]
    return Case(f"types_{encoding}", f"every type, in values, list elements, map keys and map values, {encoding}",
                (Run(variables, (first, second)),), conf=conf)


def unsaferow_types():
    """With what Avro refuses: small integers and elements that are null. Spark has no state with map keys other than
    strings in either encoding."""
    more = (", y tinyint, h smallint, ay array<tinyint>, ap array<decimal(30,2)>, mn map<string,boolean>, "
            "an array<string>, nul void")
    values = ((1, -2, [1, None, -128], ["1.25", None], [["t", True], ["null", None]], ["a", None, ""], None),
              (-128, 32767, [], [], [], [], None),
              (127, -32768, [None], [None], [["", False]], [None, None], None),
              (None,) * 7)
    return type_case("unsaferow", UNSAFEROW, more, values)


# ---- Schemas that change ------------------------------------------------------------------------

GENERATIONS = (
    (Variable("v", "value", "a int, b string, f float, gone string, n struct<x:int>, l array<int>"),
     Variable("l", "list", "t string, n int"), Variable("m", "map", "n int, s string", key_schema="k string"),
     Variable("dropped", "value", "n int")),
    (Variable("v", "value", "b string, added string, a bigint, f double, n struct<x:bigint,y:string>, l array<bigint>"),
     Variable("l", "list", "n bigint, extra int, t string"),
     Variable("m", "map", "n bigint, s string, z double", key_schema="k string"),
     Variable("new", "list", "s string")),
    (Variable("v", "value", "z timestamp, a double, n struct<y:string,x:bigint>, b string, l array<bigint>, "
                            "added string, f double"),
     Variable("l", "list", "t string, n double"),
     Variable("m", "map", "z double, n bigint", key_schema="k string"),
     Variable("new", "list", "s string, at date")),
)


def generation_batches():
    """k1 is written by the first generation only, k2 by the first two, k3 by all; l grows in each."""
    g1 = [event for n in (1, 2, 3, 4) for event in (
        on(f"k{n}", "update v", [n, f"b{n}", 0.5, "gone", [n], [1, n]]), on(f"k{n}", "append l", [f"one{n}", n]),
        on(f"k{n}", "set m", [["g1"], [n, "s"]]), on(f"k{n}", "update dropped", [n]))]
    g2 = [event for n in (2, 3, 5) for event in (
        on(f"k{n}", "get v"), on(f"k{n}", "update v", [f"b{n}", "added", 2**40 + n, 0.25, [2**33, "y"], [2**34]]),
        on(f"k{n}", "append l", [2**35, 7, f"two{n}"]), on(f"k{n}", "set m", [["g2"], [2**36, "s", 0.5]]),
        on(f"k{n}", "append new", ["n"]))] + [on("k1", "get v")]
    g3 = [event for n in (3, 6) for event in (
        on(f"k{n}", "get v"), on(f"k{n}", "update v", ["2026-02-03T04:05:06+00:00", 1.75, ["y3", 9], "b", [3], "a3", 3.5]),
        on(f"k{n}", "append l", [f"three{n}", 0.125]), on(f"k{n}", "set m", [["g3"], [3.5, 2**37]]),
        on(f"k{n}", "append new", ["m", "2026-03-04"]))]
    g3 += [on(f"k{n}", f"get {name}") for n in (1, 2, 3) for name in ("v", "l", "m")]
    g3 += [on("k4", "append l", ["mixed", 0.5]), on("k4", "clear m")]
    return g1, g2, g3


def evolution(name, title, conf, runs_conf=({}, {}, {})):
    runs = tuple(Run(variables, (batch,), run_conf)
                 for variables, batch, run_conf in zip(GENERATIONS, generation_batches(), runs_conf))
    return Case(name, title, runs, conf=conf)


def evolution_with_ttl():
    def declared(fields, ttl):
        return (Variable("vt", "value", fields, ttl_ms=ttl), Variable("lt", "list", fields, ttl_ms=ttl),
                Variable("mt", "map", fields, key_schema="k string", ttl_ms=ttl))

    def batch(keys, row):
        return [event for k in keys for event in (on(k, "get lt"), on(k, "update vt", row), on(k, "append lt", row),
                                                  on(k, "set mt", [["a"], row]))]

    runs = (Run(declared("n int", LONG_TTL), (batch(("k1", "k2"), [1]),)),
            Run(declared("s string, n bigint", LONG_TTL * 2), (batch(("k2", "k3"), ["s", 2]),)))
    return Case("evolution_ttl", "values with TTL get another schema and another TTL", runs,
                time_mode="ProcessingTime", conf=AVRO)


def there_and_back():
    one, two = (Variable("v", "value", "a int"),), (Variable("v", "value", "a int, z string"),)
    runs = tuple(Run(variables, ([on(f"k{n}", "update v", row), on("k0", "get v")],))
                 for n, (variables, row) in enumerate(((one, [0]), (two, [1, "z"]), (one, [2]), (two, [3, "z"]))))
    return Case("evolution_back", "a field comes, goes and comes again", runs, conf=AVRO)


def renamed_unsaferow():
    runs = tuple(Run((Variable("v", "value", f"{name} int, s string"),), ([on(f"k{n}", "update v", [n, name]),
                                                                          on("k0", "get v")],))
                 for n, name in enumerate(("a", "b")))
    return Case("renamed_unsaferow", "a field of an unsaferow value gets another name", runs, conf=UNSAFEROW)


def variables_come_and_go():
    v, w, x = (Variable(name, "value", "n int") for name in "vwx")
    gone = Variable("w", "delete", "")
    runs = (Run((v, w, x), ([on("k1", "update v", [1]), on("k1", "update w", [2]), on("k1", "update x", [3])],)),
            Run((v, gone), ([on("k2", "update v", [4])],)),
            Run((v, w, x), ([on("k1", "get w"), on("k1", "get x"), on("k2", "update w", [5])],)))
    return Case("variables_removed", "w is deleted and x left out, then both are declared again", runs, conf=AVRO)


SNAPSHOT_EACH = {STATE_STORE + "minDeltasForSnapshot": "1"}
OFF = {CHANGELOG: "false"}

CASES = [
    key_case("avro", AVRO), key_case("unsaferow", UNSAFEROW), small_key_case(),
    struct_key_case("avro", AVRO), struct_key_case("unsaferow", UNSAFEROW), double_key_case(),
    type_case("avro", AVRO), unsaferow_types(),
    evolution("evolution", "three generations of schemas; old values are never rewritten", AVRO),
    evolution("evolution_snapshots", "the same without changelogs", {**AVRO, **OFF}),
    evolution_with_ttl(), there_and_back(), renamed_unsaferow(), variables_come_and_go(),
]
