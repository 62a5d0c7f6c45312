"""CPython without the GIL: the suite, a storm of threads, and how long 200 handshakes take beside other libraries.

It is built from Debian's source, once with `--disable-gil` and once without. cryptography has no release for the
free-threaded 3.13, which the lab needs for its certificates: a test that makes one is skipped there. The lab of the
storm and the server that is measured run in a process of their own, with the Python that runs this.
"""

from __future__ import annotations

import pathlib
import sys

from tests.systems import handshakes, rows
from tests.systems.cpython import built, environment
from tests.systems.target import Target

VERSION, SUITE = "3.13", "trixie"
STORM_SECONDS = 60
_ONLY_WHEELS = "--only-binary=:all:"  # with what they lack here, pip takes an older release that is Python alone
_REQUIREMENTS = str(pathlib.Path(__file__).with_name("free_threaded.txt"))


def main(part: str = "", *tests: str) -> int:
    """Do one part, `suite` (or these tests of it), `storm` or `measure`; all of them without any."""
    python = environment(built("free-threaded", VERSION, SUITE, "--disable-gil"), _ONLY_WHEELS, "-r", _REQUIREMENTS)
    target = Target([python])
    about = target.about()
    assert not about["gil"], "something that was imported has switched the GIL on"
    if part in ("", "suite"):
        counts = target.test(("-p", "tests.systems.no_cryptography", *tests))
        system = f"Linux without the GIL, OpenSSL {about['openssl']}"
        ran = ", ".join(f"`{test}`" for test in tests) or "the whole suite"
        rows.write("free-threaded", system=system, python=about["version"], ran=ran, counts=counts)
    if part in ("", "storm"):
        target.run("-m", "tests.endurance.storm", f"--seconds={STORM_SECONDS}", f"--server={sys.executable}")
    if part in ("", "measure"):
        ordinary = environment(built("ordinary", VERSION, SUITE), _ONLY_WHEELS, "-r", _REQUIREMENTS)
        print(handshakes.table({"with the GIL": ordinary, "without": python}))
    return 0
