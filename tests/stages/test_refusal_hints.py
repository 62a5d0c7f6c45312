"""What headers and bodies of a refusal tell beside the usual ones: who gave it, and what it was given for."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from typing import Any

import pytest

import wsconn
from tests.stages.refusing import evidence_of, refusal, saying
from wsconn import Cause, Failure
from wsconn.lab import Lab


def answered(lab: Lab, answer: bytes, *, tls: bool = False, **options: Any) -> Failure:
    """Return the failure of a region whose server answers so."""
    name = f"region {len(lab.regions)}"
    url = lab.add(name, fault=saying(answer), tls=tls)
    outcome = wsconn.check({name: url}, proxy=None, ssl_context=lab.ssl_context, **options).outcomes[0]
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.HTTP_STATUS
    return outcome.failure


def said_in(lab: Lab, status: str, *headers: str, body: bytes = b"", tls: bool = True, **options: Any) -> Failure:
    """Return the failure of a region whose server refuses with these headers."""
    return answered(lab, refusal(body, "text/html", *headers, status=status), tls=tls, **options)


LATIN_1, GREEK = "Ungültige Herkunft", "άγνωστη προέλευση"
TEXT = "missing Origin header"
QUOTED = {
    "Latin-1, as it says": (LATIN_1.encode("latin-1"), ("text/plain; charset=ISO-8859-1",), LATIN_1),
    "Windows' Western": ("„nein“".encode("cp1252"), ('text/plain; charset="windows-1252"',), "„nein“"),
    "Greek": (GREEK.encode("iso-8859-7"), ("text/plain;charset=iso-8859-7",), GREEK),
    "UTF-8": (LATIN_1.encode(), ("text/plain; charset=utf-8",), LATIN_1),
    "a charset that nobody knows": (LATIN_1.encode(), ("text/plain; charset=x-unknown",), LATIN_1),
    "a codec that is no charset": (TEXT.encode(), ("text/plain; charset=unicode_escape",), TEXT),
    "gzip": (gzip.compress(TEXT.encode()), ("text/plain", "Content-Encoding: gzip"), TEXT),
    "deflate": (zlib.compress(TEXT.encode()), ("text/plain", "Content-Encoding: deflate"), TEXT),
    "identity": (TEXT.encode(), ("text/plain", "Content-Encoding: identity"), TEXT),
    "gzip of JSON": (
        gzip.compress(b'{"error": "no token"}'),
        ("application/json", "Content-Encoding: GZIP"),
        '{"error": "no token"}',
    ),
    "gzip of much": (gzip.compress(b"a" * 5_000_000), ("text/plain", "Content-Encoding: gzip"), "a" * 199 + "…"),
}


@pytest.mark.parametrize(("body", "fields", "said"), QUOTED.values(), ids=QUOTED.keys())
def test_a_body_is_read_as_it_was_written(lab: Lab, body: bytes, fields: tuple[str, ...], said: str) -> None:
    """Its charset and its coding are what the headers say; an unpacked one is bounded too."""
    kind, *more = fields
    failure = answered(lab, refusal(body, kind, *more))
    assert evidence_of(failure).body == said


@pytest.mark.promise(9)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.parametrize("page", [b"bad %b", b"<html><title>bad %b</title>", b"<title>bad &#83;%b"], ids=str)
def test_a_secret_is_found_in_any_writing(lab: Lab, page: bytes, pack: Any) -> None:
    """It is left out of a packed body and of a page's title as well."""
    secret = "S3CRET-of-some-length"
    said = secret[1:].encode() if b"&#83;" in page else secret.encode()
    coding = ("Content-Encoding: gzip",) if pack is gzip.compress else ()
    answer = refusal(pack(page % said), "text/html", *coding)
    failure = answered(lab, answer, headers={"Authorization": f"Bearer {secret}"})
    assert "bad" in failure.message
    assert "3CRET" not in repr(failure)


@pytest.mark.promise(9)
@pytest.mark.parametrize(
    "page",
    [
        "<title>no &copy %s</title>",
        "<title>" + "no " * 30 + "".join(f"&#{ord(letter):05};" for letter in "tomi&copy=S3CRET&ltd")[:-5],
        '{"no": "%s',
        '{"no": "' + "".join(f"\\u{ord(letter):04x}" for letter in "tomi&copy=S3CRET")[:-3],
    ],
    ids=["in a title", "in a title that is cut", "in JSON", "in JSON that is cut"],
)
def test_a_secret_is_found_that_looks_like_markup(lab: Lab, page: str) -> None:
    """A page may repeat it as it is, or end in the midst of it."""
    body = page.replace("%s", "tomi&copy=S3CRET&ltd").encode()
    url = lab.add("eu", fault=saying(refusal(body + b" " * (800 - len(body)), "text/html")[: len(body) - 800]))
    failure = wsconn.check({"eu": f"{url}?to=tomi%26copy%3DS3CRET%26ltd"}, proxy=None).outcomes[0].failure
    assert failure is not None
    assert "no" in failure.message.partition("; it")[2]
    assert "S3CRE" not in repr(failure)


