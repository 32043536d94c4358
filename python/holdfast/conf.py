# SPDX-License-Identifier: Apache-2.0
"""SparkConf: settings for a session that is to be built."""

from typing import Any, Dict, List, Optional, Tuple

from holdfast.errors import refusing

__all__ = ["SparkConf"]


class SparkConf:
    """Settings by key. Every setter returns the object, so that calls can be strung together."""

    __getattr__ = refusing("SparkConf", "setExecutorEnv setSparkHome")

    def __init__(self, loadDefaults: bool = True) -> None:
        self._settings: Dict[str, str] = {}

    def set(self, key: str, value: Any) -> "SparkConf":
        self._settings[key] = setting_text(value)
        return self

    def setIfMissing(self, key: str, value: Any) -> "SparkConf":
        self._settings.setdefault(key, setting_text(value))
        return self

    def setMaster(self, value: str) -> "SparkConf":
        return self.set("spark.master", value)

    def setAppName(self, value: str) -> "SparkConf":
        return self.set("spark.app.name", value)

    def setAll(self, pairs: List[Tuple[str, Any]]) -> "SparkConf":
        for key, value in pairs:
            self.set(key, value)
        return self

    def get(self, key: str, defaultValue: Optional[str] = None) -> Optional[str]:
        return self._settings.get(key, defaultValue)

    def getAll(self) -> List[Tuple[str, str]]:
        return list(self._settings.items())

    def contains(self, key: str) -> bool:
        return key in self._settings

    def toDebugString(self) -> str:
        return "\n".join(f"{key}={value}" for key, value in self._settings.items())


def setting_text(value: Any) -> str:
    """A setting or option as Spark writes it: True is "true"."""
    return str(value).lower() if isinstance(value, bool) else str(value)
