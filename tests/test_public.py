"""The face of the package: its names, its words, its records, and what importing it costs."""

from __future__ import annotations

import importlib.metadata
import itertools
import pickle
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import attrs
import pytest

import wsconn
from wsconn import (
    Attempt,
    Cause,
    ConnectivityResult,
    Discovery,
    Evidence,
    Failure,
    InvalidRegionError,
    Region,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
    Verdict,
    WsconnError,
    reports,
)
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.causes import EXPLANATIONS, message_on

NAMES = [
    *("start", "check", "load_regions"),
    *(
        "ConnectivityTest",
        "ConnectivityResult",
        "RegionOutcome",
        "Failure",
        "Evidence",
        "Attempt",
        "Timings",
        "TlsInfo",
    ),
    *("Region", "Discovery", "Verdict", "Status", "Stage", "Cause", "WsconnError", "InvalidRegionError"),
    *("debug", "start_debug", "DebugTest", "DebugReport", "Experiment", "Conclusion", "Hold"),
    "__version__",
]
STAGES = ["discovery", "resolve", "connect", "proxy", "tls", "upgrade", "frames"]
CAUSES = [
    "bad_discovery",
    *("dns_not_found", "dns_failed", "dns_blocked"),
    *("refused", "unreachable", "blocked_locally"),
    *("proxy_auth_required", "proxy_denied", "proxy_target_unreachable", "proxy_bad_answer", "proxy_unsupported"),
    *("tls_untrusted", "tls_hostname_mismatch", "tls_expired", "tls_not_yet_valid", "tls_client_certificate_required"),
    *("tls_version", "not_tls", "tls_failed"),
    *("http_status", "redirected", "bad_upgrade"),
    *("no_pong", "bad_frames"),
    *("timeout", "closed", "local_limit", "outrun", "internal_error"),
]


def run(program: str) -> str:
    """Run a program in a fresh process, warnings being errors, and return what it prints."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- names -----------------------------------------------------------------------------------------------------------


def test_the_public_names_are_the_contracts() -> None:
    """`__all__` is the contract's list, nothing less and nothing more, and each name is there."""
    assert sorted(wsconn.__all__) == sorted(NAMES)
    assert not [name for name in NAMES if not hasattr(wsconn, name)]


def test_nothing_else_looks_public() -> None:
    """What a fresh `import wsconn` shows without an underscore is in `__all__`."""
    shown = run("import wsconn; print(*(name for name in vars(wsconn) if not name.startswith('_')))").split()
    assert set(shown) <= set(NAMES)


def test_the_version_is_the_installed_ones() -> None:
    """`__version__` and the installed metadata agree."""
    assert wsconn.__version__ == importlib.metadata.version("wsconn")


def test_errors_are_one_small_tree() -> None:
    """`InvalidRegionError` can be caught as wsconn's own and as a ValueError, and survives pickling."""
    assert issubclass(InvalidRegionError, WsconnError)
    assert issubclass(InvalidRegionError, ValueError)
    error = InvalidRegionError("region 'a': url 'x' must begin with ws://")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


# --- importing -------------------------------------------------------------------------------------------------------


def test_importing_is_light() -> None:
    """`import wsconn` loads none of what a program that starts should not wait for."""
    unwanted = (
        "websocket rich asyncio wsconn.lab wsconn.reports wsconn._cli python_socks http.client urllib.request"
        " ssl socket selectors logging concurrent.futures pathlib wsconn._arguments wsconn._probe wsconn._diagnosis"
        " wsconn._debug wsconn._debug_api"
    )
    loaded = run(f"import sys, wsconn; print(*(name for name in {unwanted.split()} if name in sys.modules))")
    assert loaded.split() == []


def test_importing_reports_is_light() -> None:
    """Whoever writes text does not wait for what another format needs, nor for the extra that HTML needs."""
    unwanted = (
        "jinja2 markupsafe rich json wsconn.lab wsconn._cli wsconn._debug wsconn.reports._html wsconn.reports._json"
        " wsconn.reports._markdown wsconn.reports._prometheus wsconn.reports._debugger"
    )
    loaded = run(
        "import sys, wsconn.reports; wsconn.reports.to_text;"
        f" print(*(name for name in {unwanted.split()} if name in sys.modules))"
    )
    assert loaded.split() == []


