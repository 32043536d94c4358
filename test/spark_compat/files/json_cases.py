# SPDX-License-Identifier: Apache-2.0
"""JSON files that are read without a schema, and a few with one."""

import gzip

from files.text_cases import case

# name: lines
FILES = {
    "flat": ['{"name":"a","n":1,"x":1.5,"t":true}', '{"name":"b","n":2,"x":2.0,"t":false}'],
    "missing and null": ['{"a":1}', '{"b":"x"}', '{"a":null,"b":null,"c":null}', "{}"],
    "only nulls": ['{"a":null}', '{"a":null}'],
    "numbers": ['{"i":1,"l":3000000000,"big":9223372036854775808,"huge":123456789012345678901234567890123456789,"d":1.5,"e":1e3,"neg":-5}',
                '{"i":-2147483649,"l":1,"big":1,"huge":1,"d":1,"e":2,"neg":0}'],
    "long and double": ['{"a":1}', '{"a":1.5}'],
    "long and big": ['{"a":1}', '{"a":99999999999999999999}'],
    "big and double": ['{"a":99999999999999999999}', '{"a":1.5}'],
    "bigs": ['{"a":99999999999999999999,"b":99999999999999999999999999999999999999}', '{"a":1234567890123456789012345,"b":100000000000000000000000000000000000000}'],
    "number and text": ['{"a":1,"b":true,"c":1.5}', '{"a":"x","b":"y","c":"z"}'],
    "number and boolean": ['{"a":1}', '{"a":true}'],
    "text and struct": ['{"a":"x"}', '{"a":{"b":1}}'],
    "text and list": ['{"a":"x"}', '{"a":[1]}'],
    "struct and list": ['{"a":{"b":1}}', '{"a":[1]}'],
    "empty texts": ['{"a":"","b":""}', '{"a":"","b":"x"}'],
    "empty text and number": ['{"a":"","b":""}', '{"a":1,"b":true}'],
    "dates stay texts": ['{"d":"2024-02-29","t":"2024-02-29T12:34:56Z","z":"2024-02-29 12:34:56"}'],
    "lists": ['{"a":[1,2,3],"b":["x","y"],"c":[1.5,2],"d":[true,null],"e":[],"f":[null]}', '{"a":[4.5],"b":[1],"c":[],"d":null,"e":[1],"f":["x"]}'],
    "lists of lists": ['{"a":[[1],[2,3],[]]}', '{"a":[[1.5]]}', '{"a":[]}'],
    "lists of structs": ['{"a":[{"x":1},{"y":"z"}]}', '{"a":[{"x":1.5,"w":null}]}'],
    "lists of several": ['{"a":[1,"x",true]}', '{"b":[{"c":1},2]}', '{"d":[[1],2]}'],
    "structs": ['{"s":{"b":1,"a":"x"}}', '{"s":{"c":{"d":true}}}', '{"s":null}'],
    "empty structs": ['{"a":1,"s":{}}', '{"a":2,"s":{},"l":[{}]}'],
    "only an empty struct": ["{}", "{}"],
    "order of fields": ['{"z":1,"a":1,"M":1,"_u":1,"0":1,"é":1,"😀":1,"\uffff":1,"b c":1}'],
    "names by case": ['{"a":1}', '{"A":"x"}'],
    "one name twice": ['{"a":1,"a":"x"}'],
    "one name twice alike": ['{"a":1,"a":2}'],
    "empty name": ['{"":1,"a":2}'],
    "corrupt": ['{"a":1}', "{bad", '{"a":2}'],
    "corrupt first": ["nonsense", '{"z":1}'],
    "corrupt only": ["nonsense", "more"],
    "corrupt last": ['{"a":1}', '{"a":2'],
    "scalar lines": ['{"a":1}', "5", '"text"', "null", "true"],
    "only scalars": ["1", "2"],
    "only null": ["null"],
    "lists of records": ['[{"a":1},{"a":2}]', '{"a":3,"b":"x"}'],
    "only lists of records": ['[{"a":1},{"b":2}]', "[]"],
    "lists of scalars": ["[1,2]"],
    "blank lines": ["", '{"a":1}', "   ", "", '{"a":2}', ""],
    "byte order mark": ['\ufeff{"a":1}', '{"a":2}'],
    "non-numbers": ['{"a":NaN,"b":Infinity,"c":-Infinity,"d":+INF}', '{"a":1,"b":2,"c":3.5,"d":4}'],
    "single quotes": ["{'a':'x','b':1}"],
    "leading zeros": ['{"a":01}', '{"a":1}'],
    "comments": ['{"a":1 /* c */}', '{"a":1}'],
    "behind a record": ['{"a":1} trailing', '{"a":2}{"b":3}'],
    "space around": ['  {"a" : 1 , "b" : [ 1 , 2 ] }  ', '\t{"a":2}\t'],
    "escapes": ['{"a":"\\u00e9\\n\\"q\\"","b\\u0041":1}'],
    "exponents": ['{"a":1e400,"b":-1e400,"c":1E-5,"d":0.1e1,"e":1e2}'],
    "decimal digits": ['{"a":1.23456789012345678901234567890,"b":0.000000000000000000000000000000000000001,"c":12345678901234567890.5}'],
    "deep": ['{"a":' * 30 + "1" + "}" * 30],
    "long lines": ['{"a":"' + "x" * 3000 + '"}'],
    "records of one field each": [f'{{"f{i}":{i}}}' for i in range(12)],
    "true null": ['{"a":true}', '{"a":null}', '{"b":[null,null]}', '{"b":null}'],
    "sessions": ['{"session_id":"s1","events":[{"type":"view","ts":1700000000123},{"type":"buy","ts":1700000001000,"price":9.99}],"device":{"os":"ios","v":[1,2]}}',
                 '{"session_id":"s2","events":[],"device":null,"score":3}'],
}
OPTIONS = [{"primitivesAsString": "true"}, {"prefersDecimal": "true"}, {"dropFieldIfAllNull": "true"}, {"mode": "FAILFAST"}, {"mode": "DROPMALFORMED"},
           {"columnNameOfCorruptRecord": "bad"}, {"inferTimestamp": "true"}, {"samplingRatio": "1.0"}]


