# SPDX-License-Identifier: Apache-2.0
"""What may be said in init: schemas, names, times to live; and what may not be done there."""

from cells.query import Query

# In init; state cannot be used there.
INIT = {
    "value state": "handle.getValueState('v', 'a int')",
    "schema as StructType": (
        "from pyspark.sql.types import *; handle.getValueState('v', " "StructType([StructField('a', IntegerType())]))"
    ),
    "schema not nullable": (
        "from pyspark.sql.types import *; handle.getValueState('v', "
        "StructType([StructField('a', IntegerType(), False)]))"
    ),
    "schema not nullable in DDL": "handle.getValueState('v', 'a int not null')",
    "schema as a type": "from pyspark.sql.types import *; handle.getValueState('v', IntegerType())",
    "schema as the name of a type": "handle.getValueState('v', 'int')",
    "schema as struct<>": "handle.getValueState('v', 'struct<a:int>')",
    "schema with colons": "handle.getValueState('v', 'a: int, b: string')",
    "schema empty": "handle.getValueState('v', '')",
    "schema wrong": "handle.getValueState('v', 'a in t')",
    "schema unknown type": "handle.getValueState('v', 'a nothing')",
    "schema None": "handle.getValueState('v', None)",
    "schema as dict": "handle.getValueState('v', {'a': 'int'})",
    "schema as list": "handle.getValueState('v', ['a'])",
    "schema duplicate names": "handle.getValueState('v', 'a int, a int')",
    "schema duplicate names in other case": "handle.getValueState('v', 'a int, A int')",
    "schema odd names": "handle.getValueState('v', '`a b` int')",
    "tinyint": "handle.getValueState('v', 'a tinyint')",
    "interval": "handle.getValueState('v', 'a interval')",
    "day interval": "handle.getValueState('v', 'a interval day to second')",
    "void": "handle.getValueState('v', 'a void')",
    "varchar": "handle.getValueState('v', 'a varchar(3)')",
    "name empty": "handle.getValueState('', 'a int')",
    "name odd": "handle.getValueState('a b/c', 'a int')",
    "name with a dollar": "handle.getValueState('$v', 'a int')",
    "name no string": "handle.getValueState(1, 'a int')",
    "same name twice": "handle.getValueState('v', 'a int'); handle.getValueState('v', 'a int')",
    "same name, another kind": "handle.getValueState('v', 'a int'); handle.getListState('v', 'a int')",
    "list": "handle.getListState('v', 'a int')",
    "map": "handle.getMapState('v', 'k string', 'a int')",
    "map key empty": "handle.getMapState('v', '', 'a int')",
    "keywords": "handle.getValueState(stateName='v', schema='a int', ttlDurationMs=None)",
    "keywords of a map": (
        "handle.getMapState(stateName='v', userKeySchema='k string', valueSchema='a " "int', ttlDurationMs=None)"
    ),
    "ttl": "handle.getValueState('v', 'a int', 1000)",
    "ttl zero": "handle.getValueState('v', 'a int', 0)",
    "ttl negative": "handle.getValueState('v', 'a int', -1)",
    "ttl float": "handle.getValueState('v', 'a int', 1000.0)",
    "ttl string": "handle.getValueState('v', 'a int', '1000')",
    "ttl numpy": "import numpy as np; handle.getValueState('v', 'a int', np.int64(1000))",
    "ttl timedelta": "import datetime; handle.getValueState('v', 'a int', datetime.timedelta(seconds=1))",
    "ttl bool": "handle.getValueState('v', 'a int', True)",
    "exists": "v = handle.getValueState('v', 'a int'); see(v.exists())",
    "get": "v = handle.getValueState('v', 'a int'); see(v.get())",
    "update": "v = handle.getValueState('v', 'a int'); v.update((1,))",
    "clear": "v = handle.getValueState('v', 'a int'); v.clear()",
    "list get": "v = handle.getListState('v', 'a int'); see(list(v.get()))",
    "list put": "v = handle.getListState('v', 'a int'); v.put([(1,)])",
    "map get": "v = handle.getMapState('v', 'k int', 'a int'); see(v.getValue((1,)))",
    "map iterator": "v = handle.getMapState('v', 'k int', 'a int'); see(list(v.iterator()))",
    "register timer": "handle.registerTimer(1)",
    "list timers": "see(list(handle.listTimers()))",
    "delete timer": "handle.deleteTimer(1)",
    "deleteIfExists of nothing": "see(handle.deleteIfExists('nothing'))",
    "deleteIfExists after": "handle.getValueState('v', 'a int'); handle.deleteIfExists('v')",
    "deleteIfExists no string": "handle.deleteIfExists(1)",
    "no such function": "handle.getReducingState('v')",
    "getQueryInfo": "see(handle.getQueryInfo())",
}


def init(name):
    """A case of INIT is a query of its own: what fails in init fails it. Time to live and timers need a time mode."""
    return Query(
        name=f"init: {name}",
        columns=(("k", "string"), ("v", "int")),
        batches=((("a", 1),),),
        api="row",
        argument=INIT[name],
        time_mode="ProcessingTime" if "ttl" in name or "timer" in name else "None",
        processor="from cells.processors import Init as Processor",
    )
