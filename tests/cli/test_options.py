"""What each option of `wsconn check` does, seen at the servers of a lab or in what is written."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import socket
import stat
import subprocess
from typing import Any

import attrs
import pytest

import wsconn
from tests.cli.command_line import AS_MODULE, BOUND_SECONDS, arguments, authority, environment, named, posix, run
from tests.engine import echo_server
from tests.probe.proxies import tunnel
from tests.stages.authorities import issue, server_sending
from wsconn import reports
from wsconn._api import start
from wsconn._cli import ExitCode
from wsconn._cli.parser import parse
from wsconn._cli.start_options import START_OPTIONS, start_arguments
from wsconn.lab import Lab, faults
from wsconn.lab._wire import read_request
from wsconn.reports._formats import FORMATS


def checked(*args: str, **changes: str) -> dict[str, Any]:
    """Run `wsconn check`, which has to say nothing on stderr, and return its JSON."""
    child = run("check", "-q", "--format", "json", *args, **changes)
    assert child.stderr == ""
    told: dict[str, Any] = json.loads(child.stdout)
    return told


def failure(told: dict[str, Any], region: int = 0) -> tuple[str, str]:
    """Return at which stage a region failed, and why."""
    failed = told["outcomes"][region]["failure"]
    return failed["stage"], failed["cause"]


def to_file(lab: Lab, file: pathlib.Path) -> str:
    """Write the lab's regions to a file that `--regions` reads, and return its name."""
    file.write_text("".join(f'[regions.{name}]\nurl = "{url}"\n' for name, url in lab.regions.items()))
    return str(file)


class Asked:
    """A fault that keeps the request, and refuses it."""

    def __init__(self) -> None:
        self.request = ""

    def __call__(self, sock: socket.socket) -> None:
        self.request = read_request(sock).decode("latin-1")
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


# --- regions -------------------------------------------------------------------------------------------------------


def test_regions_from_a_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A file's regions come first, those of the command line after them, wherever the options stand."""
    lab.add("filed")
    file = to_file(lab, tmp_path / "regions.toml")
    one, two = f"one={lab.add('one')}", f"two={lab.add('two')}"
    told = checked(one, "--regions", file, two)
    assert told["passedRegions"] == ["filed", "one", "two"]


def test_url_alone_is_named_for_its_host(lab: Lab) -> None:
    """A name is for those who have more than one; what looks like one in the query is none."""
    url = lab.add("eu").rstrip("/") + "/?a=b"
    assert checked(url)["passedRegions"] == ["127.0.0.1"]


def test_urls_alone_of_one_host_are_named_for_their_places(lab: Lab) -> None:
    """The host alone would name two regions; the query, which may hold a secret, is in no name."""
    one, two = lab.add("one"), lab.add("two")
    at_one, at_two = (url.partition("://")[2].rstrip("/") for url in (one, two))
    told = checked(one, f"{two}a/?token=S3CRET", f"{two}b", f"named={one}")
    assert told["passedRegions"] == [at_one, f"{at_two}/a/", f"{at_two}/b", "named"]


@pytest.mark.parametrize(
    "form", ['[regions.eu]\nurl = "URL"\n', '\n {"regions": {"eu": {"url": "URL"}}}'], ids=["toml", "json"]
)
def test_regions_from_stdin(lab: Lab, form: str) -> None:
    """A dash is stdin, as custom has it, in both forms that a file may have."""
    content = form.replace("URL", lab.add("eu"))
    told = subprocess.run(
        arguments("check", "-q", "--regions", "-", "--format", "json"),
        input=content,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=BOUND_SECONDS,
        check=True,
    )
    assert json.loads(told.stdout)["passedRegions"] == ["eu"]


def test_bad_regions_from_stdin_are_named(lab: Lab) -> None:
    """Nothing comes from there here."""
    child = run("check", "--regions", "-")
    assert child.returncode == ExitCode.USAGE
    assert child.stderr.startswith("wsconn check: stdin: ")


def test_regions_of_the_environment(lab: Lab, tmp_path: pathlib.Path) -> None:
    """`WSCONN_REGIONS` is what is tested where nothing was named, and nothing else counts."""
    lab.add("filed")
    file = to_file(lab, tmp_path / "regions.toml")
    assert checked(WSCONN_REGIONS=file)["passedRegions"] == ["filed"]
    assert checked(f"typed={lab.add('typed')}", WSCONN_REGIONS=file)["passedRegions"] == ["typed"]


