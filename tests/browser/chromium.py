"""Debian's Chromium, run once with a home of its own, in which it trusts one authority more."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence

import attrs

from tests.components.programs import HOME

PYTHON = HOME / "browser" / "bin" / "python"
OPEN_ALL = pathlib.Path(__file__).parent / "open_all.py"
OPEN_BEHIND = pathlib.Path(__file__).parent / "open_behind.py"
MOST_SECONDS = 90


@attrs.frozen
class Seen:
    """What a page saw of a WebSocket. `clean` and `code` are of its end; `None`: there was none yet."""

    opened: bool
    clean: bool | None
    code: int | None
    seconds: float | None

    @property
    def stayed(self) -> bool:
        """Whether it opened, and then stayed open for a moment or was closed as RFC 6455 has it."""
        return self.opened and self.clean is not False


def open_in_chromium(
    urls: Mapping[str, str], *, names: str, authority: bytes, home: pathlib.Path, arguments: Sequence[str] = ()
) -> dict[str, Seen]:
    """Open every URL; `names` are Chromium's rules of where names lead to, `arguments` more of its own."""
    _trust(authority, home)
    return _run(OPEN_ALL, {"urls": dict(urls), "names": names, "arguments": list(arguments)}, home)


def open_behind_proxies(
    cases: Mapping[str, tuple[str, str]],
    *,
    authority: bytes,
    home: pathlib.Path,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Seen]:
    """Open each URL behind the proxy that is given with it.

    With an `environment`, in which Kerberos finds its tickets, the proxies may want a login: one that is in a proxy's
    URL is typed where a page is asked for it. A WebSocket alone is never asked: Chromium uses what it knows by then.
    """
    _trust(authority, home)
    told = {"cases": dict(cases), "page_first": environment is not None}
    return _run(OPEN_BEHIND, told, home, environment or {})


def _run(
    program: pathlib.Path, told: object, home: pathlib.Path, environment: Mapping[str, str] | None = None
) -> dict[str, Seen]:
    with tempfile.TemporaryDirectory(prefix="wsconn-") as short:  # for a socket, whose path has 107 characters at most
        child = subprocess.run(
            [PYTHON, program],
            input=json.dumps(told),
            env={**os.environ, **(environment or {}), "HOME": str(home), "TMPDIR": short},
            cwd=home,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        assert child.returncode == 0, child.stderr
        assert list(pathlib.Path(short).glob("playwright*")) == []  # no profile is left
    return {name: Seen(**seen) for name, seen in json.loads(child.stdout).items()}


def _trust(authority: bytes, home: pathlib.Path) -> None:
    """Put the authority where Chromium looks for those of a person's own: no flag that hides verification."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    pem = home / "authority.pem"
    pem.write_bytes(authority)
    certutil = ["certutil", "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "lab", "-i", pem], check=True)
