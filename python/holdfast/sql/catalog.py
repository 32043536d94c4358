# SPDX-License-Identifier: Apache-2.0
"""Tables by name: temporary views, memory sinks, and Delta tables below spark.sql.warehouse.dir.

A table `a.b.c` is the folder `a/b/c` of the warehouse, `c` alone `default/c`; so tables outlive the process.
"""

import os
import shutil
from typing import Any, List, NamedTuple, Optional

from holdfast import _engine
from holdfast.errors import AnalysisException
from holdfast.notebook.paths import to_local
from holdfast.sql.plan import Lazily
from holdfast.sql.sql_text import name_parts

__all__ = ["Catalog", "Database", "Table"]


class Table(NamedTuple):
    name: str
    catalog: Optional[str]
    namespace: Optional[List[str]]
    description: Optional[str]
    tableType: str
    isTemporary: bool


class Database(NamedTuple):
    name: str
    catalog: Optional[str]
    description: Optional[str]
    locationUri: str


class Catalog:
    """spark.catalog."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def _warehouse(self) -> str:
        return to_local(self._session.conf.get("spark.sql.warehouse.dir"), for_write=True)

    def _location(self, name: str) -> str:
        """Where the table of this name lies, or would."""
        parts = name_parts(name)
        if not 1 <= len(parts) <= 3 or any(part in ("", ".", "..") or "/" in part for part in parts):
            raise AnalysisException(
                f"{name!r} is no name of a table: it has one to three parts.", errorClass="PARSE_SYNTAX_ERROR"
            )
        if len(parts) == 2 and parts[0].lower() == "delta":
            return parts[1]
        current = self._session.conf.get("holdfast.currentDatabase", "default").split(".")
        parts = current + parts if len(parts) == 1 else parts
        return os.path.join(self._warehouse(), *parts)

    def _existing_location(self, name: str) -> str:
        location = self._location(name)
        if not os.path.isdir(os.path.join(to_local(location), "_delta_log")):
            raise AnalysisException(
                f"The table or view `{name}` cannot be found: there is no temporary view of this name and no Delta "
                f"table in {location}.",
                errorClass="TABLE_OR_VIEW_NOT_FOUND",
            )
        return location

    def _frame_of(self, name: str) -> Any:
        view = self._session._views.get(name.lower().strip("`"))
        if view is not None:
            return view
        if _engine.has_memory_table(name):
            zone = self._session._zone
            return self._session._frame(Lazily(lambda: _engine.memory_table(name), zone))
        return self._session.read.format("delta").load(self._existing_location(name))

    def tableExists(self, tableName: str, dbName: Optional[str] = None) -> bool:
        name = tableName if dbName is None else f"{dbName}.{tableName}"
        try:
            self._frame_of(name)
            return True
        except AnalysisException:
            return False

    def listTables(self, dbName: Optional[str] = None, pattern: Optional[str] = None) -> List[Table]:
        database = dbName or self.currentDatabase()
        folder = os.path.join(self._warehouse(), *database.split("."))
        found = [
            Table(name, "spark_catalog", [database], None, "MANAGED", False)
            for name in (sorted(os.listdir(folder)) if os.path.isdir(folder) else [])
            if os.path.isdir(os.path.join(folder, name, "_delta_log"))
        ]
        views = [Table(name, None, [], None, "TEMPORARY", True) for name in sorted(self._session._views)]
        return found + views

    def listDatabases(self, pattern: Optional[str] = None) -> List[Database]:
        root = self._warehouse()
        names = sorted(os.listdir(root)) if os.path.isdir(root) else []
        return [Database(name, "spark_catalog", None, os.path.join(root, name)) for name in names]

    def currentDatabase(self) -> str:
        return self._session.conf.get("holdfast.currentDatabase", "default")

    def currentCatalog(self) -> str:
        return "spark_catalog"

    def setCurrentDatabase(self, dbName: str) -> None:
        self._session.conf.set("holdfast.currentDatabase", dbName)

    def databaseExists(self, dbName: str) -> bool:
        return dbName == "default" or os.path.isdir(os.path.join(self._warehouse(), *dbName.split(".")))

    def dropTempView(self, viewName: str) -> bool:
        return self._session._views.pop(viewName.lower(), None) is not None

    def _drop_table(self, name: str, if_exists: bool) -> None:
        try:
            shutil.rmtree(to_local(self._existing_location(name)))
        except AnalysisException:
            if not if_exists:
                raise

    def refreshTable(self, tableName: str) -> None:
        """Nothing: tables are read anew each time."""

    def clearCache(self) -> None:
        """Nothing: nothing is cached."""

    def cacheTable(self, tableName: str, storageLevel: Any = None) -> None:
        """Nothing: nothing is cached."""
