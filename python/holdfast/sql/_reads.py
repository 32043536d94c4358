# SPDX-License-Identifier: Apache-2.0
"""Reading through DuckDB, until the engine reads."""
import os

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
    return session.query(f"SELECT * FROM read_{name}('{pattern}')")


def schema_of_rows(name, local, options, schema_json, conf):
    return schema_json or _engine.rows(read_rows(name, local, options, schema_json, conf)).schema_json
