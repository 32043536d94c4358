# SPDX-License-Identifier: Apache-2.0
"""Tables by name: temporary views, memory sinks, and Delta tables and stored views below spark.sql.warehouse.dir.

A table `a.b.c` is the folder `a/b/c` of the warehouse, `b.c` in the catalog that Spark begins with `b/c`, `c` alone
`default/c`; so tables outlive the process.
"""

import os
import shutil
from typing import Any, List, NamedTuple, Optional, Tuple

from holdfast import _engine
from holdfast.errors import AnalysisException, not_offered, refusing
from holdfast.paths import to_local
from holdfast.sql.plan import Lazily
from holdfast.sql.sql_text import name_parts
from holdfast.sql.stored_view import VIEW_FILE, stored_view

__all__ = ["Catalog", "Database", "Table"]

# What Spark begins with.
_FIRST_CATALOG, _FIRST_DATABASE = "spark_catalog", "default"


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


class Place(NamedTuple):
    """Where names with one and two parts are looked for, and the folders of the stored views that are being read."""

    catalog: str
    database: str
    views: Tuple[str, ...] = ()


class Catalog:
    """spark.catalog."""

    def __init__(self, session: Any) -> None:
        self._session = session

    __getattr__ = refusing(
        "Catalog",
        """analyzeTable createDatabase createExternalTable createTable dropDatabase dropGlobalTempView dropTable
        dropView functionExists getCreateTableString getDatabase getFunction getTable getTableProperties isCached
        listCatalogs listColumns listFunctions listPartitions listViews recoverPartitions refreshByPath
        registerFunction truncateTable uncacheTable""",
    )

    def _warehouse(self) -> str:
        return to_local(self._session.conf.get("spark.sql.warehouse.dir"), for_write=True)

    def _here(self) -> Place:
        return Place(self.currentCatalog(), self.currentDatabase())

    def _location(self, name: str, place: Optional[Place] = None) -> str:
        """Where the table of this name lies, or would."""
        parts = name_parts(name)
        if len(parts) == 2 and parts[0].lower() == "delta":
            return parts[1]
        if not 1 <= len(parts) <= 3 or any(part in ("", ".", "..") or "/" in part for part in parts):
            raise AnalysisException(
                f"{name!r} is no name of a table: it has one to three parts.", errorClass="PARSE_SYNTAX_ERROR"
            )
        catalog, database, _ = place or self._here()
        if len(parts) == 1:
            parts = [database, *parts]
        if len(parts) == 2:
            parts = [catalog, *parts]
        return os.path.join(self._warehouse(), *(parts[1:] if parts[0] == _FIRST_CATALOG else parts))

    def _local_location(self, name: str, place: Optional[Place] = None) -> str:
        return to_local(self._location(name, place))

    def _folder(self, database: str) -> str:
        """Where the tables of a database lie."""
        return os.path.dirname(self._location(f"{database}.any"))

    def _existing_location(self, name: str, place: Optional[Place] = None) -> str:
        location = self._location(name, place)
        if not os.path.isdir(os.path.join(to_local(location), "_delta_log")):
            raise AnalysisException(
                f"The table or view `{name}` cannot be found: there is no temporary view of this name and no Delta "
                f"table in {location}.",
                errorClass="TABLE_OR_VIEW_NOT_FOUND",
            )
        return location

    def _frame_of(self, name: str, place: Optional[Place] = None) -> Any:
        """What the name means; `place` where names with few parts are not looked for in the current database."""
        view = self._session._views.get(name.lower().strip("`"))
        if view is not None:
            return view
        if _engine.has_memory_table(name):
            zone = self._session._zone
            return self._session._frame(Lazily(lambda: _engine.memory_table(name), zone))
        folder = self._local_location(name, place)
        if os.path.isfile(os.path.join(folder, VIEW_FILE)):
            return stored_view(self._session, folder, place or self._here())
        return self._session.read.format("delta").load(self._existing_location(name, place))

    def tableExists(self, tableName: str, dbName: Optional[str] = None) -> bool:
        name = tableName if dbName is None else f"{dbName}.{tableName}"
        try:
            self._frame_of(name)
            return True
        except AnalysisException:
            return False

    def listTables(self, dbName: Optional[str] = None, pattern: Optional[str] = None) -> List[Table]:
        if pattern is not None:
            raise not_offered("Catalog.listTables with a pattern")
        database = dbName or self.currentDatabase()
        folder = to_local(self._folder(database))
        parts = [*([self.currentCatalog()] if "." not in database else []), *name_parts(database)]
        found = []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            for kind, content in (("MANAGED", "_delta_log"), ("VIEW", VIEW_FILE)):
                if os.path.exists(os.path.join(folder, name, content)):
                    found.append(Table(name, parts[0], parts[1:], None, kind, False))
        views = [Table(name, None, [], None, "TEMPORARY", True) for name in sorted(self._session._views)]
        return found + views

    def listDatabases(self, pattern: Optional[str] = None) -> List[Database]:
        root = self._warehouse()
        names = sorted(os.listdir(root)) if os.path.isdir(root) else []
        return [Database(name, "spark_catalog", None, os.path.join(root, name)) for name in names]

    def currentDatabase(self) -> str:
        return self._session.conf.get("holdfast.currentDatabase", _FIRST_DATABASE)

    def currentCatalog(self) -> str:
        return self._session.conf.get("holdfast.currentCatalog", _FIRST_CATALOG)

    def setCurrentCatalog(self, catalogName: str) -> None:
        """The catalog of names with one and two parts."""
        self._session.conf.set("holdfast.currentCatalog", catalogName)
        self._session.conf.set("holdfast.currentDatabase", _FIRST_DATABASE)

    def setCurrentDatabase(self, dbName: str) -> None:
        """The database of names with one part."""
        *catalog, database = name_parts(dbName)
        if catalog:
            self.setCurrentCatalog(catalog[0])
        self._session.conf.set("holdfast.currentDatabase", database)

    def databaseExists(self, dbName: str) -> bool:
        return dbName == _FIRST_DATABASE or os.path.isdir(to_local(self._folder(dbName)))

    def dropTempView(self, viewName: str) -> bool:
        return self._session._views.pop(viewName.lower(), None) is not None

    def _drop_table(self, name: str, if_exists: bool) -> None:
        if len(name_parts(name)) == 2 and name_parts(name)[0].lower() == "delta":
            raise not_offered(f"DROP TABLE {name}", "It names a folder and no table: remove the folder.")
        try:
            shutil.rmtree(to_local(self._existing_location(name)))
        except AnalysisException:
            if not if_exists:
                raise

    def _drop_view(self, name: str, if_exists: bool) -> None:
        if self.dropTempView(name.strip("`")):
            return
        folder = self._local_location(name)
        if os.path.isfile(os.path.join(folder, VIEW_FILE)):
            shutil.rmtree(folder)
        elif not if_exists:
            raise AnalysisException(
                f"The view `{name}` cannot be found: there is no temporary view of this name, and no view in {folder}.",
                errorClass="TABLE_OR_VIEW_NOT_FOUND",
            )

    def refreshTable(self, tableName: str) -> None:
        """Nothing: tables are read anew each time."""

    def clearCache(self) -> None:
        """Nothing: nothing is cached."""

    def cacheTable(self, tableName: str, storageLevel: Any = None) -> None:
        """Nothing: nothing is cached."""