def test_regions_of_a_catalogue() -> None:
    """`--regions daily` is the catalogue: its names are known, and in its order."""
    child = run("check", "--regions", "daily", "--only", "nowhere")
    assert child.returncode == ExitCode.USAGE
    assert "there is no region 'nowhere'; there is af-south-1, ap-northeast-2, " in child.stderr


def test_template(lab: Lab) -> None:
    """Each name of `--only` is put for `{region}`, once, in the order given; regions of the command line follow."""
    url = lab.add("eu").replace("/", "/{region}", 3).replace("/{region}/{region}", "//").rstrip("/")
    assert url.endswith("/{region}")
    told = checked("--template", url, "--only", "b,a", "--only", "b, c", f"d={lab.regions['eu']}")
    assert told["passedRegions"] == ["b", "a", "c", "d"]
    assert [outcome["url"].rpartition("/")[2] for outcome in told["outcomes"]] == ["b", "a", "c", ""]


def test_only_filters_the_regions_of_a_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The order stays that of the file."""
    for name in ("eu", "us", "af"):
        lab.add(name)
    file = to_file(lab, tmp_path / "regions.toml")
    assert checked("--regions", file, "--only", "af,eu")["passedRegions"] == ["eu", "af"]


# --- time ----------------------------------------------------------------------------------------------------------


def test_timeout(lab: Lab) -> None:
    """A region may take so long, and no longer."""
    lab.add("eu", fault=faults.MUTE)
    told = checked(*named(lab), "--timeout", "0.3")
    assert failure(told) == ("upgrade", "timeout")
    assert 0.2 < told["outcomes"][0]["duration"] < 5


def test_total_timeout(lab: Lab) -> None:
    """All regions together may take so long, whatever each of them may."""
    lab.add("eu", fault=faults.MUTE)
    assert checked(*named(lab), "--timeout", "60", "--total-timeout", "0.3")["duration"] < 30


def test_max_workers(lab: Lab) -> None:
    """With one worker the second region is not begun before the first has ended."""
    lab.add("eu", fault=faults.MUTE)
    lab.add("us")
    told = checked(*named(lab), "--max-workers", "1", "--total-timeout", "0.5")
    assert told["outcomes"][1]["failure"]["message"].startswith("not begun: the whole test's time")


# --- proxy and TLS -------------------------------------------------------------------------------------------------


def test_proxy(lab: Lab) -> None:
    """`--proxy` names the way: where nobody listens there, that is what failed."""
    lab.add("eu")
    told = checked(*named(lab), "--proxy", "http://127.0.0.1:9")
    assert failure(told) == ("proxy", "refused")


def test_no_proxy(lab: Lab) -> None:
    """`--proxy none` is a direct way, whatever the environment says."""
    lab.add("eu")
    assert failure(checked(*named(lab), ALL_PROXY="http://127.0.0.1:9")) == ("proxy", "refused")
    assert checked(*named(lab), "--proxy", "none", ALL_PROXY="http://127.0.0.1:9")["result"] == "passed"


def test_ca_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Its authorities are trusted, in place of the system's."""
    lab.add("eu", tls=True)
    ca_file = authority(lab, tmp_path)
    assert failure(checked(*named(lab))) == ("tls", "tls_untrusted")
    assert checked(*named(lab), "--ca-file", ca_file)["result"] == "passed"
    (tmp_path / "system").mkdir()
    with Lab() as other:
        other.add("eu", tls=True)
        told = checked(*named(other), "--ca-file", ca_file, SSL_CERT_FILE=authority(other, tmp_path / "system"))
    assert failure(told) == ("tls", "tls_untrusted")


def test_a_common_name_does_not_count_with_a_file_either(tmp_path: pathlib.Path) -> None:
    """The context of `--ca-file` is as strict as wsconn's own, and as browsers are."""
    root, ca_file = issue("A Root"), tmp_path / "root.pem"
    ca_file.write_text(root.pem)
    with echo_server("127.0.0.1", context=server_sending(issue("localhost", root, hosts=["mail:a@b.example"]))) as port:
        told = checked(f"eu=wss://localhost:{port}/", "--proxy", "none", "--ca-file", str(ca_file))
    assert failure(told) == ("tls", "tls_hostname_mismatch")


