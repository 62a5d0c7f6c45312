"""Which authorities to trust, and which certificate to present: from options to an `ssl.SSLContext`.

As curl does it: the authorities of `--ca-file` stand in place of the system's, not beside them, and a client
certificate's key is in the certificate's file where no other is named. What is said of servers holds for no proxy: TLS
to that has the same options, with `proxy` before their names.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from wsconn._cli.terminal import say
from wsconn._cli.usage_error import UsageError
from wsconn._io.importing import undisturbed

if TYPE_CHECKING:
    import ssl

_INSECURE = "certificates are not verified (--insecure): anyone on the way can answer in a region's place"
_PROXY_INSECURE = (
    "the proxy's certificate is not verified (--proxy-insecure): anyone on the way to it can answer in its place"
)
_ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def warning(args: argparse.Namespace) -> str | None:
    """Return what a report must begin with, so that nobody takes the result for verified."""
    said = [text for text, is_so in ((_INSECURE, args.insecure), (_PROXY_INSECURE, args.proxy_insecure)) if is_so]
    return "; ".join(said) or None


def ssl_contexts(args: argparse.Namespace) -> Mapping[str, Any]:
    """Return the contexts that `args` ask for, by the arguments of `start`; `None` leaves one to wsconn."""
    return {"ssl_context": _context(_Asked.of(args)), "proxy_ssl_context": _context(_Asked.of(args, "proxy-"))}


class _Asked(NamedTuple):
    """What the options on TLS ask for, to the servers, or `before` whose names stands `proxy-`, to the proxy."""

    before: str
    ca_file: str | None
    client_cert: str | None
    client_key: str | None
    insecure: bool

    @classmethod
    def of(cls, args: argparse.Namespace, before: str = "") -> _Asked:
        names = cls._fields[1:]
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
    undisturbed(_load_making)
    from wsconn._cli.tls_context import make_context

    return make_context(asked.ca_file, asked.client_cert, asked.client_key, asked.flag, verifies=not asked.insecure)


def _load_making() -> None:
    import wsconn._cli.tls_context  # noqa: F401 - for later: without these options nobody waits for ssl here


def _warn_of_missing_roots() -> None:
    """Name a variable that leads nowhere. OpenSSL passes over it in silence, and then trusts few or none."""
    for variable in _ROOTS:
        place = os.environ.get(variable)
        if place and not any(os.access(part, os.R_OK) for part in place.split(os.pathsep)):
            say(f"WARNING: {variable} {place} cannot be opened: a setting of this machine")
