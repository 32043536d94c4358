# SPDX-License-Identifier: Apache-2.0
"""python3 -m recipes --spark VERSION --out DIR [CASE...]: see the package's text."""

import argparse
import pathlib
import shutil
import sys
import time
import traceback

from recipes.environment import enter_spark

# Checkpoints hold absolute paths, so that they are always written here, whoever writes them.
WORK = pathlib.Path("/tmp/holdfast-golden")


def main():
    parser = argparse.ArgumentParser(prog="recipes")
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--list", action="store_true", help="only names the cases")
    parser.add_argument("--ask-again", action="store_true",
                        help="only asks Spark to read the checkpoints in --out from their snapshots on")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="if none is named all, or for an older Spark those that may differ")
    asked = parser.parse_args()

    from recipes.cases import ALL, cases_for

    unknown = set(asked.cases) - {case.name for case in ALL}
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    wanted = cases_for(asked.spark, asked.cases)
    if asked.list:
        print("\n".join(f"{case.name:28} {case.title}" for case in wanted))
        return 0
    enter_spark(asked.spark, ["-m", "recipes", *sys.argv[1:]])
    return write_cases(wanted, asked.spark, asked.out, ask_again if asked.ask_again else make_anew)


def write_cases(cases, version, out, write):
    from recipes.session import start

    classes = None
    if any(case.api == "jvm" for case in cases):
        from recipes.jvm import compile_classes

        classes = compile_classes(WORK / version / "classes")
    session = start(classes)
    failed = []
    for case in cases:
        began = time.monotonic()
        home = WORK / version / case.name
        shutil.rmtree(home, ignore_errors=True)
        try:
            write(session, case, home, out / case.name)
        except Exception:
            failed.append(case.name)
            (WORK / version / f"{case.name}.error.txt").write_text(traceback.format_exc())
            print(f"{case.name}: failed, see {WORK / version / case.name}.error.txt", flush=True)
            continue
        files = [path for path in (out / case.name).rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files) // 1024
        print(f"{case.name}: {time.monotonic() - began:.0f} s, {len(files)} files, {size} KB", flush=True)
    session.stop()
    return 1 if failed else 0


def ask_again(session, case, home, kept):
    from recipes.dump import dump_snapshots, write_packed
    from recipes.session import configured

    shutil.copytree(kept / "ckpt", home / "ckpt")
    with configured(session, case.conf):
        write_packed(kept / "expected_snapshots.json", dump_snapshots(session, case, str(home / "ckpt")))


def make_anew(session, case, home, kept):
    write_case(session, case, home)
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(home, kept)


def write_case(session, case, home):
    from recipes.dump import dump, dump_snapshots, write_packed
    from recipes.query import run_case
    from recipes.session import configured

    run_case(session, case, home)
    (home / "case.json").write_text(case.described(), encoding="utf-8")
    # Readers may leave files behind (those of 4.0 do), so what is kept is a copy that none has seen.
    checkpoint, untouched = home / "ckpt", home / "untouched"
    shutil.copytree(checkpoint, untouched)
    with configured(session, case.conf):
        write_packed(home / "expected.json", dump(session, case, str(checkpoint)))
        write_packed(home / "expected_snapshots.json", dump_snapshots(session, case, str(checkpoint)))
        if case.moved:
            moved = checkpoint.rename(home / "moved")
            write_packed(home / "expected_moved.json", dump(session, case, str(moved)))
            moved.rename(checkpoint)
    shutil.rmtree(checkpoint)
    untouched.rename(checkpoint)


if __name__ == "__main__":
    sys.exit(main())
