"""Regions from mappings, records, files and catalogues; an error names the file, the key and what was expected."""

from __future__ import annotations

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsconn
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
    """Ten regions, each discovered at its own address."""
    regions = load_regions("daily")
    assert len(regions) == 10
    assert regions[0] == Region(
        "af-south-1",
        discovery=Discovery("https://gs.daily.co/rooms/check/test-rooms/af-south-1", "/worker/wssUri"),
    )


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
        "at the top level: unknown key 'region': expected one of regions, template",
    ),
    "an unknown key of a region": (
        "json",
        '{"regions": {"a": {"uri": "wss://a/"}}}',
        "regions.a: unknown key 'uri': expected one of alternates, discover, pointer, url",
    ),
    "a region that is text": ("json", '{"regions": {"a": "wss://a/"}}', "regions.a: expected an object"),
    "a region that is text in TOML": ("toml", 'regions.a = "wss://a/"', "regions.a: expected a table"),
    "a URL that is a number": ("json", '{"regions": {"a": {"url": 1}}}', "regions.a.url: expected a string"),
    "a bad URL": ("json", '{"regions": {"a": {"url": "http://a/"}}}', "regions.a: region 'a': url"),
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
