"""Certificates that are not accepted: which of them is at fault, what was left out, and who is to mend it."""

from __future__ import annotations

import datetime as dt
import pathlib
import ssl

import attrs
import pytest

import wsconn
from tests.engine import only, start_in
from tests.stages.authorities import FAR_AHEAD, FOR_CLIENTS, LONG_AGO, Issued, issue, server_sending, trusting
from tests.stages.refused_certificates import HERE, NOBODY_ELSE, OPERATOR, failure, seen_in, serving
from wsconn import Cause
from wsconn.lab import Lab

URL = "http://root.example/intermediate.der"


# --- what the server leaves out ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, None], ids=["its address is known", "nothing tells where it is"])
def test_the_intermediate_is_left_out(url: str | None) -> None:
    """The operator must have the whole chain sent; there is nothing to install here."""
    root = issue("A Public Root")
    between = issue("An Intermediate", root)
    failed = failure(trusting(root), server_sending(issue("own", between, hosts=HERE, issuer_url=url)))
    seen = seen_in(failed)
    assert (failed.cause, seen.certificates_sent) == (Cause.TLS_UNTRUSTED, 1)
    assert (seen.top_issuer, seen.issuer_url) == (between.name, url)
    assert f"signed by {between.name}, whose own certificate the server did not send" in failed.message
    assert "to have the server send the whole chain" in failed.advice
    assert "nothing to install here" in failed.advice
    assert NOBODY_ELSE not in failed.advice
    if url:
        assert failed.advice.startswith("Tell the service's operator")
        assert "root certificate" not in failed.advice


def test_another_certificate_is_sent_in_the_intermediates_place() -> None:
    """Two certificates that do not belong together are no chain either."""
    root = issue("A Public Root")
    between, other = issue("An Intermediate", root), issue("Another Intermediate", root)
    failed = failure(trusting(root), server_sending(issue("own", between, hosts=HERE, issuer_url=URL), other))
    assert seen_in(failed).certificates_sent == 2
    assert failed.advice.startswith("Tell the service's operator")


def test_a_whole_chain_to_an_unknown_root_lacks_nothing() -> None:
    """Where the server has sent what there is, it is not told to send more."""
    root = issue("Our Own Root")
    between = issue("An Intermediate", root)
    failed = failure(trusting(issue("Other")), server_sending(issue("own", between, hosts=HERE), between))
    assert seen_in(failed).top_issuer == root.name
    assert "whole chain" not in failed.advice
    assert "did not send" not in failed.message


# --- out of date ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [True, False], ids=["expired", "not yet valid"])
@pytest.mark.parametrize("role", ["server", "intermediate", "root"])
def test_which_certificate_is_out_of_date(role: str, late: bool) -> None:
    """The one at fault is named with its date, and not the server's own."""
    dates = {"ends": LONG_AGO} if late else {"begins": FAR_AHEAD}
    dates |= {"begins": LONG_AGO - dt.timedelta(1)} if late else {"ends": FAR_AHEAD + dt.timedelta(1)}
    root = issue("A Root", **(dates if role == "root" else {}))
    between = issue("An Intermediate", root, **(dates if role == "intermediate" else {}))
    own = issue("own", between, hosts=HERE, **(dates if role == "server" else {}))
    failed = failure(trusting(root), server_sending(own, between))
    seen = seen_in(failed)
    assert failed.cause is (Cause.TLS_EXPIRED if late else Cause.TLS_NOT_YET_VALID)
    named = {"server": own, "intermediate": between, "root": root}[role]
    date = LONG_AGO if late else FAR_AHEAD
    assert (seen.faulty_role, seen.faulty_certificate, seen.faulty_date) == (role, named.name, date)
    assert f"{date:%Y-%m-%d}" in failed.message
    assert (named.name in failed.message) == (role != "server")
    assert NOBODY_ELSE not in failed.advice
    assert OPERATOR in failed.advice
    if late and role == "root":
        assert failed.advice.index("update this machine's root certificates") < failed.advice.index(OPERATOR)


def test_two_are_out_of_date() -> None:
    """Where the server's own has expired too, that is what its operator has to renew."""
    root = issue("A Root")
    dates = {"begins": LONG_AGO - dt.timedelta(1), "ends": LONG_AGO}
    between = issue("An Intermediate", root, **dates)
    seen = seen_in(failure(trusting(root), server_sending(issue("own", between, hosts=HERE, **dates), between)))
    assert seen.faulty_role == "server"


# --- what no authority should have signed -----------------------------------------------------------------------------


@attrs.frozen
class Bad:
    """Which certificate is bad, in what, and the verify code that OpenSSL gives."""

    role: str
    code: int
    changes: dict[str, object]


