"""What can be changed about the TLS handshake. Certificates are only looked at, and nothing is sent after it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import attrs

from wsconn._debug.case import Case, moved
from wsconn._debug.trial import Bench, Finding, Trial
from wsconn._diagnosis.evidence import StageFailed
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._probe.probe import Probe
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import NotHttp
from wsconn._regions import Target
from wsconn._stages.request import USER_AGENT, Request
from wsconn._stages.tls import failure, look, looking_context
from wsconn._text import is_ip_address, sanitize

SMALL_SEGMENT_BYTES = 536  # what every network carries: RFC 9293, section 3.7.1
UNKNOWN_NAME = "unknown.invalid"  # of nobody: RFC 6761, section 6.4
_ANY_STATUS = range(100, 1000)
_CLOCK_MAY_DIFFER = timedelta(hours=1)


def _handshake(
    bench: Bench,
    *,
    name: str | None,
    target: Target | None = None,
    probe: Probe | None = None,
    context: ssl.SSLContext | None = None,
) -> Finding:
    """Do a handshake that asks for `name` and takes any certificate, and say whose it is."""
    target, probe = target or bench.target, probe or bench.probe
    bench.begin(target)
    stream = probe.route.dialer.dial(target, bench.scope, bench.recorder)
    bench.recorder.stage = Stage.TLS
    try:
        with bench.recorder.timed(Stage.TLS):
            looked = look(stream, context or looking_context(), name)
    except ssl.SSLError as error:
        raise failure(error) from error
    except ValueError as error:  # UnicodeError is one
        raise StageFailed(Cause.TLS_FAILED, Evidence(detail="the name does not fit into TLS")) from error
    finally:
        stream.close()
    if looked is None:
        return Finding(message="a certificate that cannot be read")
    tls, chain = looked
    bench.recorder.saw_tls(tls)
    names = tuple(map(sanitize, chain.sent[0].names))
    issuers = " < ".join(sanitize(one.issuer) for one in chain.sent)
    evidence = Evidence(certificate_names=names, certificates_sent=len(chain.sent) if chain.whole else None)
    return Finding(evidence, f"a certificate for {sanitize(', '.join(names))}, signed by {sanitize(issuers)}")


def _look(bench: Bench) -> Finding:
    return _handshake(bench, name=bench.target.host)


def _tls_1_2(bench: Bench) -> Finding:
    context = looking_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return _handshake(bench, name=bench.target.host, context=context)


def _no_name(bench: Bench) -> Finding:
    return _handshake(bench, name=None)


def _other_name(bench: Bench) -> Finding:
    other = bench.case.other
    assert other  # noqa: S101 - for the types alone: without one the experiment does not fit
    return _handshake(bench, name=other.target.host)


def _own_name_elsewhere(bench: Bench) -> Finding:
    return _at_control(bench, bench.target.host)


def _unknown_name_elsewhere(bench: Bench) -> Finding:
    return _at_control(bench, UNKNOWN_NAME)


def _at_control(bench: Bench, name: str) -> Finding:
    control = bench.case.control
    assert control  # noqa: S101 - as above
    try:
        return _handshake(bench, name=name, target=control.target)
    except StageFailed as failed:
        if failed.cause in (Cause.CLOSED, Cause.TIMEOUT, bench.case.cause):
            raise
        return Finding(message="it answers in TLS that it does not know the name")  # an alert: the name got there


def in_small_segments(probe: Probe) -> Probe:
    """Return the probe with small segments of TCP, in both directions."""
    dialer = attrs.evolve(probe.route.dialer, segment_bytes=SMALL_SEGMENT_BYTES)
    return attrs.evolve(probe, route=attrs.evolve(probe.route, dialer=dialer))


def _small_segments(bench: Bench) -> Finding | None:
    probe = in_small_segments(bench.probe)
    if bench.case.stage is Stage.TLS:
        return _handshake(bench, name=bench.target.host, probe=probe)
    bench.go(probe, bench.target)
    return None


def without_secrets(request: Request, target: Target) -> tuple[Request, Target]:
    """Return both as they may be shown to everybody on the way: without the query and the user's headers."""
    bare = Request(headers={"User-Agent": USER_AGENT}, origin=request.origin)
    path = target.resource.partition("?")[0]
    return bare, attrs.evolve(target, resource=path, url=target.url.partition("?")[0])


def _unencrypted(bench: Bench) -> None:
    request, target = without_secrets(bench.case.request, bench.target)
    bench.go(bench.probe, attrs.evolve(target, scheme="ws"), Stage.FRAMES, request=request)


