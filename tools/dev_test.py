# SPDX-License-Identifier: Apache-2.0
"""./dev test: runs what the build lists in test_binaries.txt and the scripts test/**/test_*.py, the tests
of the Python package, two at a time, and counts the test bodies that were really executed.

A binary is GoogleTest's: its JSON report counts. When it dies, what it printed counts and the death
itself is one failure, as is a bad exit code without a failed test (a leak found at the end).
A script prints a line "ok NAME" or "FAILED NAME: why" per test case; a bad exit code without a
FAILED line is a failure, and so is a script without cases. Exit code 77 says that it cannot run
here; its first line says why.

Slow ones (with Slow in the test's or slow in the script's name) run with --all only, as do the Rust
tests of the Delta library. Scripts with real_spark in their name need Spark and run with --spark only.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import time
from xml.etree import ElementTree

from dev_run import CACHE, PYTHON, ROOT, say
from dev_setup import cargo, cargo_environment

TIMEOUT_S = 900
TIMEOUT_ALL_S = 3 * 3600  # the full crash sweep takes most of an hour on a busy machine
TSAN_SUPPRESSIONS = "called_from_lib:librocksdb.so\nrace:rocksdb::\n"


class Result:
    """Of one binary or script."""

    def __init__(self, name):
        self.name = name
        self.passed = 0
        self.failed = []  # (test, what it said)
        self.notes = []
        self.seconds = 0.0


def run_tests(build, pattern, everything, only=None, spark=False):
    """Returns (passed, failed) after showing the failures. `only` limits the binaries by name."""
    jobs = []
    for name in test_binaries(build):
        if only is None or name in only:
            jobs.append((run_binary, name, build, pattern, everything))
    if only is None:
        scripts = sorted((ROOT / "test").glob("**/test_*.py"))
        for script in scripts:
            name = str(script.relative_to(ROOT))
            left_out = ("slow" in script.name and not everything) or ("real_spark" in script.name and not spark)
            if not left_out and (pattern is None or pattern in name):
                jobs.append((run_script, name, build, pattern, everything))
        if (build / "python").exists():
            jobs.append((run_pytest, "python/tests", build, pattern, everything))
        jobs.sort(key=lambda job: "real_spark" not in job[1])  # the longest
        if everything and pattern is None:
            jobs.append((run_rust, "third_party/delta_kernel", build, pattern, everything))
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(lambda job: timed(*job), jobs))
    return report(results)


def test_binaries(build):
    listed = build / "test_binaries.txt"
    return listed.read_text().split() if listed.exists() else []


def timed(function, name, *rest):
    begin = time.monotonic()
    result = function(name, *rest)
    result.seconds = time.monotonic() - begin
    return result


def report(results):
    for result in results:
        for test, said in result.failed:
            say(f"\nFAILED {result.name}: {test}")
            if said:
                say("\n".join("    " + line for line in said.splitlines()[-40:]))
        for note in result.notes:
            say(f"{result.name}: {note}")
    slowest = sorted(results, key=lambda result: -result.seconds)[:3]
    parts = [f"{result.name} {result.seconds:.0f} s" for result in slowest if result.seconds >= 5]
    if parts:
        say("slowest: " + ", ".join(parts))
    return sum(r.passed for r in results), sum(len(r.failed) for r in results)


def environment(build):
    supp = build / "tsan.supp"
    supp.write_text(TSAN_SUPPRESSIONS)
    return {
        **os.environ,
        "HOLDFAST_BUILD": str(build),
        "TSAN_OPTIONS": f"suppressions={supp} ignore_noninstrumented_modules=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def execute(command, build, extra=None, timeout_s=TIMEOUT_S):
    """Returns (exit code or None after a timeout, what was printed)."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**environment(build), **(extra or {})}, timeout=timeout_s,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")
    except OSError as missing:
        return 127, str(missing)