def cases():
    for name, lines in FILES.items():
        yield case(f"json {name}", {"f.json": ("\n".join(lines) + "\n").encode()}, source_format="json")
    for options in OPTIONS:
        chosen = {"mode": ["corrupt", "corrupt only", "flat", "scalar lines"], "columnNameOfCorruptRecord": ["corrupt", "flat"]}
        for name in chosen.get(next(iter(options)), ["flat", "numbers", "only nulls", "lists", "decimal digits", "dates stay texts", "structs", "missing and null"]):
            said = " ".join(f"{key}={value}" for key, value in options.items())
            yield case(f"json {said} {name}", {"f.json": ("\n".join(FILES[name]) + "\n").encode()}, options, source_format="json")
    one, two = '{"a":1,"b":"x"}\n', '{"a":2.5,"c":[true]}\n{"a":3}\n'
    yield case("json two files", {"a.json": one.encode(), "b.json": two.encode()}, source_format="json")
    yield case("json gz without a schema", {"a.json.gz": gzip.compress(two.encode(), mtime=0)}, source_format="json")
    yield case("json no line end", {"a.json": b'{"a":1}\n{"a":2}'}, source_format="json")
    yield case("json cut off", {"a.json": b'{"a":1}\n{"a":2'}, source_format="json")
    yield case("json cut off with a schema", {"a.json": b'{"a":1}\n{"a":2'}, schema="a INT", source_format="json", stream=False)
    yield case("json empty file", {"a.json": b""}, source_format="json")
    yield case("json empty and other file", {"a.json": b"", "b.json": one.encode()}, source_format="json")
    yield case("json no file", {"_a": b""}, source_format="json")
    yield case("json blank file", {"a.json": b"\n\n"}, source_format="json")
    yield case("json schema", {"a.json": two.encode()}, schema="c ARRAY<BOOLEAN>, a DOUBLE, d INT", source_format="json")
    yield case("json not null", {"a.json": two.encode()}, schema="a DOUBLE NOT NULL", source_format="json")
    yield case("json corrupt with a schema", {"a.json": b'{"a":1}\nbad\n{"a":"x"}\n'}, schema="a INT, _corrupt_record STRING", source_format="json")
    yield case("json one file", {"a.json": one.encode(), "b.json": two.encode()}, path="b.json", source_format="json")
    yield case("json pattern", {"a1.json": one.encode(), "a2.json": two.encode(), "b.json": b'{"z":1}\n'}, path="a*.json", source_format="json")
    yield case("json filter", {"a.json": one.encode(), "b.txt": two.encode()}, {"pathGlobFilter": "*.json"}, source_format="json")
