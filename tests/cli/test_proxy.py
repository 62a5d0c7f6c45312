"""`wsconn proxy`: by which way a region would be tested, and who says so."""

from __future__ import annotations

import json
import pathlib
import socket
import threading
from typing import Any

import pytest

from tests.cli.command_line import ended, posix, run, running
from tests.probe.pac_servers import gives, pac, script
from tests.probe.proxies import answer, proxy, until_closed

P = "http://p.example:3128"


def asked(*args: str, **changes: str) -> list[dict[str, Any]]:
    """Run it for JSON, with nothing on stderr."""
    child = run("proxy", "--format", "json", *args, **changes)
    assert (child.returncode, child.stderr) == (0, "")
    told: list[dict[str, Any]] = json.loads(child.stdout)
    return told


@pytest.mark.parametrize(
    ("environ", "args", "ways", "source"),
    [
        ({}, [], [None], None),
        ({"https_proxy": "http://me:s3cret@p.example:3128"}, [], [P], "https_proxy"),
        ({"https_proxy": ""}, [], [None], "https_proxy"),
        ({"https_proxy": P, "no_proxy": "example.org"}, [], [None], "no_proxy"),
        ({"https_proxy": P}, ["--proxy", "none"], [None], "the option proxy"),
        ({"https_proxy": P}, ["--proxy", "socks5h://s.example"], ["socks5h://s.example:1080"], "the option proxy"),
    ],
    ids=["nobody", "a variable", "an empty one", "exempt", "none", "an argument"],
)
def test_who_says_so(environ: dict[str, str], args: list[str], ways: list[str | None], source: str | None) -> None:
    """The setting that decides is named, for a direct way too; no password is."""
    (told,) = asked("eu=wss://eu.example.org/?token=s3cret", *args, **environ)
    assert (told["region"], told["url"]) == ("eu", "wss://eu.example.org/")
    assert (told["ways"], told["source"], told["pac"]) == (ways, source, None)


def test_what_a_pac_file_answers(tmp_path: pathlib.Path) -> None:
    """The file is asked about each URL; this machine's own name is never asked about."""
    file = tmp_path / "x.pac"
    by_host = "host == 'eu.example.org' ? 'DIRECT' : 'PROXY p:1; DIRECT'"
    file.write_text(f"function FindProxyForURL(url, host) {{ return {by_host}; }}")
    told = asked("wss://eu.example.org/", "wss://us.example.org/", "ws://localhost:1/", WSCONN_PAC=file.as_uri())
    assert [one["ways"] for one in told] == [[None], ["http://p:1", None], [None]]
    assert [one["pac_answer"] for one in told] == ["DIRECT", "PROXY p:1; DIRECT", None]
    assert {one["source"] for one in told} == {"WSCONN_PAC"}
    assert told[0]["pac"] == file.as_uri()


def test_what_is_wrong_with_a_pac_file() -> None:
    """It is told, and which way remains."""
    with pac(answer("HTTP/1.1 404 No\n\n", then=lambda _: None)) as named:
        child = run("proxy", "eu=wss://eu.example.org/", "--proxy", named)
    assert child.returncode == 0
    assert child.stdout == (
        "region    eu\n"
        "URL       wss://eu.example.org/\n"
        "way       directly\n"
        "said by   the option proxy\n"
        f"PAC file  {named.removeprefix('pac+')}\n"
        "problem   HTTP 404 No\n"
    )


def test_nothing_is_sent_to_the_regions() -> None:
    """Neither they nor the proxies hear of it."""
    connected: list[socket.socket] = []
    with proxy(connected.append) as port, pac(gives(script(f"PROXY 127.0.0.1:{port}; DIRECT"))) as named:
        told = asked(f"eu=ws://eu.example.org:{port}/", "--proxy", named)
    assert told[0]["ways"] == [f"http://127.0.0.1:{port}", None]
    assert connected == []


def test_errors_of_use() -> None:
    """They are those of the other commands."""
    for args, said in (
        ([], "no region is named"),
        (["eu=wss://a.example/", "--proxy", "pac+ftp://x"], "--proxy: the PAC file 'ftp://x' must begin with"),
        (["eu=wss://a.example/", "--format", "html"], "--format"),
    ):
        child = run("proxy", *args)
        assert child.returncode == 2
        assert said in child.stderr


@posix
def test_ctrl_c() -> None:
    """It ends a wait for a PAC file, in silence."""
    waiting = threading.Event()

    def silent(sock: socket.socket) -> None:
        waiting.set()
        until_closed(sock)

    with pac(silent) as named, running("proxy", "eu=wss://a.example/", "--proxy", named, "--timeout", "60") as child:
        assert waiting.wait(30)
        assert ended(child) == (130, "", "")
