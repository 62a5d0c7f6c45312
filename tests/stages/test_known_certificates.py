"""A certificate that was read is not read again: a test sees few, and each many times."""

from __future__ import annotations

import ssl
import threading

import pytest

import wsconn
from wsconn._stages import tls
from wsconn.lab import Lab


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    tls._known.clear()


def tls_of(lab: Lab, context: ssl.SSLContext) -> list[wsconn.TlsInfo]:
    outcomes = wsconn.check(lab.regions, ssl_context=context, proxy=None, max_workers=1, timeout=20).outcomes
    return [outcome.tls for outcome in outcomes if outcome.tls is not None]


def test_regions_with_one_certificate_share_what_was_read_of_it(lab: Lab) -> None:
    """The record is the same, and as right as that of the first."""
    for name in ("first", "second", "third"):
        lab.add(name, tls=True)
    first, *others = tls_of(lab, lab.ssl_context)
    assert first.issuer is not None
    assert first.not_after is not None
    assert len(others) == 2
    assert all(one is first for one in others)


def test_what_was_not_verified_is_not_told_from_what_was(lab: Lab) -> None:
    """Without verification OpenSSL tells nothing of a certificate, however often another context has seen it."""
    lab.add("region", tls=True)
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    for context, is_told in ((lab.ssl_context, True), (blind, False), (lab.ssl_context, True)):
        (seen,) = tls_of(lab, context)
        assert (seen.issuer is not None) == is_told


def test_few_are_kept_and_no_large_ones(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What peers show is bounded in memory."""
    lab.add("region", tls=True)
    tls._known.update({(bytes([number]), ssl.CERT_NONE, None, None): wsconn.TlsInfo() for number in range(64)})
    tls_of(lab, lab.ssl_context)
    assert len(tls._known) == 1
    monkeypatch.setattr(tls, "_LONGEST_KNOWN_BYTES", 10)
    tls._known.clear()
    tls_of(lab, lab.ssl_context)
    assert not tls._known


def test_a_further_test_loads_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS and websocket-client are loaded once in a process; a thread that finds them there would be for nothing."""
    lab.add("region", tls=True)
    tls_of(lab, lab.ssl_context)
    started: list[str] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        started.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    assert len(tls_of(lab, lab.ssl_context)) == 1
    assert "wsconn-supervisor" in started
    assert "wsconn-import" not in started