@pytest.mark.parametrize("form", ["one-file", "comma", "client-key"])
def test_client_certificate(lab: Lab, tmp_path: pathlib.Path, form: str) -> None:
    """Certificate and key are in one file, or in two that are named with a comma or by two options."""
    lab.add("eu", tls=True, fault=faults.CLIENT_CERTIFICATE_WANTED)
    ca_file = authority(lab, tmp_path)
    issued = lab._identity._authority.issue_cert("client.example")
    both, cert, key = tmp_path / "both.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(both)
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    options = {
        "one-file": ["--client-cert", str(both)],
        "comma": ["--client-cert", f"{cert},{key}"],
        "client-key": ["--client-cert", str(cert), "--client-key", str(key)],
    }[form]
    assert failure(checked(*named(lab), "--ca-file", ca_file))[1] == "tls_client_certificate_required"
    assert checked(*named(lab), "--ca-file", ca_file, *options)["result"] == "passed"


def test_locked_key_with_nobody_to_ask(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Where no terminal is there to ask for the passphrase, that is what is said, and nothing waits for it."""
    from cryptography.hazmat.primitives import serialization

    issued = lab._identity._authority.issue_cert("client.example")
    plain = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    lock = serialization.BestAvailableEncryption(b"geheim")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(cert)
    key.write_bytes(plain.private_bytes(*form, lock))
    child = run("check", "a=wss://h/", "--client-cert", str(cert), "--client-key", str(key))
    assert child.returncode == ExitCode.USAGE
    assert child.stderr.startswith(f"wsconn check: --client-cert {key}: the key is locked with a passphrase")


def test_key_of_another_certificate(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A certificate with a strange key is told apart from files that cannot be read."""
    ours, others = (lab._identity._authority.issue_cert("client.example") for _ in range(2))
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    ours.cert_chain_pems[0].write_to_path(cert)
    others.private_key_pem.write_to_path(key)
    child = run("check", "a=wss://h/", "--client-cert", f"{cert},{key}")
    assert child.returncode == ExitCode.USAGE
    assert "do not belong together" in child.stderr


def test_trust_in_the_proxy(lab: Lab, tmp_path: pathlib.Path) -> None:
    """An https:// proxy is verified by itself, with a file, a client certificate and a warning of its own."""
    lab.add("eu")
    strict = lab.add("proxy", tls=True, fault=attrs.evolve(faults.CLIENT_CERTIFICATE_WANTED, serve=tunnel))
    strange = lab.add("strange", tls=True, fault=attrs.evolve(faults.UNTRUSTED, serve=tunnel))
    ca_file, both = authority(lab, tmp_path), str(tmp_path / "both.pem")
    lab._identity._authority.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(both)
    one = [f"eu={lab.regions['eu']}", "--proxy", strict.replace("wss", "https")]
    ours = ["--proxy-ca-file", ca_file]
    assert failure(checked(*one, "--ca-file", ca_file)) == ("proxy", "tls_untrusted")
    assert failure(checked(*one, *ours)) == ("proxy", "tls_client_certificate_required")
    assert checked(*one, *ours, "--proxy-client-cert", both)["result"] == "passed"
    assert checked(*one, *ours, "--proxy-client-cert", both, "--proxy-client-key", both)["result"] == "passed"
    one[-1] = strange.replace("wss", "https")
    child = run("check", "-q", "--format", "json", *one, "--proxy-insecure")
    assert child.stderr.startswith("WARNING: the proxy's certificate is not verified (--proxy-insecure): ")
    assert json.loads(child.stdout)["warning"].startswith("the proxy's certificate is not verified")
    assert json.loads(child.stdout)["result"] == "passed"
    child = run("check", "-q", *one, "--proxy-client-key", both)
    assert "--proxy-client-key needs --proxy-client-cert" in child.stderr


WARNING = "certificates are not verified (--insecure)"


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("text", f"! Warning: {WARNING}: "),
        ("json", f'{{\n  "warning": "{WARNING}: '),
        ("markdown", f"**Warning:** {WARNING}: "),
        ("prometheus", f"# Warning: {WARNING}: "),
        ("html", "<!doctype html>"),
    ],
)
def test_insecure_is_loud(lab: Lab, form: str, begins: str) -> None:
    """Whom nobody vouches for passes; stderr says so even with -q, and the report begins with it."""
    lab.add("eu", tls=True, fault=faults.WRONG_HOST)
    child = run("check", "-q", "--insecure", "--format", form, *named(lab))
    assert child.returncode == ExitCode.PASSED
    assert child.stderr.startswith(f"WARNING: {WARNING}: ")
    assert child.stdout.startswith(begins)
    assert child.stdout.count(WARNING) == 1


