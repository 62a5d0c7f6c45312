"""What can be changed about the request for a WebSocket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import attrs

from wsconn._debug.case import Case, moved
from wsconn._debug.experiments.tls import without_secrets
from wsconn._debug.trial import Bench, Finding, Trial
from wsconn._diagnosis.evidence import StageFailed
from wsconn._outcome import Cause, Stage
from wsconn._protocols.http_body import read_start
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import NotHttp
from wsconn._regions import DEFAULT_PORTS
from wsconn._request_fields import LONGEST_SUBPROTOCOL, origin_among
from wsconn._text import LONGEST, sanitize

# Chromium's on Windows, in the reduced form that it has had since version 110.
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
_ANY_STATUS = range(100, 1000)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")  # RFC 9110, section 5.6.2
_MOST_SUBPROTOCOLS = 4
_OTHER_SCHEME = {"ws": "wss", "wss": "ws"}


def _with_request(bench: Bench, **changes: Any) -> None:  # noqa: ANN401 - of `Request`, whose types they have
    bench.go(bench.probe, bench.target, request=attrs.evolve(bench.case.request, **changes))


def _plain_get(bench: Bench) -> Finding:
    """Ask for the same resource as a page, and take any answer in HTTP for one."""
    target, request = bench.target, bench.case.request
    bench.begin(target, *request.secrets)
    stream = bench.probe.route.open(target, bench.scope, bench.recorder)
    bench.recorder.stage = Stage.UPGRADE
    try:
        fields = {"Host": target.authority, **request.headers, "Connection": "close"}
        lines = (f"GET {target.resource} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", "")
        stream.write("\r\n".join(lines).encode())
        head = read_head(stream, _ANY_STATUS)
        stream.tighten_deadline(1.0)  # for the body, of which a line is enough
        evidence = head.refusal(read_start(stream, head, LONGEST * 4))
    except NotHttp as error:
        raise StageFailed(Cause.BAD_UPGRADE, error.evidence()) from error
    finally:
        stream.close()
    return Finding(evidence, f"it answers HTTP {head.status} {sanitize(head.reason)}".rstrip())


def origin_of(case: Case) -> str:
    """Return the Origin that a page on the server itself would have."""
    scheme = "https" if case.target.secure else "http"
    return f"{scheme}://{case.target.authority}"


def _with_origin(bench: Bench) -> None:
    _with_request(bench, origin=origin_of(bench.case), headers=_headers_without(bench, "origin"))


def _without_origin(bench: Bench) -> None:
    _with_request(bench, origin=None, headers=_headers_without(bench, "origin"))


def _headers_without(bench: Bench, left_out: str) -> dict[str, str]:
    return {name: value for name, value in bench.case.request.headers.items() if name.lower() != left_out}


def _with_subprotocol(bench: Bench) -> None:
    _with_request(bench, subprotocols=(bench.variant,))


def _without_subprotocols(bench: Bench) -> None:
    _with_request(bench, subprotocols=())


def _as_browser(bench: Bench) -> None:
    _with_request(bench, headers={**_headers_without(bench, "user-agent"), "User-Agent": BROWSER})


def _in_other_scheme(bench: Bench) -> None:
    request, target = without_secrets(bench.case.request, bench.target)
    other = moved(attrs.evolve(target, scheme=_OTHER_SCHEME[target.scheme]), port=_port_for(bench.case))
    bench.go(bench.probe, other, request=request)


def _port_for(case: Case) -> int:
    """Return where the other scheme is served: its own port, or the same where the URL names one of its own."""
    other = _OTHER_SCHEME[case.target.scheme]
    port = case.place[1]
    return DEFAULT_PORTS[other] if port == DEFAULT_PORTS[case.target.scheme] else port


def _hinted(case: Case) -> Sequence[str]:
    """Return the subprotocols that the answer speaks of, and those that the user names: what carries a token is none.

    They are told by name in reports.
    """
    said = [part.strip() for part in (case.seen.subprotocol or "").split(",")]
    offered = list(case.request.subprotocols)
    named = [name for name in offered if len(name) <= LONGEST_SUBPROTOCOL]
    wanted = [name for name in dict.fromkeys((*said, *named)) if _TOKEN.fullmatch(name)]
    return [name for name in wanted if [name] != offered][:_MOST_SUBPROTOCOLS]


def _if_another_origin(case: Case) -> Sequence[str]:
    return () if origin_of(case) in (case.request.origin, origin_among(case.request.headers)) else ("",)


def _if_websocket(case: Case) -> Sequence[str]:
    return ("",) if case.target.scheme in _OTHER_SCHEME else ()


_NOT_SENT = "neither the URL's query nor headers of yours are in it"

VARIATIONS = (  # of the request
    Trial(
        name="with_origin",
        changed="an Origin, as a page of the server itself would send it",
        sent="The check's request to {server}, with an Origin.",
        tells="a server that takes connections from web pages alone",
        run=_with_origin,
        variants=_if_another_origin,
    ),
    Trial(
        name="without_origin",
        changed="no Origin",
        sent="The check's request to {server}, without its Origin.",
        tells="a server that takes no connections from this web page",
        run=_without_origin,
        variants=lambda case: ("",) if case.request.has_origin else (),
    ),
    Trial(
        name="subprotocol",
        changed="the subprotocol {variant} offered, and no other",
        sent="The check's request to {server}, with Sec-WebSocket-Protocol: {variant}.",
        tells="a server that wants a certain subprotocol",
        run=_with_subprotocol,
        variants=_hinted,
    ),
    Trial(
        name="without_subprotocols",
        changed="no subprotocol offered",
        sent="The check's request to {server}, without Sec-WebSocket-Protocol.",
        tells="a server that wants none of those offered",
        run=_without_subprotocols,
        variants=lambda case: ("",) if case.request.subprotocols else (),
    ),
    Trial(
        name="browser_user_agent",
        changed="a browser's User-Agent",
        sent="The check's request to {server}, with the User-Agent of Chrome on Windows.",
        tells="a filter or a bot check that goes by that header",
        run=_as_browser,
    ),
)
EXPERIMENTS = (
    Trial(
        name="plain_get",
        changed="an ordinary HTTP request: the same without the upgrade; any answer passes",
        sent="A request (GET) to {server} with the check's path, query and headers; no Upgrade.",
        tells="what filters the upgrade alone, or loses its headers",
        run=_plain_get,
    ),
    *VARIATIONS,
    Trial(
        name="other_scheme",
        changed="{other_scheme}",
        sent=f"A request for a WebSocket to {{host}}: {_NOT_SENT}, nor subprotocols.",
        tells="a device that tampers with HTTP where it can read it",
        run=_in_other_scheme,
        variants=_if_websocket,
    ),
)
