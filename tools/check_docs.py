#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the documents say against the repository: relative links and their anchors exist, verbs of ./dev and commands of
holdfast exist, and docs/operating.md has every configuration key with its defaults, every error condition and every exit
code, and no other; the lines of code in docs/guide.md are lines of the examples. Prints each mistake; exit 1 when there is
any."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPERATING = "docs/operating.md"
GUIDE = "docs/guide.md"

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.*)$")
CONDITION = re.compile(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:\.[A-Z0-9_]+)*)"')
# Texts in capitals that name something else than an error condition.
NO_CONDITIONS = {"HOLDFAST_STOPPED_NOW", "CROSS_DEVICE", "CURRENT_DEFAULT", "DATA_PROCESSED", "PRE_INIT", "TIMER_PROCESSED",
                 "HOLDFAST_DELTA_LIBRARY", "HOLDFAST_DUCKDB_LIBRARY", "NULL_FILLED",
                 "TIMESTAMP_LTZ", "TIMESTAMP_NTZ"}


def documents():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split()
    return {name: (ROOT / name).read_text() for name in sorted(set(listed)) if (ROOT / name).exists()}


def without_code(text):
    """The text with fenced blocks and inline code taken out, lines kept."""
    fenced = re.sub(r"^(```.*?^```)", lambda block: "\n" * block.group(1).count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", fenced)


def code_of(text):
    """(line number, code) of fenced blocks, line by line, and of inline code."""
    fence = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fence = not fence
        elif fence:
            yield number, line
        else:
            for code in re.findall(r"`([^`]*)`", line):
                yield number, code


def anchors(text):
    """GitHub's anchors of the headings."""
    found, fence = set(), False
    for line in text.splitlines():
        fence ^= line.startswith("```")
        heading = None if fence else HEADING.match(line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading.group(1).lower()).replace(" ", "-")
            count = 1
            anchor = words
            while anchor in found:
                anchor = f"{words}-{count}"
                count += 1
            found.add(anchor)
    return found


def check_links(texts, problems):
    for name, text in texts.items():
        for number, line in enumerate(without_code(text).splitlines(), 1):
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                file = (ROOT / name).parent / path if path else ROOT / name
                if not file.exists():
                    problems.append(f"{name}:{number}: {target} is not there")
                elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
                    problems.append(f"{name}:{number}: {target}: no heading of that name")


def check_verbs(texts, problems):
    verbs = set(re.findall(r'"(\w+)": do_\w+', (ROOT / "tools/dev.py").read_text()))
    commands = set(re.findall(r'add_subcommand\("([\w-]+)"', (ROOT / "cli/main.cc").read_text()))
    for name, text in texts.items():
        for number, code in code_of(text):
            for verb in re.findall(r"\./dev ([a-z][\w-]*)", code):
                if verb not in verbs:
                    problems.append(f"{name}:{number}: ./dev has no verb {verb}")
            for command in re.findall(r"(?:^|[/ $])holdfast ([a-z][\w-]*)(?![\w/.-])", code):
                if command not in commands:
                    problems.append(f"{name}:{number}: holdfast has no command {command}")


def known_confs():
    """{key: (default, Spark's default)} from the table in the code."""
    keys = dict(re.findall(r'inline constexpr std::string_view (\w+) =\s*"([^"]+)"', (ROOT / "src/engine/conf.h").read_text()))
    code = (ROOT / "src/engine/conf.cc").read_text()
    texts = dict(re.findall(r'constexpr std::string_view (\w+) =\s*"([^"]+)"', code))

    def value(text):
        return text[1:-1] if text.startswith('"') else texts[text]

    entries = re.findall(r'\{conf_key::(\w+),\s*(\w+|"[^"]*"),\s*(\w+|"[^"]*"),\s*ValueKind::\w+\}', code)
    if len(entries) != len(re.findall(r"ValueKind::\w+\},", code)):
        raise SystemExit("check_docs: the table of src/engine/conf.cc is not as this tool reads it")
    return {keys[name]: (value(default), value(spark)) for name, default, spark in entries}


def check_confs(text, problems):
    known = known_confs()
    found = {}
    for row in re.findall(r"^\| `((?:spark|holdfast)\.[\w.]+)` \|([^|]*)\|([^|]*)\|", text, re.M):
        found[row[0]] = tuple(cell.strip().strip("`") for cell in row[1:])
    for key in sorted(known.keys() | found.keys()):
        if known.get(key) != found.get(key):
            problems.append(f"{OPERATING}: {key} has the defaults {known.get(key)} in src/engine/conf.cc and "
                            f"{found.get(key)} in the table")


def check_conditions(text, problems):
    raised = {}
    for file in [*(ROOT / "src").rglob("*"), *(ROOT / "include").rglob("*")]:
        if file.suffix in (".cc", ".h") and not re.search(r"_test\.|_testing\.|_for_test\.|simulated|trace", file.name):
            for condition in CONDITION.findall(file.read_text()):
                raised.setdefault(condition, file.relative_to(ROOT))
    described = set(re.findall(r"^#### (\S+)$", text, re.M))
    for condition in sorted(raised.keys() - NO_CONDITIONS - described):
        problems.append(f"{OPERATING}: no section for {condition} ({raised[condition]})")
    for condition in sorted(described - raised.keys()):
        problems.append(f"{OPERATING}: {condition} is raised nowhere")
    if ghosts := NO_CONDITIONS - raised.keys():
        problems.append(f"tools/check_docs.py: NO_CONDITIONS names what is nowhere: {' '.join(sorted(ghosts))}")
    kinds = re.findall(r"^  k(\w+),", (ROOT / "include/holdfast/status.h").read_text(), re.M)
    for kind in kinds:
        if f"\n| {kind.lower()} |" not in text:
            problems.append(f"{OPERATING}: the kind {kind.lower()} is not in the table of kinds")


def check_exit_codes(text, problems):
    codes = re.findall(r"inline constexpr int kExit\w+ = (\d+);", (ROOT / "cli/console.h").read_text())
    section = text.partition("## Exit codes")[2].partition("\n## ")[0]
    if re.findall(r"^\| (\d+) \|", section, re.M) != codes:
        problems.append(f"{OPERATING}: the exit codes are not those of cli/console.h: {' '.join(codes)}")


def check_guide(text, problems):
    lines = {line.strip() for file in (ROOT / "examples").rglob("*.h") for line in file.read_text().splitlines()}
    for block in re.finditer(r"^```cpp\n(.*?)^```", text, re.M | re.S):
        first = text.count("\n", 0, block.start(1)) + 1
        for number, line in enumerate(block.group(1).splitlines(), first):
            if line.strip() not in lines:
                problems.append(f"{GUIDE}:{number}: no example has the line {line.strip()}")


def main():
    texts = documents()
    problems = []
    check_links(texts, problems)
    check_verbs(texts, problems)
    check_confs(texts[OPERATING], problems)
    check_conditions(texts[OPERATING], problems)
    check_exit_codes(texts[OPERATING], problems)
    check_guide(texts[GUIDE], problems)
    print("\n".join(problems) or "docs: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
