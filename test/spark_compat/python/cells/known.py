# SPDX-License-Identifier: Apache-2.0
"""Where Holdfast is meant to differ from PySpark, or does not do as PySpark yet. Every entry has a reason; those
that begin with "not yet" are for mending, and the test tells when an entry covers nothing any more."""

from cells.compare import Known

REFUSED = r"^IllegalArgumentException|^PySpark\w*Error|^\w*Error "
NOTHING = r"^done; \(None,\)$"

INPUT = [
    Known(
        "Holdfast keeps column names as they are in the frames of a query whose keys have odd names",
        "input",
        "odd names as key",
    ),
    Known(
        "far timestamps: both fail, Holdfast's traceback has no error of pyarrow in it",
        "input",
        "^pandas timestamp",
        "^failed . user's$",
    ),
]

KEYS = [
    Known(
        "of a timestamp key in the pandas API, PySpark keeps the wall clock of the session's zone as if it were the "
        "process's; Holdfast keeps the instant",
        "keys|zone",
        r"^pandas (timestamp|composite) (session UTC|America/New_York)$",
        r"timer \| key$",
    ),
    Known(
        "PySpark takes all rows of an Arrow batch with a null in an integer key for the "
        "null key; Holdfast keeps the keys apart",
        "keys",
        r"^pandas (tinyint|smallint|int|bigint) .*with null|^pandas composite (with null|initial state)",
    ),
    Known(
        "PySpark calls once for each row with a NaN key, since NaN is not equal to itself; Holdfast once for the key",
        "keys",
        r"^(pandas|row) (float|double)",
    ),
    Known(
        "PySpark fails where a timestamp key is null in the pandas API; Holdfast gives None",
        "keys|zone",
        r"^pandas timestamp.* with null",
    ),
    Known("PySpark cannot have an array within a key; Holdfast can, but for null elements with avro", "keys", "array<"),
    Known(
        "the order of the rows of one key is not promised by Spark, which sorts them by key alone",
        "keys",
        place=r"input \| (columns \| seq|row)$",
    ),
]

VALUE = r"^done; (?!\(None,\)$)"

STATE = [
    Known(
        "Spark's avro encoder has no byte and no short; Holdfast keeps them as ints", "state", r"^(tinyint|smallint)$"
    ),
    Known(
        "PySpark stores null for a value of another type without a word; Holdfast refuses it",
        "state|handle|zone",
        spark=NOTHING,
        holdfast=REFUSED,
    ),
    Known(
        "PySpark stores null for a number of another type; Holdfast stores the number",
        "state",
        r"float|double|decimal|pandas",
        spark=NOTHING,
        holdfast=VALUE,
    ),
    Known(
        "PySpark wraps an integer that does not fit; Holdfast refuses it",
        "state",
        "int",
        spark=r"^done; \(\[?-?\d+\]?,\)$",
        holdfast=REFUSED,
    ),
    Known("both refuse the value, with other classes", "state|handle|zone", spark=REFUSED, holdfast=REFUSED),
    Known(
        "PySpark refuses NaT, NA and empty arrays here, or makes a struct of nulls of "
        "them; Holdfast stores null, or an empty array",
        "state|zone",
        place=r"pd\.NaT|pd\.NA|np\.array\(\[\]",
    ),
    Known("PySpark cannot read back the year 1; Holdfast can", "state|zone", place=r"datetime\(1, 1, 1\)"),
    Known(
        "both refuse the value; the query of Spark's ends as well",
        "state|handle|zone",
        place="^fatal",
        spark=REFUSED,
        holdfast=r"^lives: (done; )*(IllegalArg|PySpark|\w*Error )",
    ),
    Known(
        "PySpark ends the query for a value that its JVM cannot unpickle; Holdfast takes it",
        "state|handle|zone",
        place="^fatal",
        spark=REFUSED,
        holdfast=r"^lives: done",
    ),
    Known(
        "both end the query, Holdfast when the batch is written",
        "state|handle|zone",
        place="^fatal",
        holdfast="^the query fails$",
    ),
    Known(
        "not yet: a Decimal of more digits is rounded half up to the scale of its type",
        "state",
        "decimal",
        spark=VALUE,
        holdfast=REFUSED,
    ),
    Known(
        "not yet: bytes are taken for text, and text for bytes, booleans and numbers for "
        "text as Java prints them; Holdfast refuses what is no str or bytes",
        "state",
        "string|binary|array<int>|float|double|pandas",
        spark=VALUE,
        holdfast=REFUSED,
    ),
    Known(
        "the order of entries of a map is that of a hash table in Java",
        "state",
        "^map<string,int>",
        place="'b': 1, 'a': 2",
    ),
    Known(
        "a struct from a Row in other order goes by position in PySpark, and each field "
        "is converted or null; Holdfast refuses fields of another type",
        "state",
        "struct<",
        spark=VALUE,
        holdfast=REFUSED,
    ),
]

