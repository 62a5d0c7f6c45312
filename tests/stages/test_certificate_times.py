"""How the times in a certificate are read."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import hypothesis
from hypothesis import strategies as st

from wsconn._stages.tls import moment


@hypothesis.given(st.datetimes(min_value=datetime(1950, 1, 1)))
def test_moments_are_read_as_the_standard_library_reads_them(wanted: datetime) -> None:
    """A certificate's time, as OpenSSL writes it, becomes the same moment as by `ssl.cert_time_to_seconds`."""
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][wanted.month - 1]
    text = f"{month} {wanted.day:2} {wanted:%H:%M:%S} {wanted.year} GMT"
    assert moment(text) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ssl.cert_time_to_seconds(text))
