# SPDX-License-Identifier: Apache-2.0
"""Python source about types, DDL text, rows, exceptions and misuse of columns; what counts is the repr of the value."""

# Types are read from each of these, as a schema or as a single type.
DDL = [
    "int", "INT", " integer ", "bigint", "long", "smallint", "short", "tinyint", "byte", "float", "real", "double",
    "boolean", "string", "binary", "date", "timestamp", "timestamp_ltz", "timestamp_ntz", "void", "decimal",
    "decimal(5)", "decimal(10,2)", "DECIMAL( 38 , 18 )", "dec(4,1)", "numeric(4,1)", "decimal(38,38)", "char(3)",
    "varchar(10)", "character(2)", "interval", "interval day", "interval day to second", "interval year to month",
    "interval month", "interval hour to minute", "variant", "time", "time(3)", "string collate UNICODE",
    "array<int>", "array<array<string>>", "map<string,int>", "map<string,array<struct<a:int>>>", "struct<a:int,b:string>",
    "struct<>", "struct<a int, b: string not null comment 'c'>", "a int", "a int, b string", "a: int, b: string",
    "a INT NOT NULL", "a int not null comment 'it\\'s', b string", "a int comment \"x\"", "`a b` int", "`a``b` string",
    "`a.b` int", "a array<int>, m map<string, struct<x: double, y: date>>", "date date, timestamp timestamp",
    "select int, from string", "int int", "string string", "a\tint,\n b\n string", "a1 int, _b string, 1c int", "é int",
    "a struct<b:struct<c:struct<d:int>>>", "interval interval", "a interval day to second", "id bigint, ts timestamp",
    "a decimal(10,2) not null", "array<a:int>", "time time", "array array<int>", "comment string comment 'x'",
    "a varchar(3), b char(2)",
    # mistakes
    "", " ", "foo", "a", "a foo", "a int b int", "a int,", ",a int", "array<int", "array<>", "array", "map<int>",
    "map<int,int,int>", "struct<a>", "struct<a:int", "decimal(39,1)", "a decimal(39,1)", "decimal(5,6)",
    "a decimal(5,6)", "decimal(1,2,3)", "decimal(a)", "int(3)", "a-b int", "a.b int", "1 int", "a int not", "a int null",
    "a int comment", "a int comment x", "a int;", "a int default 3", "a 'int'", "\"a\" int", "char", "varchar",
    "interval day to year", "interval foo", "a string collate", "struct<a:int>>", "int int int", "a int a string",
    "a char", "a varchar", "a foo(3)", "a int(3)", "a foo, b int int", "a bar, b foo", "array<foo>", "a array<foo>", "a b-c",
    "array<int not null>", "a: : int", "`` int", "`a int",
]

_SCHEMA = (
    'StructType([StructField("a",IntegerType(),False),StructField("b",ArrayType(StringType(),False)),'
    'StructField("c",MapType(StringType(),StructType([StructField("x",DoubleType(),True,{"k":"v"})])))])'
)

