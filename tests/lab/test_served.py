"""Regions that a program finds by its environment: what is set, what is put back."""

from __future__ import annotations

import os

import pytest

import wsconn
from wsconn import Region
from wsconn.lab import Lab, faults, served

NAMES = ("WSCONN_REGIONS", "no_proxy", "SSL_CERT_FILE")


def environment() -> dict[str, str | None]:
    return {name: os.environ.get(name) for name in NAMES}


def test_regions_are_found_by_the_environment() -> None:
    """A program that names no regions tests those that are served, and those that are added."""
    with served({"eu": "healthy", "us": faults.HTTP_503}) as lab:
        assert isinstance(lab, Lab)
        assert wsconn.check().failed_regions == ("us",)
        url = lab.add("ap", path="/path")
        assert wsconn.load_regions(os.environ["WSCONN_REGIONS"])[-1] == Region("ap", url)


def test_trust_is_found_by_the_environment() -> None:
    """Without an `ssl_context` a program trusts the lab's authority, so each fault of TLS is told as what it is."""
    with served({"good": {"tls": True}, "bad": "expired", "strange": "untrusted"}):
        outcomes = wsconn.check().outcomes
    assert [one.failure and one.failure.cause for one in outcomes] == [None, "tls_expired", "tls_untrusted"]


def test_a_proxy_of_the_environment_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on this machine is reached directly, and who else is exempt stays so."""
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.org")
    with served({"eu": "healthy"}):
        assert os.environ["no_proxy"].split(",")[0] == "example.org"
        assert wsconn.check().result == "passed"


@pytest.mark.parametrize("regions", [{}, {"a": {"tls": True}}, {"a": "no-such-fault"}], ids=["none", "tls", "unfit"])
def test_environment_is_put_back(monkeypatch: pytest.MonkeyPatch, regions: dict[str, object]) -> None:
    """What was set before is there again, and what was not is gone, however the block ends."""
    monkeypatch.setenv("WSCONN_REGIONS", "daily")
    monkeypatch.delenv("no_proxy", raising=False)
    before = environment()
    with pytest.raises((RuntimeError, ValueError)):
        fail_while_served(regions)
    assert environment() == before


def fail_while_served(regions: dict[str, object]) -> None:
    before = environment()
    with served(regions):  # type: ignore[arg-type]  # one is unfit
        assert environment() != before
        raise RuntimeError("the test's own")


def test_blocks_within_blocks() -> None:
    """The inner one counts, and then the outer one again."""
    with served({"outer": "healthy"}):
        with served({"inner": "healthy"}):
            assert wsconn.check().passed_regions == ("inner",)
        assert wsconn.check().passed_regions == ("outer",)
