"""Peers that speak wsconn's own sentences: nothing that they say decides what a finding or an advice says."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable

import pytest

from tests.engine import start_in
from tests.factories import result, signed, told
from wsconn import Cause, ConnectivityResult, Discovery, Evidence, Region, RegionOutcome, Stage, Status, reports
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn.lab import Lab, faults
from wsconn.reports._printable import printable

SENTENCES = (
    "this machine had not loaded the system's root certificates",
    "sends the client to https://portal.example/ HTTP 302",
    'pip install "wsconn[socks]"',
    "it offers NTLM, Negotiate",
    "tlsv1 unrecognized name",
    "it has no IPv4 address, which the proxy needs",
    "not begun: the whole test's time (total_timeout) was over",
    "nothing is known yet about WebSocket from here",
    "(from https_proxy)",
    "\x02it speaks TLS\x03",
)
NEUTRAL = "nothing that matters"
Talk = Callable[[socket.socket], None]


def answer(head: str) -> Talk:
    """Answer a request with this."""

    def talk(sock: socket.socket) -> None:
        while not sock.recv(65536).endswith(b"\r\n\r\n"):
            pass
        sock.sendall(head.replace("\n", "\r\n").encode())

    return talk


ANSWERS = {
    "reason": "HTTP/1.1 503 %s\nContent-Length: 0\n\n",
    "server": "HTTP/1.1 403 No\nServer: %s\n\n",
    "location": "HTTP/1.1 302 Go\nLocation: %s\n\n",
    "retry-after": "HTTP/1.1 429 No\nRetry-After: %s\n\n",
    "reject reason": "HTTP/1.1 400 No\nX-WebSocket-Reject-Reason: %s\nContent-Length: 0\n\n",
    "body": "HTTP/1.1 400 No\nContent-Type: text/plain\n\n%s\n",
    "via": "HTTP/1.1 404 No\nVia: 1.1 %s\nContent-Length: 0\n\n",
    "upgrade": "HTTP/1.1 101 Yes\nUpgrade: %s\n\n",
    "no HTTP": "%s\n\n",
}
each_sentence = pytest.mark.parametrize(
    "sentence", SENTENCES, ids=[sentence[:20].strip("\x02") for sentence in SENTENCES]
)
HOSTS = ("eu.lab.invalid", "us.lab.invalid")


def check(lab: Lab, fault: Talk | faults.Fault, **options: str) -> ConnectivityResult:
    """Test two names that lead to one such peer."""
    url = lab.add("peer", fault=fault)
    for host in HOSTS:
        lab.name(host, ["127.0.0.1"])
    regions = {host: url.replace("127.0.0.1", host) for host in HOSTS}
    return start_in(lab, regions, **options).result(timeout=20)


def said(checked: ConnectivityResult) -> tuple[object, ...]:
    """Return what is said of a result beside the messages: findings, and causes with their advice."""
    failures = [outcome.failure for outcome in checked.outcomes if outcome.failure]
    texts = (*reports.findings(checked), *(f"{failure.cause}: {failure.advice}" for failure in failures))
    return tuple(re.sub(r"\b\d{4,5}\b", "PORT", text) for text in texts)


@each_sentence
@pytest.mark.parametrize("form", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_server_steers_nothing(form: str, sentence: str) -> None:
    """Findings and advice are those for a server that says something else in the same place."""
    found = []
    for words in (sentence, NEUTRAL):
        with Lab() as lab:
            found.append(check(lab, answer(form % words)))
    steered, neutral = found
    # Where a redirect leads to a host, the finding names that, as it should.
    assert said(steered) == said(neutral) or (form == ANSWERS["location"] and "://" in sentence)
    for write in (reports.to_text, reports.to_markdown, reports.to_html, reports.to_prometheus, reports.to_json):
        report = write(steered)
        assert "too slow to load" not in report
        assert "pip install" not in report or "pip install" in sentence
    assert reports.from_json(reports.to_json(steered)) == steered


@each_sentence
@pytest.mark.parametrize(
    "form", ["HTTP/1.1 407 %s\n\n", 'HTTP/1.1 407 No\nProxy-Authenticate: Basic realm="%s"\n\n', "%s\n\n"]
)
def test_a_proxy_steers_nothing(form: str, sentence: str) -> None:
    """Nor do the reason, the realm and the nonsense of a proxy."""
    found = []
    for words in (sentence.replace('"', "'"), NEUTRAL):
        with Lab() as lab:
            port = lab.add("proxy", fault=answer(form % words)).split(":")[2].strip("/")
            found.append(check(lab, faults.MUTE, proxy=f"http://127.0.0.1:{port}"))
    assert said(found[0]) == said(found[1])


@each_sentence
def test_a_discovery_steers_nothing(sentence: str) -> None:
    """Nor does a page that comes in place of a region's URL."""
    found = []
    for words in (sentence, NEUTRAL):
        with Lab() as lab:
            url = lab.add("endpoint", fault=answer(f"HTTP/1.1 200 OK\n\n{words}")).replace("ws", "http", 1)
            asked = [Region(name, discovery=Discovery(url, "/a")) for name in ("eu", "us")]
            found.append(start_in(lab, asked).result(timeout=20))  # type: ignore[arg-type]  # `to_regions` takes them
    assert said(found[0]) == said(found[1])


