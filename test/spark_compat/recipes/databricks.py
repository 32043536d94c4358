# SPDX-License-Identifier: Apache-2.0
"""Golden checkpoints of Apache Spark made to look like those of Databricks, as far as its documents and other people's
checkpoints show them; nothing here was written by Databricks:

    python3 -m recipes.databricks --golden golden --out golden/databricks

Changed are the class of the state store, settings that Apache Spark does not know, the places of schema files and input
files, and offsets and logs of the source.
"""

import argparse
import json
import pathlib
import shutil

PROVIDER = "spark.sql.streaming.stateStore.providerClass"
DATABRICKS = "com.databricks.sql.streaming.state.RocksDBStateStoreProvider"
CONFS = {
    "spark.databricks.sql.streaming.stateStore.rocksdb.enableChangelogCheckpointing": "true",
    "spark.databricks.delta.streaming.skipChangeCommits": "false",
    "spark.databricks.io.cache.enabled": "true",
}
DELTA = {"sourceVersion": 1, "reservoirId": "4a1e0f5c-6f2e-4a35-9c5e-0c7a3f8f1d21", "reservoirVersion": 7, "index": -1,
         "isStartingVersion": False}
KAFKA = {"clicks": {"0": 23, "1": 45}}
AUTO_LOADER = {"seqNum": 12, "sourceVersion": 1, "lastBackfillStartTimeMs": 1767225600000,
               "lastBackfillFinishTimeMs": 1767225601000, "lastInputPath": "abfss://raw@lake.dfs.core.windows.net/clicks"}

# case -> golden, base path, offset of the source (None: that of files)
CASES = {
    "dbfs_files": ("b_v1v2", "dbfs:/mnt/checkpoints/clicks", None),
    "s3_delta": ("b_v1v2", "s3://shop-checkpoints/clicks", DELTA),
    "dbfs_kafka": ("spark-4.3.0/snapshots_format2", "dbfs:/FileStore/checkpoints/clicks", KAFKA),
    "abfss_auto_loader": ("spark-4.3.0/evolution", "abfss://checkpoints@lake.dfs.core.windows.net/clicks", AUTO_LOADER),
}


def main():
    parser = argparse.ArgumentParser(prog="recipes.databricks", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    asked = parser.parse_args()
    for name, (golden, base, offset) in CASES.items():
        home = asked.out / name
        shutil.rmtree(home, ignore_errors=True)
        # Databricks' file systems keep no checksum files of Hadoop's.
        shutil.copytree(asked.golden / golden / "ckpt", home / "ckpt", ignore=shutil.ignore_patterns(".*.crc"))
        disguise(home / "ckpt", base, offset)


def disguise(checkpoint, base, offset):
    for entry in (checkpoint / "offsets").iterdir():
        version, metadata, source = entry.read_text().split("\n")
        told = json.loads(metadata)
        told["conf"] = {**told["conf"], PROVIDER: DATABRICKS, **CONFS}
        entry.write_text("\n".join([version, compact(told), source if offset is None else compact(offset)]))
    for entry in checkpoint.glob("state/*/_metadata/v2/*"):
        version, line = entry.read_text().split("\n")
        told = json.loads(line)
        for store in told["stateStoreInfo"]:
            names = [path.rsplit("/", 1)[1] for path in store["stateSchemaFilePaths"]]
            store["stateSchemaFilePaths"] = [f"{base}/state/0/_stateSchema/default/{name}" for name in names]
        entry.write_text(f"{version}\n{compact(told)}")
    log = checkpoint / "sources/0"
    if offset is None:
        for entry in log.iterdir():
            version, *files = entry.read_text().split("\n")
            told = [json.loads(line) for line in files]
            for file in told:
                file["path"] = f"{base}/input/{file['path'].rsplit('/', 1)[1]}"
            entry.write_text("\n".join([version, *map(compact, told)]))
        return
    shutil.rmtree(checkpoint / "sources")
    if offset is KAFKA:
        log.mkdir(parents=True)
        (log / "0").write_bytes(b"\0v1\n" + compact({"clicks": {"0": 0, "1": 0}}).encode())
    elif offset is AUTO_LOADER:
        (log / "rocksdb/logs").mkdir(parents=True)
        (log / "rocksdb/12.zip").write_bytes(b"PK\5\6" + bytes(18))
        (log / "metadata").write_text('{"sourceId":"3c0b8f9e-9a57-4a6f-8d6a-0d9d6f6c2f11"}')


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
