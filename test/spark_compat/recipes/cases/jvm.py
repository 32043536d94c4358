# SPDX-License-Identifier: Apache-2.0
"""Queries of the JVM API: another operator name, a `default` family, primitive keys and values."""

from recipes.case import ENCODING, Case, Run, Variable, on

LONG_TTL = 3650 * 24 * 3600 * 1000

# As java/holdfast/recipes/ScriptedProcessor.java declares them; a bean's fields are sorted by name.
VARIABLES = (
    Variable("count", "value", "value int"),
    Variable("session", "value", "clicks int, revenue double, user string"),
    Variable("tags", "list", "value string"),
    Variable("pages", "map", "value bigint", key_schema="value string"),
)


def batches(keys):
    first = [event for n, key in enumerate(keys) for event in (
        on(key, "update count", n), on(key, "update session", [f"u{n}", n, n / 4]), on(key, "append tags", f"t{n}"),
        on(key, "append tags", "é"), on(key, "set pages", ["a", n]), on(key, "set pages", ["bb", 2**40]),
        on(key, "update recent", n))]
    second = [on(keys[0], f"get {name}") for name in ("count", "session", "tags", "pages", "recent")]
    second += [on(keys[1], "clear count"), on(keys[1], "clear session"), on(keys[1], "clear tags"),
               on(keys[2], "remove pages", "a"), on(keys[2], "update session", [None, -1, None]),
               on(keys[3], "append tags", "")]
    return first, second


def case(name, title, encoding, ttl=False, keys=("k0", "k1", "k2", "k3"), key_schema="k string", event_time=False):
    made = batches(keys)
    time_mode = "ProcessingTime" if ttl else "EventTime" if event_time else "None"
    if ttl:
        made = (*made, [on(keys[0], "registerIn", LONG_TTL), on(keys[1], "registerIn", -1)])
    if event_time:
        base_ms = 1767225600000
        made = (*made, [on(keys[0], "register", base_ms + 5000), on(keys[1], "register", base_ms + 900_000)],
                [on(keys[2], "get count", at="2026-01-01T00:01:00Z")])
    variables = (*VARIABLES, Variable("recent", "value", "value bigint", ttl_ms=LONG_TTL if ttl else 0))
    return Case(name, title, (Run(variables, made),), keys=key_schema, conf={ENCODING: encoding}, api="jvm",
                time_mode=time_mode)


BEAN_KEYS = (("berlin", 1), ("berlin", 2), ("", 0), (None, -1))

CASES = [
    case("jvm_avro", "a Java processor, avro", "avro", ttl=True),
    case("jvm_unsaferow", "a Java processor, unsaferow", "unsaferow", ttl=True),
    case("jvm_event_time", "a Java processor with timers of event time", "avro", event_time=True),
    case("jvm_bean_key", "a Java processor whose key is a bean", "avro", keys=BEAN_KEYS,
         key_schema="site string, shard int"),
    case("jvm_bean_key_unsaferow", "the same, unsaferow", "unsaferow", keys=BEAN_KEYS,
         key_schema="site string, shard int"),
]