def test_what_follows_a_connection_is_loaded_with_one() -> None:
    """Where all regions are refused, of `wss` too, nobody waits for TLS, HTTP and the library."""
    unwanted = "ssl websocket python_socks hashlib wsconn._stages.tls wsconn._stages.frames wsconn._protocols"
    loaded = run(
        f"""
        import sys, wsconn
        from wsconn._io import background
        background._SOON_SECONDS = 60  # which a busy machine may need
        result = wsconn.check({{"a": "ws://127.0.0.1:9/", "b": "wss://127.0.0.1:9/"}}, proxy=None)
        print(*[outcome.failure.cause for outcome in result.outcomes])
        print(*(name for name in {unwanted.split()} if name in sys.modules))
        """
    )
    assert loaded.splitlines() == ["refused refused", ""]


def test_every_name_of_reports_is_there() -> None:
    """Each is loaded when it is first used, from a plain `import *` too, and a misspelt one is told as ever."""
    lines = run(
        """
        import wsconn.reports
        print(sorted(set(wsconn.reports.__all__) - set(dir(wsconn.reports))))
        from wsconn.reports import *
        print(sorted(set(wsconn.reports.__all__) - set(globals())))
        try:
            wsconn.reports.to_pdf
        except AttributeError as error:
            print(error)
        """
    ).splitlines()
    assert lines == ["[]", "[]", "module 'wsconn.reports' has no attribute 'to_pdf'"]


def test_each_module_imports_alone() -> None:
    """Each module can be the first of its folder that a program imports, without a warning.

    Between folders imports lead downward alone. What `import wsconn` loads comes with any of them, so only what lies
    beyond that is imported again and again.
    """
    imported = run(
        """
        import importlib, pkgutil, sys
        import wsconn

        engine = {name for name in sys.modules if name.partition(".")[0] == "wsconn"}
        print(*engine)
        for found in pkgutil.walk_packages(wsconn.__path__, "wsconn."):
            folder = found.name.rpartition(".")[0] + "."
            for loaded in [name for name in sys.modules if name.startswith(folder) and name not in engine]:
                del sys.modules[loaded]
            importlib.import_module(found.name)
            print(found.name)
        """
    )
    assert {
        "wsconn._api",
        "wsconn._protocols.websocket_client",
        "wsconn.lab.faults",
        "wsconn.reports",
        "wsconn._cli",
    } <= set(imported.split())


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (Stage, STAGES),
        (Cause, CAUSES),
        (Status, ["passed", "failed", "aborted"]),
        (Verdict, ["passed", "warning", "failed", "aborted"]),
    ],
    ids=["stages", "causes", "statuses", "verdicts"],
)
def test_words_are_the_contracts(words: type[Stage | Cause | Status | Verdict], expected: list[str]) -> None:
    """The values are the contract's, in its order, and print as plain words."""
    assert [word.value for word in words] == expected
    assert [f"{word}" for word in words] == expected
    assert list(map(str, words)) == expected
    assert all(word == text for word, text in zip(words, expected, strict=True))


# --- records ---------------------------------------------------------------------------------------------------------

