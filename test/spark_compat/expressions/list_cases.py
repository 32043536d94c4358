# SPDX-License-Identifier: Apache-2.0
"""Lists that are sorted and asked for their least and greatest; maps that are made and taken apart."""

from expressions.cases import ALL, case, over

LISTS = ["xs", "ns", "ds", "ss", "aa", "ss.a", "ss.b", "r.xs", "array()", "array(NULL)", "array(1, NULL, 3)", "NULL", "x", "i", "m", "r", "split(x, '')", "aa[0]", "array(m)", "array(r)", "array(i, l)", "coalesce(xs, array())", "array(x, 'b', NULL, 'a')", "array(t, NULL)"]
ONE = ["array_sort", "sort_array", "array_distinct", "array_min", "array_max"]


def sorts():
    made = [case(f"{f}({one})", "nested") for f in ONE for one in LISTS]
    made += [case(f"sort_array({one}, {asc})", "nested") for one in ["xs", "ns", "ds", "array(1, NULL, 3)", "ss"] for asc in ["true", "false", "TRUE", "NULL", "t", "1", "'false'", "1 = 1"]]
    for f in ONE:
        made += over(f + "(array({0}, {1}, {0}))", ALL, step=2) + [case(f"{f}()", "nested"), case(f"{f}(xs, ns)", "nested"), case(f"{f}(xs, true, false)", "nested")]
    made += over("sort_array(array({0}, {1}), false)", ALL, step=2)
    made += [case(f"{f}(array(d1, d2, -d1, f1, 0D, -0D, CAST('NaN' AS DOUBLE), NULL))", step=2) for f in ONE] + [case("sort_array(array(d1, d2, -d1, 0D, -0D, CAST('NaN' AS DOUBLE), NULL), false)", step=2)]
    return made + [case(e, "nested") for e in ["array_sort(xs, (a, b) -> 1)", "array_sort(xs)[0]", "sort_array(ns)[0] + 1", "size(array_distinct(xs))", "array_max(array(i, l))", "array_min(ns) = 1", "Array_Sort(xs)", "SORT_ARRAY(ns)", "array_max(array(10 DIV i, 1))", "array_min(array_distinct(ns))",
                                               "array_sort(array_distinct(xs))", "array_max(xs) || 'z'", "coalesce(array_min(ns), 0)", "if(t, sort_array(xs), xs)", "array_distinct(split(x, ','))", "array_sort(map_keys(m))", "array_max(map_values(m))", "array_contains(array_sort(ns), 1)", "element_at(sort_array(ns), 1)",
                                               "explode(xs)", "posexplode(xs)", "explode_outer(xs)"]] + [case(e, "sure_nested") for e in
                                              ["array_sort(xs)", "sort_array(xs)", "array_distinct(xs)", "array_min(xs)", "array_max(xs)", "array_min(array(i))", "array_sort(array(i, s.a))", "array_distinct(array(i))", "map(x, i)", "map(x, s.a)", "map_keys(m)", "map_values(m)", "map_keys(map(x, i))", "map_values(map(x, i))", "map('a', 1)", "map(x, i)['a']", "sort_array(array(i))", "array_max(array(x))"]]


def maps():
    made = [case(e, "nested") for e in ["map()", "map('a', 1)", "map('a', i, 'b', l)", "map(x, i)", "map('a', i, 'a', l)", "map(i, x)", "map(i, x, l + 5000000000, 'y')", "map('a', NULL)", "map(NULL, 1)", "map('a')", "map('a', 1, 'b')", "map('a', i, 'b', 'x')", "map('a', 1, 2, 3)", "map(1, 'a', 1L, 'b')", "map('a', xs)",
                                        "map('a', r, 'b', NULL)", "map(xs, 1)", "map(m, 1)", "map(r, 1)", "map(1.5, 2)", "map(1.5D, 2)", "map(0D, 1, -0D, 2)", "map(DATE'2024-01-01', i)", "Map('a', i)", "map('a', i)['a']", "map('a', i).a", "map('a', i)['b']", "map(x, i)[x]", "map(i, x)[i]", "map(l, x)[l]", "element_at(map('a', i), 'a')",
                                        "element_at(map(i, x), i)", "size(map('a', i))", "map('a', i) = map('a', i)", "map('a', i) IS NULL", "coalesce(m, map('z', 0))", "coalesce(m, map())", "if(t, m, map('a', 1))", "map(1, 2)['1']", "map('a', 10 DIV i)['b']", "map('a', map('b', i))['a']['b']", "map('a', 1 AS b)", "struct(map('a', i) AS m).m.a",
                                        "map('k', struct(i AS a)).k.a", "map(x, 1, x, 2)", "map('a', array(i), 'b', array())", "map(t, 1)", "map(X'61', 1)", "map(array(1), 2)", "map('', 1)", "map(CAST(i AS DECIMAL(10,2)), x)", "map(CAST(i AS FLOAT), x)", "map_from_arrays(xs, ns)", "map_entries(m)", "map_concat(m, m)", "map(*)", "map('a', i) AS mm"]]
    made += [case(f"{f}({one})", "nested") for f in ["map_keys", "map_values"] for one in ["m", "k", "map('a', i, 'b', l)", "map()", "NULL", "xs", "r", "x", "m, m", "", "coalesce(m, map())"]]
    made += over("map({0}, {1})", ALL, step=4) + over("map('a', {0}, 'b', {1})", ALL, step=4) + over("map_values(map(1, {0}))", ALL, step=6) + over("map_keys(map({0}, 1))", ALL, step=6)
    return made + [case(e, "nested") for e in ["map_keys(m)[0]", "map_values(m)[0]", "size(map_keys(m))", "array_contains(map_keys(m), 'a')", "sort_array(map_values(m))", "map_contains_key(m, 'a')", "array_distinct(map_values(m))"]]


def cases():
    return [*sorts(), *maps()]
