"""The record of a region under way: an abort may read it at any moment, and never finds two URLs mixed."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import attrs

from wsconn import Cause, Evidence, RegionOutcome, Stage, TlsInfo
from wsconn._diagnosis import recorder as module
from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._proxies import parse_proxy

FIRST, SECOND = "wss://first.example/", "wss://second.example/"


def go_the_way(recorder: Recorder) -> None:
    """Try a URL that fails late, and then one that opens through a proxy and has no TLS."""
    recorder.begin()
    recorder.begin_url("wss", "first.example", 443, f"{FIRST}?a=b")
    with recorder.timed(Stage.RESOLVE):
        pass
    with recorder.timed(Stage.CONNECT):
        recorder.address_failed("192.0.2.9:443", 0.0, Cause.REFUSED)
        recorder.address_won("192.0.2.1:443", 0.0)
    with recorder.timed(Stage.TLS):
        recorder.saw_tls(TlsInfo(issuer="O=First"))
    recorder.url_failed(StageFailed(Cause.HTTP_STATUS, Evidence(http_status=403), stage=Stage.UPGRADE))
    recorder.begin_url("ws", "second.example", 80, SECOND)
    recorder.hide("secret")
    recorder.set_proxy(parse_proxy("http://192.0.2.3:3128", "test"))
    with recorder.timed(Stage.PROXY):
        recorder.address_won("192.0.2.3:3128", 0.0)
    recorder.stage = Stage.UPGRADE
    recorder.learn(http_status=101)
    recorder.learn(round_trip=0.1, close_code=1000, close_reason="bye")
    recorder.url_worked()


def what_is_mixed(outcome: RegionOutcome) -> list[str]:
    """Return what an outcome has of another URL than its own, and what it has only half of."""
    of_the_first = {
        "address": outcome.address == "192.0.2.1:443",
        "tls": outcome.tls is not None,
        "http_status": outcome.http_status == 403,
        "timings": (outcome.timings.resolve, outcome.timings.connect, outcome.timings.tls) != (None, None, None),
    }
    of_the_second = {
        "address": outcome.address == "192.0.2.3:3128",
        "proxy": outcome.proxy is not None,
        "http_status": outcome.http_status == 101,
        "timings": outcome.timings.proxy is not None,
        "close": outcome.close_code is not None,
    }
    strange = of_the_first if outcome.url == SECOND else of_the_second
    halves = len({outcome.round_trip is None, outcome.close_code is None, outcome.close_reason is None}) > 1
    return [name for name, is_there in strange.items() if is_there] + ["half a close"] * halves


def each_line(of: str, call: Callable[[], None]) -> Callable[[FrameType, str, Any], Any]:
    """Return a trace function that calls at each line that is executed in a file."""

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        if frame.f_code.co_filename != of:
            return None
        if event == "line":
            call()
        return trace

    return trace


def test_an_abort_at_any_line_mixes_no_two_urls() -> None:
    """What a signal handler finds in the midst of a line is of one URL, whole."""
    recorder = Recorder("region", FIRST)
    found: list[RegionOutcome] = []
    before = sys.gettrace()
    sys.settrace(each_line(module.__file__, lambda: found.append(recorder.aborted())))
    try:
        go_the_way(recorder)
    finally:
        sys.settrace(before)
    assert len(found) > 50
    assert {outcome.url for outcome in found} == {FIRST, SECOND}
    assert [(outcome, mixed) for outcome in found if (mixed := what_is_mixed(outcome))] == []


def test_the_evidence_of_a_failure() -> None:
    """It has what the stage gave, without secrets, and what the recorder knows of where the way led."""
    recorder = Recorder("region", FIRST)
    recorder.begin_url("wss", "first.example", 443, f"{FIRST}?token=S3CRET")
    recorder.set_proxy(parse_proxy("http://me:S3CRET@192.0.2.3:3128", "https_proxy"))
    recorder.hide("S3CRET")
    recorder.saw_tls(TlsInfo(issuer="O=S3CRET Authority"))
    given = Evidence(http_status=407, http_reason="no S3CRET", auth_schemes=("Basic", "S3CRET"))
    failure = recorder.url_failed(StageFailed(Cause.PROXY_AUTH_REQUIRED, given, stage=Stage.PROXY))
    seen = failure.evidence
    assert seen is not None
    assert (seen.stage, seen.scheme, seen.host, seen.port) == (Stage.PROXY, "wss", "first.example", 443)
    assert (seen.proxy, seen.proxy_host, seen.proxy_source) == ("http://192.0.2.3:3128", "192.0.2.3", "https_proxy")
    assert (seen.http_status, seen.http_reason, seen.auth_schemes) == (407, "no …", ("Basic", "…"))
    assert seen.tls == TlsInfo(issuer="O=… Authority")
    assert seen.elapsed is not None
    assert seen.elapsed >= 0
    assert seen == Evidence(**vars(seen))  # it holds facts by their names alone, and none that there is not
    assert "S3CRET" not in repr(failure)


def test_a_pass_writes_its_sentence_for_who_reads_it() -> None:
    """Until then nobody pays for it; it tells of the moment of the pass, and is the same in a copy, pickled or not."""
    recorder = Recorder("region", SECOND)
    go_the_way(recorder)
    attempt = recorder.passed().attempts[-1]
    assert "message" not in vars(attempt)
    recorder.begin_url("wss", "third.example", 443, "wss://third.example/")
    copies = [copy.copy(attempt), copy.deepcopy(attempt), pickle.loads(pickle.dumps(attempt)), attrs.evolve(attempt)]
    assert attempt.message.startswith("second.example:80 (through the proxy http://192.0.2.3:3128")
    assert "answered as it should, after" in attempt.message
    assert all(made == attempt and made.message == attempt.message for made in copies)
    assert "secret" not in repr([vars(made) for made in copies])
