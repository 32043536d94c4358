# SPDX-License-Identifier: Apache-2.0
"""Logarithms, powers, roots and angles, over doubles of every size."""

import random

from expressions.cases import NUMBERS, case, over
from expressions.tables import INF, NAN, double

ONE = ["exp", "expm1", "ln", "log1p", "log2", "log10", "cbrt", "asin", "acos", "atan", "degrees", "radians", "sin", "cos", "tan", "sinh", "cosh", "tanh", "rint", "cot"]
TWO = ["atan2", "hypot", "pow", "power", "log"]
EDGES = [None, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 10.0, 100.0, 1000.0, 0.1, 1e-5, -1e-5, 1e-9, 1e-20, -1e-20, 1e-300, 5e-324, -5e-324, 2.2250738585072014e-308, 1e20, 1e300, 1.7976931348623157e308, -1.7976931348623157e308, INF, -INF,
         NAN, 3.141592653589793, 1.5707963267948966, 0.7853981633974483, 2.718281828459045, 709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, -708.4, 0.34657359027997264, 1.0397207708399179, 0.41421356237, -0.29289321881,
         0.9999999999999999, 1.0000000000000002, 0.975, 4503599627370496.0, 9007199254740993.0, 2.5, -2.5, 1.5, -1.5, 64.0, 27.0, -27.0, 1e15, 1e22, 0.4375, 0.6875, 1.1875, 2.4375, 180.0, 90.0, 360.0, 45.0, 56.0, -37.5]


def tables():
    rng = random.Random("numbers")
    rows = [[one, EDGES[(at * 7 + 3) % len(EDGES)]] for at, one in enumerate(EDGES)]
    rows += [[rng.choice([-1, 1]) * rng.random(), rng.choice([-1, 1]) * rng.random()] for _ in range(120)]
    rows += [[rng.uniform(-10, 10), rng.uniform(-10, 10)] for _ in range(120)]
    rows += [[rng.uniform(0, 1000), rng.uniform(-30, 30)] for _ in range(100)]
    rows += [[rng.choice([-1, 1]) * 10 ** rng.uniform(-320, 308), rng.choice([-1, 1]) * 10 ** rng.uniform(-18, 18)] for _ in range(100)]
    rows += [[float(rng.randint(-50, 50)), float(rng.randint(-8, 8))] for _ in range(60)]
    return [{"table": "doubles", "columns": "d double,e double", "rows": [[None if one is None else double(one) for one in row] for row in rows]}]


def cases():
    made = [case(f"{f}(d)", "doubles") for f in ONE] + [case(f"{f}(d, e)", "doubles") for f in TWO]
    made += [case(f"{f}(abs(d), e)", "doubles") for f in ["pow", "log"]] + [case("atan2(e, d)", "doubles"), case("hypot(e, d)", "doubles"), case("pow(e, d)", "doubles")]
    made += [case(f"pow(d, {by})", "doubles") for by in ["2", "0.5", "-1", "3", "1e0", "'2'", "NULL", "0"]] + [case(f"log({base}, d)", "doubles") for base in ["10", "2", "'2'", "1", "0", "NULL", "e()", "-2"]]
    for f in ONE[:14]:
        made += over(f + "({0})", NUMBERS + "xtyac", step=6)
    for f in TWO:
        made += [case(f"{f}({a}1, {b}2)", step=8) for a, b in ["id", "di", "ii", "ld", "pd", "dp", "pp", "xx", "xd", "fd", "bs", "qw", "td", "dt", "ad", "ya"]]
    made += [case(e, step=20) for e in ["pi()", "e()", "PI()", "E()", "Pi()", "pi(1)", "e(1)", "pi", "pi() * 2", "e() + i1", "round(pi(), 2)", "log(i1)", "log(d1)", "log()", "log(1, 2, 3)", "ln()", "exp()", "exp(1, 2)", "exp(NULL)", "ln(NULL)", "exp(1)", "ln(2)", "log10(100)", "log2(8)",
                                        "pow(2, 10)", "power(2, 0.5)", "POWER(i1, 2)", "pow(i1)", "cbrt(27)", "hypot(3, 4)", "degrees(pi())", "radians(180)", "sqrt(pow(i1, 2) + pow(b1, 2))", "Ln(d1)", "EXP(d1)", "log(2, 8)", "atan2(1, 1)", "2 * asin(sqrt(0.5))", "acos(2)", "asin(-1)", "exp(ln(5))",
                                        "ln(i1) > 0", "round(exp(b1 / 100), 3)", "CAST(power(10, 2) AS INT)", "round(log10(l1), 1)", "log1p(0)", "expm1(0)", "degrees(i1)", "radians(i1)", "negative(exp(d1))", "-ln(abs(d1))", "if(i1 > 0, ln(i1), NULL)", "coalesce(ln(i1), -1)"]]
    return made
