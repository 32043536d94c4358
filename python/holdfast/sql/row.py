# SPDX-License-Identifier: Apache-2.0
"""Row, and classes of rows that all have the same field names.

A Row is a tuple whose fields may have names. Rows that come out of a DataFrame are made by the hundred thousand, so
`row_class` gives a subclass of Row for one list of names, in which a field is read as fast as in a namedtuple. To the
user it is a Row: it prints, compares and pickles as one.
"""

from functools import lru_cache
from operator import itemgetter
from typing import Any, Dict, List, Sequence, Tuple, Type, Union

from holdfast.errors import (
    PySparkAttributeError,
    PySparkKeyError,
    PySparkRuntimeError,
    PySparkTypeError,
    PySparkValueError,
)

try:
    from _collections import _tuplegetter  # type: ignore[import-not-found]
except ImportError:  # an implementation of Python without the C module

    def _tuplegetter(index: int, doc: str) -> property:
        return property(itemgetter(index), doc=doc)


__all__ = ["Row", "row_class", "create_row"]

_ITEM = tuple.__getitem__


def create_row(fields: Union["Row", List[str]], values: Sequence[Any]) -> "Row":
    """A Row of `values` whose field names are `fields`. Pickled rows name this function."""
    row = tuple.__new__(Row, values)
    row.__fields__ = fields
    return row


class Row(tuple):
    """A row: `Row(a=1, b="x")`, or `Row("a", "b")` which is called with values to make rows of these names."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Row":
        if args and kwargs:
            raise PySparkValueError(errorClass="CANNOT_SET_TOGETHER", messageParameters={"arg_list": "args and kwargs"})
        if kwargs:
            return create_row(list(kwargs), tuple(kwargs.values()))
        return tuple.__new__(cls, args)

    def asDict(self, recursive: bool = False) -> Dict[str, Any]:
        """The row as a dict; with `recursive` also the rows within its lists and dicts."""
        if not hasattr(self, "__fields__"):
            raise PySparkTypeError(
                errorClass="CANNOT_CONVERT_TYPE", messageParameters={"from_type": "Row", "to_type": "dict"}
            )
        return dict(zip(self.__fields__, (_as_dict(value) for value in self) if recursive else self))

    def __contains__(self, item: Any) -> bool:
        return item in self.__fields__ if hasattr(self, "__fields__") else super().__contains__(item)

    def __call__(self, *args: Any) -> "Row":
        """A Row of these values, of which this one's values are the field names."""
        if len(args) > len(self):
            raise PySparkValueError(
                errorClass="TOO_MANY_VALUES",
                messageParameters={"expected": str(len(self)), "item": "fields", "actual": str(len(args))},
            )
        return create_row(self, args)

    def __getitem__(self, item: Any) -> Any:
        if type(item) is int:  # first, since most rows are read so
            return _ITEM(self, item)
        if isinstance(item, (int, slice)):
            return _ITEM(self, item)
        try:
            return _ITEM(self, self.__fields__.index(item))
        except IndexError:
            raise PySparkKeyError(errorClass="KEY_NOT_EXISTS", messageParameters={"key": str(item)}) from None
        except ValueError:
            raise PySparkValueError(item) from None

    def __getattr__(self, item: str) -> Any:
        if not item.startswith("__"):
            try:
                return _ITEM(self, self.__fields__.index(item))
            except (IndexError, ValueError):
                pass
        raise PySparkAttributeError(errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": item})

    def __setattr__(self, key: str, value: Any) -> None:
        if key != "__fields__":
            raise PySparkRuntimeError(errorClass="READ_ONLY", messageParameters={"object": "Row"})
        if type(self) is not Row:  # the class's descriptors know the old names
            object.__setattr__(self, "__class__", Row)
        self.__dict__[key] = value

    def __reduce__(self) -> Tuple[Any, ...]:
        if hasattr(self, "__fields__"):
            return create_row, (self.__fields__, tuple(self))
        return super().__reduce__()  # type: ignore[return-value]

    def __repr__(self) -> str:
        if hasattr(self, "__fields__"):
            return "Row(%s)" % ", ".join(f"{name}={value!r}" for name, value in zip(self.__fields__, tuple(self)))
        return "<Row(%s)>" % ", ".join(repr(value) for value in self)


def _as_dict(value: Any) -> Any:
    if isinstance(value, Row):
        return value.asDict(True)
    if isinstance(value, list):
        return [_as_dict(one) for one in value]
    if isinstance(value, dict):
        return {key: _as_dict(one) for key, one in value.items()}
    return value


@lru_cache(maxsize=1024)
def _row_class_of(names: Tuple[str, ...]) -> Type[Row]:
    members: Dict[str, Any] = {"__slots__": (), "__module__": Row.__module__, "__doc__": Row.__doc__}
    members["__fields__"] = list(names)
    for index, name in enumerate(names):
        # What tuple and Row define stays as it is (`count`, `index`); of two fields with one name the first is meant.
        if not name.startswith("__") and name not in members and not hasattr(Row, name):
            members[name] = _tuplegetter(index, name)
    return type("Row", (Row,), members)


def row_class(names: Sequence[str]) -> Type[Row]:
    """The class of rows with these field names, made once for each list of names.

    Its rows are made by `tuple.__new__(cls, values)` with one value for each name.
    """
    return _row_class_of(tuple(names))
