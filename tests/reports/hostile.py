"""Results whose every text is hostile, and results of any kind."""

from __future__ import annotations

from datetime import UTC

import attrs
from hypothesis import strategies as st

from tests.factories import attempt, passed, result, told
from wsconn import (
    Attempt,
    Cause,
    ConnectivityResult,
    Evidence,
    Failure,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
)

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "markup": '"><img src=x onerror=alert(1)>',
    "reference": "&lt;b&gt;&#x41;",
    "template": "{{ 7*7 }}{% raw %}",
    "link": "[click](javascript:alert(1)) <https://evil.example> https://evil.example www.evil.example",
    "emphasis": "*a* _b_ ~~c~~ # d",
    "list": "1. a",
    "backticks": "`` ` ```",
    "pipes": "a | b \\| c || d",
    "mention": "@everyone #1 :smile: $x^2$",
    "formula": "=cmd|' /C calc'!A0",
    "terminal": "a\x1b[31mred\x1b[0m\x07\x9b2J",
    "lines": "a\r\nb\n# c\u2028d\x00",
    "bidi": "abc\u202egnp.exe\u2066\u200b",
    "labels": 'a"} 1\nup{x="\\',
    "half a character": "a\ud83dz",
    "blank": " ",
}


def hostile(text: str) -> ConnectivityResult:
    """Make a result in which every text is what somebody hostile would have liked it to be."""
    texts = {field.name: text for field in attrs.fields(Evidence) if field.type == "str | None"}
    seen = Evidence(**texts, tls=TlsInfo(issuer=text), auth_schemes=(text,))  # type: ignore[arg-type]  # all are texts
    return result(
        RegionOutcome(
            region=text,
            url=f"wss://{text}/",
            status=Status.FAILED,
            failure=Failure(stage=Stage.TLS, cause=Cause.TLS_UNTRUSTED, message=text, advice=text, os_error=text),
            attempts=(
                Attempt(
                    url=text, address=f"{text}:443", stage=Stage.TLS, cause=Cause.TIMEOUT, message=text, duration=1.0
                ),
            ),
            proxy=text,
            tls=TlsInfo(version=text, cipher=text, issuer=f"O={text}", subject=text),
            address=text,
            close_code=1008,
            close_reason=text,
            allow=(f"{text}:443", text),
            help=text,
        ),
        passed("us", evidence=Evidence(host=text, port=443, connect_to=f"{text}:443", source=text)),
        RegionOutcome(region=f"{text}2", url=None, status=Status.FAILED, failure=told(Stage.TLS, Cause.TIMEOUT, seen)),
        passed("eu", attempts=(attempt("192.0.2.1:443", url=f"https://{text}"),)),
    )


times = st.datetimes(timezones=st.just(UTC))
seconds = st.floats(0, 1e6)
texts = st.text(max_size=10)
any_tls = st.builds(TlsInfo, version=st.none() | texts, issuer=texts, not_after=st.none() | times)
any_evidence = st.builds(
    Evidence,
    stage=st.none() | st.sampled_from(Stage),
    port=st.none() | st.integers(),
    elapsed=st.none() | seconds,
    clock=st.none() | times,
    never_began=st.booleans(),
    detail=st.none() | texts,
    auth_schemes=st.lists(texts, max_size=2).map(tuple),
    tls=st.none() | any_tls,
    certificate_names=st.lists(texts, max_size=2).map(tuple),
    faulty_date=st.none() | times,
    connect_to=st.none() | texts | st.just("203.0.113.7:443"),
    source=st.none() | texts,
    no_such_source=st.booleans(),
    missing_family=st.none() | st.just("IPv4") | texts,
)
any_outcome = st.builds(
    RegionOutcome,
    region=texts,
    url=st.none() | st.sampled_from(["wss://eu.example.org/", "ws://[::1]:8080/a@b"]),
    started_at=st.none() | seconds,
    status=st.sampled_from(Status),
    failure=st.none()
    | st.builds(
        Failure,
        stage=st.sampled_from(Stage),
        cause=st.sampled_from(Cause),
        message=texts,
        advice=texts,
        os_error=st.none() | texts,
        evidence=st.none() | any_evidence,
    ),
    attempts=st.lists(
        st.builds(
            Attempt,
            url=st.just("wss://eu.example.org/"),
            address=st.none() | texts,
            stage=st.sampled_from(Stage),
            cause=st.none() | st.sampled_from(Cause),
            message=texts,
            duration=seconds,
            os_error=st.none() | texts,
            http_status=st.none() | st.integers(),
        ),
        max_size=2,
    ).map(tuple),
    timings=st.builds(Timings, **{stage.value: st.none() | seconds for stage in Stage}),
    duration=seconds,
    round_trip=st.none() | seconds,
    address=st.none() | texts,
    proxy=st.none() | st.just("http://proxy.example:3128 (from https_proxy)"),
    tls=st.none() | any_tls,
    http_status=st.none() | st.integers(),
    close_code=st.none() | st.integers(),
    close_reason=st.none() | texts,
    evidence=st.none() | any_evidence,
    allow=st.lists(texts, max_size=2).map(tuple),
    help=st.none() | texts,
)
any_result = st.builds(
    ConnectivityResult, outcomes=st.lists(any_outcome, max_size=3).map(tuple), started_at=times, duration=seconds
)
