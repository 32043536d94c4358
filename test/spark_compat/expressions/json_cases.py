# SPDX-License-Identifier: Apache-2.0
"""JSON: texts that are read by a schema or by a path, and values that become texts."""

from expressions.cases import ALL, ZONES, case, over

TEXTS = [
    None, "", "  ", "\n", "null", "5", "\"x\"", "true", "{}", "[]", " {} ", "{\"a\":1}", "{\"a\":1,\"b\":\"x\"}", "{\"b\":\"x\",\"a\":1}", "\n{\n  \"a\" : 1 ,\n\t\"b\" : \"x\"\r\n}\n", "{\"a\":1} trailing", "{\"a\":1}{\"a\":2}",
    "{\"a\":1},", "{\"a\":1}]", "[{\"a\":1},{\"a\":2,\"b\":\"y\"}]", "[{\"a\":1}]", "[{\"a\":\"bad\"},{\"a\":2}]", "[{\"a\":1},null]", "[{\"a\":1},5]", "[1,2,3]", "[1,null,3]", "[1,\"x\",3]", "[1,2", "[[1],[2,3]]", "[null]",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":\"x\"}", "{\"a\":null}", "{\"A\":1}", "{'a':1,'b':'q\"'}", "{\"a\":tru}", "{\"a\":1.0}", "{\"a\":1.5}", "{\"a\":1e2}", "{\"a\":2147483648}", "{\"a\":-7}", "{\"a\":\"1\"}", "{\"a\":true,\"b\":false}",
    "{\"a\":-0}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":[1],\"b\":\"x\"}", "{\"b\":5}", "{\"b\":1.50}", "{\"b\":{\"x\": 1,  \"y\":[1,2]}}", "{\"b\":[1, 2]}", "{\"b\":{\n\"x\":1}}", "{\"b\":\"\\u00e9\\n\\/\\t\"}", "{\"b\":\"\\ud83d\\ude00\"}",
    "{\"b\":\"\\ud83d\"}", "{\"b\":\"😀é\"}", "{\"b\":\"tab\there\"}", "{\"b\":\"line\nfeed\"}", "{\"b\":\"\\x\"}", "{\"a\":1,\"b\":\"x\"", "{\"a\":1 \"b\":\"x\"}", "{\"a\":1,}", "{a:1}", "{\"x\":tru,\"a\":1}", "{\"a\":\"\",\"b\":\"\"}",
    "{\"a\":NaN,\"b\":NaN}", "{\"a\":1}//c", "nul", "{", "}", "[", "{\"a\"", "{\"a\":", "\ufeff{\"a\":1}", "x{\"a\":1}", "{\"a\":{\"b\":{\"c\":7}}}", "{\"a\":[{\"b\":1},{\"b\":2}]}", "{\"a\":[[1,2],[3]]}", "{\"a\":[0,\"one\",2.5,null,{\"b\":\"z\"}]}",
    "{\"s\":{\"a\":1,\"b\":\"x\"},\"l\":[1,2],\"m\":{\"k\":1,\"j\":2}}", "{\"s\":{\"a\":\"bad\",\"b\":\"x\"},\"l\":[1,\"bad\"],\"m\":{\"k\":\"bad\"}}", "{\"s\":null,\"l\":null,\"m\":null}", "{\"s\":[1],\"l\":{\"a\":1},\"m\":[1]}", "{\"s\":{},\"l\":[],\"m\":{}}",
    "{\"m\":{\"k\":1,\"k\":2}}", "{\"l\":[{\"a\":1},{\"a\":\"bad\"},{\"b\":\"x\"}]}", "{\"l\":[null,1]}", "{\"a b\":1,\"c.d\":2,\"e[0]\":3,\"\":4}", "{\"é\":\"ü\"}",
    "{\"d\":\"2024-02-29\",\"t\":\"2024-02-29T12:34:56.789Z\"}", "{\"d\":\"2024-2-9\",\"t\":\"2024-02-29 12:34:56\"}", "{\"d\":\"2024-02-30\",\"t\":\"x\"}", "{\"d\":\"29/02/2024\",\"t\":\"29/02/2024 12:34\"}", "{\"d\":5,\"t\":1709210096}",
    "{\"d\":\"2024-02-29T01:02:03\",\"t\":\"2024-02-29\"}", "{\"d\":null,\"t\":\"2024-02-29T12:34:56+01:00\"}", "{\"d\":\"12345\",\"t\":1.5}", "{\"d\":\"\",\"t\":\"\"}", "{\"d\":\"2024-02-29 \",\"t\":\"2024-02-29T12:34:56.123456789\"}",
    "{\"p\":12.345,\"f\":1.5,\"g\":0.1}", "{\"p\":\"12.3\",\"f\":\"NaN\",\"g\":\"1.5\"}", "{\"p\":123456789012,\"f\":1e39,\"g\":1e400}", "{\"p\":1e2,\"f\":3,\"g\":-Infinity}", "{\"p\":0.005,\"f\":0.1,\"g\":12345678901234567890}", "{\"p\":\"1,234.5\",\"f\":null,\"g\":1E5}",
    "{\"h\":32767,\"n\":9223372036854775807,\"o\":true}", "{\"h\":32768,\"n\":9223372036854775808,\"o\":\"true\"}", "{\"h\":1.0,\"n\":\"5\",\"o\":1}", "{\"y\":\"YWI=\"}", "{\"y\":\"!\"}", "{\"y\":[1]}", "{\"a\":1.23456789012345678901}", "{\"a\":100000000000000000000}",
]

