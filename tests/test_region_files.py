"""Regions from mappings, records, files and catalogues; an error names the file, the key and what was expected."""

from __future__ import annotations

import json
import pathlib
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsconn
from tests.processes import posix
from wsconn import Discovery, InvalidRegionError, Region, load_regions
from wsconn.lab import Lab, faults

TOML = """
[template]
url = "wss://{region}.signal.example.org/"
regions = ["eu-central-1", "us-east-1"]

[regions.ap-south-1]
url = "wss://mumbai.example.org/"
alternates = ["wss://mumbai.example.net/"]

[regions.sa-east-1]
discover = "https://gs.example.org/rooms/check/test-rooms/sa-east-1"
pointer = "/worker/wssUri"
"""
EXPECTED = (
    Region("eu-central-1", "wss://eu-central-1.signal.example.org/"),
    Region("us-east-1", "wss://us-east-1.signal.example.org/"),
    Region("ap-south-1", "wss://mumbai.example.org/", alternates=["wss://mumbai.example.net/"]),
    Region(
        "sa-east-1",
        discovery=Discovery("https://gs.example.org/rooms/check/test-rooms/sa-east-1", "/worker/wssUri"),
    ),
)


def test_a_toml_file(tmp_path: pathlib.Path) -> None:
    """The example of the manual, by path and by the path's text."""
    file = tmp_path / "regions.toml"
    file.write_text(TOML)
    assert load_regions(file) == load_regions(str(file)) == EXPECTED


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_file_with_a_mark_in_front(tmp_path: pathlib.Path, suffix: str) -> None:
    """Editors on Windows write one where they are told to save as UTF-8."""
    file = tmp_path / f"regions.{suffix}"
    file.write_text(
        {"toml": 'regions.a.url = "wss://a/"', "json": '{"regions": {"a": {"url": "wss://a/"}}}'}[suffix], "utf-8-sig"
    )
    assert load_regions(file) == (Region("a", "wss://a/"),)


def test_a_json_file_of_the_same_shape(tmp_path: pathlib.Path) -> None:
    """JSON says the same."""
    import tomllib

    file = tmp_path / "regions.json"
    file.write_text(json.dumps(tomllib.loads(TOML)))
    assert load_regions(file) == EXPECTED


def test_a_mapping_and_records() -> None:
    """What `start` takes, `load_regions` takes."""
    regions = load_regions({"a": "wss://a.example/"})
    assert load_regions(regions) == regions == (Region("a", "wss://a.example/"),)


def test_the_catalogue_daily() -> None:
    """Ten regions, each discovered at its own address, with what Daily's guide says of firewalls."""
    regions = load_regions("daily")
    assert len(regions) == 10
    first = regions[0]
    assert (first.name, first.discovery) == (
        "af-south-1",
        Discovery("https://gs.daily.co/rooms/check/test-rooms/af-south-1", "/worker/wssUri"),
    )
    assert {(region.allow, region.help) for region in regions} == {(first.allow, first.help)}
    assert "*.wss.daily.co:443" in first.allow
    assert first.help is not None
    assert first.help.startswith("https://docs.daily.co/")
    assert "2026-11-28" in first.help


def test_an_unknown_catalogue() -> None:
    """The message tells those that there are."""
    with pytest.raises(InvalidRegionError, match="daily"):
        load_regions("weekly")


def test_a_missing_file(tmp_path: pathlib.Path) -> None:
    """A path that leads nowhere raises what Python's users expect."""
    with pytest.raises(FileNotFoundError):
        load_regions(tmp_path / "none.toml")
    with pytest.raises(FileNotFoundError):
        load_regions("none.json")


