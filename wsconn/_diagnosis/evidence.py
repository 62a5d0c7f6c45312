"""What was seen when a way to a region ended: the facts from which message and advice are written."""

from __future__ import annotations

import errno
from datetime import datetime

import attrs

from wsconn._outcome import Cause, Stage, TlsInfo

NO_DESCRIPTORS = ("EMFILE", "ENFILE")  # what the system says when a process, or the machine, has too many files open


@attrs.frozen(kw_only=True)
class Evidence:
    """What was seen. The room that fails gives what it alone knows; the recorder adds where, when and how far.

    `proxy` tells which one and who named it; `discovery` is the URL of the endpoint that is asked, while it is.
    `loading` is what this machine had not loaded yet when the time was over. `detail` is the short technical word of a
    library or a peer. It and the HTTP fields are made safe to show before they get here. `elapsed` is in seconds;
    `clock` is this machine's, UTC.

    certificates_sent: How many certificates the server sent, its own included.
    certificate_names: For whom the server's certificate is, as its subjectAltName says: `"DNS:a.example"`.
    only_common_name_fits: The certificate's subject has the host as its common name, and subjectAltName has it not.
    top_issuer: Who signed the uppermost of the certificates that the server sent, as an RFC 4514 string.
    issuer_url: Where that authority's own certificate can be had (RFC 5280, section 4.2.2.1).
    faulty_certificate: The subject of the certificate that the verify code is about.
    faulty_role: Whose it is: `"server"`, `"intermediate"` or `"root"`.
    faulty_date: When it expired, or when it becomes valid.
    setting: The variable of this machine's environment that names a file or folder which cannot be used:
        `"SSL_CERT_FILE"`.
    setting_value: What it names.
    """

    os_error: str | None = None
    detail: str | None = None
    http_status: int | None = None
    http_reason: str | None = None
    location: str | None = None
    retry_after: str | None = None
    server: str | None = None
    tls: TlsInfo | None = None
    verify_code: int | None = None
    certificates_sent: int | None = None
    certificate_names: tuple[str, ...] = ()
    only_common_name_fits: bool = False
    top_issuer: str | None = None
    issuer_url: str | None = None
    faulty_certificate: str | None = None
    faulty_role: str | None = None
    faulty_date: datetime | None = None
    setting: str | None = None
    setting_value: str | None = None
    address: str | None = None
    began: bool = True
    loading: str | None = None
    # Added by the recorder:
    stage: Stage = Stage.RESOLVE
    scheme: str = ""
    host: str = ""
    port: int = 0
    proxy: str | None = None
    proxy_host: str = ""
    connected: bool = False
    discovery: str | None = None
    elapsed: float = 0.0
    clock: datetime | None = None


def symbol(error: OSError) -> str | None:
    """Return an error's symbolic name, `"ECONNREFUSED"`, or `None` where the system gave no number."""
    if error.errno is None:
        return None
    return errno.errorcode.get(error.errno, f"errno {error.errno}").removeprefix("WSA")  # Windows' names for the same


class StageFailed(Exception):
    """This way to the region ends here. `stage` is given only where it is not the stage under way.

    It carries a remote failure from where it was seen to the probe, which makes a value of it. It derives from no
    `OSError`, so that websocket-client lets it through unchanged.
    """

    def __init__(self, cause: Cause, evidence: Evidence | None = None, *, stage: Stage | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.evidence = evidence
        self.stage = stage
