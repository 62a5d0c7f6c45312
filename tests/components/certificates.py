"""An authority of the suite's own, and the certificate of 127.0.0.1 as the files that programs read."""

from __future__ import annotations

import pathlib
import ssl

import attrs
import trustme

ORGANISATION = "Component Authority"


@attrs.frozen(kw_only=True)
class Certificates:
    """Files in PEM: the authority's certificate, the server's, its key, and both of the latter in one."""

    authority: pathlib.Path
    server: pathlib.Path
    key: pathlib.Path
    server_and_key: pathlib.Path

    def trusting_context(self) -> ssl.SSLContext:
        """Return a client's context that trusts the authority and nobody else."""
        return ssl.create_default_context(cafile=self.authority)


def write_certificates(folder: pathlib.Path) -> Certificates:
    """Make an authority and a certificate for 127.0.0.1, and write them to `folder`."""
    files = Certificates(
        authority=folder / "authority.pem",
        server=folder / "server.pem",
        key=folder / "key.pem",
        server_and_key=folder / "server-and-key.pem",
    )
    authority = trustme.CA(organization_name=ORGANISATION)
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(files.authority))
    leaf.cert_chain_pems[0].write_to_path(str(files.server))
    leaf.private_key_pem.write_to_path(str(files.key))
    leaf.private_key_and_cert_chain_pem.write_to_path(str(files.server_and_key))
    return files
