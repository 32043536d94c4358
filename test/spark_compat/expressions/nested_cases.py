# SPDX-License-Identifier: Apache-2.0
"""Lists, maps and structs: their elements, what makes them, and what choices make of them."""

from expressions.cases import case

INDEXES = ["0", "1", "2", "-1", "5", "i", "l", "b", "s", "1L", "1Y", "'1'", "1.5", "1D", "NULL", "x", "i + 1", "10 DIV i", "CAST(NULL AS INT)",
           "t", "9999999999"]
LISTS = ["xs", "ns", "ds", "ss", "aa"]


def elements():
    made = [f"{one}[{at}]" for one in LISTS for at in INDEXES] + [f"element_at({one}, {at})" for one in LISTS for at in INDEXES]
    made += [f"{f}({map_})" .replace("@", key) for map_ in ["m, @", "k, @"] for f in ["element_at"]
             for key in ["'a'", "x", "NULL", "1", "i", "l", "b", "'1'", "1.0", "t", "CAST(NULL AS STRING)"]]
    made += [f"{map_}[{key}]" for map_ in ["m", "k"]
             for key in ["'a'", "x", "NULL", "1", "i", "l", "b", "'1'", "1.0", "t", "CAST(NULL AS STRING)", "10 DIV i"]]
    made += ["element_at(xs, 0)", "element_at(xs, -2)", "element_at(x, 1)", "element_at(xs)", "element_at(xs, 1, 2)", "element_at(NULL, 1)",
             "element_at(i, 1)", "element_at(r, 1)"]
    made += ["ss[0].a", "ss[0].B", "ss.a", "ss.b[1]", "ss.a[0]", "ss.nope", "ss[0].nope", "aa[0][1]", "aa[1][0] + 1", "r.xs[0]", "r.xs[1]", "r.q.c",
             "r['xs']", "r['q'].c", "r['q']['c']", "r['XS']", "r[0]", "r['nope']", "r[x]", "m.a", "m.A", "m.nope", "k.a", "x[0]", "i[0]", "xs.a", "aa.a",
             "xs[0] || 'z'", "upper(xs[0])", "ns[0] + ns[1]", "ns[i] * 2 AS twice", "xs[0] AS first", "`xs`[0]", "XS[0]", "xs [ 0 ]", "(xs)[0]", "xs[(0)]",
             "ns[0]::string", "-ns[0]", "ns[0] = 1 AND xs[0] = 'a'", "NOT xs[0] = 'a'", "xs[0] IS NULL", "xs IS NULL AND m IS NOT NULL", "ss[0] IS NULL",
             "ss[0].a IS NULL", "xs[0]xs[1]", "xs[", "xs[]", "xs[0", "xs[0, 1]", "xs]0[", "ss.[0]", "ss[0].", "CAST(ns[0] AS STRING)", "CAST(ss[0].a AS STRING)",
             "xs[1 - 1]", "coalesce(xs[0], 'none')", "xs[coalesce(i, 0)]", "ns[ns[0]]", "m[xs[0]]", "(ss[0]).b", "(r).xs", "(r.q).c", "ss[0].a + ss.a[0]",
             "aa[i][i]", "element_at(aa, 1)[0]", "element_at(ss, 1).b", "element_at(r.xs, 1)", "xs[-0]"]
    return made


def sizes():
    return [f"{f}({one})" for f in ["size", "cardinality", "array_size"] for one in
            [*LISTS, "m", "k", "r", "x", "i", "NULL", "r.xs", "ss.a", "aa[0]", "array()", "array(1, 2)", "split(x, 'a')"]] + [
            "size(xs) > 1 AND xs[1] = 'a'", "size(xs, 1)", "size()", "size(m) + size(xs)", "Size(xs)", "size(coalesce(xs, array()))"]


