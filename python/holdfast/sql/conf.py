# SPDX-License-Identifier: Apache-2.0
"""RuntimeConfig: the settings of a session.

Settings that the engine knows go with every query that is started. Any other key beginning with `spark.` is kept, so
that a script can read it back, and warned about once, since it changes nothing.
"""

import warnings
from typing import Any, Dict, Optional

from holdfast import _engine
from holdfast.conf import setting_text
from holdfast.errors import IllegalArgumentException, PySparkException, PySparkRuntimeError, PySparkTypeError

__all__ = ["RuntimeConfig"]

_MISSING = object()
_NO_COLUMNS = '{"type":"struct","fields":[]}'

# What this package itself looks at; the engine knows the rest.
_DEFAULTS = {
    "spark.sql.session.timeZone": "",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
    "spark.sql.execution.arrow.maxBytesPerBatch": "-1",
    "spark.sql.execution.pandas.convertToArrowArraySafely": "true",
    "spark.sql.execution.pythonUDF.pandas.intToDecimalCoercionEnabled": "false",
    "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName": "true",
    "spark.sql.warehouse.dir": "spark-warehouse",
    "holdfast.progress.enabled": "true",
    "spark.app.name": "holdfast",
    "spark.master": "local[*]",
}
# Looked at here too, and without a default.
_WITHOUT_DEFAULT = ("spark.sql.streaming.checkpointLocation",)
# Set by many scripts for a cluster or for the look of things; there is nothing to say about them.
_SILENT = ("spark.app.", "spark.master", "spark.jars", "spark.driver.", "spark.executor.", "spark.ui.", "spark.log")


class RuntimeConfig:
    """spark.conf."""

    def __init__(self) -> None:
        self._settings: Dict[str, str] = {}

    def set(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise PySparkTypeError(f"A setting's key is a str, but got {key!r} of type {type(key).__name__}.")
        if value is None:
            raise PySparkTypeError(f"The setting {key} cannot be None; unset removes it.")
        text = setting_text(value)
        if key == "spark.sql.session.timeZone":
            _need_zone(text)
        if key not in self._settings and not self._is_known(key) and not key.startswith(_SILENT):
            warnings.warn(
                f"The setting {key} is kept but changes nothing: Holdfast does not know it.", UserWarning, stacklevel=2
            )
        self._settings[key] = text

    def get(self, key: str, default: Any = _MISSING) -> Optional[str]:
        """The value, else the default given, else Spark's; an error for a key without any."""
        if key in self._settings:
            return self._settings[key]
        if default is not _MISSING:
            return default
        if key == "spark.sql.session.timeZone":
            return local_zone()
        known = _DEFAULTS.get(key)
        if known is None:
            known = _engine.conf_default(key)
        if known is None:
            raise PySparkRuntimeError(
                f"The setting {key} is not set and has no default.", errorClass="SQL_CONF_NOT_FOUND"
            )
        return known

    def unset(self, key: str) -> None:
        self._settings.pop(key, None)

    def isModifiable(self, key: str) -> bool:
        return self._is_known(key)

    @property
    def getAll(self) -> Dict[str, str]:
        return dict(self._settings)

    def _copy(self) -> "RuntimeConfig":
        copied = RuntimeConfig()
        copied._settings = dict(self._settings)
        return copied

    def for_engine(self) -> Dict[str, str]:
        """The settings that a query is started with."""
        known = {key: value for key, value in self._settings.items() if _engine.conf_default(key) is not None}
        known["spark.sql.session.timeZone"] = self.get("spark.sql.session.timeZone") or "UTC"
        return known

    @staticmethod
    def _is_known(key: str) -> bool:
        is_ours = key in _DEFAULTS or key in _WITHOUT_DEFAULT or key.startswith("holdfast.")
        return is_ours or _engine.conf_default(key) is not None


def _need_zone(name: str) -> None:
    try:
        _engine.Steps(_NO_COLUMNS, [("select", ["TIMESTAMP'2000-01-01 00:00:00' AS moment"])], name)
    except PySparkException as why:
        raise IllegalArgumentException(
            f"The setting spark.sql.session.timeZone cannot be {name!r}: there is no such time zone.",
            errorClass="INVALID_CONF_VALUE.TIME_ZONE",
        ) from why


def local_zone() -> str:
    """The zone of the process by its name in the time zone database, which is what a session has by default."""
    import os

    named = os.environ.get("TZ", "").lstrip(":")
    if named:
        return named
    link = os.path.realpath("/etc/localtime")
    _, found, name = link.partition("/zoneinfo/")
    return name if found else "UTC"
