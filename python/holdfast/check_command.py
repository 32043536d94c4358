# SPDX-License-Identifier: Apache-2.0
"""`holdfast check CHECKPOINT --processor MODULE:CLASS` of a processor written in Python. Options, output and exit codes
are those of the C++ program's command, which has compiled processors."""

import argparse
import importlib
import importlib.util
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

if TYPE_CHECKING:
    from holdfast.evolution import EvolutionCheck

OK, FAILURE, USAGE, INCOMPATIBLE, LOSSY = range(5)  # exit codes
_LOSSY = "HOLDFAST_LOSSY_STATE_EVOLUTION"


class UsageError(Exception):
    """A command line that cannot be followed; the message is one sentence."""


def is_ours(words: List[str]) -> bool:
    """Whether these words, behind `check`, name a processor in Python and not one in a shared library."""
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == "--processor":
            named = value if equals else "".join(words[place + 1 : place + 2])
            where = named.rpartition(":")[0]
            is_module = all(part.isidentifier() for part in where.split(".")) and not where.endswith(".so")
            return where.endswith(".py") or (is_module and not os.path.exists(where))
    return False


def main(words: List[str]) -> int:
    """Runs the command; returns its exit code."""
    asked = _parser().parse_args(words)
    try:
        options = _options(asked)
        processor = _processor(asked.processor)
    except UsageError as error:
        return _fail(("invalid", "", str(error)), USAGE)
    from holdfast.evolution import check

    try:
        found = check(asked.checkpoint, processor, **options)
    except Exception as failure:
        status = failure.__dict__.get("_engine_status")
        if status is None:
            raise
        return _fail(status, _exit_code(status, FAILURE))
    _print(found, asked.format)
    return OK if found.refusal is None else _fail(found.refusal, _exit_code(found.refusal, INCOMPATIBLE))


def _fail(status: Tuple[str, str, str], code: int) -> int:
    _, condition, message = status
    sys.stdout.flush()
    print(f"holdfast: [{condition}] {message}" if condition else f"holdfast: {message}", file=sys.stderr)
    return code


def _exit_code(status: Tuple[str, str, str], otherwise: int) -> int:
    kind, condition, _ = status
    return LOSSY if condition == _LOSSY else INCOMPATIBLE if kind == "incompatible" else otherwise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "holdfast check", description="whether a new version of a processor may go on with a checkpoint; writes nothing"
    )
    parser.add_argument("checkpoint", help="directory of the checkpoint")
    parser.add_argument(
        "--processor",
        required=True,
        help="MODULE:CLASS or FILE.py:CLASS of the new version, or the name of an object: its init says what it declares",
    )
    parser.add_argument("--key", help="FILE with the schema of the grouping columns; default: as they are")
    parser.add_argument("--time-mode", type=str.lower, choices=("none", "processingtime", "eventtime"),
                        help="of the new version; default: as it is")  # fmt: skip
    parser.add_argument("--output-mode", type=str.lower, choices=("append", "update", "complete"),
                        help="of the new version; default: as it is")  # fmt: skip
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE",
                        help="a setting of the new version's query; once for each")  # fmt: skip
    parser.add_argument("--sample", help="N or all: read so many entries of each variable as the new version would")
    parser.add_argument("--accept", action="append", default=[],
                        help="paths whose loss is meant, as holdfast.evolution.accept has them")  # fmt: skip
    parser.add_argument("--policy", default="backward",
                        choices=("backward", "forward", "forward_transitive", "full", "full_transitive"),
                        help="forward: the present version can take over again")  # fmt: skip
    parser.add_argument("--operator", type=int, help="id of the stateful operator, where there are several")
    parser.add_argument("--format", default="table", choices=("table", "json"),
                        help="table for people; json: a line for each change")  # fmt: skip
    return parser


