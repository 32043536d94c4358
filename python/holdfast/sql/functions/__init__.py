# SPDX-License-Identifier: Apache-2.0
"""pyspark.sql.functions: the functions that Holdfast has, and a refusal by name of those that it lacks.

A function here only writes SQL text. Whether the engine offers it for these types is said when the query is made.
"""

from typing import Any, Callable

from holdfast.errors import not_offered
from holdfast.sql.functions import aggregates, collections, conditions, moments, numbers, texts
from holdfast.sql.functions.names import STARRED, UNSTARRED

__all__ = list(STARRED)

_INSTEAD = {
    "udf": "Write the step as a SQL expression, or do it in the stateful processor.",
    "explode": "Explode in the stateful processor, which may put out many rows.",
}
_INSTEAD.update(dict.fromkeys(("pandas_udf", "arrow_udf", "call_udf"), _INSTEAD["udf"]))
_INSTEAD.update(dict.fromkeys(("explode_outer", "posexplode", "posexplode_outer"), _INSTEAD["explode"]))

_OFFERED = {}
for _module in (conditions, numbers, texts, moments, collections, aggregates):
    _OFFERED.update({name: getattr(_module, name) for name in STARRED + UNSTARRED if hasattr(_module, name)})
globals().update(_OFFERED)


def _refusal(name: str) -> Callable[..., Any]:
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise not_offered(f"The function {name}", _INSTEAD.get(name, ""))

    refused.__name__ = refused.__qualname__ = name
    refused.__doc__ = f"{name} of PySpark, which Holdfast lacks: a call is refused."
    return refused


def __getattr__(name: str) -> Any:
    if name in STARRED or name in UNSTARRED:
        return _refusal(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list:
    return sorted({*globals(), *STARRED, *UNSTARRED})
