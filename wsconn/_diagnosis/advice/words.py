"""The words that advice is made of."""

from __future__ import annotations

from wsconn._outcome import Evidence
from wsconn._text import value


def source(seen: Evidence) -> str:
    """Tell which setting named the proxy."""
    return value(seen.proxy_source) if seen.proxy_source else "the settings"


def server_and_port(seen: Evidence) -> str:
    """Name what a firewall's rule is for."""
    return f"{value(seen.host)} port {seen.port}"


# Of what large packets get lost in: a tunnel that holds less than its ends believe.
SMALLER_PACKETS = "test without a VPN, if one is on, or with a smaller MTU (the largest size of a packet), such as 1280"
_OF_ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR")


NO_ROOTS = (
    "Install root certificates on this machine (the package ca-certificates; on macOS run Install"
    " Certificates.command). Without them no server is trusted, so nothing is known yet about this one."
)


def mend_setting(seen: Evidence) -> str:
    """Say how to mend a variable that leads nowhere."""
    what = {
        "SSLKEYLOGFILE": "a file that this program may write to",
        "SSL_CERT_FILE": "a file with root certificates in PEM form",
        "SSL_CERT_DIR": "a directory of root certificates, prepared by openssl rehash",
    }.get(seen.setting or "", "what exists")
    mend = f"Unset the variable {value(seen.setting)}, or have it name {what}."
    if seen.setting in _OF_ROOTS:  # OpenSSL may have other roots: SSL_CERT_FILE leaves its default directory in use
        return f"{mend} It is a setting of this machine: correct it before you ask anybody else, then test again."
    return (
        f"{mend} It is a setting of this machine, or of what this program was started from: neither the network nor the"
        " server is at fault."
    )
