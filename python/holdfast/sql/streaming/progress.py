# SPDX-License-Identifier: Apache-2.0
"""What a batch did: StreamingQueryProgress, and its parts. They are dicts whose keys are attributes, too."""

import json
import uuid
from typing import Any, Dict, Tuple

__all__ = ["SinkProgress", "SourceProgress", "StateOperatorProgress", "StreamingQueryProgress"]


class _Part(dict):
    """A dict whose keys are attributes; `_keys` are there also where the engine has nothing to say about them."""

    _keys: Tuple[Tuple[str, Any], ...] = ()

    @classmethod
    def fromJson(cls, j: Dict[str, Any]) -> Any:
        return cls({**dict(cls._keys), **j})

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute {name}") from None

    @property
    def json(self) -> str:
        return json.dumps(self)

    @property
    def prettyJson(self) -> str:
        return json.dumps(self, indent=4)

    def __str__(self) -> str:
        return self.prettyJson

    __repr__ = __str__


class StateOperatorProgress(_Part):
    """What a stateful operator did."""

    _keys = tuple(
        (name, 0)
        for name in ("numRowsTotal", "numRowsUpdated", "allUpdatesTimeMs", "numRowsRemoved", "allRemovalsTimeMs",
                     "commitTimeMs", "memoryUsedBytes", "numRowsDroppedByWatermark", "numShufflePartitions",
                     "numStateStoreInstances")
    ) + (("operatorName", ""), ("customMetrics", {}))  # fmt: skip


class SourceProgress(_Part):
    """What a source gave. Offsets are JSON texts."""

    _keys = (("description", ""), ("startOffset", None), ("endOffset", None), ("latestOffset", None),
             ("numInputRows", 0), ("inputRowsPerSecond", 0.0), ("processedRowsPerSecond", 0.0),
             ("metrics", {}))  # fmt: skip

    @classmethod
    def fromJson(cls, j: Dict[str, Any]) -> "SourceProgress":
        made = super().fromJson(j)
        for key in ("startOffset", "endOffset", "latestOffset"):
            if made[key] is not None and not isinstance(made[key], str):
                made[key] = json.dumps(made[key])
        return made


class SinkProgress(_Part):
    """What the sink took."""

    _keys = (("description", ""), ("numOutputRows", -1), ("metrics", {}))


class StreamingQueryProgress(_Part):
    """What a batch did, with Spark's names."""

    _keys = (("id", ""), ("runId", ""), ("name", None), ("timestamp", ""), ("batchId", 0), ("batchDuration", 0),
             ("durationMs", {}), ("eventTime", {}), ("stateOperators", []), ("sources", []), ("sink", {}),
             ("observedMetrics", {}), ("numInputRows", 0), ("inputRowsPerSecond", 0.0),
             ("processedRowsPerSecond", 0.0))  # fmt: skip

    @property
    def id(self) -> uuid.UUID:
        """As a UUID; as a text it is ["id"]."""
        return uuid.UUID(self["id"])

    @property
    def runId(self) -> uuid.UUID:
        """As a UUID; as a text it is ["runId"]."""
        return uuid.UUID(self["runId"])

    @classmethod
    def fromJson(cls, j: Dict[str, Any]) -> "StreamingQueryProgress":
        made = super().fromJson(j)
        made["stateOperators"] = [StateOperatorProgress.fromJson(one) for one in made["stateOperators"]]
        made["sources"] = [SourceProgress.fromJson(one) for one in made["sources"]]
        made["sink"] = SinkProgress.fromJson(made["sink"])
        return made
