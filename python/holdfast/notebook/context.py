# SPDX-License-Identifier: Apache-2.0
"""What a notebook may ask about itself: dbutils.notebook.getContext() and the long way there by `entry_point`.

On Databricks these are Java objects behind Py4J, so that each answer is an Option with get() and isDefined().
"""

import getpass
import json
import os
from typing import Any, Dict, Optional

from holdfast.errors import not_offered
from holdfast.paths import root_folder

LACKING = ("apiToken", "apiUrl", "browserHostName", "clusterId", "currentRunId", "jobGroup", "jobId", "notebookId")


class Option:
    """A value that may be missing."""

    def __init__(self, name: str, value: Optional[str]) -> None:
        self._name = name
        self._value = value

    def get(self) -> str:
        if self._value is None:
            raise LookupError(f"there is no {self._name} outside of Databricks: ask isDefined() first")
        return self._value

    def getOrElse(self, default: Any) -> Any:
        return default if self._value is None else self._value

    def isDefined(self) -> bool:
        return self._value is not None

    def isEmpty(self) -> bool:
        return self._value is None

    def toString(self) -> str:
        return "None" if self._value is None else f"Some({self._value})"

    __repr__ = toString


class Tags:
    """The tags of a run: of Databricks' only the user's name is known here."""

    def __init__(self, values: Dict[str, str]) -> None:
        self._values = values

    def get(self, key: str) -> Option:
        return Option(f"tag {key}", self._values.get(key))

    def apply(self, key: str) -> str:
        return self.get(key).get()

    def getOrElse(self, key: str, default: Any) -> Any:
        return self._values.get(key, default)

    def contains(self, key: str) -> bool:
        return key in self._values


class Context:
    """Who runs which notebook."""

    def __init__(self, path: str) -> None:
        self._path = _workspace_path(path)

    def userName(self) -> Option:
        """The user of this machine, or what the environment variable LOGNAME or USER says."""
        return Option("user name", getpass.getuser())

    def notebookPath(self) -> Option:
        return Option("notebook path", self._path)

    def tags(self) -> Tags:
        return Tags({"user": getpass.getuser()})

    def toJson(self) -> str:
        user = getpass.getuser()
        return json.dumps({"tags": {"user": user}, "extraContext": {"notebook_path": self._path}})

    def safeToJson(self) -> str:
        """As Databricks has it: the attributes of the context, without those that are secret."""
        return json.dumps({"attributes": {"user": getpass.getuser(), "notebook_path": self._path}})

    def __getattr__(self, name: str) -> Any:
        if name in LACKING:
            return lambda: Option(name, None)
        raise AttributeError(f"the context of a notebook has no {name!r} in Holdfast")


class EntryPoint:
    """`entry_point.getDbutils().notebook().getContext()`, the way through the JVM that notebooks take."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def getDbutils(self) -> "EntryPoint":
        return self

    def notebook(self) -> "EntryPoint":
        return self

    def getContext(self) -> Context:
        return self._context

    def __getattr__(self, name: str) -> Any:
        raise not_offered(f"dbutils.notebook.entry_point.{name}", "There is no JVM behind dbutils here.")


def _workspace_path(path: str) -> str:
    """The path on Databricks of a notebook below the root's Workspace, and on this machine of another one."""
    without_suffix = os.path.splitext(os.path.abspath(path))[0]
    workspace = os.path.join(root_folder() or os.devnull, "Workspace")
    if without_suffix.startswith(workspace + "/"):
        return without_suffix[len(workspace) :]
    return without_suffix
