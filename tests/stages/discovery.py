"""What goes wrong on the way to a discovery endpoint."""

from __future__ import annotations

from wsconn import Cause
from wsconn.lab import faults

STAGES = {
    "refused": (faults.REFUSED, Cause.REFUSED, "refused the connection"),
    "status": (faults.http_status(503), Cause.HTTP_STATUS, "HTTP 503"),
    "redirect": (faults.redirect("https://portal.example/"), Cause.REDIRECTED, "portal.example"),
    "silence": (faults.MUTE, Cause.TIMEOUT, "did not answer"),
    "stalled body": (faults.STALLED_BODY, Cause.HTTP_STATUS, "HTTP 403"),
    "reset": (faults.RESET, Cause.CLOSED, "reset"),
    "not HTTP": (faults.NOT_HTTP, Cause.BAD_DISCOVERY, "no answer in HTTP"),
    "endless headers": (faults.ENDLESS_HEADERS, Cause.HTTP_STATUS, "HTTP 101"),
    "no such host": (faults.NO_SUCH_HOST, Cause.DNS_NOT_FOUND, "does not exist"),
}
