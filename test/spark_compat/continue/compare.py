# SPDX-License-Identifier: Apache-2.0
"""Comparisons. Each gives sentences, one for a difference; none is the proof."""

import collections
import json

from logs import numbers, operator_metadata, recorded_conf
from partition import partition_of
from questions import EVOLVED

NEW_FIELDS = {"device_type": None, "page_category": None}


def differences(what, wanted, found):
    """Both hold rows in any order; one that is there twice counts twice."""
    wanted, found = (collections.Counter(json.dumps(row, sort_keys=True) for row in rows) for rows in (wanted, found))
    return ([f"{what}: missing {row}" for row in (wanted - found).elements()]
            + [f"{what}: not wanted {row}" for row in (found - wanted).elements()])


def compare_answer(source, options, ours, sparks, history, partitions):
    """One question's answers as (rows, error); history: batch -> (sessions, ids of evolved ones) as recomputed."""
    what = f"{source} {' '.join(options.values())}"
    if ours[0] is None or sparks[0] is None:
        if ours[0] == sparks[0] and may_be_refused(options, ours[1]):
            return []
        return [f"{what}: {ours[1] or 'Holdfast reads it'} | {sparks[1] or 'Spark reads it'}"]
    wrong = differences(f"{what}: Spark, then ours", sparks[0], ours[0])
    if source == "state-metadata":
        return wrong
    wrong += [f"{what}: {row['key']} in partition {row['partition_id']}" for row in ours[0]
              if row["partition_id"] != partition_of(row["key"]["session_id"], partitions)]
    if "readChangeFeed" in options:
        return wrong + replayed(what, int(options["changeStartBatchId"]), int(options["changeEndBatchId"]), ours[0], history)
    state, evolved = history[int(options["batchId"])]
    if options["stateVarName"] == EVOLVED:
        return wrong + differences(f"{what}: recomputed", sorted(evolved), sorted(row["key"]["session_id"] for row in ours[0]))
    return wrong + differences(f"{what}: recomputed", state.values(), [row["value"] for row in ours[0]])


def may_be_refused(options, error):
    """By both: a change feed without changelogs, and the variable that only version 2 has before its first batch."""
    return ("readChangeFeed" in options and "DELTA_FILE_NOT_EXISTS" in error) or (
        options.get("stateVarName") == EVOLVED and "STDS_INVALID_OPTION_VALUE" in error)


def replayed(what, first, last, feed, history):
    """The changes turn the state before the first batch into the state after each."""
    wrong = []
    state = with_new_fields(history[first - 1][0] if first else {})
    for batch in range(first, last + 1):
        for row in feed:
            if row["batch_id"] == batch and row["change_type"] == "update":
                state[row["key"]["session_id"]] = {**NEW_FIELDS, **row["value"]}
            elif row["batch_id"] == batch:
                state.pop(row["key"]["session_id"], None)
        wrong += differences(f"{what}: replayed to {batch}", with_new_fields(history[batch][0]).values(), state.values())
    return wrong


def with_new_fields(state):
    return {key: {**NEW_FIELDS, **session} for key, session in state.items()}


def conf_changes(checkpoint, older_spark):
    """What the retained entries of the offset log change of the settings that are not Holdfast's own. An older Spark leaves
    out those that it does not know."""
    wrong, before = [], None
    for batch in numbers(checkpoint / "offsets"):
        recorded = recorded_conf(checkpoint, batch)
        conf = {key: value for key, value in recorded.items() if not key.startswith("holdfast.")}
        if before is not None and older_spark and conf == recorded:
            before = {key: value for key, value in before.items() if key in conf}
        if before is not None and conf != before:
            changed = {key: (before.get(key), conf.get(key)) for key in {*conf, *before} if before.get(key) != conf.get(key)}
            wrong.append(f"offsets/{batch} records other settings than the entry before: {changed}")
        before = conf
    return wrong


def operator_changes(checkpoint):
    """What the retained operator metadata change beyond variables and schema files."""
    def fixed(entry):
        properties = json.loads(entry["operatorPropertiesJson"])
        stores = [{key: value for key, value in store.items() if key != "stateSchemaFilePaths"}
                  for store in entry["stateStoreInfo"]]
        return entry["operatorInfo"], stores, properties["timeMode"], properties["outputMode"]

    entries = {batch: fixed(entry) for batch, entry in operator_metadata(checkpoint).items()}
    first = min(entries)
    return [f"_metadata/v2/{batch}: {entry}, not as in {first}: {entries[first]}" for batch, entry in entries.items()
            if entry != entries[first]]
