# SPDX-License-Identifier: Apache-2.0
"""DeltaTable: a Delta table to read, and to merge rows into.

A merge reads the table, lets DuckDB merge the rows, and writes the whole table as one commit.
"""

import os
from typing import Any, Dict, List, Optional

from holdfast import _engine
from holdfast.delta.exceptions import ConcurrentAppendException
from holdfast.errors import AnalysisException, PySparkValueError, UnsupportedOperationException, not_offered, refusing
from holdfast.paths import to_local
from holdfast.sql import duck
from holdfast.sql.column import Column, condition as text_of
from holdfast.sql.plan import LocalRows
from holdfast.sql.sql_query import duck_text

__all__ = ["DeltaTable", "DeltaMergeBuilder"]

_refused = refusing(
    "DeltaTable",
    """addFeatureSupport clone convertToDelta create createIfNotExists createOrReplace delete detail generate history
    optimize replace restoreToTimestamp restoreToVersion update upgradeTableProtocol vacuum""",
)


class _Class(type):
    """Names of delta-spark's DeltaTable that are lacking, on the class itself."""

    __getattr__ = _refused


class DeltaTable(metaclass=_Class):
    """Made by forName and forPath."""

    def __init__(self, session: Any, location: str, alias: str = "") -> None:
        self._session = session
        self._location = location
        self._alias = alias

    @classmethod
    def forName(cls, sparkSession: Any, tableOrViewName: str) -> "DeltaTable":
        return cls(sparkSession, sparkSession.catalog._existing_location(tableOrViewName))

    @classmethod
    def forPath(cls, sparkSession: Any, path: str, hadoopConf: Any = None) -> "DeltaTable":
        if not cls.isDeltaTable(sparkSession, path):
            raise AnalysisException(f"`{path}` is not a Delta table.", errorClass="DELTA_MISSING_DELTA_TABLE")
        return cls(sparkSession, path)

    @staticmethod
    def isDeltaTable(sparkSession: Any, identifier: str) -> bool:
        return os.path.isdir(os.path.join(to_local(identifier), "_delta_log"))

    def toDF(self) -> Any:
        """The rows of the table as it is now."""
        return self._session.read.format("delta").load(self._location)

    def alias(self, aliasName: str) -> "DeltaTable":
        """The same table by the name that conditions of a merge use."""
        return DeltaTable(self._session, self._location, aliasName)

    def merge(self, source: Any, condition: Any) -> "DeltaMergeBuilder":
        """Begins a merge of the rows of a batch DataFrame; a row of it matches where the condition is true."""
        return DeltaMergeBuilder(self, source, _text(condition))

    __getattr__ = _refused


