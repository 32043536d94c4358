# SPDX-License-Identifier: Apache-2.0
"""The verbs of ./dev. Nothing here depends on more than Python 3.9; see dev_setup.py, dev_test.py
and dev_check.py for what the verbs do."""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys

import dev_check
import dev_setup
import dev_spark
import dev_test
from dev_run import (CACHE, JOBS, PYTHON, ROOT, Failed, fail_softly, print_stages, run, say, stage)

ABOUT = """\
./dev VERB

  setup                        install and fetch all that a build needs (every verb does it first)
  build [--asan|--tsan]        configure and build into build/; the product is build/bin/holdfast
  test  [PATTERN] [--all] [--spark] [--asan|--tsan]
                               build and run the tests; PATTERN is a part of a test's name or the
                               name of a folder's tests ("codec"); --all adds the slow ones, --spark
                               turns of real Spark and Holdfast on one checkpoint
  spark [NAME...]              every such way, or those with NAME in their name, and a table of them
  spark programs [NAME...]     recorded programs of state operations by such turns
  spark queries [NAME...]      the same of queries with timers, TTL, two operators, initial state
  spark python [NAME...]       the StreamShop example in Python on both, and by such turns
  spark suites [-k NAME...]    Spark's own Python tests of transformWithState, on the Python package
  demo  [ARGUMENTS]            build and run "holdfast demo" with these arguments
  bench [ARGUMENTS]            build for release with RocksDB 9.8.4 and run bench/run.py
  bench python [ARGUMENTS]     the same with bench/python/bench_python.py: the Python package beside real PySpark
  fuzz  NAME|all SECONDS       build fuzz/NAME_fuzz.cc with libFuzzer and run it, or each for so long
  check [--quick]              format, layers, lint of changed files, tests under the sanitizers
                               (--quick: without the last two)
  format                       clang-format everything

Everything that is fetched or built once lies in {cache}
(HOLDFAST_CACHE chooses another place). Logs of quiet steps: build/log.
"""


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("help", "-h", "--help"):
        print(ABOUT.format(cache=CACHE), end="")
        return 0
    verb, rest = sys.argv[1], sys.argv[2:]
    verbs = {"setup": do_setup, "build": do_build, "test": do_test, "spark": do_spark, "demo": do_demo,
             "bench": do_bench, "fuzz": do_fuzz, "check": do_check, "format": do_format}
    if verb not in verbs:
        raise Failed(f"there is no verb '{verb}'; ./dev alone lists them")
    return verbs[verb](rest)


def do_setup(rest):
    arguments("setup", rest)
    dev_setup.setup()
    return 0


def arguments(verb, rest, *options):
    parser = argparse.ArgumentParser(prog=f"./dev {verb}")
    for names, keywords in options:
        parser.add_argument(*names, **keywords)
    return parser.parse_args(rest)


def flag(name):
    return ((name,), {"action": "store_true"})


def kind_of_build(asked):
    """Returns (directory, CMake options) of the plain or a sanitized build."""
    if asked.asan and asked.tsan:
        raise Failed("--asan and --tsan exclude each other")
    sanitizer = "address" if asked.asan else "thread" if asked.tsan else ""
    suffix = {"address": "-asan", "thread": "-tsan", "": ""}[sanitizer]
    # An interpreter without a sanitizer cannot load what is built with one.
    python = ["-DHOLDFAST_PYTHON=OFF"] if sanitizer else []
    return ROOT / f"build{suffix}", [f"-DHOLDFAST_SANITIZE={sanitizer}", *python]


