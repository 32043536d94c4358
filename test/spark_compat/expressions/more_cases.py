# SPDX-License-Identifier: Apache-2.0
"""Texts that are padded, repeated, translated; digests and hashes; sizes and lists of every type."""

from expressions.cases import ALL, case, over


def texts():
    made = []
    for f in ["lpad", "rpad"]:
        made += [case(f"{f}(x, {arguments})", "texts") for arguments in ["0", "1", "3", "20", "-1", "NULL", "5, 'x'", "5, 'xyz'", "20, '😀é'", "0, 'x'", "5, NULL", "'4', '-'", "4L, '-'", "7, x", "length(x) + 2, '.'", "2.5, 'a'"]]
        made += [case(f"{f}({arguments})", step=2) for arguments in ["i1, 5, '0'", "l1, 12, '0'", "x1, i1 % 30, 'ab'", "x1, 5, x2", "y1, 4", "y1, 4, y2", "y1, 4, X'00'", "y1, 1", "y1, 4, 'a'", "x1, 4, y2", "x1", "x1, 5, 'a', 1", "d1, 8", "x1, 10 DIV i1"]]
    made += [case(f"repeat(x, {count})", "texts") for count in ["1", "3", "'2'", "NULL", "2L", "1.5", "length(x) % 3"]] + [case(e, step=2) for e in ["repeat(x1, b1 % 5)", "repeat(i1, 2)", "repeat(y1, 2)", "repeat(x1)", "repeat('ab', b1 % 4)"]]
    made += [case(f"translate(x, {both})", "texts") for both in ["'abc', '123'", "'abc', ''", "'', 'x'", "'aab', 'xyz'", "'é😀', 'e:'", "'el', '😀'", "x, 'q'", "'a', x", "NULL, 'a'", "'a', NULL", "' ', '_'", "'abc', 'xyzw'"]]
    made += [case(e, step=2) for e in ["translate(i1, '01', 'ab')", "translate(x1, x2, x1)", "translate(x1, 'a')", "translate(x1, x2, x2)"]]
    made += [case(f"initcap({argument})", table) for argument, table in [("x", "texts"), ("x", "letters"), ("x", "spaced"), ("lower(x)", "texts"), ("'hello world-wide o''neil'", "texts")]]
    made += [case(e, step=3) for e in ["initcap(i1)", "initcap(x1)", "initcap(y1)", "initcap()", "initcap(x1, x2)"]]
    return made


def digests():
    made = [case(f"{f}({argument})") for f in ["md5", "sha1", "sha"] for argument in ["x1", "y1", "i1", "NULL", "CAST(i1 AS STRING)", "t1", "x1 || x2"]] + [case(f"{f}(x)", table) for f in ["md5", "sha1", "sha", "md5"] for table in ["texts", "letters"]]
    made += [case(f"sha2({argument}, {bits})", step=2) for argument in ["x1", "y1", "i1"] for bits in ["0", "224", "256", "384", "512", "1", "-1", "NULL", "i1", "'256'", "256L", "100000"]]
    made += [case(f"sha2(x, {bits})", table) for bits in ["224", "256", "384", "512"] for table in ["texts", "letters"]] + [case(e) for e in ["sha2(x1)", "md5()", "md5(x1, x2)", "sha2(x1, 256, 1)", "sha2(NULL, 256)"]]
    made += over("xxhash64({0}, {1})", ALL) + over("xxhash64({0})", ALL) + [case(f"xxhash64({e})") for e in ["", "NULL", "x1, i1, d1", "NULL, x1", "1", "'a', 2L", "x1, NULL", "y1, y2, x1", "p1, w1, q1"]]
    made += [case("xxhash64(x)", table) for table in ["texts", "letters", "parts"]] + [case(e, "nested") for e in ["xxhash64(xs)", "xxhash64(r)", "xxhash64(m)"]] + [case("pmod(xxhash64(x1), 10)")]
    return made


def lists():
    made = over("array({0}, {1})", ALL) + over("array({0})", ALL, step=4) + over("array({0}, {1})[1]", ALL, step=3) + over("element_at(array({0}, {1}), 2)", ALL, step=3) + over("size(array({0}))", ALL, step=9)
    made += over("array_contains(array({0}, {1}), {0})", ALL) + over("array_contains(array({0}), {1})", ALL) + over("struct({0}, {1})", ALL, step=3) + over("named_struct('a', {0}).a", ALL, step=3)
    made += [case(f"array_contains(array({a}1), {b}2)", step=4) for a, b in ["il", "li", "id", "di", "bi", "fd", "ip", "pi", "pk", "pq", "pd", "ac", "ca", "zc", "xi", "ix"]]
    made += [case(f"array({a}1, {b}2)", step=4) for a, b in ["il", "li", "id", "di", "bi", "fd", "ip", "pi", "pk", "pq", "pd", "ac", "ca", "zc", "xi", "xa", "xt", "xd", "yx", "it"]]
    return made + [case(e, "nested") for e in ["m.a + 1", "upper(k['1'])", "split(x, 'b')[i]", "split(x, 'b')[0]", "ns[i]", "struct(m.a, i)", "m.a IS NULL", "k[1] || 'x'", "coalesce(m['a'], 0)", "array(ns[0], i)", "r.xs[0] + 1",
                                               "size(xs) = 2", "array(m['a'], m['c'])", "coalesce(m, map())", "m['a'] AS n", "NULL[0]", "xs[0][0]", "'a'.b", "i.a", "ss.b.c", "struct(ss.b)[0]", "size(struct(i))", "m[CAST(NULL AS INT)]",
                                               "element_at(m, x || '')", "element_at(k, i + 1)", "k[i + 1]", "k[i % 3]", "m[lower(x)]", "m.`a`", "ss[0]['a']", "ss['a'][0]", "r['q']", "map(x, i)", "xs[i]::string",
                                               "CASE WHEN size(xs) > 0 THEN xs[0] ELSE 'empty' END", "if(size(xs) > 1, xs[1], NULL)", "size(xs) > 1 AND xs[1] IS NOT NULL", "xs[0] = 'a' OR size(xs) = 0", "array(10 DIV i)[0]", "array(1, 10 DIV i)[0]"]]


def cases():
    return [*texts(), *digests(), *lists()]