def makers():
    made = ["array()", "array(1)", "array(1, 2, 3)", "array(i)", "array(i, l)", "array(i, 'a')", "array('a', i)", "array(x, i)", "array(i, NULL)", "array(NULL)",
            "array(NULL, NULL)", "array(1.5, 2)", "array(1.5, 2.25)", "array(1, 2.5D)", "array(i, 1.5)", "array(t, i)", "array(xs)", "array(xs, array('a'))",
            "array(ns, array(1L))", "array(ns, array(1))", "array(array(1), array(2, 3))", "array(array(1), array(NULL))", "array(r)", "array(m)", "array(ss[0], ss[1])",
            "array(x, x)[0]", "array(x, x)[1]", "array(x, NULL)[1]", "array(1, 2)[i]", "array(i, 10 DIV i)", "array(1, 2)[2]", "array(array(1, 2), array(3))[1][0]",
            "array(TRUE, FALSE)", "array(DATE'2024-01-01', TIMESTAMP'2024-01-01 00:00:00')", "array(b, s)", "ARRAY(1)", "Array(i, i)", "array(x AS y)", "array(1 + 1)",
            "array('a', 'b') = xs", "xs = xs", "xs <=> xs", "xs < xs", "xs IN (xs)", "m = m", "r = r", "array(1, 'x') || array(2)", "concat(xs, xs)", "concat(xs, array('q'))",
            "reverse(xs)", "array_join(xs, ',')", "array_distinct(xs)", "sort_array(ns)", "slice(xs, 1, 1)", "array_position(xs, 'a')", "array_max(ns)", "array_min(ns)",
            "map('a', 1)", "map()", "map('a', i, 'b', l)", "map(x, 1)['a']", "map_keys(m)", "map_values(m)", "map_contains_key(m, 'a')", "map_entries(m)",
            "explode(xs)", "flatten(aa)", "array_repeat(x, 2)", "arrays_zip(xs, ns)", "filter(ns, n -> n > 1)", "transform(ns, n -> n + 1)", "exists(ns, n -> n > 1)",
            "sequence(1, 3)", "get(xs, 0)", "get(xs, 9)", "try_element_at(xs, 9)", "array_append(xs, 'z')", "array_except(xs, xs)", "array_remove(xs, 'a')",
            "to_json(r)", "to_json(xs)", "from_json(x, 'a INT')", "get_json_object(x, '$.a')", "CAST(xs AS STRING)", "CAST(m AS STRING)", "CAST(r AS STRING)",
            "hash(xs)", "hash(r)", "hash(m)"]
    made += ["struct(i, x)", "struct(i AS a, x)", "struct(i a, x)", "struct(i + 1, x)", "struct()", "struct(1)", "struct('a')", "struct(r.q)", "struct(r.q.c, i)", "struct(xs, m)",
             "struct(i, i)", "struct(i, I)", "struct(xs[0])", "struct(xs[0] AS first, size(xs) AS n)", "struct(i AS a).a", "(struct(i AS a)).a", "struct(i AS a)['a']",
             "struct(i, 10 DIV i)", "struct(NULL)", "struct(i AS `a b`)", "struct(*)", "struct(*, 1)", "struct(r.*)", "struct(struct(i), x)", "Struct(i)", "struct(i).i", "struct(CAST(i AS STRING))",
             "struct(ss.a)", "struct(ss[0].a)", "struct(m['a'])", "struct(r['xs'])", "struct(upper(x), i)", "struct(i AS A, x AS a).a", "struct(1 AS a) = struct(1 AS a)",
             "named_struct('a', i, 'b', x)", "named_struct('a', 1)", "named_struct(x, 1)", "named_struct('a')", "named_struct()", "named_struct('a', i).a", "named_struct('a', i, 'a', x)",
             "named_struct(1, 2)", "named_struct(NULL, 2)", "named_struct('a' || 'b', i)", "named_struct('a', named_struct('b', i)).a.b", "named_struct('a', NULL)", "named_struct('', i)",
             "named_struct('x y', i)", "NAMED_STRUCT('a', i)", "named_struct('a', 10 DIV i)", "named_struct('a', i AS b)", "array(struct(i, x))", "array(struct(i AS a), struct(l AS a))",
             "array(named_struct('a', i), named_struct('a', 1))", "array(named_struct('a', i), named_struct('b', 1))", "struct(i, x) IS NULL", "named_struct('a', i).nope",
             "upper(x AS y)", "x AS y AS z", "struct(i as select)", "struct(named_struct('a', i) AS s).s.a", "named_struct('a', array(i, l))", "named_struct('a', i)[0]"]
    return made


