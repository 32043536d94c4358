# SPDX-License-Identifier: Apache-2.0
"""./dev check and ./dev format: clang-format, the tools/check_*.py of this repository, clang-tidy."""

import concurrent.futures
import subprocess
import sys

from dev_run import JOBS, ROOT, Failed, output, say

SUFFIXES = (".cc", ".h")


def sources():
    """The C++ files of the repository, committed or about to be."""
    listed = output(["git", "ls-files", "--cached", "--others", "--exclude-standard"])
    if listed is None:
        raise Failed("needs a git checkout")
    files = [name for name in listed.splitlines() if name.endswith(SUFFIXES)]
    return sorted({name for name in files if (ROOT / name).exists()})


def formatter(*options):
    if not (ROOT / ".clang-format").exists():
        say("no .clang-format, so nothing is formatted")
        return None
    return ["clang-format-19", *options, *sources()]


def format_differences():
    command = formatter("--dry-run", "-Werror")
    if command is None:
        return []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    files = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
    return [f"{name} is not formatted (./dev format)" for name in files] or [done.stderr]


def reformat():
    command = formatter("-i")
    if command is not None and subprocess.run(command, cwd=ROOT).returncode != 0:
        raise Failed("clang-format-19 failed")


def tools():
    """Every tools/check_*.py; each says what is wrong and exits with another code than 0."""
    problems = []
    for tool in sorted((ROOT / "tools").glob("check_*.py")):
        done = subprocess.run([sys.executable, tool], cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            say(done.stdout + done.stderr)
            problems.append(f"tools/{tool.name} found something")
    return problems


def changed():
    """The .cc files that differ from the last commit; on a clean tree, those of the last commit."""
    names = set()
    for command in (["git", "diff", "--name-only", "HEAD"],
                    ["git", "ls-files", "--others", "--exclude-standard"]):
        names.update((output(command) or "").splitlines())
    if not names:
        names.update((output(["git", "diff", "--name-only", "HEAD~1", "HEAD"]) or "").splitlines())
    return sorted(name for name in names if name.endswith(".cc") and (ROOT / name).exists())


def lint(build):
    if not (ROOT / ".clang-tidy").exists():
        say("no .clang-tidy, so nothing is linted")
        return []
    listed = (build / "compile_commands.json").read_text()
    files = [name for name in changed() if f'"{ROOT / name}"' in listed]

    def one(name):
        # The commands are g++'s, with warnings and a precompiled header that clang does not know.
        foreign = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-gch"]
        command = ["clang-tidy-19", "-p", build, "--quiet", "--warnings-as-errors=*", *foreign, name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return name, done.returncode, done.stdout

    problems = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=JOBS) as pool:
        for name, code, said in pool.map(one, files):
            if code != 0:
                say(said)
                problems.append(f"clang-tidy is not content with {name}")
    return problems
