"""Which PAC file is asked, and what may name one."""

from __future__ import annotations

import re
import sys

import pytest

import wsconn
from wsconn._pac_settings import UnfitPac, file_path, is_never_asked, parse_pac, read_pac
from wsconn._proxies import SYSTEM, Proxies
from wsconn._regions import parse_url
from wsconn._system_proxies import settings

promise = pytest.mark.promise

TARGET = parse_url("wss://a.example/")
NAMED = parse_pac("http://pac.example/x?token=s3cret", "WSCONN_PAC")
OF_SYSTEM = parse_pac("http://system.example/", SYSTEM)


@promise(7)
def test_whose_pac_file_is_asked() -> None:
    """The user's is asked for all; the system's where neither a variable nor `no_proxy` says anything."""
    assert Proxies(direct=True, pac=NAMED).pacs(TARGET) == (NAMED,)
    system = (OF_SYSTEM,)
    assert Proxies(system_pacs=system).pacs(TARGET) == system
    assert Proxies({"ws_proxy": "http://p:1"}, system_pacs=system).pacs(TARGET) == system
    for environ in ({"https_proxy": "http://p:1"}, {"https_proxy": ""}, {"no_proxy": "example"}):
        assert Proxies(environ, system_pacs=system).pacs(TARGET) == ()
    assert Proxies(direct=True, system_pacs=system).pacs(TARGET) == ()


@promise(7)
@pytest.mark.parametrize(
    ("host", "never"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("169.254.3.4", True),
        ("fe80::1%eth0", True),
        ("febf::1", True),
        ("fec0::1", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:169.254.1.1", True),
        ("0.0.0.0", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
        ("2001:db8::1", False),
        ("169.254.example", False),
        ("wpad", False),
    ],
)
def test_hosts_of_this_machine_are_never_asked_for(host: str, never: bool) -> None:
    """Chromium and Firefox go there directly, whatever a PAC file would say."""
    assert is_never_asked(host) is never


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("pac+https://pac.example/x.pac", "https://pac.example/x.pac"),
        ("PAC+HTTP://pac.example:8080/", "HTTP://pac.example:8080/"),
        ("http://pac.example/?user=s3cret", "http://pac.example/"),
        ("pac+file:///etc/proxy.pac", "file:///etc/proxy.pac"),
        ("file://localhost/etc/a%20b.pac", "file://localhost/etc/a%20b.pac"),
    ],
)
def test_what_names_a_pac_file(url: str, shown: str) -> None:
    """The prefix may be there or not; a query is not shown."""
    setting = parse_pac(url, "test")
    assert setting.url == shown
    assert str(setting) == f"the PAC file {shown}"
    assert (setting.path is None) is (setting.target is not None)


@pytest.mark.parametrize(
    ("url", "windows", "path"),
    [
        ("file:///etc/my%20proxy.pac", False, "/etc/my proxy.pac"),
        ("file:/etc/proxy.pac", False, "/etc/proxy.pac"),
        ("file://C:\\Users\\me\\x.pac", True, "C:/Users/me/x.pac"),
        ("file:///C|/x.pac", True, "C:/x.pac"),
        ("file://C|/x.pac", True, "C:/x.pac"),
        ("file:\\\\server\\share\\x.pac", True, "//server/share/x.pac"),
        ("file://localhost/etc/proxy.pac", False, "/etc/proxy.pac"),
        ("file:///C:/proxy.pac", True, "C:/proxy.pac"),
        ("file://C:/proxy.pac", True, "C:/proxy.pac"),
        ("file://server/share/proxy.pac", True, "//server/share/proxy.pac"),
    ],
)
def test_where_a_file_is(url: str, windows: bool, path: str) -> None:
    """Windows has drives and shares."""
    assert file_path(url, windows=windows) == path


unc = pytest.mark.skipif(sys.platform == "win32", reason="there it is a UNC path")
BAD = {
    "ftp://pac.example/x": "must begin with http://, https:// or file:///",
    "/etc/proxy.pac": "must begin with http://, https:// or file:///",
    "https://": "has no host",
    "https://me:s3cret@pac.example/": "has a user name or password",
    "https://pac.example:0/": "has a bad port",
    "https://pac.example/a b": "holds white space",
    "file://server/share/x.pac": "must have three slashes",
    "file:///etc/\x00": "holds a control character",
    "file:///etc/%00": "holds a control character",
    "file://[x/y.pac": "must have three slashes",
}


@promise(9)
@pytest.mark.parametrize(
    ("url", "wrong"),
    [pytest.param(*pair, id=pair[0], marks=[unc] if "share" in pair[0] else []) for pair in BAD.items()],
)
def test_a_bad_argument_raises(url: str, wrong: str) -> None:
    """What is wrong is told, and no secret; from a variable the same is a value."""
    with pytest.raises(ValueError, match=f"^proxy: the PAC file.*{re.escape(wrong)}") as caught:
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=f"pac+{url}")
    assert "s3cret" not in str(caught.value)
    read = read_pac(url, "WSCONN_PAC")
    assert wrong in (read.unfit or "")
    assert "s3cret" not in f"{read.url} {read.unfit}"
    with pytest.raises(UnfitPac):
        parse_pac(url, "test")


def test_the_variable_comes_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is all that counts; one that is empty is none."""
    monkeypatch.setenv("https_proxy", "http://p.example:1")
    monkeypatch.setenv("WSCONN_PAC", "pac+https://pac.example/")
    found = settings()
    assert found.choose(TARGET) is None
    assert found.pac
    assert (found.pac.url, found.pac.source) == ("https://pac.example/", "WSCONN_PAC")
    monkeypatch.setenv("WSCONN_PAC", "")
    assert settings().choose(TARGET) is not None
