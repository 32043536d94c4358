// SPDX-License-Identifier: Apache-2.0
// Functions of doubles with the very bits of Java's StrictMath, which Spark 4.3 calls. StrictMath is by definition the
// algorithms of fdlibm 5.3: its polynomials, evaluated in its order. They err by less than one unit in the last place,
// and so does the C library, but not for the same numbers.
#pragma once

namespace hf::java_math {

double Exp(double x);
double Expm1(double x);
double Log(double x);
double Log10(double x);
double Log1p(double x);
double Cbrt(double x);
double Hypot(double x, double y);
double Asin(double x);
double Acos(double x);
double Atan(double x);
double Atan2(double y, double x);
double Pow(double x, double y);

}  // namespace hf::java_math