def _date_of_server(bench: Bench) -> Finding:
    web = attrs.evolve(bench.target, scheme="http", port=80, resource="/", url=f"http://{bench.target.host}/")
    target = moved(web, port=80)
    bench.begin(target)
    stream = bench.probe.route.dialer.dial(target, bench.scope, bench.recorder)
    bench.recorder.stage = Stage.UPGRADE
    try:
        lines = f"HEAD / HTTP/1.1\r\nHost: {target.authority}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n\r\n"
        stream.write(lines.encode())
        said = read_head(stream, _ANY_STATUS).fields.get("date", "")
    except NotHttp as error:
        raise StageFailed(Cause.BAD_UPGRADE, error.evidence()) from error
    finally:
        stream.close()
    return _compared(said)


def _compared(said: str) -> Finding:
    try:
        date = parsedate_to_datetime(said)
        difference = abs(datetime.now(UTC) - (date if date.tzinfo else date.replace(tzinfo=UTC)))
    except (ValueError, TypeError, OverflowError) as error:
        raise StageFailed(Cause.CLOSED, Evidence(detail="its answer has no date")) from error
    if difference > _CLOCK_MAY_DIFFER:
        here = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return Finding(message=f"it says that it is {sanitize(said)}; to this machine it is {here}", is_contrary=True)
    return Finding(message=f"it says that it is {sanitize(said)}, as this machine does")


def _if_tls(case: Case) -> Sequence[str]:
    return ("",) if case.target.secure else ()


def _has_sni(host: str) -> bool:
    return not is_ip_address(host.partition("%")[0])


def _if_other_name(case: Case) -> Sequence[str]:
    return ("",) if case.target.secure and case.other and _has_sni(case.other.target.host) else ()


def _if_name_and_control(case: Case) -> Sequence[str]:
    control = case.control
    fits = case.target.secure and _has_sni(case.target.host) and control and control.target.secure
    return ("",) if fits else ()


EXPERIMENTS = (
    Trial(
        name="look",
        changed="any certificate taken, to look at the whole chain as it was sent",
        sent="A TLS handshake with {server}; nothing after it.",
        tells="who signed it, and what the server left out",
        run=_look,
        variants=_if_tls,
    ),
    Trial(
        name="tls_1_2",
        changed="TLS 1.2 alone, whose first message is shorter",
        sent="A TLS handshake with {server}; nothing after it.",
        tells="a device that fails on TLS 1.3 or on a long first message",
        run=_tls_1_2,
        variants=_if_tls,
    ),
    Trial(
        name="no_server_name",
        changed="no server name",
        sent="A TLS handshake with {server} that names nobody; nothing after it.",
        tells="a filter by name",
        run=_no_name,
        variants=lambda case: _if_tls(case) if _has_sni(case.target.host) else (),
    ),
    Trial(
        name="other_server_name",
        changed="the server name of another region, {other_host}",
        sent="A TLS handshake with {server} that asks for {other_host}; nothing after it.",
        tells="a filter by name, and who makes certificates for whatever name is asked for",
        run=_other_name,
        variants=_if_other_name,
    ),
    Trial(
        name="server_name_elsewhere",
        changed="the server of a region that passed, {other}, asked for {host}; an answer"
        " that refuses passes too, where the check saw none",
        sent="A TLS handshake with {other} that asks for {host}; nothing after it.",
        tells="a filter on the way from a server that does not know the name",
        run=_own_name_elsewhere,
        variants=_if_name_and_control,
    ),
    Trial(
        name="unknown_name_elsewhere",
        changed=f"the server of a region that passed, {{other}}, asked for {UNKNOWN_NAME}, a name that nobody has; an"
        " answer that refuses passes too, where the check saw none",
        sent=f"A TLS handshake with {{other}} that asks for {UNKNOWN_NAME}; nothing after it.",
        tells="a filter that goes by the region's name, from servers that refuse whatever name they do not know",
        run=_unknown_name_elsewhere,
        variants=_if_name_and_control,
    ),
    Trial(
        name="small_segments",
        changed=f"segments of TCP of at most {SMALL_SEGMENT_BYTES} bytes",
        sent="As the check does, to {server}, up to the stage that failed; where that is TLS, nothing after it.",
        tells="a way on which large packets are lost",
        run=_small_segments,
        variants=lambda case: ("",) if case.proxy is None else (),
    ),
    Trial(
        name="unencrypted",
        changed="no TLS, at the same port",
        sent="A request for a WebSocket to {server} without TLS: neither the URL's query nor headers of yours are in"
        " it, and subprotocols neither.",
        tells="a server that speaks no TLS there",
        run=_unencrypted,
        variants=_if_tls,
    ),
    Trial(
        name="clock",
        changed="the server's date compared with this machine's; it passes if they agree to the hour",
        sent="A request (HEAD /) to {host}, port 80, without TLS.",
        tells="a clock that is wrong from a certificate that is",
        run=_date_of_server,
    ),
)
