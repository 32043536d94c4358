# SPDX-License-Identifier: Apache-2.0
"""How a function of PySpark's API is defined: its name, and what each of its parameters may be."""

import inspect
from enum import Enum
from typing import Any, Callable, List, Optional

from holdfast.sql import expression
from holdfast.sql.column import Column, column_of, operand
from holdfast.sql.expression import Aggregate, Node


class Kind(Enum):
    """What a parameter takes."""

    COLUMN = "a Column, or a text that names one"
    VALUE = "a Column, or a value: a text is a text"
    COUNT = "a Column, a text that names one, or a whole number"
    COLUMNS = "any number of Columns or their names"
    OPTIONAL_COLUMN = "as COLUMN; left out when None"
    OPTIONAL_VALUE = "as VALUE; left out when None"
    OPTIONAL_COUNT = "as COUNT; left out when None"


COLUMN = Kind.COLUMN
VALUE = Kind.VALUE
COUNT = Kind.COUNT
COLUMNS = Kind.COLUMNS
OPTIONAL_COLUMN = Kind.OPTIONAL_COLUMN
OPTIONAL_VALUE = Kind.OPTIONAL_VALUE
OPTIONAL_COUNT = Kind.OPTIONAL_COUNT

_OPTIONAL = (OPTIONAL_COLUMN, OPTIONAL_VALUE, OPTIONAL_COUNT)
_VALUES = (VALUE, OPTIONAL_VALUE)
_COUNTS = (COUNT, OPTIONAL_COUNT)


def _signature(parameters: dict) -> inspect.Signature:
    made = []
    for name, kind in parameters.items():
        if kind is COLUMNS:
            made.append(inspect.Parameter(name, inspect.Parameter.VAR_POSITIONAL))
        else:
            default = None if kind in _OPTIONAL else inspect.Parameter.empty
            made.append(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default))
    return inspect.Signature(made)


def _operands(parameters: dict, bound: inspect.BoundArguments) -> List[Node]:
    nodes: List[Node] = []
    for name, kind in parameters.items():
        if kind is COLUMNS:
            nodes.extend(column_of(one)._node for one in bound.arguments.get(name, ()))
            continue
        value = bound.arguments.get(name)
        if value is None and kind in _OPTIONAL:
            continue
        as_value = kind in _VALUES or (kind in _COUNTS and isinstance(value, int))
        nodes.append(operand(value) if as_value else column_of(value)._node)
    return nodes


def _defined(name: str, make: Callable[[List[Node]], Node], parameters: dict) -> Callable[..., Column]:
    signature = _signature(parameters)

    def made(*args: Any, **kwargs: Any) -> Column:
        return Column(make(_operands(parameters, signature.bind(*args, **kwargs))))

    made.__name__ = made.__qualname__ = name
    made.__signature__ = signature  # type: ignore[attr-defined]
    made.__doc__ = f"Spark SQL's {name}({', '.join(parameters)})."
    return made


def function(
    name: str,
    sql: Optional[str] = None,
    shown: Optional[str] = None,
    named: Optional[str] = None,
    **parameters: Kind,
) -> Callable[..., Column]:
    """A function of each row. `sql`, `shown` and `named` are its names in SQL, in repr and in a column's name."""
    called = sql or name
    return _defined(name, lambda nodes: expression.call(called, *nodes, shown=shown, named=named), parameters)


def aggregate_function(
    name: str, sql: Optional[str] = None, distinct: bool = False, **parameters: Kind
) -> Callable[..., Column]:
    """A function over many rows."""
    return _defined(name, lambda nodes: Aggregate(sql or name, nodes, distinct), parameters)
