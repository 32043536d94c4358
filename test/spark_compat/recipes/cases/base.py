# SPDX-License-Identifier: Apache-2.0
"""One query with every kind of state, under the settings that change what a checkpoint looks like."""

import dataclasses

from recipes.case import CHANGELOG, CHECKPOINT_FORMAT, ENCODING, STATE_STORE, Case, Run, Variable, on

LONG_TTL = 10 * 365 * 24 * 3600 * 1000  # nothing expires before 2036
SHORT_TTL = 1  # whatever a batch writes has expired by the next

PLAIN = (
    Variable("v", "value", "name string, n int, x double, at timestamp"),
    Variable("l", "list", "tag string, n bigint"),
    Variable("m", "map", "n int, s string", key_schema="k string"),
)
WITH_TTL = (
    Variable("vt", "value", "n int, s string", ttl_ms=LONG_TTL),
    Variable("lt", "list", "tag string", ttl_ms=LONG_TTL),
    Variable("mt", "map", "n int", key_schema="k string", ttl_ms=LONG_TTL),
    Variable("vs", "value", "n int", ttl_ms=SHORT_TTL),
    Variable("ls", "list", "n int", ttl_ms=SHORT_TTL),
    Variable("ms", "map", "n int", key_schema="k string", ttl_ms=SHORT_TTL),
)
TIME = "2026-01-01T10:00:{:02d}.{:06d}Z"


def plain_batches():
    """Writes, overwrites, clears and reads of the plain variables; a key that comes back."""
    first = [event for i in range(6) for event in (
        on(f"k{i}", "update v", [f"name {i}", i, i / 4, TIME.format(i, i)]),
        on(f"k{i}", "append l", [f"t{i}", i * 1000]),
        on(f"k{i}", "set m", [["a"], [i, f"a{i}"]]),
        on(f"k{i}", "set m", [["bb"], [-i, None]]),
    )]
    second = [
        on("k0", "get v"), on("k0", "update v", ["again", -1, -0.5, TIME.format(59, 999999)]),
        on("k0", "appendAll l", [["u", 1], ["w", 2], ["z", 3]]), on("k0", "get l"),
        on("k1", "clear v"), on("k1", "clear l"), on("k1", "clear m"), on("k1", "get m"),
        on("k2", "remove m", ["a"]), on("k2", "put l", [["only", 7]]), on("k2", "get m"),
        on("k3", "put l", [["x,y", 0], ["", -1]]), on("k3", "append l", [None, None]), on("k3", "remove m", ["absent"]),
        on("k4", "update v", [None, None, None, None]), on("k4", "set m", [["a"], [None, None]]),
    ]
    third = [
        on("k1", "update v", ["back", 5, 1e300, TIME.format(1, 0)]), on("k1", "append l", ["back", 9]),
        on("k1", "set m", [["a"], [9, "back"]]), on("k0", "get l"), on("k0", "append l", ["last", 4]),
        on("k5", "clear v"), on("k7", "get v"), on("k7", "append l", ["new", 0]),
    ]
    fourth = [on(f"k{i}", "get l") for i in range(8)] + [on("k4", "get v"), on("k2", "set m", [["a"], [2, "re"]])]
    return first, second, third, fourth


def ttl_batches():
    """The same for variables with TTL, and timers of processing time."""
    first = [event for i in range(4) for event in (
        on(f"k{i}", "update vt", [i, f"s{i}"]), on(f"k{i}", "update vs", [i]),
        on(f"k{i}", "append lt", [f"t{i}"]), on(f"k{i}", "appendAll ls", [[i], [i + 1]]),
        on(f"k{i}", "set mt", [["a"], [i]]), on(f"k{i}", "set ms", [["a"], [i]]),
        on(f"k{i}", "registerIn", LONG_TTL + i),
    )]
    second = [
        on("k0", "get vs"), on("k0", "get ls"), on("k0", "get ms"), on("k0", "get vt"),
        on("k0", "update vt", [10, "s10"]), on("k0", "append lt", ["u"]), on("k0", "set mt", [["a"], [10]]),
        on("k1", "clear vt"), on("k1", "clear lt"), on("k1", "clear mt"), on("k1", "append ls", [100]),
        on("k2", "put lt", [["p"], ["q"]]), on("k2", "set mt", [["b"], [2]]), on("k2", "remove mt", ["a"]),
        on("k3", "update vs", [33]), on("k3", "registerIn", -1), on("k9", "registerIn", 0),
    ]
    third = [on("k1", "update vt", [None, None]), on("k1", "append lt", ["back"]), on("k0", "get lt"),
             on("k0", "get mt"), on("k2", "get lt"), on("k3", "get vs"), on("k5", "registerIn", LONG_TTL)]
    return first, second, third


def both_batches():
    """Plain and TTL variables side by side."""
    plain, ttl = plain_batches(), ttl_batches()
    return tuple(batch + (ttl[i] if i < len(ttl) else []) for i, batch in enumerate(plain))


SOON = 7000  # ms; a batch of that case takes about 3000


