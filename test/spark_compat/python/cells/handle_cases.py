# SPDX-License-Identifier: Apache-2.0
"""Every function of the handle and of state variables, at once and in the next batch."""

import dataclasses

from cells.init_cases import INIT, init
from cells.query import Script

VALUE = ("v = handle.getValueState('v', 'a int, b string')", "one = handle.getValueState('one', 'a int')")
VALUE_CASES = {
    "nothing yet": (("see(v.get())", "see(v.exists())", "see(v.clear())", "see(v.get())"), ("see(v.exists())",)),
    "update gives": (
        ("see(v.update((1, 'x')))", "see(v.exists())", "see(v.get())"),
        ("see(v.get())", "see(v.clear())", "see(v.get())"),
    ),
    "tuple": (("v.update((1, 'x'))", "see(v.get())"), ("see(v.get())",)),
    "list": (("v.update([1, 'x'])", "see(v.get())"),),
    "Row": (("v.update(Row(a=1, b='x'))", "see(v.get())"),),
    "Row in other order": (("v.update(Row(b='x', a=1))", "see(v.get())"),),
    "Row by position": (("v.update(Row(1, 'x'))", "see(v.get())"),),
    "namedtuple": (("v.update(Pair(1, 'x'))", "see(v.get())"),),
    "dict": (("v.update({'a': 1, 'b': 'x'})", "see(v.get())"),),
    "generator": (("v.update(x for x in (1, 'x'))", "see(v.get())"),),
    "iterator": (("v.update(iter((1, 'x')))", "see(v.get())"),),
    "array": (("v.update(np.array([1, 2]))", "see(v.get())"),),
    "array of objects": (("v.update(np.array([1, 'x'], dtype='object'))", "see(v.get())"),),
    "series": (("v.update(pd.Series([1, 'x']))", "see(v.get())"),),
    "row of a frame": (("v.update(pd.DataFrame({'a': [1], 'b': ['x']}).iloc[0])", "see(v.get())"),),
    "row of itertuples": (
        ("v.update(next(pd.DataFrame({'a': [1], 'b': ['x']}).itertuples(index=False)))", "see(v.get())"),
    ),
    "str of two": (("v.update('xy')", "see(v.get())"),),
    "bytes of two": (("v.update(b'xy')", "see(v.get())"),),
    "range of two": (("v.update(range(2))", "see(v.get())"),),
    "too short": (("v.update((1,))",),),
    "too long": (("v.update((1, 'x', 2))",),),
    "empty tuple": (("v.update(())",),),
    "a number": (("v.update(1)", "see(v.get())"),),
    "None": (("v.update(None)", "see(v.get())"),),
    "numpy number": (("v.update(np.int64(1))", "see(v.get())"),),
    "one field, a number": (("one.update(1)", "see(one.get())"),),
    "one field, a string": (("one.update('x')", "see(one.get())"), ("see(one.get())",)),
    "one field, key": (("one.update(key)", "see(one.get())"),),
    "one field, a list": (("one.update([7])", "see(one.get())"),),
    "one field, null": (
        ("one.update((None,))", "see(one.get())", "see(one.exists())"),
        ("see(one.get())", "see(one.exists())"),
    ),
    "no argument": (("v.update()", "see(v.get())"),),
    "two arguments": (("v.update(1, 'x')", "see(v.get())"),),
    "keyword": (("v.update(newValue=(1, 'x'))", "see(v.get())"), ("v.update(value=(1, 'x'))",)),
    "update twice": (("v.update((1, 'x'))", "v.update((2, 'y'))", "see(v.get())"), ("see(v.get())",)),
    "update and clear": (("v.update((1, 'x'))", "v.clear()", "see(v.get())", "see(v.exists())"), ("see(v.get())",)),
    "two calls give two objects": (("v.update((1, 'x'))", "see(v.get() is v.get())", "see(v.get() == v.get())"),),
    "repr and class": (("see(type(v).__name__)", "see(sorted(n for n in dir(v) if not n.startswith('_')))"),),
    "declare in handleInputRows": (("see(type(handle.getValueState('later', 'a int')).__name__)",),),
    "declare again in handleInputRows": (("see(type(handle.getValueState('v', 'a int, b string')).__name__)",),),
    "deleteIfExists in handleInputRows": (("handle.deleteIfExists('v')",),),
    "timers without a time mode": (("handle.registerTimer(1)",),),
    "list timers without a time mode": (("see(list(handle.listTimers()))",),),
    "timer values": (("see(timers.getCurrentProcessingTimeInMs())", "see(timers.getCurrentWatermarkInMs())"),),
    "handle": (("see(type(handle).__name__)", "see(sorted(n for n in dir(handle) if not n.startswith('_')))"),),
}

