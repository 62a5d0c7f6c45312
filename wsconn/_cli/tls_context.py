"""The `ssl.SSLContext` that the options on TLS ask for, where they ask for another than wsconn's own."""

from __future__ import annotations

import getpass
import os
import ssl
import sys
from collections.abc import Callable

from wsconn._cli.usage_error import UsageError
from wsconn._stages.tls import verifying_context

_KEY_LOG = "SSLKEYLOGFILE"


def make_context(
    ca_file: str | None, certificate: str | None, key: str | None, flag: Callable[[str], str], *, verifies: bool
) -> ssl.SSLContext:
    """Return it. `flag` makes an option's name of its end; `UsageError` names the one that is unfit."""
    context = _verifying(ca_file, flag("ca-file"))
    if certificate is not None:
        _present(context, certificate, key, flag("client-cert"))
    if not verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _verifying(ca_file: str | None, flag: str) -> ssl.SSLContext:
    if ca_file == "":  # of which `ssl` would make the system's
        raise UsageError(f"{flag} needs the name of a file")
    _check_key_log()
    try:
        return verifying_context(ca_file)
    except OSError as error:  # an SSLError is one
        wrong = "no certificate in PEM form is in it" if isinstance(error, ssl.SSLError) else error.strerror
        where = "the roots of this machine" if ca_file is None else f"{flag} {ca_file}"
        raise UsageError(f"{where}: {wrong}") from error


def _check_key_log() -> None:
    """Raise `UsageError` for a key log that cannot be written: `ssl` makes no context then, and does not say why."""
    if file := os.environ.get(_KEY_LOG):
        try:
            with open(file, "ab"):  # noqa: PTH123 - a name as it was set; OpenSSL opens it in the same way
                pass
        except OSError as error:
            wrong = f"{_KEY_LOG} {file}: {error.strerror} (a setting of this machine, which breaks TLS)"
            raise UsageError(wrong, f"it without the variable {_KEY_LOG}") from error


def _present(context: ssl.SSLContext, certificate: str, key: str | None, flag: str) -> None:
    if key is None and "," in certificate:
        certificate, _, key = certificate.partition(",")
    for file in (certificate,) if key is None else (certificate, key):  # ssl does not say which of the two is unfit
        if not file:
            raise UsageError(f"{flag} needs the name of a file")
        try:
            with open(file, "rb"):  # noqa: PTH123 - a name as it was typed
                pass
        except OSError as error:
            raise UsageError(f"{flag} {file}: {error.strerror}") from error
    try:
        context.load_cert_chain(certificate, key, password=lambda: _passphrase(key or certificate, flag))
    except ssl.SSLError as error:
        wrong = (
            "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "cannot be read (wrong passphrase?)"
        )
        where = f"{certificate} and {key}" if key else certificate
        raise UsageError(f"{flag} {where}: certificate and key in PEM form {wrong}") from error


def _passphrase(key: str, flag: str) -> str:
    if not _can_be_asked():
        raise UsageError(f"{flag} {key}: the key is locked with a passphrase, and there is nobody to ask for it")
    return getpass.getpass(f"Passphrase of {key}: ")


def _can_be_asked() -> bool:
    """Return whether a person is at stdin: on Windows `isatty()` is true for NUL, where `getpass` waits for ever."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    if sys.platform != "win32":
        return True
    import ctypes
    import msvcrt

    handle = ctypes.c_void_p(msvcrt.get_osfhandle(sys.stdin.fileno()))
    return bool(ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(ctypes.c_uint32())))