KEYS = "allow, alternates, connect_to, discover, headers, help, origin, pointer, source, subprotocols, url"
BAD = {
    "not TOML": ("toml", "= 1", "not TOML"),
    "not JSON": ("json", "{", "not JSON"),
    "not UTF-8": ("toml", b"\xff", "its text is not UTF-8: save it as UTF-8"),
    "UTF-16": ("toml", TOML.encode("utf-16"), "its text is not UTF-8: save it as UTF-8"),
    "JSON that is not UTF-8": ("json", b'"\xff"', "its text is not UTF-8: save it as UTF-8"),
    "nested beyond reason": ("json", "[" * 60000, "not JSON"),
    "twice": ("json", '{"regions": {"a": {"url": "wss://a/"}, "a": {"url": "wss://b/"}}}', "'a' is given twice"),
    "a list": ("json", "[]", "at the top level: expected an object"),
    "an unknown key": (
        "json",
        '{"region": {}}',
        "at the top level: unknown key 'region': expected one of defaults, regions, template",
    ),
    "an unknown key of a region": (
        "json",
        '{"regions": {"a": {"uri": "wss://a/"}}}',
        f"regions.a: unknown key 'uri': expected one of {KEYS}",
    ),
    "a region that is text": ("json", '{"regions": {"a": "wss://a/"}}', "regions.a: expected an object"),
    "a region that is text in TOML": ("toml", 'regions.a = "wss://a/"', "regions.a: expected a table"),
    "a URL that is a number": ("json", '{"regions": {"a": {"url": 1}}}', "regions.a.url: expected a string, not 1"),
    "a place that is a number": ("toml", "defaults.connect_to = 80", "defaults.connect_to: expected a string, not 80"),
    "a bad URL": ("json", '{"regions": {"a": {"url": "http://a/"}}}', ".json: region 'a': url"),
    "a bad alternate": (
        "toml",
        'regions.a = { url = "wss://a/", alternates = ["x"] }',
        ".toml: region 'a': alternate 'x' must",
    ),
    "neither": ("json", '{"regions": {"a": {}}}', "regions.a: expected exactly one of url and discover"),
    "both": (
        "json",
        '{"regions": {"a": {"url": "wss://a/", "discover": "https://d/", "pointer": "/a"}}}',
        "regions.a: expected exactly one of url and discover",
    ),
    "a pointer alone": (
        "json",
        '{"regions": {"a": {"pointer": "/a"}}}',
        "regions.a: discover is missing: pointer needs it",
    ),
    "no pointer": (
        "json",
        '{"regions": {"a": {"discover": "https://d/"}}}',
        "regions.a: pointer is missing: discover needs it",
    ),
    "a template without a pointer": (
        "json",
        '{"template": {"discover": "https://d/{region}", "regions": ["a"]}}',
        "template: pointer is missing: discover needs it",
    ),
    "a pointer that is a number": (
        "json",
        '{"regions": {"a": {"discover": "https://d/", "pointer": 1}}}',
        "regions.a.pointer: expected a string",
    ),
    "a pointer that is none": (
        "json",
        '{"regions": {"a": {"discover": "https://d/", "pointer": "worker"}}}',
        "discovery pointer 'worker' is not a JSON pointer (RFC 6901), which must begin with '/'",
    ),
    "alternates as text": (
        "json",
        '{"regions": {"a": {"url": "wss://a/", "alternates": "wss://b/"}}}',
        "regions.a.alternates: expected a list",
    ),
    "a template without its word": (
        "json",
        '{"template": {"url": "wss://a/", "regions": ["a"]}}',
        "template.url: expected a URL with {region}",
    ),
    "a template with a number": (
        "json",
        '{"template": {"discover": "https://d/{region}", "pointer": 5, "regions": ["a"]}}',
        "template.pointer: expected a string",
    ),
    "a template without regions": ("json", '{"template": {"url": "wss://{region}/"}}', "template.regions: expected"),
    "none at all": ("json", "{}", "at least one region"),
    "an unknown key of the defaults": (
        "json",
        '{"defaults": {"url": "wss://a/"}}',
        "defaults: unknown key 'url': expected one of allow, connect_to, headers,",
    ),
    "defaults that are text": ("toml", 'defaults = "a"', "defaults: expected a table"),
    "headers as a list": ("json", '{"defaults": {"headers": []}}', "defaults.headers: expected an object"),
    "a header that is a number": (
        "toml",
        "[defaults]\nheaders = { X-A = 1 }",
        "defaults.headers.X-A: expected a string",
    ),
    "a header without a name": ("toml", '[defaults]\nheaders = { "X A" = "" }', "defaults: headers: 'X A' is not"),
    "a region's header": (
        "toml",
        'regions.a = { url = "wss://a/", headers = { Host = "b" } }',
        "regions.a: headers: 'Host' is wsconn's own to send",
    ),
    "a template's header": (
        "toml",
        '[template]\nurl = "wss://{region}/"\nregions = ["a"]\nheaders = { Host = "b" }',
        "template: headers: 'Host' is wsconn's own to send",
    ),
    "Origin twice": (
        "toml",
        'regions.a = { url = "wss://a/", headers = { oRIGIN = "b" }, origin = "c" }',
        "regions.a: origin must be left out where the headers hold an Origin (as 'oRIGIN')",
    ),
    "subprotocols as text": ("toml", 'defaults.subprotocols = "a"', "defaults.subprotocols: expected a list"),
    "a place without a port": (
        "toml",
        'regions.a = { url = "wss://a/", connect_to = "203.0.113.7" }',
        "regions.a: connect_to '203.0.113.7' must be HOST:PORT",
    ),
    "a source that is a name": ("toml", 'defaults.source = "eth0"', "defaults: source 'eth0' must be an IP address"),
    "what is not to be allowed": (
        "toml",
        'defaults.allow = ["*.a.example"]',
        "defaults: allow: '*.a.example' must be HOST:PORT, as in '*.example.org:443'",
    ),
    "help that is no page": ("toml", 'defaults.help = "call us"', "defaults: help 'call us' must begin with https://"),
    "no such variable": (
        "toml",
        'defaults.headers.X-A = { env = "WSCONN_NO_SUCH" }',
        "defaults.headers.X-A: the environment variable 'WSCONN_NO_SUCH' is not set",
    ),
    "a variable that is a number": ("json", '{"defaults": {"origin": {"env": 1}}}', "expected a string, or { env ="),
    "a variable and more": (
        "toml",
        'defaults.origin = { env = "PATH", default = "a" }',
        'defaults.origin: expected a string, or { env = "NAME" }',
    ),
    "in both": (
        "json",
        '{"template": {"url": "wss://{region}/", "regions": ["a"]}, "regions": {"a": {"url": "wss://a/"}}}',
        "'a' is given twice",
    ),
}


