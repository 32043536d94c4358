# SPDX-License-Identifier: Apache-2.0
"""What both readers are asked about a checkpoint, in the words of Spark's sources `state-metadata` and `statestore`."""

STATE, EVOLVED = "session_state", "evolved"


def questions(batches):
    """(source, options) of each read; `batches` are numbers of committed ones, all retained."""
    first, last = str(batches[0]), str(batches[-1])
    feed = {"readChangeFeed": "true", "changeStartBatchId": first, "changeEndBatchId": last}
    return [("state-metadata", {}),
            *(("statestore", {"stateVarName": STATE, "batchId": str(batch)}) for batch in batches),
            ("statestore", {"stateVarName": STATE, **feed}),
            ("statestore", {"stateVarName": EVOLVED, "batchId": last})]


def arguments(source, options, checkpoint):
    """The same read as arguments of `holdfast`."""
    if source == "state-metadata":
        return ["state-metadata", checkpoint, "--format", "json"]
    asked = ["state", checkpoint, "--var", options["stateVarName"], "--format", "json"]
    if "readChangeFeed" in options:
        return [*asked, "--changes", f"{options['changeStartBatchId']}..{options['changeEndBatchId']}"]
    return [*asked, "--batch", options["batchId"]]