TLS = TlsInfo(
    version="TLSv1.3",
    cipher="TLS_AES_128_GCM_SHA256",
    issuer="CN=Made up CA",
    subject="CN=eu.example.org",
    not_after=datetime(2030, 1, 2, tzinfo=UTC),
)
SEEN = Evidence(
    stage=Stage.CONNECT, host="eu.example.org", auth_schemes=("Basic",), tls=TLS, clock=datetime(2026, 1, 1, tzinfo=UTC)
)
FAILURE = Failure(
    stage=Stage.CONNECT,
    cause=Cause.REFUSED,
    message="refused",
    advice="Ask.",
    os_error="ECONNREFUSED",
    evidence=SEEN,
)
ATTEMPT = Attempt(
    url="wss://eu.example.org/",
    address="192.0.2.1:443",
    stage=Stage.CONNECT,
    cause=Cause.REFUSED,
    message="refused",
    duration=0.1,
    os_error="ECONNREFUSED",
)
PASSED = RegionOutcome(
    region="eu",
    url="wss://eu.example.org/",
    status=Status.PASSED,
    attempts=(ATTEMPT,),
    timings=Timings(resolve=0.01, connect=0.02, tls=0.03, upgrade=0.04, frames=0.05),
    duration=0.15,
    round_trip=0.05,
    address="192.0.2.2:443",
    proxy="http://proxy.example:3128 (from https_proxy)",
    tls=TLS,
    http_status=101,
    close_code=1000,
    close_reason="bye",
)
FAILED = RegionOutcome(region="us", url="wss://us.example.org/", status=Status.FAILED, failure=FAILURE)
DISCOVERY = Discovery("https://gs.example.org/eu", "/worker/wssUri")
RECORDS = {
    type(record).__name__: record
    for record in (
        TLS,
        SEEN,
        FAILURE,
        ATTEMPT,
        PASSED,
        PASSED.timings,
        DISCOVERY,
        Region("eu", alternates=["wss://eu.example.net/"], discovery=DISCOVERY),
        ConnectivityResult(outcomes=(PASSED, FAILED), started_at=datetime(2026, 1, 1, tzinfo=UTC), duration=0.2),
    )
}
each_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())