@pytest.mark.parametrize(("suffix", "text", "match"), BAD.values(), ids=BAD.keys())
def test_a_file_that_is_unfit(tmp_path: pathlib.Path, suffix: str, text: str | bytes, match: str) -> None:
    """The error names the file, the key and what was expected."""
    file = tmp_path / f"regions.{suffix}"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidRegionError) as caught:
        load_regions(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert str(caught.value).count(str(file)) == 1
    assert match in str(caught.value)


OWN = """
[defaults]
headers = { Authorization = { env = "WSCONN_TEST_TOKEN" }, X-A = "1" }
subprotocols = ["chat"]
origin = "https://app.example.org"
allow = ["*.example.org:443", "*-wss.example.org:443", "192.0.2.0/24:443", "turn.example.org:40000-49999"]
help = "https://help.example.org/firewalls?page=1 (read on 2026-11-28)"

[template]
url = "wss://{region}.example.org/"
connect_to = "{region}.new.example.org:8443"
regions = ["eu", "us"]

[regions.vpn]
url = "wss://eu.example.org/"
source = "10.8.0.2"
headers = { X-B = "2" }
subprotocols = []
allow = []
"""
DEFAULTS = {
    "headers": {"Authorization": "Bearer s3cret", "X-A": "1"},
    "subprotocols": ["chat"],
    "origin": "https://app.example.org",
    "allow": ("*.example.org:443", "*-wss.example.org:443", "192.0.2.0/24:443", "turn.example.org:40000-49999"),
    "help": "https://help.example.org/firewalls?page=1 (read on 2026-11-28)",
}


@posix  # which has a file without end
def test_a_file_without_end(tmp_path: pathlib.Path) -> None:
    """It is refused once more has been read than anybody writes."""
    file = tmp_path / "regions.toml"
    file.symlink_to("/dev/zero")
    with pytest.raises(InvalidRegionError, match="it is longer than 16 MiB"):
        load_regions(file)


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_what_regions_have_of_their_own(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """Each key of the defaults is replaced whole by that of the template or a region; a secret is not in the file."""
    import tomllib

    monkeypatch.setenv("WSCONN_TEST_TOKEN", "Bearer s3cret")
    file = tmp_path / f"regions.{suffix}"
    file.write_text(OWN if suffix == "toml" else json.dumps(tomllib.loads(OWN)))
    own = {"headers": {"X-B": "2"}, "subprotocols": [], "allow": []}
    assert load_regions(file) == (
        Region("eu", "wss://eu.example.org/", connect_to="eu.new.example.org:8443", **DEFAULTS),
        Region("us", "wss://us.example.org/", connect_to="us.new.example.org:8443", **DEFAULTS),
        Region("vpn", "wss://eu.example.org/", source="10.8.0.2", **{**DEFAULTS, **own}),
    )


ORIGINS = {
    "a header against the default": (
        'origin = "https://d"',
        'headers = { Origin = "https://o" }',
        [("Origin", "https://o")],
        None,
    ),
    "against a default header": (
        'headers = { Origin = "https://d", X-A = "1" }',
        'origin = "https://o"',
        [("X-A", "1")],
        "https://o",
    ),
    "none": ('origin = "https://d"', 'origin = ""', None, ""),
}


@pytest.mark.parametrize(("default", "own", "headers", "origin"), ORIGINS.values(), ids=ORIGINS.keys())
def test_own_origin_replaces_the_default(
    tmp_path: pathlib.Path, default: str, own: str, headers: list[tuple[str, str]] | None, origin: str | None
) -> None:
    """An Origin is one thing, be it given as such or as a header."""
    file = tmp_path / "regions.toml"
    file.write_text(f'[defaults]\n{default}\n[regions.a]\nurl = "wss://a/"\n{own}')
    assert load_regions(file) == (Region("a", "wss://a/", headers=headers, origin=origin),)


def test_a_headers_value_is_not_shown(tmp_path: pathlib.Path) -> None:
    """It may be a secret, even where it is unfit."""
    file = tmp_path / "regions.toml"
    file.write_text("defaults.headers.X-Token = 4711")
    with pytest.raises(InvalidRegionError, match=r"defaults\.headers\.X-Token: expected a string$"):
        load_regions(file)


def test_an_empty_variable(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told apart from one that is not set."""
    monkeypatch.setenv("WSCONN_TEST_TOKEN", "")
    file = tmp_path / "regions.toml"
    file.write_text('defaults.headers.X-A = { env = "WSCONN_TEST_TOKEN" }')
    with pytest.raises(InvalidRegionError, match=r"X-A: the environment variable 'WSCONN_TEST_TOKEN' is empty$"):
        load_regions(file)


def test_variables_for_any_text(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL may stand in a variable too, with the region's name in it; the variables are read when the file is."""
    file = tmp_path / "regions.toml"
    file.write_text('[template]\nurl = { env = "WSCONN_TEST_URL" }\nregions = ["a", { env = "WSCONN_TEST_NAME" }]')
    monkeypatch.setenv("WSCONN_TEST_URL", "wss://{region}.example/")
    monkeypatch.setenv("WSCONN_TEST_NAME", "b")
    assert load_regions(file) == (Region("a", "wss://a.example/"), Region("b", "wss://b.example/"))


LEAKS = {
    "header": 'headers.X-A = { env = "WSCONN_TEST_TOKEN" }',
    "subprotocol": 'subprotocols = [{ env = "WSCONN_TEST_TOKEN" }]',
    "origin": 'origin = { env = "WSCONN_TEST_TOKEN" }',
    "place": 'connect_to = { env = "WSCONN_TEST_TOKEN" }',
    "source": 'source = { env = "WSCONN_TEST_TOKEN" }',
    "URL": 'url = { env = "WSCONN_TEST_TOKEN" }',
}


@pytest.mark.parametrize("line", LEAKS.values(), ids=LEAKS.keys())
def test_errors_tell_nothing_of_a_variable(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """What a variable holds is in no message and in no traceback, however unfit it is."""
    monkeypatch.setenv("WSCONN_TEST_TOKEN", "s3cret\twith a blank")
    file = tmp_path / "regions.toml"
    file.write_text("[regions.a]\n" + (line if line.startswith("url") else f'url = "wss://a/"\n{line}'))
    with pytest.raises(InvalidRegionError) as caught:
        load_regions(file)
    assert re.search(r"regions\.a\b|region 'a'", str(caught.value))
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@given(st.binary(max_size=200), st.sampled_from([".toml", ".json"]))
def test_any_bytes_as_a_file(tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str) -> None:
    """Whatever a file holds, the error is ours."""
    file = tmp_path_factory.getbasetemp() / f"any{suffix}"
    file.write_bytes(data)
    with pytest.raises(InvalidRegionError):
        load_regions(file)


def test_the_environment_names_the_regions(lab: Lab, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without regions, `WSCONN_REGIONS` decides."""
    file = tmp_path / "regions.json"
    file.write_text(json.dumps({"regions": {"only": {"url": lab.add("only")}}}))
    monkeypatch.setenv("WSCONN_REGIONS", str(file))
    assert wsconn.check(proxy=None).passed_regions == ("only",)


def test_without_regions_the_catalogue_is_asked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything named, the ten regions of the catalogue; here behind a proxy that is not there."""
    monkeypatch.delenv("WSCONN_REGIONS", raising=False)
    dead = lab.add("dead", fault=faults.REFUSED).replace("ws://", "http://")
    result = wsconn.check(proxy=dead)
    assert len(result.failed_regions) == 10
    failure = result.outcomes[0].failure
    assert failure is not None
    assert (failure.stage, failure.cause) == ("discovery", "refused")
    assert "gs.daily.co" in failure.message
    assert "nothing is known yet about WebSocket" in failure.advice
