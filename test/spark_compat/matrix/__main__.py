# SPDX-License-Identifier: Apache-2.0
"""python3 -m matrix --spark VERSION [--out FILE]: asks that Spark every case of cases.py."""

import argparse
import gzip
import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(prog="matrix")
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", type=pathlib.Path, help="default: spark-VERSION.jsonl.gz beside this program")
    parser.add_argument("--no-queries", action="store_true", help="leaves out the sample of streaming queries")
    asked = parser.parse_args()

    from recipes.environment import enter_spark

    enter_spark(asked.spark, ["-m", "matrix", *sys.argv[1:]])
    return write(asked.spark, asked.out or HERE / f"spark-{asked.spark}.jsonl.gz", not asked.no_queries)


def write(spark, out, with_queries):
    from matrix.cases import all_cases, sample
    from recipes.jvm import compile_classes
    from recipes.session import start

    work = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-matrix-"))
    session = start(compile_classes(work / "classes", HERE / "java"))
    matrix = session.sparkContext._jvm.holdfast.matrix.Matrix

    def ask(how, cases, name):
        questions, answers = work / f"{name}.cases", work / f"{name}.verdicts"
        questions.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
        began = time.monotonic()
        how(session._jsparkSession, str(questions), str(answers), str(work / name))
        print(f"{name}: {len(cases)} cases in {time.monotonic() - began:.0f} s", flush=True)
        return [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]

    cases = all_cases()
    verdicts = ask(matrix.checkSchemas, cases, "schemas")
    differ = 0
    if with_queries:
        chosen = sample(cases)
        for number, told in zip(chosen, ask(matrix.restartQueries, [cases[n] for n in chosen], "queries")):
            by_check = [step["verdict"] for step in verdicts[number]]
            by_query = [step["verdict"] for step in told]
            cases[number]["query"] = by_query
            if by_check != by_query:
                differ += 1
                print(f"{cases[number]['case']}: the check says {by_check}, a query {by_query}", flush=True)
    session.stop()
    shutil.rmtree(work)
    lines = (json.dumps({**case, "spark": told}) + "\n" for case, told in zip(cases, verdicts))
    out.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{out}: {len(cases)} cases, {out.stat().st_size // 1024} KB")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