SCHEMAS = ["a INT", "a INT, b STRING", "a STRING", "a DOUBLE, b STRING", "a INT NOT NULL", "struct<a:int,b:string>", "array<int>", "array<struct<a:int,b:string>>", "map<string,int>", "map<string,string>", "array<string>", "array<array<int>>",
           "s STRUCT<a: INT, b: STRING>, l ARRAY<INT>, m MAP<STRING, INT>", "l ARRAY<STRUCT<a: INT, b: STRING>>", "d DATE, t TIMESTAMP", "d STRING, t TIMESTAMP_NTZ", "p DECIMAL(10,2), f FLOAT, g DOUBLE", "h SMALLINT, n BIGINT, o BOOLEAN", "y BINARY",
           "a ARRAY<STRUCT<b: INT>>", "a STRUCT<b: STRUCT<c: INT>>", "a MAP<STRING, STRING>", "`a b` INT, `c.d` INT", "A INT", "map<string,struct<a:int>>", "x INT, a INT", "a STRING, a INT", "a INT COMMENT 'c'", "a: INT", "map<string,array<int>>",
           "b ARRAY<INT>", "a DECIMAL(38,18)", "é STRING"]
ODD = ["map<int,string>", "y TINYINT", "int", "string", "", "nope", "a NOPE", "a INT,", "m MAP<INT, INT>", "a INT, _corrupt_record STRING", "a INTERVAL DAY", "a VARIANT", "a VOID", "{\"type\":\"struct\",\"fields\":[]}", "timestamp", "a CHAR(3)"]

PATHS = ["$", "$.a", "$.b", "$.a.b", "$.a.b.c", "$.a[0]", "$.a[1]", "$.a[4].b", "$.a[0].b", "$.a[9]", "$[0]", "$[0].a", "$[1].b", "$[0][0]", "$[1][1]", "$.a[0][1]", "$.s", "$.s.b", "$.l", "$.l[1]", "$.m.k", "$.m", "$['a']", "$['a b']", "$.a b",
         "$['c.d']", "$.c.d", "$['a']['b']", "$['a'].b", "$.a['b']", "$.é", "$.d", "$.f", "$.g", "$.p", "$.n", "$.o", "$.y", "$.A"]
ODD_PATHS = ["", "a", "$a", "$.", "$..a", "$.*", "$.a[*]", "$.a[*].b", "$[*]", "$[*].a", "$.a[-1]", "$.a[ 0 ]", "$.a[x]", "$[\"a\"]", "$.a[", "$.a]", "$ .a", " $.a", "$.a ", "$. a", "$.a.", "$['a", "$.a.*", "$[0", "$[00]", "$.a.[0]", "$$", "$.a[99999999999]", "$['*']", "$.a-b", "$.''"]