def test_insecure_report_still_reads_back(lab: Lab) -> None:
    """The warning is one more key of the JSON, which readers pass over."""
    lab.add("eu", tls=True)
    child = run("check", "-q", "--insecure", "--format", "json", *named(lab))
    assert reports.from_json(child.stdout).passed_regions == ("eu",)


@pytest.mark.parametrize("form", ["text", "json", "markdown", "prometheus", "html"])
def test_source_is_told_if_asked_for(lab: Lab, form: str) -> None:
    """The report names the address that this machine goes to the regions from, and otherwise it says nothing of it."""
    lab.add("eu")
    lab.add("us", fault=faults.REFUSED)
    loopback = re.compile(r"from[^0-9a-z]+(code>)?127\.0\.0\.1(?!:)")
    asked = run("check", "-q", "--fail-on", "never", "--show-source", "--format", form, *named(lab))
    assert (asked.returncode, bool(loopback.search(asked.stdout))) == (ExitCode.PASSED, True)
    assert not loopback.search(run("check", "-q", "--format", form, *named(lab)).stdout)


def test_source_of_a_region_that_was_never_reached() -> None:
    """Where no name resolves there is no address to tell, and that is no fault."""
    child = run("check", "-q", "--show-source", "--fail-on", "never", "eu=ws://nowhere.invalid/")
    assert child.returncode == ExitCode.PASSED
    assert "from" not in child.stdout.splitlines()[-1]


# --- where to, and from where ---------------------------------------------------------------------------------------


def test_connect_to_and_source(lab: Lab) -> None:
    """A URL whose name leads nowhere passes by another place, from an address that was chosen; both are told."""
    place = lab.add("eu").partition("://")[2].rstrip("/")
    options = ["--connect-to", place, "--source", "127.0.0.1"]
    told = checked("eu=ws://nowhere.invalid/", *options)
    assert told["passedRegions"] == ["eu"]
    evidence = told["outcomes"][0]["evidence"]
    assert (evidence["connect_to"], evidence["source"]) == (place, "127.0.0.1")


def test_options_are_for_regions_that_have_none_of_their_own(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A file's own place and source stay, as its headers do."""
    place = lab.add("eu").partition("://")[2].rstrip("/")
    file = tmp_path / "regions.toml"
    file.write_text(
        f'[defaults]\nconnect_to = "{place}"\nsource = "127.0.0.1"\n[regions.eu]\nurl = "ws://nowhere.invalid/"'
    )
    told = checked("--regions", str(file), "--connect-to", "203.0.113.7:9", "--source", "203.0.113.8")
    assert told["passedRegions"] == ["eu"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--connect-to", "h.example"], "--connect-to 'h.example' must be HOST:PORT"),
        (["--source", "eth0"], "--source 'eth0' must be an IP address of this machine"),
    ],
    ids=["connect-to", "source"],
)
def test_ways_that_are_none(option: list[str], said: str) -> None:
    """The error is the option's own, and nothing is tested."""
    child = run("check", "eu=ws://h.example/", *option)
    assert (child.returncode, said in child.stderr) == (ExitCode.USAGE, True)


def test_show_source_of_a_region_that_names_one(lab: Lab) -> None:
    """What the report names is the address that was connected from."""
    lab.add("eu")
    assert checked(*named(lab), "--show-source", "--source", "127.0.0.1")["tested_from"] == ["127.0.0.1"]


# --- the request ---------------------------------------------------------------------------------------------------


def test_headers_subprotocols_and_origin(lab: Lab) -> None:
    """What goes with the upgrade is what was given, each as often as it was."""
    asked = Asked()
    lab.add("eu", fault=asked)
    options = ["--header", "X-One: 1: 2", "--header", "User-Agent:mine", "--subprotocol", "chat", "--subprotocol", "v2"]
    checked(*named(lab), *options, "--origin", "https://app.example")
    lines = asked.request.splitlines()
    assert {"X-One: 1: 2", "User-Agent: mine", "Sec-WebSocket-Protocol: chat, v2"} <= set(lines)
    assert "Origin: https://app.example" in lines