def expiring_batches():
    """Elements of one list expire one after the other; an entry of a map is removed and set again before its first
    expiry."""
    get_all = [on(f"k{i}", f"get {name}") for i in range(3) for name in ("vt", "lt", "mt")]
    first = [event for i in range(3) for event in (
        on(f"k{i}", "update vt", [i, "first"]), on(f"k{i}", "append lt", ["first"]), on(f"k{i}", "set mt", [["a"], [i]]))]
    second = [on("k0", "update vt", [10, "second"]), on("k0", "append lt", ["second"]), on("k1", "remove mt", ["a"]),
              on("k2", "update vt", [2, "first"])]
    third = [on("k0", "append lt", ["third"]), on("k1", "set mt", [["a"], [100]]), on("k0", "set mt", [["b"], [7]])]
    warm_up = [on("k9", "update vt", [9, "the first batch of a process is slow"])]
    last = [on("k0", "append lt", ["fifth"]), *get_all]
    return warm_up, first, second, third, get_all, last, get_all, get_all


def event_time_batches():
    """Timers of event time: some expire by the watermark, some are deleted, some stay."""
    def at(second, key, op, arg=None):
        return on(key, op, arg, f"2026-01-01T00:{second // 60:02d}:{second % 60:02d}Z")

    base_ms = 1767225600000
    first = [event for i in range(5) for event in (
        at(i, f"k{i}", "update v", [f"n{i}", i, 0.5, TIME.format(i, 0)]),
        at(i, f"k{i}", "append l", [f"t{i}", i]), at(i, f"k{i}", "register", base_ms + 20_000 + i * 10_000))]
    second = [at(40, "k0", "register", base_ms + 500_000), at(40, "k1", "delete", base_ms + 30_000),
              at(40, "k1", "register", base_ms + 90_000), at(41, "k6", "register", base_ms - 1),
              at(41, "k4", "set m", [["a"], [1, "x"]])]
    third = [at(75, "k7", "register", base_ms + 600_000), at(5, "k8", "update v", ["late", 0, 0.0, TIME.format(0, 0)]),
             at(75, "k7", "register", base_ms + 600_000)]
    fourth = [at(120, "k7", "get v"), at(119, "k9", "register", base_ms + 700_000)]
    return first, second, third, fourth


def whole(name, title, conf=None, api="row", **more):
    """Every kind of state under processing time, in two runs of the query."""
    batches = both_batches()
    variables = PLAIN + WITH_TTL
    return Case(name, title, (Run(variables, batches[:2]), Run(variables, batches[2:])), conf=conf or {}, api=api,
                time_mode="ProcessingTime", **more)


def switched(name, title, encoding, switches, conf=None):
    """Plain variables; each run with changelogs (True) or without, two batches a run."""
    plain = plain_batches()
    batches = plain + tuple([on(f"k{n % 6}", "append l", ["more", n]), on(f"k{n}", "set m", [["zz"], [n, "z"]])]
                            for n in range(2 * len(switches) - len(plain)))
    runs = tuple(Run(PLAIN, batches[2 * i:2 * i + 2], {CHANGELOG: str(on_).lower()})
                 for i, on_ in enumerate(switches))
    return Case(name, title, runs, conf={ENCODING: encoding, **(conf or {})})


def small(name, title, conf, **more):
    return Case(name, title, (Run(PLAIN, plain_batches()),), conf=conf, **more)


CODEC = STATE_STORE + "compression.codec"
ROW_CHECKSUM = STATE_STORE + "rowChecksum.enabled"
SST_CODEC = STATE_STORE + "rocksdb.compression"


def for_encoding(encoding):
    coded = {ENCODING: encoding}
    yield whole(f"base_{encoding}", f"every kind of state, {encoding}", coded)
    yield Case(f"event_time_{encoding}", f"timers of event time, {encoding}",
               (Run(PLAIN, event_time_batches()),), conf=coded, time_mode="EventTime")
    variables = tuple(dataclasses.replace(v, ttl_ms=SOON) for v in WITH_TTL[:3])
    yield Case(f"expiring_{encoding}", f"TTL that ends while the query runs, {encoding}",
               (Run(variables, expiring_batches()),), conf=coded, time_mode="ProcessingTime", pause_s=2)
    yield switched(f"changelog_off_{encoding}", f"a snapshot at every version, {encoding}", encoding, (False, False))
    yield switched(f"changelog_mixed_{encoding}", f"changelogs on, off and on again, {encoding}", encoding,
                   (True, False, True))
    yield switched(f"changelog_late_{encoding}", f"changelogs off, then on, {encoding}", encoding, (False, True))
    yield whole(f"format2_{encoding}", f"checkpoint format 2, {encoding}", {**coded, CHECKPOINT_FORMAT: "2"})
    yield switched(f"format2_off_{encoding}", f"checkpoint format 2 without changelogs, {encoding}", encoding,
                   (False, False), {CHECKPOINT_FORMAT: "2"})
    yield whole(f"row_checksum_{encoding}", f"row checksums, {encoding}", {**coded, ROW_CHECKSUM: "true"},
                since=(4, 2))


CASES = [
    *for_encoding("avro"),
    *for_encoding("unsaferow"),
    *(small(f"codec_{codec}", f"changelogs in {codec}", {CODEC: codec})
      for codec in ("zstd", "snappy", "lzf")),
    *(small(f"sst_{codec}", f"SST files in {codec}", {SST_CODEC: codec}) for codec in ("zstd", "snappy", "none")),
    whole("pandas", "every kind of state by the pandas API", api="pandas"),
    small("update_mode", "output mode Update", {}, output_mode="Update"),
    small("partitions_5", "5 partitions", {"spark.sql.shuffle.partitions": "5"}),
    small("moved", "read again from another directory: expected_moved.json", {}, moved=True),
]