@pytest.mark.promise(9)
@pytest.mark.parametrize("said", ["tomi:S3CRET", "no such password: S3CRET"])
def test_a_login_is_found_as_it_was_before_it_was_packed(lab: Lab, said: str) -> None:
    """A server unpacks what HTTP's Basic is sent, and may say what it read."""
    packed = base64.b64encode(b"tomi:S3CRET").decode()
    failure = said_in(lab, "401 Unauthorized", f"X-Error: {said}", headers={"Authorization": f"Basic {packed}"})
    assert "x-error" in failure.message
    assert "S3CRET" not in repr(failure)


TITLES = {
    "nginx": (
        b"<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>",
        "400 The plain HTTP request was sent to HTTPS port",
    ),
    "over several lines": (b"<!DOCTYPE html>\n<html><head>\n<title>\n  Hotel\n  WiFi\n</title>", "Hotel WiFi"),
    "with entities": (b'<html><TITLE lang="en">Q&amp;A &lt;b&gt;</TITLE>', "Q&A <b>"),
    "cut": (b"<title>" + b"long " * 200, ("long " * 40)[:199] + "…"),
    "none": (b"<html><body>403", None),
    "empty": (b"<html><title> </title>", None),
    "of an SVG that is called text": (b"plain <title>no page</title>", None),
}


@pytest.mark.parametrize(("body", "title"), TITLES.values(), ids=TITLES.keys())
def test_a_page_is_told_by_its_title(lab: Lab, body: bytes, title: str | None) -> None:
    """A gateway, a portal or a block page mostly says there what it is."""
    failure = answered(lab, refusal(body, "text/html"))
    assert evidence_of(failure).page_title == title
    assert ("page titled" in failure.message) == (title is not None)


def test_a_title_may_come_in_pieces(lab: Lab) -> None:
    """Cockpit sends it so; what stalls in the midst of one costs no more than a refusal may."""
    pieces = (b"<html><title>", b"Cock", b"pit</title>", b"<body>")
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    whole = answered(lab, refusal(chunks, "text/html", "Transfer-Encoding: chunked"))
    assert evidence_of(whole).page_title == "Cockpit"
    nothing = answered(lab, refusal(b"<html><title>" + bytes(900), "text/html")[:-900])
    assert evidence_of(nothing).page_title is None


def test_our_own_upgrade_come_back_is_no_reason(lab: Lab) -> None:
    """granian sends it with every answer; only of a 426 it is the point."""
    assert "Upgrade" not in said_in(lab, "401 Unauthorized", "Upgrade: websocket").message
    assert "Upgrade: websocket" in said_in(lab, "426 Upgrade Required", "Upgrade: websocket").message


@pytest.mark.parametrize("title", ["Bad Request", "400 Bad Request", "Error 400 Bad request"])
def test_a_title_that_repeats_the_status_line_is_told_once(lab: Lab, title: str) -> None:
    """Most default pages say nothing else."""
    assert "titled" not in answered(lab, refusal(f"<title>{title}</title>".encode(), "text/html")).message


@pytest.mark.parametrize("reason", [LATIN_1.encode(), LATIN_1.encode("latin-1")], ids=["UTF-8", "Latin-1"])
def test_a_reason_phrase_and_headers_are_read_as_they_were_written(lab: Lab, reason: bytes) -> None:
    """RFC 9112 leaves the encoding open: UTF-8 where it is that."""
    answer = b"HTTP/1.1 403 %b\r\nX-WebSocket-Reject-Reason: %b\r\nContent-Length: 0\r\n\r\n" % (reason, reason)
    seen = evidence_of(answered(lab, answer))
    assert (seen.http_reason, seen.reject_reason) == (LATIN_1, LATIN_1)


TELLING = {
    "X-Error: no token": "x-error: no token",
    "X-Reject-Reason: origin not allowed": "x-reject-reason: origin not allowed",
    "x-amzn-ErrorType: MissingAuthenticationTokenException": "x-amzn-errortype: MissingAuthenticationTokenException",
    "X-Error-Message: room is full": "x-error-message: room is full",
    "Error-Description: bad\x1b[31m key": r"error-description: bad\x1b[31m key",
    "X-Auth-Denied: ip": "x-auth-denied: ip",
    "grpc-message: unimplemented": "grpc-message: unimplemented",
}


@pytest.mark.parametrize(("header", "told"), TELLING.items(), ids=TELLING.keys())
def test_any_header_named_for_an_error_is_quoted(lab: Lab, header: str, told: str) -> None:
    """Servers have many names for it."""
    failure = said_in(lab, "403 Forbidden", header)
    assert evidence_of(failure).error_header == told
    assert f", {told}" in failure.message