@each_record
def test_records_are_frozen(record: attrs.AttrsInstance) -> None:
    """No field of a record can be set, and no new one added."""
    field = attrs.fields(type(record))[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(record, field, None)
    with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
        record.surprise = 1  # type: ignore[attr-defined]  # that is the point


@each_record
def test_records_pickle(record: attrs.AttrsInstance) -> None:
    """A record that went through pickle equals itself, under every protocol."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(record, protocol))
        assert again is not record
        assert again == record
        assert repr(again) == repr(record)


@each_record
def test_records_compare_by_value(record: attrs.AttrsInstance) -> None:
    """Two records are equal when their fields are, and have one hash then."""
    fields = {field.name: getattr(record, field.name) for field in attrs.fields(type(record))}
    assert type(record)(**fields) == record
    assert hash(type(record)(**fields)) == hash(record)
    assert record != "something else"
    duration_or_first = "duration" if "duration" in fields else next(iter(fields))
    assert attrs.evolve(record, **{duration_or_first: _another(fields[duration_or_first])}) != record


def _another(value: object) -> object:
    match value:
        case Stage():
            return next(stage for stage in Stage if stage is not value)
        case str():
            return f"{value}x"
        case _:
            return 77.0


def test_regions_hide_their_queries() -> None:
    """The `repr` of a region shows its addresses without what may be a secret."""
    region = Region("eu", "wss://eu.example.org/a?token=s3cret", alternates=["wss://eu.example.net/?token=s3cret"])
    found = Region("us", discovery=Discovery("https://gs.example.org/us?token=s3cret", "/a"))
    for text in (repr(region), str(region), repr(found)):
        assert "s3cret" not in text
    assert "wss://eu.example.org/a" in repr(region)


# --- what a person reads ---------------------------------------------------------------------------------------------

FULL = Evidence(
    os_error="ECONNREFUSED",
    detail="certificate has expired",
    http_status=403,
    http_reason="Forbidden",
    location="https://portal.example/login",
    retry_after="30 s",
    server="squid/6.1",
    tls=TLS,
    verify_code=20,
    address="192.0.2.1:443",
    scheme="wss",
    host="eu.example.org",
    port=443,
    proxy="http://proxy.example:3128",
    proxy_host="proxy.example",
    proxy_source="https_proxy",
    discovery="https://gs.example.org/eu",
    elapsed=1.25,
    clock=datetime(2026, 1, 1, tzinfo=UTC),
)
EVIDENCE = {
    "nothing seen": Evidence(scheme="wss", host="eu.example.org", port=443),
    "all seen": FULL,
    "not begun": attrs.evolve(FULL, never_began=True),
    "no proxy": attrs.evolve(FULL, proxy=None, proxy_host=None, proxy_source=None, discovery=None),
    "IPv6": attrs.evolve(FULL, host="::1", address="[::1]:443", scheme="ws"),
    "scoped": attrs.evolve(FULL, address="[fe80::1%eth0]:443", scheme="ws"),
    "loopback": attrs.evolve(FULL, address="127.0.0.1:443"),
    "strict check": attrs.evolve(FULL, verify_code=89),
    "self-signed": attrs.evolve(FULL, verify_code=18),
    "interceptor": attrs.evolve(FULL, tls=attrs.evolve(TLS, issuer="CN=Zscaler Root CA, O=Zscaler")),
    "a bare certificate": attrs.evolve(FULL, tls=TlsInfo()),
    "quick": attrs.evolve(FULL, elapsed=0.0004),
}
with_evidence = pytest.mark.parametrize("evidence", EVIDENCE.values(), ids=EVIDENCE.keys())


def check_line(text: str) -> None:
    assert text
    assert text.isprintable()
    assert text == text.strip()
    assert "None" not in text
    assert "  " not in text
    assert "{" not in text
    assert "()" not in text
    assert " ," not in text


def test_every_cause_is_explained() -> None:
    """Each cause has a record in the one table, of three texts that end as sentences do, and the end of one."""
    assert list(EXPLANATIONS) == list(Cause)
    for explanation in EXPLANATIONS.values():
        for text in (explanation.meaning, explanation.origin, explanation.advice):
            check_line(text)
            assert text.endswith((".", "?"))
        check_line(explanation.phrase.format(proxy="the proxy", peer="the server"))
        assert not explanation.phrase.endswith((".", ","))


@with_evidence
def test_every_failure_has_a_message(evidence: Evidence) -> None:
    """Whatever was or was not seen, each cause at each stage makes one line that says something."""
    for stage, cause in itertools.product(Stage, Cause):
        text = message_on(cause, attrs.evolve(evidence, stage=stage))
        check_line(text)
        assert not text.endswith((".", ",", ":", ";", "(", " at", " to", " by")), text


@pytest.mark.parametrize("seconds", [0.0, 0.0004, 0.95, 2.0, 9.9994, 10.0, 86400.0])
def test_a_message_says_a_time_as_a_table_does(seconds: float) -> None:
    """The same time is not `2.0 s` in a message and `2000 ms` in the row above it."""
    row = "".join(reports.to_text(_taking(seconds)).splitlines()[3:4])
    text = message_on(Cause.TIMEOUT, Evidence(stage=Stage.CONNECT, host="eu", port=1, elapsed=seconds))
    _, _, tail = text.partition(" within ")
    assert row.endswith(f" {tail.partition(':')[0]}")


def _taking(seconds: float) -> ConnectivityResult:
    outcome = RegionOutcome(region="eu", url=None, status=Status.PASSED, timings=Timings(connect=seconds))
    return ConnectivityResult(outcomes=(outcome,), started_at=datetime(2026, 1, 1, tzinfo=UTC), duration=seconds)


@with_evidence
def test_every_failure_has_advice(evidence: Evidence) -> None:
    """Whatever was or was not seen, each cause at each stage makes advice that ends as a sentence does."""
    for stage, cause in itertools.product(Stage, Cause):
        text = advice_on(cause, attrs.evolve(evidence, stage=stage))
        check_line(text)
        assert text.endswith((".", "?")), text


@pytest.mark.parametrize("cause", [Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR], ids=str)
def test_a_failure_before_the_beginning_has_a_message(cause: Cause) -> None:
    """What may go wrong before a URL was looked at does not speak of a server that it cannot name."""
    text = message_on(cause, Evidence())
    check_line(text)
    assert ":0" not in text


@with_evidence
def test_success_has_a_message(evidence: Evidence) -> None:
    """An attempt that worked says so in one line too."""
    for stage in Stage:
        check_line(message_on(None, attrs.evolve(evidence, stage=stage)))


@pytest.mark.parametrize("cause", [Cause.HTTP_STATUS, Cause.REDIRECTED], ids=str)
def test_every_status_has_advice(cause: Cause) -> None:
    """There is something to say about any status, with and without a hint when to come back."""
    for status, retry_after in itertools.product(range(100, 1000), (None, "30 s")):
        seen = attrs.evolve(FULL, stage=Stage.UPGRADE, http_status=status, retry_after=retry_after)
        assert str(status) in message_on(cause, seen)
        check_line(advice_on(cause, seen))