def _options(asked: argparse.Namespace) -> Dict[str, Any]:
    """The arguments of holdfast.check."""
    conf = {}
    for setting in asked.conf:
        key, equals, value = setting.partition("=")
        if not key or not equals:
            raise UsageError(f"--conf: {setting} is not KEY=VALUE")
        conf[key] = value
    sample = None
    if asked.sample is not None:
        if asked.sample != "all" and not (asked.sample.isdecimal() and int(asked.sample) > 0):
            raise UsageError(f"--sample {asked.sample}: what is wanted is a number of entries, or all")
        sample = 0 if asked.sample == "all" else int(asked.sample)
    return {
        "key": None if asked.key is None else _schema(asked.key),
        "time_mode": asked.time_mode,
        "output_mode": asked.output_mode,
        "conf": conf,
        "accept": [path for paths in asked.accept for path in paths.split(",") if path],
        "policy": asked.policy,
        "sample": sample,
        "operator": asked.operator,
    }


def _schema(path: str) -> Any:
    from holdfast.sql.types import StructType, as_type

    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the schema file {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not text:
        raise UsageError(f"the schema file {path} is empty")
    try:
        known = StructType.fromJson(json.loads(text)) if text.startswith("{") else as_type(text)
        if not isinstance(known, StructType):
            raise ValueError(f"{text} is one type and no schema")
        return known
    except Exception as error:
        raise UsageError(f"the schema file {path} holds neither StructType JSON nor DDL: {error}") from None


def _processor(named: str) -> Any:
    """The object: a class of the name is called. The module runs, with `pyspark` being Holdfast."""
    import holdfast.pyspark  # noqa: F401
    from holdfast._looking import OnlyLooking, looking

    where, _, name = named.rpartition(":")
    if not where or not name:
        raise UsageError(f"--processor {named}: what is wanted is MODULE:CLASS or FILE.py:CLASS")
    try:
        with looking():
            module = _module_of_file(where) if where.endswith(".py") else _module(where)
    except OnlyLooking as refused:
        raise UsageError(f"--processor {named}: {refused}") from None
    found: Optional[Any] = getattr(module, name, None)
    if found is None:
        raise UsageError(f"--processor {named}: {where} has no {name}")
    if not isinstance(found, type):
        return found
    try:
        return found()
    except TypeError as error:
        raise UsageError(f"--processor {named}: {name} cannot be made without arguments ({error}); name an object") from None


def _module(name: str) -> Any:
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.split(".")[0] and error.name != name:
            raise
        raise UsageError(f"--processor {name}: there is no module of that name, here ({os.getcwd()}) or installed") from None


def _module_of_file(path: str) -> Any:
    if not os.path.isfile(path):
        raise UsageError(f"--processor {path}: there is no such file")
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    return importlib.import_module(os.path.basename(path)[: -len(".py")])


def _print(found: "EvolutionCheck", output_format: str) -> None:
    if output_format == "table":
        text = str(found)
        if text:
            print(text)
        return
    for change in found.changes:
        _line({
            **{name: change[name] for name in ("direction", "variable", "path", "before", "after", "verdict")},
            "spark": change["spark_condition"] or "ok",
            "spark_then": change["spark_then"],
            "holdfast": change["condition"] if change["refused"] else "ok",
            "sentence": change["sentence"],
        })  # fmt: skip
    for hazard in found.hazards:
        nothing = dict.fromkeys(("direction", "variable", "path", "before", "after"), "")
        _line({**nothing, "verdict": "HAZARD", "spark": "", "spark_then": "", "holdfast": "ok", "sentence": hazard})
    for sample in found.samples:
        head = _text({
            "variable": sample["variable"],
            "verdict": "SAMPLE",
            **{name: sample[name] for name in ("entries", "is_all", "is_left_out", "failed", "failures")},
        })  # fmt: skip
        print(f'{head[:-1]},"examples":[{",".join(sample["examples_json"])}]}}')


def _line(row: Dict[str, Any]) -> None:
    print(_text(row))


def _text(row: Dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