def ending(code):
    if code is None:
        return "not finished in time"
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def run_binary(name, build, pattern, everything):
    result = Result(name)
    document = build / "test_results" / f"{name}.json"
    document.parent.mkdir(exist_ok=True)
    document.unlink(missing_ok=True)
    wanted = f"*{pattern}*" if pattern else "*"
    if not everything:
        wanted += "-*Slow*"
    command = [build / "bin" / name, f"--gtest_filter={wanted}", f"--gtest_output=json:{document}",
               "--gtest_color=no"]
    code, said = execute(command, build, timeout_s=TIMEOUT_ALL_S if everything else TIMEOUT_S)
    if document.exists() and code in (0, 1):
        count_document(json.loads(document.read_text()), result)
    else:
        count_lines(said, result)
    if code != 0 and not result.failed:
        last = re.findall(r"^\[ RUN      \] (\S+)", said, re.M)
        what = f"{last[-1]} ({ending(code)})" if last and code != 1 else ending(code)
        result.failed.append((what, said))
    return result


def count_document(document, result):
    skipped = 0
    for suite in document.get("testsuites", []):
        for test in suite.get("testsuite", []):
            if test.get("status") != "RUN":
                continue
            failures = [failure["failure"] for failure in test.get("failures", [])]
            if failures:
                result.failed.append((f"{suite['name']}.{test['name']}", "\n".join(failures)))
            elif test.get("result") == "SKIPPED":
                skipped += 1
            else:
                result.passed += 1
    if skipped:
        result.notes.append(f"{skipped} skipped")


def count_lines(said, result):
    """Counts from what a binary printed before it died."""
    ended = re.findall(r"^\[( +OK |  FAILED  |  SKIPPED )\] ([\w./]+)", said, re.M)
    result.passed += sum(1 for word, _ in ended if word.strip() == "OK")
    for test in sorted({test for word, test in ended if word.strip() == "FAILED"}):
        result.failed.append((test, ""))
    running = re.findall(r"^\[ RUN      \] (\S+)", said, re.M)
    if running and running[-1] not in {test for _, test in ended}:
        result.failed.append((f"{running[-1]} (died)", said))


def run_script(name, build, pattern, everything):
    result = Result(name)
    extra = {"HOLDFAST_TEST_ALL": "1" if everything else "", "PYTHONPATH": str(ROOT / "test")}
    code, said = execute([PYTHON, ROOT / name], build, extra)
    if code == 77:
        result.notes.append("skipped: " + (said.splitlines() or ["no reason"])[0])
        return result
    for line in said.splitlines():
        if line.startswith("ok "):
            result.passed += 1
        elif line.startswith("FAILED "):
            result.failed.append((line[len("FAILED "):], ""))
    if code != 0 and not result.failed:
        result.failed.append((ending(code), said))
    elif code == 0 and result.passed == 0:
        result.failed.append(("no test case ran", said))
    return result


def run_pytest(name, build, pattern, everything):
    """The tests of the Python package, over the package of the build tree."""
    result = Result(name)
    report_file = build / "test_results" / "pytest.xml"
    report_file.parent.mkdir(exist_ok=True)
    report_file.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report_file}", name]
    if pattern:
        command += ["-k", pattern.removeprefix("python/tests/").removesuffix(".py")]
    extra = {"HOLDFAST_TEST_ALL": "1" if everything else "", "PYTHONPATH": str(build / "python"),
             "HOLDFAST_PROGRAM": str(build / "bin" / "holdfast"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, said = execute(command, build, extra)
    skipped = 0
    for case in ElementTree.parse(report_file).iter("testcase") if report_file.exists() else ():
        bad = [one for one in case if one.tag in ("failure", "error")]
        if bad:
            result.failed.append((f"{case.get('classname')}.{case.get('name')}", bad[0].text or ""))
        elif any(one.tag == "skipped" for one in case):
            skipped += 1
        else:
            result.passed += 1
    if skipped:
        result.notes.append(f"{skipped} skipped")
    if code not in (0, 5) and not result.failed:
        result.failed.append((ending(code), said))
    return result


def run_rust(name, build, pattern, everything):
    result = Result(name)
    tool = cargo()
    command = [tool, "test", "--release", "--locked", "--no-fail-fast",
               "--manifest-path", ROOT / name / "Cargo.toml"]
    extra = cargo_environment(tool, CACHE / "delta_kernel-cargo")
    code, said = execute(command, build, {**extra, "RUST_BACKTRACE": "0"})
    result.passed = len(re.findall(r"^test \S+ \.\.\. ok$", said, re.M))
    for test in re.findall(r"^test (\S+) \.\.\. FAILED$", said, re.M):
        result.failed.append((test, ""))
    if code != 0:
        if not result.failed:
            result.failed.append((ending(code), said))
        result.failed[0] = (result.failed[0][0], said)
    return result
