"""Whom to trust, and which certificate to show: from options to an `ssl.SSLContext`.

As curl does it: the authorities of `--ca-file` stand in place of the system's, not beside them, and a client
certificate's key is in the certificate's file where no other is named.
"""

from __future__ import annotations

import argparse
import getpass
import ssl
import sys

from wsconn._cli.usage_error import UsageError
from wsconn._tls_settings import bad_keylog

INSECURE = "certificates are not verified (--insecure): whoever is on the way can answer in a region's place"


def ssl_context(args: argparse.Namespace) -> ssl.SSLContext | None:
    """Return the context that `args` ask for, or `None` where they leave it to wsconn."""
    if args.client_key is not None and args.client_cert is None:
        raise UsageError("--client-key needs --client-cert")
    if args.ca_file is None and args.client_cert is None and not args.insecure:
        return None
    context = _verifying(args.ca_file)
    if args.client_cert is not None:
        _show(context, args.client_cert, args.client_key)
    if args.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _verifying(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise UsageError(f"--ca-file {ca_file}: no certificate in PEM form is in it") from error
    except OSError as error:
        if setting := bad_keylog(error):
            raise UsageError(f"{setting.variable}={setting.value}: {error.strerror}; unset it or mend it") from error
        raise UsageError(f"--ca-file {ca_file}: {error.strerror}") from error


def _show(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
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
        what = (
            "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "cannot be read (wrong passphrase?)"
        )
        where = f"{certificate} and {key}" if key else certificate
        raise UsageError(f"--client-cert {where}: certificate and key in PEM form {what}") from error


def _passphrase(key: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"--client-cert {key}: the key is locked with a passphrase, and there is nobody to ask for it")
    return getpass.getpass(f"Passphrase of {key}: ")