LIST = ("l = handle.getListState('l', 'a int, b string')", "one = handle.getListState('one', 'a int')")
LIST_CASES = {
    "nothing yet": (
        ("see(l.exists())", "see(l.get())", "see(list(l.get()))", "see(l.clear())"),
        ("see(list(l.get()))",),
    ),
    "put": (("see(l.put([(1, 'x'), (2, None)]))", "see(list(l.get()))", "see(l.exists())"), ("see(list(l.get()))",)),
    "put again": (("l.put([(1, 'x'), (2, 'y')])", "l.put([(3, 'z')])", "see(list(l.get()))"), ("see(list(l.get()))",)),
    "append": (
        ("see(l.appendValue((1, 'x')))", "l.appendValue((2, 'y'))", "see(list(l.get()))"),
        ("l.appendValue((3, 'z'))", "see(list(l.get()))"),
    ),
    "append list": (
        ("see(l.appendList([(1, 'x'), (2, 'y')]))", "l.appendList([(3, 'z')])", "see(list(l.get()))"),
        ("see(list(l.get()))",),
    ),
    "append to put": (("l.put([(1, 'x')])", "l.appendValue((2, 'y'))", "see(list(l.get()))"), ("see(list(l.get()))",)),
    "clear": (("l.put([(1, 'x')])", "l.clear()", "see(l.exists())", "see(list(l.get()))"), ("see(list(l.get()))",)),
    "put empty": (("l.put([(1, 'x')])", "l.put([])", "see(l.exists())", "see(list(l.get()))"), ("see(l.exists())",)),
    "append empty list": (("l.appendList([])", "see(l.exists())"), ("see(list(l.get()))",)),
    "append empty list to some": (("l.put([(1, 'x')])", "l.appendList([])", "see(list(l.get()))"),),
    "put None": (("l.put(None)", "see(l.exists())"),),
    "append None": (("l.appendValue(None)", "see(l.exists())"),),
    "append list None": (("l.appendList(None)", "see(l.exists())"),),
    "put a tuple of tuples": (("l.put(((1, 'x'), (2, 'y')))", "see(list(l.get()))"),),
    "put a generator": (("l.put((n, 'x') for n in range(3))", "see(list(l.get()))"),),
    "append list of an iterator": (("l.appendList(iter([(1, 'x')]))", "see(list(l.get()))"),),
    "put one tuple": (("l.put((1, 'x'))", "see(l.exists())"),),
    "append a list": (("l.appendValue([1, 'x'])", "see(list(l.get()))"),),
    "append a Row": (("l.appendValue(Row(a=1, b='x'))", "see(list(l.get()))"),),
    "append a dict": (("l.appendValue({'a': 1, 'b': 'x'})", "see(list(l.get()))"),),
    "append a number": (("l.appendValue(1)", "see(l.exists())"),),
    "append to one field": (
        ("one.appendValue((1,))", "one.appendValue((None,))", "one.appendValue(('x',))", "see(list(one.get()))"),
        ("see(list(one.get()))",),
    ),
    "append a number to one field": (("one.appendValue(1)", "see(one.exists())"),),
    "put numbers to one field": (("one.put([1, 2])", "see(one.exists())"),),
    "put numpy numbers": (("one.put([(n,) for n in np.array([1, 2])])", "see(list(one.get()))"),),
    "put lists": (("one.put([[1], [2]])", "see(list(one.get()))"),),
    "put strings to one field": (("one.put(['x', 'y'])", "see(list(one.get()))"),),
    "put a frame's rows": (
        ("l.put(list(pd.DataFrame({'a': [1], 'b': ['x']}).itertuples(index=False, name=None)))", "see(list(l.get()))"),
    ),
    "put a frame's values": (("l.put(pd.DataFrame({'a': [1], 'b': ['x']}).values)", "see(list(l.get()))"),),
    "put a frame's values of numbers": (("one.put(pd.DataFrame({'a': [1, 2]}).values)", "see(list(one.get()))"),),
    "element too short": (("l.put([(1,)])",),),
    "second element too long": (("l.put([(1, 'x'), (1, 'x', 2)])",),),
    "element of a kind Python refuses": (("l.put([(1, 'x'), 5])", "see(list(l.get()))"),),
    "append too short": (("l.appendValue((1,))",),),
    "iterator": (
        ("l.put([(1, 'x'), (2, 'y')])", "i = l.get(); see(iter(i) is i); see(next(i)); see(next(i)); next(i)"),
    ),
    "iterator at its end": (
        ("l.put([(1, 'x')])", "i = l.get(); see(next(i)); see(next(i, 'end')); see(next(i, 'end'))"),
    ),
    "iterator of nothing": (("see(next(l.get(), 'end'))", "next(l.get())"),),
    "length of what is given": (("l.put([(1, 'x')])", "len(l.get())", "l.get()[0]"),),
    "two iterators": (
        (
            "l.put([(1, 'x'), (2, 'y')])",
            "a = l.get(); b = l.get(); see(next(a)); see(next(b)); see(next(a)); see(next(b))",
        ),
    ),
    "put while reading": (
        (
            "l.put([(1, 'x'), (2, 'y')])",
            "i = l.get(); see(next(i)); l.put([(9, 'z')]); see(list(i)); see(list(l.get()))",
        ),
    ),
    "append while reading": (
        (
            "l.put([(1, 'x'), (2, 'y')])",
            "i = l.get(); see(next(i)); l.appendValue((9, 'z')); see(list(i)); see(list(l.get()))",
        ),
    ),
    "clear while reading": (
        ("l.put([(1, 'x'), (2, 'y')])", "i = l.get(); see(next(i)); l.clear(); see(list(i)); see(list(l.get()))"),
    ),
    "put what is read": (("l.put([(1, 'x'), (2, 'y')])", "l.put(l.get())", "see(list(l.get()))"),),
    "250 elements": (
        ("l.put([(n, 'x') for n in range(250)])", "see(len(list(l.get())))", "see([a for a, _ in l.get()][98:103])"),
        ("see(len(list(l.get())))",),
    ),
    "put while reading 250": (
        ("l.put([(n, 'x') for n in range(250)])", "i = l.get(); see(next(i)); l.put([(9, 'z')]); see(len(list(i)))"),
    ),
    "clear while reading 250": (
        ("l.put([(n, 'x') for n in range(250)])", "i = l.get(); see(next(i)); l.clear(); see(len(list(i)))"),
    ),
    "keyword": (
        (
            "l.put(newState=[(1, 'x')])",
            "l.appendValue(newState=(2, 'y'))",
            "l.appendList(newState=[(3, 'z')])",
            "see(list(l.get()))",
        ),
    ),
    "names": (("see(type(l).__name__)", "see(sorted(n for n in dir(l) if not n.startswith('_')))"),),
}

