# SPDX-License-Identifier: Apache-2.0
"""Reading through DuckDB, until the engine reads."""
import os

import pyarrow as pa

from holdfast import _engine


def read_rows(name, local, options, schema_json, conf):
    session = _engine.Sql()
    if name == "delta":
        if not os.path.isdir(os.path.join(local, "_delta_log")):
            from holdfast.errors import AnalysisException

            raise AnalysisException(f"Path does not exist or is no Delta table: {local}.", errorClass="PATH_NOT_FOUND")
        session.create_table_from_delta("t", local)
        return session.query("SELECT * FROM t")
    pattern = os.path.join(local, f"*.{name}") if os.path.isdir(local) else local
    replaced = _instants(session, pattern) if name == "parquet" else ""
    return session.query(f"SELECT *{replaced} FROM read_{name}('{pattern}')")


def _instants(session, pattern):
    """Spark writes instants as INT96 unless told otherwise, which DuckDB takes for timestamps without a zone."""
    top = f"SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet('{pattern}'))"
    old = f"SELECT DISTINCT name FROM parquet_schema('{pattern}') WHERE type = 'INT96' AND name IN ({top})"
    found = session.query(old)
    names = [f'"{row["name"]}"' for row in pa.table(found).to_pylist()]
    together = ", ".join(f"timezone('UTC', {name}) AS {name}" for name in names)
    return f" REPLACE ({together})" if names else ""


def schema_of_rows(name, local, options, schema_json, conf):
    return schema_json or _engine.rows(read_rows(name, local, options, schema_json, conf)).schema_json