TYPES = [
    *(
        f"[t.{what} for t in (NullType(),BooleanType(),ByteType(),ShortType(),IntegerType(),LongType(),FloatType(),"
        "DoubleType(),DecimalType(),DecimalType(38,18),StringType(),BinaryType(),DateType(),TimestampType(),"
        "TimestampNTZType(),CharType(3),VarcharType(4),DayTimeIntervalType(),DayTimeIntervalType(1,2),"
        "YearMonthIntervalType(),YearMonthIntervalType(0),CalendarIntervalType(),TimeType(),VariantType(),"
        'StringType("UNICODE"),ArrayType(IntegerType()),MapType(StringType(),IntegerType(),False),'
        f"{_SCHEMA})]"
        for what in ("simpleString()", "json()", "jsonValue()", "typeName()", "needConversion()", "__repr__()")
    ),
    f"{_SCHEMA}.names", f"{_SCHEMA}.fieldNames()", f"len({_SCHEMA})", f"list({_SCHEMA})", f"{_SCHEMA}['a']",
    f"{_SCHEMA}[0]", f"{_SCHEMA}[-1]", f"{_SCHEMA}[0:2]", f"{_SCHEMA}['z']", f"{_SCHEMA}[7]", f"{_SCHEMA}[1.5]",
    f"{_SCHEMA}.treeString()", f"{_SCHEMA}.treeString(1)", f"{_SCHEMA}.treeString(2)", f"{_SCHEMA}.treeString(0)",
    f"{_SCHEMA} == {_SCHEMA}", f"hash({_SCHEMA}) == hash({_SCHEMA})", f"{_SCHEMA} != {_SCHEMA}",
    f"StructType.fromJson(json.loads({_SCHEMA}.json())) == {_SCHEMA}", f"{_SCHEMA}.toNullable()",
    f"pickle.loads(pickle.dumps({_SCHEMA})) == {_SCHEMA}", f"'a' in {_SCHEMA}.names", f"{_SCHEMA}.toDDL()",
    f"StructType.fromDDL({_SCHEMA}.toDDL()) == {_SCHEMA}",
    "IntegerType() is IntegerType()", "StringType() is StringType()", "IntegerType() == LongType()",
    "IntegerType() == IntegerType", "DecimalType(10,2) == DecimalType(10,2)", "DecimalType(10,2) == DecimalType(10,3)",
    "StringType() == StringType('UTF8_BINARY')", "len({IntegerType(), IntegerType(), LongType()})",
    "issubclass(IntegerType, NumericType)", "issubclass(IntegerType, IntegralType)", "issubclass(DoubleType, FractionalType)",
    "issubclass(TimestampType, AtomicType)", "issubclass(StructType, AtomicType)", "issubclass(DateType, DatetimeType)",
    "isinstance(StructField('a', IntegerType()), DataType)", "IntegerType(3)", "DecimalType(precision=5, scale=1)",
    "DecimalType().precision, DecimalType().scale, DecimalType().hasPrecisionInfo",
    "ArrayType(IntegerType(), containsNull=False).containsNull", "ArrayType(IntegerType)", "ArrayType('int')",
    "MapType(IntegerType(), 'int')", "ArrayType(elementType=IntegerType())", "MapType(keyType=StringType(), valueType=LongType())",
    "StructField('a', IntegerType())", "StructField('a', IntegerType(), metadata={'x': 1}).metadata",
    "StructField('a', IntegerType(), False, None).metadata", "StructField('a', IntegerType()).nullable",
    "StructField('a', IntegerType(), True, {'x': 1}) == StructField('a', IntegerType())", "StructField(1, IntegerType())",
    "StructField('a', 'int')", "StructField('a', IntegerType()).typeName()", "StructField('a', IntegerType()).simpleString()",
    "StructField.fromJson({'name': 'a', 'type': 'integer'})", "StructField.fromJson({'name': 'a', 'type': 'foo'})",
    "StructField.fromJson({'name': 'a', 'type': {'type': 'foo'}})", "StructType()", "StructType([])", "StructType(None).fields",
    "StructType().add('a', IntegerType())", "StructType().add('a', 'integer', False)", "StructType().add('a', 'int')",
    "StructType().add('a', 'decimal(10,2)').add('b', StringType(), True, {'m': 1}).json()", "StructType().add('a')",
    "StructType().add(StructField('x', DateType())).names", "StructType([1])", "StructType.fromDDL('a int')",
    "IntegerType.fromDDL('a int')", "DataType.fromDDL('decimal(5,1)')", "StructType([StructField('a', IntegerType())]) == 1",
    "StructType().add('a b', 'string').add('c`d', 'integer').add('1x', 'integer').toDDL()",
    "StructType([StructField('a', ArrayType(MapType(StringType(), StructType().add('x y', 'long', False)), False), False, {'comment': \"it's\"})]).toDDL()",
    "StructType([StructField('a', StringType('UNICODE')), StructField('b', ArrayType(StringType('UTF8_LCASE')))]).json()",
    "StructType.fromJson(json.loads(StructType([StructField('b', ArrayType(StringType('UTF8_LCASE')))]).json()))",
    "StructType().add('d', DayTimeIntervalType()).add('v', VarcharType(3)).add('n', NullType()).toDDL()",
    "StructType().add('a\\n', 'integer').treeString()",
    "DateType().toInternal(datetime.date(2020,1,1)), DateType().fromInternal(18262), DateType().toInternal(None)",
    "TimestampType().toInternal(datetime.datetime(2020,1,1,1,2,3,4)), TimestampType().fromInternal(1577840523000004)",
    "TimestampType().toInternal(datetime.datetime(2020,1,1,tzinfo=datetime.timezone(datetime.timedelta(hours=2))))",
    "TimestampNTZType().toInternal(datetime.datetime(2020,1,1,1,2,3,4)), TimestampNTZType().fromInternal(-1)",
    "DayTimeIntervalType().toInternal(datetime.timedelta(days=1, microseconds=3)), DayTimeIntervalType().fromInternal(-5)",
    "TimeType().toInternal(datetime.time(1,2,3,4)), TimeType().fromInternal(3723000004000)", "DayTimeIntervalType(9)",
    "ArrayType(DateType()).toInternal([datetime.date(1970,1,2), None]), ArrayType(DateType()).fromInternal([1, None])",
    "ArrayType(IntegerType()).toInternal([1]), ArrayType(DateType()).toInternal(None), ArrayType(DateType()).toInternal([])",
    "MapType(StringType(), DateType()).toInternal({'a': datetime.date(1970,1,2)})",
    "StructType().add('a','date').add('b','integer').toInternal((datetime.date(1970,1,2), 5))",
    "StructType().add('a','date').add('b','integer').toInternal({'b': 5})",
    "StructType().add('a','integer').add('b','integer').toInternal([1,2])", "StructType().add('a','integer').toInternal(5)",
    "StructType().add('a','date').toInternal(5)", "StructType().add('a','date').toInternal(None)",
    "StructType().add('a','date').fromInternal((1,))", "StructType().add('a','integer').fromInternal((1,))",
    "StructType().add('a','date').fromInternal(Row(a=1))", "sorted(types.__all__)", "ByteType().simpleString()",
    "StructType([StructField('a', IntegerType())]).add('b', 'string').fields is not None",
]