MAP = (
    "m = handle.getMapState('m', 'k string', 'a int, b string')",
    "n = handle.getMapState('n', 'k int, j string', 'v int')",
)
MAP_CASES = {
    "nothing yet": (
        (
            "see(m.exists())",
            "see(m.getValue(('x',)))",
            "see(m.containsKey(('x',)))",
            "see(m.removeKey(('x',)))",
            "see(m.clear())",
            "see(list(m.iterator()))",
            "see(list(m.keys()))",
            "see(list(m.values()))",
        ),
        ("see(m.exists())",),
    ),
    "update": (
        (
            "see(m.updateValue(('x',), (1, 'a')))",
            "see(m.getValue(('x',)))",
            "see(m.containsKey(('x',)))",
            "see(m.exists())",
        ),
        ("see(m.getValue(('x',)))", "see(type(m.getValue(('x',))).__name__)"),
    ),
    "iterate": (
        (
            "m.updateValue(('y',), (2, 'b'))",
            "m.updateValue(('x',), (1, 'a'))",
            "see(m.iterator())",
            "see(m.keys())",
            "see(m.values())",
            "see(list(m.iterator()))",
            "see(list(m.keys()))",
            "see(list(m.values()))",
        ),
        ("see(list(m.iterator()))",),
    ),
    "types that come": (
        (
            "m.updateValue(('x',), (1, 'a'))",
            "k, v = next(m.iterator()); see(type(k).__name__); see(type(v).__name__)",
            "see(type(next(m.keys())).__name__)",
            "see(type(next(m.values())).__name__)",
            "see(type(m.getValue(('x',))).__name__)",
        ),
    ),
    "remove": (
        ("m.updateValue(('x',), (1, 'a'))", "see(m.removeKey(('x',)))", "see(m.getValue(('x',)))", "see(m.exists())"),
        ("see(m.exists())",),
    ),
    "clear": (("m.updateValue(('x',), (1, 'a'))", "m.clear()", "see(list(m.keys()))"), ("see(m.exists())",)),
    "two columns as key": (
        ("n.updateValue((1, 'x'), (5,))", "see(n.getValue((1, 'x')))", "see(list(n.iterator()))"),
        ("see(list(n.keys()))",),
    ),
    "key as a string": (("m.updateValue('x', (1, 'a'))", "see(list(m.keys()))"),),
    "key as a long string": (("m.updateValue('xy', (1, 'a'))",),),
    "key as a list": (("m.updateValue(['x'], (1, 'a'))", "see(list(m.keys()))"),),
    "key as a Row": (("m.updateValue(Row(k='x'), (1, 'a'))", "see(list(m.keys()))"),),
    "key as a dict": (("m.updateValue({'k': 'x'}, (1, 'a'))", "see(list(m.keys()))"),),
    "key a number": (("m.updateValue(1, (1, 'a'))", "see(m.exists())"),),
    "key None": (("m.updateValue(None, (1, 'a'))", "see(m.exists())"),),
    "null in the key": (
        ("m.updateValue((None,), (1, 'a'))", "see(list(m.iterator()))", "see(m.getValue((None,)))"),
        ("see(list(m.iterator()))",),
    ),
    "number in a key of strings": (
        ("m.updateValue((1,), (1, 'a'))", "see(list(m.keys()))", "see(m.getValue(('1',)))"),
        ("see(list(m.keys()))",),
    ),
    "key too long": (("m.updateValue(('x', 'y'), (1, 'a'))",),),
    "key of numpy": (("n.updateValue((np.int64(1), np.str_('x')), (np.int32(5),))", "see(list(n.iterator()))"),),
    "value None": (("m.updateValue(('x',), None)", "see(m.exists())"),),
    "value of nulls": (
        ("m.updateValue(('x',), (None, None))", "see(m.getValue(('x',)))", "see(m.containsKey(('x',)))"),
        ("see(m.getValue(('x',)))",),
    ),
    "value a number": (("n.updateValue((1, 'x'), 5)", "see(n.exists())"),),
    "value a list": (("n.updateValue((1, 'x'), [5])", "see(list(n.values()))"),),
    "value too long": (("n.updateValue((1, 'x'), (5, 6))",),),
    "get of a key of another type": (
        (
            "m.updateValue(('1',), (1, 'a'))",
            "see(m.getValue((1,)))",
            "see(m.containsKey((1.0,)))",
            "see(m.containsKey((True,)))",
        ),
    ),
    "get with a string": (
        (
            "m.updateValue(('x',), (1, 'a'))",
            "see(m.getValue('x'))",
            "see(m.containsKey('x'))",
            "m.removeKey('x')",
            "see(m.exists())",
        ),
    ),
    "get of too long a key": (("m.getValue(('x', 'y'))",),),
    "order of keys": (
        tuple(f"m.updateValue(({k!r},), (1, 'a'))" for k in ("b", "a", "", "B", "é", "ab", "10", "9"))
        + ("see(list(m.keys()))",),
        ("see(list(m.keys()))",),
    ),
    "order of numbers": (
        tuple(f"n.updateValue(({k}, 'x'), ({k},))" for k in (3, -1, 0, 2147483647, -2147483648))
        + ("see(list(n.values()))",),
        ("see(list(n.keys()))",),
    ),
    "update while reading": (
        (
            "m.updateValue(('a',), (1, 'a'))",
            "m.updateValue(('b',), (2, 'b'))",
            "i = m.iterator(); see(next(i)); m.updateValue(('c',), (3, 'c')); "
            "m.removeKey(('b',)); see(list(i)); see(list(m.keys()))",
        ),
    ),
    "clear while reading": (
        (
            "m.updateValue(('a',), (1, 'a'))",
            "m.updateValue(('b',), (2, 'b'))",
            "i = m.keys(); see(next(i)); m.clear(); see(list(i))",
        ),
    ),
    "250 entries": (
        (
            "[n.updateValue((i, 'x'), (i,)) for i in range(250)]",
            "see(len(list(n.iterator())))",
            "see(len(list(n.keys())))",
            "see([v for v, in n.values()][98:103])",
        ),
        ("see(len(list(n.iterator())))",),
    ),
    "remove while reading 250": (
        (
            "[n.updateValue((i, 'x'), (i,)) for i in range(250)]",
            "i = n.keys(); see(next(i)); [n.removeKey(k) for k in i]; see(list(n.keys()))",
        ),
    ),
    "iterator": (
        (
            "m.updateValue(('a',), (1, 'a'))",
            "i = m.keys(); see(iter(i) is i); see(next(i)); see(next(i, 'end'))",
            "next(m.values()); next(m.values(), 0)",
        ),
    ),
    "keyword": (
        (
            "m.updateValue(key=('x',), value=(1, 'a'))",
            "see(m.getValue(key=('x',)))",
            "see(m.containsKey(key=('x',)))",
            "m.removeKey(key=('x',))",
        ),
    ),
    "names": (("see(type(m).__name__)", "see(sorted(n for n in dir(m) if not n.startswith('_')))"),),
}

