"""The TLS that a server is told to speak: nothing, or one version with a certificate and a key."""

from __future__ import annotations

import ssl


def restrict(context: ssl.SSLContext, version: str) -> None:
    """Let `context` speak TLS `version`, "1.2" or "1.3", and no other."""
    context.minimum_version = context.maximum_version = ssl.TLSVersion[f"TLSv{version.replace('.', '_')}"]


def context_for(version: str, *files: str) -> ssl.SSLContext | None:
    """Return a server's context, or `None` where `version` is empty; `files` are the certificate's and the key's."""
    if not version:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    restrict(context, version)
    return context