@each_sentence
def test_a_close_steers_nothing(sentence: str) -> None:
    """Nor does the reason for which a WebSocket is closed."""
    found = []
    for words in (sentence, NEUTRAL):
        with Lab() as lab:
            found.append(check(lab, faults.close(1008, reason=words)))
    assert {outcome.status for outcome in found[0].outcomes} == {Status.PASSED}
    assert said(found[0]) == said(found[1])


def untrusted(issuer: str, name: str, detail: str) -> RegionOutcome:
    seen = Evidence(
        stage=Stage.TLS, scheme="wss", host=name, port=443, verify_code=20, detail=detail, tls=signed(issuer)
    )
    failure = told(Stage.TLS, Cause.TLS_UNTRUSTED, seen)
    return RegionOutcome(region=name, url=f"wss://{name}/", status=Status.FAILED, failure=failure, tls=seen.tls)


@each_sentence
def test_a_certificate_steers_nothing(sentence: str) -> None:
    """Nor do the names in a certificate: the finding has them where the issuer stands."""
    shown = printable(sentence.replace("\x02", "").replace("\x03", "").replace(",", ""))
    steered, neutral = (
        result(*(untrusted(f"O={words}", name, words) for name in ("eu", "us"))) for words in (shown, NEUTRAL)
    )
    there = said(steered)
    assert tuple(str(text).replace(shown, NEUTRAL) for text in there) == said(neutral)


@pytest.mark.parametrize("cause", Cause, ids=str)
def test_no_cause_is_steered_by_our_own_phrases(cause: Cause) -> None:
    """What a peer said in any of the words of our findings changes no advice."""
    words = [NEUTRAL, *(record.phrase for record in EXPLANATIONS.values())]
    for stage in Stage:
        seen = [Evidence(stage=stage, host="eu", port=1, detail=word, server=word, http_reason=word) for word in words]
        assert len({told(stage, cause, one).advice for one in seen}) == 1


ISSUER = "CN=x, OU=Testing CA #1"


def test_markdown_marks_whole_values() -> None:
    """An issuer, a host and an address are one piece of code each; our own words are none."""
    report = reports.to_markdown(result(untrusted(ISSUER, "eu.example.org", "self-signed certificate")))
    assert f"it is signed by `{ISSUER}`\n" in report
    assert "of `eu.example.org:443` is not trusted" in report
    assert "run Install Certificates.command)" in report
    assert "signed by `x`." in report  # the finding names the owner


@pytest.mark.parametrize("field", ["message", "advice"])
def test_markdown_trusts_no_text_that_the_evidence_does_not_bear_out(field: str) -> None:
    """Where somebody has changed a text of a file, the whole of it is code."""
    changed = json.loads(reports.to_json(result(untrusted(ISSUER, "eu.example.org", "no"))))
    changed["outcomes"][0]["failure"][field] = "see https://evil.example <b>"
    report = reports.to_markdown(reports.from_json(json.dumps(changed)))
    assert "`see https://evil.example <b>`" in report