@pytest.mark.parametrize(
    "header", ["X-Request-Id: 1", "X-Error:", f"X-{'a-' * 200}error: 1", "X-Terror: 1", "Reasonable: 1"], ids=str
)
def test_other_headers_are_not_quoted(lab: Lab, header: str) -> None:
    """Neither what is empty, nor a name beyond reason."""
    assert evidence_of(said_in(lab, "403 Forbidden", header)).error_header is None


CHALLENGES = {
    "Basic": ('Basic realm="Team, chat"', {}, "wants a login (Basic): send the credentials"),
    "Bearer": ('Bearer error="invalid_token"', {}, "wants a login (Bearer): send the credentials"),
    "refused": (
        "Bearer",
        {"headers": {"authorization": "Bearer abcdefghij"}},
        "refuses the credentials that were sent",
    ),
    "a cookie refused": ("Basic", {"headers": {"Cookie": "session=abcdefghij"}}, "refuses the credentials"),
    "a key refused": ("Basic", {"headers": {"X-Api-Key": "abcdefghij"}}, "refuses the credentials"),
}


@pytest.mark.parametrize(("challenge", "options", "first"), CHALLENGES.values(), ids=CHALLENGES.keys())
@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_a_login_that_is_asked_for_comes_first(
    lab: Lab, challenge: str, options: dict[str, Any], first: str, tls: bool
) -> None:
    """Who sends WWW-Authenticate leaves no doubt of what is missing; an Origin comes after it."""
    failure = said_in(lab, "401 Unauthorized", f"WWW-Authenticate: {challenge}", tls=tls, **options)
    assert f"WWW-Authenticate: {challenge}" in failure.message
    assert first in failure.advice[: failure.advice.index("--origin")]


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_credentials_that_were_sent_may_be_what_is_refused(lab: Lab, status: str) -> None:
    """Who has sent some is not told to send some."""
    failure = said_in(lab, status, headers={"Authorization": "Bearer abcdefghij"})
    assert "refuses the credentials that were sent" in failure.advice
    assert "wants credentials" not in failure.advice


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found"])
def test_an_origin_that_the_server_names_can_be_copied(lab: Lab, status: str) -> None:
    """It is made for pages from there (CORS)."""
    failure = said_in(lab, status, "Access-Control-Allow-Origin: https://app.example.org:8443")
    assert "--origin https://app.example.org:8443," in failure.advice
    assert "Access-Control-Allow-Origin: https://app.example.org:8443" in failure.message


@pytest.mark.parametrize("named", ["*", "null", "https://a.example;reboot", "https://a.example/$(reboot)"])
def test_no_other_origin_is_offered_to_be_copied(lab: Lab, named: str) -> None:
    """Neither what is none, nor what a shell would take for its own."""
    advice = said_in(lab, "403 Forbidden", f"Access-Control-Allow-Origin: {named}").advice
    assert named not in advice
    assert "--origin and --subprotocol" in advice


@pytest.mark.parametrize(
    ("offered", "named", "told"),
    [
        (["xmpp"], "sip", True),
        (["xmpp", "mqtt"], "sip, msrp", True),
        (["sip"], "sip", False),
        (["msrp"], "sip, msrp", False),
    ],
    ids=["another", "two others", "the same", "the same among two"],
)
def test_another_subprotocol_than_was_offered_can_be_copied(
    lab: Lab, offered: list[str], named: str, told: bool
) -> None:
    """Kamailio names the one that it wants whatever was offered; others send back what they were offered."""
    failure = said_in(lab, "400 Bad Request", f"Sec-WebSocket-Protocol: {named}", subprotocols=offered)
    assert ("offer it (--subprotocol sip," in failure.advice) == told
    assert ("refuse the subprotocol that was offered" in failure.advice) == (not told)


BOT_CHECKS = {
    "Cloudflare": ("403 Forbidden", "cf-mitigated: challenge"),
    "AWS WAF": ("202 Accepted", "x-amzn-waf-action: challenge"),
    "AWS WAF, a puzzle": ("405 Method Not Allowed", "x-amzn-waf-action: captcha"),
    "Vercel": ("429 Too Many Requests", "x-vercel-mitigated: challenge"),
    "Sucuri": ("403 Forbidden", "X-Sucuri-Block: bot"),
}


@pytest.mark.parametrize(("name", "answer"), BOT_CHECKS.items(), ids=BOT_CHECKS.keys())
@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_a_check_for_bots_says_so_itself(lab: Lab, name: str, answer: tuple[str, str], tls: bool) -> None:
    """Whatever its status, neither an Origin nor a portal is looked for."""
    status, header = answer
    failure = said_in(lab, status, header, body=b"<html>", tls=tls)
    assert failure.advice.startswith(f"{name.partition(',')[0]} in front of the server takes this check for a bot")
    assert "User-Agent" in failure.advice
    assert not re.search("--origin|portal|administrator|path", failure.advice)
    assert header.lower() in failure.message.lower()