def configure(build, options, environment=None):
    """Runs CMake when the options have changed; afterwards Ninja does so by itself."""
    options = ["-G", "Ninja", f"-DHOLDFAST_CACHE_DIR={CACHE}", *options]
    if shutil.which("ccache"):
        options += ["-DCMAKE_C_COMPILER_LAUNCHER=ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]
    key = hashlib.sha256("\n".join(options).encode()).hexdigest()
    stamp = build / "configured_by_dev"
    if (build / "build.ninja").exists() and stamp.exists() and stamp.read_text() == key:
        return
    build.mkdir(exist_ok=True)
    run(f"configure-{build.name}", ["cmake", "-S", ROOT, "-B", build, *options], env=environment)
    stamp.write_text(key)


def compile_in(build, *targets):
    # Without these words a precompiled header makes every file uncacheable.
    environment = {"CCACHE_SLOPPINESS": "pch_defines,time_macros", "NINJA_STATUS": "[%f/%t] "}
    command = ["ninja", "-C", build, "-j", JOBS, *targets]
    # A person sees how far it is; a log gets only what went wrong.
    if not (build / ".ninja_log").exists() and not sys.stdout.isatty():
        say("building for the first time: 5 to 10 minutes on two cores")
    run(f"compile-{build.name}", command, env=environment, shown=sys.stdout.isatty())


def do_build(rest):
    asked = arguments("build", rest, flag("--asan"), flag("--tsan"))
    with stage("setup"):
        dev_setup.setup()
    build, options = kind_of_build(asked)
    with stage("build"):
        configure(build, options)
        compile_in(build)
    print_stages()
    return 0


def do_test(rest):
    pattern = (("pattern",), {"nargs": "?"})
    asked = arguments("test", rest, pattern, flag("--all"), flag("--spark"), flag("--asan"), flag("--tsan"))
    with stage("setup"):
        dev_setup.setup()
        dev_setup.test_packages()
        if asked.spark:
            dev_spark.setup_spark(dev_spark.SPARK)
    build, options = kind_of_build(asked)
    with stage("build"):
        configure(build, options)
        known = dev_test.test_binaries(build)
        folder = asked.pattern and {asked.pattern, f"{asked.pattern}_test"} & set(known)
        compile_in(build, *[f"bin/{name}" for name in folder or ()])
    with stage("tests"):
        if folder:
            passed, failed = dev_test.run_tests(build, None, asked.all, only=folder)
        else:
            passed, failed = dev_test.run_tests(build, asked.pattern, asked.all, spark=asked.spark)
    print_stages()
    say(f"{passed} passed, {failed} failed")
    if passed + failed == 0:
        raise Failed("no test ran" + (f" for '{asked.pattern}'" if asked.pattern else ""))
    return 1 if failed else 0


def do_spark(rest):
    with stage("setup"):
        dev_setup.setup()
        dev_spark.setup_spark(dev_spark.SPARK)
    with stage("build"):
        configure(ROOT / "build", ["-DHOLDFAST_SANITIZE="])
        in_python = rest[:1] in (["python"], ["suites"])
        compile_in(ROOT / "build", "bin/holdfast", "holdfast_python" if in_python else "bin/play_program")
    with stage("turns"):
        compat = ROOT / "test/spark_compat"
        play = [PYTHON, compat / "continue/run.py", *rest]
        if rest[:1] in (["programs"], ["queries"]):
            play = [PYTHON, "-m", "programs.turns", "--spark", dev_spark.SPARK,
                    *(["--queries"] if rest[0] == "queries" else []), *rest[1:]]
        elif rest[:1] == ["python"]:
            play = [PYTHON, compat / "python/example_turns.py", *rest[1:]]
        elif rest[:1] == ["suites"]:
            play = [PYTHON, compat / "python/spark_suites.py", CACHE / f"spark-{dev_spark.SPARK}", *rest[1:]]
        package = {**os.environ, "PYTHONPATH": str(ROOT / "build" / "python")}
        code = subprocess.run(play, cwd=compat, env=package if rest[:1] == ["suites"] else None).returncode
    print_stages()
    return code


def do_demo(rest):
    with stage("setup"):
        dev_setup.setup()
    build = ROOT / "build"
    with stage("build"):
        configure(build, ["-DHOLDFAST_SANITIZE="])
        compile_in(build, "bin/holdfast")
    with stage("demo"):
        code = subprocess.run([build / "bin/holdfast", "demo", *rest]).returncode
    print_stages()
    return code


def do_bench(rest):
    with stage("setup"):
        dev_setup.setup("bench")
        dev_setup.rocksdb_release()
    build = ROOT / "build-bench"
    with stage("build"):
        configure(build, ["-DHOLDFAST_ROCKSDB=source", "-DHOLDFAST_BENCH=ON", "-DHOLDFAST_TESTS=OFF"])
        compile_in(build)
    environment = {**os.environ, "HOLDFAST_BUILD": str(build)}
    script, words = ("python/bench_python.py", rest[1:]) if rest[:1] == ["python"] else ("run.py", rest)
    return subprocess.run([PYTHON, ROOT / "bench" / script, *words], env=environment).returncode


def do_fuzz(rest):
    asked = arguments("fuzz", rest, (("name",), {}), (("seconds",), {"type": int}))
    known = sorted(path.stem.removesuffix("_fuzz") for path in (ROOT / "fuzz").glob("*_fuzz.cc"))
    name = asked.name.removesuffix("_fuzz")
    if name != "all" and name not in known:
        raise Failed(f"there is no fuzz/{name}_fuzz.cc; there are: {' '.join(known) or 'none'}")
    names = known if name == "all" else [name]
    with stage("setup"):
        dev_setup.setup("fuzz")
    build = ROOT / "build-fuzz"
    with stage("build"):
        compilers = ["-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_CXX_COMPILER=clang++-19"]
        instrument = ("-DCMAKE_CXX_FLAGS=-fsanitize=fuzzer-no-link,address,undefined "
                      "-fno-sanitize-recover=undefined")
        configure(build, ["-DHOLDFAST_FUZZ=ON", "-DHOLDFAST_TESTS=OFF", *compilers, instrument])
        compile_in(build, *[f"bin/{name}_fuzz" for name in names])
    if len(names) == 1:
        return subprocess.run(fuzz_command(build, names[0], asked.seconds)).returncode
    failed = [name for name in names if not fuzz_quietly(build, name, asked.seconds)]
    return 1 if failed else 0


def fuzz_command(build, name, seconds):
    """What is found goes into the build directory; fuzz/corpus holds only what was put there by hand."""
    found = build / "corpus" / name
    found.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "fuzz/corpus" / name
    corpora = [found, seeds] if seeds.is_dir() else [found]
    return [build / "bin" / f"{name}_fuzz", f"-max_total_time={seconds}", "-print_final_stats=1", "-timeout=10",
            "-malloc_limit_mb=512", f"-artifact_prefix={build}/{name}-", *corpora]


def fuzz_quietly(build, name, seconds):
    """Runs one target and prints one line about it. True when nothing was found."""
    log = build / f"{name}.log"
    with log.open("wb") as out:
        code = subprocess.run(fuzz_command(build, name, seconds), stdout=out, stderr=out).returncode
    executions = re.findall(r"stat::number_of_executed_units:\s+(\d+)", log.read_text(errors="replace"))
    count = f"{int(executions[-1]):,}" if executions else "no count of"
    say(f"{name}: {count} executions in {seconds} s, " + (f"FAILED: see {log}" if code else "nothing found"))
    return code == 0


def do_check(rest):
    asked = arguments("check", rest, flag("--quick"))
    with stage("setup"):
        dev_setup.setup("check")
    problems = []
    with stage("format"):
        problems += dev_check.format_differences()
    with stage("tools"):
        problems += dev_check.tools()
    if not asked.quick:
        with stage("lint"):
            configure(ROOT / "build", ["-DHOLDFAST_SANITIZE="])
            problems += dev_check.lint(ROOT / "build")
        with stage("sanitizers"):
            problems += sanitizer_smoke()
    print_stages()
    for problem in problems:
        say(f"check: {problem}")
    say("check: " + ("ok" if not problems else f"{len(problems)} problems"))
    return 1 if problems else 0


def sanitizer_smoke():
    """The tests of the folders that read foreign bytes, and the fuzzers' corpora, under the address sanitizer."""
    build = ROOT / "build-asan"
    configure(build, ["-DHOLDFAST_SANITIZE=address"])
    smoke = {f"{name}_test" for name in ("base", "files", "rows", "codec", "checkpoint", "fuzz")}
    there = sorted(smoke & set(dev_test.test_binaries(build)))
    if not there:
        return []
    compile_in(build, *[f"bin/{name}" for name in there])
    passed, failed = dev_test.run_tests(build, None, False, only=there)
    say(f"under the sanitizers: {passed} passed, {failed} failed")
    return [f"{failed} tests fail under the sanitizers"] if failed else []


def do_format(rest):
    arguments("format", rest)
    dev_setup.debian_packages("check")
    dev_check.reformat()
    return 0


if __name__ == "__main__":
    sys.exit(fail_softly(main))
