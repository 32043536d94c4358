# SPDX-License-Identifier: Apache-2.0
"""Column: an expression over the columns of a DataFrame, with PySpark's operators and methods.

A Column is a tree (`holdfast.sql.expression`); the engine gets it as SQL text from `select_item` and `condition`. What
is no part of PySpark's Column stands here as functions, since every attribute of a Column that PySpark does not define
is a field of the column.
"""

import warnings
from typing import Any, Callable, List, NamedTuple, NoReturn, Optional, Sequence, Tuple, Union

from holdfast.errors import (
    AnalysisException,
    IllegalArgumentException,
    PySparkAttributeError,
    PySparkTypeError,
    PySparkValueError,
    not_offered,
)
from holdfast.sql.aggregate_text import aggregate_of_text
from holdfast.sql.expression import (
    Aggregate,
    Alias,
    Case,
    Cast,
    Literal,
    Name,
    Node,
    Operation,
    Order,
    Raw,
    Star,
    aliased_sql,
    call,
    column_name,
    infix,
    walk,
)
from holdfast.sql.literal import literal
from holdfast.sql.sql_text import name_parts, quoted_name

__all__ = ["Column"]


class Column:
    """An expression. It is evaluated when the DataFrame that it is given to is."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __neg__(self) -> "Column":
        return Column(call("negative", self._node))

    def __add__(self, other: Any) -> "Column":
        return _infix(self, "+", other)

    def __sub__(self, other: Any) -> "Column":
        return _infix(self, "-", other)

    def __mul__(self, other: Any) -> "Column":
        return _infix(self, "*", other)

    def __truediv__(self, other: Any) -> "Column":
        return _infix(self, "/", other)

    def __mod__(self, other: Any) -> "Column":
        return _infix(self, "%", other)

    # PySpark puts this column first also where it stands on the right of a plus or times.
    __radd__ = __add__
    __rmul__ = __mul__
    __div__ = __truediv__

    def __rsub__(self, other: Any) -> "Column":
        return _infix(other, "-", self)

    def __rtruediv__(self, other: Any) -> "Column":
        return _infix(other, "/", self)

    __rdiv__ = __rtruediv__

    def __rmod__(self, other: Any) -> "Column":
        return _infix(other, "%", self)

    def __pow__(self, other: Any) -> "Column":
        return Column(call("power", self._node, operand(other), named="POWER"))

    def __rpow__(self, other: Any) -> "Column":
        return Column(call("power", operand(other), self._node, named="POWER"))

    def __eq__(self, other: Any) -> "Column":  # type: ignore[override]
        return _infix(self, "=", other)

    def __ne__(self, other: Any) -> "Column":  # type: ignore[override]
        return ~_infix(self, "=", other)

    def __lt__(self, other: Any) -> "Column":
        return _infix(self, "<", other)

    def __le__(self, other: Any) -> "Column":
        return _infix(self, "<=", other)

    def __ge__(self, other: Any) -> "Column":
        return _infix(self, ">=", other)

    def __gt__(self, other: Any) -> "Column":
        return _infix(self, ">", other)

    def eqNullSafe(self, other: Any) -> "Column":
        """Whether both are equal, where two nulls are equal too: never null."""
        return _infix(self, "<=>", other)

    def __and__(self, other: Any) -> "Column":
        return _infix(self, "AND", other, shown="and")

    def __or__(self, other: Any) -> "Column":
        return _infix(self, "OR", other, shown="or")

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> "Column":
        return Column(Operation((self._node,), "(NOT {})", "!({})"))

    def __contains__(self, item: Any) -> bool:
        raise PySparkValueError(errorClass="CANNOT_APPLY_IN_FOR_COLUMN", messageParameters={})

    def bitwiseOR(self, other: Any) -> "Column":
        return _infix(self, "|", other)

    def bitwiseAND(self, other: Any) -> "Column":
        return _infix(self, "&", other)

    def bitwiseXOR(self, other: Any) -> "Column":
        return _infix(self, "^", other)

    def getItem(self, key: Any) -> "Column":
        """The element of an array, the value of a map, or the field of a struct."""
        _warn_of_column("getItem", "key", key)
        return self[key]

    def getField(self, name: Any) -> "Column":
        """The same as getItem: a field of a struct."""
        _warn_of_column("getField", "name", name)
        return self[name]

    def withField(self, fieldName: str, col: "Column") -> "Column":
        raise not_offered("Column.withField", "Write struct(...) with the fields wanted.")

    def dropFields(self, *fieldNames: str) -> "Column":
        raise not_offered("Column.dropFields", "Write struct(...) with the fields wanted.")

    def __getattr__(self, item: str) -> "Column":
        if item.startswith("__"):
            raise PySparkAttributeError(errorClass="CANNOT_ACCESS_TO_DUNDER", messageParameters={})
        return self[item]

    def __getitem__(self, k: Any) -> "Column":
        if isinstance(k, slice):
            if k.step is not None:
                raise PySparkValueError(errorClass="SLICE_WITH_STEP", messageParameters={})
            return self.substr(k.start, k.stop)
        # Whether this is a struct's field or a map's value is not known here; in a name the two look different.
        named = "{}.{}" if isinstance(k, str) else "{}[{}]"
        return Column(Operation((self._node, operand(k)), "{}[{}]", "{}[{}]", named))

    def __iter__(self) -> NoReturn:
        raise PySparkTypeError(errorClass="NOT_ITERABLE", messageParameters={"objectName": "Column"})

    def contains(self, other: Any) -> "Column":
        return Column(call("contains", self._node, operand(other)))

    def startswith(self, other: Any) -> "Column":
        return Column(call("startswith", self._node, operand(other)))

    def endswith(self, other: Any) -> "Column":
        return Column(call("endswith", self._node, operand(other)))

    def like(self, other: str) -> "Column":
        """Whether the text matches a pattern in which % stands for any characters and _ for one."""
        return Column(Operation((self._node, _pattern(other)), "({} LIKE {})", "like({}, {})", "{} LIKE {}"))

    def rlike(self, other: str) -> "Column":
        """Whether a part of the text matches Java's regular expression."""
        return Column(call("rlike", self._node, _pattern(other), named="RLIKE"))

    def ilike(self, other: str) -> "Column":
        """As like, whatever the case of the letters."""
        return Column(call("ilike", self._node, _pattern(other)))

    def substr(self, startPos: Union[int, "Column"], length: Union[int, "Column"]) -> "Column":
        """A part of the text; the first character has the position 1."""
        if type(startPos) is not type(length):
            raise PySparkTypeError(
                errorClass="NOT_SAME_TYPE",
                messageParameters={
                    "arg_name1": "startPos",
                    "arg_name2": "length",
                    "arg_type1": type(startPos).__name__,
                    "arg_type2": type(length).__name__,
                },
            )
        if not isinstance(startPos, (int, Column)):
            raise wrong_type("startPos", "Column or int", startPos)
        return Column(call("substr", self._node, operand(startPos), operand(length)))

    def isin(self, *cols: Any) -> "Column":
        """Whether the value is one of these; a single list or set stands for its elements."""
        values: Any = cols[0] if len(cols) == 1 and isinstance(cols[0], (list, set)) else cols
        children = [self._node, *(operand(value) for value in values)]
        many = ", ".join(["{}"] * (len(children) - 1))
        shown = f"in({', '.join(['{}'] * len(children))})"
        if not many:  # SQL has no empty list; null AND false is false, and may be null as far as the schema tells
            return Column(Operation(children, "(({} IN (NULL)) AND false)", shown, "({} IN ())", exact=False))
        return Column(Operation(children, f"({{}} IN ({many}))", shown))

    def asc(self) -> "Column":
        return self.asc_nulls_first()

    def asc_nulls_first(self) -> "Column":
        return Column(Order(self._node, descending=False, nulls_first=True))

    def asc_nulls_last(self) -> "Column":
        return Column(Order(self._node, descending=False, nulls_first=False))

    def desc(self) -> "Column":
        return self.desc_nulls_last()

    def desc_nulls_first(self) -> "Column":
        return Column(Order(self._node, descending=True, nulls_first=True))

    def desc_nulls_last(self) -> "Column":
        return Column(Order(self._node, descending=True, nulls_first=False))

    def isNull(self) -> "Column":
        return Column(Operation((self._node,), "({} IS NULL)", "isNull({})"))

    def isNotNull(self) -> "Column":
        return Column(Operation((self._node,), "({} IS NOT NULL)", "isNotNull({})"))

    def isNaN(self) -> "Column":
        return Column(call("isnan", self._node, shown="isNaN"))

    def alias(self, *alias: str, **kwargs: Any) -> "Column":
        """The same values by another name; `metadata` is a dict for the field of the schema."""
        metadata = kwargs.pop("metadata", None)
        assert not kwargs, f"Unexpected kwargs where passed: {kwargs}"
        if len(alias) == 1:
            return Column(Alias(self._node, alias[0], metadata))
        if metadata is not None:
            raise PySparkValueError(
                errorClass="ONLY_ALLOWED_FOR_SINGLE_COLUMN", messageParameters={"arg_name": "metadata"}
            )
        raise AnalysisException(
            f"The column {self._node.shown()!r} is one column and cannot have the {len(alias)} names {list(alias)}.",
            errorClass="MULTI_ALIAS_WITHOUT_GENERATOR",
        )

    def name(self, *alias: str, **kwargs: Any) -> "Column":
        """The same as alias."""
        return self.alias(*alias, **kwargs)

    def cast(self, dataType: Any) -> "Column":
        """The value as another type; a value that the type does not have is an error."""
        return _cast(self, "CAST", dataType)

    def try_cast(self, dataType: Any) -> "Column":
        """The value as another type; null where the type does not have it."""
        return _cast(self, "TRY_CAST", dataType)

    def astype(self, dataType: Any) -> "Column":
        """The same as cast."""
        return self.cast(dataType)

    def between(self, lowerBound: Any, upperBound: Any) -> "Column":
        return (self >= lowerBound) & (self <= upperBound)

    def when(self, condition: "Column", value: Any) -> "Column":
        """One more branch behind functions.when()."""
        if not isinstance(condition, Column):
            raise wrong_type("condition", "Column", condition)
        if not isinstance(self._node, Case) or self._node.has_else:
            raise IllegalArgumentException("when() stands only behind when(), and not behind otherwise().")
        return Column(Case([*self._node.children, condition._node, operand(value)]))

    def otherwise(self, value: Any) -> "Column":
        """What the column is where no condition of when() is true; null without it."""
        if not isinstance(self._node, Case) or self._node.has_else:
            raise IllegalArgumentException("otherwise() stands only behind when(), and only once.")
        return Column(Case([*self._node.children, operand(value)]))

    def over(self, window: Any) -> "Column":
        raise not_offered("Column.over, a window function")

    def transform(self, f: Callable[["Column"], "Column"]) -> "Column":
        """f(column)."""
        return f(self)

    def outer(self) -> "Column":
        raise not_offered("Column.outer, a reference to an outer query")

    def __nonzero__(self) -> NoReturn:
        raise PySparkValueError(
            errorClass="CANNOT_CONVERT_COLUMN_INTO_BOOL", messageParameters={"column": self._node.shown()}
        )

    __bool__ = __nonzero__

    def __repr__(self) -> str:
        return f"Column<'{self._node.shown()}'>"


