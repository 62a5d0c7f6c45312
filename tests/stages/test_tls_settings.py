"""Variables of this machine that name what cannot be used, and a class of contexts that another has replaced."""

from __future__ import annotations

import os
import pathlib
import ssl
import subprocess
import sys
import textwrap

import pytest

import wsconn
from tests.cli.command_line import authority
from tests.stages.authorities import issue
from tests.windows import A_DIRECTORY, no_enotdir, no_stores, roots_of_the_store
from wsconn import Cause, Failure, reports
from wsconn.lab import Lab


def make(folder: pathlib.Path, what: str) -> str:
    """Return a path at which there is `what`."""
    path = folder / "named"
    match what:
        case "a file without one":
            path.write_text("# no certificate\n")
        case "an empty file":
            path.touch()
        case "a directory":
            path.mkdir()
        case "a directory without hashed names":
            path.mkdir()
            (path / "root.pem").write_text("-----BEGIN CERTIFICATE-----\n")
        case "one in text":
            path.write_text("Root\n" + issue("Another Root").pem)
        case "one that is cut off":
            path.write_text(issue("Another Root").pem[:300])
        case "none between its lines":
            path.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        case "a directory as OpenSSL wants it":
            path.mkdir()
            (path / "0a1b2c3d.0").touch()
        case "nothing at all":
            return ""
    return str(path)


def check(lab: Lab, **options: object) -> Failure:
    outcome = wsconn.check(lab.regions, timeout=20, proxy=None, **options).outcomes[0]  # type: ignore[arg-type]  # passed through
    assert outcome.failure is not None
    return outcome.failure


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "what", "os_error"),
    [
        ("SSL_CERT_FILE", "no file", "ENOENT"),
        ("SSL_CERT_FILE", "a directory", A_DIRECTORY),
        ("SSL_CERT_FILE", "a file without one", None),
        ("SSL_CERT_FILE", "an empty file", None),
        pytest.param("SSL_CERT_FILE", "one that is cut off", None, marks=roots_of_the_store),
        pytest.param("SSL_CERT_FILE", "none between its lines", None, marks=roots_of_the_store),
        ("SSL_CERT_FILE", "nothing at all", "ENOENT"),
        ("SSL_CERT_DIR", "no directory", "ENOENT"),
        pytest.param("SSL_CERT_DIR", "an empty file", "ENOTDIR", marks=no_enotdir),
        ("SSL_CERT_DIR", "a directory", None),
        ("SSL_CERT_DIR", "a directory without hashed names", None),
    ],
)
def test_roots_that_lead_nowhere(
    variable: str,
    what: str,
    os_error: str | None,
    lab: Lab,
    tmp_path: pathlib.Path,
    environment: pytest.MonkeyPatch,
) -> None:
    """The variable comes before anything else, and nobody is sent to anybody for it."""
    lab.add("region", tls=True)
    path = make(tmp_path, what)
    environment.setenv(variable, path)
    failed = check(lab)
    assert failed.evidence is not None
    assert (failed.cause, failed.evidence.setting) == (Cause.TLS_UNTRUSTED, variable)
    assert (failed.evidence.setting_value, failed.os_error) == (path, os_error)
    assert failed.message.startswith(f"this machine's setting {variable} ")
    assert path in failed.message
    assert failed.advice.startswith(f"Unset the variable {variable}, or have it name ")
    assert "administrator" not in failed.advice
    assert "operator" not in failed.advice


@pytest.mark.parametrize(
    ("variable", "what"),
    [("SSL_CERT_FILE", "one in text"), ("SSL_CERT_DIR", "a directory as OpenSSL wants it"), (None, "nothing at all")],
)
def test_settings_that_can_be_used(
    variable: str | None, what: str, lab: Lab, tmp_path: pathlib.Path, environment: pytest.MonkeyPatch
) -> None:
    """What is in order is not blamed."""
    lab.add("region", tls=True)
    if variable:
        environment.setenv(variable, make(tmp_path, what))
    failed = check(lab)
    assert failed.evidence is not None
    assert failed.evidence.setting is None


def test_one_directory_of_several(lab: Lab, tmp_path: pathlib.Path, environment: pytest.MonkeyPatch) -> None:
    """A list of directories is in order where one of them is."""
    lab.add("region", tls=True)
    good = make(tmp_path, "a directory as OpenSSL wants it")
    environment.setenv("SSL_CERT_DIR", os.pathsep.join(["/nowhere/at/all", good]))
    failed = check(lab)
    assert failed.evidence is not None
    assert failed.evidence.setting is None
    environment.setenv("SSL_CERT_DIR", os.pathsep.join(["/nowhere/at/all", "/nor/here"]))
    assert "SSL_CERT_DIR" in check(lab).message


def test_a_context_with_roots_of_its_own(lab: Lab, environment: pytest.MonkeyPatch) -> None:
    """The variables are no matter of a context that holds roots from elsewhere."""
    lab.add("region", fault="untrusted", tls=True)
    environment.setenv("SSL_CERT_FILE", "/nowhere/at/all")
    failed = check(lab, ssl_context=lab.ssl_context)
    assert failed.evidence is not None
    assert failed.evidence.setting is None