def test_without_options_nothing_more_is_sent(lab: Lab) -> None:
    """No origin, no subprotocol, and wsconn's own User-Agent."""
    asked = Asked()
    lab.add("eu", fault=asked)
    checked(*named(lab))
    assert f"User-Agent: wsconn/{wsconn.__version__}" in asked.request
    assert "Origin" not in asked.request
    assert "Protocol" not in asked.request


def test_no_verify_frames(lab: Lab) -> None:
    """An open WebSocket is a pass then, which is daily-js' rule."""
    lab.add("eu", fault=faults.SWALLOWED_FRAMES)
    assert failure(checked(*named(lab), "--timeout", "2")) == ("frames", "no_pong")
    assert checked(*named(lab), "--timeout", "5", "--no-verify-frames")["result"] == "passed"


# --- the exit code and the report ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fail_on", "warning", "failed"),
    [
        ("warning", ExitCode.WARNING, ExitCode.FAILED),
        ("failed", ExitCode.PASSED, ExitCode.FAILED),
        ("never", ExitCode.PASSED, ExitCode.PASSED),
    ],
)
def test_fail_on(lab: Lab, fail_on: str, warning: ExitCode, failed: ExitCode) -> None:
    """What a script takes for a failure is its own affair."""
    down, up = f"us={lab.add('us', fault='refused')}", f"eu={lab.add('eu')}"
    assert run("check", down, up, "--fail-on", fail_on).returncode == warning
    assert run("check", down, "--fail-on", fail_on).returncode == failed
    assert run("check", up, "--fail-on", fail_on).returncode == ExitCode.PASSED


@pytest.mark.parametrize("form", ["text", "markdown", "json", "prometheus", "html"])
def test_format_is_that_of_the_reports(lab: Lab, form: str) -> None:
    """What is printed is what `wsconn.reports` makes: the JSON of one run and the same report of another agree."""
    lab.add("eu")
    lab.add("us", fault="http-403")
    child = run("check", "-q", "--format", form, *named(lab))
    made = reports.from_json(run("check", "-q", "--format", "json", *named(lab)).stdout)
    begins = {
        "text": reports.to_text(made),
        "markdown": reports.to_markdown(made),
        "json": reports.to_json(made),
        "prometheus": reports.to_prometheus(made),
        "html": reports.to_html(made),
    }[form].splitlines()[:1]
    assert child.stdout.splitlines()[:1] == begins


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("report.html", "<!doctype html>"),
        ("report.HTM", "<!doctype html>"),
        ("report.json", "{\n"),
        ("report.md", "**The region `eu` passed"),
        ("report.prom", "# Finding: "),
        ("report.txt", "  finding  "),
        ("report", "  finding  "),
        ("report.", "  finding  "),
        (".report", "  finding  "),
    ],
)
def test_suffix_of_the_file_sets_the_format(lab: Lab, tmp_path: pathlib.Path, name: str, begins: str) -> None:
    """Who names a page gets a page."""
    lab.add("eu")
    file = tmp_path / name
    assert run("check", "-q", *named(lab), "--output", str(file)).returncode == ExitCode.PASSED
    assert file.read_text("utf-8").startswith(begins)
    run("check", "-q", *named(lab), "--output", str(file), "--format", "markdown")
    assert file.read_text("utf-8").startswith("**The region `eu` passed")


@posix
def test_the_name_of_a_file_may_be_as_long_as_may_be(lab: Lab, tmp_path: pathlib.Path) -> None:
    """It is written aside by a name of its own."""
    lab.add("eu")
    file = tmp_path / f"{'x' * 250}.json"
    assert run("check", "-q", *named(lab), "--output", str(file)).returncode == ExitCode.PASSED
    assert [*tmp_path.iterdir()] == [file]


def test_any_suffix_will_do_with_a_format(lab: Lab, tmp_path: pathlib.Path) -> None:
    """One that no format has is an error only where the format is to be known by it."""
    lab.add("eu")
    file = tmp_path / "report.log"
    assert run("check", "-q", *named(lab), "--output", str(file), "--format", "text").returncode == ExitCode.PASSED
    assert file.read_text("utf-8").startswith("  finding  ")


