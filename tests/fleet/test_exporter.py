"""The exporter as a WSGI application: what Prometheus and people are answered, and what they are not."""

from __future__ import annotations

import os
import pathlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.request import ProxyHandler, build_opener
from wsgiref.validate import validator

import pytest
import waitress
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from tests.cli.command_line import posix
from tests.fleet.asking import ask, probe
from tests.stuck import until
from wsconn import ConnectivityResult, InvalidRegionError, Region
from wsconn._deadline import now
from wsconn.fleet import Exporter, exporter
from wsconn.fleet._exporter.requests import ASKED_AT
from wsconn.lab import Lab, faults
from wsconn.reports import this_machine

OPEN_METRICS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3"
HOSTILE = 'a"}\\ <script>alert(1)</script>\u202e&'
Make = Callable[..., Exporter]


@pytest.fixture
def make(lab: Lab) -> Iterator[Make]:
    """Make exporters of the lab's regions, and close them."""
    made: list[Exporter] = []

    def make(regions: object = None, **changes: object) -> Exporter:
        told = {"interval": 3600.0, "timeout": 20.0, "proxy": None, "ssl_context": lab.ssl_context, **changes}
        made.append(exporter(lab.regions if regions is None else regions, **told))  # type: ignore[arg-type]  # bad ones too
        return made[-1]

    yield make
    for app in made:
        app.close()


def ready(app: Exporter) -> Exporter:
    """Wait for the first round to be over."""
    assert until(lambda: ask(app, "/-/ready").status == 200, 30.0)
    return app


# --- /metrics ------------------------------------------------------------------------------------------------------


def test_metrics_tell_what_the_last_round_found(lab: Lab, make: Make) -> None:
    """Up or not, why not, and how often: gauges of the last round, counters and histograms of all."""
    lab.add("eu", tls=True)
    lab.add("us", fault=faults.http_status(503))
    told = ask(ready(make(site="vienna")), "/metrics").series
    assert told['wsconn_region_up{region="eu",site="vienna"}'] == 1
    assert told['wsconn_region_up{region="us",site="vienna"}'] == 0
    assert told['wsconn_region_failure{cause="http_status",region="us",site="vienna",stage="upgrade"}'] == 1
    assert told['wsconn_region_failures_total{cause="http_status",region="us",site="vienna",stage="upgrade"}'] == 1
    assert told['wsconn_region_checks_total{region="eu",site="vienna"}'] == 1
    assert told['wsconn_round_trip_seconds_count{region="eu",site="vienna"}'] == 1
    assert told['wsconn_round_trip_seconds_bucket{le="+Inf",region="eu",site="vienna"}'] == 1
    assert told['wsconn_rounds_total{site="vienna"}'] == 1
    assert not any("_created" in name for name in told)