def tables():
    rows = [[text, str(at % 4)] for at, text in enumerate(TEXTS)]
    return [{"table": "jsons", "columns": "x string,i int", "rows": rows}]


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def readings():
    made = [case(f"from_json(x, {quoted(schema)})", "jsons") for schema in [*SCHEMAS, *ODD]]
    made += [case(f"from_json(x, {quoted('d DATE, t TIMESTAMP')})", "jsons", zone=zone) for zone in ZONES]
    made += [case(f"from_json(x, 'd DATE, t TIMESTAMP', {options})", "jsons") for options in
             ["map('timestampFormat', 'dd/MM/yyyy HH:mm')", "map('dateFormat', 'dd/MM/yyyy')", "map('timestampFormat', 'dd/MM/yyyy HH:mm', 'dateFormat', 'dd/MM/yyyy')", "map('mode', 'PERMISSIVE')", "map('mode', 'FAILFAST')",
              "map('mode', 'DROPMALFORMED')", "map('primitivesAsString', 'true')", "map()", "map('timeZone', 'Europe/Paris')", "map(1, 2)", "map('a')", "NULL", "'x'", "map('dateFormat', x)", "map('nope', 'x')", "map('TIMESTAMPFORMAT', 'dd/MM/yyyy HH:mm')",
              "map('timestampFormat', \"yyyy-MM-dd'T'HH:mm:ss.SSSX\")", "map('timestampFormat', 'nope')", "map('multiLine', 'true')", "map('columnNameOfCorruptRecord', 'd')"]]
    made += [case(f"from_json(x, 'd DATE, t TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy HH:mm'))", "jsons", zone="Europe/Paris")]
    made += [case(e, "jsons") for e in ["from_json(x)", "from_json()", "from_json(x, x)", "from_json(x, 5)", "from_json(x, NULL)", "from_json(i, 'a INT')", "from_json(NULL, 'a INT')", "from_json(x, 'a INT').a", "from_json(x, 'a INT').a + 1", "from_json(x, 'a INT') IS NULL",
                                        "from_json(x, 'a INT').b", "from_json(x, 'a INT, b STRING').*", "from_json(x, 'array<int>')[0]", "element_at(from_json(x, 'map<string,string>'), 'a')", "from_json(x, 'map<string,string>')['b']", "size(from_json(x, 'array<int>'))", "From_Json(x, 'a INT')",
                                        "from_json('{\"a\":1}', 'a INT')", "from_json(x, 'a ' || 'INT')", "from_json(x, schema_of_json('{\"a\":1}'))", "from_json(x, 'a INT, b STRING').b || '!'", "coalesce(from_json(x, 'a INT').a, 0)", "from_json(x, 'array<struct<a:int,b:string>>').a",
                                        "from_json(x, 'array<struct<a:int,b:string>>')[0].b", "from_json(concat(x, ''), 'a INT')", "from_json(trim(x), 'a STRING').a", "from_json(x, 'a INT') AS j", "from_json(get_json_object(x, '$.s'), 'a INT, b STRING')", "from_json(x, 'a INT', 'b')",
                                        "from_json(X'7B7D', 'a INT')", "from_json(x, 'a INT', map(), 1)", "schema_of_json(x)", "from_json(x, 's STRUCT<a: INT, b: STRING>').s.b", "array(from_json(x, 'a INT'))", "if(i = 1, from_json(x, 'a INT'), NULL)", "json_tuple(x, 'a')",
                                        "json_array_length(x)", "json_object_keys(x)", "struct(from_json(x, 'a INT'), i)"]]
    return made