TIMER_CASES = {
    "nothing yet": (("see(handle.listTimers())", "see(list(handle.listTimers()))", "see(handle.deleteTimer(5))"),),
    "register": (
        ("see(handle.registerTimer(4102444800000))", "see(list(handle.listTimers()))"),
        ("see(list(handle.listTimers()))",),
    ),
    "register twice": (
        (
            "handle.registerTimer(4102444800000)",
            "handle.registerTimer(4102444800000)",
            "see(list(handle.listTimers()))",
        ),
        ("see(list(handle.listTimers()))",),
    ),
    "order": (
        (
            "handle.registerTimer(4102444800002)",
            "handle.registerTimer(4102444800001)",
            "see(list(handle.listTimers()))",
        ),
        ("see(list(handle.listTimers()))",),
    ),
    "delete": (
        (
            "handle.registerTimer(4102444800000)",
            "see(handle.deleteTimer(4102444800000))",
            "see(list(handle.listTimers()))",
        ),
        ("see(list(handle.listTimers()))",),
    ),
    "float": (("handle.registerTimer(4102444800000.0)", "see(list(handle.listTimers()))"),),
    "fraction": (("handle.registerTimer(4102444800000.5)", "see(list(handle.listTimers()))"),),
    "numpy int": (("handle.registerTimer(np.int64(4102444800000))", "see(list(handle.listTimers()))"),),
    "numpy float": (("handle.registerTimer(np.float64(4102444800000))", "see(list(handle.listTimers()))"),),
    "bool": (("handle.registerTimer(True)", "see(list(handle.listTimers()))"),),
    "string": (("handle.registerTimer('4102444800000')", "see(list(handle.listTimers()))"),),
    "None": (("handle.registerTimer(None)", "see(list(handle.listTimers()))"),),
    "Timestamp": (("handle.registerTimer(pd.Timestamp('2100-01-01'))", "see(list(handle.listTimers()))"),),
    "datetime": (("handle.registerTimer(datetime.datetime(2100, 1, 1))", "see(list(handle.listTimers()))"),),
    "Decimal": (("handle.registerTimer(Decimal(4102444800000))", "see(list(handle.listTimers()))"),),
    "zero": (("handle.registerTimer(0)", "see(list(handle.listTimers()))"), ("see(list(handle.listTimers()))",)),
    "negative": (("handle.registerTimer(-5)", "see(list(handle.listTimers()))"), ("see(list(handle.listTimers()))",)),
    "largest": (
        ("handle.registerTimer(2**63 - 1)", "see(list(handle.listTimers()))"),
        ("see(list(handle.listTimers()))",),
    ),
    "too large": (("handle.registerTimer(2**63)", "see(list(handle.listTimers()))"),),
    "past": (("handle.registerTimer(1000)", "see(list(handle.listTimers()))"), ("see(list(handle.listTimers()))",)),
    "now": (
        ("handle.registerTimer(timers.getCurrentProcessingTimeInMs())", "see(len(list(handle.listTimers())))"),
        ("see(list(handle.listTimers()))",),
    ),
    "delete of a float": (
        (
            "handle.registerTimer(4102444800000)",
            "handle.deleteTimer(4102444800000.0)",
            "see(list(handle.listTimers()))",
        ),
    ),
    "iterator": (
        (
            "handle.registerTimer(4102444800000)",
            "i = handle.listTimers(); see(iter(i) is i); see(next(i)); see(next(i, 'end'))",
            "next(handle.listTimers()); len(handle.listTimers())",
        ),
    ),
    "keyword": (
        (
            "handle.registerTimer(expiryTimestampMs=4102444800000)",
            "see(list(handle.listTimers()))",
            "handle.deleteTimer(expiryTimestampMs=4102444800000)",
        ),
    ),
    "timer values": (
        (
            "see(type(timers).__name__)",
            "see(type(timers.getCurrentProcessingTimeInMs()).__name__)",
            "see(timers.getCurrentWatermarkInMs())",
            "see(timers.getCurrentProcessingTimeInMs() > 1700000000000)",
        ),
    ),
}

