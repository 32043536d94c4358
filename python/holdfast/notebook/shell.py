# SPDX-License-Identifier: Apache-2.0
"""The shell commands of a notebook, and pip, which installs nothing that is there already."""

import importlib
import importlib.metadata
import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from typing import List, Optional

PIP_INSTALL = re.compile(r"(?:(?:\S*/)?python3?\s+-m\s+)?(?:\S*/)?pip3?\s+(install\s+[^|&;<>`$]*)")
REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)(\[[\w,. -]*\])?\s*([=<>!~]=?.*)?")
# Options of `pip install` that take no value: only with them it is sure which words are requirements.
FLAGS = re.compile(r"-[qvU]+|--(quiet|verbose|upgrade|user|pre|no-cache-dir|no-deps|no-index|no-input|force-reinstall)")


def shell(command: str) -> int:
    """Runs a command line or script, its output where ours goes; returns its exit status."""
    found = PIP_INSTALL.fullmatch(command.strip())
    if found:
        return pip(found.group(1))
    sys.stdout.flush()
    return subprocess.run([_shell(), "-c", command]).returncode


def shell_lines(command: str) -> List[str]:
    """The lines that a command prints."""
    return subprocess.run([_shell(), "-c", command], stdout=subprocess.PIPE, text=True).stdout.splitlines()


def pip(line: str) -> int:
    """Runs `pip LINE` of this Python, without the requirements of an `install` that can be imported already."""
    words = line.replace("'", "").replace('"', "").split()
    missing = _without_present(words[1:]) if words[:1] == ["install"] else None
    if missing is not None:
        if not any(REQUIREMENT.fullmatch(word) for word in missing):
            return 0
        line = shlex.join(["install", *missing])
    sys.stdout.flush()
    status = subprocess.run([_shell(), "-c", f"{shlex.quote(sys.executable)} -m pip {line}"]).returncode
    importlib.invalidate_caches()
    return status


def _without_present(words: List[str]) -> Optional[List[str]]:
    """What is left to install, each requirement that is left out said; None where pip should read the line itself."""
    if not all(FLAGS.fullmatch(word) or REQUIREMENT.fullmatch(word) for word in words):
        return None
    left = []
    for word in words:
        found = REQUIREMENT.fullmatch(word)
        present = found and _present(found.group(1))
        if present:
            print(f"holdfast: pip install {word} is skipped: {present}", file=sys.stderr)
        else:
            left.append(word)
    return left


def _present(name: str) -> Optional[str]:
    """Says how a distribution is there already; None where it is not."""
    module = name.replace("-", "_").split(".")[0]
    if module == "pyspark":
        return "pyspark is Holdfast here"
    try:
        return f"{name} {importlib.metadata.version(name)} is installed"
    except importlib.metadata.PackageNotFoundError:
        return f"{module} can be imported" if importlib.util.find_spec(module) else None


def _shell() -> str:
    return shutil.which("bash") or "/bin/sh"
