#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes ../unsafe_row/vectors.jsonl. First argument: the jars of PySpark 4.3.0 (.../site-packages/pyspark/jars).
# Needs a JDK 17.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
opens=
for package in java.lang java.lang.invoke java.nio java.util sun.nio.ch; do
  opens="$opens --add-opens=java.base/$package=ALL-UNNAMED"
done
python3 "$here/make_cases.py" > "$here/cases.tmp"
# shellcheck disable=SC2086
java $opens -Xmx1g -cp "$1/*" "$here/Vectors.java" < "$here/cases.tmp" > "$here/../unsafe_row/vectors.jsonl"
rm "$here/cases.tmp"