def test_every_format_is_in_the_table() -> None:
    """And each function of the reports that writes one."""
    functions = {name.removeprefix("to_") for name in reports.__all__ if name.startswith("to_")}
    assert list(FORMATS) == ["text", "json", "markdown", "html", "prometheus"]
    assert functions == set(FORMATS)


def test_every_argument_of_start_has_an_option() -> None:
    """But for what no shell can give; what an option is not given for is the function's own default."""
    given = {option.argument for option in START_OPTIONS}
    assert given == set(start.__kwdefaults__ or {}) - {"ssl_context", "proxy_ssl_context", "on_outcome"}
    args = argparse.Namespace(command=None)
    parse(["check", "a=ws://h/"], args)
    assert start_arguments(args) == {name: (start.__kwdefaults__ or {})[name] for name in given}


def test_html_without_jinja_says_how_to_install_it(lab: Lab) -> None:
    """It says so before anything is tested."""
    asked = Asked()
    lab.add("eu", fault=asked)
    code = "import sys; sys.modules['jinja2'] = None\n" + AS_MODULE
    child = run("check", *named(lab), "--format", "html", code=code)
    assert (child.returncode, child.stdout) == (ExitCode.USAGE, "")
    assert child.stderr == 'wsconn check: an HTML report needs jinja2; try pip install "wsconn[html]"\n'
    assert asked.request == ""


def test_output_is_a_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The report is in the file alone, 80 columns wide and in UTF-8; the finding is said, and where the rest is."""
    lab.add("são-paulo", fault="refused")
    file = tmp_path / "report.txt"
    child = run("check", *named(lab), "--output", str(file), COLUMNS="200")
    assert (child.returncode, child.stdout) == (ExitCode.FAILED, "")
    report = file.read_text("utf-8")
    assert "✗ failed   são-paulo" in report
    assert max(map(len, report.splitlines())) <= 80
    _, finding, place = child.stderr.splitlines()
    assert finding in " ".join(report.split())
    assert place == f"The report is in {file}."
    assert list(tmp_path.iterdir()) == [file]


@posix
def test_output_replaces_a_file_whole(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Who has the old file open reads it to its end; a link stays one; others may read the new file."""
    lab.add("eu")
    file, link = tmp_path / "report.prom", tmp_path / "link.prom"
    file.write_text("old\n")
    link.symlink_to(file)
    with file.open() as held:
        assert run("check", "-q", *named(lab), "--format", "prometheus", "--output", str(link)).returncode == 0
        assert held.read() == "old\n"
    assert link.is_symlink()
    assert "wsconn_" in file.read_text()
    umask = os.umask(0o22)
    os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask


@posix
def test_output_keeps_the_mode_of_a_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What nobody else could read nobody else can read afterwards."""
    lab.add("eu")
    file = tmp_path / "report.txt"
    file.touch(mode=0o600)
    assert run("check", "-q", *named(lab), "--output", str(file)).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "eu" in file.read_text("utf-8")


@posix
def test_output_to_stdout_by_its_name_keeps_a_log(lab: Lab, tmp_path: pathlib.Path) -> None:
    """`/dev/stdout` may be a file that others write to: the report goes behind what is there."""
    lab.add("eu")
    log = tmp_path / "log"
    log.write_text("old\n")
    with log.open("a") as stream:
        done = run("check", "-q", *named(lab), "--output", "/dev/stdout", stdout=stream.fileno())
    assert done.returncode == 0
    assert log.read_text("utf-8").startswith("old\n")
    assert "✓ passed" in log.read_text("utf-8")


@posix
def test_output_to_a_pipe(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What is no file is written to and stays what it is: a renaming would put a file in the place of a device."""
    lab.add("eu")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as reader:
        assert run("check", "-q", *named(lab), "--output", str(pipe)).returncode == ExitCode.PASSED
        assert "✓ passed   eu" in reader.read()
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(not pathlib.Path("/proc/self/fd").exists(), reason="needs /proc")
def test_output_to_the_pipe_behind_a_descriptor(lab: Lab) -> None:
    """What `/dev/stdout` leads to is such a pipe, though it has no path of its own."""
    lab.add("eu")
    child = run("check", "-q", *named(lab), "--output", "/proc/self/fd/1")
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")
    assert "✓ passed   eu" in child.stdout


