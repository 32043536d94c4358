# SPDX-License-Identifier: Apache-2.0
"""Which files of a checkpoint, and of a sink's log, no retained batch needs."""

import json
import zipfile

from logs import compacts, newest, numbers


def superfluous(checkpoint, output, retained):
    """kind of file -> names; `retained` is how many of the last batches must stay readable."""
    last = newest(checkpoint / "commits")
    first = max(0, last - retained + 1)
    found = {log: [number for number in numbers(checkpoint / log) if number < first] for log in ("offsets", "commits")}
    found["operator metadata"] = before_newest_at(numbers(checkpoint / "state/0/_metadata/v2"), first)
    for kind, log in (("source log", checkpoint / "sources/0"), ("sink log", output / "_spark_metadata")):
        last_compact = max(compacts(log), default=-1)
        found[kind] = ([number for number in numbers(log) if number < last_compact]
                       + [f"{number}.compact" for number in compacts(log) if number < last_compact])
    partitions = [path for path in (checkpoint / "state/0").iterdir() if path.name.isdigit()]
    for kind, of in (("versions of state", old_versions), ("SST files", unlisted_tables)):
        found[kind] = [f"{path.name}/{name}" for path in partitions for name in of(path, first + 1)]
    return {kind: names for kind, names in found.items() if names}


def too_many(found, settings, files):
    """What `superfluous` found, where it is more than lag: a log is compacted every ten entries, state is purged up to a
    snapshot, Spark lets three tenths more than asked for lie, and Holdfast keeps the entries of a sink's log for a while.
    `files` is how many batches a turn has."""
    lag = settings.deltas + 1 + settings.retained * 3 // 10
    limits = {"offsets": 1, "commits": 1, "operator metadata": 1, "source log": 10, "sink log": files + 20,
              "versions of state": settings.partitions * lag, "SST files": settings.partitions}
    return [f"{len(names)} superfluous {kind}, not {limits[kind]}: {' '.join(map(str, names))}"
            for kind, names in found.items() if len(names) > limits[kind]]


def before_newest_at(entries, first):
    """The entries before the one that is in force at `first`."""
    in_force = max((entry for entry in entries if entry <= first), default=-1)
    return [entry for entry in entries if entry < in_force]


def old_versions(directory, first):
    """Changelogs and snapshots before the newest snapshot from which version `first` can be loaded."""
    files = [path for path in directory.iterdir() if path.suffix in (".zip", ".changelog")]
    base = max((version(path) for path in files if path.suffix == ".zip" and version(path) <= first), default=0)
    return sorted(path.name for path in files if version(path) < base)


def unlisted_tables(directory, _):
    """Tables that no snapshot lists."""
    listed = set()
    for path in directory.glob("*.zip"):
        with zipfile.ZipFile(path) as snapshot:
            text = snapshot.read("metadata").decode()
        listed |= {table["dfsSstFileName"] for table in json.loads(text.partition("\n")[2])["sstFiles"]}
    return sorted(path.name for path in (directory / "SSTs").glob("*.sst") if path.name not in listed)


def version(path):
    return int(path.name.partition(".")[0].partition("_")[0])