ROWS = [
    "Row(a=1, b='x')", "Row('a', 'b')", "Row('a', 'b')(1, 2)", "Row('a', 'b')(1)", "Row('a', 'b')(1, 2, 3)", "Row()",
    "Row(1, a=2)", "Row(a=1).a", "Row(a=1)['a']", "Row(a=1)[0]", "Row(a=1, b=2)[-1]", "Row(a=1, b=2)[0:1]", "Row(a=1).b",
    "Row(a=1)['b']", "Row(a=1)[5]", "Row(1, 2)['a']", "Row(1, 2).a", "Row(a=1).__foo__", "getattr(Row(a=1), 'b', 5)",
    "Row(a=1).__fields__", "Row(1).__fields__", "hasattr(Row(1), '__fields__')", "'a' in Row(a=1)", "1 in Row(a=1)",
    "1 in Row(1, 2)", "Row(a=1, b=2).asDict()", "Row(a=Row(b=1), c=[Row(d=2)], e={'k': Row(f=3)}).asDict()",
    "Row(a=Row(b=1), c=[Row(d=2)], e={'k': Row(f=3)}).asDict(True)", "Row(1).asDict()", "Row(a=1, b=2) == (1, 2)",
    "Row(a=1) == Row(b=1)", "Row(a=1) == Row(a=1)", "Row(a=1) != Row(a=2)", "Row(a=1) < Row(a=2)", "hash(Row(a=1)) == hash((1,))",
    "len(Row(a=1, b=2))", "list(Row(a=1, b=2))", "tuple(Row(a=1, b=2))", "dict(zip(Row(a=1).__fields__, Row(a=1)))",
    "pickle.loads(pickle.dumps(Row(a=1, b=[Row(c=2)])))", "pickle.loads(pickle.dumps(Row(1, 2)))", "copy.copy(Row(a=1))",
    "copy.deepcopy(Row(a=[1]))", "Row(count=1, index=2).count(1)", "Row(count=1)['count']", "callable(Row(count=1).count)",
    "Row(**{'a b': 1})", "Row(**{'a b': 1})['a b']", "getattr(Row(**{'a b': 1}), 'a b')", "isinstance(Row(a=1), tuple)",
    "type(Row(a=1)).__name__", "setattr(Row(a=1), 'a', 2)", "setattr(Row(a=1), 'z', 2)", "Row(a=1) + (2,)", "Row(a=None, b=1.5)",
    "Row(a='it\\'s')", "Row('x')('y').x", "Row('a', 'b')(a=1, b=2)", "sorted([Row(a=2), Row(a=1)])", "str(Row(a=1))",
    "Row(a=1, b=2)[True]", "Row(asDict=1).asDict()", "Row('a','a')(1,2).a", "Row(a=1).count(1), Row(a=1, b=1).index(1)",
    "[x for x in Row(a=1, b=2)]", "(lambda a, b: (b, a))(*Row(a=1, b=2))", "Row(a=1)[None]", "Row(a=1)[1.0]",
]