@pytest.mark.parametrize(
    ("header", "who"),
    [
        ("Server: AkamaiGHost", "Akamai"),
        ("Server: cloudflare", "Cloudflare"),
        ("Server: CloudFront", "Amazon CloudFront"),
        ("X-Iinfo: 9-1-0 0NNN RT(1 2)", "Imperva"),
        ("X-DataDome: protected", "DataDome"),
        ("Server: ddos-guard", "DDoS-Guard"),
    ],
)
def test_who_checks_for_bots_is_named_where_it_is_known(lab: Lab, header: str, who: str) -> None:
    """After what was not sent, and before a login."""
    advice = said_in(lab, "403 Forbidden", header).advice
    named = advice.index(f"{who} in front of the server takes this check for a bot")
    assert advice.index("--origin") < named < advice.index("credentials")


def test_a_page_in_place_of_a_websocket_may_be_of_a_check_for_bots(lab: Lab) -> None:
    """Imperva's has the status 200."""
    advice = said_in(lab, "200 OK", "X-Iinfo: 9-1-0 0NNN RT(1 2)", body=b"<html>").advice
    assert "Imperva in front of the server takes this check for a bot" in advice


def test_squid_on_the_way_is_the_networks(lab: Lab) -> None:
    """A proxy that nobody named refuses in its own words; over verified TLS it can only be the operator's."""
    headers = ("Server: squid/5.7", "X-Squid-Error: ERR_ACCESS_DENIED 0")
    failure = said_in(lab, "403 Forbidden", *headers, tls=False)
    assert failure.advice.startswith("Squid, a proxy on the way, answered in the server's place (ERR_ACCESS_DENIED 0)")
    assert "network's administrator" in failure.advice
    assert "ERR_ACCESS_DENIED 0" in failure.message
    assert "administrator" not in said_in(lab, "403 Forbidden", *headers, tls=True).advice


def test_a_server_that_wants_tls_says_so(lab: Lab) -> None:
    """426 is not only that of gateways: RFC 2817 asks for TLS with it, as Kong does."""
    headers = ("Connection: Upgrade", "Upgrade: TLS/1.2, HTTP/1.1")
    assert "wss://" in said_in(lab, "426 Upgrade Required", *headers, tls=False).advice
    assert "gateway" in said_in(lab, "426 Upgrade Required", *headers, tls=True).advice


@pytest.mark.parametrize(
    ("status", "first"),
    [
        ("405 Method Not Allowed", "path"),
        ("413 Content Too Large", "shorter headers"),
        ("421 Misdirected Request", "host"),
        ("431 Request Header Fields Too Large", "shorter headers"),
        ("464 ", "protocol version is HTTP1"),
    ],
)
def test_a_status_with_a_meaning_of_its_own(lab: Lab, status: str, first: str) -> None:
    """Each says what is to be changed."""
    headers = ("Server: awselb/2.0",) if "464" in status else ()
    assert first in said_in(lab, status, *headers).advice


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "405 Method Not Allowed"])
def test_a_gateway_that_has_said_its_name_may_have_lost_the_upgrade(lab: Lab, status: str) -> None:
    """What it does not pass on, the server behind it takes for a page's request, and has no such page."""
    advice = said_in(lab, status, "Server: nginx/1.22.1", body=b'{"detail":"Not Found"}').advice
    assert advice.index("path") < advice.index("proxy_http_version 1.1")
    assert "proxy_http_version" not in said_in(lab, status, "Server: uvicorn", body=b"{}").advice


def test_what_is_sent_is_known_to_hold_credentials(lab: Lab) -> None:
    """By the names of headers, which are no secret."""
    for name in ("Authorization", "cookie", "X-Auth-Token", "Api-Key"):
        assert evidence_of(said_in(lab, "403 No", headers={name: "abcdefgh"})).credentials_sent
    for headers in ({}, {"User-Agent": "Mozilla/5.0"}, {"Accept-Language": "de"}):
        assert not evidence_of(said_in(lab, "403 No", headers=headers)).credentials_sent


@pytest.mark.parametrize("interim", [100, 102, 103, 104, 199])
def test_any_interim_answer_announces_another(lab: Lab, interim: int) -> None:
    """A client must read on after each of them, known or not (RFC 9110, section 15.2)."""
    failure = answered(lab, f"HTTP/1.1 {interim} So far\r\nX-Error: none\r\n\r\n".encode() + refusal(b"not here"))
    assert evidence_of(failure).http_status == 400
    assert evidence_of(failure).body == "not here"
    assert evidence_of(failure).error_header is None