def test_a_machine_without_any_root(lab: Lab, environment: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """Before anybody is asked for a chain or a root, there must be some here."""
    built_for = ssl.get_default_verify_paths()._replace(openssl_capath=str(tmp_path))
    environment.setattr(ssl, "get_default_verify_paths", lambda: built_for)
    environment.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)  # as where there are none
    lab.add("region", fault="missing-intermediate", tls=True)
    result = wsconn.check(lab.regions, timeout=20, proxy=None)
    failed = result.outcomes[0].failure
    assert failed is not None
    assert failed.evidence is not None
    assert failed.evidence.no_roots
    assert failed.message.startswith("this machine has no root certificates, so the certificate of 127.0.0.1:")
    assert failed.advice.startswith("Install root certificates on this machine")
    assert "operator" not in failed.advice
    assert "fails at TLS: this machine has no root certificates." in " ".join(reports.to_text(result).split())


@pytest.mark.parametrize("what", ["in no folder", "a directory"])
def test_a_key_log_that_cannot_be_written(
    what: str, lab: Lab, tmp_path: pathlib.Path, environment: pytest.MonkeyPatch
) -> None:
    """It is named with its path; Python's ssl module does no TLS until it is mended."""
    lab.add("region", tls=True)
    path = make(tmp_path, what) if what == "a directory" else str(tmp_path / "gone" / "keys")
    environment.setenv("SSLKEYLOGFILE", path)
    failed = check(lab)
    assert failed.evidence is not None
    assert (failed.stage, failed.cause, failed.evidence.setting) == ("tls", Cause.TLS_FAILED, "SSLKEYLOGFILE")
    assert f"its setting SSLKEYLOGFILE names {path}, which cannot be opened" in failed.message
    assert failed.advice.startswith("Unset the variable SSLKEYLOGFILE")
    assert "administrator" not in failed.advice


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="this is how Linux shows a full disk")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_key_log_on_a_full_disk(version: ssl.TLSVersion, lab: Lab, environment: pytest.MonkeyPatch) -> None:
    """It can be opened, and breaks every handshake: neither the network nor the server does."""
    lab.add("region", tls=True, tls_version=version)
    authority = lab._identity._authority.cert_pem.bytes().decode()
    environment.setenv("SSLKEYLOGFILE", "/dev/full")
    failed = check(lab, ssl_context=ssl.create_default_context(cadata=authority))
    assert (failed.stage, failed.cause) == ("tls", Cause.TLS_FAILED)
    assert "this machine's setting SSLKEYLOGFILE names /dev/full, which cannot be written to" in failed.message
    assert failed.advice.startswith("Unset the variable SSLKEYLOGFILE")


@pytest.mark.parametrize("options", [[], ["--insecure"], ["--ca-file", "FILE"]], ids=lambda options: " ".join(options))
def test_the_command_line_names_the_key_log(options: list[str], lab: Lab, tmp_path: pathlib.Path) -> None:
    """It speaks of the variable, and of no file that nobody named."""
    url = lab.add("region", tls=True)
    ca_file = authority(lab, tmp_path)
    command = [sys.executable, "-m", "wsconn", "check", f"a={url}", "--proxy", "none"]
    command += [ca_file if option == "FILE" else option for option in options]
    environment = {**os.environ, "SSLKEYLOGFILE": "/nowhere/at/all/keys", "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode
    assert "SSLKEYLOGFILE" in said
    assert "/nowhere/at/all/keys" in said
    assert "None" not in said
    assert "administrator" not in said


@no_stores
def test_truststore_put_in_after_the_context_was_made(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A context of the class that was there before is one still, and so is truststore's own."""
    pytest.importorskip("truststore")
    ca_file = authority(lab, tmp_path)
    url, stranger = lab.add("good", tls=True), lab.add("bad", fault="untrusted", tls=True)
    script = f"""
        import ssl
        before = ssl.create_default_context(cafile={ca_file!r})
        import truststore
        truststore.inject_into_ssl()
        import wsconn
        after = ssl.create_default_context(cafile={ca_file!r})
        truststore.extract_from_ssl()
        late = wsconn.check({{"good": {url!r}, "bad": {stranger!r}}}, ssl_context=after, proxy=None)
        truststore.inject_into_ssl()
        early = wsconn.check({{"good": {url!r}, "bad": {stranger!r}}}, ssl_context=before, proxy=None)
        for result in (late, early):
            failure = result.outcome("bad").failure
            print(result.outcome("good").status, failure.cause, "Untrusted Lab Authority" in failure.message)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines() == ["passed tls_untrusted True"] * 2, done.stderr


@pytest.mark.parametrize("value", ["context", object(), wsconn.lab.Lab, type, __import__("ssl").SSLContext])
def test_what_is_no_context(value: object) -> None:
    """A class, or anything else that does no handshake, is refused."""
    with pytest.raises(TypeError, match=r"ssl_context must be an ssl\.SSLContext or None"):
        wsconn.start({"a": "wss://127.0.0.1:9/"}, ssl_context=value)  # type: ignore[arg-type]  # is what is tested
