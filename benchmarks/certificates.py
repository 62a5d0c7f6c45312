"""An authority of the benchmark's own, and its certificate for every region."""

from __future__ import annotations

import ssl
from pathlib import Path

import attrs
import trustme

_BUNDLES = (  # where systems keep their roots as one file; Python's own default comes first
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@attrs.frozen
class Certificates:
    """Files: the server's chain and key (ECDSA), and what clients trust, the system's roots among it."""

    chain: str
    key: str
    roots: str
    count_of_roots: int


def make(folder: Path, hosts: list[str]) -> Certificates:
    """Make them for `hosts`, names and addresses."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    issued = authority.issue_cert(*hosts, key_type=trustme.KeyType.ECDSA)
    chain, key, roots = folder / "chain.pem", folder / "key.pem", folder / "roots.pem"
    chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    roots.write_bytes(_system_roots() + authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(roots)
    return Certificates(str(chain), str(key), str(roots), context.cert_store_stats()["x509_ca"])


def _system_roots() -> bytes:
    """Return the system's roots, or what Windows' store has as PEM; nothing where there are none."""
    own = ssl.get_default_verify_paths().cafile
    for bundle in (own, *_BUNDLES):
        if bundle and Path(bundle).exists():
            return Path(bundle).read_bytes() + b"\n"
    context = ssl.create_default_context()
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in context.get_ca_certs(binary_form=True)).encode()