def wrong_type(name: str, expected: str, given: Any) -> PySparkTypeError:
    """The error for an argument of a wrong class."""
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={"expected_type": expected, "arg_name": name, "arg_type": type(given).__name__},
    )


def operand(value: Any) -> Node:
    """The node of a Column, or the literal of anything else: a text is a text and no name."""
    return value._node if isinstance(value, Column) else literal(value)


def named_column(name: str) -> Column:
    """The column of a name as users write it: `a`, `a.b`, `*`, `a.*`, with backticks where a part holds points."""
    if name == "*":
        return Column(Star())
    if name.endswith(".*"):
        return Column(Star(name_parts(name[:-2])))
    return Column(Name(name_parts(name)))


def field_column(name: str) -> Column:
    """The column that has exactly this name, whatever characters are in it."""
    return Column(Name([name]))


def column_of(value: Any, name: str = "col") -> Column:
    """A Column as it is, and the column of a name. `name` is the argument's, for the error."""
    if isinstance(value, Column):
        return value
    if isinstance(value, str):
        return named_column(value)
    raise wrong_type(name, "Column or str", value)


def select_item(column: Column) -> str:
    """The SQL text for a select list, with an alias where the name would not be PySpark's otherwise."""
    node = column._node
    if isinstance(node, Raw):
        return node.text
    if isinstance(node, (Alias, Order)) or not node.needs_name:
        return aliased_sql(node.children[0] if isinstance(node, Order) else node)
    return f"{node.sql()} AS {quoted_name(column_name(node))}"


