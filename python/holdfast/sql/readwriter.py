# SPDX-License-Identifier: Apache-2.0
"""spark.read and DataFrame.write: rows that are there."""

import os
from typing import Any, Dict, List, Optional, Union

from holdfast import _engine
from holdfast._looking import refuse_if_looking
from holdfast.conf import setting_text
from holdfast.errors import AnalysisException, IllegalArgumentException, not_offered, refusing
from holdfast.paths import to_local
from holdfast.sql.plan import Lazily, schema_of_json
from holdfast.sql.types import StructType, as_type

__all__ = ["DataFrameReader", "DataFrameWriter"]

_SAVE_MODES = ("append", "overwrite", "errorifexists", "ignore")
_FILES = ("json", "csv", "parquet", "text", "delta")


class DataFrameReader:
    """Reads files, Delta tables, the state of a checkpoint and what a memory sink holds."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._format = "parquet"
        self._options: Dict[str, str] = {}
        self._schema: Optional[StructType] = None

    __getattr__ = refusing("spark.read", "changes jdbc orc xml")

    def format(self, source: str) -> "DataFrameReader":
        self._format = source
        return self

    def schema(self, schema: Union[StructType, str]) -> "DataFrameReader":
        given = as_type(schema)
        assert isinstance(given, StructType)
        self._schema = given
        return self

    def option(self, key: str, value: Any) -> "DataFrameReader":
        self._options[key] = setting_text(value)
        return self

    def options(self, **options: Any) -> "DataFrameReader":
        for key, value in options.items():
            self.option(key, value)
        return self

    def load(self, path: Any = None, format: Optional[str] = None, schema: Any = None, **options: Any) -> Any:
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        name = self._format.lower()
        where = path if path is not None else self._option("path")
        if name in ("statestore", "state-metadata"):
            return self._state(name, where)
        if name not in _FILES:
            raise not_offered(f"spark.read.format({self._format!r})", "There are " + ", ".join(_FILES) + ", statestore and state-metadata.")  # fmt: skip
        if where is None:
            raise AnalysisException(f"Reading {name} needs a path: load(path).", errorClass="PATH_NOT_FOUND")
        return self._files(name, where)

    def _option(self, name: str) -> Optional[str]:
        found = [value for key, value in self._options.items() if key.lower() == name.lower()]
        return found[-1] if found else None

    def _files(self, name: str, where: Any) -> Any:
        zone = self._session._zone
        options = {key: value for key, value in self._options.items() if key.lower() != "path"}
        schema_json = "" if self._schema is None else self._schema.json()
        conf = self._session.conf.for_engine()
        if not isinstance(where, str):
            frames = [self._files(name, one) for one in where]
            together = frames[0]
            for frame in frames[1:]:
                together = together.union(frame)
            return together
        local = to_local(where)
        schema = schema_of_json(_engine.schema_of_rows(name, local, options, schema_json, conf))
        fixed = "" if name == "delta" else schema.json()
        return self._session._frame(
            Lazily(lambda: _engine.read_rows(name, local, options, fixed, conf), zone, lambda: schema)
        )

    def json(self, path: Any, schema: Any = None, **options: Any) -> Any:
        return self.load(path, "json", schema, **options)

    def csv(self, path: Any, schema: Any = None, **options: Any) -> Any:
        return self.load(path, "csv", schema, **options)

    def parquet(self, *paths: str, **options: Any) -> Any:
        return self.load(paths[0] if len(paths) == 1 else list(paths), "parquet", **options)

    def text(self, paths: Any, **options: Any) -> Any:
        return self.load(paths, "text", **options)

    def table(self, tableName: str) -> Any:
        return self._session.table(tableName)

    def _state(self, name: str, where: Optional[str]) -> Any:
        if where is None:
            raise AnalysisException("The state of a checkpoint needs its path.", errorClass="STDS_REQUIRED_OPTION_UNSPECIFIED")  # fmt: skip
        local = to_local(where)
        zone = self._session._zone
        if name == "state-metadata":
            return self._session._frame(Lazily(lambda: _engine.read_state_metadata(local), zone))
        question = state_question(self._options)
        return self._session._frame(Lazily(lambda: _engine.read_state(local, question), zone))


def state_question(options: Dict[str, str]) -> Any:
    """The options of Spark's statestore source."""
    question = _engine.StateQuestion()
    known = {key.lower(): value for key, value in options.items()}
    known.pop("path", None)
    question.variable = known.pop("statevarname", "")
    question.operator_id = _number("operatorId", known.pop("operatorid", "0"))
    question.timers = known.pop("readregisteredtimers", "false").lower() == "true"
    question.flatten = known.pop("flattencollectiontypes", "true").lower() == "true"
    for option, attribute in (("batchId", "batch_id"), ("changeStartBatchId", "changes_first"),
                              ("changeEndBatchId", "changes_last"), ("snapshotStartBatchId", "snapshot_batch"),
                              ("snapshotPartitionId", "snapshot_partition")):  # fmt: skip
        if option.lower() in known:
            setattr(question, attribute, _number(option, known.pop(option.lower())))
    reads_changes = known.pop("readchangefeed", "false").lower() == "true"
    if reads_changes and question.changes_first is None:
        raise IllegalArgumentException(
            "readChangeFeed needs changeStartBatchId.", errorClass="STDS_REQUIRED_OPTION_UNSPECIFIED"
        )
    known.pop("storename", None)
    if known:
        raise IllegalArgumentException(f"The statestore source has no option {', '.join(sorted(known))}.")
    return question