UNSAFE = {"spark.sql.streaming.stateStore.encodingFormat": "unsaferow"}


def few(cases, *names):
    return {name: cases[name] for name in names}


QUERIES = [
    Script(name="value state", declare=VALUE, cases=VALUE_CASES),
    Script(name="list state", declare=LIST, cases=LIST_CASES),
    Script(name="map state", declare=MAP, cases=MAP_CASES),
    Script(
        name="map state unsaferow",
        declare=MAP,
        conf=UNSAFE,
        cases=few(MAP_CASES, "order of keys", "order of numbers", "null in the key", "two columns as key", "update"),
    ),
    Script(name="timers of processing time", declare=(), cases=TIMER_CASES, time_mode="ProcessingTime"),
    Script(name="value state pandas", declare=VALUE, cases=VALUE_CASES, api="pandas"),
    Script(
        name="list state pandas",
        declare=LIST,
        cases=few(LIST_CASES, "nothing yet", "put", "append", "250 elements", "put while reading"),
        api="pandas",
    ),
    Script(
        name="map state pandas",
        declare=MAP,
        cases=few(MAP_CASES, "nothing yet", "update", "iterate", "types that come"),
        api="pandas",
    ),
    *map(init, INIT),
    dataclasses.replace(init("ttl"), name="init: ttl without a time mode", time_mode="None"),
    dataclasses.replace(init("tinyint"), name="init: tinyint unsaferow", conf=UNSAFE),
    dataclasses.replace(init("list timers"), name="init: list timers without a time mode", time_mode="None"),
]
