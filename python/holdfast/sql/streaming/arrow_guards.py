# SPDX-License-Identifier: Apache-2.0
"""What user code may put out and Arrow ends the process at, found before Arrow sees it.

A map with an entry that is null, as in `[None]` for a MAP column: Arrow checks an array of maps after it has made it.
A dict cannot have such an entry and is passed on as it is. And a value that contains itself, where Arrow is to find out
the type on its own: it goes down into it until the stack is at its end.
"""

from collections.abc import Collection
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

import pyarrow as pa

LEVELS_MAX = 64  # more than any type of a table has

Guard = Callable[[Any], Any]


def guard_of(kind: pa.DataType) -> Optional[Guard]:
    """A function that gives back a value as Arrow can take it safely, or raises TypeError; None for a type without
    maps."""
    if pa.types.is_map(kind):
        return _map_guard(guard_of(kind.item_type))
    if pa.types.is_list(kind):
        return _list_guard(guard_of(kind.value_type))
    if pa.types.is_struct(kind):
        return _struct_guard([(field.name, guard_of(field.type)) for field in kind])
    return None


def _map_guard(item: Optional[Guard]) -> Guard:
    def guard(value: Any) -> Any:
        if value is None or (item is None and isinstance(value, dict)):
            return value
        entries = list(value.items()) if isinstance(value, dict) else _listed(value)
        for entry in entries:
            if not isinstance(entry, (tuple, dict)):
                raise TypeError(f"an entry of a map is a tuple of key and value, but one of {value!r} is {entry!r}")
        return entries if item is None else [_guarded_entry(entry, item) for entry in entries]

    return guard


def _guarded_entry(entry: Any, item: Guard) -> Any:
    key, value = (entry.get("key"), entry.get("value")) if isinstance(entry, dict) else entry
    return key, item(value)


def _list_guard(element: Optional[Guard]) -> Optional[Guard]:
    if element is None:
        return None

    def guard(value: Any) -> Any:
        return value if value is None or isinstance(value, dict) else [element(one) for one in _listed(value)]

    return guard


def _struct_guard(fields: List[Tuple[str, Optional[Guard]]]) -> Optional[Guard]:
    guards = [guard or _as_it_is for _, guard in fields]
    by_name = {written: guard for name, guard in fields if guard for written in (name, name.encode())}
    if not by_name:
        return None

    def guard(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, tuple):
            return tuple(each(one) for each, one in zip(guards, value)) if len(value) == len(guards) else value
        pairs = value if isinstance(value, dict) else dict(_listed(value))
        return {name: by_name.get(name, _as_it_is)(one) for name, one in pairs.items()}

    return guard


def _as_it_is(value: Any) -> Any:
    return value


def _listed(value: Any) -> Any:
    try:
        return list(value)
    except TypeError:
        raise TypeError(f"{value!r} of type {type(value).__name__} has no elements") from None


def check_depth(values: Iterable[Any]) -> None:
    """Raises ValueError where a value has more levels than a type can have."""
    sound: Dict[int, Tuple[int, Any]] = {}
    for value in values:
        if _is_deeper(value, LEVELS_MAX, sound):
            raise ValueError(f"a value of type {type(value).__name__} is nested more than {LEVELS_MAX} levels deep")


def _is_deeper(value: Any, levels: int, sound: Dict[int, Tuple[int, Any]]) -> bool:
    """`sound`: by id, with how many levels left a value was found not to be deeper, so that none is walked again; and
    the value, whose id is its own only as long as it lives."""
    if isinstance(value, (str, bytes, bytearray)) or not isinstance(value, Collection):
        return False
    if id(value) in sound and sound[id(value)][0] <= levels:
        return False
    if levels == 0:
        return True
    parts = value.values() if isinstance(value, dict) else value
    if getattr(value, "ndim", 1) and any(_is_deeper(part, levels - 1, sound) for part in parts):
        return True
    sound[id(value)] = levels, value
    return False