def condition(column: Column) -> str:
    """The SQL text of the value alone, for a filter or a column that gets its name elsewhere."""
    return column._node.sql()


def is_column(column: Column, name: str) -> bool:
    """Whether the values are just those of the column of this name."""
    node = column._node.children[0] if isinstance(column._node, Alias) else column._node
    return isinstance(node, Name) and len(node.parts) == 1 and node.parts[0].lower() == name.lower()


def output_name(column: Column) -> Optional[str]:
    """The name that the user gave the column by alias; None where it follows from the expression."""
    return column._node.name if isinstance(column._node, Alias) else None


def output_metadata(column: Column) -> Optional[dict]:
    """The metadata that alias() gave the column."""
    return column._node.metadata if isinstance(column._node, Alias) else None


class SortKey(NamedTuple):
    """What to sort by."""

    column: Column
    descending: bool
    nulls_first: bool


def sort_key(column: Column) -> SortKey:
    """The column and its direction; ascending with nulls first where none is given, as in Spark."""
    node = column._node
    if isinstance(node, Order):
        return SortKey(Column(node.children[0]), node.descending, node.nulls_first)
    return SortKey(column, descending=False, nulls_first=True)


class AggregateCall(NamedTuple):
    """One call of an aggregate function; its arguments are ordinary columns, or the star of count(*)."""

    function: str
    arguments: Tuple[Column, ...]
    distinct: bool
    options: dict


