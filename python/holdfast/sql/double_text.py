# SPDX-License-Identifier: Apache-2.0
"""Floating-point numbers as Java writes them, by the fewest digits that tell them from others."""

import decimal
import math
import struct


def double_text(value: float) -> str:
    """The text of a DOUBLE: plain between a thousandth and ten million, with an exponent elsewhere."""
    return _java_text(value, repr(value))


def float_text(value: float) -> str:
    """The text of a FLOAT, which has fewer digits than the double that Python has for it."""
    if not math.isfinite(value):
        return _java_text(value, "")
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if _as_float(text) == value:
            break
    return _java_text(value, text)


def _as_float(text: str) -> float:
    try:
        return struct.unpack("f", struct.pack("f", float(text)))[0]
    except OverflowError:
        return math.inf


def _java_text(value: float, digits_text: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    number = decimal.Decimal(digits_text)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(number, "f")
        return text if "." in text else text + ".0"
    sign, digits, exponent = number.as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{kept[0]}.{kept[1:] or '0'}E{power}"