def test_the_site_of_the_environment_is_that_of_reports(lab: Lab, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Prometheus calls the site, a report on the same machine calls so too."""
    monkeypatch.setenv("WSCONN_SITE", " Vienna ")
    lab.add("eu")
    assert ask(ready(make()), "/metrics").series[f'wsconn_region_up{{region="eu",site="{this_machine().site}"}}'] == 1


@pytest.mark.parametrize(
    ("accept", "media_type", "parse"),
    [
        ("", "text/plain; version=0.0.4", plain_text),
        ("text/plain;version=9", "text/plain; version=0.0.4", plain_text),
        (OPEN_METRICS, "application/openmetrics-text; version=1.0.0", open_metrics),
        ("application/openmetrics-text; version=x\xff", "application/openmetrics-text; version=1.0.0", open_metrics),
    ],
    ids=["none", "text", "open-metrics", "nonsense"],
)
def test_both_formats_are_spoken(
    lab: Lab, make: Make, accept: str, media_type: str, parse: Callable[[str], Iterator[object]]
) -> None:
    """A strict parser of each format reads the answer, before the first round and after it, twice the same."""
    lab.add("eu")
    app = make()
    early = ask(app, "/metrics", HTTP_ACCEPT=accept)
    assert list(parse(early.body))
    told = [ask(ready(app), "/metrics", HTTP_ACCEPT=accept) for _ in range(2)]
    assert told[0].headers["Content-Type"].startswith(media_type)
    assert list(parse(told[0].body))
    assert told[0].body == told[1].body


def test_names_of_regions_are_escaped(lab: Lab, make: Make) -> None:
    """A name that would end a label or a tag stays in it, in both formats and on the page."""
    lab.add(HOSTILE)
    app = ready(make())
    parsed = {
        sample.labels["region"]
        for family in open_metrics(ask(app, "/metrics", HTTP_ACCEPT=OPEN_METRICS).body)
        for sample in family.samples
        if "region" in sample.labels
    }
    assert parsed == {HOSTILE.replace("\u202e", r"\u202e")}
    assert "<script" not in ask(app, "/").body


def test_rounds_add_up_and_regions_that_are_gone_are_forgotten(lab: Lab, make: Make, tmp_path: pathlib.Path) -> None:
    """Counters go on over rounds and a reload; no series is left of a region that the file has no more."""
    lab.add("eu")
    lab.add("us")
    file = tmp_path / "regions.toml"
    write_regions(file, lab.regions)
    app = make(file, interval=0.05)
    assert until(lambda: ask(app, "/metrics").series.get('wsconn_region_checks_total{region="eu"}', 0) >= 2)
    write_regions(file, {"eu": lab.regions["eu"]})
    app.reload()
    assert until(lambda: 'region="us"' not in ask(app, "/metrics").body)
    assert ask(app, "/metrics").series['wsconn_region_checks_total{region="eu"}'] >= 2


def write_regions(file: pathlib.Path, regions: Mapping[str, str]) -> None:
    file.write_text("".join(f'[regions.{name}]\nurl = "{url}"\n' for name, url in regions.items()))


def test_each_result_is_handed_on(lab: Lab, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """`on_result` gets every result, and what it raises is logged and stops nothing."""
    lab.add("eu")
    seen: list[ConnectivityResult] = []
    twice = threading.Event()

    def take(result: ConnectivityResult) -> None:
        seen.append(result)
        if len(seen) == 2:
            twice.set()
        raise RuntimeError("of the user's")

    make(interval=0.05, on_result=take).start()
    assert twice.wait(30.0)
    assert seen[0].passed_regions == ("eu",)
    assert "of the user's" in caplog.text


def test_a_round_that_takes_too_long_makes_the_next_late_and_overlaps_none(lab: Lab, make: Make) -> None:
    """While a round is under way no other begins; the one that was due is counted as late."""
    lab.add("eu", fault=faults.MUTE)
    app = make(interval=0.05, timeout=0.5)
    assert until(lambda: ask(app, "/metrics").series.get("wsconn_rounds_total", 0) >= 2)
    told = ask(app, "/metrics").series
    assert 1 <= told["wsconn_rounds_late_total"] <= told["wsconn_rounds_total"] + 1


# --- /probe --------------------------------------------------------------------------------------------------------


def test_a_probe_tells_what_blackbox_does_and_more(lab: Lab, make: Make) -> None:
    """Blackbox' names, by a region's name or its URL; phases, the certificate and the round trip beside them."""
    lab.add("eu", tls=True)
    app = make()
    for target in ("eu", lab.regions["eu"]):
        told = ask(app, "/probe", probe(target)).series
        assert told["probe_success"] == 1
        assert told["probe_timeout_seconds"] == 20
        assert told["probe_websocket_status_code"] == 101
        assert told["probe_websocket_connection_upgraded"] == 1
        assert told["probe_ip_protocol"] == 4
        assert told["probe_ip_addr_hash"] == 3668918509  # what Go's fnv.New32a makes of 127.0.0.1
        assert told['probe_tls_version_info{version="TLS 1.3"}'] == 1
        assert told["probe_ssl_earliest_cert_expiry"] > time.time()
        phases = {name for name in told if name.startswith("probe_websocket_duration_seconds")}
        named = {f'probe_websocket_duration_seconds{{phase="{phase}"}}' for phase in ("tls", "processing", "frames")}
        assert named <= phases
        assert told["wsconn_probe_round_trip_seconds"] > 0


def test_a_probe_of_what_fails_says_why(lab: Lab, make: Make) -> None:
    """The answer is 200 all the same: the metrics tell of the failure."""
    lab.add("eu", fault=faults.http_status(403))
    answered = ask(make(), "/probe", probe("eu"))
    assert answered.status == 200
    told = answered.series
    assert (told["probe_success"], told["probe_websocket_status_code"]) == (0, 403)
    assert told['wsconn_failure_info{cause="http_status",stage="upgrade"}'] == 1


def test_debug_is_for_people(lab: Lab, make: Make) -> None:
    """`debug=true` gives the report, advice and all, as plain text, and the metrics below."""
    lab.add("eu", fault=faults.http_status(403))
    answered = ask(make(), "/probe", probe("eu", debug="true"))
    assert answered.headers["Content-Type"].startswith("text/plain")
    assert "advice" in answered.body
    assert answered.body.index("advice") < answered.body.index("probe_success 0")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 2.5), ("0.4", 0.2), ("1000", 20.0)],
    ids=["less-half-a-second", "half", "the-modules"],
)
def test_a_probe_ends_before_the_scrape_does(lab: Lab, make: Make, header: str, seconds: float) -> None:
    """The timeout is the module's, or the scraper's less half a second, whichever is less."""
    lab.add("eu")
    told = ask(make(), "/probe", probe("eu"), HTTP_X_PROMETHEUS_SCRAPE_TIMEOUT_SECONDS=header).series
    assert told["probe_timeout_seconds"] == pytest.approx(seconds)


def test_time_spent_in_a_queue_is_the_scrapes(lab: Lab, make: Make) -> None:
    """A request that waited for a thread has so much less for its probe, and an answer all the same."""
    lab.add("eu")
    app = make()
    told = [
        ask(app, "/probe", probe("eu"), **{"HTTP_X_PROMETHEUS_SCRAPE_TIMEOUT_SECONDS": "10", ASKED_AT: now() - waited})
        for waited in (4.0, 100.0)
    ]
    assert [answered.status for answered in told] == [200, 200]
    seconds = [answered.series["probe_timeout_seconds"] for answered in told]
    assert 3.0 < seconds[0] <= 5.5
    assert seconds[1] == pytest.approx(0.01)


@pytest.mark.parametrize("header", ["", "soon", "nan", "inf", "-1", "0", "1e999"])
def test_a_timeout_that_is_none_is_refused(lab: Lab, make: Make, header: str) -> None:
    """What is no number of seconds is a bad request."""
    lab.add("eu")
    asked = ask(make(), "/probe", probe("eu"), HTTP_X_PROMETHEUS_SCRAPE_TIMEOUT_SECONDS=header)
    assert asked.status == 400


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "target is missing"),
        ("target=", 400, "target is missing"),
        ("target=eu&module=other", 400, "no module 'other'; there is: default"),
        ("target=eu&module=%3Cscript%3E", 400, "no module; there is"),
        ("target=wss://elsewhere.example/", 403, "no region's name or URL"),
        ("target=wss://user:secret@elsewhere.example/?token=secret", 403, "no region's name or URL"),
        ("&".join(f"f{n}=1" for n in range(20)), 400, "16 fields"),
        ("target=" + "a" * 5000, 414, "4096 characters"),
    ],
    ids=["none", "empty", "module", "module-hostile", "elsewhere", "secrets", "fields", "long"],
)
def test_what_cannot_be_probed_is_refused(lab: Lab, make: Make, query: str, status: int, said: str) -> None:
    """The answer says what is wrong, and repeats neither secrets nor what was not checked."""
    lab.add("eu")
    answered = ask(make(), "/probe", query)
    assert answered.status == status
    assert said in answered.body
    assert "secret" not in answered.body
    assert "<script>" not in answered.body


def test_a_module_says_how_and_what_is_probed(lab: Lab, make: Make, tmp_path: pathlib.Path) -> None:
    """It has a timeout and a way of its own, and its patterns allow targets that are no regions, and no others."""
    lab.add("region")
    lab.add("other", fault=faults.SWALLOWED_FRAMES)
    port = lab.regions["other"].rpartition(":")[2].partition("/")[0]
    file = tmp_path / "modules.toml"
    file.write_text(
        f'[modules.open]\nallow = ["ws://127.0.0.1:{port}"]\ntimeout = 5\nverify_frames = false\nproxy = "none"\n'
    )
    app = make({"region": lab.regions["region"]}, modules=file)
    told = ask(app, "/probe", probe(lab.regions["other"], module="open")).series
    assert (told["probe_success"], told["probe_timeout_seconds"]) == (1, 5)
    assert ask(app, "/probe", probe(lab.regions["other"])).status == 403
    assert ask(app, "/probe", probe(lab.regions["region"], module="open")).status == 403
    assert ask(app, "/probe", probe("ws://127.0.0.1:99999/", module="open")).status == 400


def test_too_many_probes_are_refused_at_once(lab: Lab, make: Make) -> None:
    """Beyond the cap the answer is 503, and counted; what is under way is not touched, and metrics are answered."""
    lab.add("mute", fault=faults.MUTE)
    done: list[int] = []
    with make(max_probes=2, timeout=60.0) as app:
        askers = [
            threading.Thread(target=lambda: done.append(ask(app, "/probe", probe("mute")).status)) for _ in range(2)
        ]
        for asker in askers:
            asker.start()
        assert until(lambda: ask(app, "/metrics").series["wsconn_probes_in_flight"] == 2)
        refused = ask(app, "/probe", probe("mute"))
        assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
        assert ask(app, "/metrics").series["wsconn_probes_refused_total"] == 1
        app.stop()
        for asker in askers:
            asker.join()
    assert done == [503, 503]


def test_stop_answers_whoever_waits(lab: Lab, make: Make) -> None:
    """A probe that is under way is aborted and answered 503, and no other is begun."""
    lab.add("mute", fault=faults.MUTE)
    app = make(timeout=60.0)
    seen: list[int] = []
    asker = threading.Thread(target=lambda: seen.append(ask(app, "/probe", probe("mute")).status))
    asker.start()
    assert until(lambda: ask(app, "/metrics").series["wsconn_probes_in_flight"] == 1)
    app.stop()
    asker.join(10.0)
    assert seen == [503]
    assert ask(app, "/probe", probe("mute")).status == 503
    assert ask(app, "/-/ready").status == 503


# --- other requests ------------------------------------------------------------------------------------------------


def test_ready_after_the_first_round_and_healthy_before(lab: Lab, make: Make) -> None:
    """An exporter that has nothing to tell yet is healthy, and not ready."""
    lab.add("mute", fault=faults.MUTE)
    app = make(timeout=60.0)
    assert (ask(app, "/-/healthy").status, ask(app, "/-/ready").status) == (200, 503)
    assert "The first round is under way" in ask(app, "/").body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/metrics", 405), ("DELETE", "/", 405), ("HEAD", "/metrics", 200), ("GET", "/metrics/", 404)],
)
def test_only_what_is_there_is_answered(lab: Lab, make: Make, method: str, path: str, status: int) -> None:
    """GET and HEAD of the five places; HEAD has no content."""
    lab.add("eu")
    answered = ask(make(), path, method=method)
    assert answered.status == status
    assert method != "HEAD" or answered.body == ""


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9809", 200),
        ("127.0.0.1:9809", 200),
        ("[::1]:9809", 200),
        ("exporter.example.org", 200),
        ("evil.example:9809", 421),
        ("", 421),
        ("[::1].evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
    ],
)
def test_a_name_that_is_not_ours_is_refused(lab: Lab, make: Make, host: str, status: int) -> None:
    """So a page elsewhere, whose name resolves to here, cannot have a browser read the answers."""
    lab.add("eu")
    app = make(hosts=["localhost", "Exporter.example.org."])
    assert ask(app, "/metrics", HTTP_HOST=host).status == status


def test_it_is_a_wsgi_application(lab: Lab, make: Make) -> None:
    """The standard library's validator finds nothing against it."""
    from wsgiref.util import setup_testing_defaults

    lab.add("eu")
    app = validator(ready(make()))
    for path in ("/", "/metrics", "/-/ready", "/other"):
        environ: dict[str, object] = {"PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": ""}
        setup_testing_defaults(environ)
        answer = app(environ, lambda *_: lambda _: None)  # type: ignore[arg-type]  # nothing is written so
        assert b"".join(answer)
        answer.close()  # type: ignore[attr-defined]  # the validator wants it called


@pytest.mark.parametrize(
    ("mounted", "link"),
    [
        ("", "/metrics"),
        ("/wsconn", "/wsconn/metrics"),
        ("/wsconn/", "/wsconn/metrics"),
        ("/a b&c", "/a%20b%26c/metrics"),
        ("/h\xc3\xb6he", "/h%C3%B6he/metrics"),
        ("/h%C3%B6he", "/h%C3%B6he/metrics"),
        ("//evil.example", "/evil.example/metrics"),
        ('/"><script>', "/%22%3E%3Cscript%3E/metrics"),
        ("/\u6771", "/%3F/metrics"),
    ],
    ids=["at the root", "below", "slash", "blank", "not ASCII", "encoded", "another host", "hostile", "no bytes"],
)
def test_links_lead_to_where_it_is_mounted(lab: Lab, make: Make, mounted: str, link: str) -> None:
    """As the server says in SCRIPT_NAME; a path is found with the slash that some servers leave to either."""
    lab.add("eu")
    app = make()
    assert f'<a href="{link}">{link}</a>' in ask(app, "/", SCRIPT_NAME=mounted).body
    assert link in ask(app, "/other", SCRIPT_NAME=mounted).body
    assert link.replace("metrics", "probe?target=wss:") in ask(app, "/probe", SCRIPT_NAME=mounted).body
    for path in ("metrics", "/metrics", "//metrics"):
        assert ask(app, path, SCRIPT_NAME=mounted).status == 200


def test_a_server_that_mounts_it_below_a_path(lab: Lab, make: Make) -> None:
    """waitress with `url_prefix`: the page's link leads to the metrics."""
    lab.add("eu")
    server = waitress.create_server(make(), host="127.0.0.1", port=0, threads=2, url_prefix="/wsconn")
    serving = threading.Thread(target=server.run)
    serving.start()
    try:
        root = f"http://127.0.0.1:{server.effective_port}"
        for page in ("/wsconn", "/wsconn/"):
            (link,) = re.findall('<a href="([^"]+)"', fetched(root + page))
            assert link == "/wsconn/metrics"
        assert "wsconn_rounds_late_total" in fetched(root + link)
        assert "wsconn_probes_in_flight 0" in fetched(f"{root}/wsconn/metrics")
    finally:
        server.trigger.pull_trigger(server.close)
        serving.join()
        server.task_dispatcher.shutdown()


def fetched(url: str) -> str:
    """Return what an URL has, without a proxy."""
    with build_opener(ProxyHandler({})).open(url, timeout=30.0) as answer:
        return str(answer.read().decode())


def test_no_secret_is_shown(lab: Lab, make: Make, tmp_path: pathlib.Path) -> None:
    """Neither a query, nor a header's value, nor a proxy's login is in the metrics, on the page or in a report."""
    file = tmp_path / "modules.toml"
    file.write_text(
        '[modules.m]\nproxy = "http://user:PASSWORD@127.0.0.1:1"\nheaders = { Authorization = "PASSWORD" }\n'
    )
    regions = [Region("eu", "ws://127.0.0.1:1/?token=PASSWORD", headers={"X-Token": "PASSWORD"})]
    app = ready(make(regions, modules=file))
    told = [ask(app, "/"), ask(app, "/metrics"), ask(app, "/probe", probe("eu", module="m", debug="true"))]
    told += [ask(app, "/probe", probe("eu", debug="true")), ask(app, "/probe", probe("wss://a:PASSWORD@b/"))]
    assert [answered for answered in told if "PASSWORD" in answered.body] == []
    assert "PASSWORD" not in repr(vars(app))


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_bad_file_is_refused_and_the_old_one_serves(lab: Lab, make: Make, tmp_path: pathlib.Path) -> None:
    """It is told in a metric and on the page; a good one then takes its place."""
    lab.add("eu")
    file = tmp_path / "regions.toml"
    write_regions(file, lab.regions)
    app = ready(make(file))
    assert reloaded(app) == 1
    file.write_text("[regions.eu]\nurl = 'http://secret'\n")
    app.reload()
    assert until(lambda: reloaded(app) == 0)
    assert ask(app, "/probe", probe("eu")).series["probe_success"] == 1
    assert "were not reloaded" in ask(app, "/").body
    write_regions(file, {"us": lab.regions["eu"]})
    app.reload()
    assert until(lambda: reloaded(app) == 1)
    assert ask(app, "/probe", probe("us")).series["probe_success"] == 1


@posix
def test_a_pipe_in_the_files_place_holds_no_round(lab: Lab, make: Make, tmp_path: pathlib.Path) -> None:
    """Reading it would never end: it is refused as a bad file is."""
    lab.add("eu")
    file = tmp_path / "regions.toml"
    write_regions(file, lab.regions)
    app = ready(make(file))
    file.unlink()
    os.mkfifo(file)
    app.reload()
    assert until(lambda: reloaded(app) == 0)
    file.unlink()
    write_regions(file, lab.regions)
    app.reload()
    assert until(lambda: reloaded(app) == 1)


def reloaded(app: Exporter) -> float:
    return ask(app, "/metrics").series["wsconn_config_last_reload_successful"]


def test_a_changed_file_is_read_without_a_signal(
    lab: Lab, make: Make, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are looked at now and then, which every system has."""
    monkeypatch.setattr("wsconn.fleet._exporter.schedule.LOOK_SECONDS", 0.05)
    lab.add("eu")
    file = tmp_path / "regions.toml"
    write_regions(file, lab.regions)
    app = ready(make(file))
    write_regions(file, {"longer-name": lab.regions["eu"]})
    assert until(lambda: ask(app, "/probe", probe("longer-name")).status == 200)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[modules.a]\nallows = []\n", "unknown key 'allows'"),
        ("[modules.a]\nallow = ['wss://*']\n", "modules.a.allow: pattern 'wss://\\*'"),
        ("[modules.a]\ntimeout = 'soon'\n", "modules.a: timeout must be a number"),
        ("[modules.a]\ntimeout = nan\n", "modules.a: timeout must be more than 0"),
        ("[modules.a]\nverify_frames = 1\n", "modules.a: verify_frames must be True or False"),
        ("[modules.a]\nproxy = 'ftp://x'\n", "modules.a: proxy"),
        ("[modules.a]\nheaders = { Host = 'x' }\n", "modules.a: headers"),
        ("[modules.a]\nheaders = { X = { env = 'NOT_SET_HERE' } }\n", "NOT_SET_HERE' is not set"),
        ("[modules.'a b']\n", "modules: 'a b': expected a name of letters"),
        ("modules = 1\n", "modules: expected a table"),
        ("[module.a]\n", "unknown key 'module'"),
        ("=", "not TOML"),
    ],
)
def test_a_file_of_modules_says_what_is_wrong_with_it(
    make: Make, tmp_path: pathlib.Path, content: str, said: str
) -> None:
    """The error names the file and the key."""
    file = tmp_path / "modules.toml"
    file.write_text(content)
    with pytest.raises(InvalidRegionError, match=said) as caught:
        make({"eu": "wss://eu.example.org/"}, modules=file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("interval", 0),
        ("interval", float("nan")),
        ("max_probes", 0),
        ("max_probes", True),
        ("site", "a\nb"),
        ("site", "a" * 101),
        ("timeout", -1),
        ("verify_frames", 1),
        ("max_workers", 0),
        ("headers", {"Host": "x"}),
    ],
)
def test_a_bad_argument_is_named(make: Make, argument: str, value: object) -> None:
    """It raises before any thread is started."""
    with pytest.raises((TypeError, ValueError), match=argument):
        make({"eu": "wss://eu.example.org/"}, **{argument: value})
    assert not [thread for thread in threading.enumerate() if thread.name == "wsconn-rounds"]
