# SPDX-License-Identifier: Apache-2.0
"""Where Holdfast is meant to differ from PySpark, or does not do as PySpark yet. Every entry has a reason; those that begin
with "not yet" are for mending, and the test tells when an entry covers nothing any more."""

from cells.compare import Known

REFUSED = r"^IllegalArgumentException|^PySpark\w*Error|^\w*Error "
NOTHING = r"^done; \(None,\)$"

INPUT = [
    Known("Holdfast keeps column names as they are in the frames of a query whose keys have odd names", "input", "odd names as key"),
    Known("far timestamps: both fail, Holdfast's traceback has no error of pyarrow in it", "input", "^pandas timestamp", "^failed . user's$"),
]

KEYS = [
    Known("not yet: in handleExpiredTimer the key is a Row", "keys|life|zone", place=r"timer \| key$", spark=r"^Row\("),
    Known("PySpark takes all rows of an Arrow batch with a null in an integer key for the null key; Holdfast keeps the keys apart",
          "keys", r"^pandas (tinyint|smallint|int|bigint) .*with null|^pandas composite (with null|initial state)"),
    Known("PySpark calls once for each row with a NaN key, since NaN is not equal to itself; Holdfast once for the key",
          "keys", r"^(pandas|row) (float|double)"),
    Known("PySpark fails where a timestamp key is null in the pandas API; Holdfast gives None", "keys|zone", r"^pandas timestamp.* with null"),
    Known("PySpark cannot have an array within a key; Holdfast can, but for null elements with avro", "keys", "array<"),
    Known("the order of the rows of one key is not promised by Spark, which sorts them by key alone", "keys", place=r"input \| (columns \| seq|row)$"),
]

STATE = [
    Known("PySpark stores null for a value of another type without a word; Holdfast refuses it", "state|handle|zone", spark=NOTHING, holdfast=REFUSED),
    Known("PySpark wraps an integer that does not fit; Holdfast refuses it", "state", spark=r"^done; \(\[?-?\d+\]?,\)$", holdfast="OUT_OF_RANGE"),
    Known("both refuse the value, with other classes", "state|handle|zone", spark=REFUSED, holdfast=REFUSED),
    Known("both refuse the value; the query of Spark's ends as well", "state|handle|zone", place="^fatal", spark=REFUSED, holdfast=r"^lives: (IllegalArg|\w*Error)"),
    Known("PySpark ends the query for a value that its JVM cannot unpickle; Holdfast takes it", "state|handle|zone", place="^fatal", spark=REFUSED,
          holdfast=r"^lives: done"),
    Known("both end the query, Holdfast when the batch is written", "state|handle|zone", place="^fatal", holdfast="^the query fails$"),
]

KNOWN = [*INPUT, *KEYS, *STATE]
