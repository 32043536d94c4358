# SPDX-License-Identifier: Apache-2.0
"""python3 -m expressions --spark VERSION [--out FILE]: writes expressions and what that Spark makes of them, row by row."""

import argparse
import gzip
import importlib
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ["cases", "nested_cases", "pattern_cases", "more_cases", "present_cases", "chance_cases", "json_cases", "number_cases",
           "list_cases", "regex_cases"]
SETTINGS = {
    # Else the optimizer evaluates local rows itself, and interprets instead of compiling.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
    "spark.ui.showConsoleProgress": "false",
}


def main():
    parser = argparse.ArgumentParser(prog="expressions")
    parser.add_argument("--spark", required=True, metavar="VERSION")
    parser.add_argument("--out", type=pathlib.Path, help="default: spark-VERSION.jsonl.gz beside this program")
    parser.add_argument("--seed", default="2026")
    parser.add_argument("--trees", type=int, default=600, help="of random expressions")
    parser.add_argument("--module", choices=MODULES, help="ask only the cases of this one")
    asked = parser.parse_args()

    from recipes.environment import enter_spark

    enter_spark(asked.spark, ["-m", "expressions", *sys.argv[1:]])
    from expressions.random_trees import trees
    from expressions.tables import tables

    modules = {name: importlib.import_module(f"expressions.{name}") for name in MODULES}
    asked_tables = [*tables(asked.seed), *(table for module in modules.values() for table in getattr(module, "tables", list)())]
    asked_cases = distinct(one for name in ([asked.module] if asked.module else MODULES) for one in modules[name].cases())
    asked_cases += [] if asked.module else trees(asked.seed, asked.trees)
    write(asked_tables, asked_cases, asked.out or HERE / f"spark-{asked.spark}.jsonl.gz")


def distinct(cases):
    seen = {}
    for case in cases:
        seen.setdefault((case["table"], case["expression"], case.get("zone")), case)
    return list(seen.values())


def write(asked_tables, asked_cases, out):
    with tempfile.TemporaryDirectory(prefix="holdfast-expressions-") as scratch:
        work = pathlib.Path(scratch)
        questions, answers = work / "questions", work / "answers"
        questions.write_text("".join(compact(one) + "\n" for one in [*asked_tables, *asked_cases]), encoding="utf-8")
        session = start_session(work)
        session.sparkContext._jvm.holdfast.expressions.Expressions.run(
            session._jsparkSession, str(questions), str(answers))
        session.stop()
        told = [json.loads(line) for line in answers.read_text(encoding="utf-8").split("\n") if line]
    lines = [compact(table) for table in asked_tables]
    lines += [compact({**case, **answer}) for case, answer in zip(asked_cases, told, strict=True)]
    out.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0))
    refused = sum("refused" in answer for answer in told)
    print(f"{out}: {len(told)} expressions, {refused} of them refused, {out.stat().st_size // 1024} KB")


def start_session(work):
    from recipes.jvm import compile_classes
    from recipes.session import start

    classes = work / "classes"
    classes.mkdir()
    return start(compile_classes(classes, HERE / "java"), {**SETTINGS, "spark.local.dir": work / "local"})


def compact(value):
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