def contains():
    made = [f"array_contains({one}, {value})" for one in ["xs", "ns", "ds", "ss", "aa", "ss.a", "r.xs"] for value in
            ["'a'", "x", "1", "i", "l", "b", "1.0", "1.5D", "'1'", "NULL", "CAST(NULL AS INT)", "CAST('NaN' AS DOUBLE)", "0.0D", "t", "10 DIV i"]]
    return made + ["array_contains(aa, array(1))", "array_contains(aa, ns)", "array_contains(NULL, 1)", "array_contains(m, 'a')", "array_contains(x, 'a')",
                   "array_contains(xs)", "array_contains(array(1, 2), i)", "array_contains(array(1, NULL), i)", "array_contains(array(), 1)",
                   "array_contains(array('a', x), 'a')", "NOT array_contains(xs, 'a')", "array_contains(split(x, ','), 'a')", "array_contains(array(1.5, 2), i)",
                   "array_contains(array(i), 1L)", "array_contains(array(DATE'2024-01-01'), '2024-01-01')"]


def choices():
    return ["coalesce(xs, array('z'))", "coalesce(xs, array())", "coalesce(ns, array(1))", "coalesce(ns, array(1L))", "coalesce(ns, array())", "coalesce(m, m)", "coalesce(r, r)",
            "coalesce(xs, NULL)", "coalesce(xs, x)", "if(t, xs, array('z'))", "if(t, xs, NULL)", "if(t, array(1), ns)", "CASE WHEN t THEN xs END", "CASE WHEN t THEN ns ELSE array(i) END",
            "CASE WHEN t THEN ns ELSE array(l) END", "CASE WHEN t THEN array(1) ELSE array(2) END", "nvl(xs, array('q'))", "ifnull(m, m)", "nvl2(xs, xs, array('n'))", "nullif(xs, xs)",
            "if(t, struct(i), struct(1 AS i))", "if(t, named_struct('a', i), named_struct('a', l))", "if(t, r, NULL)", "if(t, m, m)", "greatest(xs, xs)", "coalesce(ss, array(named_struct('a', 1, 'b', 'x')))",
            "coalesce(ss[0], named_struct('a', 1, 'b', 'x'))", "coalesce(aa, array(array(1)))", "coalesce(aa[0], array(7), ns)", "xs IS NULL", "m IS NOT NULL", "isnull(r)", "isnotnull(ss)",
            "if(t, array(i), array(NULL))", "coalesce(struct(i), NULL)", "if(t, array(named_struct('a', 1)), array(named_struct('a', i)))", "coalesce(xs, array(i))"]


def cases():
    made = [case(e, "nested") for e in [*elements(), *sizes(), *makers(), *contains(), *choices()]]
    sure = ["xs[0]", "xs[i]", "element_at(xs, 1)", "m['a']", "m[x]", "element_at(m, 'a')", "r.a", "r.b", "s.a", "r['a']", "size(xs)", "size(m)", "array(i)", "array(i, NULL)", "array(i)[0]",
            "array(i)[i]", "array(i, s.a)[0]", "array(i, s.a)[i]", "array(s.a, i)[0]", "element_at(array(i), 1)", "element_at(array(i, s.a), 2)", "element_at(array(i), i + 1)", "struct(i, x)",
            "struct(i, s.a)", "struct(r.b)", "named_struct('a', i)", "named_struct('a', i).a", "named_struct('a', s.a).a", "array_contains(xs, 'a')", "array_contains(array(x), 'a')",
            "array_contains(array(x), x)", "array_contains(array(i, s.a), 1)", "split(x, ',')", "split(x, ',')[0]", "split(x, ',')[i]", "split(x, ',', 2)", "array(r)", "array(r)[0].a", "array(r).a",
            "array(r).a[0]", "array(s).a", "array(s)[0].a", "coalesce(xs, array())", "if(i = 0, array(1), array(2))", "coalesce(s, named_struct('a', 1))", "element_at(split(x, ','), 1)", "array()", "array(xs)",
            "array(xs)[0]", "array(array(i))[0][0]", "struct(xs, m)", "cardinality(xs)", "array(r.a, s.a)", "array(struct(i AS a), struct(s.a AS a))"]
    return made + [case(e, "sure_nested") for e in sure]