BAD = {
    "a short key": Bad("server", 66, {"rsa_bits": 1024}),
    "an authority's short key": Bad("intermediate", 67, {"rsa_bits": 1024}),
    "SHA-1": Bad("server", 68, {"sha1": True}),
    "an authority signed with SHA-1": Bad("intermediate", 68, {"sha1": True}),
    "for clients": Bad("server", 26, {"purpose": FOR_CLIENTS}),
    "an authority for clients": Bad("intermediate", 26, {"purpose": FOR_CLIENTS}),
    "no authority key identifier": Bad("server", 85, {"authority_key": False}),
    "an authority without one": Bad("intermediate", 85, {"authority_key": False}),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_an_authority_should_not_have_signed(bad: Bad) -> None:
    """The issuer is learned nonetheless, the certificate is named, and the operator is to have a better one issued."""
    root = issue("A Root", rsa_bits=2048)
    keys: dict[str, object] = {"rsa_bits": 2048}
    changes = {bad.role: {**keys, **bad.changes}}
    between = issue("An Intermediate", root, **changes.get("intermediate", keys))  # type: ignore[arg-type]  # as issue takes them
    own = issue("own", between, hosts=HERE, **changes.get("server", keys))  # type: ignore[arg-type]  # as issue takes them
    client = trusting(root)
    client.verify_flags |= ssl.VERIFY_X509_STRICT if bad.code == 85 else 0
    failed = failure(client, server_sending(own, between))
    seen = seen_in(failed)
    assert (failed.cause, seen.verify_code) == (Cause.TLS_UNTRUSTED, bad.code)
    assert (seen.faulty_role, seen.faulty_certificate) == (bad.role, {"server": own}.get(bad.role, between).name)
    assert f"signed by {between.name}" in failed.message
    assert OPERATOR in failed.advice or bad.role != "server"
    if bad.code == 85:
        assert "VERIFY_X509_STRICT" in failed.advice
    else:
        assert NOBODY_ELSE not in failed.advice
        assert "nothing to install here" in failed.advice


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("common_name", "hosts", "fits"),
    [
        pytest.param("localhost", ["old.example", "*.other.example"], True, id="the common name fits"),
        pytest.param("LOCALHOST", ["192.0.2.1", "old.example"], True, id="in capitals, with an address"),
        pytest.param("other.example", ["other.example"], False, id="nothing fits"),
        pytest.param(None, ["other.example"], False, id="no subject"),
    ],
)
def test_only_subject_alternative_names_count(common_name: str | None, hosts: list[str], fits: bool) -> None:
    """The entries are named; the operator is told where only the common name has the host."""
    root = issue("A Root")
    with serving(server_sending(issue(common_name, root, hosts=hosts))) as url:
        url = url.replace("127.0.0.1", "localhost")
        (outcome,) = wsconn.check({"region": url}, timeout=20, proxy=None, ssl_context=trusting(root)).outcomes
    failed = outcome.failure
    assert failed is not None
    assert failed.cause is Cause.TLS_HOSTNAME_MISMATCH
    assert [name.partition(":")[2] for name in seen_in(failed).certificate_names] == hosts
    assert all(host in failed.message for host in hosts)
    assert seen_in(failed).only_common_name_fits == fits
    assert ("Tell the service's operator to have localhost put" in failed.advice) == fits


def test_a_common_name_alone_is_not_taken(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no browser accepts, the context of wsconn's own does not either."""
    root = issue("A Root")
    roots = tmp_path / "roots.pem"
    roots.write_text(root.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    mails_only = issue("localhost", root, hosts=["mail:a@b.example"])
    with serving(server_sending(mails_only)) as url:
        url = url.replace("127.0.0.1", "localhost")
        (outcome,) = wsconn.check({"region": url}, timeout=20, proxy=None).outcomes
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.TLS_HOSTNAME_MISMATCH
    assert seen_in(outcome.failure).only_common_name_fits


# --- interception -----------------------------------------------------------------------------------------------------


def test_a_new_certificate_for_every_connection() -> None:
    """An inspecting proxy that makes them anew each time is named, and so it is where another company's name signs."""
    root = issue("Zscaler Root CA", organization="Zscaler Inc.")

    def made() -> Issued:
        return issue("a.example", issue("Zscaler Intermediate Root CA", root, organization="Zscaler Inc."), hosts=HERE)

    failed = failure(trusting(issue("Other")), *(server_sending(made()) for _ in range(6)))
    assert "O=Zscaler Inc., CN=Zscaler Intermediate Root CA" in failed.message
    assert failed.advice.startswith("Zscaler opens and re-signs TLS on this way.")


def test_who_stands_above_the_company_is_named() -> None:
    """A company's own name signs, and its product's stands in the certificate above."""
    root = issue("caadmin.netskope.com", organization="Netskope Inc.")
    company = issue("Acme Web Access", root, organization="Acme")
    failed = failure(trusting(issue("Other")), server_sending(issue("a", company, hosts=HERE), company))
    assert failed.advice.startswith("Netskope opens")


def test_a_program_on_this_machine_is_no_matter_of_the_administrator() -> None:
    """Who runs a program that scans TLS can exempt the host in its settings."""
    shield = issue("Avast Web/Mail Shield Root", organization="Avast Web/Mail Shield")
    failed = failure(trusting(issue("Other")), server_sending(issue("a", shield, hosts=HERE)))
    assert failed.advice.startswith("Avast opens")
    assert "in its settings" in failed.advice
    assert NOBODY_ELSE not in failed.advice


# --- the lab's faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "said", "advised"),
    [
        ("missing-intermediate", "whose own certificate the server did not send", "the whole chain"),
        ("expired-intermediate", "the intermediate certificate", "sends an intermediate certificate"),
        ("weak-key", "key too weak", "issue a better one"),
        ("wrong-purpose", "certificate purpose", "issue a better one"),
    ],
)
def test_faults_of_the_lab(fault: str, said: str, advised: str, lab: Lab) -> None:
    """Each is told as what it is, and the operator is to mend it."""
    lab.add("region", fault=fault, tls=True)
    failed = only(start_in(lab, timeout=20)).failure
    assert failed is not None
    assert said in failed.message
    assert advised in failed.advice
    assert OPERATOR in failed.advice
    assert NOBODY_ELSE not in failed.advice
