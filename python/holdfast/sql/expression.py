# SPDX-License-Identifier: Apache-2.0
"""What a Column is made of: a tree of operations over names and literals.

Each node can be written in three ways:

* `sql()` is the SQL text that the engine parses. It stands in brackets where anything could bind more tightly.
* `shown()` is what `repr(column)` prints: `+(a, 1)`.
* `named()` is the name that Spark gives a column of this expression: `(a + 1)`.

The engine gives a column its name itself, from the SQL text, as Spark does. Only where that would be another name than
PySpark's (`needs_name`) `named()` is written into the query as an alias.
"""

from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

from holdfast.sql.sql_text import quoted_name


class Node:
    """A part of an expression; it never changes."""

    children: Tuple["Node", ...] = ()

    def sql(self) -> str:
        raise NotImplementedError

    def shown(self) -> str:
        raise NotImplementedError

    def named(self) -> str:
        raise NotImplementedError

    def with_children(self, children: Sequence["Node"]) -> "Node":
        """The same operation over other operands."""
        assert not children
        return self

    @property
    def needs_name(self) -> bool:
        """Whether the engine would name a column of this SQL text otherwise than PySpark names it."""
        return any(child.needs_name for child in self.children)


class Name(Node):
    """A column or a field of one, by the parts of its name."""

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = tuple(parts)

    def sql(self) -> str:
        return ".".join(quoted_name(part) for part in self.parts)

    def shown(self) -> str:
        return ".".join(quoted_name(part) if "." in part else part for part in self.parts)

    def named(self) -> str:
        return ".".join(self.parts)


class Star(Node):
    """All columns, or all fields of a struct."""

    def __init__(self, parts: Sequence[str] = ()) -> None:
        self.parts = tuple(parts)

    def sql(self) -> str:
        return ".".join([quoted_name(part) for part in self.parts] + ["*"])

    def shown(self) -> str:
        return ".".join([*self.parts, "*"])

    named = shown


class Literal(Node):
    """A value. `exact` is False when the engine names the SQL text otherwise than Spark names the value."""

    def __init__(self, sql: str, shown: str, named: str, exact: bool = True) -> None:
        self._sql, self._shown, self._named, self._exact = sql, shown, named, exact

    def sql(self) -> str:
        return self._sql

    def shown(self) -> str:
        return self._shown

    def named(self) -> str:
        return self._named

    @property
    def needs_name(self) -> bool:
        return not self._exact


class Raw(Node):
    """A SQL text of the user's; `expr` may give it an alias."""

    def __init__(self, text: str) -> None:
        self.text = text

    def sql(self) -> str:
        return f"({self.text})"

    def shown(self) -> str:
        return self.text

    named = shown


class Operation(Node):
    """An operator, function or cast. A form has `{}` for each operand; braces of its own are doubled.

    `named_form` is the SQL form where it is left out. `exact` is False when the engine names it otherwise.
    """

    def __init__(
        self,
        children: Sequence[Node],
        sql_form: str,
        shown_form: str,
        named_form: Optional[str] = None,
        exact: bool = True,
    ) -> None:
        self.children = tuple(children)
        self._sql_form, self._shown_form, self._exact = sql_form, shown_form, exact
        self._named_form = sql_form if named_form is None else named_form

    def sql(self) -> str:
        return self._sql_form.format(*(child.sql() for child in self.children))

    def shown(self) -> str:
        return self._shown_form.format(*(child.shown() for child in self.children))

    def named(self) -> str:
        return self._named_form.format(*(child.named() for child in self.children))

    def with_children(self, children: Sequence[Node]) -> "Operation":
        return Operation(children, self._sql_form, self._shown_form, self._named_form, self._exact)

    @property
    def needs_name(self) -> bool:
        return not self._exact or super().needs_name


class Cast(Node):
    """CAST or TRY_CAST to a type."""

    def __init__(self, function: str, child: Node, type_text: str) -> None:
        self.function = function
        self.children = (child,)
        self.type_text = type_text

    def sql(self) -> str:
        return f"{self.function}({self.children[0].sql()} AS {self.type_text})"

    def shown(self) -> str:
        return f"{self.function}({self.children[0].shown()} AS {self.type_text})"

    def named(self) -> str:
        return f"{self.function}({self.children[0].named()} AS {self.type_text})"

    def with_children(self, children: Sequence[Node]) -> "Cast":
        return Cast(self.function, children[0], self.type_text)


class Struct(Node):
    """struct(...), the one function whose arguments may have aliases: they name its fields."""

    def __init__(self, children: Sequence[Node]) -> None:
        self.children = tuple(children)

    def sql(self) -> str:
        return "struct(%s)" % ", ".join(aliased_sql(child) for child in self.children)

    def shown(self) -> str:
        return "struct(%s)" % ", ".join(child.shown() for child in self.children)

    def named(self) -> str:
        return "struct(%s)" % ", ".join(child.named() for child in self.children)

    def with_children(self, children: Sequence[Node]) -> "Struct":
        return Struct(children)

    @property
    def needs_name(self) -> bool:
        plain = (child.children[0] if isinstance(child, Alias) else child for child in self.children)
        return any(child.needs_name for child in plain)


