"""Which authorities to trust, and which certificate to present: from options to an `ssl.SSLContext`.

As curl does it: the authorities of `--ca-file` stand in place of the system's, not beside them, and a client
certificate's key is in the certificate's file where no other is named.
"""

from __future__ import annotations

import argparse
import getpass
import os
import ssl
import sys

from wsconn._cli.terminal import say
from wsconn._cli.usage_error import UsageError

INSECURE = "certificates are not verified (--insecure): anyone on the way can answer in a region's place"
_KEY_LOG = "SSLKEYLOGFILE"
_ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def ssl_context(args: argparse.Namespace) -> ssl.SSLContext | None:
    """Return the context that `args` ask for, or `None` where they leave it to wsconn."""
    if args.client_key is not None and args.client_cert is None:
        raise UsageError("--client-key needs --client-cert")
    if args.ca_file is None and not args.insecure:
        _warn_of_missing_roots()
    if args.ca_file is None and args.client_cert is None and not args.insecure:
        return None
    context = _verifying(args.ca_file)
    if args.client_cert is not None:
        _present(context, args.client_cert, args.client_key)
    if args.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _verifying(ca_file: str | None) -> ssl.SSLContext:
    _check_key_log()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # an SSLError is one
        wrong = "no certificate in PEM form is in it" if isinstance(error, ssl.SSLError) else error.strerror
        where = "the roots of this machine" if ca_file is None else f"--ca-file {ca_file}"
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


def _warn_of_missing_roots() -> None:
    """Name a variable that leads nowhere. OpenSSL passes over it in silence, and then trusts few or none."""
    for variable in _ROOTS:
        place = os.environ.get(variable)
        if place and not any(os.access(part, os.R_OK) for part in place.split(os.pathsep)):
            say(f"WARNING: {variable} {place} cannot be opened: a setting of this machine")


def _present(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    if key is None and "," in certificate:
        certificate, _, key = certificate.partition(",")
    for file in filter(None, (certificate, key)):  # ssl's own error does not say which of the two it is about
        try:
            with open(file, "rb"):  # noqa: PTH123 - a name as it was typed
                pass
        except OSError as error:
            raise UsageError(f"--client-cert {file}: {error.strerror}") from error
    try:
        context.load_cert_chain(certificate, key, password=lambda: _passphrase(key or certificate))
    except ssl.SSLError as error:
        wrong = (
            "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "cannot be read (wrong passphrase?)"
        )
        where = f"{certificate} and {key}" if key else certificate
        raise UsageError(f"--client-cert {where}: certificate and key in PEM form {wrong}") from error


def _passphrase(key: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"--client-cert {key}: the key is locked with a passphrase, and there is nobody to ask for it")
    return getpass.getpass(f"Passphrase of {key}: ")
