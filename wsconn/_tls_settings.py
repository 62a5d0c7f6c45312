"""The environment's variables that OpenSSL and the ssl module heed, and which of them leads nowhere.

OpenSSL says nothing about a file of root certificates that it cannot read: it goes on without, and trusts no server.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable

import attrs

from wsconn._outcome import Evidence
from wsconn._text import sanitize

_CERTIFICATE = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----")  # OpenSSL's pem.h
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")  # what OpenSSL looks for in a directory, by the subject's hash
_MOST_BYTES = 8 * 1024 * 1024  # of a file; the usual 140 roots take 220 KB


@attrs.frozen
class BadSetting:
    """A variable that names what cannot be used: `error` says why, or there is no certificate in it."""

    variable: str
    value: str
    error: OSError | None


def bad_keylog(error: BaseException | None) -> BadSetting | None:
    """Return `SSLKEYLOGFILE` where it is what this error of making a context is about."""
    path = os.environ.get("SSLKEYLOGFILE")
    if path and isinstance(error, OSError) and error.filename == path:
        return BadSetting("SSLKEYLOGFILE", path, error)
    return None


def unwritten_keylog() -> Evidence:
    """Return evidence of a key log that was opened and cannot be written, as on a full disk."""
    if path := os.environ.get("SSLKEYLOGFILE"):
        return Evidence(setting="SSLKEYLOGFILE", setting_value=sanitize(path))
    return Evidence(detail="the key log cannot be written")


def bad_roots(*, have_some: bool) -> BadSetting | None:
    """Return the variable for root certificates that leads nowhere, if one does.

    `have_some` tells whether any were loaded: there may be what looks like certificates in a file, and is none.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file is not None:
        try:
            if _has_certificate(file) and have_some:
                return None
        except OSError as error:
            return BadSetting("SSL_CERT_FILE", file, error)
        return BadSetting("SSL_CERT_FILE", file, None)
    return _bad_folder(folder) if folder is not None else None


def has_folder_of_roots(built_in: str) -> bool:
    """Whether OpenSSL finds root certificates in a directory: in the environment's, or in the one built into it."""
    return _bad_folder(os.environ.get("SSL_CERT_DIR") or built_in) is None


def _bad_folder(folders: str) -> BadSetting | None:
    failed = None
    for folder in folders.split(os.pathsep):
        try:
            if _has_hashed_name(os.listdir(folder)):  # noqa: PTH208 - see below
                return None
        except OSError as error:
            failed = failed or error
    return BadSetting("SSL_CERT_DIR", folders, failed)


def _has_certificate(path: str) -> bool:
    mode = os.stat(path).st_mode  # noqa: PTH116 - an empty path is none, of which pathlib makes the working directory
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return True  # a pipe gives each byte once, and OpenSSL has had them
    with open(path, "rb") as file:  # noqa: PTH123 - see above
        return _CERTIFICATE.search(file.read(_MOST_BYTES)) is not None


def _has_hashed_name(names: Iterable[str]) -> bool:
    return any(map(_HASHED_NAME.fullmatch, names))