MISUSE = [
    "bool(col('a'))", "bool(col('a') > 1)", "1 < col('a') < 3", "not col('a')", "'x' in col('t')", "[x for x in col('a')]",
    "list(col('a'))", "hash(col('a'))", "col('a').__foo__", "col('t').substr(1, lit(2))", "col('t').substr('a', 'b')",
    "col('t')[1:2:3]", "col('a').cast(1)", "col('a').cast(None)", "col('a').cast('foo')", "col('a').cast('a int')",
    "col('a').try_cast(1)", "when(1, 2)", "when('a', 2)", "when(col('a') > 1, 1).when('x', 2)", "upper(1)", "upper()",
    "upper(col('t'), 1)", "upper(None)", "concat_ws('-', ['t', 'u'])", "coalesce(['a'])", "greatest('a')", "least()",
    "lit([col('a')])", "sha2('t', 7)", "col('a').alias('p', 'q', metadata={})", "col('a').when(col('a') > 1, 1)",
    "when(col('a') > 1, 1).otherwise(2).otherwise(3)", "when(col('a') > 1, 1).otherwise(2).when(col('a') > 1, 3)",
    "col('a').over(1)", "struct(1)", "array(1)", "count(1)", "sum(None)", "asc(1)", "isnull(1)", "window('i', None)",
    "col('a').isin(col('l')) is None", "isinstance(col('a'), Column)", "col('a').alias()", "functions.nonsense",
    "col('a').alias('x', foo=1)", "date_add('h', 1.5)", "expr('a').alias('b') is None", "copy.copy(col('a'))",
    "col('')", "col('a.')", "col('.a')", "col('a..b')", "col('`a')", "col('a`b`')", "col('`a`b')", "col('``')",
    "col('a').cast('decimal(39,1)')", "col('a').cast('char')", "col('a').cast('array<foo>')", "col('a').cast('')",
    "col('a').like(1)", "lit({'a': 1}) is None or True", "pow('a', 'b')", "type(col('a')).__name__", "col('a').name is None",
    "PySparkTypeError('m').getCondition()", "str(PySparkTypeError('m'))", "str(PySparkValueError('m', 'MY_CONDITION'))",
    "PySparkTypeError(errorClass='NOT_EXPECTED_TYPE', messageParameters={'arg_name':'a','expected_type':'b','arg_type':'c'}).getCondition()",
    "PySparkTypeError(errorClass='NOT_EXPECTED_TYPE', messageParameters={'arg_name':'a','expected_type':'b','arg_type':'c'}).getMessageParameters()",
    "PySparkTypeError(errorClass='NOT_EXPECTED_TYPE', messageParameters={'arg_name':'a','expected_type':'b','arg_type':'c'}).getSqlState()",
    "PySparkValueError('m').getMessage(), PySparkValueError('m').getSqlState(), PySparkValueError('m').getMessageParameters(), PySparkValueError('m').getQueryContext()",
    "PySparkKeyError('m').args, str(PySparkKeyError('m'))", "PySparkException.__mro__[1].__name__", "sorted(errors.__all__)",
    *(
        f"[c.__name__ for c in errors.{name}.__mro__ if c.__module__.split('.')[0] in ('pyspark', 'holdfast', 'builtins', '_pickle')]"
        for name in (
            "AnalysisException", "ParseException", "TempTableAlreadyExistsException", "IllegalArgumentException",
            "NumberFormatException", "StreamingQueryException", "PythonException", "SparkRuntimeException",
            "PySparkTypeError", "PySparkKeyError", "PySparkAssertionError", "PySparkPicklingError", "PySparkImportError",
        )
    ),
    "PySparkAssertionError('m', data=[1]).data", "errors.QueryContextType.SQL.value, errors.QueryContextType.DataFrame.value",
]