def _number(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise IllegalArgumentException(
            f"The option {option} is a number, but got {text!r}.", errorClass="STDS_INVALID_OPTION_VALUE"
        ) from None


class DataFrameWriter:
    """Writes a batch DataFrame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._format = "parquet"
        self._mode = "errorifexists"
        self._options: Dict[str, str] = {}
        self._partition_by: List[str] = []

    __getattr__ = refusing("DataFrame.write", "bucketBy clusterBy jdbc orc sortBy xml")

    def format(self, source: str) -> "DataFrameWriter":
        self._format = source.lower()
        return self

    def mode(self, saveMode: Optional[str]) -> "DataFrameWriter":
        if saveMode is not None:
            word = saveMode.lower()
            self._mode = "errorifexists" if word in ("error", "default") else word
            if self._mode not in _SAVE_MODES:
                raise IllegalArgumentException(
                    f"Unknown save mode {saveMode!r}: there are {', '.join(_SAVE_MODES)}.", errorClass="INVALID_SAVE_MODE"
                )
        return self

    def option(self, key: str, value: Any) -> "DataFrameWriter":
        self._options[key] = setting_text(value)
        return self

    def options(self, **options: Any) -> "DataFrameWriter":
        for key, value in options.items():
            self.option(key, value)
        return self

    def partitionBy(self, *cols: Any) -> "DataFrameWriter":
        self._partition_by = list(cols[0] if len(cols) == 1 and isinstance(cols[0], (list, tuple)) else cols)
        return self

    def save(self, path: Optional[str] = None, format: Optional[str] = None, mode: Optional[str] = None,
             partitionBy: Any = None, **options: Any) -> None:  # fmt: skip
        refuse_if_looking("A write")
        self.mode(mode).options(**options)
        if format is not None:
            self.format(format)
        if partitionBy is not None:
            self.partitionBy(*([partitionBy] if isinstance(partitionBy, str) else partitionBy))
        if self._format == "noop":
            self._frame._plan.rows()
            return
        if self._format not in _FILES:
            raise not_offered(f"DataFrame.write.format({self._format!r})", "There are " + ", ".join(_FILES) + ".")
        where = path if path is not None else self._options.pop("path", None)
        if where is None:
            raise IllegalArgumentException("Writing needs a path: save(path).")
        _engine.write_rows(
            self._format, to_local(where, for_write=True), self._options, self._mode, self._partition_by,
            self._frame._plan.rows(), self._frame._session.conf.for_engine(),
        )  # fmt: skip

    def json(self, path: str, mode: Optional[str] = None, **options: Any) -> None:
        self.save(path, "json", mode, **options)

    def csv(self, path: str, mode: Optional[str] = None, **options: Any) -> None:
        self.save(path, "csv", mode, **options)

    def parquet(self, path: str, mode: Optional[str] = None, partitionBy: Any = None, **options: Any) -> None:
        self.save(path, "parquet", mode, partitionBy, **options)

    def text(self, path: str, **options: Any) -> None:
        self.save(path, "text", **options)

    def saveAsTable(self, name: str, format: Optional[str] = None, mode: Optional[str] = None,
                    partitionBy: Any = None, **options: Any) -> None:  # fmt: skip
        catalog = self._frame._session.catalog
        location = catalog._location(name)
        if self.mode(mode)._mode == "errorifexists" and os.path.isdir(os.path.join(to_local(location), "_delta_log")):
            raise AnalysisException(
                f"There is a table {name} already; mode('overwrite') replaces its rows, mode('append') adds to them.",
                errorClass="TABLE_OR_VIEW_ALREADY_EXISTS",
            )
        self.save(location, format or "delta", mode, partitionBy, **options)

    def insertInto(self, tableName: str, overwrite: Optional[bool] = None) -> None:
        """Puts the rows into a table that is there; columns go together by place. Of the modes overwrite counts."""
        from holdfast.sql.table_statement import insert_rows

        if self._partition_by:
            raise AnalysisException(
                f"partitionBy is not for insertInto: the table {tableName} tells how it is partitioned.",
                errorClass="PARTITION_BY_NOT_ALLOWED_WITH_INSERT_INTO",
            )
        if overwrite is not None:
            self.mode("overwrite" if overwrite else "append")
        overwrites = self._mode == "overwrite"
        insert_rows(self._frame._session, tableName, self._frame, overwrites, **self._options)
