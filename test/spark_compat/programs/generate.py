# SPDX-License-Identifier: Apache-2.0
"""Random programs: what a processor declares and what it is told to do, batch by batch. README.md has the form.

The same seed and number make the same program. Sequences in which engines tend to err are likelier than others: entries
that come again after they went, TTL that is refreshed or ends within a list, timers of one time, of the past, and timers
that register or delete timers.
"""

import random

from programs.values import KEY_POOLS, USER_KEY_TYPES, VALUE_TYPES, value_of

BEGIN_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
BATCHES = 10
FOR_EVER = 86_400_000  # no program lasts so long
TTLS = (1, 250, 300, 600, 1500, FOR_EVER)
STEPS = (0, 1, 100, 250, 300, 300, 500, 600, 1000, 3000)
TIMER_OFFSETS = (-100_000, -300, -1, 0, 0, 1, 250, 300, 300, 500, 600, 1000, 2000, FOR_EVER)


def program(seed, number, removes_with_ttl=False):
    """`removes_with_ttl`: entries of maps with TTL are removed, which Spark 4.3 does not do well (README.md)."""
    return Generator(random.Random(f"{seed}/{number}"), number, removes_with_ttl).program()


class Generator:
    def __init__(self, rng, number, removes_with_ttl):
        self.rng = rng
        self.removes_with_ttl = removes_with_ttl
        self.name = f"{'r' if removes_with_ttl else 'p'}{number:03}"
        self.encoding = ("avro", "unsaferow")[number % 2]
        modes = ("ProcessingTime",) if removes_with_ttl else ("None", "ProcessingTime", "ProcessingTime", "EventTime")
        self.time = rng.choice(modes)
        self.key = rng.choice(("string", "string", "string", "bigint", "k string, n int"))
        self.keys = rng.sample(KEY_POOLS[self.key], rng.choice((2, 3, 4)))
        self.user_keys = {}  # by variable
        self.last = {}  # value that was last given, by variable and key
        self.timers = []  # times that were registered at all

    def program(self):
        runs = self.runs()
        made = {"program": self.name, "encoding": self.encoding, "key": self.key, "time": self.time,
                "output": self.rng.choice(("Append", "Append", "Update"))}
        if self.time == "EventTime":
            made["delay"] = self.rng.choice((0, 500, 2000))
        made["runs"] = runs
        self.now = self.front = BEGIN_MS + self.rng.randrange(1000)
        # What a timer does may be of variables that every run has.
        shared = [v for v in runs[0]["variables"] if all(v in run["variables"] for run in runs)]
        made["batches"] = self.batches(runs)
        made["timers"] = [self.at_timer(shared) for _ in range(self.rng.choice((1, 2, 3)))]
        return made

    # ---- Declarations

    def runs(self):
        variables = [self.variable(n) for n in range(self.rng.choice((1, 2, 2, 3, 3, 4)))]
        runs = [{"variables": variables, "delete": []}]
        for _ in range(self.rng.choice((0, 0, 0, 0, 1, 2))):
            runs.append(self.next_run(runs))
        return runs

    def variable(self, number):
        kind = self.rng.choice(("value", "list", "list", "map", "map"))
        made = {"name": f"{kind[0]}{number}", "kind": kind, "type": self.rng.choice(VALUE_TYPES)}
        if kind == "map":
            made["key"] = self.rng.choice(USER_KEY_TYPES)
        if self.time == "ProcessingTime" and (self.removes_with_ttl or self.rng.random() < 0.65):
            made["ttl"] = self.rng.choice(TTLS)
        return made

    def next_run(self, runs):
        """A restart, mostly with the same variables. What has TTL is never left out: see README.md."""
        before = runs[-1]["variables"]
        plain = [v for v in before if "ttl" not in v]
        missing = [v for run in runs for v in run["variables"] if v not in before]
        how = "back" if missing else self.rng.choice(("same", "same", "delete", "delete", "leave", "add"))
        if how == "back":
            return {"variables": [*before, missing[0]], "delete": []}
        if how == "add":
            return {"variables": [*before, self.variable(10 + len(runs))], "delete": []}
        if how != "same" and plain and len(before) > 1:
            gone = self.rng.choice(plain)
            return {"variables": [v for v in before if v != gone], "delete": [gone["name"]] if how == "delete" else []}
        return {"variables": before, "delete": []}

    # ---- Batches

    def batches(self, runs):
        starts = [0, *sorted(self.rng.sample(range(2, BATCHES), len(runs) - 1))]
        made, run = [], 0
        for number in range(BATCHES):
            run = max(i for i, start in enumerate(starts) if start <= number)
            # The first batch has input: without any, Spark would not begin.
            rows = [] if number and self.rng.random() < 0.15 else self.rows(runs[run]["variables"])
            made.append({"time": self.now, "run": run, "rows": rows})
            self.now += self.rng.choice(STEPS)
            self.front += self.rng.choice((0, 100, 500, 1000, 3000))
        return made

    def rows(self, variables):
        made = []
        for _ in range(self.rng.choice((1, 2, 3, 4, 6))):
            key = self.rng.choice(self.keys)
            row = [key, [op for _ in range(self.rng.choice((1, 2, 2, 3))) for op in self.sequence(variables, key)]]
            if self.time == "EventTime":
                row.append(self.event_time())
            made.append(row)
        return made

    def event_time(self):
        if self.rng.random() < 0.05:
            return None
        return self.front + self.rng.choice((-5000, -2000, -500, -1, 0, 0, 100, 500))

    def at_timer(self, variables):
        """Operations of handleExpiredTimer."""
        made = [["now"]] if self.rng.random() < 0.3 else []
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            made += self.timer_sequence(True) if self.rng.random() < 0.6 or not variables else \
                self.variable_sequence(self.rng.choice(variables), None)
        return made

    def sequence(self, variables, key):
        chance = self.rng.random()
        if chance < 0.03:
            return [["now"]]
        # Without a time mode timers are refused: now and then that is tried.
        if chance < (0.35 if self.time != "None" else 0.06):
            return self.timer_sequence(False)
        return self.variable_sequence(self.rng.choice(variables), key)

    # ---- Operations

    def timer_sequence(self, at_timer):
        register, delete, listing = self.timer("register", at_timer), self.timer("delete", at_timer), ["timer", "list"]
        return self.rng.choice((
            [register], [register], [register, listing], [register, self.timer("register", at_timer)],
            [register, register, listing], [register, ["timer", "delete", *register[2:]], listing],
            [delete], [delete, listing], [delete, register], [listing], [listing, register, delete, listing],
            [["timer", "delete", *register[2:]], register, listing]))

    def timer(self, what, at_timer):
        if self.timers and self.rng.random() < (0.75 if what == "delete" else 0.35):
            return ["timer", what, "at", self.rng.choice(self.timers)]
        if at_timer and self.rng.random() < 0.6:
            return ["timer", what, "expiry", self.rng.choice(TIMER_OFFSETS)]
        if self.rng.random() < 0.3:
            base = "time" if self.time == "ProcessingTime" or self.rng.random() < 0.2 else "watermark"
            return ["timer", what, base, self.rng.choice(TIMER_OFFSETS)]
        if self.rng.random() < 0.04:
            return ["timer", what, "at", self.rng.choice((0, -1, -5000, 1))]
        base = self.front if self.time == "EventTime" else self.now
        time = base + self.rng.choice(TIMER_OFFSETS)
        self.timers.append(time)
        return ["timer", what, "at", time]

    def variable_sequence(self, variable, key):
        made = {"value": self.value_sequence, "list": self.list_sequence, "map": self.map_sequence}[variable["kind"]](
            variable, key)
        return [[variable["name"], *op] for op in made]

    def given(self, variable, key):
        """A value to be written, now and then the one that was written last."""
        place = (variable["name"], repr(key))
        if place not in self.last or self.rng.random() < 0.8:
            self.last[place] = value_of(self.rng, variable["type"])
        return self.last[place]

    def value_sequence(self, variable, key):
        update, get, exists, clear = ["update", self.given(variable, key)], ["get"], ["exists"], ["clear"]
        again = ["update", self.given(variable, key)]
        return self.rng.choice((
            [update], [update], [update, get], [get, update], [get], [exists], [get, update, exists],
            [update, again], [update, clear], [clear], [clear, get, exists], [clear, update, get], [update, clear, again],
            [update, get, clear, exists, again, get]))

    def list_sequence(self, variable, key):
        def some():
            return [self.given(variable, key) for _ in range(self.rng.choice((1, 2, 2, 3)))]

        append, more, put = ["append", self.given(variable, key)], ["appendList", some()], ["put", some()]
        get, exists, clear = ["get"], ["exists"], ["clear"]
        nothing = [self.rng.choice(("put", "appendList")), []]  # refused
        return self.rng.choice((
            [append], [append], [append, get], [append, append], [more], [more, get], [put], [put, get], [get], [exists],
            [put, append, get], [append, put, get], [clear], [clear, exists, get], [clear, append, get], [clear, put],
            [append, clear], [append, clear, append, get], [put, clear, more, get], [put, put, get], [get, more, append],
            [nothing, get], [append, nothing]))

    def map_sequence(self, variable, key):
        pool = self.user_keys.setdefault(variable["name"], [])
        while len(pool) < 4:
            made = value_of(self.rng, variable["key"])
            if made not in pool:
                pool.append(made)
        one, other = self.rng.choice(pool), self.rng.choice(pool)
        update, again = ["update", one, self.given(variable, key)], ["update", one, self.given(variable, key)]
        second = ["update", other, self.given(variable, key)]
        get, contains, clear = ["get", one], ["contains", other], ["clear"]
        iterate = [self.rng.choice(("iterate", "iterate", "keys", "values"))]
        choices = [[update], [update], [update, second], [update, get], [get], [contains], [iterate], [["exists"]],
                   [update, again, iterate], [update, second, iterate], [clear], [clear, ["exists"], update],
                   [update, clear, iterate], [clear, second, iterate], [get, contains, update, iterate]]
        if variable.get("ttl", FOR_EVER) == FOR_EVER or self.removes_with_ttl:
            remove = ["remove", one]
            choices += [[remove], [remove, get], [remove, update], [update, remove], [remove, iterate],
                        [update, remove, again, get], [second, remove, ["exists"], iterate], [remove, remove]]
        return self.rng.choice(choices)
