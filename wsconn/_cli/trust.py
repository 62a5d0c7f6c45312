"""Which authorities to trust, and which certificate to present: from options to an `ssl.SSLContext`.

As curl does it: the authorities of `--ca-file` stand in place of the system's, not beside them, and a client
certificate's key is in the certificate's file where no other is named. What is said of servers holds for no proxy: TLS
to that has the same options, with `proxy` before their names.
"""

from __future__ import annotations

import argparse
import getpass
import os
import ssl
import sys
from collections.abc import Mapping
from typing import Any

import attrs

from wsconn._cli.terminal import say
from wsconn._cli.usage_error import UsageError

_INSECURE = "certificates are not verified (--insecure): anyone on the way can answer in a region's place"
_PROXY_INSECURE = (
    "the proxy's certificate is not verified (--proxy-insecure): anyone on the way to it can answer in its place"
)
_KEY_LOG = "SSLKEYLOGFILE"
_ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def warning(args: argparse.Namespace) -> str | None:
    """Return what a report must begin with, so that nobody takes the result for verified."""
    said = [text for text, is_so in ((_INSECURE, args.insecure), (_PROXY_INSECURE, args.proxy_insecure)) if is_so]
    return "; ".join(said) or None


def ssl_contexts(args: argparse.Namespace) -> Mapping[str, Any]:
    """Return the contexts that `args` ask for, by the arguments of `start`; `None` leaves one to wsconn."""
    return {"ssl_context": _context(_Asked.of(args)), "proxy_ssl_context": _context(_Asked.of(args, "proxy-"))}


@attrs.frozen
class _Asked:
    """What the options on TLS ask for, to the servers, or `before` whose names stands `proxy-`, to the proxy."""

    before: str
    ca_file: str | None
    client_cert: str | None
    client_key: str | None
    insecure: bool

    @classmethod
    def of(cls, args: argparse.Namespace, before: str = "") -> _Asked:
        names = (field.name for field in attrs.fields(cls)[1:])
        return cls(before, *(getattr(args, before.replace("-", "_") + name) for name in names))

    def flag(self, name: str) -> str:
        return f"--{self.before}{name}"


def _context(asked: _Asked) -> ssl.SSLContext | None:
    if asked.client_key is not None and asked.client_cert is None:
        raise UsageError(f"{asked.flag('client-key')} needs {asked.flag('client-cert')}")
    if asked.ca_file is None and not asked.insecure and not asked.before:
        _warn_of_missing_roots()
    if asked.ca_file is None and asked.client_cert is None and not asked.insecure:
        return None
    context = _verifying(asked)
    if asked.client_cert is not None:
        _present(context, asked.client_cert, asked.client_key, asked.flag("client-cert"))
    if asked.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _verifying(asked: _Asked) -> ssl.SSLContext:
    _check_key_log()
    try:
        context = ssl.create_default_context(cafile=asked.ca_file)
    except OSError as error:  # an SSLError is one
        wrong = "no certificate in PEM form is in it" if isinstance(error, ssl.SSLError) else error.strerror
        where = "the roots of this machine" if asked.ca_file is None else f"{asked.flag('ca-file')} {asked.ca_file}"
        raise UsageError(f"{where}: {wrong}") from error
    context.set_alpn_protocols(["http/1.1"])  # as wsconn's own does
    return context


def _check_key_log() -> None:
    """Raise `UsageError` for a key log that cannot be written: `ssl` makes no context then, and does not say why."""
    if file := os.environ.get(_KEY_LOG):
        try:
            with open(file, "ab"):  # noqa: PTH123 - a name as it was set; OpenSSL opens it in the same way
                pass
        except OSError as error:
            wrong = f"{_KEY_LOG} {file}: {error.strerror} (a setting of this machine, which breaks TLS)"
            raise UsageError(wrong, f"it without the variable {_KEY_LOG}") from error


def _warn_of_missing_roots() -> None:
    """Name a variable that leads nowhere. OpenSSL passes over it in silence, and then trusts few or none."""
    for variable in _ROOTS:
        place = os.environ.get(variable)
        if place and not any(os.access(part, os.R_OK) for part in place.split(os.pathsep)):
            say(f"WARNING: {variable} {place} cannot be opened: a setting of this machine")


def _present(context: ssl.SSLContext, certificate: str, key: str | None, flag: str) -> None:
    if key is None and "," in certificate:
        certificate, _, key = certificate.partition(",")
    for file in filter(None, (certificate, key)):  # ssl's own error does not say which of the two it is about
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