def paths():
    made = [case(f"get_json_object(x, {quoted(path)})", "jsons") for path in [*PATHS, *ODD_PATHS]]
    return made + [case(e, "jsons") for e in ["get_json_object(x)", "get_json_object()", "get_json_object(x, '$.a', 1)", "get_json_object(x, x)", "get_json_object(x, NULL)", "get_json_object(NULL, '$.a')", "get_json_object(i, '$')", "get_json_object(x, i)", "get_json_object(x, '$.' || 'a')",
                                              "get_json_object(x, concat('$.', 'a'))", "Get_Json_Object(x, '$.a')", "CAST(get_json_object(x, '$.a') AS STRING)", "upper(get_json_object(x, '$.b'))", "get_json_object(x, '$.a') = '1'", "get_json_object(get_json_object(x, '$.s'), '$.b')",
                                              "get_json_object('{\"a\":1}', '$.a')", "get_json_object(x, \"$['a']\")", "get_json_object(X'7B7D', '$')", "coalesce(get_json_object(x, '$.b'), 'none')", "get_json_object(x, r'$.a')"]]


def writings():
    made = over("to_json(named_struct('a', {0}))", ALL) + over("to_json(array({0}, {1}))", ALL, step=3) + over("to_json(struct({0}, {1} AS b))", ALL, step=3)
    made += [case(f"to_json(named_struct('a', {column}))", "moments", zone=zone) for column in "cza" for zone in ["UTC", *ZONES]]
    made += [case(f"to_json({value})", "nested") for value in ["r", "xs", "ns", "ds", "ss", "aa", "m", "k", "i", "x", "t", "NULL", "struct(*)", "struct(r, m)", "struct(xs AS `a b`)", "array(r)", "array(m)", "struct(NULL AS a)", "named_struct('a', NULL)", "array()", "array(NULL)",
                                                           "named_struct('x', x, 's', struct(i, l))", "struct()", "named_struct('é\"', x)", "r.xs", "ss[0]", "aa[0]", "m['a']", "struct(i, i)", "coalesce(ss, array())", "struct(array(struct(i, x)) AS list)", "map('a', i)", "array(struct(1 AS a))"]]
    made += [case(f"to_json(struct(x AS text, i AS number), {options})", "nested") for options in
             ["map('ignoreNullFields', 'false')", "map('ignoreNullFields', 'true')", "map('pretty', 'true')", "map()", "map('timestampFormat', 'yyyy')", "NULL", "'x'", "map('nope', 'x')", "map('IGNORENULLFIELDS', 'false')", "map('ignoreNullFields', false)", "map('ignoreNullFields', 'nope')"]]
    made += [case(e, "nested") for e in ["to_json()", "to_json(r, 1, 2)", "To_Json(r)", "to_json(r) || '!'", "length(to_json(xs))", "to_json(r) AS j", "to_json(struct(x)) IS NULL", "from_json(to_json(r), 'a INT').a", "to_json(ss, map('ignoreNullFields', 'false'))",
                                         "to_json(r, map('ignoreNullFields', 'false'))", "to_json(m, map('ignoreNullFields', 'false'))", "get_json_object(to_json(struct(x, i)), '$.x')", "to_json(struct(to_json(r) AS inner))"]]
    made += [case(f"to_json(named_struct('c', c, 'a', a, 'z', z), {options})", "moments", zone="Europe/Paris") for options in
             ["map('timestampFormat', 'yyyy-MM-dd HH:mm')", "map('dateFormat', 'dd.MM.yyyy')", "map('timestampNTZFormat', 'yyyy')", "map('timeZone', 'UTC')"]]
    made += [case(f"to_json(named_struct('a', x))", table) for table in ["texts", "letters", "jsons"]]
    return made


def stars():
    made = [case(e, "nested") for e in ["struct(*)", "struct(*, 1)", "struct(1, *)", "struct(r.*)", "Struct(*)", "struct(*).x", "struct(* )", "named_struct(*)", "array(*)", "to_json(*)", "coalesce(*)", "struct(*) AS s", "struct(*) IS NULL", "struct(* AS a)", "struct(i, r.*)", "size(*)"]]
    return made + [case(e, "texts", step=20) for e in ["struct(*)", "concat(*)", "array(*)", "struct(*, x AS y)", "length(*)"]] + [case("struct(*)", "sure_nested")]


def cases():
    return [*readings(), *paths(), *writings(), *stars()]
