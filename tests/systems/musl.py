"""Another C library: the suite on a CPython that is built with musl, as Alpine has it, and with an OpenSSL of its own.

All is built from Debian's sources, musl first: Debian 12's 1.2.3 does not know the relocations (`DT_RELR`) of the
libgcc that is in today's wheels, whose import ends in a segmentation fault. A thread gets a stack of 1 MiB, as in the
image `python:alpine`; Alpine's own package has 2 MiB (as of 3.14.5), and musl's default is 128 KiB. SQLite and lzma are
left out.
"""

from __future__ import annotations

import os
import pathlib
import subprocess

from tests.systems import rows
from tests.systems.cpython import built, environment
from tests.systems.debian import source
from tests.systems.target import HOME, Target

VERSION, SUITE = "3.13", "trixie"
_LIBRARIES_OF = "bookworm"
_MUSL = HOME / "musl" / "libc"
_LIBRARIES = HOME / "musl" / "libraries"
_HEADERS = {
    "linux": "/usr/include/linux",
    "asm-generic": "/usr/include/asm-generic",
    "asm": "/usr/include/x86_64-linux-gnu/asm",
}
# gcc names glibc's folders there, and CPython's configure wants musl's name or none.
_COMPILER = """#!/bin/sh
[ "$1" = --print-multiarch ] || exec {musl}/bin/musl-gcc "$@"
"""
_REQUIREMENTS = str(pathlib.Path(__file__).with_name("musl.txt"))


def main(*tests: str) -> int:
    """Run the suite, or these tests."""
    _build_libraries()
    options = (f"--with-openssl={_LIBRARIES}",)
    variables = {
        "CC": _compiler(),
        "CPPFLAGS": f"-I{_LIBRARIES}/include",
        "LDFLAGS": f"-L{_LIBRARIES}/lib",
        "OPT": "-DNDEBUG -O1 -DTHREAD_STACK_SIZE=0x100000",  # with -O1 it is built in half the time
        "PKG_CONFIG_LIBDIR": f"{_LIBRARIES}/lib/pkgconfig",  # not glibc's libraries
    }
    python = built("musl", VERSION, SUITE, *options, variables=variables)
    target = Target([environment(python, "--only-binary=:all:", "-r", _REQUIREMENTS)])
    about = target.about()
    counts = target.test(tests)
    if not tests:
        system = f"Linux with musl {_musl()}, OpenSSL {about['openssl']}"
        rows.write("musl", system=system, python=about["version"], ran="the whole suite", counts=counts)
    return 0


def _build_libraries() -> None:
    """Build musl, and zlib, libffi and OpenSSL as archives that CPython's modules take in, once."""
    if (_LIBRARIES / "installed").exists():
        return
    musl = source(SUITE, "musl")
    _do(musl, "gcc", "./configure", f"--prefix={_MUSL}", f"--syslibdir={_MUSL}/lib")
    _do(musl, "gcc", "make", "-s", "-j2", "install")
    include = _LIBRARIES / "include"
    include.mkdir(parents=True, exist_ok=True)
    for name, headers in _HEADERS.items():  # the kernel's, which musl-gcc does not look for
        (include / name).unlink(missing_ok=True)
        (include / name).symlink_to(headers)
    compiler = f"{_MUSL}/bin/musl-gcc -fPIC -I{include}"
    zlib, libffi, openssl = (source(_LIBRARIES_OF, name) for name in ("zlib", "libffi", "openssl"))
    _do(zlib, compiler, "./configure", "--static", f"--prefix={_LIBRARIES}")
    _do(zlib, compiler, "make", "-s", "install")
    _do(libffi, compiler, "./configure", "--disable-shared", "--disable-docs", f"--prefix={_LIBRARIES}")
    _do(libffi, compiler, "make", "-s", "install")
    without = ("no-shared", "no-tests", "no-module")
    _do(openssl, compiler, "./Configure", "linux-x86_64", f"--prefix={_LIBRARIES}", "--libdir=lib", *without)
    _do(openssl, compiler, "make", "-s", "-j2", "build_libs")
    _do(openssl, compiler, "make", "-s", "install_dev")
    (_LIBRARIES / "installed").touch()


def _compiler() -> str:
    compiler = _LIBRARIES.with_name("compiler")
    compiler.write_text(_COMPILER.format(musl=_MUSL), "utf-8")
    compiler.chmod(0o755)
    return str(compiler)


def _do(folder: pathlib.Path, compiler: str, *command: str) -> None:
    subprocess.run(command, cwd=folder, env={**os.environ, "CC": compiler}, check=True, stdout=subprocess.DEVNULL)


def _musl() -> str:
    """Return its version, which its loader says when it is called with nothing to load."""
    said = subprocess.run([_MUSL / "lib/ld-musl-x86_64.so.1"], capture_output=True, text=True, check=False).stderr
    return said.split("Version ")[1].split()[0]