@posix
def test_output_that_fails_is_one_line(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A directory that goes away meanwhile is told with the file's name, and the code says that there is no report."""
    folder = tmp_path / "gone"
    folder.mkdir()

    def remove(sock: socket.socket) -> None:
        folder.rmdir()
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    lab.add("eu", fault=remove)
    child = run("check", "-q", *named(lab), "--output", str(folder / "report.txt"))
    assert child.returncode == ExitCode.INTERNAL
    assert child.stderr == f"wsconn: cannot write {folder / 'report.txt'}: No such file or directory\n"


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("form", [["check"], ["watch", "--count", "1", "--format", "json"]], ids=lambda form: form[0])
def test_full_disk_is_told_with_the_name(lab: Lab, form: list[str]) -> None:
    """A device that takes nothing is told as a file is."""
    lab.add("eu")
    child = run(*form, "-q", *named(lab), "--output", "/dev/full")
    assert child.returncode == ExitCode.INTERNAL
    assert child.stderr == "wsconn: cannot write /dev/full: No space left on device\n"


@pytest.mark.parametrize("args", [["check", "-q"], ["watch", "-q", "--count", "1"]], ids=lambda args: args[0])
def test_output_of_a_dash_is_stdout(
    lab: Lab, args: list[str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As custom has it: there is no file of that name, and the report is where it is without the option."""
    monkeypatch.chdir(tmp_path)
    lab.add("eu")
    child = run(*args, *named(lab), "--output", "-")
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")
    assert "✓ passed   " in child.stdout
    assert list(tmp_path.iterdir()) == []


# --- what is said meanwhile ----------------------------------------------------------------------------------------


def test_line_per_region_as_it_settles(lab: Lab) -> None:
    """Without a terminal each region has its line on stderr, in the order of settling, without an escape."""
    lab.add("slow", latency=0.4)
    lab.add("refusing", fault="refused")
    child = run("check", *named(lab))
    first, second = child.stderr.splitlines()
    assert first.startswith("✗ failed   refusing  refused, in the stage connect, after ")
    assert second.startswith("✓ passed   slow      in ")
    assert "\x1b" not in child.stdout + child.stderr


def test_quiet(lab: Lab) -> None:
    """With -q there is the report and nothing else."""
    lab.add("eu", fault="refused")
    child = run("check", "-q", *named(lab))
    assert child.stderr == ""
    assert "✗ failed   eu" in child.stdout


def test_verbose_tells_the_stages(lab: Lab) -> None:
    """With -v each stage of a region has a line, in their order and each once, before the one that settles it."""
    lab.add("eu", latency=0.3)
    lab.add("us", fault="http-503")
    lines = run("check", "-v", *named(lab)).stderr.splitlines()
    stages = ["resolve", "connect", "upgrade", "frames"]
    assert [line.split()[1] for line in lines if line.startswith(" ") and " eu " in line] == stages
    assert [line.split()[1] for line in lines if line.startswith(" ") and " us " in line] == [*stages[:3], "upgrade"]
    assert " us  upgrade http_status: 127.0.0.1:" in "".join(lines)
    assert lines[-1].startswith("✓ passed   eu  in ")


def test_verbose_tells_the_attempts_that_failed(lab: Lab, tmp_path: pathlib.Path) -> None:
    """With -v what was tried in vain before another URL passed is told too."""
    file = tmp_path / "regions.toml"
    down, up = lab.add("down", fault="refused"), lab.add("up")
    file.write_text(f'[regions.eu]\nurl = "{down}"\nalternates = ["{up}"]\n')
    child = run("check", "-v", "--regions", str(file))
    assert f" eu  connect refused: {down[5:-1]} refused the connection after " in child.stderr
    assert child.stderr.splitlines()[-1].startswith("✓ passed   eu  in ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_stdout_is_the_report_alone(lab: Lab, form: str) -> None:
    """Whatever is said meanwhile goes to stderr: stdout can be piped into another program."""
    lab.add("eu")
    quiet, loud = (
        run("check", flag, *named(lab), "--format", form, stderr=subprocess.DEVNULL) for flag in ("-q", "-v")
    )
    assert [line[:12] for line in quiet.stdout.splitlines()] == [line[:12] for line in loud.stdout.splitlines()]