def has_aggregate(column: Column) -> bool:
    """Whether an aggregate function is called anywhere in the column."""
    return any(isinstance(node, Aggregate) for node in walk(_with_aggregates(column._node)))


def split_aggregates(
    column: Column, placeholder: Callable[[int], str], names: Sequence[str] = ()
) -> Tuple[List[AggregateCall], Column]:
    """The aggregates in a column, and the column over their results. `names` are what a star stands for.

    The result of the i-th call is read by the name `placeholder(i)`. The column returned has the name that Spark gives
    the one that was split.
    """
    calls: List[AggregateCall] = []

    def replaced(node: Node) -> Node:
        if not isinstance(node, Aggregate):
            return node.with_children([replaced(child) for child in node.children]) if node.children else node
        if any(isinstance(one, Aggregate) for child in node.children for one in walk(child)):
            raise AnalysisException(
                f"The aggregate function in {node.shown()!r} has another one in its arguments.",
                errorClass="NESTED_AGGREGATE_FUNCTION",
            )
        calls.append(AggregateCall(node.function, _columns(node.children), node.distinct, node.options))
        return Name([placeholder(len(calls) - 1)])

    node = _without_stars(_with_aggregates(column._node), names)
    if isinstance(node, Alias):
        return calls, Column(replaced(node))
    return calls, Column(Alias(replaced(node), column_name(node)))


def _with_aggregates(node: Node) -> Node:
    """A SQL text that is the call of an aggregate function, as that call."""
    if isinstance(node, Raw):
        return aggregate_of_text(node.text) or node
    return node.with_children([_with_aggregates(child) for child in node.children]) if node.children else node


def _without_stars(node: Node, names: Sequence[str]) -> Node:
    """All columns in place of the star in count(DISTINCT *); count(*) alone counts rows."""
    if isinstance(node, Aggregate) and node.distinct:
        stars = ([Name([name]) for name in names] if isinstance(child, Star) else [child] for child in node.children)
        return node.with_children([child for some in stars for child in some])
    return node.with_children([_without_stars(child, names) for child in node.children]) if node.children else node


def _columns(nodes: Sequence[Node]) -> Tuple[Column, ...]:
    return tuple(Column(node) for node in nodes)


def _infix(left: Any, operator: str, right: Any, shown: str = "") -> Column:
    return Column(infix(operand(left), operator, operand(right), shown))


def _cast(column: Column, function: str, data_type: Any) -> Column:
    from holdfast.sql.ddl import parse_type, type_to_sql
    from holdfast.sql.types import as_type

    if isinstance(data_type, type):
        raise wrong_type("dataType", "DataType or str", data_type)
    known = parse_type(data_type) if isinstance(data_type, str) else as_type(data_type)
    return Column(Cast(function, column._node, type_to_sql(known)))


def _pattern(text: Any) -> Literal:
    if not isinstance(text, str):
        raise wrong_type("other", "str", text)
    node = literal(text)
    assert isinstance(node, Literal)
    return node


def _warn_of_column(method: str, argument: str, value: Any) -> None:
    if isinstance(value, Column):
        warnings.warn(
            f"A Column as '{argument}' of {method} is deprecated since Spark 3.0: write column[...] instead.",
            FutureWarning,
            stacklevel=3,
        )
