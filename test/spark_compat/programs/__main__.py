# SPDX-License-Identifier: Apache-2.0
"""python3 -m programs --spark VERSION [--out FILE]: writes random programs and what that Spark makes of them."""

import argparse
import gzip
import json
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
AT_ONCE = 10  # programs a call into the JVM
# Only what makes it quick.
SETTINGS = {
    "spark.hadoop.fs.file.impl": "holdfast.programs.QuickLocalFileSystem",
    "spark.sql.streaming.checkpointFileManagerClass":
        "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager",
    "spark.sql.streaming.stateStore.maintenanceInterval": "2s",
    "spark.ui.showConsoleProgress": "false",
}


def main():
    parser = argparse.ArgumentParser(prog="programs")
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", type=pathlib.Path, help="default: spark-VERSION.jsonl.gz beside this program")
    parser.add_argument("--seed", default="2026")
    parser.add_argument("--count", type=int, default=300, help="of programs")
    parser.add_argument("--removes", type=int, default=20, help="more, that remove entries of maps with TTL")
    parser.add_argument("--work", type=pathlib.Path, help="keep checkpoints and answers here, and go on with what is here")
    asked = parser.parse_args()

    from recipes.environment import enter_spark

    enter_spark(asked.spark, ["-m", "programs", *sys.argv[1:]])
    from programs.generate import program

    made = [program(asked.seed, n) for n in range(asked.count)]
    made += [program(asked.seed, n, removes_with_ttl=True) for n in range(asked.removes)]
    write(made, asked.out or HERE / f"spark-{asked.spark}.jsonl.gz", asked.work)


def write(programs, out, kept):
    with tempfile.TemporaryDirectory(prefix="holdfast-programs-") as scratch:
        work = kept or pathlib.Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        questions, answers = work / "programs", work / "answers"
        questions.write_text("".join(compact(one) + "\n" for one in programs), encoding="utf-8")
        session = start_session(work)
        jvm = session.sparkContext._jvm.holdfast.programs.Programs
        began, told = time.monotonic(), lines_of(answers)
        first = len(told)
        while len(told) < len(programs):
            jvm.run(session._jsparkSession, str(questions), str(answers), str(work), len(told), AT_ONCE, bool(kept))
            told = lines_of(answers)
            print(f"{len(told)} programs, {(time.monotonic() - began) / (len(told) - first):.1f} s each", flush=True)
        session.stop()
    lines = (f'{compact(one)[:-1]},"spark":{spark}}}\n' for one, spark in zip(programs, told))
    out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{out}: {len(programs)} programs, {out.stat().st_size // 1024} KB")


def start_session(work):
    """A Spark with the classes of java/, whose files are in `work`."""
    from recipes.jvm import compile_classes
    from recipes.session import start

    classes = work / "classes"
    classes.mkdir(parents=True, exist_ok=True)
    # Else Hadoop's defaults, which nobody needs here, are parsed anew for every encoder of every batch.
    (classes / "core-default.xml").write_text("<configuration/>")
    return start(compile_classes(classes, HERE / "java"), {**SETTINGS, "spark.local.dir": work / "local"})


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