class Case(Node):
    """CASE WHEN condition THEN value ... [ELSE value] END; the operands are in this order."""

    def __init__(self, children: Sequence[Node]) -> None:
        self.children = tuple(children)

    @property
    def has_else(self) -> bool:
        return len(self.children) % 2 == 1

    def _written(self, write: Callable[[Node], str]) -> str:
        texts = [write(child) for child in self.children]
        branches = [f"WHEN {texts[i]} THEN {texts[i + 1]}" for i in range(0, len(texts) - 1, 2)]
        otherwise = [f"ELSE {texts[-1]}"] if self.has_else else []
        return " ".join(["CASE", *branches, *otherwise, "END"])

    def sql(self) -> str:
        return self._written(lambda node: node.sql())

    def shown(self) -> str:
        return self._written(lambda node: node.shown())

    def named(self) -> str:
        return self._written(lambda node: node.named())

    def with_children(self, children: Sequence[Node]) -> "Case":
        return Case(children)


class Alias(Node):
    """An expression with a name. Within another expression the name shows only in what Spark calls that one."""

    def __init__(self, child: Node, name: str, metadata: Optional[dict] = None) -> None:
        self.children = (child,)
        self.name = name
        self.metadata = metadata

    def sql(self) -> str:
        return self.children[0].sql()

    def shown(self) -> str:
        return f"{self.children[0].shown()} AS {self.name}"

    def named(self) -> str:
        return f"{self.children[0].named()} AS {self.name}"

    def with_children(self, children: Sequence[Node]) -> "Alias":
        return Alias(children[0], self.name, self.metadata)

    @property
    def needs_name(self) -> bool:
        return True


class Order(Node):
    """An expression to sort by, with its direction."""

    def __init__(self, child: Node, descending: bool, nulls_first: bool) -> None:
        self.children = (child,)
        self.descending = descending
        self.nulls_first = nulls_first

    def sql(self) -> str:
        return f"{self.children[0].sql()} {self._direction()}"

    def shown(self) -> str:
        return f"{self.children[0].shown()} {self._direction()}"

    def named(self) -> str:
        return f"{self.children[0].named()} {self._direction()}"

    def _direction(self) -> str:
        return f"{'DESC' if self.descending else 'ASC'} NULLS {'FIRST' if self.nulls_first else 'LAST'}"

    def with_children(self, children: Sequence[Node]) -> "Order":
        return Order(children[0], self.descending, self.nulls_first)


class Aggregate(Node):
    """An aggregate function over many rows; `options` are what is no column, as `ignore_nulls`."""

    def __init__(
        self, function: str, children: Sequence[Node], distinct: bool = False, options: Sequence[Tuple[str, Any]] = ()
    ) -> None:
        self.function = function
        self.children = tuple(children)
        self.distinct = distinct
        self.options = dict(options)

    def _over(self, arguments: List[str]) -> str:
        return f"{self.function}({'DISTINCT ' if self.distinct else ''}{', '.join(arguments)})"

    def sql(self) -> str:
        call = self._over([child.sql() for child in self.children])
        return call + (" IGNORE NULLS" if self.options.get("ignore_nulls") else "")

    def shown(self) -> str:
        more = [str(value).lower() for value in self.options.values()]
        return f"{self.function}({', '.join([child.shown() for child in self.children] + more)})"

    def named(self) -> str:
        if self.function == "count" and any(isinstance(child, Star) for child in self.children):
            return "count(1)"
        return self._over([child.named() for child in self.children]).replace("array_agg(", "collect_list(", 1)

    def with_children(self, children: Sequence[Node]) -> "Aggregate":
        return Aggregate(self.function, children, self.distinct, tuple(self.options.items()))


def aliased_sql(node: Node) -> str:
    """The text of a node that may have an alias: `a AS b`."""
    return f"{node.sql()} AS {quoted_name(node.name)}" if isinstance(node, Alias) else node.sql()


def column_name(node: Node) -> str:
    """The name of a column of this expression, as far as it is known without types.

    A cast keeps the name of the column or alias that it casts.
    """
    inner = node
    while isinstance(inner, Cast):
        inner = inner.children[0]
    if isinstance(inner, Alias):
        return inner.name
    return inner.parts[-1] if isinstance(inner, Name) else node.named()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def infix(left: Node, operator: str, right: Node, shown: str = "") -> Operation:
    """left operator right."""
    return Operation((left, right), f"({{}} {operator} {{}})", f"{shown or operator}({{}}, {{}})")


def call(
    function: str, *arguments: Node, shown: Optional[str] = None, named: Optional[str] = None, exact: bool = True
) -> Operation:
    """function(arguments). `shown` and `named` are its names in repr and in a column's name where they are others."""
    operands = ", ".join(["{}"] * len(arguments))
    named_form = f"{named}({operands})" if named else None
    return Operation(arguments, f"{function}({operands})", f"{shown or function}({operands})", named_form, exact)