HANDLE = [
    Known("the classes of iterators are not public", "handle", place="^(nothing yet|iterate)", spark="<iterator "),
    Known(
        "PySpark takes the keys of a dict for a whole value; Holdfast its values by name",
        "handle",
        place=r"\bdict \| batch",
    ),
    Known(
        "PySpark converts the fields of a whole value to text, or to null; Holdfast refuses those of another type",
        "handle",
        spark="^done; ",
        holdfast=r"PySparkRuntimeError",
    ),
    Known("PySpark registers a timer at 0 for None; Holdfast refuses it", "handle", "^timers", place="^None "),
    Known(
        "listing timers without a time mode ends the query in PySpark; Holdfast refuses it",
        "handle",
        place="^fatal list timers",
    ),
    Known(
        "the text of PySpark's failure leaves out an error of init, where its process crashed",
        "handle|life",
        r"^init: |init raises|close raises",
        place="^failed . user's$",
    ),
    Known(
        "Holdfast calls close after a failure as well",
        "handle|life",
        r"^init: |raise",
        place=r"\d close . call$",
        spark="^nothing$",
    ),
    Known(
        "not yet: what is wrong with a state variable's schema is told as "
        "IllegalArgumentException when the query is started, not by the query",
        "handle",
        r"^init: (schema not nullable|schema duplicate|schema odd|tinyint$)",
    ),
    Known(
        "not yet: a state schema may not be struct<>, have colons, or be empty",
        "handle",
        r"^init: (schema as struct<>|schema with colons|schema empty|map key empty)$",
    ),
    Known(
        "Holdfast refuses in the first init what PySpark refuses in the worker's init or after it",
        "handle",
        r"^init: (name empty|name with a dollar|ttl negative|ttl without a time "
        r"mode|interval|day interval|list get|map iterator|list timers)",
    ),
]

LIFE = [
    Known("Holdfast runs user code in the process of the query", "life", "order of calls", place=r"here$"),
    Known("the classes of iterators are not public", "life", "what rows is$", place=r"kind$"),
    Known(
        "rows kept beyond their call are lost in PySpark and still there in Holdfast",
        "life",
        "rows kept for the next key",
    ),
    Known(
        "PySpark tells the crash of its driver's worker, Holdfast what was wrong",
        "life",
        r"state of another key's time|state in close|timers in close|row: None$|the class instead of an object",
        place="^failed",
    ),
    Known(
        "Holdfast's class of this error derives from Spark's",
        "life",
        r"not picklable|a generator$",
        place="^failed . raised",
        holdfast="PySparkPicklingError",
    ),
    Known(
        "Holdfast names the function that gave None, with PySparkValueError",
        "life",
        "handleExpiredTimer gives None",
        place="^failed . user's$",
    ),
    Known("an unknown time mode is told without a condition", "life", "time mode unknown", place="^failed"),
    Known("Holdfast asks for a watermark where the time mode is EventTime", "life", "EventTime without a watermark"),
    Known(
        "PySpark fails within Py4J; Holdfast says what an output schema is",
        "life",
        "output schema as a type",
        place="^failed",
    ),
]

OUTPUT = [
    Known("both refuse it, with other classes", "output", place=r"\| failed$", spark=r"^[\[{]", holdfast=r"^[\[{]"),
    Known(
        "not yet: a nullable column of pandas is taken for another type where its values fit",
        "output",
        "^pandas",
        r"dtype='(boolean|Float64|Int64)'",
    ),
    Known(
        "PySpark fills up a Row of too few values, and takes any object that has asDict; Holdfast takes whole Rows",
        "output",
        "^row rows$",
        r"^(row class with too few|object with asDict) ",
    ),
    Known(
        "the order of entries of a map is that of a hash table in Java",
        "output",
        "^row map<string,int>",
        r"^\{'b': 1, 'a': 2\} ",
    ),
    Known("Holdfast does not look at the columns of a frame without rows", "output", "^pandas", r"^pd\.Series\(\[\]"),
    Known("PySpark cannot read back the year 1; Holdfast can", "output", "timestamp", r"^\S*datetime\(1, 1, 1\)"),
    Known("a null in a NOT NULL column is refused by Holdfast", "output", "not null$", "^(null|nan|missing) "),
    Known(
        "of a field that is there twice PySpark takes the last one, Holdfast the first",
        "output",
        "^row rows$",
        "^duplicate field ",
    ),
]

KNOWN = [*INPUT, *KEYS, *STATE, *HANDLE, *LIFE, *OUTPUT]

# More of them with pandas 3.
KNOWN_PANDAS_3 = [
    Known(
        "the null key of texts is nan in PySpark, which then keeps its state under the text 'NaN'; Holdfast under null",
        "keys",
        "^pandas string .*with null",
        r"timer \| key$",
    ),
]
