"""Other processors, as qemu has them: the demo, and the tests of protocols, addresses, text and JSON.

It needs `qemu-user-static`, and Debian 12's Python for that processor, which is unpacked in a folder. An emulated
processor is some twenty times slower, so the demo's regions get more time, and few examples are drawn by lot. What
starts a process of its own is not run: the kernel would have to know qemu for that.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import NamedTuple

from tests.systems import rows
from tests.systems.debian import inside, unpacked_for
from tests.systems.target import ROOT, Target


class Processor(NamedTuple):
    """What qemu calls it, and what it is."""

    qemu: str
    name: str


PROCESSORS = {
    "s390x": Processor("s390x", "IBM Z (s390x), big-endian"),
    "arm64": Processor("aarch64", "64-bit ARM (arm64)"),
    "armhf": Processor("arm", "32-bit ARM (armhf)"),
}
PURE = (  # what depends most on the order of bytes and the width of words: protocols, addresses, text, JSON
    "tests/protocols/test_challenges.py",
    "tests/protocols/test_dns.py",
    "tests/protocols/test_frames.py",
    "tests/protocols/test_handshake.py",
    "tests/protocols/test_x509.py",
    "tests/test_arguments.py::test_good_urls_are_taken_apart",
    "tests/test_text.py",
    "tests/reports/test_reports.py::test_golden_files",
    "tests/reports/test_reports.py::test_json_reads_back",
    "tests/reports/test_reports.py::test_json_without_beginnings_reads_back",
)
_FEW = "--hypothesis-profile=few"
_REGION_SECONDS = 15.0
_PACKAGES = ("python3.11", "python3-cryptography", "python3-cffi-backend", "python3-markupsafe")
_PURE_WHEELS = (
    *("attrs>=23.1", "websocket-client>=1.9.1,<2", "trustme>=1.2", "websockets>=13.1", "idna", "python-socks>=3.0"),
    *("pytest>=8.2", "pluggy", "iniconfig", "packaging", "pygments", "hypothesis>=6.100", "sortedcontainers"),
    *("dnslib>=0.9", "jinja2>=3.1", "markdown-it-py>=3", "mdurl"),
    # The last that is Python alone. It is imported, and too old for what is validated.
    *("jsonschema==4.17.3", "pyrsistent>=0.20"),
)


def main(name: str = "", *tests: str) -> int:
    """Run the demo and these tests on this processor; the demo alone for `demo`; without any, all on each."""
    for each in [name] if name else PROCESSORS:
        python = _installed(each)
        about = python.about()
        python.demo(_REGION_SECONDS)
        if tests == ("demo",):
            continue
        counts = python.test([_FEW, *(tests or PURE)], workers=0)
        if not tests:
            named = ", ".join(f"`{test.removeprefix('tests/')}`" for test in PURE)
            ran = f"the demo; {named}, with 5 examples of what is drawn by lot"
            system = f"{PROCESSORS[each].name}, Debian 12, emulated by {_qemu(each)}"
            rows.write(f"processors-{each}", system=system, python=about["version"], ran=ran, counts=counts)
    return 0


def _installed(name: str) -> Target:
    root = unpacked_for(name, "bookworm", *_PACKAGES)
    packages = root / "opt/packages"
    marker = packages / "installed"
    if not marker.exists() or marker.read_text("utf-8").split() != list(_PURE_WHEELS):
        shutil.rmtree(packages, ignore_errors=True)
        only = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none", "--python-version=3.11")
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", *only, "--target", str(packages)]
        subprocess.run([*pip, *_PURE_WHEELS], check=True)
        marker.write_text("\n".join(_PURE_WHEELS), "utf-8")
    emulator = f"/usr/bin/{_emulator(name)}"
    shutil.copy(emulator, root / "usr/bin")
    environment = {"PYTHONPATH": f"/opt/packages:{ROOT}"}
    return Target(inside(root, "/usr/bin/python3.11", emulator=[emulator]), environment)


def _emulator(name: str) -> str:
    return f"qemu-{PROCESSORS[name].qemu}-static"


def _qemu(name: str) -> str:
    said = subprocess.run([_emulator(name), "--version"], capture_output=True, text=True, check=True).stdout
    return "qemu " + said.split()[2]
