# SPDX-License-Identifier: Apache-2.0
"""Types as DDL text, both ways: `parse_ddl` reads what Spark's parser reads, `type_to_sql` writes what Spark writes.

    schema = field {"," field}
    field  = name [":"] type ["NOT" "NULL"] ["COMMENT" text]
    type   = word ["(" number {"," number} ")"] | ARRAY<type> | MAP<type, type> | STRUCT<[schema]>
           | INTERVAL [unit [TO unit]]

A text is a schema where it can be read as one, else a single type. Words of types do not care about case. As in Spark,
a mistake of the grammar anywhere in the text is told before a word that is no type, and the schema's before the type's.
"""

import re
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, TypeVar

from holdfast.errors import ArithmeticException, ParseException
from holdfast.sql.sql_text import quoted_name_if_needed, text_literal, unescaped_text
from holdfast.sql.type_words import interval_of
from holdfast.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    VariantType,
)

Part = TypeVar("Part")

DEPTH_MAX = 100
PRECISION_MAX = 38

_PLAIN: Dict[str, type] = {
    "boolean": BooleanType,
    "tinyint": ByteType,
    "byte": ByteType,
    "smallint": ShortType,
    "short": ShortType,
    "int": IntegerType,
    "integer": IntegerType,
    "bigint": LongType,
    "long": LongType,
    "float": FloatType,
    "real": FloatType,
    "double": DoubleType,
    "string": StringType,
    "binary": BinaryType,
    "date": DateType,
    "timestamp": TimestampType,
    "timestamp_ltz": TimestampType,
    "timestamp_ntz": TimestampNTZType,
    "void": NullType,
    "variant": VariantType,
}
_DECIMALS = ("decimal", "dec", "numeric")
_CHARS = {"char": CharType, "character": CharType, "varchar": VarcharType}

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<quoted>`(?:[^`]|``)*`)
    | (?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    | (?P<word>\w+)
    | (?P<symbol>[<>(),:-])
    )""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str  # quoted, text, word, symbol, end
    text: str
    at: int


class _Mistake(Exception):
    """The text cannot be read this way; `at` is how far it could be."""

    def __init__(self, at: int, what: str, condition: str = "PARSE_SYNTAX_ERROR", **parameters: str) -> None:
        super().__init__(what)
        self.at, self.what, self.condition, self.parameters = at, what, condition, parameters


def parse_ddl(text: str) -> DataType:
    """The schema (a StructType) or single type that `text` names; ParseException with Spark's condition otherwise."""
    return _parsed(text, (_Reader.schema, _Reader.type))


def parse_type(text: str) -> DataType:
    """The single type that `text` names, as in a CAST."""
    return _parsed(text, (_Reader.type,))


def _parsed(text: str, ways: "Sequence[Callable[[_Reader], DataType]]") -> DataType:
    mistakes: List[_Mistake] = []
    for read in ways:
        try:
            reader = _Reader(text)
            made = read(reader)
            reader.expect_end()
            return made
        except _Mistake as mistake:
            mistakes.append(mistake)
    told = mistakes[0]
    wanted = "type" if len(ways) == 1 else "schema and no type"
    # A number that Spark's decimals do not have is no mistake of the text for Spark.
    error = ArithmeticException if told.condition == "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION" else ParseException
    raise error(
        f"The text {text!r} is no {wanted}: at character {told.at + 1} {told.what}.",
        errorClass=told.condition,
        messageParameters=told.parameters,
    )


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokens(text)
        self.next = 0
        self.depth = 0
        self.no_types: List[_Mistake] = []  # told when the grammar is right to the end

    @staticmethod
    def _tokens(text: str) -> List[_Token]:
        tokens, at = [], 0
        end = len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                at += len(text[at:]) - len(text[at:].lstrip())
                raise _Mistake(at, f"stands {text[at]!r}, which no type has", error=repr(text[at]), hint="")
            kind = match.lastgroup or ""
            tokens.append(_Token(kind, match.group(kind), match.start(kind)))
            at = match.end()
        tokens.append(_Token("end", "", end))
        return tokens

    def peek(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        token = self.tokens[self.next]
        self.next += token.kind != "end"
        return token

    def skip(self, symbol: str) -> bool:
        token = self.peek()
        found = token.kind == "symbol" and token.text == symbol
        self.next += found
        return found

    def skip_word(self, *words: str) -> bool:
        """Takes these words if they come next."""
        coming = self.tokens[self.next : self.next + len(words)]
        found = [token.text.lower() for token in coming if token.kind == "word"] == list(words)
        self.next += len(words) if found else 0
        return found

    def expect(self, symbol: str) -> None:
        if not self.skip(symbol):
            raise self.unexpected(f"'{symbol}'")

    def expect_end(self) -> None:
        if self.peek().kind != "end":
            raise self.unexpected("the end")
        if self.no_types:
            raise self.no_types[0]

    def unexpected(self, wanted: str) -> _Mistake:
        token = self.peek()
        if token.kind == "end":
            return _Mistake(token.at, f"the text ends where {wanted} belongs", error="end of input", hint="")
        return _Mistake(token.at, f"stands {token.text!r} where {wanted} belongs", error=f"'{token.text}'", hint="")

    def no_type(self, token: _Token, what: str, condition: str, **parameters: str) -> DataType:
        """Keeps the mistake, and a type for the time of reading."""
        self.no_types.append(_Mistake(token.at, what, condition, **parameters))
        return NullType()

    def schema(self) -> StructType:
        if self.peek().kind == "end" and self.next == 0:
            return StructType([])
        fields = [self.field()]
        while self.skip(","):
            fields.append(self.field())
        return StructType(fields)

    def field(self) -> StructField:
        token = self.take()
        if token.kind == "quoted":
            name = token.text[1:-1].replace("``", "`")
        elif token.kind == "word" and not token.text.isdigit():
            name = self.plain_name(token)
        else:
            self.next -= token.kind != "end"
            raise self.unexpected("the name of a field")
        self.skip(":")
        data_type = self.type()
        nullable = not self.skip_word("not", "null")
        metadata = {}
        if self.skip_word("comment"):
            comment = self.take()
            if comment.kind != "text":
                self.next -= comment.kind != "end"
                raise self.unexpected("a comment in quotes")
            metadata["comment"] = unescaped_text(comment.text)
        return StructField(name, data_type, nullable, metadata)

    def plain_name(self, token: _Token) -> str:
        """The name without backticks, which has only ASCII letters, digits and underscores."""
        name = token.text
        while self.skip("-"):
            name += "-" + self.take().text
        if not name.isascii() or "-" in name:
            what = f"stands the name {name!r}, which wants backticks"
            raise _Mistake(token.at, what, "INVALID_IDENTIFIER", ident=name)
        return name

    def type(self) -> DataType:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise ParseException(
                f"The text {self.text[:50]!r}... has more than {DEPTH_MAX} types within types.",
                errorClass="FAILED_TO_PARSE_TOO_COMPLEX",
            )
        made = self._type()
        self.depth -= 1
        return made

    def _type(self) -> DataType:
        token = self.take()
        word = token.text.lower()
        if token.kind != "word":
            self.next -= token.kind != "end"
            raise self.unexpected("a type")
        if word == "array":
            return ArrayType(self.within(self.type))
        if word == "map":
            return MapType(*self.within(self.key_and_value))
        if word == "struct":
            return self.struct()
        if word == "interval":
            return self.interval()
        numbers = self.numbers()
        if word in _DECIMALS and len(numbers) <= 2:
            return self.decimal(token, *numbers)
        if word in _CHARS and len(numbers) == 1:
            return _CHARS[word](numbers[0])
        if word == "time" and len(numbers) <= 1:
            return TimeType(*numbers)
        if word == "string" and self.skip_word("collate"):
            if self.peek().kind != "word":
                raise self.unexpected("the name of a collation")
            return StringType(self.take().text)
        if word in _PLAIN and not numbers:
            return _PLAIN[word]()
        what = f"stands {token.text!r}, which is no type"
        if word in _CHARS and not numbers:
            what = f"stands {token.text!r} without its length"
            return self.no_type(token, what, "DATATYPE_MISSING_SIZE", type=f'"{token.text.upper()}"')
        shown = token.text.upper() + (f"({', '.join(map(str, numbers))})" if numbers else "")
        return self.no_type(token, what, "UNSUPPORTED_DATATYPE", typeName=f'"{shown}"')

    def within(self, read: Callable[[], Part]) -> Part:
        self.expect("<")
        made = read()
        self.expect(">")
        return made

    def key_and_value(self) -> Tuple[DataType, DataType]:
        key = self.type()
        self.expect(",")
        return key, self.type()

    def struct(self) -> StructType:
        self.expect("<")
        made = StructType([]) if self.peek().text == ">" else self.schema()
        self.expect(">")
        return made

    def interval(self) -> DataType:
        first = self.peek()
        if first.kind != "word" or first.text.lower() in ("not", "comment"):
            return CalendarIntervalType()
        self.take()
        last = self.take().text.lower() if self.skip_word("to") else None
        made = interval_of(first.text.lower(), last)
        if made is None:
            raise _Mistake(first.at, "there is no such interval", error=f"'{first.text}'", hint="")
        return made

    def numbers(self) -> List[int]:
        made: List[int] = []
        if self.skip("("):
            while not made or self.skip(","):
                sign = -1 if self.skip("-") else 1
                token = self.peek()
                if not token.text.isdigit():
                    raise self.unexpected("a number")
                made.append(sign * int(self.take().text))
            self.expect(")")
        return made

    def decimal(self, token: _Token, precision: int = 10, scale: int = 0) -> DataType:
        if precision > PRECISION_MAX:
            what = f"a decimal has {precision} digits, and {PRECISION_MAX} are the most"
            condition = "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"
            return self.no_type(token, what, condition, precision=str(precision), maxPrecision=str(PRECISION_MAX))
        if scale > precision:
            what = f"a decimal of {precision} digits has {scale} behind the point"
            condition = "DECIMAL_SCALE_EXCEEDS_PRECISION"
            return self.no_type(token, what, condition, precision=str(precision), scale=str(scale))
        return DecimalType(precision, scale)


def fields_to_ddl(schema: StructType) -> str:
    """The fields as `a INT,b STRING NOT NULL`."""
    return ",".join(f"{quoted_name_if_needed(field.name)} {_after_name(field)}" for field in schema.fields)


def _after_name(field: StructField) -> str:
    nullable = "" if field.nullable else " NOT NULL"
    comment: Optional[str] = field.metadata.get("comment")
    return type_to_sql(field.dataType) + nullable + (f" COMMENT {text_literal(comment)}" if comment else "")


def type_to_sql(data_type: DataType) -> str:
    """The type as it stands in a CAST."""
    if isinstance(data_type, ArrayType):
        return f"ARRAY<{type_to_sql(data_type.elementType)}>"
    if isinstance(data_type, MapType):
        return f"MAP<{type_to_sql(data_type.keyType)}, {type_to_sql(data_type.valueType)}>"
    if isinstance(data_type, StructType):
        fields = (f"{quoted_name_if_needed(field.name)}: {_after_name(field)}" for field in data_type.fields)
        return f"STRUCT<{', '.join(fields)}>"
    if isinstance(data_type, StringType) and not data_type.isUTF8BinaryCollation():
        return f"STRING COLLATE {data_type.collation}"
    return data_type.simpleString().upper()
