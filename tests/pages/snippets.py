"""What a reader can copy from a page of Markdown, and a stage on which it can run.

A snippet is a fenced block. An HTML comment above it may say `not run: ` and why, or `until Ctrl-C` of a command that
runs for ever. The hosts under example.org do not answer, so the lab's are put in their place.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import ssl
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from tests.fleet.otlp_collector import collecting
from tests.probe.proxies import forward, proxy, read_request, tunnel
from wsconn.lab import Lab, faults

ROOT = pathlib.Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted(page for page in (ROOT / "docs").glob("**/*.md") if "_build" not in page.parts)]
_FENCE = re.compile(
    r"(?:^[ ]*<!-- (?P<comment>[^\n]*) -->\n)?^(?P<indent>[ ]*)```(?P<language>[^\n]*)\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_TEXTFILES = "/var/lib/prometheus/node-exporter/"  # Debian's folder for node exporter's textfile collector


class Snippet(NamedTuple):
    """A block of a page. `comment` is what an HTML comment right above it says."""

    page: pathlib.Path
    line: int
    language: str
    code: str
    comment: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"

    @property
    def reason(self) -> str:
        """Why it is not run; empty when it is."""
        before, found, reason = self.comment.partition("not run: ")
        return reason if found and not before else ""


def snippets(page: pathlib.Path) -> list[Snippet]:
    """Return the blocks of a page in their order; blocks in a list are indented."""
    text = page.read_text("utf-8")
    return [
        Snippet(
            page,
            text.count("\n", 0, found.start("language")) + 1,
            found["language"],
            textwrap.dedent(found["code"]),
            found["comment"] or "",
        )
        for found in _FENCE.finditer(text)
    ]


def all_snippets(*languages: str) -> list[Snippet]:
    """Return the blocks of all pages that are in one of these languages and are run."""
    return [
        snippet for page in PAGES for snippet in snippets(page) if snippet.language in languages and not snippet.reason
    ]


class Scene(NamedTuple):
    """Where snippets run: what stands for the hosts they name, and the files and the environment they find."""

    folder: pathlib.Path
    lab: Lab
    healthy: str
    down: str
    proxy: str
    tls_proxy: str
    collector: str

    def adapted(self, code: str) -> str:
        """Put what is there in the place of what is not."""
        code = code.replace("wss://down.example.org/", self.down)
        code = re.sub(r"wss?://[a-z-]+\.example\.org/", self.healthy, code)
        code = code.replace("https://proxy.example.org:3129", self.tls_proxy)
        code = code.replace("proxy.example.org:3128", self.proxy.removeprefix("http://"))
        code = code.replace('"http://localhost:4318"', f'"{self.collector}", timeout=30')  # on a busy machine
        code = code.replace("http://localhost:4318", self.collector)
        code = code.replace("203.0.113.7:443", self.healthy.partition("://")[2].rstrip("/"))
        code = re.sub(r"192\.168\.1\.5|10\.8\.0\.2", "127.0.0.1", code)
        return code.replace(_TEXTFILES, f"{self.folder}/")

    def environment(self, page: pathlib.Path) -> Mapping[str, str]:
        """Trust the lab, unless the page is about that; go to it directly, unless the page is about proxies."""
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        kept |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"}
        kept["PATH"] = os.pathsep.join((str(self.folder / "bin"), os.environ["PATH"]))
        if page.name != "company-root.md":
            kept["SSL_CERT_FILE"] = str(self.folder / "company-root.pem")
        if page.name != "proxy.md":
            kept["no_proxy"] = "127.0.0.1"
        return kept


@contextlib.contextmanager
def scene(folder: pathlib.Path) -> Iterator[Scene]:
    """Set a lab, a proxy and a folder up: regions.toml, company-root.pem, and a `wsconn` that notes its exit codes."""
    with Lab() as lab, _honest_proxy() as port, collecting() as collector:
        healthy, down = lab.add("eu-central-1", tls=True), lab.add("sa-east-1", fault=faults.REFUSED)
        regions = "".join(f"[regions.{name}]\nurl = '{url}'\n" for name, url in lab.regions.items())
        (folder / "regions.toml").write_text(regions, "utf-8")
        tls_proxy = lab.add("proxy", tls=True, fault=tunnel).replace("wss", "https").rstrip("/")
        (root,) = lab.ssl_context.get_ca_certs(binary_form=True)
        (folder / "company-root.pem").write_text(ssl.DER_cert_to_PEM_cert(root), "utf-8")
        (folder / "bin").mkdir()
        command = folder / "bin" / "wsconn"
        command.write_text(f'#!/bin/sh\n"{sys.executable}" -m wsconn "$@"\ncode=$?\necho $code >>codes\nexit $code\n')
        command.chmod(0o755)
        yield Scene(folder, lab, healthy, down, f"http://127.0.0.1:{port}", tls_proxy, collector.url)


def _honest_proxy() -> contextlib.AbstractContextManager[int]:
    def talk(sock: object) -> None:
        request = read_request(sock)  # type: ignore[arg-type]  # a socket
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")  # type: ignore[attr-defined]  # a socket
        forward(sock, "127.0.0.1", int(request.split()[1].rpartition(b":")[2]))  # type: ignore[arg-type]  # a socket

    return proxy(talk)


def by_name(found: list[Snippet]) -> list[object]:
    """Return the blocks as parameters of a test, named by page and line."""
    return [pytest.param(snippet, id=str(snippet)) for snippet in found]
