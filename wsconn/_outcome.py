"""What became of one region: frozen records that pickle and compare by value."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import attrs

from wsconn._record import Record

STAGGER_SECONDS = 0.25  # between attempts at two addresses: RFC 8305, section 5, the Connection Attempt Delay


class Stage(enum.StrEnum):
    """Where on the way to a region: the stages in the order in which they are passed.

    Values are never renamed or removed within a major version; a minor may add some.
    """

    DISCOVERY = "discovery"
    RESOLVE = "resolve"
    CONNECT = "connect"
    PROXY = "proxy"
    TLS = "tls"
    UPGRADE = "upgrade"
    FRAMES = "frames"


class Cause(enum.StrEnum):
    """What went wrong there. A cause does not imply its stage; treat one that you do not know as a failure.

    Values are never renamed or removed within a major version; a minor may add some.
    """

    BAD_DISCOVERY = "bad_discovery"
    DNS_NOT_FOUND = "dns_not_found"
    DNS_FAILED = "dns_failed"
    DNS_BLOCKED = "dns_blocked"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    BLOCKED_LOCALLY = "blocked_locally"
    PROXY_AUTH_REQUIRED = "proxy_auth_required"
    PROXY_DENIED = "proxy_denied"
    PROXY_TARGET_UNREACHABLE = "proxy_target_unreachable"
    PROXY_BAD_ANSWER = "proxy_bad_answer"
    PROXY_UNSUPPORTED = "proxy_unsupported"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_HOSTNAME_MISMATCH = "tls_hostname_mismatch"
    TLS_EXPIRED = "tls_expired"
    TLS_NOT_YET_VALID = "tls_not_yet_valid"
    TLS_CLIENT_CERTIFICATE_REQUIRED = "tls_client_certificate_required"
    TLS_VERSION = "tls_version"
    NOT_TLS = "not_tls"
    TLS_FAILED = "tls_failed"
    HTTP_STATUS = "http_status"
    REDIRECTED = "redirected"
    BAD_UPGRADE = "bad_upgrade"
    NO_PONG = "no_pong"
    BAD_FRAMES = "bad_frames"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    LOCAL_LIMIT = "local_limit"
    OUTRUN = "outrun"
    INTERNAL_ERROR = "internal_error"


class Status(enum.StrEnum):
    """How a region settled."""

    PASSED = "passed"
    FAILED = "failed"
    ABORTED = "aborted"


@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class TlsInfo(Record):
    """What was seen of TLS. `issuer` and `subject` are RFC 4514 strings; all but `version` may be unknown (`None`).

    For a certificate that was not trusted, `issuer` names who signed it: often an intercepting proxy.
    """

    version: str | None = None
    cipher: str | None = None
    issuer: str | None = None
    subject: str | None = None
    not_after: datetime | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class Evidence(Record):
    """The facts of a region's way, from which messages and advice are made; what was not seen is `None` or empty.

    What a peer wrote is escaped, cut at 200 characters, and without the secrets that it was told.

    Attributes:
        stage: Where it failed; while a region's URL is discovered, the stage of asking the endpoint.
        scheme, host, port: Where the URL under way leads. Those of the endpoint, while it is asked.
        discovery: The URL of the endpoint that was asked for the region's, without its query, while it was.
        elapsed: Seconds since the URL's turn began.
        clock: This machine's time, in UTC.
        never_began: The whole test's time (`total_timeout`) was over before the region's turn came.
        not_loaded: What this machine had not loaded when it was needed: a library, or its root certificates.
        os_error: The system's error, symbolic: `"ECONNREFUSED"`, `"EAI_NONAME"`.
        detail: In words, what the system, a library, a peer or wsconn's own reading of an answer found.
        resolved_to: The addresses that the name resolved to.
        in_hosts_file: This machine's hosts file gives the name such an address. It is read where a name leads to no
            real address, or one of the public DNS to this machine.
        canonical_name: The name that was in fact found, if another: through the search list, or behind a CNAME.
        search_domain: The domain of the resolver's search list through which it was found (`/etc/resolv.conf`).
        ipv4_lookup, ipv6_lookup: What the lookup of this family alone has said, where both together were slow:
            `"answered"`, `"unanswered"`, or the error's name.
        silent_name_server: The first name server of `/etc/resolv.conf`, if the next one had to be asked.
        failing_name_server: The first name server of `/etc/resolv.conf`, if an error came at once.
        name_servers: Those of `/etc/resolv.conf`, in the order in which they are asked, if none answered in time.
        missing_route: The address family that alone leads to the server, where this machine has a route to the other
            alone: `"IPv4"`.
        missing_family: The address family that was needed, by the proxy or by `source`, and of which there is no
            address: `"IPv4"`.
        address: The `host:port` that was connected to, or tried last.
        is_own_address: It refused the connection, and is an address of this machine.
        connect_to: The `host:port` that the region names to connect to in place of `host` and `port`.
        source: The address of this machine that the region names to connect from.
        no_such_source: This machine has no such address.
        connected: Whether a TCP connection stood.
        other_addresses_failed: How many more addresses of the name failed, beside `address`.
        proxy: The URL of the proxy on the way, without user name and password.
        proxy_host: The proxy's host.
        proxy_source: The variable, the argument or the settings that named the proxy.
        missing_extra: The extra of wsconn that is not installed and that the proxy needs: `"socks"`, `"ntlm"`.
        extra_error: Python's words on why that extra, though it is installed, cannot be loaded.
        auth_schemes: The schemes of authentication that the proxy offered (RFC 9110, section 11.1), as it wrote them.
        login_sent: Whether the proxy was sent the user name and password that were given. `False`: it took no login of
            that kind, or asked for none. `None`: none were given.
        logins_refused: The schemes in which it refused a login, in the order in which they were tried.
        ticket_problem: Why there was no Kerberos ticket for the proxy: `"none"` (the user has none at all),
            `"expired"`, `"unanswered"` (the KDC was silent until the time was over), `"unreachable"` (the library found
            no KDC), `"unknown_service"` (the KDC knows no such service), `"clock"` (this machine's differs from the
            KDC's), or `"other"`; `detail` has the library's words.
        ticket_service: Whom that ticket was to be for: `"HTTP@proxy.example.org"`.
        socks_code: The code of the proxy's reply (RFC 1928, section 6; SOCKS 4 has 91 to 93, tor 240 to 247).
        socks_greeted: The proxy had answered SOCKS 5's greeting, and was asked for the server.
        proxy_error: What the proxy, or one that answered in the server's place, said of its error in a header of its
            own: `X-Squid-Error`, else `Proxy-Status` (RFC 9209).
        proxy_os_error: The system's error on the proxy's side, as Linux numbers them, where squid told its number.
        proxy_problem: Why the proxy opened no tunnel, if a code that it sent says so: `"name"` (it does not find the
            name), `"name_server"` (it got no answer about the name), `"refused"`, `"no_answer"` or `"no_route"` (so
            ended its own attempt to connect), `"denied"` (its rules), `"limit"` (too many connections), `"loop"` (it
            comes back to itself), or `"next_proxy"` (the proxy behind it refuses, or cannot be reached).
        proxy_speaks: What the proxy speaks, if not what its URL says: `"HTTP"`, `"SOCKS 4"` or `"SOCKS 5"`. For TLS
            see `speaks_tls`.
        unencoded: A character of the proxy's user name or password that must be percent-encoded, and is not.
        in_quotes: The setting that names the proxy holds quotes as a part of its value.
        no_proxy_named: No proxy was used, since no argument, variable or setting said anything about one.
        other_proxy_variable: The variable that is set for URLs of other schemes, where none is for this one.
        pac: The URL of the PAC file that was to name the way, without its query.
        pac_source: The variable, the argument or the settings that named the PAC file.
        pac_answer: What it answered for this URL: the ways in order, as the script wrote them.
        pac_tried: The ways in that answer that were tried before this one in vain: the proxies' URLs, or `"DIRECT"`.
        pac_media_type: The media type that its server gave it.
        pac_http_status: The status of that server's answer.
        pac_problem: Why it gave no answer, or none that browsers can read. The way was then that of the other settings,
            which mostly is direct.
        pac_missing_extra: The extra of wsconn that is not installed and that the PAC file needs: `"pac"`.
        http_status, http_reason: The status line of an answer that was not the wanted one: in the stage `proxy` the
            proxy's, else the server's.
        location: Where that answer redirects to, without its query.
        retry_after: When it says to come back (RFC 9110, section 10.2.3): `"17 s"`, or `"until"` and a date.
        server: Its `Server` header.
        via: Its `Via` header: the gateways that passed it on (RFC 9110, section 7.6.3).
        body: Of a refusal, the first line of a body that is text, or the beginning of one that is JSON; never HTML.
        body_empty: Whether that body was empty.
        page_title: The title of that body, where it is HTML.
        reject_reason: Its `X-WebSocket-Reject-Reason` header.
        error_header: The first of its other headers that are named for an error or a reason, with its name:
            `"x-error: no token"`.
        login_challenge: Its `WWW-Authenticate` header: how the server wants one to log in (RFC 9110, 11.6.1).
        allowed_origin: Its `Access-Control-Allow-Origin` header: the Origin that the server is made for, or `"*"`.
        upgrade_to: Its `Upgrade` header: what the server wants to speak instead (RFC 9110, section 15.5.22).
        subprotocol: The `Sec-WebSocket-Protocol` of a refusal, or of a 101 that chose one which was not offered.
        subprotocol_offered: Whether a refusal names one that was offered: then it may only have come back.
        extensions: The `Sec-WebSocket-Extensions` of a 101, none of which was offered.
        websocket_versions: The `Sec-WebSocket-Version` of a refusal: those that the server speaks (RFC 6455, 4.4).
        draft_headers: The 101 has headers of a draft before RFC 6455: `Sec-WebSocket-Location` and the like.
        bot_check, bot_check_header: The value and name of the header by which a check for bots shows that it answered
            in the server's place: `cf-mitigated` is Cloudflare's, `x-amzn-waf-action` that of AWS WAF.
        guarded_by: Who guards the server against bots, where a header of theirs says so: `"Imperva"`, `"DataDome"`.
        second_answer: The status line of another answer in HTTP that followed the 101, in place of a frame.
        origin_sent, subprotocols_offered: Whether the request had an `Origin`, and offered subprotocols.
        request_bytes: How large the request was, in bytes, where the answer to it was not a right one, or none came.
        own_user_agent: Whether it had a `User-Agent` that the user gave.
        credentials_sent: Whether it had a header in which credentials travel (`Authorization`, `Cookie` and the like).
        speaks_http2: The peer sent frames of HTTP/2 (RFC 9113) where HTTP/1.1 was expected.
        speaks_tls: The peer sent TLS where HTTP was expected, or the proxy ended an HTTP connection and speaks TLS.
        tls: What was seen of TLS. In the stage `proxy` this, and all that is said of certificates, is the proxy's.
        verify_code: Why OpenSSL did not accept the certificate: an `X509_V_ERR_*` of its `x509_vfy.h`.
        certificates_sent: How many certificates the server sent, its own included.
        certificate_names: Whom its own is for, as the subjectAltName says: `"DNS:a.example"` (RFC 5280, 4.2.1.6).
        certificate_fits: Whether the subjectAltName of one that was not accepted, for whatever reason, has the host.
        only_common_name_fits: The subject's common name is the host, and subjectAltName, which alone counts, lacks it.
        top_issuer: Who signed the uppermost of the certificates that the server sent, as an RFC 4514 string.
        issuer_url: Where that authority's own certificate can be had (RFC 5280, section 4.2.2.1).
        faulty_certificate: The subject of the certificate that `verify_code` is about, where that is known.
        faulty_role: What it is: `"server"` (the server's own), `"intermediate"` or `"root"`.
        faulty_date: When it expired, or becomes valid.
        setting: The variable of this machine's environment that names what cannot be used: `"SSL_CERT_FILE"`.
        setting_value: What that variable names.
        no_roots: This machine has no root certificates that Python's TLS finds, so that no server is trusted.
        alpn: The protocol that the peer chose by ALPN (RFC 7301), where wsconn does not speak it: `"h2"`. A context of
            the user's offers it.
        tls_reason: OpenSSL's name for why the handshake failed: `"SSLV3_ALERT_HANDSHAKE_FAILURE"`.
        ended_after: Seconds from the opened WebSocket to the orderly end that the server made of the connection,
            without a Close (RFC 6455, section 7.1.1). Of a region that passed.
        stalled_seconds: How long, at least, this process stood still past the deadline: stopped, frozen with its
            container, or suspended with the machine.
        shutting_down: The interpreter was shutting down, and starts no threads then.
        replaced: The Python function that other code in this process replaced, so that it does not do its work now.
    """

    stage: Stage | None = None
    scheme: str | None = None
    host: str | None = None
    port: int | None = None
    discovery: str | None = None
    elapsed: float | None = None
    clock: datetime | None = None
    never_began: bool = False
    not_loaded: str | None = None
    os_error: str | None = None
    detail: str | None = None
    resolved_to: tuple[str, ...] = ()
    in_hosts_file: bool = False
    canonical_name: str | None = None
    search_domain: str | None = None
    ipv4_lookup: str | None = None
    ipv6_lookup: str | None = None
    silent_name_server: str | None = None
    failing_name_server: str | None = None
    name_servers: tuple[str, ...] = ()
    missing_route: str | None = None
    missing_family: str | None = None
    address: str | None = None
    is_own_address: bool = False
    connect_to: str | None = None
    source: str | None = None
    no_such_source: bool = False
    connected: bool = False
    other_addresses_failed: int | None = None
    proxy: str | None = None
    proxy_host: str | None = None
    proxy_source: str | None = None
    missing_extra: str | None = None
    extra_error: str | None = None
    auth_schemes: tuple[str, ...] = ()
    login_sent: bool | None = None
    logins_refused: tuple[str, ...] = ()
    ticket_problem: str | None = None
    ticket_service: str | None = None
    socks_code: int | None = None
    socks_greeted: bool = False
    proxy_error: str | None = None
    proxy_os_error: str | None = None
    proxy_problem: str | None = None
    proxy_speaks: str | None = None
    unencoded: str | None = None
    in_quotes: bool = False
    no_proxy_named: bool = False
    other_proxy_variable: str | None = None
    pac: str | None = None
    pac_source: str | None = None
    pac_answer: str | None = None
    pac_tried: tuple[str, ...] = ()
    pac_media_type: str | None = None
    pac_http_status: int | None = None
    pac_problem: str | None = None
    pac_missing_extra: str | None = None
    http_status: int | None = None
    http_reason: str | None = None
    location: str | None = None
    retry_after: str | None = None
    server: str | None = None
    via: str | None = None
    body: str | None = None
    body_empty: bool = False
    page_title: str | None = None
    reject_reason: str | None = None
    error_header: str | None = None
    login_challenge: str | None = None
    allowed_origin: str | None = None
    upgrade_to: str | None = None
    subprotocol: str | None = None
    subprotocol_offered: bool = False
    extensions: str | None = None
    websocket_versions: str | None = None
    draft_headers: bool = False
    bot_check: str | None = None
    bot_check_header: str | None = None
    guarded_by: str | None = None
    second_answer: str | None = None
    origin_sent: bool = False
    subprotocols_offered: bool = False
    own_user_agent: bool = False
    credentials_sent: bool = False
    speaks_http2: bool = False
    request_bytes: int | None = None
    speaks_tls: bool = False
    tls: TlsInfo | None = None
    verify_code: int | None = None
    certificates_sent: int | None = None
    certificate_names: tuple[str, ...] = ()
    certificate_fits: bool | None = None
    only_common_name_fits: bool = False
    top_issuer: str | None = None
    issuer_url: str | None = None
    faulty_certificate: str | None = None
    faulty_role: str | None = None
    faulty_date: datetime | None = None
    setting: str | None = None
    setting_value: str | None = None
    no_roots: bool = False
    alpn: str | None = None
    tls_reason: str | None = None
    ended_after: float | None = None
    stalled_seconds: float | None = None
    shutting_down: bool = False
    replaced: str | None = None


for _field in attrs.fields(Evidence):  # so that a record need not hold what was not seen: see `evidence_of`
    setattr(Evidence, _field.name, _field.default)


def evidence_of(facts: Mapping[str, Any]) -> Evidence:
    """Make evidence of facts by their names, as `Evidence(**facts)` does in ten times as long."""
    evidence = object.__new__(Evidence)
    vars(evidence).update(facts)
    return evidence


@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class Failure(Record):
    """Why a region failed: where, what, and what to do about it.

    `message` is one line for a person: what was seen. `advice` is what to do next, for that person or their network's
    administrator. `os_error` is symbolic (`"ECONNREFUSED"`, `"EAI_NONAME"`), or `None`. Both texts are made from stage,
    cause and `evidence`; a program reads that.
    """

    stage: Stage
    cause: Cause
    message: str
    advice: str
    os_error: str | None = None
    evidence: Evidence | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class Attempt(Record):
    """One address, URL or discovery that was tried. `stage` is the last one reached; no `cause` means that it worked.

    `duration` is in seconds; `address` is `host:port`, or `None` where none was known yet.
    """

    url: str
    address: str | None
    stage: Stage
    cause: Cause | None
    message: str
    duration: float
    os_error: str | None = None
    http_status: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields, the message too, for pickle and copy."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(Attempt)}


# The message of an attempt that worked: the first who reads it has it made, and of most nobody does. (No docstring: as
# `Attempt.message` it would stand in the manual.)
class _LateMessage:
    def __get__(self, attempt: Attempt | None, _owner: object) -> object:
        if attempt is None:
            return self
        known = vars(attempt)
        if make := known.get("_make_message"):
            known["message"] = make()  # which is found before this from now on
            known.pop("_make_message", None)  # another thread may have been here as well
        return known["message"]


Attempt.message = _LateMessage()  # type: ignore[assignment]  # it gives a str


def attempt_that_worked(
    make_message: Callable[[], str],
    *,
    url: str,
    address: str | None,
    stage: Stage,
    duration: float,
    http_status: int | None,
) -> Attempt:
    """Return an attempt without a cause, whose message is not made yet."""
    attempt = object.__new__(Attempt)
    vars(attempt).update(
        url=url,
        address=address,
        stage=stage,
        cause=None,
        duration=duration,
        os_error=None,
        http_status=http_status,
        _make_message=make_message,
    )
    return attempt


@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class Timings(Record):
    """Seconds per stage on the way tried last; `None` where a stage was not reached. The failing stage is included.

    Loading the system's root certificates is not in `tls`. Asking a PAC file is in `proxy`, for a direct way too, and
    so are the proxies before it that were tried in vain.
    """

    discovery: float | None = None
    resolve: float | None = None
    connect: float | None = None
    proxy: float | None = None
    tls: float | None = None
    upgrade: float | None = None
    frames: float | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class RegionOutcome(Record):
    """What became of one region.

    `url` is the one tried last, without its query. `duration` and `round_trip` (ping to pong) are in seconds.
    `started_at` is when the region began by this machine's clock, in seconds since 1970 in UTC; `None` where it never
    began, and in reports of older versions. `duration` is of a clock that nobody sets.
    `proxy` is the proxy that was used, without its password, and which variable or argument said so.
    `http_status` is 101 for a pass. `close_code` and `close_reason` are set when the server's Close was the frame; a
    Close without a code has 1005 (RFC 6455, section 7.1.5).
    `evidence` is set where there is more to tell of a region that did not fail; a failure has its own.
    `allow` and `help` are those of the `Region`.
    An aborted region has no failure, and the timings and attempts so far.
    """

    region: str
    url: str | None
    status: Status
    failure: Failure | None = None
    attempts: tuple[Attempt, ...] = ()
    timings: Timings = Timings()
    started_at: float | None = None
    duration: float = 0.0
    round_trip: float | None = None
    address: str | None = None
    proxy: str | None = None
    tls: TlsInfo | None = None
    http_status: int | None = None
    close_code: int | None = None
    close_reason: str | None = None
    evidence: Evidence | None = None
    allow: tuple[str, ...] = ()
    help: str | None = None
