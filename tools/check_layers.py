#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks who includes whom, against the table below (docs/architecture.md shows the same one), which parts of the Python
package import which, and how long files and functions are. Prints each violation with its file and line; exit 1 when there
is any."""
import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# folder -> folders of src/ it may include, beside itself; every folder may include include/holdfast
ALLOWED = {
    "base": set(),
    "files": {"base"},
    "rows": {"base"},
    "expressions": {"base", "rows", "codec"},
    "codec": {"base", "rows"},
    "checkpoint": {"base", "files"},
    "state": {"base", "files", "rows", "codec"},
    "connect": {"base", "files", "checkpoint", "rows", "codec"},
    "engine": {"base", "files", "rows", "checkpoint", "state", "codec"},
    "inspect": {"base", "files", "rows", "codec", "checkpoint", "state", "engine"},
    "query": {"base", "files", "rows", "expressions", "codec", "checkpoint", "state", "connect", "engine", "inspect"},
}

# third-party header prefix -> the only places that may include it
FENCES = {
    "rocksdb/": r"src/state/rocksdb_[a-z_]*\.(h|cc)$|bench/",
    "nlohmann/": r"src/base/json\.(h|cc)$",
    "arrow/": r"src/codec/parquet/[a-z_]*\.cc$|src/codec/parquet/arrow_[a-z_]*\.h$|bench/",
    "parquet/": r"src/codec/parquet/[a-z_]*\.cc$|bench/",
    "boost/regex": r"src/expressions/java_pattern\.cc$",
    "simdjson": r"src/codec/json/[a-z_]*\.(h|cc)$",
    "duckdb": r"src/query/duckdb_[a-z_]*\.(h|cc)$|src/query/sql_session\.cc$",
    "librdkafka/": r"src/connect/kafka/",
    "zip.h": r"src/state/[a-z_]*\.cc$",
    "zlib.h": r"src/connect/file/file_content(_test)?\.cc$|test/spark_compat/[a-z_]*\.cc$",
    "CLI/": r"cli/",
    "nanobind/": r"python/src/",
}

# part of python/holdfast -> parts of it that it may import; what is not here may import all
PYTHON_ALLOWED = {
    "errors": set(),
    "paths": set(),
    "_process": set(),
    "_failures": {"errors"},
    "_looking": {"errors"},
    "conf": {"errors"},
    "native": {"_engine", "sql"},
    "sql": {"_engine", "_failures", "_looking", "_process", "conf", "errors", "native", "paths"},
    "delta": {"_engine", "errors", "paths", "sql"},
    "evolution": {"_engine", "conf", "errors", "paths", "sql"},
    "pyspark": {"conf", "delta", "errors", "sql"},
    "notebook": {"delta", "errors", "paths", "pyspark", "sql"},
}

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def folder_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]


def check_includes(path, lines, problems):
    place = path.relative_to(ROOT).as_posix()
    folder = folder_of(path)
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        target = found.group(1)
        for prefix, where in FENCES.items():
            if target.startswith(prefix) and not re.search(where, place):
                problems.append(f"{place}:{number}: {target} may only be included in {where}")
        first = target.split("/")[0]
        if first not in ALLOWED or "/" not in target:
            continue
        if folder in ALLOWED:
            test = place.endswith("_test.cc")
            if first != folder and first not in ALLOWED[folder] and not test:
                problems.append(f"{place}:{number}: {folder} may not include {first}")
        elif folder in ("cli", "examples", "python", "include"):
            problems.append(f"{place}:{number}: {folder} may include only include/holdfast, not {target}")


def check_depth(path, problems):
    place = path.relative_to(ROOT)
    if place.parts[0] == "src" and len(place.parts) > 4:
        problems.append(f"{place.as_posix()}: src/ is two folders deep, not three")
    if place.parts[0] == "src" and len(place.parts) > 2 and place.parts[1] not in ALLOWED:
        problems.append(f"{place.as_posix()}: the folder {place.parts[1]} is not in the include table")


def check_lengths(path, lines, problems):
    place = path.relative_to(ROOT).as_posix()
    if len(lines) > FILE_LINES_MAX:
        problems.append(f"{place}: {len(lines)} lines; a file has at most {FILE_LINES_MAX}")
    # A function opens with a line that ends in '{' and closes with the brace at the same depth of indentation.
    opened = []
    for number, line in enumerate(lines, 1):
        text = line.rstrip()
        indent = len(text) - len(text.lstrip())
        if text.endswith("{") and re.search(r"[()]", text) and not re.match(r"\s*(\}|(if|for|while|switch|else|do|try|catch|namespace|class|struct|enum|return|static const)\b)", text):
            opened.append((indent, number, text.strip()))
        elif text.strip() in ("}", "};", "});") and opened and indent == opened[-1][0]:
            _, begin, name = opened.pop()
            if number - begin > FUNCTION_LINES_MAX:
                problems.append(f"{place}:{begin}: {number - begin} lines; a function has at most {FUNCTION_LINES_MAX}: {name[:60]}")


def check_python_lengths(path, text, problems):
    place = path.relative_to(ROOT).as_posix()
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        problems.append(f"{place}: {lines} lines; a file has at most {FILE_LINES_MAX}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                problems.append(f"{place}:{node.lineno}: {length} lines; a function has at most {FUNCTION_LINES_MAX}: {node.name}")


def imported_parts(node):
    """The parts of the package holdfast that an import statement names."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        names = []
    return {name.split(".")[1] for name in names if name.startswith("holdfast.")}


def check_python_imports(path, text, problems):
    place = path.relative_to(ROOT)
    if place.parts[:2] != ("python", "holdfast"):
        return
    part = place.parts[2].removesuffix(".py")
    if part not in PYTHON_ALLOWED:
        return
    for node in ast.walk(ast.parse(text)):
        for other in sorted(imported_parts(node) - PYTHON_ALLOWED[part] - {part}):
            problems.append(f"{place.as_posix()}:{node.lineno}: holdfast.{part} may not import holdfast.{other}")


def main():
    problems = []
    for top in ("src", "include", "cli", "python", "examples", "bench", "fuzz", "test"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix == ".py" and top == "python":
                check_python_lengths(path, path.read_text(encoding="utf-8"), problems)
                check_python_imports(path, path.read_text(encoding="utf-8"), problems)
            if path.suffix not in (".h", ".cc"):
                continue
            lines = path.read_text(encoding="utf-8").splitlines()
            check_includes(path, lines, problems)
            check_depth(path, problems)
            check_lengths(path, lines, problems)
    print("\n".join(problems) if problems else "layers: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
