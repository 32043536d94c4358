# SPDX-License-Identifier: Apache-2.0
"""The table of cases."""

from case import Case, Settings

# The smallest proof; ./dev test --spark runs it.
FOUR_DIRECTIONS = [Case(way, title="four", files=2) for way in ("s1-h2", "h1-s2", "s1-h2-s2", "h1-s2-h2")]
OTHERS = [
    *(Case(way, title="orders") for way in ("s1-s2", "s1-h1-s2", "h1-s1-h2")),
    Case("s1-h2-s2", title="pandas-parquet", api="pandas", events="parquet"),
]

# Each pair of values of two columns is there, in both encodings where the encoding matters.
COMBINATIONS = {
    #                    encoding     format  changelogs  partitions  checksums
    "avro-1-on":     Settings("avro",      1, True,  4, True),
    "avro-1-off":    Settings("avro",      1, False, 1, False),
    "avro-2-on":     Settings("avro",      2, True,  3, False),
    "avro-2-off":    Settings("avro",      2, False, 5, True),
    "unsafe-1-on":   Settings("unsaferow", 1, True,  5, False),
    "unsafe-1-off":  Settings("unsaferow", 1, False, 3, True),
    "unsafe-2-on":   Settings("unsaferow", 2, True,  1, True),
    "unsafe-2-off":  Settings("unsaferow", 2, False, 4, False),
}
# UnsafeRow does not evolve.
WAYS = {"avro": ("s1-h1-s2-h2", "h1-s1-h2-s2"), "unsaferow": ("s1-h1-s1-h1", "h1-s1-h1-s1")}

# Killed when a part of the second batch of a turn is there: its offset, its state in some partition, its rows in the sink.
# The rows of that batch are the first engine's when the sink had them, so that both must have one version then.
KILLED = [
    *(Case(way, title="killed") for way in ("s1!offsets-h2", "s1!state-h1", "s1!sink-h1", "h1!offsets-s1", "h1!state-s2",
                                            "h1!sink-s1", "s1-h1!state-s1!state-h2")),
    Case("s1!state-h1!state-s2", Settings(format=2, partitions=3), "killed-2"),
    Case("s1!state-h1!state-s1", Settings("unsaferow", changelogs=False), "killed-unsafe"),
]

# With the Spark that the newest Delta for Spark is made for.
DELTA = [Case(way, title="delta", sink="delta", spark="4.2.1")
         for way in ("s1-h1-s1-h1", "h1!sink-s1!sink-h1", "s1!state-h1!state-s1")]

# Python has no rows for transformWithState in 4.0.
OTHER_VERSIONS = [
    *(Case(way, title=f"spark-{version}", spark=version)
      for version in ("4.2.1", "4.1.4") for way in ("s1-h1-s2-h2", "h1-s1-h2")),
    Case("s1-h1-s2-h2", title="spark-4.0.5", spark="4.0.5", api="pandas"),
]

MOVED = [Case(way, title="moved") for way in ("s1-h2@away-s2", "s1-h1@away-s1!state-h1@away-s2")]

UNDONE = [Case(way, title="undone") for way in ("s1-h2@undone-s1-h1", "s1-h1-s1-h2@undone-s2")]

# Long enough for both to purge what the other wrote, again and again.
MANY_TURNS = [
    Case("h1-s1-h1-s1-h1-s1-h2-s2-h2-s2-h2-s2-h2", Settings(format=form, deltas=4, retained=10), title, files=20)
    for form, title in ((1, "many"), (2, "many-2"))
]

ALL = [
    *FOUR_DIRECTIONS,
    *OTHERS,
    *(Case(way, settings, title) for title, settings in COMBINATIONS.items() for way in WAYS[settings.encoding]),
    *KILLED,
    *MOVED,
    *UNDONE,
    *DELTA,
    *OTHER_VERSIONS,
    *MANY_TURNS,
]
