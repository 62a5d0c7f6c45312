"""What a hosts file says of a name."""

from __future__ import annotations

import time

import pytest

from wsconn._hosts_file import addresses_in

TEXT = """
127.0.0.1 localhost
# 192.0.2.9 eu.example
192.0.2.1\tother.example EU.example  # the old one
2001:db8::1 eu.example
fe80::1%eth0 scoped.example
nonsense eu.example
0.0.0.0
192.0.2.3%eth0 eu.example
"""


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("eu.example", ["192.0.2.1", "2001:db8::1"]),
        ("eu.example.", ["192.0.2.1", "2001:db8::1"]),
        ("localhost", ["127.0.0.1"]),
        ("scoped.example", ["fe80::1%eth0"]),
        ("example", []),
        (".", []),
    ],
)
def test_addresses_of_a_name(host: str, expected: list[str]) -> None:
    """Names are compared without regard to case; comments, and what is no address, are passed over."""
    assert list(addresses_in(TEXT, host)) == expected


def test_long_list() -> None:
    """A list of a hundred thousand names takes each of many regions next to no time."""
    text = "\n".join(f"0.0.0.0 ads{at}.tracker.example" for at in range(100_000)) + "\n0.0.0.0 EU.example"
    began = time.thread_time()
    for _ in range(30):
        assert list(addresses_in(text, "eu.example")) == ["0.0.0.0"]
    assert time.thread_time() - began < 1.5