class DeltaMergeBuilder:
    """Collects what a merge does. Nothing is done before execute()."""

    def __init__(self, table: DeltaTable, source: Any, on: str) -> None:
        self._table = table
        self._source = source
        self._on = on
        self._target_alias = table._alias or "__target"
        self._source_alias = source._alias or "__source"
        self._columns: List[str] = table.toDF().columns
        self._clauses: List[str] = []
        self._matches = False

    def whenMatchedUpdateAll(self, condition: Any = None) -> "DeltaMergeBuilder":
        """Every column gets the source's value of the same name."""
        return self._matched(condition, f"UPDATE SET {_assignments(self._of_source())}")

    def whenMatchedUpdate(self, condition: Any = None, set: Optional[Dict[str, Any]] = None) -> "DeltaMergeBuilder":
        if not set:
            raise PySparkValueError("whenMatchedUpdate needs the columns to set: set={name: expression}.")
        return self._matched(condition, f"UPDATE SET {_assignments(self._texts(set))}")

    def whenMatchedDelete(self, condition: Any = None) -> "DeltaMergeBuilder":
        return self._matched(condition, "DELETE")

    def whenNotMatchedInsertAll(self, condition: Any = None) -> "DeltaMergeBuilder":
        return self._insert(condition, self._of_source())

    def whenNotMatchedInsert(
        self, condition: Any = None, values: Optional[Dict[str, Any]] = None
    ) -> "DeltaMergeBuilder":
        if not values:
            raise PySparkValueError("whenNotMatchedInsert needs the columns to insert: values={name: expression}.")
        return self._insert(condition, self._texts(values))

    def whenNotMatchedBySourceDelete(self, condition: Any = None) -> "DeltaMergeBuilder":
        """Removes rows of the table that no row of the source matches."""
        return self._clause("NOT MATCHED BY SOURCE", condition, "DELETE")

    def whenNotMatchedBySourceUpdate(
        self, condition: Any = None, set: Optional[Dict[str, Any]] = None
    ) -> "DeltaMergeBuilder":
        if not set:
            raise PySparkValueError("whenNotMatchedBySourceUpdate needs the columns to set: set={name: expression}.")
        return self._clause("NOT MATCHED BY SOURCE", condition, f"UPDATE SET {_assignments(self._texts(set))}")

    def withSchemaEvolution(self) -> "DeltaMergeBuilder":
        raise not_offered("DeltaMergeBuilder.withSchemaEvolution", "Write the table with its new columns first.")

    def execute(self) -> None:
        """Merges, and writes the table."""
        if not self._clauses:
            raise PySparkValueError("A merge needs at least one when...() before execute().")
        session, location = self._table._session, self._table._location
        begun = _newest_version(location)
        target = self._table.toDF()
        engine = _engine.Sql()
        engine.query(f"SET TimeZone = '{duck.duck_zone(session._zone)}'")
        engine.create_table("merge_target", target._plan.rows())
        engine.create_table("merge_source", self._source._batch("merge").rows())
        into = f"merge_target AS {duck.quoted(self._target_alias)}"
        using = f"merge_source AS {duck.quoted(self._source_alias)}"
        if self._matches:
            self._refuse_doubles(engine, into, using)
        engine.query(f"MERGE INTO {into} USING {using} ON {self._on} {' '.join(self._clauses)}")
        merged = LocalRows(engine.query("SELECT * FROM merge_target"), session._zone, target.schema)
        if _newest_version(location) != begun:
            raise ConcurrentAppendException(
                f"The table {location} got version {_newest_version(location)} from another writer while a merge that "
                f"had read version {begun} was at work, and the merge was given up: merge again.",
                errorClass="DELTA_CONCURRENT_APPEND",
            )
        session._frame(merged).write.format("delta").mode("overwrite").save(location)

    def _refuse_doubles(self, engine: Any, into: str, using: str) -> None:
        row = f"{duck.quoted(self._target_alias)}.rowid"
        doubles = engine.query(
            f"SELECT {row} FROM {into} JOIN {using} ON {self._on} GROUP BY {row} HAVING count(*) > 1 LIMIT 1"
        )
        if len(_engine.rows(doubles)) > 0:
            raise UnsupportedOperationException(
                f"A row of the table {self._table._location} is matched by several rows of the source of a merge; make "
                "the source's rows unique first.",
                errorClass="DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
            )

    def _of_source(self) -> Dict[str, str]:
        alias = duck.quoted(self._source_alias)
        return {name: f"{alias}.{duck.quoted(self._source._resolve(name))}" for name in self._columns}

    @staticmethod
    def _texts(given: Dict[str, Any]) -> Dict[str, str]:
        """The expressions by the names of columns, which may stand behind the alias of the table."""
        return {name.rsplit(".", 1)[-1].strip("`"): _text(value) for name, value in given.items()}

    def _matched(self, condition: Any, action: str) -> "DeltaMergeBuilder":
        self._matches = True
        return self._clause("MATCHED", condition, action)

    def _insert(self, condition: Any, values: Dict[str, str]) -> "DeltaMergeBuilder":
        names = ", ".join(duck.quoted(name) for name in values)
        return self._clause("NOT MATCHED", condition, f"INSERT ({names}) VALUES ({', '.join(values.values())})")

    def _clause(self, when: str, condition: Any, action: str) -> "DeltaMergeBuilder":
        only = "" if condition is None else f" AND ({_text(condition)})"
        self._clauses.append(f"WHEN {when}{only} THEN {action}")
        return self


def _newest_version(location: str) -> int:
    names = os.listdir(os.path.join(to_local(location), "_delta_log"))
    return max(int(name[:-5]) for name in names if name.endswith(".json") and name[:-5].isdigit())


def _text(given: Any) -> str:
    return duck_text(text_of(given) if isinstance(given, Column) else given)


def _assignments(values: Dict[str, str]) -> str:
    return ", ".join(f"{duck.quoted(name)} = {text}" for name, text in values.items())
